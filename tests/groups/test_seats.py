"""Places in classes, courses and circles: who gets one, who waits, who moves up and is told."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from classbell.accounts.models import User
from classbell.courses.services import change_course, create_course
from classbell.groups.models import Group, WaitingStudent
from classbell.groups.services import (
    GroupFull,
    WhenFull,
    add_teacher,
    archive_group,
    change_group,
    change_members,
    enrol_students,
    join_group,
    remove_students,
    reopen_group,
    take_out,
)
from classbell.notices.models import Notice
from tests.api_client import ApiClient
from tests.at_once import at_once, done_at_once
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.halakat.test_schedule_changes import make_halaka

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]


def students(count: int) -> list[User]:
    return [make_student() for _number in range(count)]


def members(group: Group) -> list[User]:
    return [row.user for row in group.memberships.order_by("created_at", "pk").select_related("user")]


def waiting(group: Group) -> list[User]:
    return [row.student for row in group.waiting.select_related("student")]


def full_class(*, waits: int = 2) -> tuple[Group, User, list[User]]:
    """Return a class of one place, who has it, and who waits for it."""
    group, member, others = make_class(capacity=1), make_student(), students(waits)
    for student in (member, *others):
        join_group(group_id=group.pk, student=student)
    return group, member, others


def test_first_ones_come_in_and_the_others_wait_in_their_order() -> None:
    group, asked = make_class(capacity=2), students(4)

    done = enrol_students(group_id=group.pk, students=asked, when_full=WhenFull.WAIT)

    assert (done.added, done.waiting) == (2, 2)
    assert (members(group), waiting(group)) == (asked[:2], asked[2:])
    again = enrol_students(group_id=group.pk, students=asked, when_full=WhenFull.WAIT)
    assert (again.added, again.waiting) == (0, 0)
    assert waiting(group) == asked[2:]


def test_nobody_comes_in_unasked_where_places_are_too_few_and_the_error_says_how_many() -> None:
    group = make_class(capacity=2, students=1)

    with pytest.raises(GroupFull, match="has 2 places, and 1 are taken: not enough for 2 more") as refused:
        enrol_students(group_id=group.pk, students=students(2))

    assert refused.value.details == [{"capacity": 2, "taken": 1, "asked": 2}]
    assert len(members(group)) == 1


def test_who_goes_over_the_number_knowingly_gets_all_in_and_no_place_is_free_until_it_is_one() -> None:
    group, asked = make_class(capacity=1), students(3)
    assert enrol_students(group_id=group.pk, students=asked, when_full=WhenFull.EXCEED).added == 3
    assert group.beyond_capacity == 2
    join_group(group_id=group.pk, student=(late := make_student()))

    take_out(group_id=group.pk, student=asked[0])
    take_out(group_id=group.pk, student=asked[1])
    assert waiting(group) == [late]
    take_out(group_id=group.pk, student=asked[2])

    assert (members(group), waiting(group)) == ([late], [])


@pytest.mark.parametrize(
    "change",
    [
        lambda group, member: take_out(group_id=group.pk, student=member),
        lambda group, member: remove_students(group_id=group.pk, students=[member]),
        lambda group, member: change_members(group_id=group.pk, joining=[], leaving=[member]),
        lambda group, _member: change_group(group_id=group.pk, capacity=2),
    ],
    ids=["taken out", "removed", "by a list", "one place more"],
)
def test_free_place_goes_to_who_waits_longest_who_is_told(change: Callable[[Group, User], object]) -> None:
    group, member, (first, second) = full_class()

    change(group, member)

    assert members(group)[-1] == first
    assert waiting(group) == [second]
    notice = Notice.objects.get()
    assert (notice.user, notice.path) == (first, f"/classes/{group.pk}/")
    assert group.name in notice.words.subject


def test_bound_that_is_taken_away_lets_everybody_in_and_fewer_places_put_nobody_out() -> None:
    group, member, others = full_class()

    change_group(group_id=group.pk, capacity=None)
    assert (members(group), waiting(group)) == ([member, *others], [])
    group = change_group(group_id=group.pk, capacity=2)

    assert (len(members(group)), group.beyond_capacity) == (3, 1)
    assert change_group(group_id=group.pk, name="Other").capacity == 2


def test_who_cannot_come_any_more_is_passed_over_and_keeps_waiting() -> None:
    group, member, (gone, teaches, next_one) = full_class(waits=3)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    User.objects.filter(pk=teaches.pk).update(role="teacher")

    take_out(group_id=group.pk, student=member)

    assert members(group) == [next_one]
    assert waiting(group) == [gone, teaches]


def test_who_is_put_in_or_taken_out_waits_no_longer() -> None:
    group, _member, (first, second) = full_class()

    enrol_students(group_id=group.pk, students=[first], when_full=WhenFull.EXCEED)
    remove_students(group_id=group.pk, students=[second])

    assert waiting(group) == []
    assert not Notice.objects.exists()


def test_archived_group_moves_nobody_up_until_it_is_taught_again() -> None:
    group, member, (first, second) = full_class()
    archive_group(group_id=group.pk, now=timezone.now())

    take_out(group_id=group.pk, student=member)
    assert (members(group), waiting(group)) == ([], [first, second])
    reopen_group(group_id=group.pk)

    assert (members(group), waiting(group)) == ([first], [second])


def test_course_tells_of_the_place_with_the_way_to_the_course() -> None:
    course = create_course(teacher=make_teacher(), title="Tajwid", timezone="UTC", capacity=1)
    for student in (pair := students(2)):
        join_group(group_id=course.group_id, student=student)

    change_course(course_id=course.pk, changes={"capacity": 2}, now=timezone.now())

    assert members(course.group) == pair
    assert Notice.objects.get().path == f"/courses/{course.pk}/"


@pytest.mark.django_db(transaction=True)
def test_last_place_goes_to_one_of_many_who_join_at_once_and_the_others_wait() -> None:
    group = make_class(capacity=1)

    has_place = done_at_once([partial(join_group, group_id=group.pk, student=one) for one in students(5)])

    assert sorted(has_place) == [False] * 4 + [True]
    assert (len(members(group)), len(waiting(group))) == (1, 4)


@pytest.mark.django_db(transaction=True)
def test_two_who_leave_at_once_make_room_for_two() -> None:
    group, pair, (first, second, third) = make_class(capacity=2), students(2), students(3)
    for student in (*pair, first, second, third):
        join_group(group_id=group.pk, student=student)

    at_once([partial(take_out, group_id=group.pk, student=one) for one in pair])

    assert (set(members(group)), waiting(group)) == ({first, second}, [third])


@pytest.mark.usefixtures("zoom_hosts")
def test_who_is_put_on_the_list_of_the_version_before_is_on_this_one() -> None:
    halaka, student = make_halaka(capacity=1), make_student()

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO halakat_waitingstudent VALUES (gen_random_uuid(), now(), %s, %s)", [halaka.pk, student.pk]
        )
        cursor.execute("SELECT count(*) FROM halakat_waitingstudent")
        assert cursor.fetchone() == (0,)

    assert waiting(halaka.group) == [student]


def place_of_a_course(teacher: User) -> tuple[str, Group]:
    course = create_course(teacher=teacher, title="Tajwid", timezone="UTC", capacity=1)
    return f"/api/courses/{course.pk}", course.group


def place_of_a_class(teacher: User) -> tuple[str, Group]:
    group = make_class(teacher=teacher, capacity=1)
    return f"/api/zoom/classes/{group.pk}", group


@pytest.mark.parametrize("make", [place_of_a_class, place_of_a_course])
def test_api_says_who_came_in_who_waits_and_by_how_much_it_is_exceeded(
    api: Api, make: Callable[[User], tuple[str, Group]]
) -> None:
    teacher, (one, two, three) = make_teacher(), students(3)
    path, group = make(teacher)

    def add(*people: User, **more: object) -> Any:
        return api(teacher).post(f"{path}/students", {"student_ids": [str(who.pk) for who in people], **more})

    refused = add(one, two)
    assert (refused.status_code, refused.json()["code"]) == (400, "group_full")
    waits = add(one, two, when_full="wait").json()
    assert (waits["added"], waits["waiting"], waits["student_count"]) == (1, 1, 1)
    listed = api(teacher).get(f"{path}/students").json()
    assert [row["id"] for row in listed["waiting"]] == [str(two.pk)]
    exceeded = add(three, when_full="exceed").json()
    assert (exceeded["added"], exceeded["beyond_capacity"]) == (1, 1)
    assert add(three, when_full="perhaps").status_code == 400
    shown = api(teacher).get(path).json()
    assert [(found["capacity"], found["waiting_count"]) for found in shown.values()] == [(1, 1)]
    assert group.memberships.count() == 2


@pytest.mark.parametrize("places", [0, -1, 1001, "many"])
def test_number_of_places_that_is_none_is_refused_by_name(api: Api, places: object) -> None:
    answer = api(make_admin()).post("/api/zoom/classes", {"name": "Algebra", "capacity": places})

    assert answer.status_code == 400
    assert answer.json()["details"][0]["field"] == "capacity"


def test_list_with_more_than_the_places_is_handed_in_three_ways(client: Client) -> None:
    teacher = make_teacher()
    group = make_class(teacher=teacher, capacity=1)
    client.force_login(teacher)
    path, text = f"/classes/{group.pk}/people", "one@s.example\ntwo@s.example\n"

    refused = client.post(path, {"text": text})
    assert refused.status_code == 400
    assert "not enough for 2 more" in refused.content.decode()
    waits = client.post(path, {"text": text, "when_full": "wait"}).content.decode()
    assert "1 of them waits for a place." in " ".join(waits.split())
    over = client.post(path, {"text": text, "when_full": "exceed"}).content.decode()
    assert "That is 1 student more than there are places." in " ".join(over.split())
    assert not members(group)
    done = client.post(path, {"text": text, "when_full": "wait", "add": "1"}, follow=True).content.decode()

    assert "1 person added. 1 waits for a place." in done
    assert [student.email for student in waiting(group)] == ["two@s.example"]
    assert "Waiting list" in done
    assert "All 1 places taken" in done


def test_member_reads_how_full_it_is_and_not_who_waits(client: Client) -> None:
    group, member, (first, _second) = full_class()
    add_teacher(group_id=group.pk, teacher=make_teacher())
    client.force_login(member)

    page = client.get(f"/classes/{group.pk}/").content.decode()

    assert "All 1 places taken" in page
    assert first.name not in page


def test_places_are_typed_on_the_page_and_taken_away_there(client: Client) -> None:
    group, _member, others = full_class()
    client.force_login(make_admin())
    typed = {"name": group.name, "description": "", "timezone": group.timezone}

    client.post(f"/classes/{group.pk}/edit", typed | {"capacity": "2"})
    assert (Group.objects.get(pk=group.pk).capacity, waiting(group)) == (2, others[1:])
    client.post(f"/classes/{group.pk}/edit", typed | {"capacity": ""})

    assert Group.objects.get(pk=group.pk).capacity is None
    assert not WaitingStudent.objects.exists()
