"""A holiday with what already lies in it, and the import of many."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from classbell.accounts.models import User
from classbell.holiday_changes.affected import Affected, Cancelled, cancel_lying_in, lying_in
from classbell.holidays.ics import ReadCalendar
from classbell.holidays.importing import ImportPlan, import_entries, plan_import
from classbell.holidays.models import Effect, Holiday
from classbell.holidays.services import Whose, check_days, create_holiday


def foresee(
    *, name: str, first_day: date, last_day: date, of: Whose, effect: Effect, now: datetime
) -> tuple[Holiday, Affected]:
    """Return a holiday as it would be, not saved, and what lies in it. Raises HolidayInvalid."""
    check_days(first_day, last_day)
    holiday = Holiday(
        name=name, first_day=first_day, last_day=last_day, group=of.group, teacher=of.teacher, effect=effect
    )
    return holiday, lying_in(holiday, now=now)


def add(
    *,
    name: str,
    first_day: date,
    last_day: date,
    of: Whose,
    effect: Effect,
    cancels: bool,
    by: User,
    now: datetime,
) -> tuple[Holiday, Affected, Cancelled | None]:
    """
    Make a holiday; then, if it `cancels`, cancel what lies in it. Returns what lay there before.

    The holiday is committed first, so that nothing is planned into it meanwhile, and nobody who makes dates waits for the
    cancelling. Should that be interrupted, it can be asked for again. Raises HolidayInvalid.
    """
    holiday = create_holiday(name=name, first_day=first_day, last_day=last_day, of=of, effect=effect)
    affected = lying_in(holiday, now=now)
    return holiday, affected, cancel_lying_in(holiday, by=by, now=now) if cancels else None


def run_import(
    calendar: ReadCalendar, *, source: str, of: Whose, effect: Effect | None, dry_run: bool, now: datetime
) -> tuple[ImportPlan, Affected]:
    """Let a source's holidays be those of a calendar, and return what that took and what lies in those that came."""
    carry_out = plan_import if dry_run else import_entries
    plan = carry_out(calendar.entries, source=source, of=of, effect=effect, today=today_of_school(now))
    return plan, lying_in_any(plan.new, now=now)


def lying_in_any(holidays: Iterable[Holiday], *, now: datetime) -> Affected:
    """Return what lies in any of these holidays that are not over, each once. Two queries a holiday."""
    coming = [lying_in(holiday, now=now) for holiday in holidays if holiday.ends_at > now]
    sessions = {session.pk: session for one in coming for session in one.sessions}
    bookings = {booking.pk: booking for one in coming for booking in one.bookings}
    return Affected(
        sessions=sorted(sessions.values(), key=lambda session: session.starts_at),
        bookings=sorted(bookings.values(), key=lambda booking: booking.starts_at),
    )


def today_of_school(now: datetime) -> date:
    """Return which day it is where the school is."""
    return timezone.localtime(now, timezone.get_default_timezone()).date()
