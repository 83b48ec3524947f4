"""The calls of `/report`, for administrators of paid accounts."""

from datetime import datetime, timedelta

from zoomsim.call import Call
from zoomsim.clock import zulu
from zoomsim.history.past_meetings import (
    ONE_YEAR,
    SOURCE,
    check_age,
    minutes,
    reported_stays,
    show_connection,
    show_run,
)
from zoomsim.lookup import find_ended_run, find_user
from zoomsim.protocol.days import day_of
from zoomsim.protocol.errors import invalid_field, refused
from zoomsim.protocol.wire import Answer, Json
from zoomsim.state.models import Meeting, Run

USER_REPORT_REACH = timedelta(days=183)
USER_REPORT_SPAN = timedelta(days=31)
HOSTS_LISTED = ("active", "inactive")
USER_REPORT_TYPES = ("past", "pastOne", "pastJoined")


def of_meeting(call: Call) -> Answer:
    """Show the report of one run."""
    run, meeting = _reported_run(call)
    return Answer(200, show_run(call.sim, meeting, run))


def participants(call: Call) -> Answer:
    """List who was there, one row per connection, with what the SDK and registration said about them."""
    run, meeting = _reported_run(call)
    stays = reported_stays(call.sim, run, call["meetingId"])
    with_registrant = "registrant_id" in call.query.get("include_fields", "")
    page = call.sim.pager.page(stays, call.query, of=f"report participants {run.uuid} {with_registrant}")
    rows = []
    for stay in page.items:
        row = show_connection(call.sim, meeting, run, stay)
        row |= {"participant_user_id": stay.zoom_user_id, "customer_key": stay.customer_key[:35], "bo_mtg_id": ""}
        if with_registrant:
            row["registrant_id"] = stay.registrant_id
        rows.append(row)
    return Answer(200, page.envelope | {"participants": rows})


def of_user(call: Call) -> Answer:
    """List a user's meetings that took place within at most a month of the last six."""
    user = find_user(call.sim, call["userId"])
    kind = call.query.get("type") or "past"
    if kind not in USER_REPORT_TYPES:
        raise invalid_field("type")
    first, last = _period(call)
    runs = [
        (run, meeting)
        for run, meeting in _runs_of_host(call, user.id)
        if first <= run.started_at < last + timedelta(days=1) and (kind != "pastOne" or len(run.stays) == 1)
    ]
    page = call.sim.pager.page(runs, call.query, of=f"report {user.id} {kind} {first} {last}")
    rows = [_show_row(call, run, meeting) for run, meeting in page.items]
    period = {"from": f"{first:%Y-%m-%d}", "to": f"{last:%Y-%m-%d}"}
    return Answer(200, period | page.envelope | {"meetings": rows})


def of_account(call: Call) -> Answer:
    """List the users who hosted within at most a month of the last six, with how much; or those who did not."""
    kind = call.query.get("type") or "active"
    if kind not in HOSTS_LISTED:
        raise invalid_field("type")
    first, last = _period(call)
    rows = [(user, _held(call, user.id, first, last)) for user in call.sim.store.present_users]
    wanted = [(user, held) for user, held in rows if bool(held) is (kind == "active")]
    page = call.sim.pager.page(wanted, call.query, of=f"report users {kind} {first} {last}")
    shown = [
        {
            "id": user.id,
            "email": user.email,
            "user_name": user.display_name,
            "type": user.type,
            "dept": user.dept,
            "meetings": len(held),
            "participants": sum(len(run.stays) for run in held),
            "meeting_minutes": sum(minutes(run.started_at, run.ended_at or run.started_at) for run in held),
            "custom_attributes": [],
        }
        for user, held in page.items
    ]
    totals = {
        "total_meetings": sum(len(held) for _user, held in wanted),
        "total_participants": sum(len(run.stays) for _user, held in wanted for run in held),
        "total_meeting_minutes": sum(
            minutes(run.started_at, run.ended_at or run.started_at) for _user, held in wanted for run in held
        ),
    }
    period = {"from": f"{first:%Y-%m-%d}", "to": f"{last:%Y-%m-%d}"}
    return Answer(200, period | page.envelope | totals | {"users": shown})


def _held(call: Call, host_id: str, first: datetime, last: datetime) -> list[Run]:
    runs = (run for run, _meeting in _runs_of_host(call, host_id))
    return [run for run in runs if first <= run.started_at < last + timedelta(days=1)]


def _period(call: Call) -> tuple[datetime, datetime]:
    """Return the first and the last day that are asked for. Raises ZoomError 400/300."""
    first, last = day_of(call.query, "from", required=True), day_of(call.query, "to", required=True)
    if first is None or last is None or not timedelta() <= last - first <= USER_REPORT_SPAN:
        raise invalid_field("to")
    if first < call.sim.now() - USER_REPORT_REACH:
        raise refused("The report is available for the last six months only.")
    return first, last


def _reported_run(call: Call) -> tuple[Run, Meeting]:
    run = find_ended_run(call.sim, call["meetingId"])
    check_age(call.sim, run, ONE_YEAR)
    reported_stays(call.sim, run, call["meetingId"])
    return run, call.sim.store.meetings[run.meeting_id]


def _runs_of_host(call: Call, host_id: str) -> list[tuple[Run, Meeting]]:
    store = call.sim.store
    found = [
        (run, store.meetings[meeting_id])
        for meeting_id, runs in store.runs.items()
        if store.meetings[meeting_id].host_id == host_id
        for run in runs
        if run.ended_at is not None
    ]
    return sorted(found, key=lambda row: row[0].started_at)


def _show_row(call: Call, run: Run, meeting: Meeting) -> Json:
    row = show_run(call.sim, meeting, run)
    del row["dept"], row["tracking_fields"]
    return row | {
        "source": SOURCE,
        "session_key": "",
        "schedule_time": zulu(meeting.start) if meeting.start else "",
        "host_name": row["user_name"],
        "host_organization": "",
        "has_screen_share": False,
        "has_recording": bool(run.takes),
        "has_chat": False,
        "participants_count_my_account": sum(1 for stay in run.stays if stay.zoom_user_id),
    }
