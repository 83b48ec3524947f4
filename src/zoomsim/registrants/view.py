"""Registrants as Zoom shows them."""

from zoomsim.clock import zulu
from zoomsim.protocol.wire import Json
from zoomsim.simulation import Simulation
from zoomsim.state.models import Registrant, RegistrantStatus

PROFILE_FIELDS = (
    "address",
    "city",
    "country",
    "zip",
    "state",
    "phone",
    "industry",
    "org",
    "job_title",
    "purchasing_time_frame",
    "role_in_purchase_process",
    "no_of_employees",
    "comments",
)


def show_registrant(sim: Simulation, registrant: Registrant, occurrence_id: str | None = None) -> Json:
    """Return a registrant as lists do; the personal link only while it admits."""
    shown = show_person(registrant) | show_profile(registrant)
    status = registrant.status_for(occurrence_id)
    shown |= {"status": status, "create_time": zulu(registrant.created_at)}
    if status is RegistrantStatus.APPROVED:
        shown["join_url"] = personal_link(sim, registrant)
    return shown | {"participant_pin_code": registrant.pin_code}


def show_person(registrant: Registrant) -> Json:
    """Return who it is."""
    return {
        "id": registrant.id,
        "email": registrant.email,
        "first_name": registrant.first_name,
        "last_name": registrant.last_name,
    }


def show_profile(registrant: Registrant) -> Json:
    """Return what the registration form asked for, every field present."""
    profile: Json = {name: registrant.profile.get(name, "") for name in PROFILE_FIELDS}
    return profile | {"custom_questions": registrant.custom_questions}


def personal_link(sim: Simulation, registrant: Registrant) -> str:
    """Return the link that belongs to one registrant: whoever has it comes in under that name."""
    passcode = sim.store.meetings[registrant.meeting_id].encrypted_password
    link = f"{sim.base_url}/w/{registrant.meeting_id}?tk={registrant.token}"
    return f"{link}&pwd={passcode}" if passcode else link
