"""What recordings do when meetings announce something."""

from typing import Any

from django.dispatch import receiver

from classbell.jobs import defer
from classbell.meetings.signals import recording_told

LOOK = "recordings.look"


@receiver(recording_told)
def look_at_zoom(zoom_instance_uuid: str, **_kwargs: Any) -> None:
    """Zoom says that something became of a run's recording: what it has is asked of Zoom itself."""
    defer(LOOK, zoom_instance_uuid=zoom_instance_uuid)
