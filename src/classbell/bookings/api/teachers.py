"""Who teaches, when they are free, and their schedule."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, anyone, signed_in
from classbell.bookings import queries
from classbell.bookings.finding import free_next, free_when_wanted, matching
from classbell.bookings.free_times import free_times
from classbell.bookings.models import Booking
from classbell.bookings.models.booking import BookingQuerySet
from classbell.bookings.schemas.teachers import (
    BusyOut,
    ScheduleAnswer,
    ScheduledOut,
    ScheduleQuery,
    SlotsAnswer,
    SlotsQuery,
    TeacherOut,
    TeachersAnswer,
    TeachersQuery,
)
from classbell.bookings.slots import TeacherNotFound
from classbell.paging import paginate
from classbell.searching import SearchText

router = Router()


@router.get("/teachers", auth=None, response=TeachersAnswer)
@allowed(anyone)
def list_teachers(
    request: HttpRequest, asked: Query[TeachersQuery], q: SearchText = "", subject: SearchText = ""
) -> TeachersAnswer:
    """
    Teachers to choose from, by name, and when each is free next. `q` looks into names, words about them and subjects; who is
    asked for by the other parameters too has all that they say.
    """
    now = timezone.now()
    wanted = asked.wanted(search=q, subject=subject)
    found = paginate(free_when_wanted(matching(wanted), wanted, now=now), asked, by="last_name")
    free = free_next([one.pk for one in found.items], wanted, now=now)
    return TeachersAnswer(
        teachers=[describe_teacher(one, free.get(one.pk)) for one in found.items], next_cursor=found.next_cursor
    )


@router.get("/slots/available", auth=None, response=SlotsAnswer, exclude_none=True)
@allowed(anyone)
def available_slots(request: HttpRequest, asked: Query[SlotsQuery]) -> HttpResponse:
    """
    Free times of a teacher on a day, or on `days` days. 404 `Teacher not found`, or a `booking_id` that is no booking with
    this teacher.
    """
    text, _found = free_times(asked, now=timezone.now())
    return HttpResponse(text, content_type="application/json")


@router.get("/schedule", response=ScheduleAnswer)
@allowed(signed_in)
def schedule(request: ApiRequest, asked: Query[ScheduleQuery]) -> ScheduleAnswer:
    """
    A teacher's bookings that are not cancelled. Names and notes are for that teacher and admins, others see that the time is
    taken. `busy` counts everything the teacher does.
    """
    teacher = queries.teachers().filter(pk=asked.teacher_id).first()
    if teacher is None:
        raise TeacherNotFound
    zone = ZoneInfo(asked.timezone or teacher.timezone)
    start = datetime.combine(asked.start_date, time(), tzinfo=zone)
    end = datetime.combine(asked.end_date + timedelta(days=1), time(), tzinfo=zone)
    bookings = (
        Booking.objects.exclude(status="CANCELLED")
        .filter(is_held=False)
        .filter(teacher=teacher, starts_at__lt=end, ends_at__gt=start)
    )
    open_book = request.user.is_admin or request.user.pk == teacher.pk
    return ScheduleAnswer(
        teacher_id=teacher.pk,
        start_date=asked.start_date,
        end_date=asked.end_date,
        bookings=_opened(bookings) if open_book else _closed(bookings),
        busy=[
            BusyOut(start_time=begin, end_time=finish)
            for begin, finish in queries.busy_periods(teacher.pk, start=start, end=end)
        ],
    )


def describe_teacher(teacher: queries.RatedTeacher, next_free: datetime | None) -> TeacherOut:
    """Return a teacher, read by `queries.teachers`, as students see them, and when they are free next."""
    teaching = getattr(teacher, "teaching", None)
    return TeacherOut(
        id=teacher.pk,
        name=teacher.name,
        avatar=teacher.avatar,
        bio=teaching.bio if teaching else "",
        subjects=teaching.subjects if teaching else [],
        timezone=teacher.timezone,
        rating=None if teacher.rating is None else round(teacher.rating, 2),
        rating_count=teacher.rating_count,
        next_free=next_free,
    )


def _opened(bookings: BookingQuerySet) -> list[ScheduledOut]:
    return [
        ScheduledOut(
            id=booking.pk,
            start_time=booking.starts_at,
            end_time=booking.ends_at,
            status=booking.status,
            student__first_name=booking.student.first_name,
            student__last_name=booking.student.last_name,
            notes=booking.notes,
        )
        for booking in bookings.select_related("student")
    ]


def _closed(bookings: BookingQuerySet) -> list[ScheduledOut]:
    return [
        ScheduledOut(
            id=None,
            start_time=start,
            end_time=end,
            status="BUSY",
            student__first_name=None,
            student__last_name=None,
            notes=None,
        )
        for start, end in bookings.values_list("starts_at", "ends_at")
    ]
