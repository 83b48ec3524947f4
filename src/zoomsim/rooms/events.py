"""The webhooks about meetings taking place. The meeting's id is text in them."""

from datetime import datetime

from zoomsim.clock import zulu
from zoomsim.history.visibility import shown_email
from zoomsim.meetings.events import describe
from zoomsim.protocol.wire import Json
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Run, Stay


def started(sim: Simulation, meeting: Meeting, run: Run) -> None:
    """Announce the start."""
    host_email = sim.store.users[meeting.host_id].email
    _emit(sim, "meeting.started", meeting, _of_run(meeting, run) | {"host_email": host_email}, at=run.started_at)


def ended(sim: Simulation, meeting: Meeting, run: Run) -> None:
    """Announce the end; the duration is still the planned one."""
    if run.ended_at is None:
        return
    about = _of_run(meeting, run)
    about |= {"host_email": sim.store.users[meeting.host_id].email, "end_time": zulu(run.ended_at)}
    _emit(sim, "meeting.ended", meeting, about, at=run.ended_at)


def joined(sim: Simulation, meeting: Meeting, run: Run, stay: Stay) -> None:
    """Announce that somebody came in."""
    participant = _participant(sim, meeting, stay) | {"join_time": zulu(stay.joined_at)}
    about = _of_run(meeting, run) | {"participant": participant}
    _emit(sim, "meeting.participant_joined", meeting, about, at=stay.joined_at)


def left(sim: Simulation, meeting: Meeting, run: Run, stay: Stay) -> None:
    """Announce that somebody went, and why."""
    if stay.left_at is None:
        return
    participant = _participant(sim, meeting, stay)
    participant |= {"leave_time": zulu(stay.left_at), "leave_reason": stay.leave_reason}
    _emit(
        sim, "meeting.participant_left", meeting, _of_run(meeting, run) | {"participant": participant}, at=stay.left_at
    )


def waiting_room(sim: Simulation, meeting: Meeting, run: Run, stay: Stay, what: str, at: datetime) -> None:
    """Announce what happened to somebody at the waiting room: `joined_waiting_room`, `admitted`, `left_waiting_room`."""
    participant = _participant(sim, meeting, stay) | {"date_time": zulu(at)}
    about = _of_run(meeting, run) | {"participant": participant}
    _emit(sim, f"meeting.participant_{what}", meeting, about, at=at)


def waiting_for_host(sim: Simulation, meeting: Meeting, *, name: str, customer_key: str, at: datetime) -> None:
    """Announce that somebody stands before a meeting that has not started."""
    participant = {"id": "", "user_name": name, "customer_key": customer_key}
    _emit(sim, "meeting.participant_jbh_waiting", meeting, _planned(sim, meeting) | {"participant": participant}, at=at)


def joined_before_host(
    sim: Simulation, meeting: Meeting, *, name: str, customer_key: str, registrant_id: str, at: datetime
) -> None:
    """Announce that somebody came in before the host."""
    participant = {"id": "", "user_name": name, "customer_key": customer_key, "registrant_id": registrant_id}
    _emit(sim, "meeting.participant_jbh_joined", meeting, _planned(sim, meeting) | {"participant": participant}, at=at)


def _emit(sim: Simulation, event: str, meeting: Meeting, about: Json, *, at: datetime) -> None:
    sim.webhooks.emit(event, {"object": about}, at=at, about=str(meeting.id))


def _of_run(meeting: Meeting, run: Run) -> Json:
    return {
        "uuid": run.uuid,
        "id": str(meeting.id),
        "host_id": meeting.host_id,
        "topic": meeting.topic,
        "type": meeting.type,
        "start_time": zulu(run.started_at),
        "duration": meeting.duration,
        "timezone": meeting.timezone,
    }


def _planned(sim: Simulation, meeting: Meeting) -> Json:
    return describe(sim, meeting) | {"id": str(meeting.id)}


def _participant(sim: Simulation, meeting: Meeting, stay: Stay) -> Json:
    return {
        "user_id": stay.user_id,
        "user_name": stay.name,
        "id": stay.zoom_user_id,
        "participant_user_id": stay.zoom_user_id,
        "participant_uuid": stay.participant_uuid,
        "email": shown_email(sim, meeting, stay),
        "registrant_id": stay.registrant_id,
        "customer_key": stay.customer_key,
        "phone_number": "",
    }
