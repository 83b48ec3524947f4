"""Teachers with hours, and bookings, made through the services that the product uses."""

from datetime import UTC, datetime, timedelta
from typing import Any

from classbell.accounts.models import User
from classbell.bookings import hours, services
from classbell.bookings.kinds.services import create_kind
from classbell.bookings.models import Booking, LessonKind, OpenTo
from tests.factories import make_student, make_teacher

EVERY_DAY = range(7)


def make_tutor(
    *, opens: str = "09:00", closes: str = "17:00", settings: dict[str, Any] | None = None, **fields: Any
) -> User:
    """Create a teacher who can be booked every day between these times of the teacher's clock."""
    teacher = make_teacher(**fields)
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in (opens, closes))
    hours.set_week(teacher=teacher, windows={weekday: [(start, end)] for weekday in EVERY_DAY})
    if settings:
        hours.change_settings(teacher=teacher, changes=settings)
    return teacher


def a_day_ahead(days: int = 7, *, hour: int = 10) -> datetime:
    """Return a full hour, some days ahead, in UTC."""
    day = datetime.now(UTC) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def make_booking(
    *,
    teacher: User | None = None,
    student: User | None = None,
    starts_at: datetime | None = None,
    minutes: int = 60,
    now: datetime | None = None,
    **request: Any,
) -> Booking:
    """Ask for a lesson; a new student asks a new tutor unless they are given."""
    begin = starts_at or a_day_ahead()
    return services.request_booking(
        student=student or make_student(),
        teacher_id=(teacher or make_tutor()).pk,
        starts_at=begin,
        ends_at=begin + timedelta(minutes=minutes),
        now=now or datetime.now(UTC),
        **request,
    )


def make_group_kind(*teachers: User, seats: int = 2, open_to: OpenTo = OpenTo.EVERYBODY) -> LessonKind:
    """Offer half an hour for several beginners, taught by these."""
    return create_kind(
        {
            "name": "Beginners",
            "minutes": [30],
            "seats": seats,
            "open_to": open_to,
            "teachers": [one.pk for one in teachers],
        }
    )


def take_seat(
    kind: LessonKind, teacher: User | None = None, student: User | None = None, *, starts_at: datetime | None = None
) -> Booking:
    """Book a seat of a kind for a new student unless one is given, with a teacher or any."""
    begin = starts_at or a_day_ahead()
    return services.request_booking(
        student=student or make_student(),
        teacher_id=teacher.pk if teacher else None,
        starts_at=begin,
        ends_at=begin + timedelta(minutes=kind.minutes[0]),
        kind=kind,
        now=datetime.now(UTC),
    )
