"""
Every change of a series' state: the series locked, its dates read after locking, one transaction. Each date goes through the
same as a single booking; its people are told once of all of them.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from classbell import reasons
from classbell.accounts.models import User
from classbell.bookings import makeup, policies
from classbell.bookings.errors import (
    InvalidPeriod,
    NotALearner,
    OverlapsOwnSessions,
    OwnLesson,
    SlotUnavailable,
    StudentExpectedElsewhere,
)
from classbell.bookings.holding import hold_dates
from classbell.bookings.models import Booking, BookingSeries, BookingStatus
from classbell.bookings.queries import visible_among
from classbell.bookings.series import notifications
from classbell.bookings.series.errors import DatesUnavailable, NoSuchDates, NoSuchSeries, NothingToCome, NothingWaits
from classbell.bookings.series.planning import SeriesPlan, plan_series
from classbell.bookings.services import BOUND, close_dates, lock_series
from classbell.bookings.signals import booking_changed
from classbell.bookings.times import check_period, hold, lock_people
from classbell.bookings.weekly import MOST_DATES
from classbell.holidays.locks import hold_holidays
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import ClaimKind

LOCKED: Final = ("student", "teacher", "meeting", "booked_by")


def draft_series(
    *,
    student: User,
    teacher: User,
    starts_at: datetime,
    duration_minutes: int,
    count: int,
    interval_weeks: int = 1,
    timezone: str,
    notes: str = "",
) -> BookingSeries:
    """Return a series as somebody wants it, not saved. Raises OwnLesson, InvalidPeriod."""
    if student.pk == teacher.pk:
        raise OwnLesson
    check_period(starts_at, starts_at + timedelta(minutes=duration_minutes))
    if count < 1:
        raise InvalidPeriod(_("The last day lies before the first lesson: choose a later one."))
    if count > MOST_DATES:
        raise InvalidPeriod(_("A series has %(most)s lessons at most. Choose an earlier end.") % {"most": MOST_DATES})
    return BookingSeries(
        student=student,
        teacher=teacher,
        starts_at=starts_at,
        duration_minutes=duration_minutes,
        count=count,
        interval_weeks=interval_weeks,
        timezone=timezone,
        notes=notes,
    )


def request_series(
    draft: BookingSeries,
    *,
    excluded: Collection[date] = (),
    use_credits: bool = False,
    despite_overlap: bool = False,
    guardian: User | None = None,
    now: datetime,
) -> BookingSeries:
    """
    Ask a teacher for a series that was drafted, without the days of its clock in `excluded` and without those that holidays
    leave out. All dates hold their time until they are answered or lapse together; with a teacher who confirms by themselves
    they are confirmed when this returns. `guardian` is who does it for the student, if one does. `use_credits` spends as
    many make-up lessons as there are, on the first dates.

    Raises DatesUnavailable, OverlapsOwnSessions, TooManyOpenRequests, NoCredit, TeacherNotFound, InvalidPeriod.
    """
    with transaction.atomic():
        plan = _plan(draft, excluded, by_availability=True, now=now)
        if plan.overlapped and not despite_overlap:
            raise OverlapsOwnSessions(plan.overlapped)
        policy = policies.policy_of(draft.teacher_id)
        policies.check_request(draft.student, draft.teacher_id, policy, asked=len(plan.dates), now=now)
        # One request: what waits is given up as one.
        draft.booked_by = guardian
        lapses_at = policies.lapses_at(policy, requested_at=now, starts_at=plan.dates[0].starts_at)
        dates = _save(draft, plan, lapses_at=lapses_at)
        for one in dates:
            hold(one, ClaimKind.TEACHER, ClaimKind.STUDENT)
        if use_credits:
            _use_credits(dates, by=draft.booked_by, now=now)
        for one in dates:
            booking_changed.send(Booking, booking=one, what="requested")
        teaching = getattr(draft.teacher, "teaching", None)
        if teaching is not None and teaching.auto_confirm:
            _confirm(draft, dates, now)
            notifications.booked_at_once(draft, dates, now=now)
        else:
            notifications.requested(draft, dates, now=now)
    return draft


def book_series(
    draft: BookingSeries,
    *,
    by: User,
    excluded: Collection[date] = (),
    use_credits: bool = False,
    despite_overlap: bool = False,
    now: datetime,
) -> BookingSeries:
    """
    Book a series that was drafted for its student, as teachers and admins do: confirmed when this returns, its meeting
    wanted; the caller goes on to `sync_now`. What binds students does not bind them. Who may book for whom has been asked
    before.

    Raises NotALearner, DatesUnavailable, StudentExpectedElsewhere, NoCredit, InvalidPeriod.
    """
    if not draft.student.is_student:
        raise NotALearner(draft.student.name)
    with transaction.atomic():
        plan = _plan(draft, excluded, by_availability=False, now=now)
        if plan.overlapped and not despite_overlap:
            raise StudentExpectedElsewhere(draft.student.name, visible_among(plan.overlapped, by))
        draft.booked_by = by
        dates = _save(draft, plan)
        for one in dates:
            hold(one, ClaimKind.STUDENT)
        if use_credits:
            _use_credits(dates, by=draft.booked_by, now=now)
        _confirm(draft, dates, now)
        notifications.booked_for_student(draft, dates, by=by, now=now)
    return draft


def confirm_series(
    *, series_id: UUID, only: Collection[UUID] | None = None, reason: str = "", by: User, now: datetime
) -> BookingSeries:
    """
    Say yes to a series, or to the dates in `only`, and with this to the others no; the caller goes on to `sync_now`.

    Raises NothingWaits, NoSuchDates.
    """
    with transaction.atomic():
        series, waiting = _waiting(series_id)
        chosen = [one for one in waiting if one.starts_at > now and (only is None or one.pk in only)]
        if only is not None and not set(only) <= {one.pk for one in waiting}:
            raise NoSuchDates
        if not chosen:
            raise NothingWaits
        _confirm(series, chosen, now)
        declined = [one for one in waiting if one not in chosen]
        close_dates(declined, reason=reason or reasons.DECLINED, by=by, now=now)
        notifications.confirmed(series, chosen, in_part=bool(declined), reason=reason, now=now)
    return series


def decline_series(*, series_id: UUID, by: User, reason: str, now: datetime) -> BookingSeries:
    """Say no to all dates of a series that wait; their time is free. Raises NothingWaits."""
    with transaction.atomic():
        series, waiting = _waiting(series_id)
        close_dates(waiting, reason=reason or reasons.DECLINED, by=by, now=now)
        notifications.declined(series, waiting, now=now)
    return series


def cancel_series(
    *,
    series_id: UUID,
    by: User,
    since: datetime | None = None,
    reason: str = "",
    guardian: User | None = None,
    now: datetime,
) -> BookingSeries:
    """
    Cancel what is still to come of a series, or what begins from `since` on; the caller goes on to `sync_now`. `guardian` is
    who does it for the student, `by`, if one does.

    Raises NothingToCome, NoticeTooShort: then nothing is cancelled.
    """
    with transaction.atomic():
        series = locked_series(series_id)
        coming = coming_dates(series, since=since, now=now)
        if not coming:
            raise NothingToCome
        policy = policies.policy_of(series.teacher_id)
        for one in coming:
            policies.check_cancel(one, by, policy, now=now)
        close_dates(coming, reason=reason, by=guardian or by, now=now)
        notifications.cancelled(series, coming, by=guardian or by, now=now)
    return series


def locked_series(series_id: UUID) -> BookingSeries:
    """Return a series with its people and its meeting, locked against other changes of it. Raises NoSuchSeries."""
    lock_series(series_id)
    series = BookingSeries.objects.select_related(*LOCKED).filter(pk=series_id).first()
    if series is None:
        raise NoSuchSeries
    return series


def coming_dates(series: BookingSeries, *, since: datetime | None, now: datetime) -> list[Booking]:
    """Return the dates of a locked series that can still be changed, those that begin from `since` on, in order."""
    rows = series.dates.live().filter(starts_at__gt=now)
    return bound_to(series, rows.filter(starts_at__gte=since) if since is not None else rows)


def _plan(draft: BookingSeries, excluded: Collection[date], *, by_availability: bool, now: datetime) -> SeriesPlan:
    """Have the time of both people to choose from until the end of the transaction, and return what can be."""
    hold_holidays()
    lock_people(draft.student_id, draft.teacher_id)
    plan = plan_series(draft, excluded=excluded, by_availability=by_availability, now=now)
    if plan.clashing:
        raise DatesUnavailable([(one.starts_at, one.ends_at, one.clash) for one in plan.clashing])
    if not plan.dates:
        raise InvalidPeriod(_("No date is left: all of them are left out."))
    return plan


def _save(draft: BookingSeries, plan: SeriesPlan, *, lapses_at: datetime | None = None) -> list[Booking]:
    draft.save(force_insert=True)
    return Booking.objects.bulk_create(
        Booking(
            student=draft.student,
            teacher=draft.teacher,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            notes=draft.notes,
            booked_by=draft.booked_by,
            lapses_at=lapses_at,
            series=draft,
            slot=one.starts_at,
        )
        for one in plan.dates
    )


def _confirm(series: BookingSeries, dates: Sequence[Booking], now: datetime) -> None:
    try:
        hold_dates(series, dates, now=now)
    except TeacherBusy as error:
        raise SlotUnavailable from error
    for one in dates:
        one.status, one.lapses_at = BookingStatus.CONFIRMED, None
        one.save(update_fields=["status", "lapses_at", "updated_at"])
        booking_changed.send(Booking, booking=one, what="confirmed")


def _use_credits(dates: Sequence[Booking], *, by: User | None, now: datetime) -> None:
    """Spend make-up lessons on the first dates, as many as there are. Raises NoCredit when there is none."""
    for one in dates[: max(1, makeup.usable_with(dates[0], now=now))]:
        makeup.use(one, by=by, now=now)


def _waiting(series_id: UUID) -> tuple[BookingSeries, list[Booking]]:
    series = locked_series(series_id)
    waiting = bound_to(series, series.dates.filter(status=BookingStatus.PENDING))
    if not waiting:
        raise NothingWaits
    return series, waiting


def bound_to(series: BookingSeries, rows: QuerySet[Booking]) -> list[Booking]:
    """Return dates in order, bound to this very series and locked with it."""
    dates = list(rows.select_related(*(name for name in BOUND if not name.startswith("series"))).order_by("starts_at"))
    for one in dates:
        one.series = series
    return dates
