"""
A user's settings. They follow from the plan and the account's settings; what is changed of one user's is kept and shown, and
does nothing.
"""

from zoomsim.meetings.settings import DEFAULTS
from zoomsim.options import Plan
from zoomsim.protocol.errors import invalid, invalid_field
from zoomsim.protocol.validation import INVALID_FIELD
from zoomsim.protocol.wire import Json
from zoomsim.simulation import Simulation
from zoomsim.state.models import User, UserType

OPTIONS = ("meeting_authentication", "recording_authentication", "meeting_security")
CAPACITY = {Plan.FREE: 100, Plan.PRO: 100, Plan.BUSINESS: 300, Plan.UNLIMITED: 1000}
PASSWORD_REQUIREMENT = {
    "length": 0,
    "have_letter": False,
    "have_number": False,
    "have_special_character": False,
    "only_allow_numeric": False,
    "have_upper_and_lower_characters": False,
    "consecutive_characters_length": 0,
    "weak_enhance_detection": False,
}


def show_settings(sim: Simulation, user: User, query: dict[str, str]) -> Json:
    """Return the settings, those of one `option`, or only `custom_query_fields`: sections, or fields in their sections."""
    option = query.get("option", "")
    if option == "meeting_security":
        return {"meeting_security": _security(sim)}
    if option in {"meeting_authentication", "recording_authentication"}:
        on = option == "meeting_authentication" and sim.account.value(option)
        return {option: on, "authentication_options": []}
    if option:
        raise invalid_field("option")
    shown = _all(sim, user)
    if wanted := query.get("custom_query_fields"):
        names = {name.strip() for name in wanted.split(",")}
        return _only(shown, names)
    return shown


def read_changes(sim: Simulation, user: User, body: Json) -> Json:
    """
    Return what a body changes of the settings that there are, by sections, without what the account has locked.

    Raises ZoomError 400/300 for values of another kind.
    """
    shown, locked, errors = _all(sim, user), sim.account.locks(), []
    changed: Json = {}
    for section, fields in body.items():
        if not isinstance(fields, dict):
            errors.append((section, INVALID_FIELD))
            continue
        for name, value in fields.items():
            if name not in shown.get(section, {}) or value is None or _is_locked(locked, section, name):
                continue
            if type(value) is not type(shown[section][name]):
                errors.append((f"{section}.{name}", INVALID_FIELD))
            else:
                changed.setdefault(section, {})[name] = value
    if errors:
        raise invalid(*errors)
    return changed


def _is_locked(locked: Json, section: str, name: str) -> bool:
    of_account = "participant_video" if name == "participants_video" else name
    return bool(locked.get(section, {}).get(of_account))


def _only(shown: Json, names: set[str]) -> Json:
    """Return the sections and fields of these names; a field stays in its section, and what is unknown is left out."""
    found: Json = {}
    for section, fields in shown.items():
        if section in names:
            found[section] = fields
        elif inside := {name: value for name, value in fields.items() if name in names}:
            found[section] = inside
    return found


def _all(sim: Simulation, user: User) -> Json:
    shown, locked = _of_everybody(sim, user), sim.account.locks()
    for section, fields in user.settings.items():
        shown[section] |= {name: value for name, value in fields.items() if not _is_locked(locked, section, name)}
    return shown


def _of_everybody(sim: Simulation, user: User) -> Json:
    licensed = user.type == UserType.LICENSED
    account = sim.account.shown(user=True)
    return {
        "schedule_meeting": account["schedule_meeting"]
        | {
            "audio_type": DEFAULTS["audio"],
            "personal_meeting": True,
            "use_pmi_for_scheduled_meetings": DEFAULTS["use_pmi"],
            "use_pmi_for_instant_meetings": False,
            "require_password_for_scheduling_new_meetings": True,
            "require_password_for_scheduled_meetings": True,
            "require_password_for_instant_meetings": True,
            "require_password_for_pmi_meetings": "all",
            "pstn_password_protected": True,
            "embed_password_in_join_link": True,
            "force_pmi_jbh_password": False,
            "meeting_password_requirement": PASSWORD_REQUIREMENT,
        },
        "in_meeting": account["in_meeting"]
        | {
            "breakout_room_schedule": True,
            "co_host": True,
            "chat": True,
            "attendee_on_hold": False,
        },
        "email_notification": {
            "jbh_reminder": False,
            "cancel_meeting_reminder": True,
            "alternative_host_reminder": True,
        },
        "recording": account["recording"]
        | {
            "cloud_recording": licensed,
            "local_recording": True,
        },
        "telephony": {"third_party_audio": False, "show_international_numbers_link": True},
        "feature": {
            "meeting_capacity": CAPACITY[sim.options.plan] if licensed else CAPACITY[Plan.FREE],
            "large_meeting": False,
            "webinar": False,
            "cn_meeting": False,
            "in_meeting": False,
            "concurrent_meeting": "None",
            "zoom_phone": False,
        },
        "meeting_security": _security(sim),
    }


def _security(sim: Simulation) -> Json:
    return {
        "auto_security": True,
        "block_user_domain": False,
        "block_user_domain_list": [],
        "embed_password_in_join_link": True,
        "encryption_type": DEFAULTS["encryption_type"],
        "end_to_end_encrypted_meetings": False,
        "meeting_password": True,
        "meeting_password_requirement": PASSWORD_REQUIREMENT,
        "only_authenticated_can_join_from_webclient": False,
        "phone_password": True,
        "pmi_password": True,
        "require_password_for_scheduled_meeting": True,
        "waiting_room": sim.account.value("waiting_room"),
    }
