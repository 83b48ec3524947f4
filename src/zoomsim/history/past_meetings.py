"""The calls of `/past_meetings`: what took place."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from zoomsim.call import Call
from zoomsim.clock import zulu
from zoomsim.history.visibility import shown_email
from zoomsim.lookup import find_any_meeting, find_ended_run
from zoomsim.protocol.days import day_of
from zoomsim.protocol.errors import no_meeting, refused
from zoomsim.protocol.wire import Answer, Json
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Run, Stay

ONE_YEAR = timedelta(days=365)
INSTANCES_REACH = timedelta(days=456)
SOURCE = "zoomsim"


def get(call: Call) -> Answer:
    """Show one run that has ended."""
    run, meeting = _run(call, ONE_YEAR)
    shown = show_run(call.sim, meeting, run)
    del shown["tracking_fields"], shown["custom_keys"]
    shown |= {"host_id": meeting.host_id, "source": SOURCE, "has_meeting_summary": run.uuid in call.sim.store.summaries}
    return Answer(200, shown)


def instances(call: Call) -> Answer:
    """List the runs of a meeting that have ended."""
    meeting = find_any_meeting(call.sim, call["meetingId"])
    first, last = day_of(call.query, "from"), day_of(call.query, "to")
    since = max(first or datetime.min.replace(tzinfo=call.sim.now().tzinfo), call.sim.now() - INSTANCES_REACH)
    runs = [
        run
        for run in call.sim.store.runs_of(meeting.id)
        if run.ended_at is not None
        and run.started_at >= since
        and (last is None or run.started_at < last + timedelta(days=1))
    ]
    return Answer(200, {"meetings": [{"uuid": run.uuid, "start_time": zulu(run.started_at)} for run in runs]})


def participants(call: Call) -> Answer:
    """List who was there, one row per connection."""
    run, meeting = _run(call, INSTANCES_REACH)
    stays = reported_stays(call.sim, run, call["meetingId"])
    page = call.sim.pager.page(stays, call.query, of=f"past participants {run.uuid}")
    shown = [_show_stay(call, meeting, run, stay) for stay in page.items]
    return Answer(200, page.envelope | {"participants": shown})


def show_run(sim: Simulation, meeting: Meeting, run: Run) -> Json:
    """Return what the report tells about one run; durations are minutes, begun ones counted whole."""
    host = sim.store.users[meeting.host_id]
    ended_at = run.ended_at or sim.now()
    return {
        "uuid": run.uuid,
        "id": meeting.id,
        "type": meeting.type,
        "topic": meeting.topic,
        "user_name": host.display_name,
        "user_email": host.email,
        "start_time": zulu(run.started_at),
        "end_time": zulu(ended_at),
        "duration": minutes(run.started_at, ended_at),
        "total_minutes": sum(minutes(stay.joined_at, stay.left_at or ended_at) for stay in run.stays),
        "participants_count": len(run.stays),
        "dept": host.dept,
        "tracking_fields": meeting.tracking_fields or [],
        "custom_keys": meeting.settings.get("custom_keys", []),
    }


def reported_stays(sim: Simulation, run: Run, name: str) -> Sequence[Stay]:
    """
    Return the connections to a run once they are reported.

    Raises ZoomError 404/3001 while they are not, and always for a meeting with one person only.
    """
    delay = timedelta(seconds=sim.options.report_delay_s)
    people = {
        stay.registrant_id or stay.customer_key or stay.zoom_user_id or stay.email or stay.name for stay in run.stays
    }
    if run.ended_at is None or sim.now() < run.ended_at + delay or len(people) < 2:
        raise no_meeting(name)
    return sorted([*run.stays, *run.waiting], key=lambda stay: stay.joined_at) if run.waiting else run.stays


def show_connection(sim: Simulation, meeting: Meeting, run: Run, stay: Stay) -> Json:
    """Return what both lists of participants tell about a connection, or a wait before one; its duration is in seconds."""
    left_at = stay.left_at or run.ended_at or stay.joined_at
    return {
        "id": stay.zoom_user_id,
        "user_id": stay.user_id,
        "name": stay.name,
        "user_email": shown_email(sim, meeting, stay),
        "join_time": zulu(stay.joined_at),
        "leave_time": zulu(left_at),
        "duration": int((left_at - stay.joined_at).total_seconds()),
        "failover": False,
        "status": "in_waiting_room" if any(stay is one for one in run.waiting) else "in_meeting",
    }


def check_age(sim: Simulation, run: Run, reach: timedelta) -> None:
    """Raise ZoomError 400/12702 when a run is too long ago."""
    if sim.now() - run.started_at > reach:
        raise refused("Can not access a meeting a year ago.", code=12702)


def minutes(start: datetime, end: datetime) -> int:
    """Return a length in minutes, a begun one counted whole."""
    return -(-int((end - start).total_seconds()) // 60)


def _run(call: Call, reach: timedelta) -> tuple[Run, Meeting]:
    run = find_ended_run(call.sim, call["meetingId"])
    check_age(call.sim, run, reach)
    return run, call.sim.store.meetings[run.meeting_id]


def _show_stay(call: Call, meeting: Meeting, run: Run, stay: Stay) -> Json:
    shown = show_connection(call.sim, meeting, run, stay) | {"internal_user": bool(stay.zoom_user_id)}
    if "registrant_id" in call.query.get("include_fields", ""):
        shown["registrant_id"] = stay.registrant_id
    return shown
