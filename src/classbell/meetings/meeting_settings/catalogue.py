"""
Which settings of a Zoom meeting there are: what each may be, what it is when nobody says, and how it is called.

Pure. A setting is asked for at three levels: by the school, which has words of its own for lessons, by a group, by a meeting.
Each level keeps only what was asked there; what holds is worked out from all of them whenever somebody asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Settings = Mapping[str, Any]
Words = Promise | str

PEOPLE_REGISTER: Final = 0
PEOPLE_WAIT_FOR_APPROVAL: Final = 1
NO_REGISTRATION: Final = 2
NO_ROOMS: Final[Settings] = {"enable": False}

ON_OFF: Final[Mapping[Any, Words]] = {True: _("On"), False: _("Off")}


class PasscodeRule(StrEnum):
    """Which passcode a new Zoom meeting gets."""

    ZOOM = "zoom"
    DIGITS = "digits"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """
    One setting that people choose, by the name that Zoom and the API have for it.

    `choices` are its values and what they are called; empty for e-mail addresses and for rooms. `place` is where the settings
    of Zoom's account have it: its section and its name there.
    """

    name: str
    label: Words
    help: Words = ""
    default: Any = False
    choices: Mapping[Any, Words] = field(default_factory=lambda: ON_OFF)
    place: tuple[str, str] | None = None

    def in_words(self, value: Any) -> str:
        """Return a value as people read it."""
        if self.name == "breakout_room":
            return str(ON_OFF[bool(isinstance(value, Mapping) and value.get("enable"))])
        if not self.choices:
            return str(value).replace(";", ", ") or str(_("Nobody"))
        return str(self.choices.get(value, value))


SETTINGS: Final[Mapping[str, Setting]] = {
    one.name: one
    for one in (
        Setting(
            name="waiting_room",
            label=_("Waiting room"),
            help=_("People wait until the teacher lets them in. Then nobody comes in before the teacher."),
            place=("in_meeting", "waiting_room"),
        ),
        Setting(
            name="join_before_host",
            label=_("Coming in before the teacher"),
            help=_("People may be in the room before the teacher is there. Not together with a waiting room."),
            place=("schedule_meeting", "join_before_host"),
        ),
        Setting(
            name="jbh_time",
            label=_("How long before the start"),
            help=_("Where people may come in before the teacher."),
            default=0,
            choices={0: _("At any time"), 5: _("5 minutes"), 10: _("10 minutes"), 15: _("15 minutes")},
        ),
        Setting(
            name="mute_upon_entry",
            label=_("Microphones off on entry"),
            default=True,
            place=("schedule_meeting", "mute_upon_entry"),
        ),
        Setting(
            name="meeting_authentication",
            label=_("Only people signed in to Zoom"),
            help=_("Whoever has no Zoom account of their own cannot come in."),
            place=("schedule_meeting", "meeting_authentication"),
        ),
        Setting(
            name="approval_type",
            label=_("Who registers at Zoom by themselves"),
            help=_("Where people are registered. A registration link that went around then lets in nobody else."),
            default=PEOPLE_REGISTER,
            choices={
                PEOPLE_REGISTER: _("Comes in"),
                PEOPLE_WAIT_FOR_APPROVAL: _("Comes in only if expected: Classbell approves them"),
            },
        ),
        Setting(
            name="passcode",
            label=_("Passcode"),
            help=_("Of new Zoom meetings; those there are keep the one that people have been told."),
            default=PasscodeRule.ZOOM.value,
            choices={
                PasscodeRule.ZOOM.value: _("As Zoom makes it"),
                PasscodeRule.DIGITS.value: _("Six digits, easy to type"),
                PasscodeRule.NONE.value: _("None, where people wait or sign in"),
            },
        ),
        Setting(
            name="auto_recording",
            label=_("Recording"),
            help=_("Begins by itself when the session begins."),
            default="none",
            choices={"none": _("Off"), "local": _("On the teacher's computer"), "cloud": _("In Zoom's cloud")},
            place=("recording", "auto_recording"),
        ),
        Setting(
            name="alternative_hosts",
            label=_("Who else may start it"),
            help=_("Zoom users of the school who have a licence, by their e-mail addresses."),
            default="",
            choices={},
        ),
        Setting(
            name="breakout_room",
            label=_("Breakout rooms"),
            help=_("Who is in which room before the session begins. Zoom knows people by their e-mail address."),
            default=NO_ROOMS,
            choices={},
            place=("in_meeting", "breakout_room"),
        ),
    )
}
DEFAULTS: Final[Settings] = {one.name: one.default for one in SETTINGS.values()}

# What Classbell does itself, or what would surprise a school: mails, the personal room's number. Not to be chosen.
ALWAYS: Final[Settings] = {
    "use_pmi": False,
    "email_notification": False,
    "registrants_confirmation_email": False,
    "registrants_email_notification": False,
}
# Settings that Zoom leaves out of its answers while there is nothing of them, and what that means.
WHEN_MISSING: Final[Settings] = {
    "alternative_hosts": "",
    "breakout_room": NO_ROOMS,
    "language_interpretation": {"enable": False},
}
# Others that Zoom knows: on no form, taken by API as they are, and kept.
OTHERS: Final[Mapping[str, type]] = {
    **dict.fromkeys(
        (
            "host_video",
            "participant_video",
            "disable_participant_video",
            "watermark",
            "focus_mode",
            "allow_multiple_devices",
            "close_registration",
            "enforce_login",
            "private_meeting",
            "internal_meeting",
            "show_share_button",
            "show_join_info",
            "device_testing",
            "cn_meeting",
            "in_meeting",
            "host_save_video_order",
            "participant_focused_meeting",
            "push_change_to_calendar",
            "email_in_attendee_report",
            "enable_dedicated_group_chat",
            "auto_start_meeting_summary",
            "auto_start_ai_companion_questions",
            "alternative_host_update_polls",
            "alternative_hosts_email_notification",
            "alternative_host_manage_cloud_recording",
            "alternative_host_manage_meeting_summary",
            "request_permission_to_unmute_participants",
            "allow_host_control_participant_mute_state",
            "host_pause_stop_recording",
            *ALWAYS,
        ),
        bool,
    ),
    **dict.fromkeys(("registration_type", "calendar_type", "who_will_receive_summary", "who_can_ask_questions"), int),
    **dict.fromkeys(
        (
            "audio",
            "audio_conference_info",
            "authentication_domains",
            "authentication_name",
            "authentication_option",
            "contact_email",
            "contact_name",
            "encryption_type",
            "enforce_login_domains",
            "summary_template_id",
        ),
        str,
    ),
    **dict.fromkeys(
        (
            "additional_data_center_regions",
            "authentication_exception",
            "custom_keys",
            "global_dial_in_countries",
            "meeting_invitees",
            "resources",
        ),
        list,
    ),
    **dict.fromkeys(
        (
            "approved_or_denied_countries_or_regions",
            "auto_add_recording_to_video_management",
            "continuous_meeting_chat",
            "language_interpretation",
            "question_and_answer",
            "sign_language_interpretation",
            "waiting_room_options",
        ),
        dict,
    ),
}


def merged(*levels: Settings) -> dict[str, Any]:
    """
    Return what holds where each of these levels asks for something, the last one first of all. A waiting room lets nobody in
    before the host, as at Zoom.
    """
    found: dict[str, Any] = dict(DEFAULTS)
    for level in levels:
        found |= level
    if found["waiting_room"]:
        found["join_before_host"] = False
    return found


def sent(held: Settings, *, registration: bool) -> dict[str, Any]:
    """Return what Zoom is asked for where these settings hold, in Zoom's words; rooms and co-hosts as they are in `held`."""
    asked = {**ALWAYS, "language_interpretation": {"enable": False}, **held}
    del asked["passcode"]
    if not asked["join_before_host"]:
        del asked["jbh_time"]
    by_hand = held["approval_type"] == PEOPLE_WAIT_FOR_APPROVAL
    asked["approval_type"] = (
        (PEOPLE_WAIT_FOR_APPROVAL if by_hand else PEOPLE_REGISTER) if registration else NO_REGISTRATION
    )
    return asked


