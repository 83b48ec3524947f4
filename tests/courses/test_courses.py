"""Courses by API: made, read, changed, ended; their students."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.courses.models import Course, Session
from classbell.groups.models import Group
from classbell.meetings.models import Claim, Meeting
from tests.courses.teaching import Api, lessons, make_course, make_sessions, post_batch
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_bookings import a_day_ahead

pytestmark = pytest.mark.django_db


def test_new_course_has_every_field_of_the_contract(api: Api) -> None:
    teacher = make_teacher(timezone="Asia/Riyadh")

    answer = api(teacher).post(
        "/api/courses", {"title": "فقه", "description": "x", "start_date": "2027-01-04", "end_date": "2027-06-30"}
    )

    course = answer.json()["course"]
    assert answer.status_code == 201
    assert {name: course[name] for name in ("title", "description", "timezone", "start_date", "end_date")} == {
        "title": "فقه",
        "description": "x",
        "timezone": "Asia/Riyadh",
        "start_date": "2027-01-04",
        "end_date": "2027-06-30",
    }
    assert course["teacher"] == {"id": str(teacher.pk), "name": teacher.name, "email": teacher.email}
    assert (course["student_count"], course["session_count"], course["ended_at"]) == (0, 0, None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({}, "invalid_input", id="no title"),
        pytest.param({"title": " "}, "invalid_input", id="empty title"),
        pytest.param({"title": "x", "timezone": "Mars/Base"}, "invalid_input", id="no timezone"),
        pytest.param({"title": "x", "start_date": "soon"}, "invalid_input", id="no date"),
        pytest.param(
            {"title": "x", "start_date": "2027-02-02", "end_date": "2027-02-01"}, "invalid_dates", id="ends first"
        ),
    ],
)
def test_course_that_makes_no_sense_is_refused(api: Api, body: dict[str, Any], code: str) -> None:
    answer = api(make_teacher()).post("/api/courses", body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Group.objects.exists()


def test_only_admins_give_courses_to_others_and_never_to_students(api: Api) -> None:
    colleague, student = make_teacher(), make_student()

    refused = api(make_teacher()).post("/api/courses", {"title": "x", "teacher_id": str(colleague.pk)})
    given = api(make_admin()).post("/api/courses", {"title": "x", "teacher_id": str(colleague.pk)})
    absurd = api(make_admin()).post("/api/courses", {"title": "x", "teacher_id": str(student.pk)})

    assert (refused.status_code, given.status_code, absurd.status_code) == (403, 201, 400)
    assert given.json()["course"]["teacher"]["id"] == str(colleague.pk)
    assert absurd.json()["code"] == "not_a_teacher"


def test_same_key_makes_one_course(api: Api) -> None:
    client = api(make_teacher())

    first, again = (client.post("/api/courses", {"title": "x"}, idempotency_key="one") for _ in range(2))

    assert first.json() == again.json()
    assert Course.objects.count() == 1


def test_list_holds_what_one_teaches_and_costs_the_same_for_many(api: Api) -> None:
    teacher = make_teacher()
    make_course(api, make_teacher(), title="Somebody else's")
    make_course(api, teacher, title="A")
    with CaptureQueriesContext(connection) as one:
        api(teacher).get("/api/courses")
    course = make_course(api, teacher, title="B")
    make_sessions(api, teacher, course, 2)
    make_course(api, teacher, title="C")

    with CaptureQueriesContext(connection) as three:
        page = api(teacher).get("/api/courses", limit=2).json()
    rest = api(teacher).get("/api/courses", cursor=page["next_cursor"]).json()

    assert [(c["title"], c["session_count"]) for c in page["courses"] + rest["courses"]] == [
        ("A", 0),
        ("B", 2),
        ("C", 0),
    ]
    assert rest["next_cursor"] is None
    assert len(three) == len(one)


def test_course_is_changed_and_its_dates_are_opened(api: Api) -> None:
    teacher = make_teacher()
    course = make_course(api, teacher, start_date="2027-01-04", end_date="2027-06-30")

    changed = api(teacher).patch(f"/api/courses/{course['id']}", {"title": "Fiqh", "end_date": None}).json()["course"]

    assert (changed["title"], changed["start_date"], changed["end_date"]) == ("Fiqh", "2027-01-04", None)
    assert changed["timezone"] == course["timezone"]


def test_students_come_and_go(api: Api) -> None:
    teacher, first, second = make_teacher(), make_student(), make_student()
    path = f"/api/courses/{make_course(api, teacher)['id']}/students"

    added = api(teacher).post(path, {"student_ids": [str(first.pk)], "emails": [second.email.upper()]})
    listed = api(teacher).get(path).json()["students"]
    dropped = api(teacher).delete(path, {"emails": [first.email]})
    unknown = api(teacher).post(path, {"emails": ["nobody@school.example"]})
    colleague = api(teacher).post(path, {"emails": [make_teacher().email]})

    rest = {"waiting": 0, "beyond_capacity": 0}
    assert added.json() == {"added": 2, "removed": 0, "student_count": 2} | rest
    assert {student["email"] for student in listed} == {first.email, second.email}
    assert dropped.json() == {"added": 0, "removed": 1, "student_count": 1} | rest
    assert (unknown.json()["code"], colleague.json()["code"]) == ("people_unknown", "not_a_student")


def test_ended_course_frees_its_time_and_leaves_the_list(api: Api) -> None:
    teacher = make_teacher()
    course = make_course(api, teacher)
    make_sessions(api, teacher, course, 3)

    ended = api(teacher).delete(f"/api/courses/{course['id']}")
    again = api(teacher).delete(f"/api/courses/{course['id']}")
    batch = post_batch(api, teacher, course, lessons(1))

    assert (ended.json(), again.status_code, batch.status_code) == ({"success": True}, 404, 404)
    assert not Claim.objects.exists()
    assert not Meeting.objects.filter(wanted=True).exists()
    assert api(teacher).get("/api/courses").json()["courses"] == []
    sessions = api(teacher).get(f"/api/courses/{course['id']}/sessions").json()["sessions"]
    assert {(s["status"], s["cancellation_reason"]) for s in sessions} == {("cancelled", "The course was ended.")}


def test_ending_a_course_costs_the_same_for_one_and_for_many_sessions(api: Api) -> None:
    teacher = make_teacher()
    counts = []
    for number in (1, 30):
        course = make_course(api, teacher)
        make_sessions(api, teacher, course, number)
        with CaptureQueriesContext(connection) as queries:
            api(teacher).delete(f"/api/courses/{course['id']}")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_new_teacher_takes_over_what_the_one_before_would_have_held(api: Api) -> None:
    before, after, substitute = make_teacher(), make_teacher(), make_teacher()
    course = make_course(api, before)
    sessions = make_sessions(api, before, course, 3)
    api(before).patch(f"/api/sessions/{sessions[1]['id']}", {"teacher_id": str(substitute.pk)})

    answer = api(make_admin()).patch(f"/api/courses/{course['id']}", {"teacher_id": str(after.pk)})

    assert answer.json()["course"]["teacher"]["id"] == str(after.pk)
    held = {str(claim.resource_id) for claim in Claim.objects.filter(kind="teacher")}
    assert held == {str(after.pk), str(substitute.pk)}
    assert [s.teacher for s in Session.objects.with_meetings()] == [after, substitute, after]
    assert api(before).get(f"/api/courses/{course['id']}").status_code == 404


def test_new_teacher_who_is_busy_changes_nothing(api: Api) -> None:
    before, after = make_teacher(), make_teacher()
    course, other = make_course(api, before), make_course(api, after)
    make_sessions(api, before, course, 3)
    make_sessions(api, after, other, 1, first=a_day_ahead(days=8, hour=12) + timedelta(minutes=30))

    answer = api(make_admin()).patch(f"/api/courses/{course['id']}", {"title": "New", "teacher_id": str(after.pk)})

    assert (answer.status_code, answer.json()["code"]) == (400, "teacher_busy")
    assert [detail["blocked_by"][:8] for detail in answer.json()["details"]] == ["Lesson 1"]
    kept = Course.objects.get(pk=course["id"])
    assert (kept.teacher, kept.title) == (before, "Tajweed")
    assert Claim.objects.filter(resource_id=before.pk).count() == 3


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(one, ids) for one in value]
    return value.format(**ids) if isinstance(value, str) else value
