"""Calendars at Google and Microsoft, by what their APIs tell of busy times."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from classbell.calendars.ics import MOST_PERIODS, Wanted
from classbell.calendars.oauth import read_json
from classbell.calendars.sources import Found, ask_calendar
from classbell.calendars.troubles import CalendarTrouble, Remark, Trouble, of_status
from classbell.meetings.periods import Interval, union

GOOGLE: Final = {"free_busy": "https://www.googleapis.com/calendar/v3/freeBusy"}
MICROSOFT: Final = {"view": "https://graph.microsoft.com/v1.0/me/calendarView"}
# Google refuses longer spans.
AT_A_TIME: Final = timedelta(days=60)
A_PAGE: Final = 500
MOST_PAGES: Final = 40
FREE: Final = frozenset({"free", "workingElsewhere"})
# Nothing that says what an entry is about is asked for.
SELECTED: Final = "start,end,showAs,isCancelled,isAllDay,iCalUId,responseStatus"


@dataclass(frozen=True, kw_only=True, slots=True)
class GoogleSource:
    """The main calendar of somebody at Google: only when they are busy, not by how many entries or which."""

    token: str

    def read(self, wanted: Wanted, *, known: str) -> Found | None:
        """As the protocol says; Google names no state of this, so it is always read."""
        periods: list[Interval] = []
        start = wanted.starts_at
        while start < wanted.ends_at:
            end = min(start + AT_A_TIME, wanted.ends_at)
            periods += self._busy(start, end)
            start = end
        return _found(periods)

    def _busy(self, start: datetime, end: datetime) -> Iterator[Interval]:
        body = {"timeMin": start.isoformat(), "timeMax": end.isoformat(), "items": [{"id": "primary"}]}
        headers = _by(self.token) | {"content-type": "application/json"}
        answer = ask_calendar("POST", GOOGLE["free_busy"], headers=headers, body=json.dumps(body).encode())
        if answer.status != 200:
            raise of_status(answer.status)
        calendars = read_json(answer.content).get("calendars", {})
        mine = calendars.get("primary", {}) if isinstance(calendars, dict) else {}
        if mine.get("errors"):
            raise CalendarTrouble(Trouble.NOT_THERE)
        for one in mine.get("busy", []):
            yield _moment(one["start"]), _moment(one["end"])


@dataclass(frozen=True, kw_only=True, slots=True)
class MicrosoftSource:
    """The main calendar of somebody at Microsoft: its entries, without what they are about."""

    token: str

    def read(self, wanted: Wanted, *, known: str) -> Found | None:
        """As the protocol says; it is always read."""
        events = list(self._events(wanted))
        ours = set(wanted.ours({str(one.get("iCalUId", "")) for one in events} - {""}))
        periods, remark = [], ""
        for one in events:
            if one.get("iCalUId") in ours or not _blocks(one, wanted):
                continue
            try:
                periods.append(_period(one, wanted))
            except (KeyError, TypeError, ValueError):
                remark = Remark.UNREADABLE_ENTRIES
        inside = [(max(start, wanted.starts_at), min(end, wanted.ends_at)) for start, end in periods]
        return _found(inside, remark=remark)

    def _events(self, wanted: Wanted) -> Iterator[dict[str, Any]]:
        span = {
            "startDateTime": wanted.starts_at.isoformat(),
            "endDateTime": wanted.ends_at.isoformat(),
            "$select": SELECTED,
            "$top": A_PAGE,
        }
        url = f"{MICROSOFT['view']}?{urlencode(span)}"
        for _page in range(MOST_PAGES):
            answer = ask_calendar("GET", url, headers=_by(self.token) | {"prefer": 'outlook.timezone="UTC"'})
            if answer.status != 200:
                raise of_status(answer.status)
            found = read_json(answer.content)
            yield from (one for one in found.get("value", []) if isinstance(one, dict))
            following = found.get("@odata.nextLink")
            if not isinstance(following, str):
                return
            # The token goes nowhere else.
            if urlsplit(following)[:2] != urlsplit(MICROSOFT["view"])[:2]:
                raise CalendarTrouble(Trouble.REDIRECTS)
            url = following
        raise CalendarTrouble(Trouble.TOO_MANY)


def _blocks(event: Mapping[str, Any], wanted: Wanted) -> bool:
    answered = (event.get("responseStatus") or {}).get("response", "")
    shown = event.get("showAs", "busy")
    if event.get("isCancelled") or shown in FREE or answered == "declined":
        return False
    if event.get("isAllDay") and not wanted.whole_days:
        return False
    is_tentative = shown == "tentative" or answered in {"tentativelyAccepted", "notResponded"}
    return wanted.tentative or not is_tentative


def _period(event: Mapping[str, Any], wanted: Wanted) -> Interval:
    start, end = (_moment(event[name]["dateTime"]) for name in ("start", "end"))
    if event.get("isAllDay"):
        # Midnights of nowhere: whole days are on their owner's clock.
        start, end = (one.replace(tzinfo=wanted.zone).astimezone(UTC) for one in (start, end))
    return start, end


def _moment(text: str) -> datetime:
    # Graph writes seven digits of a second, and no offset where it was asked for UTC.
    whole, _point, rest = text.partition(".")
    offset = "+00:00" if not rest or rest.endswith("Z") or rest.isdigit() else rest.lstrip("0123456789")
    moment = datetime.fromisoformat(whole if not _point else f"{whole}{offset}")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _found(periods: list[Interval], *, remark: str = "") -> Found:
    joined = union(periods)
    if len(joined) > MOST_PERIODS:
        raise CalendarTrouble(Trouble.TOO_MANY)
    return Found(periods=joined, remark=remark)


def _by(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
