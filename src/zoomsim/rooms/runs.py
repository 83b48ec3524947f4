"""Meetings taking place: they start, people come and go, they end."""

from dataclasses import replace
from datetime import datetime, timedelta

from zoomsim.clock import whole_second
from zoomsim.options import Plan
from zoomsim.polls import answering as polls
from zoomsim.recordings import making as recordings
from zoomsim.rooms import events as room_events
from zoomsim.simulation import Simulation
from zoomsim.state import ids
from zoomsim.state.models import Meeting, RegistrantStatus, Run, Stay, User, UserStatus, UserType
from zoomsim.summaries import making as summaries

FIRST_USER_ID = 16_778_240
USER_ID_STEP = 1024
LIVE_AT_ONCE = {Plan.FREE: 1, Plan.PRO: 1, Plan.BUSINESS: 2, Plan.UNLIMITED: 2}
BASIC_AT_ONCE = 1

LEFT = "left the meeting."
HOST_ENDED = "Host ended the meeting."
FREE_MINUTES_USED_UP = "Exceeded free meeting minutes limit."
HOST_STARTED_ANOTHER = "Host started a new meeting."
REMOVED = "Removed by host."


class RoomClosed(Exception):
    """Somebody cannot come in, or not now; `code` says why to programs, the text to people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def start_run(
    sim: Simulation, meeting: Meeting, *, occurrence_id: str = "", at: datetime | None = None, with_host: bool = True
) -> Run:
    """
    Start a meeting as its host, who comes in too; a meeting that runs goes on as it is.

    Who already hosts as many as the plan allows has the oldest ended. Raises RoomClosed.
    """
    run = sim.store.running.get(meeting.id)
    if run is None:
        host = sim.store.users[meeting.host_id]
        if host.status is not UserStatus.ACTIVE:
            raise RoomClosed("host_inactive", f"{host.email} is deactivated and cannot start meetings.")
        _make_room(sim, meeting)
        run = _open(sim, meeting, occurrence_id, _moment(sim, at))
    if with_host:
        _bring_in_host(sim, meeting, run, at)
    return run


def end_run(sim: Simulation, meeting: Meeting, *, at: datetime | None = None, reason: str = HOST_ENDED) -> Run | None:
    """End a running meeting; everybody in it leaves. Returns None when it was not running."""
    run = sim.store.running.get(meeting.id)
    if run is None:
        return None
    ended_at = max(_moment(sim, at), run.started_at)
    for stay in [stay for stay in run.waiting if stay.left_at is None]:
        _stop_waiting(sim, meeting, run, stay, ended_at)
    for stay in run.present:
        _close(sim, meeting, run, stay, ended_at, reason)
    recordings.stop(sim, meeting, run, ended_at)
    polls.close(meeting)
    run.ended_at = ended_at
    meeting.last_used_at = ended_at
    sim.store.save_run(run)
    sim.store.save_meeting(meeting)
    room_events.ended(sim, meeting, run)
    recordings.finish(sim, meeting, run)
    summaries.finish(sim, meeting, run)
    return run


def join(
    sim: Simulation,
    meeting: Meeting,
    *,
    name: str,
    email: str = "",
    registrant_id: str = "",
    customer_key: str = "",
    waits: bool = False,
    at: datetime | None = None,
) -> Stay:
    """
    Let somebody in; coming back makes another stay. An e-mail of the account's is a signed-in user.

    Before the host is there people wait outside, unless the meeting lets them in first. Who `waits` is in the waiting room
    until somebody admits them. Raises RoomClosed.
    """
    if waits and not sim.account.overrule(meeting.settings).get("waiting_room"):
        raise RoomClosed("no_waiting_room", "The meeting has no waiting room.")
    registrant = sim.store.registrants_of(meeting.id).get(registrant_id)
    if registrant_id and (registrant is None or registrant.status is not RegistrantStatus.APPROVED):
        raise RoomClosed("not_registered", "This registration does not admit to the meeting.")
    user = sim.store.user(email) if email else None
    run = sim.store.running.get(meeting.id)
    if run is None:
        if user is not None and user.id == meeting.host_id:
            run = start_run(sim, meeting, at=at, with_host=False)
        else:
            run = _open_before_host(sim, meeting, name, registrant_id, customer_key, at)
    stay = _new_stay(run, name=name or (user.display_name if user else "Guest"), joined_at=_moment(sim, at))
    stay.email = email or (registrant.email if registrant else "")
    stay.zoom_user_id = user.id if user else ""
    stay.registrant_id = registrant_id
    stay.customer_key = customer_key
    if waits:
        run.waiting.append(stay)
        sim.store.save_run(run)
        room_events.waiting_room(sim, meeting, run, stay, "joined_waiting_room", stay.joined_at)
    else:
        _admit(sim, meeting, run, stay)
    return stay


def admit(sim: Simulation, meeting: Meeting, participant_uuid: str, *, at: datetime | None = None) -> Stay:
    """Let somebody in from the waiting room, as the host does. Raises RoomClosed when they do not wait."""
    run = sim.store.running.get(meeting.id)
    waiting = _waiting(run, participant_uuid) if run else None
    if run is None or waiting is None:
        raise RoomClosed("not_waiting", "Nobody of that participant_uuid is in the waiting room.")
    moment = max(_moment(sim, at), waiting.joined_at)
    room_events.waiting_room(sim, meeting, run, waiting, "admitted", moment)
    _stop_waiting(sim, meeting, run, waiting, moment)
    stay = replace(waiting, joined_at=moment, left_at=None)
    _admit(sim, meeting, run, stay)
    return stay


def leave(
    sim: Simulation, meeting: Meeting, participant_uuid: str, *, at: datetime | None = None, reason: str = ""
) -> Stay:
    """Let somebody go, of their own will unless a reason is given. Raises RoomClosed when they are not there."""
    run = sim.store.running.get(meeting.id)
    if run is not None and (waiting := _waiting(run, participant_uuid)) is not None:
        _stop_waiting(sim, meeting, run, waiting, _moment(sim, at))
        return waiting
    stay = next((stay for stay in run.present if stay.participant_uuid == participant_uuid), None) if run else None
    if run is None or stay is None:
        raise RoomClosed("not_in_meeting", "Nobody of that participant_uuid is in the meeting.")
    _close(sim, meeting, run, stay, _moment(sim, at), reason or f"{stay.name} {LEFT}")
    sim.store.save_run(run)
    return stay


def record(sim: Simulation, meeting: Meeting, *, on: bool, at: datetime | None = None) -> Run:
    """Start or stop to record a running meeting to the cloud, as its host. Raises RoomClosed."""
    run = sim.store.running.get(meeting.id)
    if run is None:
        raise RoomClosed("not_started", "The meeting is not running.")
    if not recordings.may_record(sim, meeting):
        raise RoomClosed("no_cloud", "The host's licence has no cloud recordings.")
    (recordings.start if on else recordings.stop)(sim, meeting, run, max(_moment(sim, at), run.started_at))
    return run


def inside(sim: Simulation, meeting: Meeting, participant_uuid: str) -> tuple[Run, str]:
    """Return the run that somebody is in, and their participant_uuid. Raises RoomClosed when they are not there."""
    run = sim.store.running.get(meeting.id)
    if run is None or all(stay.participant_uuid != participant_uuid for stay in run.present):
        raise RoomClosed("not_in_meeting", "Nobody of that participant_uuid is in the meeting.")
    return run, participant_uuid


def moment_in(sim: Simulation, run: Run, at: datetime | None) -> datetime:
    """Return when something in a run happened: not before it began."""
    return max(_moment(sim, at), run.started_at)


def host_stay(meeting: Meeting, run: Run) -> Stay | None:
    """Return the host's present connection."""
    return next((stay for stay in run.present if stay.zoom_user_id == meeting.host_id), None)


