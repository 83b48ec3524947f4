"""The rules of attendance on pages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.meetings.attendance import policies
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.attendance.rules import rules_at
from classbell.meetings.judging.inputs import Policy
from tests.factories import make_class
from tests.factories_attendance import make_occurrence, make_stay
from tests.web.conftest import School, SignIn
from tests.web.html import inline_code, words

RULES = "/attendance/policies/"
TYPED = {
    "late_after_minutes": "3",
    "present_percent": "80",
    "partial_percent": "30",
    "grace_before_minutes": "5",
    "grace_after_minutes": "5",
    "least_minutes": "5",
    "teacher_tolerance_minutes": "5",
    "difference_minutes": "2",
    "void_when_host_never_came": "on",
    "since": "",
}


def test_teachers_read_the_schools_rules_and_their_classes(school: School, sign_in: SignIn) -> None:
    policies.set_rules(group=school.group, policy=Policy(late_after_minutes=3), now=datetime.now(UTC))

    page = sign_in(school.teacher).get(RULES)

    assert "Late after 10 minutes." in words(page)
    assert "Algebra Late after 3 minutes." in words(page)
    assert "Change the rules for all" not in words(page)
    assert inline_code(page) == []


def test_other_teachers_do_not_see_the_rules_of_a_class(school: School, sign_in: SignIn) -> None:
    policies.set_rules(group=school.group, policy=Policy(late_after_minutes=3), now=datetime.now(UTC))

    assert "Algebra" not in words(sign_in(school.other_teacher).get(RULES))


def test_admins_change_the_rules_of_the_school(school: School, sign_in: SignIn) -> None:
    answer = sign_in(school.admin).post(f"{RULES}school", TYPED, follow=True)

    assert "Saved. They hold from now on; past attendance stays as it is." in words(answer)
    assert rules_at(None, datetime.now(UTC)).policy.late_after_minutes == 3


def test_reaching_back_says_how_many_occurrences_are_judged_again(school: School, sign_in: SignIn) -> None:
    answer = sign_in(school.teacher).post(
        f"{RULES}classes/{school.group.pk}", TYPED | {"since": str(datetime.now(UTC).date())}, follow=True
    )

    assert "Saved. Attendance is calculated again for 0 sessions." in words(answer)


@pytest.mark.parametrize("sent", [{"preview": "1"}, {}], ids=["without scripts", "as one types"])
def test_rules_are_rehearsed_before_they_are_saved(school: School, sign_in: SignIn, sent: dict[str, str]) -> None:
    group = make_class(teacher=school.other_teacher, students=[school.member])
    occurrence = make_occurrence(group, days=-14)
    make_stay(occurrence, school.other_teacher, 0, 60)
    make_stay(occurrence, school.member, 5, 60)
    record_attendance(occurrence_id=occurrence.pk, now=occurrence.ends_at)
    headers = {} if sent else {"HX-Request": "true", "HX-Target": "plan"}

    page = sign_in(school.other_teacher).post(
        f"{RULES}classes/{group.pk}", TYPED | sent | {"since": str(occurrence.starts_at.date())}, headers=headers
    )

    assert page.status_code == 200
    assert "Attendance is calculated again for 1 past session. 1 attendance entry changes." in words(page)
    assert ("Save the rules" in words(page)) is bool(sent)
    assert rules_at(group.pk, datetime.now(UTC)).source == "built_in"


def test_rehearsal_says_what_is_wrong(school: School, sign_in: SignIn) -> None:
    page = sign_in(school.teacher).post(
        f"{RULES}classes/{school.group.pk}",
        TYPED | {"partial_percent": "90"},
        headers={"HX-Request": "true", "HX-Target": "plan"},
    )

    assert "Present must begin at no less than partly there" in words(page)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({"partial_percent": "90"}, "Present must begin at no less than partly there", id="crossed"),
        pytest.param({"late_after_minutes": "999"}, "less than or equal to 240", id="too-late"),
        pytest.param(
            {"since": str((datetime.now(UTC) + timedelta(days=3)).date())}, "from a day that has begun", id="day-ahead"
        ),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    school: School, sign_in: SignIn, typed: dict[str, str], said: str
) -> None:
    answer = sign_in(school.admin).post(f"{RULES}school", TYPED | typed)

    assert answer.status_code == 400
    assert said in words(answer)
    assert 'value="80"' in answer.content.decode()
    assert rules_at(None, datetime.now(UTC)).source == "built_in"


def test_a_class_follows_the_school_again(school: School, sign_in: SignIn) -> None:
    policies.set_rules(group=school.group, policy=Policy(late_after_minutes=3), now=datetime.now(UTC))

    sign_in(school.teacher).post(f"{RULES}classes/{school.group.pk}/drop")

    assert rules_at(school.group.pk, datetime.now(UTC)).source == "built_in"


def test_the_page_takes_few_statements_for_any_number_of_classes_without_reaching_back(
    school: School, sign_in: SignIn
) -> None:
    browser = sign_in(school.admin)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            browser.get(RULES)
        counts.append(len(queries))
        for _ in range(3):
            policies.set_rules(group=make_class(), policy=Policy(), now=datetime.now(UTC))

    assert counts[0] == counts[1] <= 12
