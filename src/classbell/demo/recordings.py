"""The last sessions of a class as Zoom recorded them, for students to watch."""

from datetime import datetime
from typing import Final

from classbell.demo import classes
from classbell.demo.simulator import Simulator
from classbell.meetings.models import Occurrence, OccurrenceStatus
from classbell.meetings.sync.gateway import zoom_client
from classbell.recordings import sync
from classbell.recordings.models import Recording, Watchers
from classbell.recordings.rules import change_rules

RECORDED: Final = 2
KEPT_DAYS: Final = 90


def find_recordings(*, now: datetime) -> None:
    """Note where the simulator has its recordings now: it may have another port than the last time."""
    runs = Recording.objects.filter(gone_at=None).values_list("run__zoom_instance_uuid", flat=True)
    client = zoom_client()
    for uuid in runs.distinct():
        sync.look(uuid, client, now=now)


def make_recordings(*, now: datetime) -> None:
    """Record the latest sessions of the first class once more at the simulator, and let students watch them. Only once."""
    if Recording.objects.exists():
        return
    change_rules({"watchers": Watchers.STUDENTS, "keep_days": KEPT_DAYS})
    held = Occurrence.objects.filter(
        meeting__group__name=classes.LESSONS[0].title,
        status=OccurrenceStatus.ENDED,
        actual_starts_at__isnull=False,
        actual_ends_at__isnull=False,
    ).exclude(meeting__zoom_meeting_id="")
    simulator, client = Simulator(), zoom_client()
    for occurrence in held.select_related("meeting").order_by("-starts_at")[:RECORDED]:
        assert occurrence.actual_starts_at is not None  # noqa: S101 -- asked for above
        assert occurrence.actual_ends_at is not None  # noqa: S101 -- asked for above
        number = occurrence.meeting.zoom_meeting_id
        simulator.start(number, at=occurrence.actual_starts_at)
        simulator.record(number, at=occurrence.actual_starts_at)
        uuid = simulator.end(number, at=occurrence.actual_ends_at)
        sync.look(uuid, client, now=now)
