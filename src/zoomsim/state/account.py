"""
The settings of the whole account, and which of them its admins have locked.

A locked setting wins over what anybody sends for a meeting, and breakout rooms exist only where the account has them; both
without a word. What is sent is otherwise kept, so a lock that is lifted changes nothing until somebody writes again.
"""

from collections.abc import Mapping
from typing import Any

from zoomsim.protocol.errors import ZoomError
from zoomsim.protocol.validation import Reader, as_boolean
from zoomsim.protocol.wire import Json
from zoomsim.state.journal import Journal
from zoomsim.state.models import Settings

NOTE = "account_settings"
PLACES: Mapping[str, tuple[str, str]] = {
    "host_video": ("schedule_meeting", "host_video"),
    "participant_video": ("schedule_meeting", "participant_video"),
    "join_before_host": ("schedule_meeting", "join_before_host"),
    "mute_upon_entry": ("schedule_meeting", "mute_upon_entry"),
    "meeting_authentication": ("schedule_meeting", "meeting_authentication"),
    "waiting_room": ("in_meeting", "waiting_room"),
    "breakout_room": ("in_meeting", "breakout_room"),
    "auto_recording": ("recording", "auto_recording"),
}
"""A meeting's setting, and where the account's settings have it."""
DEFAULTS: Mapping[str, Any] = {
    "host_video": True,
    "participant_video": False,
    "join_before_host": False,
    "mute_upon_entry": False,
    "meeting_authentication": False,
    "waiting_room": False,
    "breakout_room": True,
    "auto_recording": "none",
}
RECORDINGS = ("local", "cloud", "none")


class AccountSettings:
    """What the account has set and locked, by the names that meetings give them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._values: dict[str, Any] = {}
        self._locked: set[str] = set()

    def load(self) -> None:
        """Read back what the journal holds."""
        kept = self._journal.note(NOTE)
        if isinstance(kept, dict):
            self._values, self._locked = dict(kept["values"]), set(kept["locked"])

    def forget(self) -> None:
        """Nothing is set or locked."""
        self._values, self._locked = {}, set()

    def value(self, name: str) -> Any:
        """Return what the account has for a setting."""
        return self._values.get(name, DEFAULTS[name])

    def overrule(self, settings: Settings) -> Settings:
        """Return a meeting's settings as the account lets them be."""
        kept = dict(settings)
        for name in self._locked - {"breakout_room"}:
            kept[name] = self.value(name)
        if not self.value("breakout_room"):
            kept.pop("breakout_room", None)
        return kept

    def lock(self, wanted: Mapping[str, Any]) -> None:
        """Lock settings at these values; None unlocks. Raises ZoomError 400/300 for what no account locks, or not so."""
        reader = Reader(dict(wanted))
        for name in wanted.keys() - PLACES.keys():
            reader.refuse(name)
        values = _read(reader)
        reader.raise_errors()
        self._values |= values
        self._locked = (self._locked | values.keys()) - {name for name, value in wanted.items() if value is None}
        self._keep()

    def shown(self, user: bool = False) -> Json:
        """Return the values in their sections, by the names that the account's settings have, or a user's."""
        shown: Json = {}
        for name, (section, field) in PLACES.items():
            shown.setdefault(section, {})["participants_video" if user and field == "participant_video" else field] = (
                self.value(name)
            )
        return shown

    def locks(self) -> Json:
        """Return which are locked, in their sections."""
        shown: Json = {}
        for name, (section, field) in PLACES.items():
            shown.setdefault(section, {})[field] = name in self._locked
        return shown

    def change(self, body: Json) -> None:
        """Take over the account's settings that a body names. Raises ZoomError 400/300."""
        found: Json = {}
        errors = []
        for section in _sections(body):
            reader = Reader(body[section], f"{section}.")
            found |= _read(reader, section)
            errors += reader.errors
        _raise(errors)
        self._values |= found
        self._keep()

    def change_locks(self, body: Json) -> None:
        """Lock and unlock what a body names. Raises ZoomError 400/300."""
        locked, errors = set(self._locked), []
        for section in _sections(body):
            reader = Reader(body[section], f"{section}.")
            for name, (place, field) in PLACES.items():
                if place == section and reader.has(field):
                    (locked.add if reader.boolean(field) else locked.discard)(name)
            errors += reader.errors
        _raise(errors)
        self._locked = locked
        self._keep()

    def _keep(self) -> None:
        self._journal.write_note(NOTE, {"values": self._values, "locked": sorted(self._locked)})


def _sections(body: Json) -> list[str]:
    return [section for section in dict.fromkeys(place for place, _field in PLACES.values()) if body.get(section)]


def _read(reader: Reader, section: str = "") -> Json:
    """Return what is named, by the meetings' names: of one section, or all without sections."""
    found: Json = {}
    for name, (place, field) in PLACES.items():
        key = field if section else name
        if section not in {"", place} or not reader.has(key):
            continue
        if name == "auto_recording":
            found[name] = reader.choice(key, RECORDINGS)
        elif as_boolean(reader.raw[key]) is None:
            reader.refuse(key)
        else:
            found[name] = reader.boolean(key)
    return found


def _raise(errors: list[tuple[str, str]]) -> None:
    if errors:
        raise ZoomError(400, 300, "Validation Failed.", errors=errors)
