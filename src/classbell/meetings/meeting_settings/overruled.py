"""
What Zoom keeps otherwise than it was asked.

A setting that the account, or its host's group there, has locked, or does not offer, stays as it is without a word whenever
a meeting is written. That is noted once: what was asked, what Zoom shows instead, and how the account had it then. While all
of that is so, the setting is not asked for again. Pure.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from classbell.meetings.meeting_settings.catalogue import ALWAYS, SETTINGS, Settings, differing

# Where the account's locks cannot be read, or it is a group of Zoom's that has one, nobody can see it being lifted.
ASK_AGAIN_AFTER: Final = timedelta(days=7)

Notes = Mapping[str, Mapping[str, Any]]
# What the account has for a setting, and whether it is locked, by setting; None where that may not be read.
Locks = Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Overruled:
    """One setting that Zoom keeps; values are None where they are not kept here, such as addresses."""

    name: str
    asked: Any
    kept: Any
    is_locked: bool


def settled(notes: Notes, asked: Settings, shown: Settings, *, locks: Locks, now: datetime) -> set[str]:
    """Return the settings that need not be asked for again: all is as it was when Zoom did not take them."""
    fresh = _notes(asked, shown, locks=locks, now=now)
    return {name for name, note in fresh.items() if name in notes and _holds(notes[name], note, locks, now)}


def noted(notes: Notes, asked: Settings, shown: Settings, *, locks: Locks, now: datetime) -> dict[str, Any]:
    """Return the notes after Zoom was asked and looked at again; those that hold stay as they were."""
    fresh = _notes(asked, shown, locks=locks, now=now)
    return {
        name: dict(notes[name]) if name in notes and _holds(notes[name], note, locks, now) else note
        for name, note in fresh.items()
    }


def overruled_in(notes: Notes) -> list[Overruled]:
    """Return what notes say, in the order in which people see settings."""
    names = sorted(notes, key=lambda name: (list(SETTINGS).index(name) if name in SETTINGS else len(SETTINGS), name))
    return [
        Overruled(
            name=name,
            asked=notes[name].get("asked"),
            kept=notes[name].get("kept"),
            is_locked=bool((notes[name].get("account") or {}).get("locked")),
        )
        for name in names
        if name not in ALWAYS
    ]


def _notes(asked: Settings, shown: Settings, *, locks: Locks, now: datetime) -> dict[str, dict[str, Any]]:
    return {
        name: {
            **_values(name, value, shown.get(name)),
            "account": (locks or {}).get(name),
            "at": now.isoformat(),
        }
        for name, value in differing(asked, shown).items()
    }


def _values(name: str, asked: Any, kept: Any) -> dict[str, Any]:
    """Return the two values where they are on a list; of others, which may be about people, only that they are these."""
    is_listed = name in SETTINGS and bool(SETTINGS[name].choices)
    if is_listed or all(one is None or isinstance(one, bool | int) for one in (asked, kept)):
        return {"asked": asked, "kept": kept}
    told = json.dumps([asked, kept], sort_keys=True, default=str)
    return {"digest": hashlib.sha256(told.encode()).hexdigest()}


def _holds(note: Mapping[str, Any], fresh: Mapping[str, Any], locks: Locks, now: datetime) -> bool:
    if any(note.get(key) != fresh.get(key) for key in ("asked", "kept", "digest", "account")):
        return False
    is_the_accounts = locks is not None and _explains(note.get("account"), note.get("kept"))
    return is_the_accounts or now < datetime.fromisoformat(note["at"]) + ASK_AGAIN_AFTER


def _explains(account: Mapping[str, Any] | None, kept: Any) -> bool:
    """Whether what the account has is why Zoom keeps a setting; else a group there may have locked it, unseen by us."""
    return account is not None and bool(account["locked"] or account["value"] == kept)
