"""The settings of Zoom meetings as people type them: the school's, those of lessons, of a group, of one meeting."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bidi import isolated
from classbell.meetings.meeting_settings.catalogue import NO_ROOMS, SETTINGS, Setting, Settings
from classbell.meetings.meeting_settings.checks import SettingsRefused, co_hosts
from classbell.web.kit.forms.kept import KeptForm

INHERITED: Final = ""
# What is chosen where a value of one's own has more to it than a word.
OWN, OFF = "own", "off"
ROOMS_OFFERED: Final = 10
PEOPLE_IN_ROOMS: Final = 200
ROOM: Final = "room-"


class MeetingSettingsForm(KeptForm):
    """
    All settings at one level. `inherited` is what holds there if nothing is asked for and, by setting, who asked for it; None
    for the school, which inherits from nobody. `people` may be put into breakout rooms.
    """

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        own: Settings,
        inherited: Settings,
        inherited_from: Mapping[str, str] | None,
        people: Sequence[User] = (),
    ) -> None:
        self.own, self.inherited, self.people = own, inherited, people
        self._from = inherited_from
        self.has_rooms = inherited_from is not None
        super().__init__(data, initial=self._initial())
        for setting in SETTINGS.values():
            if setting.name == "breakout_room" and not self.has_rooms:
                continue
            if setting.choices:
                self.fields[setting.name] = forms.ChoiceField(
                    label=str(setting.label),
                    help_text=str(setting.help),
                    choices=self._choices(setting),
                    required=False,
                )
            elif setting.name == "alternative_hosts":
                self._add_co_hosts(setting)
            else:
                self._add_rooms(setting)

    @property
    def room_fields(self) -> list[forms.BoundField]:
        """Who is in which breakout room, a field a person."""
        return [self[name] for name in self.fields if name.startswith(ROOM)]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """All fields but those of who is in which room."""
        return [self[name] for name in self.fields if not name.startswith(ROOM)]

    def changes(self) -> dict[str, Any]:
        """Return what differs, as `checks.checked` takes it: None for what is to be inherited again. Only of a valid form."""
        data, changed = self.cleaned_data, set(self.changed_data)
        found: dict[str, Any] = {
            name: _value(setting, data[name])
            for name, setting in SETTINGS.items()
            if setting.choices and name in changed
        }
        if changed & {"alternative_hosts", "co_hosts"}:
            is_own = self._from is None or data["alternative_hosts"] == OWN
            found["alternative_hosts"] = ";".join(co_hosts(data["co_hosts"])) if is_own else None
        if any(name == "breakout_room" or name.startswith(ROOM) for name in changed):
            found["breakout_room"] = self._rooms_typed()
        return found

    def refuse(self, error: SettingsRefused) -> None:
        """Say beside each field what is wrong with it."""
        for name, message in error.refused.items():
            is_text = name == "alternative_hosts"
            self.add_error("co_hosts" if is_text else name if name in self.fields else None, f"{capfirst(message)}.")

    def _initial(self) -> dict[str, Any]:
        shown = self.own if self._from is not None else {**self.inherited, **self.own}
        found = {name: _typed(shown[name]) for name, setting in SETTINGS.items() if setting.choices and name in shown}
        hosts = shown.get("alternative_hosts")
        found |= {
            "alternative_hosts": INHERITED if hosts is None else OWN,
            "co_hosts": (hosts or "").replace(";", ", "),
        }
        rooms = shown.get("breakout_room")
        if rooms is not None:
            found["breakout_room"] = OWN if rooms.get("enable") else OFF
            found |= {
                f"{ROOM}{person}": room["name"] for room in rooms.get("rooms", []) for person in room.get("people", [])
            }
        return found

    def _choices(self, setting: Setting) -> list[tuple[str, str | Promise]]:
        own = [(_typed(value), word) for value, word in setting.choices.items()]
        return own if self._from is None else [(INHERITED, self._inherited_in_words(setting)), *own]

    def _inherited_in_words(self, setting: Setting) -> str:
        value = isolated(setting.in_words(self.inherited[setting.name]))
        whose = (self._from or {}).get(setting.name) or _("As the school has it")
        return f"{whose}: {value}"

    def _add_co_hosts(self, setting: Setting) -> None:
        if self._from is not None:
            choices = [(INHERITED, self._inherited_in_words(setting)), (OWN, _("Those named here"))]
            self.fields["alternative_hosts"] = forms.ChoiceField(
                label=str(setting.label), choices=choices, required=False
            )
        self.fields["co_hosts"] = forms.CharField(
            label=str(setting.label) if self._from is None else _("Their e-mail addresses"),
            help_text=str(setting.help),
            required=False,
            max_length=2000,
            widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "off", "spellcheck": "false"}),
        )

    def _add_rooms(self, setting: Setting) -> None:
        choices = [
            (INHERITED, self._inherited_in_words(setting)),
            (OWN, _("As chosen below")),
            (OFF, setting.in_words(NO_ROOMS)),
        ]
        self.fields[setting.name] = forms.ChoiceField(
            label=str(setting.label), help_text=str(setting.help), choices=choices, required=False
        )
        rooms = self.own.get("breakout_room") or {}
        names = [room["name"] for room in rooms.get("rooms", [])]
        names += [
            name
            for number in range(1, ROOMS_OFFERED + 1)
            if (name := _("Room %(number)d") % {"number": number}) not in names
        ]
        for person in self.people[:PEOPLE_IN_ROOMS]:
            self.fields[f"{ROOM}{person.pk}"] = forms.ChoiceField(
                label=person.name, choices=[("", _("None")), *((name, name) for name in names)], required=False
            )

    def _rooms_typed(self) -> dict[str, Any] | None:
        chosen = self.cleaned_data["breakout_room"]
        if chosen != OWN:
            return None if chosen == INHERITED else dict(NO_ROOMS)
        rooms: dict[str, list[str]] = {
            room["name"]: [] for room in (self.own.get("breakout_room") or {}).get("rooms", [])
        }
        by_id = {person.pk: person for person in self.people}
        for field in self.room_fields:
            if name := self.cleaned_data[field.name]:
                rooms.setdefault(name, []).append(by_id[UUID(field.name.removeprefix(ROOM))].email)
        named = [{"name": name, "participants": people} for name, people in rooms.items() if people]
        return {"enable": True, "rooms": named}


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(setting: Setting, typed: str) -> Any:
    """Return what was chosen as it is kept, None for what is inherited."""
    return next((value for value in setting.choices if _typed(value) == typed), None)
