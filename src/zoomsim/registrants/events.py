"""The webhooks about people who register."""

from zoomsim.meetings.events import brief_occurrence, describe, operator
from zoomsim.protocol.wire import Json
from zoomsim.registrants.view import personal_link, show_person, show_profile
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Registrant, RegistrantStatus

DECISIONS = {
    RegistrantStatus.APPROVED: "meeting.registration_approved",
    RegistrantStatus.CANCELLED: "meeting.registration_cancelled",
    RegistrantStatus.DENIED: "meeting.registration_denied",
}


def created(sim: Simulation, meeting: Meeting, registrant: Registrant) -> None:
    """Announce that somebody registered; the link is empty while nobody has approved it."""
    approved = registrant.status is RegistrantStatus.APPROVED
    about = show_person(registrant) | show_profile(registrant)
    about |= {
        "status": registrant.status,
        "join_url": personal_link(sim, registrant) if approved else "",
        "participant_pin_code": registrant.pin_code,
    }
    _emit(sim, "meeting.registration_created", meeting, registrant, about, by_operator=False)


def decided(
    sim: Simulation, meeting: Meeting, registrant: Registrant, status: RegistrantStatus, occurrence_id: str | None
) -> None:
    """Announce what was decided about a registrant."""
    about = show_person(registrant)
    if status is RegistrantStatus.APPROVED:
        about |= {"join_url": personal_link(sim, registrant), "participant_pin_code": registrant.pin_code}
    _emit(sim, DECISIONS[status], meeting, registrant, about, occurrence_id=occurrence_id)


def _emit(
    sim: Simulation,
    event: str,
    meeting: Meeting,
    registrant: Registrant,
    about: Json,
    *,
    by_operator: bool = True,
    occurrence_id: str | None = None,
) -> None:
    described = describe(sim, meeting)
    if meeting.occurrences is not None:
        concerned = registrant.occurrence_ids if occurrence_id is None else [occurrence_id]
        described["occurrences"] = [
            brief_occurrence(occurrence)
            for occurrence in meeting.occurrences
            if concerned is None or str(occurrence.id) in concerned
        ]
    payload = {**(operator(sim) if by_operator else {}), "object": described | {"registrant": about}}
    sim.webhooks.emit(event, payload, at=sim.now(), about=str(meeting.id))
