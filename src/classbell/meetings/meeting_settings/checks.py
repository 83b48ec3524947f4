"""
Whether settings can be asked for. What is unknown, or what Zoom would quietly leave out, is refused with the setting's name
and what to do; what somebody wrote is brought into the form in which it is kept.
"""

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.addresses import email_key
from classbell.errors import DomainError
from classbell.meetings.meeting_settings.catalogue import (
    NO_REGISTRATION,
    NO_ROOMS,
    OTHERS,
    PEOPLE_WAIT_FOR_APPROVAL,
    SETTINGS,
    PasscodeRule,
    Settings,
)
from classbell.text import one_line

MOST_ROOMS: Final = 50
MOST_PEOPLE_IN_ROOMS: Final = 200
LONGEST_ROOM: Final = 32
MOST_CO_HOSTS: Final = 20
TYPES: Final[Mapping[type, Callable[[], str]]] = {
    bool: lambda: _("must be true or false"),
    int: lambda: _("must be a whole number"),
    str: lambda: _("must be text"),
    list: lambda: _("must be a list"),
    dict: lambda: _("must be an object"),
}


class SettingsRefused(DomainError):
    """Settings that do not exist, or that cannot be together; `details` name each, with what to do."""

    code = "invalid_input"

    def __init__(self, refused: Mapping[str, str]) -> None:
        self.refused = dict(refused)
        details = [{"field": f"settings.{name}", "message": message} for name, message in refused.items()]
        super().__init__(" ".join(f"{one['field']}: {one['message']}." for one in details), details=details)


def checked(
    values: Settings, *, inherited: Settings, own: Settings | None = None, registration: bool | None = None
) -> dict[str, Any]:
    """
    Return settings to change as they are kept: what is named is set, or with None left to be inherited again.

    `inherited` is what holds at this level if nothing is asked for; `own` what was asked for before; `registration` whether
    the meeting registers people, None above a meeting. Raises SettingsRefused.
    """
    refused: dict[str, str] = {}
    kept: dict[str, Any] = {}
    for name, value in values.items():
        try:
            # That nobody registers is no setting: it is what `registration` says.
            is_left = value is None or (name == "approval_type" and value == NO_REGISTRATION and not registration)
            kept[name] = None if is_left else _read(name, value)
        except ValidationError as error:
            refused[name] = error.messages[0]
    if not refused:
        asked = {name: value for name, value in {**(own or {}), **kept}.items() if value is not None}
        refused = _impossible({**inherited, **asked}, asked, kept.keys(), registration)
    if refused:
        raise SettingsRefused(refused)
    return kept


def co_hosts(text: str) -> list[str]:
    """Return the addresses in Zoom's list of alternative hosts."""
    return [part.strip() for part in text.replace(",", ";").split(";") if part.strip()]


def _impossible(held: Settings, asked: Settings, named: Collection[str], registration: bool | None) -> dict[str, str]:
    """Return what cannot be together, by the setting that was named just now."""
    refused = {}
    if held["waiting_room"] and asked.get("join_before_host") and {"waiting_room", "join_before_host"} & set(named):
        # Zoom would turn it off without a word.
        name = "join_before_host" if "join_before_host" in named else "waiting_room"
        refused[name] = _("nobody comes in before the teacher where there is a waiting room: switch one of the two off")
    if "passcode" in named and held["passcode"] == PasscodeRule.NONE:
        is_guarded = held["waiting_room"] or held["meeting_authentication"]
        if not is_guarded:
            refused["passcode"] = _(
                "Zoom wants a passcode, a waiting room or people who are signed in: switch one of these on first"
            )
    if "approval_type" in named and registration is not None:
        wanted = asked.get("approval_type")
        if wanted == PEOPLE_WAIT_FOR_APPROVAL and not registration:
            refused["approval_type"] = _("nobody registers for this meeting: switch registration on as well")
        if wanted == NO_REGISTRATION and registration:
            refused["approval_type"] = _("people register for this meeting: switch registration off instead")
    return refused


