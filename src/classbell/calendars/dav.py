"""
CalDAV (RFC 4791), as much of it as is asked here: find calendars, look whether one changed, read it, put and delete entries.

The requests are our own because they must go by `outgoing`, which knows where may be gone to; libraries bring a way out of
their own.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from classbell.calendars.sources import MOST_REDIRECTS, MOVED, ask_calendar, followed
from classbell.calendars.troubles import CalendarTrouble, Trouble, of_status
from classbell.outgoing.fetching import Answer

MULTI_STATUS: Final = 207
# Answers to a precondition that does not hold, and to a UID that another entry has.
PRECONDITION: Final = 412
CONFLICTS: Final = frozenset({403, 409})
DAV: Final = "{DAV:}"
CAL: Final = "{urn:ietf:params:xml:ns:caldav}"
CS: Final = "{http://calendarserver.org/ns/}"
NAMESPACES: Final = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/"'
WHAT_IT_IS: Final = (
    "<d:resourcetype/><d:displayname/><d:current-user-principal/><c:calendar-home-set/>"
    "<c:supported-calendar-component-set/>"
)
STATE: Final = "<cs:getctag/><d:sync-token/>"
WELL_KNOWN: Final = "/.well-known/caldav"


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """Who asks: a name and a password, as the calendar's server knows them."""

    name: str
    password: str = field(repr=False)

    def header(self) -> dict[str, str]:
        """Return the header that says it; none without a name."""
        if not self.name:
            return {}
        said = base64.b64encode(f"{self.name}:{self.password}".encode()).decode()
        return {"authorization": f"Basic {said}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """A calendar on a server."""

    url: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """An entry on a server: where it is, how its state is named there, and what it says."""

    url: str
    etag: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What became of an entry that was put: `is_there_as_another` for one whose UID another entry has."""

    etag: str = ""
    is_there_as_another: bool = False


def find_collections(url: str, login: Login) -> list[Collection]:
    """
    Return the calendars at an address: itself if it is one, else those of whoever signs in. Raises CalendarTrouble, also when
    there are none.
    """
    there, found = _what_is_at(url, login)
    if _is_calendar(found):
        return [Collection(url=there, name=_text(found, f"{DAV}displayname"))]
    home = _home_of(there, found, login)
    if home is None and urlsplit(there).path in {"", "/"}:
        there, found = _what_is_at(urljoin(there, WELL_KNOWN), login)
        home = _home_of(there, found, login)
    if home is None:
        raise CalendarTrouble(Trouble.NO_COLLECTION)
    calendars = [
        Collection(url=where, name=_text(props, f"{DAV}displayname"))
        for where, props in _propfind(home, WHAT_IT_IS, login, depth=1)[1]
        if _is_calendar(props)
    ]
    if not calendars:
        raise CalendarTrouble(Trouble.NO_COLLECTION)
    return calendars


def state_of(url: str, login: Login) -> str:
    """Return how a calendar's server names its present state, "" where it names none. Raises CalendarTrouble."""
    _there, found = _propfind(url, STATE, login, depth=0)
    props = found[0][1] if found else None
    return "" if props is None else _text(props, f"{CS}getctag") or _text(props, f"{DAV}sync-token")


def read_entries(url: str, login: Login, *, starts_at: datetime, ends_at: datetime) -> list[Resource]:
    """Return the entries of a calendar that take place within a span, series whole. Raises CalendarTrouble."""
    span = f'<c:time-range start="{_moment(starts_at)}" end="{_moment(ends_at)}"/>'
    return _query(url, f'<c:comp-filter name="VEVENT">{span}</c:comp-filter>', login)


def find_entry(url: str, login: Login, *, uid: str) -> Resource | None:
    """Return the entry of a calendar that has this UID, if there is one. Raises CalendarTrouble."""
    match = f'<c:prop-filter name="UID"><c:text-match collation="i;octet">{escape(uid)}</c:text-match></c:prop-filter>'
    return next(iter(_query(url, f'<c:comp-filter name="VEVENT">{match}</c:comp-filter>', login)), None)


def put_entry(url: str, login: Login, content: bytes, *, etag: str) -> Written:
    """
    Write an entry at its address: over the state `etag`, or as a new one for "". What somebody else made of it meanwhile is
    written over. Raises CalendarTrouble.
    """
    condition = {"if-match": etag} if etag else {"if-none-match": "*"}
    headers = login.header() | {"content-type": "text/calendar; charset=utf-8"}
    answer = ask_calendar("PUT", url, headers=headers | condition, body=content)
    if answer.status == PRECONDITION:
        answer = ask_calendar("PUT", url, headers=headers, body=content)
    if answer.status in CONFLICTS:
        return Written(is_there_as_another=True)
    _refuse_writing(answer)
    return Written(etag=answer.headers.get("etag", ""))


def delete_entry(url: str, login: Login) -> None:
    """Delete an entry, whatever became of it. One that is gone is deleted. Raises CalendarTrouble."""
    answer = ask_calendar("DELETE", url, headers=login.header())
    if answer.status not in {404, 410}:
        _refuse_writing(answer)


def _refuse_writing(answer: Answer) -> None:
    if answer.status in {403, 405, 415, 501}:
        raise CalendarTrouble(Trouble.NOT_WRITABLE)
    if not 200 <= answer.status < 300:
        raise of_status(answer.status)


def _what_is_at(url: str, login: Login) -> tuple[str, ET.Element]:
    there, found = _propfind(url, WHAT_IT_IS, login, depth=0)
    if not found:
        raise CalendarTrouble(Trouble.NO_COLLECTION)
    return there, found[0][1]


def _home_of(there: str, found: ET.Element, login: Login) -> str | None:
    """Return where the calendars of whoever signs in are, if the server says it."""
    home = _href(found, f"{CAL}calendar-home-set")
    if home is not None:
        return followed(there, home)
    principal = _href(found, f"{DAV}current-user-principal")
    if principal is None:
        return None
    there, of_person = _what_is_at(followed(there, principal), login)
    home = _href(of_person, f"{CAL}calendar-home-set")
    return followed(there, home) if home is not None else None


def _propfind(url: str, props: str, login: Login, *, depth: int) -> tuple[str, list[tuple[str, ET.Element]]]:
    """Return where was asked in the end, and of each thing there its address and what was asked of it."""
    body = f'<?xml version="1.0" encoding="utf-8"?><d:propfind {NAMESPACES}><d:prop>{props}</d:prop></d:propfind>'
    for _turn in range(MOST_REDIRECTS + 1):
        answer = ask_calendar("PROPFIND", url, headers=_xml(login, depth), body=body.encode())
        if answer.status not in MOVED or "location" not in answer.headers:
            return url, [(where, props) for where, props in _things(url, answer) if props is not None]
        url = followed(url, answer.headers["location"])
    raise CalendarTrouble(Trouble.REDIRECTS)


def _query(url: str, inside: str, login: Login) -> list[Resource]:
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><c:calendar-query {NAMESPACES}>'
        "<d:prop><d:getetag/><c:calendar-data/></d:prop>"
        f'<c:filter><c:comp-filter name="VCALENDAR">{inside}</c:comp-filter></c:filter></c:calendar-query>'
    )
    answer = ask_calendar("REPORT", url, headers=_xml(login, 1), body=body.encode())
    return [
        Resource(url=where, etag=_text(props, f"{DAV}getetag"), content=content.encode())
        for where, props in _things(url, answer)
        # What lies elsewhere is another's, whatever the server says.
        if _lies_in(where, url) and (content := _text(props, f"{CAL}calendar-data"))
    ]


