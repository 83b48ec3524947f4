"""Bookings moved at the same moment into each other's time: one of them waits its turn, and nobody gets stuck."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from classbell.accounts.models import User
from classbell.bookings import services
from classbell.bookings.errors import SlotUnavailable, StudentBusy
from classbell.bookings.models import Booking
from classbell.meetings.models import Claim
from tests.at_once import at_once
from tests.factories import make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8
HOUR = timedelta(hours=1)


def move(booking: Booking, by: User, starts_at: datetime) -> str:
    """Move a booking by a teacher and say what came of it."""
    services.reschedule_booking(
        booking_id=booking.pk, by=by, starts_at=starts_at, ends_at=starts_at + HOUR, now=datetime.now(UTC)
    )
    return "moved"


def outcomes_of_swapping(one: Booking, other: Booking) -> Counter[str]:
    """Move both into each other's time, again and again, and count what was answered."""
    outcomes: Counter[str] = Counter()
    for _round in range(ROUNDS):
        answers = at_once(
            [
                lambda: move(one, one.teacher, other.starts_at),
                lambda: move(other, other.teacher, one.starts_at),
            ]
        )
        outcomes.update(answer if isinstance(answer, str) else type(answer).__name__ for answer in answers)
    return outcomes


@pytest.mark.parametrize("confirmed", [False, True], ids=["requests", "confirmed"])
def test_lessons_of_one_teacher_cannot_swap_in_one_step(confirmed: bool) -> None:
    teacher = make_tutor()
    one = make_booking(teacher=teacher, starts_at=a_day_ahead(hour=9))
    other = make_booking(teacher=teacher, starts_at=a_day_ahead(hour=12))
    if confirmed:
        for booking in (one, other):
            services.confirm_booking(booking_id=booking.pk, now=datetime.now(UTC))

    assert outcomes_of_swapping(one, other) == {SlotUnavailable.__name__: 2 * ROUNDS}
    assert Claim.objects.count() == 4


def test_lessons_of_one_student_cannot_swap_in_one_step() -> None:
    student = make_student()
    one = make_booking(student=student, starts_at=a_day_ahead(hour=9))
    other = make_booking(student=student, starts_at=a_day_ahead(hour=12))

    assert outcomes_of_swapping(one, other) == {StudentBusy.__name__: 2 * ROUNDS}
    assert Claim.objects.count() == 4


def test_student_who_asks_two_teachers_for_one_hour_at_once_gets_one() -> None:
    student, teachers, start = make_student(), [make_tutor(), make_tutor()], a_day_ahead()

    answers = at_once(
        [partial(make_booking, teacher=teacher, student=student, starts_at=start) for teacher in teachers]
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Booking", "StudentBusy"]
    assert Claim.objects.filter(kind="student").count() == 1
    assert Claim.objects.filter(kind="teacher").count() == 1


def test_neighbours_asked_for_at_once_keep_the_teachers_buffer() -> None:
    teacher = make_tutor(settings={"buffer_minutes": 30})
    start = a_day_ahead()

    answers = at_once(
        [partial(make_booking, teacher=teacher, starts_at=begins) for begins in (start, start + HOUR, start + 2 * HOUR)]
    )

    booked = sorted(answer.starts_at for answer in answers if isinstance(answer, Booking))
    assert booked in ([start, start + 2 * HOUR], [start + HOUR])
    assert {type(answer).__name__ for answer in answers} == {"Booking", "SlotUnavailable"}