def _read(name: str, value: Any) -> Any:
    """Return a value as it is kept. Raises ValidationError."""
    setting = SETTINGS.get(name)
    if setting is None:
        return _other(name, value)
    if name == "alternative_hosts":
        return _addresses(value)
    if name == "breakout_room":
        return _rooms(value)
    choices = list(setting.choices)
    if name == "approval_type":
        choices.append(NO_REGISTRATION)
    # By type too: True is 1, and neither is meant for the other.
    if not any(type(choice) is type(value) and choice == value for choice in choices):
        if all(isinstance(choice, bool) for choice in choices):
            raise ValidationError(TYPES[bool]())
        raise ValidationError(
            _("must be one of %(choices)s") % {"choices": ", ".join(str(choice) for choice in choices)}
        )
    return value


def _other(name: str, value: Any) -> Any:
    if name not in OTHERS:
        near = get_close_matches(name, [*SETTINGS, *OTHERS], n=1)
        if near:
            raise ValidationError(_("there is no such setting; do you mean %(name)s?") % {"name": near[0]})
        raise ValidationError(
            _("there is no such setting; those there are: %(names)s") % {"names": ", ".join(SETTINGS)}
        )
    kind = OTHERS[name]
    if type(value) is not kind:
        raise ValidationError(TYPES[kind]())
    if name == "use_pmi" and value:
        raise ValidationError(_("many meetings would share one link: leave it out, or say false"))
    if name == "registration_type" and value != 1:
        raise ValidationError(_("people register once for all sessions: leave it out, or say 1"))
    if name == "language_interpretation" and value != {"enable": False}:
        raise ValidationError(_("interpretation is not offered: leave it out"))
    return value


def _addresses(value: Any) -> str:
    """Return co-hosts as Zoom lists them; a list of addresses will do too."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = ";".join(value)
    if not isinstance(value, str):
        raise ValidationError(_("must be e-mail addresses with semicolons between them"))
    found = list(dict.fromkeys(one.lower() for one in co_hosts(value)))
    if len(found) > MOST_CO_HOSTS:
        raise ValidationError(_("can be at most %(most)s people") % {"most": MOST_CO_HOSTS})
    for address in found:
        try:
            validate_email(address)
        except ValidationError:
            raise ValidationError(_("%(text)s is no e-mail address") % {"text": address}) from None
    return ";".join(found)


def _rooms(value: Any) -> dict[str, Any]:
    """
    Return rooms with the ids of who is in them. Zoom's `participants` are addresses, here of people with an account.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("enable"), bool):
        raise ValidationError(_("must be an object such as {“enable”: true, “rooms”: […]}"))
    if not value["enable"]:
        return dict(NO_ROOMS)
    raw = value.get("rooms") or []
    if not isinstance(raw, list) or len(raw) > MOST_ROOMS or not all(isinstance(room, Mapping) for room in raw):
        raise ValidationError(
            _("can have at most %(most)s rooms, each with a name and participants") % {"most": MOST_ROOMS}
        )
    names = [one_line(room["name"])[:LONGEST_ROOM] if isinstance(room.get("name"), str) else "" for room in raw]
    if not all(names) or len(set(names)) < len(names):
        raise ValidationError(_("needs a name for each room, and no name twice"))
    people = [_people_of(room) for room in raw]
    everybody = [one for some in people for one in some]
    if len(everybody) > MOST_PEOPLE_IN_ROOMS:
        raise ValidationError(_("can be at most %(most)s people") % {"most": MOST_PEOPLE_IN_ROOMS})
    if len(set(everybody)) < len(everybody):
        raise ValidationError(_("has somebody in two rooms: leave each person in one"))
    ids = _ids_of(everybody)
    rooms = [{"name": name, "people": [ids[one] for one in some]} for name, some in zip(names, people, strict=True)]
    return {"enable": True, "rooms": rooms}


def _people_of(room: Mapping[str, Any]) -> list[str]:
    found = room.get("participants") or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValidationError(_("must be e-mail addresses of people with an account here"))
    return [email_key(one) for one in found]


def _ids_of(emails: Collection[str]) -> dict[str, str]:
    """Return whose each address is. Raises ValidationError for the first that is nobody's."""
    found = {email: str(user.pk) for email, user in User.objects.by_email(emails).items()} if emails else {}
    for email in emails:
        if email not in found:
            raise ValidationError(_("%(text)s is nobody with an account here") % {"text": email})
    return found
