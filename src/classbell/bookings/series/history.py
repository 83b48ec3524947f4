"""What became of a series so far, as the histories of its dates know: what one act did to many dates is told once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingSeries, BookingStatus
from classbell.history import ACTOR, FOR, MADE


class Act(StrEnum):
    """What somebody did."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    MOVED = "moved"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """
    One act and the dates it was about, by when they begin since, in order. `by` None: Classbell by itself, or somebody who is
    no longer here; `is_for_student`: a guardian did it for the student.
    """

    act: Act
    at: datetime
    by: User | None
    is_for_student: bool
    dates: Sequence[datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Change:
    """One act about one date; `number` puts them in order."""

    act: Act
    at: datetime
    actor: str
    is_for_student: bool
    number: int
    starts_at: datetime


# What a date became, when its status changed.
_BECAME: Final = {BookingStatus.CONFIRMED: Act.CONFIRMED, BookingStatus.CANCELLED: Act.CANCELLED}


def history_of(series: BookingSeries) -> list[Step]:
    """Return what was done about a series and single dates of it, the earliest first. Three queries."""
    dates = {one.pk: one for one in series.dates.all()}
    entries: dict[UUID, list[Any]] = {pk: [] for pk in dates}
    events = Booking.pgh_event_model.objects  # type: ignore[attr-defined]  # django-pghistory makes it
    for entry in events.filter(pgh_obj__in=dates).order_by("pgh_id"):
        entries[entry.pgh_obj_id].append(entry)
    changes = [change for pk, of_date in entries.items() for change in _changes(dates[pk], of_date)]
    together: dict[tuple[datetime, Act, str], list[_Change]] = {}
    for change in sorted(changes, key=lambda one: one.number):
        together.setdefault((change.at, change.act, change.actor), []).append(change)
    people = {str(one.pk): one for one in User.objects.filter(pk__in={one.actor for one in changes if one.actor})}
    return [
        Step(
            act=act,
            at=at,
            by=people.get(actor),
            is_for_student=same[0].is_for_student,
            dates=sorted(one.starts_at for one in same),
        )
        for (at, act, actor), same in together.items()
    ]


def _changes(date: Booking, entries: Sequence[Any]) -> Iterator[_Change]:
    """Return what was done about one date; an entry about a change holds the date as it was before."""
    for number, entry in enumerate(entries):
        after = entries[number + 1] if number + 1 < len(entries) else date
        act = Act.ASKED if entry.pgh_label == MADE else _act(entry, after)
        if act is None:
            continue
        context = entry.pgh_context or {}
        yield _Change(
            act=act,
            at=entry.pgh_created_at,
            actor=str(context.get(ACTOR, "")),
            is_for_student=bool(context.get(FOR)),
            number=entry.pgh_id,
            starts_at=entry.starts_at if act is Act.ASKED else after.starts_at,
        )


def _act(before: Any, after: Any) -> Act | None:
    """Return what was done; None for what is no act of people about its time."""
    if before.status != after.status:
        return _BECAME.get(BookingStatus(after.status))
    return Act.MOVED if before.starts_at != after.starts_at else None
