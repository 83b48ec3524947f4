"""The lists of a user's meetings."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from zoomsim.api.call import Call
from zoomsim.api.days import day_of
from zoomsim.api.errors import invalid_field
from zoomsim.api.lookup import is_expired
from zoomsim.api.wire import Json
from zoomsim.clock import zulu
from zoomsim.meetings.input import is_timezone
from zoomsim.meetings.view import join_url, show_in_list
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, MeetingType, User

TYPES = ("scheduled", "live", "upcoming", "upcoming_meetings", "previous_meetings")
REACH = timedelta(days=183)
"""How far the lists of upcoming and previous meetings look."""

Row = tuple[Meeting, datetime | None]
Window = tuple[datetime, datetime]


def list_page(call: Call, user: User) -> Json:
    """Return one page of a list with its envelope. Raises ZoomError 400/300 for a bad parameter."""
    kind = call.query.get("type") or "scheduled"
    if kind not in TYPES:
        raise invalid_field("type")
    window = _window(call)
    rows = _rows(call.sim, user, kind)
    if window is not None:
        rows = [row for row in rows if _within(row, window)]
    filters = ",".join(call.query.get(name, "") for name in ("type", "from", "to", "timezone"))
    page = call.sim.pager.page(rows, call.query, of=f"meetings {user.id} {filters}")
    return page.envelope | {"meetings": [show_in_list(call.sim, meeting, start) for meeting, start in page.items]}


def upcoming_day(call: Call, user: User) -> list[Json]:
    """Return the meetings of the next 24 hours that the user hosts or is invited to."""
    sim, now = call.sim, call.sim.now()
    until = now + timedelta(hours=24)
    rows = [row for row in _coming(sim, _hosted(sim, user), now) if row[1] and row[1] <= until]
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
        if start is not None
    ]


def _rows(sim: Simulation, user: User, kind: str) -> list[Row]:
    now = sim.now()
    hosted = _hosted(sim, user)
    if kind == "live":
        return [(meeting, None) for meeting in hosted if meeting.id in sim.store.running]
    if kind in {"upcoming", "upcoming_meetings"}:
        live = (
            [(meeting, None) for meeting in hosted if meeting.id in sim.store.running]
            if kind == "upcoming_meetings"
            else []
        )
        return live + [row for row in _coming(sim, hosted, now) if row[1] and row[1] <= now + REACH]
    unexpired = [
        meeting for meeting in hosted if meeting.type != MeetingType.INSTANT and not is_expired(sim, meeting, now)
    ]
    if kind == "previous_meetings":
        return [(meeting, None) for meeting in unexpired if meeting.end and now - REACH <= meeting.end < now]
    return [(meeting, None) for meeting in unexpired]


def _hosted(sim: Simulation, user: User) -> list[Meeting]:
    return [sim.store.meetings[meeting_id] for meeting_id in sim.store.by_host[user.id]]


def _coming(sim: Simulation, meetings: Iterable[Meeting], now: datetime) -> list[Row]:
    """Return one row per meeting or sitting to come, earliest first."""
    rows: list[tuple[datetime, Meeting]] = []
    for meeting in meetings:
        if meeting.occurrences is not None:
            rows += [
                (sitting.start, meeting)
                for sitting in meeting.occurrences
                if not sitting.deleted and sitting.start > now
            ]
        elif meeting.start is not None and meeting.start > now:
            rows.append((meeting.start, meeting))
    rows.sort(key=lambda row: row[0])
    return [(meeting, start) for start, meeting in rows]


def _window(call: Call) -> Window | None:
    """Return the days asked for as a half-open period."""
    zone_name = call.query.get("timezone") or "UTC"
    if not is_timezone(zone_name):
        raise invalid_field("timezone")
    zone = ZoneInfo(zone_name)
    first, last = day_of(call.query, "from", zone=zone), day_of(call.query, "to", zone=zone)
    if first is None and last is None:
        return None
    end = last + timedelta(days=1) if last else datetime.max.replace(tzinfo=UTC)
    return first or datetime.min.replace(tzinfo=UTC), end


def _within(row: Row, window: Window) -> bool:
    """Whether a row's start, or that of any sitting of a series in one row, lies in the period."""
    meeting, start = row
    if start is not None:
        starts = [start]
    elif meeting.occurrences is not None:
        starts = [sitting.start for sitting in meeting.occurrences if not sitting.deleted]
    else:
        starts = [meeting.start] if meeting.start else []
    return any(window[0] <= moment < window[1] for moment in starts)
