"""Calendars elsewhere as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from classbell.calendars.models import CalendarStatus, ExternalCalendar, holds_for
from classbell.calendars.troubles import sentence_of

SHAPES: Final = {
    CalendarStatus.WAITING: "wait",
    CalendarStatus.OK: "ok",
    CalendarStatus.FAILING: "bad",
    CalendarStatus.LAPSED: "off",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCalendar:
    """A calendar, how it stands in words, what is wrong with it, and until when what is known of it still counts."""

    calendar: ExternalCalendar
    kind: str
    word: str
    error: str
    remark: str
    write_error: str
    counts_until: datetime | None


def present_calendars(calendars: Iterable[ExternalCalendar], *, now: datetime) -> list[ShownCalendar]:
    """Return calendars as pages show them."""
    return [_present(one, now) for one in calendars]


def _present(calendar: ExternalCalendar, now: datetime) -> ShownCalendar:
    status = calendar.status_at(now)
    since = calendar.failing_since
    return ShownCalendar(
        calendar=calendar,
        kind=SHAPES[status],
        word=str(status.label),
        error=sentence_of(calendar.error),
        remark=sentence_of(calendar.remark),
        write_error=sentence_of(calendar.write_error),
        counts_until=since + holds_for() if since and status is CalendarStatus.FAILING else None,
    )
