"""Rates and rules: who sets them, what is refused, what history keeps, and two admins at once."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from classbell.earnings.errors import NoSuchRate, RateRefused
from classbell.earnings.models import Per, TeacherRate
from classbell.earnings.services import remove_rate, set_rate
from tests.api_client import ApiClient
from tests.at_once import done_at_once
from tests.earnings.teaching import AFTERWARDS, at, month_of, pay, teach
from tests.factories import make_admin, make_student, make_teacher

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
RATE = {"in_force_from": "2020-01-01", "amount": 2000, "currency": "EUR", "per": "hour"}


def path(teacher: Any, what: str = "rates") -> str:
    return f"/api/teachers/{teacher.pk}/{what}"


def history_of(rate: Any) -> list[tuple[str, int]]:
    return list(rate.history.order_by("pgh_id").values_list("pgh_label", "amount"))


def test_an_admin_sets_a_rate_and_the_teacher_reads_it(api: Api) -> None:
    teacher = make_teacher()

    answer = api(make_admin()).put(path(teacher), RATE)

    (rate,) = api(teacher).get(path(teacher)).json()["rates"]
    assert answer.status_code == 200
    assert {name: rate[name] for name in RATE} == RATE
    assert api(make_teacher()).get(path(teacher)).status_code == 403
    assert api(teacher).put(path(teacher), RATE).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        pytest.param({"amount": -1}, "invalid_input", id="below nothing"),
        pytest.param({"amount": 20.5}, "invalid_input", id="no whole number"),
        pytest.param({"currency": "eur"}, "invalid_input", id="small letters"),
        pytest.param({"currency": "QQQ"}, "rate_refused", id="no such currency"),
        pytest.param({"per": "month"}, "invalid_input", id="a month"),
        pytest.param({"in_force_from": "yesterday"}, "invalid_input", id="no day"),
    ],
)
def test_a_wrong_rate_is_refused_by_its_field(api: Api, wrong: dict[str, Any], code: str) -> None:
    teacher = make_teacher()

    answer = api(make_admin()).put(path(teacher), RATE | wrong)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert next(iter(wrong)) in str(answer.json())
    assert not TeacherRate.objects.exists()


def test_a_student_has_no_rate(api: Api) -> None:
    assert api(make_admin()).put(path(make_student()), RATE).status_code == 404


def test_a_rate_for_a_kind_and_a_class_at_once_is_refused() -> None:
    with pytest.raises(RateRefused, match="not both"):
        pay(make_teacher(), 2000, kind=Any, group=Any)


def test_another_rate_from_the_same_day_replaces_it_and_history_keeps_what_it_was() -> None:
    teacher = make_teacher()
    pay(teacher, 2000)
    pay(teacher, 2500)

    rate = TeacherRate.objects.get()

    assert rate.amount == 2500
    assert [amount for _label, amount in history_of(rate)] == [2000, 2000]


@pytest.mark.usefixtures("zoom_hosts")
def test_a_rate_that_is_removed_leaves_what_held_before() -> None:
    teacher = make_teacher()
    pay(teacher, 2000)
    mistake = pay(teacher, 9000, date(2020, 2, 1))
    teach(teacher, at(3, 2))

    remove_rate(teacher_id=teacher.pk, rate_id=mistake.pk)

    assert [line.rate for line in month_of(teacher)] == [2000]
    with pytest.raises(NoSuchRate):
        remove_rate(teacher_id=teacher.pk, rate_id=mistake.pk)


def test_nobody_removes_a_rate_under_another_teachers_address(api: Api) -> None:
    rate = pay(make_teacher(), 2000)

    assert api(make_admin()).delete(f"{path(make_teacher())}/{rate.pk}").status_code == 404
    assert TeacherRate.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_rates_set_at_once_one_holds_and_history_knows_of_both() -> None:
    teacher = make_teacher()
    day = date(2020, 1, 1)

    done_at_once(
        [
            partial(
                set_rate,
                teacher=teacher,
                in_force_from=day,
                amount=amount,
                currency="EUR",
                per=Per.HOUR,
                now=AFTERWARDS,
            )
            for amount in (2000, 3000)
        ]
    )

    rate = TeacherRate.objects.get()
    kept = dict(history_of(rate))
    assert kept.keys() == {"made", "changed"}
    assert {kept["changed"], rate.amount} == {2000, 3000}


def test_admins_change_the_rules_and_teachers_read_them(api: Api) -> None:
    changed = api(make_admin()).patch("/api/teachers/pay-rules", {"student_away_percent": 50})

    assert changed.json() == {
        "late_cancellation_percent": 100,
        "student_away_percent": 50,
        "pays_unknown": True,
    }
    assert api(make_teacher()).get("/api/teachers/pay-rules").json() == changed.json()
    assert api(make_admin()).patch("/api/teachers/pay-rules", {"student_away_percent": 101}).status_code == 400