def may_host(meeting: Meeting, user: User) -> bool:
    """Whether this is the host of a meeting, or a user named to stand in."""
    named = str(meeting.settings.get("alternative_hosts", "")).replace(",", ";").lower().split(";")
    stands_in = {part.strip() for part in named} & {user.email.lower(), user.id.lower()}
    return user.id == meeting.host_id or bool(stands_in)


def may_enter_before_host(meeting: Meeting, now: datetime) -> bool:
    """Whether people may come in before the host: 0 means at any time, else that many minutes before the start."""
    if not meeting.settings.get("join_before_host"):
        return False
    minutes = int(meeting.settings.get("jbh_time", 0))
    starts = [occurrence.start for occurrence in meeting.all_occurrences if not occurrence.deleted]
    starts = starts or ([meeting.start] if meeting.start else [])
    return not minutes or not starts or any(start - timedelta(minutes=minutes) <= now for start in starts)


def would_end(sim: Simulation, meeting: Meeting) -> list[Meeting]:
    """Return the host's meetings that end when this one starts, because plan or licence allow no more at once."""
    if meeting.id in sim.store.running:
        return []
    live = [sim.store.meetings[meeting_id] for meeting_id in sim.store.running]
    hosted = [other for other in live if other.host_id == meeting.host_id]
    basic = sim.store.users[meeting.host_id].type == UserType.BASIC
    return hosted[: max(0, len(hosted) + 1 - (BASIC_AT_ONCE if basic else LIVE_AT_ONCE[sim.options.plan]))]


