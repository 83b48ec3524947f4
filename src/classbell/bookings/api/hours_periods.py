"""A teacher's hours between two dates, in place of the usual ones."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.permissions import allowed
from classbell.bookings import periods
from classbell.bookings.models import Booking, HoursPeriod
from classbell.bookings.periods import PeriodChanged, Windows
from classbell.bookings.permissions import may_be_booked, owns_hours_period
from classbell.bookings.schemas.availability import (
    HoursPeriodAnswer,
    HoursPeriodIn,
    HoursPeriodOut,
    HoursPeriodPatch,
    HoursPeriodsAnswer,
    LessonOutside,
    WeeklyHours,
    WeeklyHoursOut,
)
from classbell.bookings.walltime import wall_minutes, wall_text
from classbell.paging import PageQuery, paginate

router = Router(by_alias=True)


@router.post("/availability/periods", response={200: HoursPeriodAnswer, 201: HoursPeriodAnswer})
@allowed(may_be_booked)
@idempotent
def add_hours_period(request: ApiRequest, body: HoursPeriodIn, dry_run: bool = False) -> Status[HoursPeriodAnswer]:
    """
    Let weekly hours replace your usual ones between two dates, such as in Ramadan; extra hours on single dates stay. Free
    times follow; `lessons_outside` are those that lie outside the new hours, and stay until you move or cancel them.
    `?dry_run=true` answers the same with 200 and saves nothing.
    """
    done = periods.add_period(
        teacher=request.user,
        name=body.name,
        first_day=body.from_,
        last_day=body.until,
        windows=_windows(body.hours),
        now=timezone.now(),
        dry_run=dry_run,
    )
    return Status(200 if dry_run else 201, _answer(done))


@router.get("/availability/periods", response=HoursPeriodsAnswer)
@allowed(may_be_booked)
def list_hours_periods(request: ApiRequest, page: Query[PageQuery]) -> HoursPeriodsAnswer:
    """Your hours between two dates, those that are over too."""
    rows = HoursPeriod.objects.filter(teacher=request.user).select_related("teacher")
    found = paginate(rows, page, by="first_day")
    return HoursPeriodsAnswer(periods=[_period(one) for one in found.items], next_cursor=found.next_cursor)


@router.patch("/availability/periods/{uuid:period_id}", response=HoursPeriodAnswer)
@allowed(owns_hours_period)
def change_hours_period(
    request: ApiRequest, period_id: UUID, body: HoursPeriodPatch, dry_run: bool = False
) -> HoursPeriodAnswer:
    """Change some of a period; `lessons_outside` as when it is made. `?dry_run=true` saves nothing."""
    done = periods.change_period(
        period_id=period_id,
        name=body.name,
        first_day=body.from_,
        last_day=body.until,
        windows=None if body.hours is None else _windows(body.hours),
        now=timezone.now(),
        dry_run=dry_run,
    )
    return _answer(done)


@router.delete("/availability/periods/{uuid:period_id}", response={204: None})
@allowed(owns_hours_period)
def remove_hours_period(request: ApiRequest, period_id: UUID) -> Status[None]:
    """Go back to the usual hours on these days. What is booked already stays."""
    HoursPeriod.objects.filter(pk=period_id).delete()
    return Status(204, None)


def _windows(hours: Sequence[WeeklyHours]) -> Windows:
    windows: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for window in hours:
        windows[window.day_of_week].append((wall_minutes(window.start_time), wall_minutes(window.end_time)))
    return windows


def _answer(done: PeriodChanged) -> HoursPeriodAnswer:
    return HoursPeriodAnswer(period=_period(done.period), lessons_outside=[_lesson(one) for one in done.outside])


def _period(period: HoursPeriod) -> HoursPeriodOut:
    return HoursPeriodOut(
        id=period.pk,
        name=period.name,
        from_=period.first_day,
        until=period.last_day,
        timezone=period.teacher.timezone,
        hours=[
            WeeklyHoursOut(
                day_of_week=window["day"], start_time=wall_text(window["start"]), end_time=wall_text(window["end"])
            )
            for window in period.windows
        ],
    )


def _lesson(booking: Booking) -> LessonOutside:
    return LessonOutside(
        id=booking.pk,
        status=booking.status,
        start_time=booking.starts_at,
        end_time=booking.ends_at,
        student_name=booking.student.name,
    )
