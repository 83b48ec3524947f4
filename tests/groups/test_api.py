"""Classes over HTTP: who may do what, and what it does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classbell.accounts.models import User
from classbell.accounts.services import deactivate_person
from classbell.groups.models import Group, GroupKind
from classbell.groups.services import archive_group
from classbell.ids import uuid7
from tests.api_client import ApiClient
from tests.factories import make_admin, make_class, make_student, make_teacher

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
CLASSES = "/api/zoom/classes"


def test_teacher_creates_a_class_and_teaches_it(api: Api) -> None:
    teacher = make_teacher(timezone="Asia/Riyadh")

    answer = api(teacher).post(CLASSES, {"name": "  Algebra ", "description": "Groups and rings"})

    group = Group.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "class": {
            "id": str(group.pk),
            "name": "Algebra",
            "description": "Groups and rings",
            "timezone": "Asia/Riyadh",
            "teachers": [{"id": str(teacher.pk), "name": teacher.name, "email": teacher.email}],
            "capacity": None,
            "student_count": 0,
            "waiting_count": 0,
            "created_at": group.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "archived_at": None,
        }
    }
    assert group.kind == GroupKind.CLASS


def test_admin_creates_a_class_for_a_teacher(api: Api) -> None:
    teacher = make_teacher()

    answer = api(make_admin()).post(CLASSES, {"name": "A", "timezone": "Europe/Lisbon", "teacher_id": str(teacher.pk)})

    assert [person["id"] for person in answer.json()["class"]["teachers"]] == [str(teacher.pk)]
    assert answer.json()["class"]["timezone"] == "Europe/Lisbon"


def test_admin_creates_a_class_that_nobody_teaches_yet(api: Api) -> None:
    assert api(make_admin()).post(CLASSES, {"name": "A"}).json()["class"]["teachers"] == []


@pytest.mark.parametrize(
    ("make_person", "code"),
    [(make_student, "not_a_teacher"), (lambda: User(pk=uuid7()), "people_unknown")],
    ids=["student", "nobody"],
)
def test_class_cannot_be_given_to_who_does_not_teach(api: Api, make_person: Callable[[], User], code: str) -> None:
    answer = api(make_admin()).post(CLASSES, {"name": "A", "teacher_id": str(make_person().pk)})

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Group.objects.exists()


def test_teacher_cannot_create_a_class_for_another(api: Api) -> None:
    answer = api(make_teacher()).post(CLASSES, {"name": "A", "teacher_id": str(make_teacher().pk)})

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_list_holds_what_one_teaches_by_name(api: Api) -> None:
    teacher = make_teacher()
    for name in ("Geometry", "Algebra"):
        make_class(name=name, teacher=teacher, students=2)
    make_class(name="Another's")
    make_class(name="A halaka", kind=GroupKind.HALAKA, teacher=teacher)
    archive_group(group_id=make_class(name="Old", teacher=teacher).pk, now=timezone.now())

    answer = api(teacher).get(CLASSES).json()

    assert [(entry["name"], entry["student_count"]) for entry in answer["classes"]] == [("Algebra", 2), ("Geometry", 2)]
    assert answer["next_cursor"] is None


def test_pages_of_the_list_hold_everything_once(api: Api) -> None:
    teacher = make_teacher()
    for number in range(5):
        make_class(name=f"Same {number // 3}", teacher=teacher)
    client, seen, cursor = api(teacher), [], None

    for _page in range(3):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = client.get(CLASSES, **query).json()
        seen += [entry["id"] for entry in answer["classes"]]
        cursor = answer["next_cursor"]

    assert cursor is None
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_queries_however_many(api: Api, count: int) -> None:
    teacher = make_teacher()
    for _number in range(count):
        make_class(teacher=teacher, students=2)
    client = api(teacher)

    with CaptureQueriesContext(connection) as queries:
        client.get(CLASSES)

    assert len(queries) == 3  # the person, the classes, their teachers


def test_students_are_listed_in_the_order_they_joined(api: Api) -> None:
    students = [make_student(last_name=name) for name in ("Zahra", "Almeida")]
    group = make_class()
    client = api(group.teachers.all()[0])
    for student in students:
        client.post(f"{CLASSES}/{group.pk}/students", {"student_ids": [str(student.pk)]})

    answer = client.get(f"{CLASSES}/{group.pk}/students", limit=1).json()

    assert [entry["id"] for entry in answer["students"]] == [str(students[0].pk)]
    assert sorted(answer["students"][0]) == ["email", "first_name", "id", "joined_at", "last_name", "name"]
    rest = client.get(f"{CLASSES}/{group.pk}/students", cursor=answer["next_cursor"]).json()
    assert [entry["id"] for entry in rest["students"]] == [str(students[1].pk)]


def test_students_are_added_and_removed_by_id_and_email(api: Api) -> None:
    one, two, three = (make_student() for _number in range(3))
    group = make_class(students=[three])
    client, path = api(make_admin()), f"{CLASSES}/{group.pk}/students"

    added = client.post(path, {"student_ids": [str(one.pk)], "emails": [two.email.upper(), one.email, three.email]})
    removed = client.delete(path, {"emails": [two.email], "student_ids": [str(make_student().pk)]})

    rest = {"waiting": 0, "beyond_capacity": 0}
    assert (added.status_code, added.json()) == (200, {"added": 2, "removed": 0, "student_count": 3} | rest)
    assert (removed.status_code, removed.json()) == (200, {"added": 0, "removed": 1, "student_count": 2} | rest)
    assert set(group.members.all()) == {one, three}


def locked_out() -> str:
    user = make_student()
    deactivate_person(user_id=user.pk)
    return str(user.pk)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(dict, "invalid_input", id="nobody named"),
        pytest.param(lambda: {"student_ids": [], "emails": []}, "invalid_input", id="empty lists"),
        pytest.param(lambda: {"emails": ["x"] * 1001}, "invalid_input", id="too many"),
        pytest.param(lambda: {"emails": ["stranger@school.example"]}, "people_unknown", id="unknown e-mail"),
        pytest.param(lambda: {"student_ids": [str(uuid7())]}, "people_unknown", id="unknown id"),
        pytest.param(lambda: {"student_ids": [locked_out()]}, "people_unknown", id="deactivated"),
        pytest.param(lambda: {"student_ids": [str(make_teacher().pk)]}, "not_a_student", id="teacher"),
    ],
)
def test_wrong_students_change_nothing(api: Api, body: Callable[[], dict[str, Any]], code: str) -> None:
    group = make_class()

    answer = api(make_admin()).post(f"{CLASSES}/{group.pk}/students", body())

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not group.members.exists()


def test_deactivated_student_can_be_removed(api: Api) -> None:
    student = make_student()
    group = make_class(students=[student])
    deactivate_person(user_id=student.pk)

    answer = api(make_admin()).delete(f"{CLASSES}/{group.pk}/students", {"student_ids": [str(student.pk)]})

    assert answer.json()["removed"] == 1


@pytest.mark.parametrize("kind", [GroupKind.COURSE, GroupKind.HALAKA])
def test_other_kinds_of_groups_are_no_classes(api: Api, kind: GroupKind) -> None:
    group = make_class(kind=kind)

    assert api(make_admin()).get(f"{CLASSES}/{group.pk}").status_code == 404