def _open_before_host(
    sim: Simulation, meeting: Meeting, name: str, registrant_id: str, customer_key: str, at: datetime | None
) -> Run:
    moment = _moment(sim, at)
    if not may_enter_before_host(meeting, moment):
        room_events.waiting_for_host(sim, meeting, name=name, customer_key=customer_key, at=moment)
        raise RoomClosed("not_started", "The host has not started the meeting.")
    room_events.joined_before_host(
        sim, meeting, name=name, customer_key=customer_key, registrant_id=registrant_id, at=moment
    )
    return start_run(sim, meeting, at=at, with_host=False)


def _make_room(sim: Simulation, meeting: Meeting) -> None:
    """End the host's oldest meetings when one more would be too many."""
    for other in would_end(sim, meeting):
        end_run(sim, other, reason=HOST_STARTED_ANOTHER)


def _open(sim: Simulation, meeting: Meeting, occurrence_id: str, at: datetime) -> Run:
    if sim.store.runs_of(meeting.id):
        meeting.uuid = ids.run_uuid()
    run = Run(uuid=meeting.uuid, meeting_id=meeting.id, started_at=at, occurrence_id=occurrence_id)
    meeting.last_used_at = at
    sim.store.save_run(run)
    sim.store.save_meeting(meeting)
    room_events.started(sim, meeting, run)
    if recordings.starts_by_itself(sim, meeting, run):
        recordings.start(sim, meeting, run, at)
    return run


def _bring_in_host(sim: Simulation, meeting: Meeting, run: Run, at: datetime | None) -> None:
    if host_stay(meeting, run) is not None:
        return
    host: User = sim.store.users[meeting.host_id]
    stay = _new_stay(run, name=host.display_name, joined_at=_moment(sim, at))
    stay.email, stay.zoom_user_id = host.email, host.id
    _admit(sim, meeting, run, stay)


def _waiting(run: Run, participant_uuid: str) -> Stay | None:
    there = (stay for stay in run.waiting if stay.left_at is None)
    return next((stay for stay in there if stay.participant_uuid == participant_uuid), None)


def _stop_waiting(sim: Simulation, meeting: Meeting, run: Run, stay: Stay, at: datetime) -> None:
    stay.left_at = max(at, stay.joined_at)
    sim.store.save_run(run)
    room_events.waiting_room(sim, meeting, run, stay, "left_waiting_room", stay.left_at)


def _new_stay(run: Run, *, name: str, joined_at: datetime) -> Stay:
    return Stay(
        participant_uuid=ids.participant_uuid(),
        user_id=str(FIRST_USER_ID + USER_ID_STEP * (len(run.stays) + len(run.waiting))),
        name=name,
        joined_at=joined_at,
    )


def _admit(sim: Simulation, meeting: Meeting, run: Run, stay: Stay) -> None:
    run.stays.append(stay)
    sim.store.save_run(run)
    room_events.joined(sim, meeting, run, stay)


def _close(sim: Simulation, meeting: Meeting, run: Run, stay: Stay, at: datetime, reason: str) -> None:
    stay.left_at = max(at, stay.joined_at)
    stay.leave_reason = f"{stay.name} left the meeting.<br>Reason: {reason}"
    room_events.left(sim, meeting, run, stay)


def _moment(sim: Simulation, at: datetime | None) -> datetime:
    return whole_second(at or sim.now())
