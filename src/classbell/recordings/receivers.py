"""What recordings do when meetings announce something."""

from typing import Any

from django.dispatch import receiver

from classbell.accounts.models import User
from classbell.jobs import defer
from classbell.meetings.signals import link_asked, recording_told
from classbell.recordings.consent import text_to_ask
from classbell.recordings.errors import ConsentNeeded

LOOK = "recordings.look"


@receiver(link_asked)
def ask_before_joining(user: User, **_kwargs: Any) -> None:
    """Who has not agreed to what the school asks is handed no link. Raises ConsentNeeded."""
    text = text_to_ask(user)
    if text is not None:
        raise ConsentNeeded(text)


@receiver(recording_told)
def look_at_zoom(zoom_instance_uuid: str, **_kwargs: Any) -> None:
    """Zoom says that something became of a run's recording: what it has is asked of Zoom itself."""
    defer(LOOK, zoom_instance_uuid=zoom_instance_uuid)
