"""A calendar that is read by CalDAV: one small question while it stays the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from classbell.calendars import dav
from classbell.calendars.ics import Wanted, busy_times_of, said_by
from classbell.calendars.ours import id_of
from classbell.calendars.sources import EntryState, Found
from classbell.calendars.writing import entry_digest


@dataclass(frozen=True, kw_only=True, slots=True)
class CalDavSource:
    """A calendar on a server, at the address of its collection."""

    url: str
    login: dav.Login

    def read(self, wanted: Wanted, *, known: str) -> Found | None:
        """As the protocol says; states are known by their ctag or, without one, by their sync-token."""
        version = dav.state_of(self.url, self.login)[:500]
        if known and version == known:
            return None
        entries = dav.read_entries(self.url, self.login, starts_at=wanted.starts_at, ends_at=wanted.ends_at)
        busy = busy_times_of([one.content for one in entries], wanted)
        return Found(periods=busy.periods, remark=busy.remark, version=version, entry_states=_entry_states(entries))


def _entry_states(entries: Sequence[dav.Resource]) -> Mapping[UUID, EntryState]:
    """Return which entries are sessions of Classbell, by their UID, and how they stand there."""
    found = {}
    for one in entries:
        said = said_by(one.content) if b"@classbell" in one.content else None
        session_id = id_of(said.uid) if said else None
        if said is not None and session_id is not None:
            digest = entry_digest(said.starts_at, said.ends_at, said.title)
            found[session_id] = EntryState(url=one.url, etag=one.etag, digest=digest)
    return found
