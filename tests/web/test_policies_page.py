"""The school's rules for bookings: said in sentences, changed by admins only."""

import pytest

from classbell.bookings.models import BookingPolicy
from classbell.bookings.policies import policy_of
from tests.factories import make_admin, make_student
from tests.factories_bookings import make_tutor
from tests.web.conftest import SignIn
from tests.web.html import attributes, words

RULES = {
    "cancel_notice_hours": "24",
    "reschedule_notice_hours": "",
    "reschedules_per_month": "2",
    "request_lapses_after_hours": "12",
    "no_show_after_minutes": "10",
    "makeup_credit_days": "",
}


def test_school_without_rules_reads_what_holds(db: None, sign_in: SignIn) -> None:
    page = words(sign_in(make_admin()).get("/policies/"))

    assert "These are what every school begins with; nobody has changed them yet." in page
    assert "Students may cancel at any time before the start." in page
    assert "A request nobody answers is given up after 48 hours, at its start at the latest." in page


def test_rules_for_all_are_changed_and_said_in_sentences(db: None, sign_in: SignIn) -> None:
    response = sign_in(make_admin()).post("/policies/all", RULES, follow=True)

    page = words(response)
    policy = BookingPolicy.objects.get(teacher=None)
    assert (policy.cancel_notice_hours, policy.reschedule_notice_hours, policy.makeup_credit_days) == (24, None, None)
    assert "Students may cancel until 24 hours before the start." in page
    assert "They may do so 2 times a month with one teacher." in page
    assert "When the teacher does not come, there is no make-up lesson." in page
    assert "Saved. The new rules hold for all teachers without rules of their own." in page


def test_one_teacher_gets_rules_of_their_own_and_loses_them_again(db: None, sign_in: SignIn) -> None:
    teacher, browser = make_tutor(first_name="Amina", last_name="Haddad"), sign_in(make_admin())

    chosen = browser.get(f"/policies/new?teacher={teacher.pk}")
    saved = browser.post(f"/policies/{teacher.pk}/", RULES, follow=True)
    own = policy_of(teacher.pk).cancel_notice_hours
    dropped = browser.post(f"/policies/{teacher.pk}/drop", follow=True)

    assert chosen.headers["Location"] == f"/policies/{teacher.pk}/"
    assert "Saved. Amina Haddad has rules of their own now." in words(saved)
    assert "Amina Haddad follows the rules for all again." in words(dropped)
    assert (own, policy_of(teacher.pk).cancel_notice_hours) == (24, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"request_lapses_after_hours": ""},
        {"cancel_notice_hours": "-1"},
        {"makeup_credit_days": "0"},
        {"no_show_after_minutes": "x"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_rules_are_refused_and_kept(db: None, sign_in: SignIn, wrong: dict[str, str]) -> None:
    sent = RULES | wrong

    response = sign_in(make_admin()).post("/policies/all", sent)

    typed = {given.get("name"): given.get("value") or "" for given in attributes(response, "input")}
    assert response.status_code == 400
    assert {name: typed[name] for name in sent} == sent
    assert not BookingPolicy.objects.exists()


@pytest.mark.parametrize("teacher", ["", "nobody"])
def test_rules_for_nobody_ask_to_choose(db: None, sign_in: SignIn, teacher: str) -> None:
    response = sign_in(make_admin()).get(f"/policies/new?teacher={teacher}", follow=True)

    assert "Choose a teacher first." in words(response)


def test_students_have_no_rules_of_their_own(db: None, sign_in: SignIn) -> None:
    assert sign_in(make_admin()).get(f"/policies/{make_student().pk}/").status_code == 404
