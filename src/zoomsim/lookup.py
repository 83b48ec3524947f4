"""Finding what a path names."""

from datetime import datetime, timedelta
from urllib.parse import unquote

from zoomsim.protocol.errors import no_meeting, no_user, refused
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, MeetingType, Run, User, UserStatus

ONE_TIME_LIFE = timedelta(days=30)
RECURRING_LIFE = timedelta(days=365)
LONGEST_NUMBER = 19


def find_user(sim: Simulation, name: str) -> User:
    """Return the user of an id, an e-mail or `me`. Raises ZoomError 404/1001, 400/1120 while the invitation is open."""
    user = sim.me if name == "me" else sim.store.user(name)
    if user is None:
        raise no_user(name)
    if user.status is UserStatus.PENDING:
        raise refused(f"The invitation of {user.email} is pending or has expired.", code=1120)
    return user


def find_meeting(sim: Simulation, number: str) -> Meeting:
    """Return a meeting that is neither deleted nor expired. Raises ZoomError 404/3001."""
    meeting = find_any_meeting(sim, number)
    if meeting.deleted_at is not None or is_expired(sim, meeting, sim.now()):
        raise no_meeting(number)
    return meeting


def find_any_meeting(sim: Simulation, number: str) -> Meeting:
    """Return a meeting even when it is gone. Raises ZoomError 404/3001 when it never was."""
    meeting = sim.store.meetings.get(meeting_number(number))
    if meeting is None:
        raise no_meeting(number)
    return meeting


def host_of(sim: Simulation, name: str) -> str | None:
    """Return the id of who hosts the meeting of a number or of a run's uuid; None when there never was one."""
    run = sim.store.run(name) or sim.store.run(unquote(name))
    meeting = sim.store.meetings.get(run.meeting_id if run else meeting_number(name))
    return meeting.host_id if meeting else None


def find_ended_run(sim: Simulation, name: str) -> Run:
    """
    Return the run of a uuid, or the latest of a meeting's number, once it has ended.

    A uuid may have come encoded twice. Raises ZoomError 404/3001.
    """
    if name.isdecimal():
        runs = [run for run in sim.store.runs_of(meeting_number(name)) if run.ended_at is not None]
        if runs:
            return runs[-1]
    else:
        run = sim.store.run(name) or sim.store.run(unquote(name))
        if run is not None and run.ended_at is not None:
            return run
    raise no_meeting(name)


def meeting_number(text: str) -> int:
    """Return the number that a text is; 0, which no meeting has, when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0


def is_expired(sim: Simulation, meeting: Meeting, now: datetime) -> bool:
    """Whether the meeting's number is used up: an instant one at its end, others long after their last use."""
    if meeting.id in sim.store.running:
        return False
    if meeting.type == MeetingType.INSTANT:
        return meeting.last_used_at is not None
    recurring = meeting.type in {MeetingType.RECURRING, MeetingType.RECURRING_WITHOUT_TIME}
    uses = (meeting.end, meeting.last_used_at, meeting.created_at if recurring else None)
    last = max((use for use in uses if use is not None), default=meeting.created_at)
    return now > last + (RECURRING_LIFE if recurring else ONE_TIME_LIFE)
