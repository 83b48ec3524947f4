"""The lists of a user's meetings."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from zoomsim.call import Call
from zoomsim.clock import zulu
from zoomsim.lookup import ONE_TIME_LIFE, is_expired
from zoomsim.meetings.input import is_timezone
from zoomsim.meetings.view import join_url, write_in_list
from zoomsim.protocol.days import day_of
from zoomsim.protocol.errors import invalid_field
from zoomsim.protocol.wire import Json, written
from zoomsim.simulation import Simulation
from zoomsim.state.models import MeetingType, User

TYPES = ("scheduled", "live", "upcoming", "upcoming_meetings", "previous_meetings")
REACH = timedelta(days=183)
"""How far the lists of upcoming and previous meetings look."""

Row = int | tuple[int, datetime]
"""The number of a meeting, with the start of one session in lists that show each."""
Window = tuple[datetime, datetime]


def list_page(call: Call, user: User) -> bytes:
    """Return one page of a list with its envelope, as JSON. Raises ZoomError 400/300 for a bad parameter."""
    kind = call.query.get("type") or "scheduled"
    if kind not in TYPES:
        raise invalid_field("type")
    window = _window(call)
    rows = _rows(call.sim, user, kind)
    if window is not None:
        rows = [row for row in rows if _within(call.sim, row, window)]
    filters = ",".join(call.query.get(name, "") for name in ("type", "from", "to", "timezone"))
    page = call.sim.pager.page(rows, call.query, of=f"meetings {user.id} {filters}")
    meetings = call.sim.store.meetings
    listed = [
        write_in_list(call.sim, meetings[row])
        if isinstance(row, int)
        else write_in_list(call.sim, meetings[row[0]], row[1])
        for row in page.items
    ]
    return b'%s,"meetings":[%s]}' % (written(page.envelope)[:-1], b",".join(listed))


def upcoming_day(call: Call, user: User) -> list[Json]:
    """Return the meetings of the next 24 hours that the user hosts or is invited to."""
    sim, now = call.sim, call.sim.now()
    until = now + timedelta(hours=24)
    rows = [(sim.store.meetings[number], start) for number, start in _coming(sim, user, now) if start <= until]
    return [
        {
            "id": meeting.id,
            "topic": meeting.topic,
            "type": meeting.type,
            "start_time": zulu(start),
            "duration": meeting.duration,
            "timezone": meeting.timezone,
            "created_at": zulu(meeting.created_at),
            "join_url": join_url(sim, meeting),
            "passcode": meeting.password,
            "use_pmi": bool(meeting.settings.get("use_pmi")),
            "is_host": True,
            "is_all_day": False,
        }
        for meeting, start in rows
    ]


def _rows(sim: Simulation, user: User, kind: str) -> Sequence[Row]:
    now = sim.now()
    match kind:
        case "live":
            return _live(sim, user)
        case "upcoming":
            return [row for row in _coming(sim, user, now) if row[1] <= now + REACH]
        case "upcoming_meetings":
            return [*_live(sim, user), *(row for row in _coming(sim, user, now) if row[1] <= now + REACH)]
        case "previous_meetings":
            ends = ((number, sim.store.meetings[number].end) for number in _unexpired(sim, user, now))
            return [number for number, end in ends if end and now - REACH <= end < now]
        case _:
            return _unexpired(sim, user, now)


def _live(sim: Simulation, user: User) -> list[int]:
    return [number for number in sim.store.running if sim.store.meetings[number].host_id == user.id]


def _unexpired(sim: Simulation, user: User, now: datetime) -> Sequence[int]:
    """Return the user's meetings but instant and expired ones; a late start alone says that one is not expired."""
    early, late = sim.store.by_host[user.id].split(now - ONE_TIME_LIFE)
    if not early:
        return late
    meetings = [sim.store.meetings[number] for number in early]
    unexpired = [
        meeting.id for meeting in meetings if meeting.type != MeetingType.INSTANT and not is_expired(sim, meeting, now)
    ]
    return [*unexpired, *late]


def _coming(sim: Simulation, user: User, now: datetime) -> list[tuple[int, datetime]]:
    """Return one row per meeting or session to come, earliest first."""
    rows: list[tuple[datetime, int]] = []
    for number in sim.store.by_host[user.id]:
        meeting = sim.store.meetings[number]
        if meeting.occurrences is not None:
            rows += [
                (occurrence.start, number)
                for occurrence in meeting.occurrences
                if not occurrence.deleted and occurrence.start > now
            ]
        elif meeting.start is not None and meeting.start > now:
            rows.append((meeting.start, number))
    rows.sort()
    return [(number, start) for start, number in rows]


def _window(call: Call) -> Window | None:
    """Return the days asked for as a half-open period."""
    if not call.query:
        return None
    zone_name = call.query.get("timezone") or "UTC"
    if not is_timezone(zone_name):
        raise invalid_field("timezone")
    zone = ZoneInfo(zone_name)
    first, last = day_of(call.query, "from", zone=zone), day_of(call.query, "to", zone=zone)
    if first is None and last is None:
        return None
    end = last + timedelta(days=1) if last else datetime.max.replace(tzinfo=UTC)
    return first or datetime.min.replace(tzinfo=UTC), end


def _within(sim: Simulation, row: Row, window: Window) -> bool:
    """Whether a row's start, or that of any session of a series in one row, lies in the period."""
    if not isinstance(row, int):
        return window[0] <= row[1] < window[1]
    meeting = sim.store.meetings[row]
    if meeting.occurrences is not None:
        starts = [occurrence.start for occurrence in meeting.occurrences if not occurrence.deleted]
    else:
        starts = [meeting.start] if meeting.start else []
    return any(window[0] <= moment < window[1] for moment in starts)
