"""Hours taught as people and programs read them: pages, answers, files."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from classbell.accounts.models import User
from classbell.earnings.models import PayRules, TeacherRate
from tests.api_client import ApiClient
from tests.earnings.teaching import at, pay, teach
from tests.factories import make_admin, make_student, make_teacher
from tests.web.conftest import SignIn
from tests.web.html import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("zoom_hosts")]

Api = Callable[..., ApiClient]
MARCH = "?month=2020-03"


@pytest.fixture
def teacher() -> User:
    """A teacher who held an hour in March."""
    amina = make_teacher(first_name="Amina", last_name="Haddad")
    pay(amina, 2000)
    teach(amina, at(3, 2), taught=50)
    return amina


def test_a_teacher_reads_their_own_month(teacher: User, sign_in: SignIn) -> None:
    page = words(sign_in(teacher).get(f"/hours-taught/{MARCH}"))

    assert "March 2020" in page
    assert "The month and all times are on the school’s clock ( UTC )." in page
    assert "Algebra" in page
    assert "€20.00 an hour" in page
    assert "Of a session to which no student came, 100 % is paid." in page


def test_a_teacher_reads_nobody_elses_and_a_student_nobodys(teacher: User, sign_in: SignIn, api: Api) -> None:
    for other, status in ((make_teacher(), 403), (make_student(), 403), (teacher, 200)):
        assert sign_in(other).get(f"/hours-taught/{teacher.pk}/{MARCH}").status_code == status
        assert api(other).get(f"/api/teachers/{teacher.pk}/hours{MARCH}").status_code == status
    assert api(teacher).get(f"/api/teachers/hours{MARCH}").status_code == 403


def test_an_admin_reads_all_teachers_of_a_month(teacher: User, sign_in: SignIn) -> None:
    browser = sign_in(make_admin())

    assert "Amina Haddad 1 1 1.00 0.83 €20.00" in words(browser.get(f"/hours-taught/{MARCH}"))
    assert "No session of this month is over." in words(browser.get("/hours-taught/?month=2020-02"))


def test_who_has_left_is_owed_what_they_taught(teacher: User, sign_in: SignIn) -> None:
    teacher.is_active = False
    teacher.save()

    assert "€20.00" in words(sign_in(make_admin()).get(f"/hours-taught/{teacher.pk}/{MARCH}"))


def test_sessions_without_a_rate_are_said(sign_in: SignIn) -> None:
    teacher = make_teacher()
    teach(teacher, at(3, 2))
    browser = sign_in(make_admin())

    assert "For 1 session no rate is set" in words(browser.get(f"/hours-taught/{teacher.pk}/{MARCH}"))
    assert "1 without a rate" in words(browser.get(f"/hours-taught/{MARCH}"))


@pytest.mark.parametrize("month", ["2020-13", "March", "1999-12", "2020-3", "٢٠٢٠-٠٣"])
def test_a_month_that_is_none_is_said(month: str, teacher: User, api: Api, sign_in: SignIn) -> None:
    answer = api(teacher).get(f"/api/teachers/{teacher.pk}/hours?month={month}")

    assert (answer.status_code, answer.json()["details"][0]["field"]) == (400, "month")
    page = sign_in(teacher).get(f"/hours-taught/?month={month}")
    assert page.status_code == 400
    assert "There is no such month." in words(page)


def test_the_api_answers_sessions_and_totals(teacher: User, api: Api) -> None:
    answer = api(teacher).get(f"/api/teachers/{teacher.pk}/hours{MARCH}").json()

    assert (answer["month"], answer["timezone"], answer["starts_at"]) == ("2020-03", "UTC", "2020-03-01T00:00:00Z")
    assert answer["totals"] == {
        "sessions": 1,
        "held": 1,
        "paid_sessions": 1,
        "paid_minutes": 60,
        "taught_minutes": 50,
        "owed": [{"currency": "EUR", "amount": 2000}],
        "without_rate": 0,
    }
    assert [one["state"] for one in answer["sessions"]] == ["held"]
    (together,) = api(make_admin()).get(f"/api/teachers/hours{MARCH}").json()["teachers"]
    assert (together["teacher_name"], together["totals"]) == ("Amina Haddad", answer["totals"])


def test_files_have_numbers_in_whole_units(teacher: User, api: Api) -> None:
    csv = api(teacher).get(f"/api/teachers/{teacher.pk}/hours{MARCH}&format=csv")
    xlsx = api(make_admin()).get(f"/api/teachers/hours{MARCH}&format=xlsx")

    head, line = csv.content.decode("utf-8-sig").splitlines()
    assert head.startswith("Start (UTC),End (UTC),Session")
    assert line.startswith("2020-03-02 09:00,2020-03-02 10:00,Algebra")
    assert line.endswith("Held,60,50,100,20.0,an hour,20.0,EUR")
    sheet: Any = load_workbook(BytesIO(xlsx.content)).active
    rows = list(sheet.values)
    assert rows[1][2:] == (1, 1, 1, 60, 50, 0, 20, "EUR")


def test_an_admin_sets_and_removes_a_rate_on_the_teachers_page(sign_in: SignIn) -> None:
    teacher, browser = make_teacher(), sign_in(make_admin())
    form = {"in_force_from": "2020-03-01", "amount": "12.5", "currency": "eur", "per": "hour"}
    path = f"/hours-taught/{teacher.pk}/rates"

    saved = browser.post(path, form, follow=True)
    rate = TeacherRate.objects.get()

    assert (rate.amount, rate.currency) == (1250, "EUR")
    assert "€12.50 an hour · All sessions" in words(saved)
    removed = browser.post(f"{path}/{rate.pk}/remove", follow=True)
    assert "None yet: hours are counted" in words(removed)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        pytest.param({"amount": "12.505"}, "EUR has no smaller unit than 0.01.", id="too fine"),
        pytest.param({"currency": "JPY", "amount": "12.5"}, "JPY has no smaller unit than 1.", id="yen"),
        pytest.param({"currency": "XQX"}, "There is no such currency.", id="no currency"),
        pytest.param({"amount": "999999999"}, "That is more than a rate can be.", id="too much"),
        pytest.param({"in_force_from": ""}, "This field is required.", id="no day"),
    ],
)
def test_what_is_typed_wrong_is_said_beside_its_field(typed: dict[str, str], sentence: str, sign_in: SignIn) -> None:
    form = {"in_force_from": "2020-03-01", "amount": "12", "currency": "EUR", "per": "hour"} | typed

    page = sign_in(make_admin()).post(f"/hours-taught/{make_teacher().pk}/rates", form)

    assert page.status_code == 400
    assert sentence in words(page)
    assert not TeacherRate.objects.exists()


def test_an_admin_changes_the_rules_for_pay(sign_in: SignIn) -> None:
    typed = {"late_cancellation_percent": "50", "student_away_percent": "100", "pays_unknown": "on"}

    page = sign_in(make_admin()).post("/hours-taught/rules", typed, follow=True)

    assert PayRules.objects.get().late_cancellation_percent == 50
    assert "by cancelling too late, 50 % is paid." in words(page)
