"""A kind that is booked with a lesson of the student's balance takes one, asked or not; who has none does not book it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from classbell.accounts.models import User
from classbell.bookings import makeup, services
from classbell.bookings.errors import NoCredit
from classbell.bookings.kinds.services import create_kind
from classbell.bookings.models import Booking, CreditEntry, LessonKind, MakeUpCredit, Origin
from tests.api_client import ApiClient
from tests.factories import make_admin, make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
NOON = a_day_ahead(hour=12)


@pytest.fixture
def tutor() -> User:
    return make_tutor()


@pytest.fixture
def kind(tutor: User) -> LessonKind:
    return create_kind({"name": "Recitation", "minutes": [60], "teachers": [tutor.pk], "takes_a_lesson": True})


def with_lessons(count: int, *, teacher: User | None = None) -> User:
    """Return a student to whom so many lessons were given."""
    student, now = make_student(), datetime.now(UTC)
    if count:
        makeup.give(
            student=student,
            teacher=teacher,
            count=count,
            expires_at=None,
            origin=Origin.PACKAGE,
            reason="Paid",
            by=make_admin(),
            now=now,
        )
    return student


def book(kind: LessonKind, student: User, teacher: User | None, *, starts_at: datetime = NOON) -> Booking:
    return services.request_booking(
        student=student,
        teacher_id=teacher.pk if teacher else None,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        kind=kind,
        now=datetime.now(UTC),
    )


def test_it_takes_a_lesson_though_nobody_asked_to_use_one(kind: LessonKind, tutor: User) -> None:
    student = with_lessons(2)

    booking = book(kind, student, tutor)

    assert MakeUpCredit.objects.get(used_by=booking).student == student
    assert [entry.kind for entry in CreditEntry.objects.filter(booking=booking)] == ["used"]
    assert MakeUpCredit.objects.usable(datetime.now(UTC)).count() == 1


def test_it_takes_one_and_not_two_where_somebody_asked_too(kind: LessonKind, tutor: User) -> None:
    student = with_lessons(2)

    make_booking(teacher=tutor, student=student, starts_at=NOON, kind=kind, use_credit=True)

    assert MakeUpCredit.objects.usable(datetime.now(UTC)).count() == 1


@pytest.mark.parametrize("chooses", [pytest.param(True, id="a teacher"), pytest.param(False, id="whoever teaches it")])
def test_without_a_lesson_it_is_not_booked_and_holds_nothing(kind: LessonKind, tutor: User, chooses: bool) -> None:
    with pytest.raises(NoCredit):
        book(kind, with_lessons(0), tutor if chooses else None)

    assert not Booking.objects.exists()
    assert book(kind, with_lessons(1), tutor).starts_at == NOON


def test_a_lesson_with_somebody_else_is_none_for_it(kind: LessonKind, tutor: User) -> None:
    with pytest.raises(NoCredit):
        book(kind, with_lessons(1, teacher=make_tutor()), tutor)


def test_whoever_teaches_it_and_for_whom_there_is_a_lesson_is_chosen() -> None:
    first, second = make_tutor(), make_tutor()
    kind = create_kind(
        {
            "name": "Recitation",
            "minutes": [60],
            "teachers": [first.pk, second.pk],
            "chosen_by": "priority",
            "takes_a_lesson": True,
        }
    )

    assert book(kind, with_lessons(1, teacher=second), None).teacher == second


def test_the_last_lesson_is_for_one_booking(kind: LessonKind, tutor: User) -> None:
    student = with_lessons(1)
    first = book(kind, student, tutor)

    with pytest.raises(NoCredit):
        book(kind, student, tutor, starts_at=NOON + timedelta(hours=2))
    services.decline_booking(booking_id=first.pk, by=tutor, reason="", now=datetime.now(UTC))

    assert book(kind, student, tutor, starts_at=NOON + timedelta(hours=2)).kind == kind


def test_by_api_it_says_that_there_is_no_lesson(api: Api, kind: LessonKind, tutor: User) -> None:
    body = {
        "teacher_id": str(tutor.pk),
        "kind": kind.address,
        "start_time": NOON.isoformat(),
        "end_time": (NOON + timedelta(hours=1)).isoformat(),
    }

    answers = [api(student).post("/api/bookings/bookings/", body) for student in (with_lessons(0), with_lessons(1))]

    assert [answer.status_code for answer in answers] == [400, 201]
    assert answers[0].json()["code"] == "no_makeup_credit"


def test_a_kind_that_takes_none_leaves_lessons_alone(tutor: User) -> None:
    kind = create_kind({"name": "Trial", "minutes": [60], "teachers": [tutor.pk]})

    book(kind, with_lessons(1), tutor)

    assert MakeUpCredit.objects.usable(datetime.now(UTC)).count() == 1
