"""Sessions of the year 2020, which is over whenever tests run, and what became of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from classbell.accounts.models import User
from classbell.bookings import makeup, outcomes, policies, services
from classbell.bookings.models import Booking, NoShow, Origin
from classbell.earnings.hours import Line, lines_of
from classbell.earnings.models import Per, TeacherRate
from classbell.earnings.months import asked_month
from classbell.earnings.services import set_rate
from classbell.groups.models import Group
from classbell.meetings.models import Occurrence, OccurrenceOutcome, OccurrenceStatus
from classbell.meetings.services import want_meeting
from classbell.meetings.verdicts import OccurrenceResult, TeacherStatus
from tests.factories import make_admin, make_student
from tests.factories_bookings import make_booking
from tests.factories_meetings import spec

AFTERWARDS = datetime(2021, 1, 1, tzinfo=UTC)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return a moment of 2020, in UTC."""
    return datetime(2020, month, day, hour, minute, tzinfo=UTC)


def teach(
    teacher: User,
    starts_at: datetime,
    *,
    minutes: int = 60,
    taught: int | None = None,
    result: OccurrenceResult | None = OccurrenceResult.HELD,
    teacher_status: TeacherStatus = TeacherStatus.PRESENT,
    substitute: User | None = None,
    group: Group | None = None,
) -> Occurrence:
    """Let a teacher hold a session, or not; `result` None: nobody has heard of it."""
    meeting = want_meeting(
        spec(teacher, group=group, starts_at=starts_at, duration_minutes=minutes, timezone="UTC"),
        now=starts_at - timedelta(days=1),
    )
    session = meeting.occurrences.get()
    if result is not None:
        session.status = OccurrenceStatus.ENDED
        OccurrenceOutcome.objects.create(
            occurrence=session,
            result=result,
            teacher_status=teacher_status,
            teacher_seconds=60 * (minutes if taught is None else taught),
            computed_at=session.ends_at,
        )
    session.substitute = substitute
    session.save()
    return session


def pay(teacher: User, amount: int, day: date = date(2020, 1, 1), **rate: Any) -> TeacherRate:
    """Pay a teacher so many cents an hour, from a day on."""
    values: dict[str, Any] = {"currency": "EUR", "per": Per.HOUR, "now": AFTERWARDS} | rate
    return set_rate(teacher=teacher, in_force_from=day, amount=amount, **values)


def book(teacher: User, starts_at: datetime, *, with_credit: bool = False, student: User | None = None) -> Booking:
    """Book an hour that its teacher confirms, with a lesson that was given for it or without."""
    now, student = starts_at - timedelta(days=3), student or make_student()
    if with_credit:
        makeup.give(
            student=student,
            teacher=teacher,
            count=1,
            expires_at=None,
            origin=Origin.PACKAGE,
            reason="Paid",
            by=make_admin(),
            now=now,
        )
    booking = make_booking(teacher=teacher, student=student, starts_at=starts_at, use_credit=with_credit, now=now)
    return services.confirm_booking(booking_id=booking.pk, now=now)


def cancel_too_late(booking: Booking) -> None:
    """Let the student of a lesson cancel it an hour before, which takes the lesson."""
    rules = {"cancel_notice_hours": 24, "late_cancellation_takes_lesson": True}
    policies.change_policy(teacher_id=booking.teacher_id, changes=rules)
    services.cancel_booking(booking_id=booking.pk, by=booking.student, now=booking.starts_at - timedelta(hours=1))


def miss(booking: Booking, who: NoShow) -> None:
    """Let one side of a lesson not come."""
    now = booking.starts_at + timedelta(minutes=30)
    outcomes.report_no_show(booking_id=booking.pk, who=who, by=make_admin(), now=now)


def month_of(teacher: User, month: str = "2020-03") -> list[Line]:
    """Return a teacher's sessions of a month, afterwards."""
    return lines_of(teacher.pk, asked_month(month, now=AFTERWARDS), now=AFTERWARDS)


def paid(teacher: User, month: str = "2020-03") -> list[tuple[str, int, int | None]]:
    """Return of each session of a month what became of it, how much of the rate is paid, and the amount."""
    return [(line.state.value, line.percent, line.amount) for line in month_of(teacher, month)]
