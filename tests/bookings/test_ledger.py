"""The ledger of make-up lessons: what it says, who reads and corrects it, and that no balance is ever below nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classbell.accounts.models import User
from classbell.bookings import makeup, services
from classbell.bookings.errors import BalanceTooLow, NoCredit
from classbell.bookings.ledger import lines_of
from classbell.bookings.models import Booking, CreditEntry, MakeUpCredit
from classbell.errors import DomainError
from classbell.notices.models import Notice
from tests.api_client import ApiClient
from tests.at_once import at_once, done_at_once
from tests.bookings.test_missed_lessons import ask_with_credit, missed_by_teacher
from tests.examples import examples
from tests.factories import make_admin, make_class, make_guardian, make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
BALANCES = "/api/balances"


def now() -> datetime:
    return datetime.now(UTC)


def give(student: User, teacher: User, *, count: int = 1, days: int = 60) -> None:
    makeup.give(
        student=student,
        teacher=teacher,
        count=count,
        expires_at=now() + timedelta(days=days),
        reason="A gift.",
        by=make_admin(),
        now=now(),
    )


def take(student: User, *, count: int = 1, at: datetime | None = None) -> list[CreditEntry]:
    return makeup.take(student=student, count=count, reason="A mistake.", by=make_admin(), now=at or now())


def ledger(student: User) -> list[tuple[str, int, int]]:
    lines = lines_of(MakeUpCredit.objects.filter(student=student)).order_by("at", "pk")
    return [(line.kind, line.amount, line.balance) for line in lines]


def test_a_missed_lesson_is_earned_used_and_returned(api: Api) -> None:
    missed = missed_by_teacher()
    made_up = ask_with_credit(missed)
    services.decline_booking(booking_id=made_up.pk, by=missed.teacher, reason="", now=now())

    answer = api(missed.student).get(BALANCES).json()

    assert answer["balance"] == len(answer["credits"]) == 1
    lines = [(one["kind"], one["amount"], one["balance"], one["booking_id"], one["by"]) for one in answer["entries"]]
    assert lines == [
        ("returned", 1, 1, str(made_up.pk), missed.teacher.name),
        ("used", -1, 0, str(made_up.pk), missed.student.name),
        ("earned", 1, 1, str(missed.pk), missed.student.name),
    ]
    assert answer["entries"][2]["reason"] == "The teacher did not come."


def test_it_is_read_page_by_page_with_the_same_balances(api: Api) -> None:
    student = make_student()
    give(student, make_tutor(), count=5)

    first = api(student).get(BALANCES, limit=2).json()
    rest = api(student).get(BALANCES, cursor=first["next_cursor"]).json()

    assert [one["balance"] for one in first["entries"] + rest["entries"]] == [5, 4, 3, 2, 1]


def test_a_teacher_reads_what_is_for_lessons_with_them(api: Api) -> None:
    student, teacher, other = make_student(), make_tutor(), make_tutor()
    make_class(teacher=teacher, students=[student])
    give(student, teacher)
    give(student, other, count=2)

    def balance(person: User) -> Any:
        answer = api(person).get(BALANCES, student_id=str(student.pk))
        return answer.json().get("balance", answer.status_code)

    assert [balance(one) for one in (student, teacher, make_admin())] == [3, 1, 3]
    assert [balance(one) for one in (other, make_student())] == [403, 403]


def test_an_admin_gives_and_takes_away_and_the_student_reads_why(api: Api) -> None:
    student, teacher, admin = make_student(), make_tutor(), make_admin()
    path = f"{BALANCES}/{student.pk}/entries"

    given_ = api(admin).post(path, {"amount": 3, "teacher_id": str(teacher.pk), "reason": "The platform was down."})
    taken = api(admin).post(path, {"amount": -2, "reason": "One was enough."})

    assert (given_.status_code, given_.json()["balance"], taken.json()["balance"]) == (201, 3, 1)
    assert [(one["kind"], one["amount"], one["reason"], one["by"]) for one in taken.json()["entries"]] == [
        ("corrected", -1, "One was enough.", admin.name)
    ] * 2
    told = [notice.words.text for notice in Notice.objects.filter(user=student).order_by("pk")]
    assert ["The platform was down." in told[0], "One was enough." in told[1]] == [True, True]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"amount": -1, "reason": "No."}, "balance_too_low", "amount"),
        ({"amount": 0, "reason": "No."}, "correction_unclear", "amount"),
        ({"amount": 1, "reason": "Yes."}, "correction_unclear", "teacher_id"),
        ({"amount": 99, "reason": "Yes."}, "invalid_input", "amount"),
        ({"amount": -1}, "invalid_input", "reason"),
        ({"amount": -1, "reason": "  "}, "invalid_input", "reason"),
    ],
)
def test_a_correction_that_does_not_add_up_says_so(api: Api, body: dict[str, Any], code: str, field: str) -> None:
    student = make_student()

    answer = api(make_admin()).post(f"{BALANCES}/{student.pk}/entries", body)

    assert (answer.status_code, answer.json()["code"], answer.json()["details"][0]["field"]) == (400, code, field)
    assert not CreditEntry.objects.exists()


def test_what_is_given_has_to_end_later_and_be_with_somebody_else(api: Api) -> None:
    student = make_tutor(learns=True)
    admin, path = api(make_admin()), f"{BALANCES}/{student.pk}/entries"
    body = {"amount": 1, "reason": "Yes.", "teacher_id": str(make_tutor().pk)}

    over = admin.post(path, body | {"expires_at": "2001-01-01T00:00:00Z"})
    own = admin.post(path, body | {"teacher_id": str(student.pk)})

    assert [one.json()["details"][0]["field"] for one in (over, own)] == ["expires_at", "teacher_id"]


def test_expiry_is_noted_once_and_nobody_waits_for_it() -> None:
    student, teacher = make_student(), make_tutor()
    give(student, teacher, count=2, days=30)
    later = now() + timedelta(days=30, hours=1)

    usable = MakeUpCredit.objects.usable(later).count()
    with pytest.raises(BalanceTooLow):
        take(student, at=later)
    noted = [makeup.expire(now=later) for _time in range(2)]

    assert (usable, noted) == (0, [2, 0])
    assert ledger(student)[2:] == [("expired", -1, 1), ("expired", -1, 0)]


def test_given_back_after_its_end_it_expires_then() -> None:
    made_up = ask_with_credit(missed_by_teacher())
    MakeUpCredit.objects.update(expires_at=now())
    makeup.expire(now=now())
    services.cancel_booking(booking_id=made_up.pk, by=made_up.student, now=now())
    makeup.expire(now=now())

    assert [kind for kind, _amount, _balance in ledger(made_up.student)] == ["earned", "used", "returned", "expired"]


def test_what_the_version_before_did_is_caught_up_with() -> None:
    missed = missed_by_teacher()
    CreditEntry.objects.all().delete()
    booking = make_booking(teacher=missed.teacher, student=missed.student, starts_at=a_day_ahead(8))
    MakeUpCredit.objects.update(used_by=booking)

    makeup.expire(now=now())
    MakeUpCredit.objects.update(used_by=None)
    makeup.expire(now=now())
    makeup.expire(now=now())

    assert [kind for kind, _amount, _balance in ledger(missed.student)] == ["earned", "used", "returned"]


def test_a_line_says_that_a_guardian_used_it() -> None:
    student, teacher = make_student(), make_tutor()
    mother, start = make_guardian(student), a_day_ahead()
    give(student, teacher)

    services.request_booking(
        student=student,
        teacher_id=teacher.pk,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        use_credit=True,
        guardian=mother,
        now=now(),
    )

    assert CreditEntry.objects.get(kind="used").by == mother


def test_lines_are_only_added() -> None:
    give(make_student(), make_tutor())

    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        CreditEntry.objects.update(amount=-1)
    with pytest.raises(IntegrityError, match="a_credit_comes_and_goes_in_turn"), transaction.atomic():
        CreditEntry.objects.create(credit=MakeUpCredit.objects.get(), number=2, kind="earned", amount=1, at=now())


@pytest.mark.django_db(transaction=True)
def test_two_lessons_at_once_do_not_both_have_the_last_one() -> None:
    student, teacher = make_student(), make_tutor()
    give(student, teacher)

    def ask(days: int) -> Booking:
        return make_booking(teacher=teacher, student=student, starts_at=a_day_ahead(days), use_credit=True)

    outcomes = at_once([lambda: ask(7), lambda: ask(8), lambda: ask(9)])

    assert sorted(type(one).__name__ for one in outcomes) == ["Booking", NoCredit.__name__, NoCredit.__name__]
    assert ledger(student) == [("corrected", 1, 1), ("used", -1, 0)]


@pytest.mark.django_db(transaction=True)
def test_two_admins_at_once_take_what_there_is_each_their_own() -> None:
    student = make_student()
    give(student, make_tutor(), count=2)

    outcomes = at_once([lambda: take(student)] * 3)

    assert sum(isinstance(one, BalanceTooLow) for one in outcomes) == 1
    assert ledger(student)[-1] == ("corrected", -1, 0)


@pytest.mark.django_db(transaction=True)
def test_used_taken_and_expired_at_once_it_goes_once() -> None:
    student, teacher = make_student(), make_tutor()
    give(student, teacher, days=1)
    later = now() + timedelta(days=1, minutes=1)

    def ask() -> Booking:
        return make_booking(teacher=teacher, student=student, starts_at=a_day_ahead(7), use_credit=True)

    at_once([ask, lambda: take(student), lambda: makeup.expire(now=later)])

    assert [balance for _kind, _amount, balance in ledger(student)] == [1, 0]


@pytest.mark.django_db(transaction=True)
def test_a_lesson_cancelled_and_another_asked_for_at_once_neither_waits_for_ever() -> None:
    student, teacher = make_student(), make_tutor()
    give(student, teacher, count=2)
    first = make_booking(teacher=teacher, student=student, starts_at=a_day_ahead(7), use_credit=True)

    done_at_once(
        [
            lambda: services.cancel_booking(booking_id=first.pk, by=student, now=now()),
            lambda: make_booking(teacher=teacher, student=student, starts_at=a_day_ahead(8), use_credit=True),
        ]
    )

    assert ledger(student)[-1][2] == 1


def _use(student: User, teacher: User, at: datetime) -> None:
    number = Booking.objects.count()
    starts_at = at + timedelta(days=40, hours=2 * number)
    booking = Booking.objects.create(
        student=student, teacher=teacher, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1)
    )
    makeup.use(booking, now=at)


def _give_back(student: User, at: datetime) -> None:
    used = MakeUpCredit.objects.filter(student=student, used_by__isnull=False).first()
    if used is not None and used.used_by is not None:
        makeup.give_back(used.used_by, by=student, now=at)


ACTS: dict[str, Callable[[User, User, datetime], object]] = {
    "give": lambda student, teacher, at: makeup.give(
        student=student,
        teacher=teacher,
        count=1,
        expires_at=at + timedelta(days=3),
        reason="A gift.",
        by=teacher,
        now=at,
    ),
    "take": lambda student, teacher, at: makeup.take(student=student, count=1, reason="No.", by=teacher, now=at),
    "take two": lambda student, teacher, at: makeup.take(student=student, count=2, reason="No.", by=teacher, now=at),
    "expire": lambda _student, _teacher, at: makeup.expire(now=at),
    "use": _use,
    "give back": lambda student, _teacher, at: _give_back(student, at),
}


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=st.lists(st.tuples(st.sampled_from(list(ACTS)), st.integers(0, 3)), max_size=14))
def test_whatever_is_done_the_ledger_says_what_can_be_used(acts: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        student, teacher, at = make_student(), make_tutor(), now()
        for name, days in acts:
            at += timedelta(days=days, minutes=1)
            try:
                with transaction.atomic():
                    ACTS[name](student, teacher, at)
            except DomainError:
                continue
        makeup.expire(now=at)

        balances = [balance for _kind, _amount, balance in ledger(student)]
        usable = MakeUpCredit.objects.usable(at).filter(student=student).count()
        assert all(balance >= 0 for balance in balances)
        assert (balances[-1] if balances else 0) == usable
        assert makeup.expire(now=at) == 0
        transaction.set_rollback(True)