def differing(asked: Settings, shown: Settings) -> dict[str, Any]:
    """Return the settings of `asked` that Zoom shows otherwise."""
    return {name: value for name, value in asked.items() if not is_same(name, value, shown.get(name))}


def worth_sending(asked: Settings) -> dict[str, Any]:
    """Return the settings for a new meeting, without those that say there is nothing."""
    return {name: value for name, value in asked.items() if WHEN_MISSING.get(name) != value}


def is_same(name: str, asked: Any, shown: Any) -> bool:
    """Whether Zoom shows a setting as it was asked for, however it writes it."""
    if shown is None:
        shown = WHEN_MISSING.get(name)
    if name == "alternative_hosts":
        return _people(asked) == _people(shown)
    if name == "breakout_room":
        return _rooms(asked) == _rooms(shown)
    if isinstance(asked, Mapping) and isinstance(shown, Mapping):
        return all(shown.get(key) == value for key, value in asked.items())
    return bool(asked == shown)


def _people(text: Any) -> set[str]:
    return {part.strip().lower() for part in str(text or "").replace(",", ";").split(";") if part.strip()}


def _rooms(value: Any) -> list[tuple[str, set[str]]]:
    """Return each room with who is in it; none where rooms are off."""
    if not isinstance(value, Mapping) or not value.get("enable"):
        return []
    rooms = [("", set()), *((str(room.get("name")), room) for room in value.get("rooms") or [])]
    return [
        (name, {str(email).lower() for email in room.get("participants") or []} if isinstance(room, Mapping) else set())
        for name, room in rooms
    ]