def _xml(login: Login, depth: int) -> dict[str, str]:
    return login.header() | {"content-type": "application/xml; charset=utf-8", "depth": str(depth)}


def _things(url: str, answer: Answer) -> Iterator[tuple[str, ET.Element]]:
    """Yield of each thing in a server's answer its address and the properties that were found. Raises CalendarTrouble."""
    if answer.status in {200, 204, 405, 501}:
        raise CalendarTrouble(Trouble.NO_COLLECTION)
    if answer.status != MULTI_STATUS:
        raise of_status(answer.status)
    # No answer of CalDAV has a document type; with one, a few lines could be made to become gigabytes.
    if b"<!DOCTYPE" in answer.content[:1000].upper() or b"<!ENTITY" in answer.content.upper():
        raise CalendarTrouble(Trouble.NO_COLLECTION)
    try:
        root = ET.fromstring(answer.content)  # noqa: S314 -- what makes XML dangerous was refused
    except ET.ParseError as error:
        raise CalendarTrouble(Trouble.NO_COLLECTION) from error
    for thing in root.iter(f"{DAV}response"):
        href = thing.findtext(f"{DAV}href") or ""
        for part in thing.iter(f"{DAV}propstat"):
            props = part.find(f"{DAV}prop")
            if " 200" in (part.findtext(f"{DAV}status") or "") and props is not None:
                yield urljoin(url, href.strip()), props


def _lies_in(where: str, url: str) -> bool:
    inside, outside = urlsplit(where), urlsplit(url)
    return inside.netloc == outside.netloc and unquote(inside.path).startswith(unquote(outside.path).rstrip("/") + "/")


def _is_calendar(props: ET.Element) -> bool:
    if props.find(f"{DAV}resourcetype/{CAL}calendar") is None:
        return False
    kinds = [one.get("name", "") for one in props.iter(f"{CAL}comp")]
    return not kinds or "VEVENT" in kinds


def _href(props: ET.Element, name: str) -> str | None:
    found = props.findtext(f"{name}/{DAV}href")
    return found.strip() if found and found.strip() else None


def _text(props: ET.Element, name: str) -> str:
    return (props.findtext(name) or "").strip()


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
