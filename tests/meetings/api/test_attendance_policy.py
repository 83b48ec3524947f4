"""The rules of attendance over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from classbell.meetings.models import AttendancePolicy
from tests.factories import make_admin, make_class, make_student, make_teacher

pytestmark = pytest.mark.django_db

SCHOOL = "/api/zoom/attendance-policy"
BUILT_IN = {
    "late_after_minutes": 10,
    "present_percent": 75,
    "partial_percent": 25,
    "grace_before_minutes": 5,
    "grace_after_minutes": 5,
    "least_minutes": 5,
    "teacher_tolerance_minutes": 5,
    "void_when_host_never_came": True,
    "difference_minutes": 2,
}


@pytest.fixture
def group():
    return make_class(teacher=make_teacher(), students=[make_student()])


def of_class(group) -> str:
    return f"/api/zoom/classes/{group.pk}/attendance-policy"


def test_a_school_begins_with_the_built_in_rules(api):
    answer = api(make_admin()).get(SCHOOL)

    assert answer.status_code == 200
    assert answer.json() == BUILT_IN | {"source": "built_in", "in_force_from": None, "recalculation": None}


def test_a_change_of_the_school_leaves_what_is_not_named(api):
    admin = api(make_admin())
    admin.patch(SCHOOL, {"late_after_minutes": 3})

    answer = admin.patch(SCHOOL, {"present_percent": 60}).json()

    assert {name: answer[name] for name in BUILT_IN} == BUILT_IN | {"late_after_minutes": 3, "present_percent": 60}
    assert answer["source"] == "school"


def test_a_class_gets_rules_of_its_own_and_can_follow_the_school_again(api, group):
    teacher = api(group.teachers.get())

    own = teacher.patch(of_class(group), {"late_after_minutes": 3}).json()
    dropped = teacher.delete(of_class(group)).json()

    assert (own["late_after_minutes"], own["source"]) == (3, "class")
    assert (dropped["late_after_minutes"], dropped["source"]) == (10, "built_in")


def test_reaching_back_says_how_far_it_is(api, group):
    today = datetime.now(UTC).date()

    answer = api(group.teachers.get()).patch(of_class(group), {"late_after_minutes": 3, "since": str(today)}).json()

    assert answer["recalculation"] == {"total": 0, "done": 0}
    assert answer["in_force_from"] == f"{today}T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "details"),
    [
        pytest.param(
            {"late_after_minutes": 241},
            [{"field": "late_after_minutes", "message": "must be at most 240"}],
            id="too-late",
        ),
        pytest.param(
            {"present_percent": 101}, [{"field": "present_percent", "message": "must be at most 100"}], id="over-all"
        ),
        pytest.param(
            {"partial_percent": 80},
            [{"field": "partial_percent", "message": "must be at most present_percent, which is 75"}],
            id="crossed",
        ),
        pytest.param({"late": 5}, [{"field": "late", "message": "is not known here"}], id="unknown-name"),
        pytest.param(
            {"since": str(datetime.now(UTC).date() + timedelta(days=2))},
            [{"field": "since", "message": "must be today or earlier"}],
            id="day-ahead",
        ),
    ],
)
def test_a_wrong_rule_is_refused_by_its_name(api, group, body, details):
    answer = api(group.teachers.get()).patch(of_class(group), body)

    assert (answer.status_code, answer.json()["details"]) == (400, details)
    assert AttendancePolicy.objects.count() == 0
