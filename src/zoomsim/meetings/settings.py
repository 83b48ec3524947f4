"""
The `settings` of a meeting: which there are, what they may hold, and what they are when nobody says.

Only what differs from the defaults is kept with a meeting; answers always show all.
"""

from typing import Any

from zoomsim.meetings.nested import read_nested
from zoomsim.protocol.errors import refused
from zoomsim.protocol.validation import Reader
from zoomsim.state.models import Meeting, MeetingType, Settings, UserType
from zoomsim.state.store import Store

NO_REGISTRATION = 2

DEFAULTS: Settings = {
    "host_video": True,
    "participant_video": False,
    "cn_meeting": False,
    "in_meeting": False,
    "join_before_host": False,
    "jbh_time": 0,
    "mute_upon_entry": False,
    "watermark": False,
    "use_pmi": False,
    "approval_type": NO_REGISTRATION,
    "audio": "both",
    "auto_recording": "none",
    "enforce_login": False,
    "enforce_login_domains": "",
    "alternative_hosts": "",
    "alternative_host_update_polls": False,
    "alternative_hosts_email_notification": True,
    "close_registration": False,
    "show_share_button": False,
    "allow_multiple_devices": False,
    "registrants_confirmation_email": True,
    "registrants_email_notification": True,
    "waiting_room": False,
    "waiting_room_options": {"mode": "follow_setting"},
    "request_permission_to_unmute_participants": False,
    "meeting_authentication": False,
    "encryption_type": "enhanced_encryption",
    "private_meeting": False,
    "internal_meeting": False,
    "email_notification": True,
    "host_save_video_order": False,
    "focus_mode": False,
    "device_testing": False,
    "participant_focused_meeting": False,
    "push_change_to_calendar": False,
    "auto_start_meeting_summary": False,
    "auto_start_ai_companion_questions": False,
    "approved_or_denied_countries_or_regions": {"enable": False},
    "breakout_room": {"enable": False},
    "continuous_meeting_chat": {"enable": False, "auto_add_invited_external_users": False},
    "email_in_attendee_report": False,
    "enable_dedicated_group_chat": False,
    "meeting_invitees": [],
    "resources": [],
    "show_join_info": False,
    "sign_language_interpretation": {"enable": False},
    "global_dial_in_countries": ["US"],
    "global_dial_in_numbers": [
        {"country": "US", "country_name": "US", "city": "", "number": "+1 555 010 0199", "type": "toll"}
    ],
}

BOOLEANS = (
    *(name for name, value in DEFAULTS.items() if isinstance(value, bool)),
    "allow_host_control_participant_mute_state",
    "alternative_host_manage_cloud_recording",
    "alternative_host_manage_meeting_summary",
    "auto_start_deepfake_detection",
    "disable_participant_video",
    "host_pause_stop_recording",
)
INTEGERS: dict[str, tuple[int, ...]] = {
    "approval_type": (0, 1, NO_REGISTRATION),
    "registration_type": (1, 2, 3),
    "jbh_time": (0, 5, 10, 15),
    "calendar_type": (1, 2),
    "who_will_receive_summary": (1, 2, 3, 4),
    "who_can_ask_questions": (1, 2, 3, 4, 5),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "audio": ("both", "telephony", "voip", "thirdParty"),
    "auto_recording": ("local", "cloud", "none"),
    "encryption_type": ("enhanced_encryption", "e2ee"),
}
TEXTS: dict[str, int | None] = {
    "alternative_hosts": None,
    "audio_conference_info": 2048,
    "authentication_domains": None,
    "authentication_name": None,
    "authentication_option": None,
    "contact_email": None,
    "contact_name": None,
    "enforce_login_domains": None,
    "summary_template_id": None,
}
LISTS_OF_TEXTS = ("additional_data_center_regions", "global_dial_in_countries")
OF_ONE_OCCURRENCE = (
    "host_video",
    "participant_video",
    "join_before_host",
    "mute_upon_entry",
    "waiting_room",
    "watermark",
    "auto_recording",
)
"""What a change of a single session may set; everything else in it is ignored."""


def read_settings(body: Reader) -> Settings:
    """Return the known settings that were sent; unknown ones are ignored, and what is wrong is noted in `body`."""
    raw = body.raw.get("settings")
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        body.refuse("settings")
        return {}
    reader = Reader(raw, "settings.")
    found: dict[str, Any] = {}
    found |= {name: reader.boolean(name) for name in BOOLEANS if reader.has(name)}
    found |= {name: reader.integer(name, choices=values) for name, values in INTEGERS.items() if reader.has(name)}
    found |= {name: reader.choice(name, values) for name, values in CHOICES.items() if reader.has(name)}
    found |= {name: reader.text(name, longest=longest) for name, longest in TEXTS.items() if reader.has(name)}
    found |= {name: reader.texts(name) for name in LISTS_OF_TEXTS if reader.has(name)}
    found |= read_nested(reader)
    if found.get("request_permission_to_unmute_participants") and found.get(
        "allow_host_control_participant_mute_state"
    ):
        reader.refuse(
            "allow_host_control_participant_mute_state",
            "It cannot be used together with request_permission_to_unmute_participants.",
        )
    body.errors += reader.errors
    return found


def settle(settings: Settings, meeting_type: int) -> Settings:
    """Return settings after the rules by which one of them overrides another, silently, as Zoom does."""
    settled = dict(settings)
    if settled.get("waiting_room", DEFAULTS["waiting_room"]):
        settled["join_before_host"] = False
    if meeting_type == MeetingType.RECURRING_WITHOUT_TIME and settled.get("approval_type") != NO_REGISTRATION:
        settled.pop("approval_type", None)
    return settled


def shown_settings(meeting: Meeting) -> Settings:
    """Return all settings of a meeting, as answers show them."""
    shown = DEFAULTS | meeting.settings
    shown["continuous_meeting_chat"] = DEFAULTS["continuous_meeting_chat"] | shown["continuous_meeting_chat"]
    if meeting.type != MeetingType.RECURRING:
        shown.pop("registration_type", None)
    elif meeting.approval_type != NO_REGISTRATION:
        shown.setdefault("registration_type", 1)
    return shown


def check_alternative_hosts(settings: Settings, store: Store) -> None:
    """Raise ZoomError 400/3000 unless everybody named is a licensed user of the account."""
    text = settings.get("alternative_hosts", "")
    for name in filter(None, (part.strip() for part in text.replace(",", ";").split(";"))):
        user = store.user(name)
        if user is None or user.type != UserType.LICENSED:
            raise refused(f"{name} cannot be an alternative host: not a licensed user of this account.", code=3000)
