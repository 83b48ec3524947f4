"""A holiday with what already lies in it, and the import of many."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.holiday_changes.affected import Affected, Cancelled, cancel_lying_in, lying_in
from classbell.holidays.errors import OthersAffected
from classbell.holidays.ics import ReadCalendar
from classbell.holidays.importing import ImportPlan, import_entries, plan_import
from classbell.holidays.models import Effect, Holiday
from classbell.holidays.services import Whose, change_holiday, check_days, create_holiday


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
    seen: str | None = None,
) -> tuple[Holiday, Affected, Cancelled | None]:
    """
    Make a holiday; then, if it `cancels`, cancel what lies in it. Returns what lay there before. `seen` is the fingerprint of
    what somebody was shown: nothing else is left or cancelled on their word.

    The holiday is committed first, so that nobody who makes dates waits for the cancelling; what is planned in between, in
    one that only warns, stays. Should the cancelling be interrupted, it can be asked for again.

    Raises HolidayInvalid, OthersAffected.
    """
    with transaction.atomic():
        holiday = create_holiday(name=name, first_day=first_day, last_day=last_day, of=of, effect=effect)
        affected = _as_seen(holiday, seen, now)
    return holiday, affected, cancel_lying_in(holiday, by=by, now=now, affected=affected) if cancels else None


def change(
    *,
    holiday_id: UUID,
    name: str | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    effect: Effect | None = None,
    cancels: bool = False,
    by: User,
    now: datetime,
    seen: str | None = None,
) -> tuple[Holiday, Affected, Cancelled | None]:
    """Change what is given of a holiday; all else as `add`. Raises NotThere too."""
    with transaction.atomic():
        change_holiday(holiday_id=holiday_id, name=name, first_day=first_day, last_day=last_day, effect=effect)
        holiday = Holiday.objects.with_places().get(pk=holiday_id)
        affected = _as_seen(holiday, seen, now)
    return holiday, affected, cancel_lying_in(holiday, by=by, now=now, affected=affected) if cancels else None


def _as_seen(holiday: Holiday, seen: str | None, now: datetime) -> Affected:
    affected = lying_in(holiday, now=now)
    if seen is not None and affected.fingerprint != seen:
        raise OthersAffected(_("What lies in it has changed meanwhile. Look at it again before you save."))
    return affected


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
