"""Finding meetings for pages: by the number in a link, and for the dashboard's list."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import islice

from zoomsim.lookup import find_meeting, meeting_number
from zoomsim.protocol.errors import ZoomError
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting

PER_PAGE = 20


class Shown(StrEnum):
    """Which meetings the dashboard lists."""

    ALL = "all"
    LIVE = "live"
    UPCOMING = "upcoming"
    DELETED = "deleted"


def meeting_of_link(sim: Simulation, number: str) -> Meeting | None:
    """Return the meeting of a number, or the one that uses a host's personal id; None when it is gone."""
    try:
        return find_meeting(sim, number)
    except ZoomError:
        return _on_personal_id(sim, meeting_number(number))


def meeting_of_registration(sim: Simulation, key: str) -> Meeting | None:
    """Return the meeting whose registration page has this key."""
    found = (meeting for meeting in sim.store.meetings.values() if meeting.registration_key == key)
    meeting = next(found, None) if key else None
    return meeting_of_link(sim, str(meeting.id)) if meeting else None


def list_meetings(sim: Simulation, shown: Shown, query: str, page: int) -> tuple[list[Meeting], bool]:
    """Return one page, newest first, and whether there are more. It looks no further than it must."""
    matching = (meeting for meeting in _candidates(sim, shown) if _matches(sim, meeting, query.lower()))
    found = list(islice(matching, (page - 1) * PER_PAGE, page * PER_PAGE + 1))
    return found[:PER_PAGE], len(found) > PER_PAGE


def shown_occurrence(meeting: Meeting, now: datetime) -> tuple[datetime, datetime] | None:
    """Return start and end of the session that is on or comes next, else of the last; None without a time."""
    occurrences = [
        (occurrence.start, occurrence.end) for occurrence in meeting.all_occurrences if not occurrence.deleted
    ]
    if occurrences:
        return min((occurrence for occurrence in occurrences if occurrence[1] > now), default=max(occurrences))
    return (meeting.start, meeting.end) if meeting.start and meeting.end else None


def _candidates(sim: Simulation, shown: Shown) -> Iterator[Meeting]:
    meetings: Iterable[Meeting] = reversed(sim.store.meetings.values())
    match shown:
        case Shown.LIVE:
            return (sim.store.meetings[number] for number in reversed(sim.store.running))
        case Shown.UPCOMING:
            now = sim.now()
            return (
                meeting
                for meeting in meetings
                if meeting.deleted_at is None and ((end := meeting.end) is None or end > now)
            )
        case Shown.DELETED:
            return (meeting for meeting in meetings if meeting.deleted_at is not None)
        case Shown.ALL:
            return (meeting for meeting in meetings if meeting.deleted_at is None)


def _matches(sim: Simulation, meeting: Meeting, query: str) -> bool:
    """Whether topic, number or host contain the text."""
    if not query:
        return True
    return (
        query in meeting.topic.lower()
        or query in str(meeting.id)
        or query in sim.store.users[meeting.host_id].email.lower()
    )


def _on_personal_id(sim: Simulation, number: int) -> Meeting | None:
    """Return the meeting on a personal id: the one that runs, else the first that is not over."""
    host = next((user for user in sim.store.present_users if user.pmi == number), None)
    if host is None:
        return None
    now = sim.now()
    on_it = [
        meeting
        for meeting in map(sim.store.meetings.__getitem__, sim.store.by_host[host.id])
        if meeting.settings.get("use_pmi") and (meeting.id in sim.store.running or not meeting.end or meeting.end > now)
    ]
    return next((meeting for meeting in on_it if meeting.id in sim.store.running), on_it[0] if on_it else None)
