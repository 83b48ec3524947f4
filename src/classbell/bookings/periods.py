"""Hours that replace a teacher's usual week between two dates, as in Ramadan, and the lessons that they leave outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bookings.hours import InvalidHours
from classbell.bookings.models import Booking, HoursPeriod
from classbell.bookings.slots import outside_hours
from classbell.bookings.walltime import MINUTES_A_DAY
from classbell.errors import NotThere
from classbell.holidays.models import day_begins
from classbell.rehearsal import rehearsal
from classbell.rows import locked, write

# (start, end) in minutes by weekday, 0 for Monday.
Windows = Mapping[int, Sequence[tuple[int, int]]]
LONGEST_DAYS: Final = 366
MOST_WINDOWS: Final = 84
MOST_PERIODS: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodChanged:
    """A period as it is, or would be, and the lessons to come in its days that lie outside the hours they have then."""

    period: HoursPeriod
    outside: Sequence[Booking]


def add_period(
    *,
    teacher: User,
    name: str,
    first_day: date,
    last_day: date,
    windows: Windows,
    now: datetime,
    dry_run: bool = False,
) -> PeriodChanged:
    """
    Let these weekly hours replace the usual ones from `first_day` to `last_day`, both included. Lessons that lie outside
    stay, and are returned. `dry_run` does the same and takes it back.

    Raises InvalidHours.
    """
    period = HoursPeriod(teacher=teacher, name=name, first_day=first_day, last_day=last_day, windows=_kept(windows))
    with rehearsal() if dry_run else transaction.atomic():
        _take_turns(teacher.pk)
        _check(period)
        period.save()
        outside = _outside(period, now)
    return PeriodChanged(period=period, outside=outside)


def change_period(
    *,
    period_id: UUID,
    name: str | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    windows: Windows | None = None,
    now: datetime,
    dry_run: bool = False,
) -> PeriodChanged:
    """Change what is given of a period; all else as `add_period`. Raises NotThere too."""
    given: dict[str, Any] = {"name": name, "first_day": first_day, "last_day": last_day}
    given["windows"] = _kept(windows) if windows is not None else None
    with rehearsal() if dry_run else transaction.atomic():
        period = locked(HoursPeriod.objects.all(), period_id)
        if period is None:
            raise NotThere(_("There are no such hours any more."))
        _take_turns(period.teacher_id)
        wanted = {column: value for column, value in given.items() if value is not None}
        for column, value in wanted.items():
            setattr(period, column, value)
        _check(period)
        write(period, wanted)
        outside = _outside(period, now)
    return PeriodChanged(period=period, outside=outside)


def windows_of(period: HoursPeriod) -> dict[int, list[tuple[int, int]]]:
    """Return the hours of a period by weekday, each weekday named."""
    found: dict[int, list[tuple[int, int]]] = {day: [] for day in range(7)}
    for window in period.windows:
        found[window["day"]].append((window["start"], window["end"]))
    return found


def _kept(windows: Windows) -> list[dict[str, Any]]:
    return [
        {"day": day, "start": start, "end": end}
        for day, spans in sorted(windows.items())
        for start, end in sorted(set(spans))
    ]


def _take_turns(teacher_id: UUID) -> None:
    # Two that share days, made at once, would each see none. Weaker than what foreign keys of other rows ask for.
    User.objects.select_for_update(no_key=True).filter(pk=teacher_id).values_list("pk").first()


def _check(period: HoursPeriod) -> None:
    """Raise InvalidHours for what is no period, or shares days with another one."""
    if period.last_day < period.first_day:
        raise _refused("until", _("The last day must not be before the first."))
    if period.last_day - period.first_day >= timedelta(days=LONGEST_DAYS):
        raise _refused("until", _("It lasts a year at most: change your usual hours instead."))
    if len(period.windows) > MOST_WINDOWS:
        raise _refused("hours", _("These are more hours than a week has."))
    for window in period.windows:
        if not 0 <= window["start"] < window["end"] <= MINUTES_A_DAY:
            raise _refused("hours", _("end_time must be after start_time; the end of the day is 24:00:00."))
    others = HoursPeriod.objects.filter(teacher=period.teacher_id).exclude(pk=period.pk)
    other = others.filter(first_day__lte=period.last_day, last_day__gte=period.first_day).first()
    if other is not None:
        text = _("“%(name)s” holds on some of these days already. Change it, or choose other days.")
        raise _refused("from", text % {"name": other.name})
    if others.count() >= MOST_PERIODS:
        raise _refused("name", _("These are too many periods. Remove those that are over."))


def _outside(period: HoursPeriod, now: datetime) -> list[Booking]:
    """Return the lessons to come that begin on the days of a saved period and lie outside the hours, in order."""
    zone = period.teacher.zone
    start = max(now, day_begins(period.first_day, zone))
    end = day_begins(period.last_day + timedelta(days=1), zone)
    lessons = Booking.objects.live().filter(teacher=period.teacher_id, starts_at__gte=start, starts_at__lt=end)
    rows = list(lessons.select_related("student").order_by("starts_at", "pk"))
    out = outside_hours(period.teacher_id, [(row.pk, row.starts_at, row.ends_at) for row in rows])
    return [row for row in rows if row.pk in out]


def _refused(field: str, message: str) -> InvalidHours:
    return InvalidHours(message, details=[{"field": field, "message": message}])
