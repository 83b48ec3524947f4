"""Where calendars are read, whichever way: each source answers the same question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urljoin
from uuid import UUID

from classbell.calendars.ics import Wanted, busy_times
from classbell.calendars.troubles import CalendarTrouble, Trouble, of_connection, of_status
from classbell.meetings.periods import Interval
from classbell.outgoing.addresses import BadUrl, Rules, checked_url
from classbell.outgoing.fetching import Answer, NotFetched, TooLong, ask

MOST_BYTES: Final = 10_000_000
# A year of somebody's calendar, from a slow server.
WITHIN_SECONDS: Final = 15.0
MOST_REDIRECTS: Final = 3
WEBCAL: Final = ("webcal://", "webcals://")
MOVED: Final = frozenset({301, 302, 303, 307, 308})
UNCHANGED: Final = 304


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryState:
    """How a session of ours stands in a calendar: where, by which name of its state, and what it says (`entry_digest`)."""

    url: str
    etag: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """
    What a calendar says now, by which name the other side knows this state ("" where it names none), and how sessions of ours
    stand in it.
    """

    periods: Sequence[Interval] = field(default_factory=list)
    version: str = ""
    remark: str = ""
    entry_states: Mapping[UUID, EntryState] = field(default_factory=dict)


class Source(Protocol):
    """One calendar, by whatever it is read."""

    def read(self, wanted: Wanted, *, known: str) -> Found | None:
        """
        Return when its owner is busy; None when it is as it was at the state `known`, which costs one request. With "" for
        `known` it is read in any case. Raises CalendarTrouble.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class IcsSource:
    """A calendar at an address that gives all of it."""

    url: str

    def read(self, wanted: Wanted, *, known: str) -> Found | None:
        """As the protocol says; states are known by their ETag or, without one, by when they were changed last."""
        answer = self._get(known)
        if answer.status == UNCHANGED:
            return None
        if answer.status != 200:
            raise of_status(answer.status)
        found = busy_times(answer.content, wanted)
        version = answer.headers.get("etag") or answer.headers.get("last-modified", "")
        return Found(periods=found.periods, remark=found.remark, version=version[:500])

    def _get(self, known: str) -> Answer:
        headers = {"accept": "text/calendar, */*;q=0.1"}
        if known:
            headers["if-none-match" if known.startswith(('"', "W/")) else "if-modified-since"] = known
        url = self.url
        for _turn in range(MOST_REDIRECTS + 1):
            answer = ask_calendar("GET", url, headers=headers)
            if answer.status not in MOVED or "location" not in answer.headers:
                return answer
            url = followed(url, answer.headers["location"])
        raise CalendarTrouble(Trouble.REDIRECTS)


def ask_calendar(method: str, url: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
    """Ask a calendar's server, whatever status it answers. Raises CalendarTrouble."""
    try:
        return ask(
            method,
            url,
            headers=headers,
            body=body,
            rules=Rules.of_settings(),
            most_bytes=MOST_BYTES,
            within=WITHIN_SECONDS,
        )
    except TooLong as error:
        raise CalendarTrouble(Trouble.TOO_LARGE) from error
    except NotFetched as error:
        raise of_connection(error) from error


def followed(url: str, location: str) -> str:
    """Return where an answer leads on to, by the same rules as any address. Raises CalendarTrouble."""
    try:
        return checked_url(urljoin(url, location), Rules.of_settings())
    except BadUrl as error:
        raise CalendarTrouble(Trouble.REDIRECTS) from error


def as_https(text: str) -> str:
    """Return an address as it is asked: calendars like to be called webcal://, which is https."""
    url = text.strip()
    for scheme in WEBCAL:
        if url.lower().startswith(scheme):
            return f"https://{url[len(scheme) :]}"
    return url
