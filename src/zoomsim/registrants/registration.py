"""Registering for meetings, and deciding about those who did."""

import secrets
from dataclasses import dataclass, field

from zoomsim.clock import whole_second
from zoomsim.meetings.settings import NO_REGISTRATION
from zoomsim.protocol.errors import may_not_host, no_registration, refused
from zoomsim.registrants import events as registration_events
from zoomsim.simulation import Simulation
from zoomsim.state import ids
from zoomsim.state.models import Meeting, MeetingType, Registrant, RegistrantStatus, UserType

MANUAL_APPROVAL = 1
MAX_REGISTRANTS = 4999
TOKEN_LENGTH = 43
REGISTER_FOR_EACH, REGISTER_AND_CHOOSE = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who registers, and what the form asked for."""

    email: str
    first_name: str
    last_name: str
    profile: dict[str, str] = field(default_factory=dict)
    custom_questions: list[dict[str, str]] = field(default_factory=list)


def require_open(sim: Simulation, meeting: Meeting, *, disabled_code: int) -> None:
    """Raise ZoomError unless people can register now; `disabled_code` is the call's number for "not enabled"."""
    host = sim.store.users[meeting.host_id]
    if meeting.approval_type == NO_REGISTRATION or meeting.type not in {MeetingType.SCHEDULED, MeetingType.RECURRING}:
        raise no_registration(meeting.id, code=disabled_code)
    if host.type != UserType.LICENSED:
        raise may_not_host(host.email)
    if meeting.end is not None and meeting.end < sim.now() and meeting.id not in sim.store.running:
        raise refused(
            "Meeting is over, you can not register now. If you have any questions, please contact the Meeting host.",
            code=3038,
        )


def register(
    sim: Simulation, meeting: Meeting, person: Person, *, auto_approve: bool, occurrence_ids: list[str] | None = None
) -> Registrant:
    """
    Register somebody, or return who registered with this e-mail before, approved or pending again.

    Raises ZoomError for the host, and when 4,999 have registered.
    """
    if person.email.lower() == sim.store.users[meeting.host_id].email.lower():
        raise refused("Host can not register", code=3027)
    pending = meeting.approval_type == MANUAL_APPROVAL and not auto_approve
    status = RegistrantStatus.PENDING if pending else RegistrantStatus.APPROVED
    registrant = sim.store.registrant_by_email(meeting.id, person.email)
    if registrant is not None:
        return _register_again(sim, meeting, registrant, status, occurrence_ids)
    if len(sim.store.registrants_of(meeting.id)) >= MAX_REGISTRANTS:
        raise refused("The registration capacity of this meeting has been reached.", code=3043)
    registrant = Registrant(
        id=ids.opaque_id(),
        meeting_id=meeting.id,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        status=status,
        token=f"{ids.letters(TOKEN_LENGTH)}.DQcAAAAW",
        pin_code=100_000 + secrets.randbelow(900_000),
        created_at=whole_second(sim.now()),
        profile=person.profile,
        custom_questions=person.custom_questions,
        occurrence_ids=occurrence_ids,
    )
    sim.store.save_registrant(registrant)
    registration_events.created(sim, meeting, registrant)
    return registrant


def decide(
    sim: Simulation,
    meeting: Meeting,
    registrant: Registrant,
    status: RegistrantStatus,
    occurrence_id: str | None = None,
) -> None:
    """Approve, deny or cancel a registrant, for the whole meeting or for one session."""
    if registrant.status_for(occurrence_id) == status:
        return
    if occurrence_id is None:
        registrant.status = status
        registrant.occurrence_status.clear()
    else:
        registrant.occurrence_status[occurrence_id] = status
    sim.store.save_registrant(registrant)
    registration_events.decided(sim, meeting, registrant, status, occurrence_id)


def remove(sim: Simulation, meeting: Meeting, registrant: Registrant, occurrence_id: str | None) -> None:
    """Take a registrant off the meeting, or off one session; off the last one is off the meeting."""
    if occurrence_id is not None:
        registered_for = registrant.occurrence_ids or [str(occurrence.id) for occurrence in meeting.all_occurrences]
        registrant.occurrence_ids = [number for number in registered_for if number != occurrence_id]
    if occurrence_id is None or not registrant.occurrence_ids:
        sim.store.remove_registrant(registrant)
    else:
        sim.store.save_registrant(registrant)
    registration_events.decided(sim, meeting, registrant, RegistrantStatus.CANCELLED, occurrence_id)


def by_occurrence(meeting: Meeting) -> bool:
    """Whether people register for single sessions of the series."""
    kind = meeting.settings.get("registration_type", 1)
    return meeting.type == MeetingType.RECURRING and kind in {REGISTER_FOR_EACH, REGISTER_AND_CHOOSE}


def covers(registrant: Registrant, occurrence_id: str | None) -> bool:
    """Whether a registration is for this session, or for anything when none is named."""
    return occurrence_id is None or registrant.occurrence_ids is None or occurrence_id in registrant.occurrence_ids


def _register_again(
    sim: Simulation,
    meeting: Meeting,
    registrant: Registrant,
    status: RegistrantStatus,
    occurrence_ids: list[str] | None,
) -> Registrant:
    """Somebody whose registration stands keeps it; somebody cancelled or denied is considered anew."""
    if occurrence_ids is None:
        registrant.occurrence_ids = None
    elif registrant.occurrence_ids is not None:
        registrant.occurrence_ids = list(dict.fromkeys([*registrant.occurrence_ids, *occurrence_ids]))
    is_new = registrant.status in {RegistrantStatus.CANCELLED, RegistrantStatus.DENIED}
    if is_new or status is RegistrantStatus.APPROVED:
        registrant.status = status
    sim.store.save_registrant(registrant)
    if is_new:
        registration_events.created(sim, meeting, registrant)
    return registrant
