"""Lessons that students are owed: bought or given, reserved when they are booked, and when they come back or are lost."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from classbell.accounts.models import User
from classbell.bookings import makeup, outcomes, services
from classbell.bookings.errors import NoticeTooShort
from classbell.bookings.ledger import lines_of, reason_of
from classbell.bookings.models import Booking, BookingPolicy, MakeUpCredit, NoShow, Origin
from tests.api_client import ApiClient
from tests.factories import make_admin, make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]


def now() -> datetime:
    return datetime.now(UTC)


def with_lessons(count: int = 2) -> User:
    student = make_student()
    makeup.add_bought(
        student=student,
        teacher=None,
        count=count,
        expires_at=None,
        origin=Origin.PACKAGE,
        by=None,
        reason="Ten lessons",
        now=now(),
    )
    return student


def left(student: User) -> int:
    return MakeUpCredit.objects.usable(now()).filter(student=student).count()


def book(student: User, **more: User) -> Booking:
    booking = make_booking(
        student=student, teacher=more.get("teacher") or make_tutor(), starts_at=a_day_ahead(), use_credit=True
    )
    return services.confirm_booking(booking_id=booking.pk, now=now())


def statement(student: User) -> list[str]:
    lines = lines_of(MakeUpCredit.objects.filter(student=student)).order_by("at", "pk")
    return [reason_of(line) for line in lines]


def test_a_package_is_for_lessons_with_any_teacher_and_does_not_expire(api: Api) -> None:
    student, path = make_student(), "/api/balances"
    body = {"amount": 2, "origin": "package", "reason": "Paid in cash."}

    given = api(make_admin()).post(f"{path}/{student.pk}/entries", body)
    book(student)
    makeup.expire(now=now() + timedelta(days=4000))

    assert given.status_code == 201
    answer = api(student).get(path).json()
    assert answer["balance"] == 1
    assert {key: answer["credits"][0][key] for key in ("origin", "teacher_id", "teacher_name", "expires_at")} == {
        "origin": "package",
        "teacher_id": None,
        "teacher_name": None,
        "expires_at": None,
    }


def test_what_ends_first_is_spent_first() -> None:
    student, teacher = with_lessons(), make_tutor()
    makeup.give(
        student=student,
        teacher=teacher,
        count=1,
        expires_at=now() + timedelta(days=60),
        origin=Origin.GIFT,
        reason="A gift.",
        by=make_admin(),
        now=now(),
    )

    book(student, teacher=teacher)

    assert MakeUpCredit.objects.get(used_by__isnull=False).origin == Origin.GIFT


def test_reserved_when_booked_and_taken_when_held() -> None:
    student = with_lessons(1)
    booking = book(student)
    reserved = statement(student)[-1]
    Booking.objects.update(starts_at=now() - timedelta(hours=2), ends_at=now() - timedelta(hours=1))

    outcomes.complete_ended(now=now())

    assert (left(student), reserved, statement(student)[-1]) == (
        0,
        "Reserved for the lesson.",
        "Taken by the lesson.",
    )
    assert MakeUpCredit.objects.get().used_by == booking


def test_cancelled_in_time_it_comes_back() -> None:
    BookingPolicy.objects.create(cancel_notice_hours=12)
    student = with_lessons(1)

    services.cancel_booking(booking_id=book(student).pk, by=student, now=now())

    assert left(student) == 1


def test_too_late_to_cancel_is_refused_unless_the_school_lets_the_lesson_be_lost() -> None:
    policy = BookingPolicy.objects.create(cancel_notice_hours=24 * 60)
    student = with_lessons(1)
    booking = book(student)

    with pytest.raises(NoticeTooShort):
        services.cancel_booking(booking_id=booking.pk, by=student, now=now())
    policy.late_cancellation_takes_lesson = True
    policy.save()
    services.cancel_booking(booking_id=booking.pk, by=student, now=now())

    assert (left(student), statement(student)[-1]) == (0, "Lost: the lesson was cancelled too late.")


def test_without_a_lesson_too_late_stays_too_late() -> None:
    BookingPolicy.objects.create(cancel_notice_hours=24 * 60, late_cancellation_takes_lesson=True)
    student = make_student()
    booking = make_booking(student=student, teacher=make_tutor(), starts_at=a_day_ahead())
    services.confirm_booking(booking_id=booking.pk, now=now())

    with pytest.raises(NoticeTooShort):
        services.cancel_booking(booking_id=booking.pk, by=student, now=now())


def test_a_teacher_who_cancels_late_gives_it_back() -> None:
    BookingPolicy.objects.create(cancel_notice_hours=24 * 60, late_cancellation_takes_lesson=True)
    student = with_lessons(1)
    booking = book(student)

    services.cancel_booking(booking_id=booking.pk, by=booking.teacher, now=now())

    assert left(student) == 1


@pytest.mark.parametrize(("returns", "after"), [(False, 0), (True, 1)])
def test_who_does_not_come_loses_it_unless_the_school_says_otherwise(*, returns: bool, after: int) -> None:
    BookingPolicy.objects.create(no_show_returns_lesson=returns)
    student = with_lessons(1)
    booking = book(student)
    later = booking.starts_at + timedelta(minutes=30)

    outcomes.report_no_show(booking_id=booking.pk, who=NoShow.STUDENT, by=booking.teacher, now=later)

    assert MakeUpCredit.objects.usable(later).filter(student=student).count() == after


def test_the_page_says_before_that_the_lesson_is_lost_and_that_cancelling_is_possible(api: Api) -> None:
    BookingPolicy.objects.create(cancel_notice_hours=24 * 60, late_cancellation_takes_lesson=True)
    student = with_lessons(1)
    booking = book(student)

    shown = api(student).get(f"/api/bookings/bookings/{booking.pk}").json()

    assert shown.get("booking", shown)["can_cancel"] is True


def test_what_is_refunded_is_taken_back_but_not_what_is_used() -> None:
    student = with_lessons(3)
    book(student)
    ids = list(MakeUpCredit.objects.values_list("pk", flat=True))

    taken = [makeup.withdraw(ids, most=5, reason="Refunded.", by=None, now=now()) for _time in range(2)]

    assert (taken, left(student)) == ([2, 0], 0)
    assert statement(student)[-1] == "Refunded."
