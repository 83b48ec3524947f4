"""The one place where anybody asks whether a date is a holiday."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy

from classbell import reasons
from classbell.accounts.models import User
from classbell.accounts.reader import reader
from classbell.holidays.models import Effect, Holiday

# What others read of a teacher's own holiday.
OF_THE_TEACHER: Final = gettext_lazy(reasons.TEACHERS_HOLIDAY)
# Wherever a place is, its day begins within this of the same day in UTC.
FARTHEST = timedelta(days=1)


def name_for(holiday: Holiday, user: User | None = None) -> str:
    """
    Return what somebody, or without `user` whoever reads, is told of a holiday that they meet on a date: its name, unless it
    is another teacher's own.
    """
    by = user or reader()
    is_open = by is None or holiday.teacher_id in (None, by.pk) or (by.is_authenticated and by.is_admin)
    return holiday.name if is_open else str(OF_THE_TEACHER)


class Holidays:
    """Some holidays, ready to be asked for many moments."""

    def __init__(self, holidays: Iterable[Holiday]) -> None:
        self._by_day: dict[tuple[UUID | None, date], list[tuple[datetime, datetime, Holiday]]] = defaultdict(list)
        for holiday in holidays:
            starts_at, ends_at = holiday.starts_at, holiday.ends_at
            for number in range((ends_at.date() - starts_at.date()).days + 1):
                key = holiday.group_id or holiday.teacher_id, starts_at.date() + timedelta(days=number)
                self._by_day[key].append((starts_at, ends_at, holiday))

    def at(self, moment: datetime, *, group_id: UUID | None = None, teacher_id: UUID | None = None) -> Holiday | None:
        """
        Return the holiday in which something begins at this moment, for this group and teacher; the school's count always.
        One that leaves days out goes before one that only warns.
        """
        day = moment.astimezone(UTC).date()
        found = [
            holiday
            for whose in dict.fromkeys((None, group_id, teacher_id))
            for starts_at, ends_at, holiday in self._by_day.get((whose, day), ())
            if starts_at <= moment < ends_at
        ]
        return min(found, key=lambda holiday: holiday.effect != Effect.LEAVE_OUT, default=None)

    def left_out(
        self, moment: datetime, *, group_id: UUID | None = None, teacher_id: UUID | None = None
    ) -> Holiday | None:
        """Return the holiday for which nothing may be planned at this moment, if there is one."""
        found = self.at(moment, group_id=group_id, teacher_id=teacher_id)
        return found if found is not None and found.effect == Effect.LEAVE_OUT else None


def holidays_on(
    moments: Collection[datetime], *, group_id: UUID | None = None, teacher_id: UUID | None = None
) -> dict[datetime, Holiday]:
    """
    Return which of these moments (aware) begin in a holiday of the school, or of this group or teacher, and in which; its
    `effect` says whether it leaves them out or only warns. One query. Who makes dates calls `hold_holidays` before.
    """
    holidays = holidays_among(moments)
    found = ((moment, holidays.at(moment, group_id=group_id, teacher_id=teacher_id)) for moment in moments)
    return {moment: holiday for moment, holiday in found if holiday is not None}


def holidays_among(moments: Collection[datetime]) -> Holidays:
    """Return the holidays in which any of these moments may begin. One query; none for no moments."""
    return holidays_from(min(moments), until=max(moments)) if moments else Holidays([])


def holidays_by_day(user: User, first: date, last: date) -> dict[date, list[Holiday]]:
    """Return what this person's own calendar shows from `first` to `last`: the days off with their holidays. One query."""
    found: dict[date, list[Holiday]] = defaultdict(list)
    for holiday in Holiday.objects.of_calendar(user).touching(first, last):
        day = max(first, holiday.first_day)
        while day <= min(last, holiday.last_day):
            found[day].append(holiday)
            day += timedelta(days=1)
    return dict(found)


def holidays_from(start: datetime, *, until: datetime | None = None) -> Holidays:
    """Return the holidays of the school, of all groups and of all teachers from a moment on. One query."""
    rows = Holiday.objects.filter(last_day__gte=(start.astimezone(UTC) - FARTHEST).date())
    if until is not None:
        rows = rows.filter(first_day__lte=(until.astimezone(UTC) + FARTHEST).date())
    return Holidays(rows.with_places())
