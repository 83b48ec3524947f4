"""Students take places in classes and courses by themselves, wait for them, see their position, and leave."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.groups.models import Group, GroupKind, WaitingStudent
from classbell.groups.places import give_up_place, open_group, open_to, take_place
from classbell.groups.services import archive_group, remove_students, sync_members
from classbell.notices.models import Notice
from tests.at_once import done_at_once
from tests.factories import make_admin, make_class, make_student, make_teacher

pytestmark = pytest.mark.django_db

Api = Callable[..., Any]
PLACES = "/api/places"


def open_class(*, capacity: int | None = 1, **fields: Any) -> Group:
    return open_group(group_id=make_class(capacity=capacity, **fields).pk, is_open=True)


def stands(api: Api, student: User, group: Group) -> tuple[str, int | None]:
    (found,) = [one for one in api(student).get(PLACES).json()["places"] if one["id"] == str(group.pk)]
    return found["state"], found["position"]


def test_a_student_takes_a_place_and_the_next_ones_wait_in_order(api: Api) -> None:
    group = open_class()
    first, second, third = (make_student() for _number in range(3))

    answers = [api(one).post(f"{PLACES}/{group.pk}/join").json()["place"] for one in (first, second, third)]

    assert [(one["state"], one["position"]) for one in answers] == [("member", None), ("waiting", 1), ("waiting", 2)]
    assert list(group.memberships.values_list("user", flat=True)) == [first.pk]


def test_who_leaves_makes_room_for_who_waits_longest_and_the_others_move_up(api: Api) -> None:
    group = open_class()
    first, second, third = (make_student() for _number in range(3))
    for one in (first, second, third):
        take_place(group_id=group.pk, student=one)

    api(first).post(f"{PLACES}/{group.pk}/leave")

    assert [stands(api, one, group) for one in (first, second, third)] == [
        ("full", None),
        ("member", None),
        ("waiting", 1),
    ]
    assert Notice.objects.filter(user=second, kind="circle_place").count() == 1


def test_nobody_goes_before_who_waits_for_a_place_that_an_import_freed(api: Api) -> None:
    leaves, waits, comes = (make_student() for _ in range(3))
    group = make_class(students=[leaves], capacity=1)
    open_group(group_id=group.pk, is_open=True)
    assert take_place(group_id=group.pk, student=waits) is False
    sync_members({group: []})

    answer = api(comes).post(f"/api/places/{group.pk}/join").json()["place"]

    assert (answer["state"], answer["position"]) == ("waiting", 1)
    assert list(group.memberships.values_list("user", flat=True)) == [waits.pk]
    assert Notice.objects.get().user == waits


def test_a_class_that_is_not_open_is_not_found(api: Api) -> None:
    group, student = make_class(), make_student()

    assert api(student).get(PLACES).json()["places"] == []
    answers = [api(student).post(f"{PLACES}/{group.pk}/{what}") for what in ("join", "leave")]
    assert [one.status_code for one in answers] == [404, 404]


@pytest.mark.parametrize("kind", [GroupKind.HALAKA])
def test_circles_are_joined_on_their_own_pages(kind: GroupKind) -> None:
    from classbell.errors import NotThere

    group = make_class(kind=kind)

    with pytest.raises(NotThere):
        open_group(group_id=group.pk, is_open=True)


def test_closed_again_who_waits_keeps_their_position_and_may_leave(api: Api) -> None:
    group = open_class()
    first, second = make_student(), make_student()
    for one in (first, second):
        take_place(group_id=group.pk, student=one)
    open_group(group_id=group.pk, is_open=False)

    assert stands(api, second, group) == ("waiting", 1)
    assert api(second).post(f"{PLACES}/{group.pk}/leave").status_code == 200
    refused = api(first).post(f"{PLACES}/{group.pk}/leave")
    assert (refused.status_code, refused.json()["error"]) == (
        403,
        "The school gave this place. Ask the teacher to take it back.",
    )


def test_nobody_takes_a_place_in_what_they_teach_or_what_is_closed(api: Api) -> None:
    teacher, student = make_teacher(learns=True), make_student()
    group, over = open_class(teacher=teacher), open_class()
    archive_group(group_id=over.pk, now=datetime.now(UTC))

    assert not open_to(teacher).exists()
    assert api(teacher).post(f"{PLACES}/{group.pk}/join").json()["code"] == "teaches_and_learns"
    assert api(student).post(f"{PLACES}/{over.pk}/join").status_code == 404


def test_who_teaches_it_opens_it_and_nobody_else(api: Api) -> None:
    teacher, member = make_teacher(), make_student()
    group = make_class(teacher=teacher, students=[member])

    answers = [
        api(one).patch(f"{PLACES}/{group.pk}", {"is_open": True})
        for one in (member, make_teacher(), make_admin(), teacher)
    ]

    assert [one.status_code for one in answers] == [403, 404, 200, 200]
    assert answers[-1].json() == {"id": str(group.pk), "is_open": True}


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_one_students_however_many_ask_at_once() -> None:
    group = open_class()
    students = [make_student() for _number in range(4)]

    has_place = done_at_once([partial(take_place, group_id=group.pk, student=one) for one in students])

    assert sorted(has_place) == [False, False, False, True]
    assert WaitingStudent.objects.filter(group=group).count() == 3


@pytest.mark.django_db(transaction=True)
def test_leaving_and_being_taken_out_at_once_give_one_place() -> None:
    group = open_class()
    first, second, third = (make_student() for _number in range(3))
    for one in (first, second, third):
        take_place(group_id=group.pk, student=one)

    done_at_once(
        [
            lambda: give_up_place(group_id=group.pk, student=first),
            lambda: remove_students(group_id=group.pk, students=[first]),
        ]
    )

    assert list(group.memberships.values_list("user", flat=True)) == [second.pk]
    assert list(group.waiting.values_list("student", flat=True)) == [third.pk]
