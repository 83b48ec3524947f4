"""
The file that lets a simulator go on after it was stopped, or killed.

Every change is one line, handed to the operating system before the call that made it is answered, so a killed process
loses nothing. At each start, and when it has grown well beyond what it describes, the file is written anew with one line
per thing and put in place of the old one in one step.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import TypeAdapter

from zoomsim.protocol.wire import compact
from zoomsim.state.models import Grant, Meeting, Recording, Registrant, Run, Summary, User

Entity = User | Grant | Meeting | Registrant | Run | Recording | Summary

KINDS: dict[str, TypeAdapter[Any]] = {
    "user": TypeAdapter(User),
    "grant": TypeAdapter(Grant),
    "meeting": TypeAdapter(Meeting),
    "registrant": TypeAdapter(Registrant),
    "run": TypeAdapter(Run),
    "recording": TypeAdapter(Recording),
    "summary": TypeAdapter(Summary),
}
COMPACT_WHEN_LINES_EXCEED = 20_000
"""Below this the file is never rewritten while running."""


class NoState(Exception):
    """The file is something else's, and would be lost if it were written; the text says what to do."""


class Journal:
    """Lines `{"kind", "key", "value"}`; the last line of a key counts. Without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._file: BinaryIO | None = None
        self._lines = 0
        self._latest: dict[tuple[str, str], Entity] = {}
        self._notes: dict[str, object] = {}

    def read(self) -> Iterator[Entity]:
        """
        Yield what the file holds, then open it for writing; a torn last line is left out. Raises OSError, and NoState for a
        file that is none of ours.
        """
        if self.path is None:
            return
        rows: dict[tuple[str, str], Any] = {}
        if self.path.exists():
            lines = self.path.read_bytes().splitlines()
            if lines and not _is_ours(lines[0]):
                raise NoState("it holds something else; name a file that is not there yet, or delete it")
            for line in lines:
                _apply(line, rows)
        for (kind, key), value in rows.items():
            if kind == "note":
                self._notes[key] = value
            else:
                entity = KINDS[kind].validate_python(value)
                self._latest[kind, key] = entity
                yield entity
        self._rewrite()

    def note(self, name: str) -> object:
        """Return a small value kept under a name, or None."""
        return self._notes.get(name)

    def write_note(self, name: str, value: object) -> None:
        """Keep a small value, such as where webhooks go."""
        self._notes[name] = value
        if self.path is not None:
            self._append("note", name, value)

    def write(self, kind: str, key: str, entity: Entity) -> None:
        """Keep an entity as it is now."""
        if self.path is not None:
            self._latest[kind, key] = entity
            self._append(kind, key, KINDS[kind].dump_python(entity, mode="json"))

    def erase(self, kind: str, key: str) -> None:
        """Keep that an entity is gone."""
        if self.path is not None:
            self._latest.pop((kind, key), None)
            self._append(kind, key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._latest.clear()
        self._notes.clear()
        if self.path is not None:
            self._rewrite()

    def close(self) -> None:
        """Stop writing."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, kind: str, key: str, value: object) -> None:
        if self._file is None:
            return
        self._file.write(_line(kind, key, value))
        self._lines += 1
        if self._lines > max(COMPACT_WHEN_LINES_EXCEED, 4 * len(self._latest)):
            self._rewrite()

    def _rewrite(self) -> None:
        if self.path is None:
            return
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(self.path.name + ".new")
        with fresh.open("wb") as file:
            for name, value in self._notes.items():
                file.write(_line("note", name, value))
            for (kind, key), entity in self._latest.items():
                file.write(_line(kind, key, KINDS[kind].dump_python(entity, mode="json")))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        self._lines = len(self._latest) + len(self._notes)
        # Unbuffered: what is written is the operating system's at once and outlives this process.
        self._file = self.path.open("ab", buffering=0)


def _line(kind: str, key: str, value: object) -> bytes:
    return compact({"kind": kind, "key": key, "value": value}).encode() + b"\n"


def _is_ours(line: bytes) -> bool:
    try:
        row = json.loads(line)
    except ValueError:
        return False
    return isinstance(row, dict) and row.keys() == {"kind", "key", "value"}


def _apply(line: bytes, rows: dict[tuple[str, str], Any]) -> None:
    try:
        row = json.loads(line)
    except ValueError:
        return
    if row["value"] is None:
        rows.pop((row["kind"], row["key"]), None)
    else:
        rows[row["kind"], row["key"]] = row["value"]
