"""
How many calls a spec will cost at Zoom, worked out before anything is saved.

Counted are the calls that change something, which Zoom allows each host a limited number of a day; reading along is not.
The reconciler's own comparison is asked, with what Zoom is to show by our knowledge in place of what it shows.
"""

from collections.abc import Sequence
from datetime import datetime

from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.sync.spec import (
    RECURRING,
    SCHEDULED,
    ZoomSpec,
    meeting_changes,
    occurrence_changes,
    zoom_spec_of,
)
from classbell.zoom.models import Meeting as ZoomMeeting
from classbell.zoom.models import Occurrence as ZoomOccurrence


def calls_to_create(meeting: Meeting, occurrences: Sequence[Occurrence], *, now: datetime) -> int:
    """Return what a new meeting costs: its create, and one for each session that its rule does not say."""
    spec = zoom_spec_of(meeting, occurrences, now=now)
    return 0 if spec is None else 1 + len(occurrence_changes(spec, _laid_out(spec)))


def calls_to_change(
    before: tuple[Meeting, Sequence[Occurrence]], after: tuple[Meeting, Sequence[Occurrence]], *, now: datetime
) -> int:
    """Return what turning one meeting, as it is known to be on Zoom, into another costs; on the same host."""
    had, spec = zoom_spec_of(*before, now=now), zoom_spec_of(*after, now=now)
    if not before[0].zoom_meeting_id:
        return calls_to_create(*after, now=now)
    if spec is None:
        return 0
    if had is None:
        return 1 + len(occurrence_changes(spec, _laid_out(spec)))
    changes = meeting_changes(spec, _as_shown(had))
    # Zoom lays a series out anew by every change of its rule, and forgets what was decided about single sessions.
    shown = _laid_out(spec) if "recurrence" in changes else _as_shown(had).occurrences
    return bool(changes) + len(occurrence_changes(spec, shown))


def calls_to_cancel(meeting: Meeting) -> int:
    """Return what it costs to stop wanting a meeting."""
    return 1 if meeting.zoom_meeting_id else 0


def _as_shown(spec: ZoomSpec) -> ZoomMeeting:
    """Return what Zoom shows once a spec is fulfilled."""
    return ZoomMeeting(
        id="0",
        topic=spec.topic,
        agenda=spec.agenda,
        type=SCHEDULED if spec.recurrence is None else RECURRING,
        start_time=spec.starts_at,
        duration=spec.duration_minutes,
        timezone=spec.timezone,
        settings=dict(spec.settings),
        occurrences=[
            ZoomOccurrence(
                occurrence_id=slot.occurrence_id,
                start_time=slot.starts_at,
                duration=slot.duration_minutes,
                status="deleted" if slot.cancelled else "available",
            )
            for slot in (*spec.cancelled_before, *spec.slots)
        ],
    )


def _laid_out(spec: ZoomSpec) -> list[ZoomOccurrence]:
    """Return the sessions of a series right after its rule was set."""
    return [
        ZoomOccurrence(
            occurrence_id=slot.occurrence_id,
            start_time=slot.original_starts_at,
            duration=spec.duration_minutes,
            status="available",
        )
        for slot in spec.slots
    ]
