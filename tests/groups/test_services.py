"""Who is in a group, who teaches it, and who hears of it."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.groups.models import Group, GroupKind
from classbell.groups.services import (
    GroupFull,
    MembersChanged,
    NotATeacher,
    NotStudents,
    archive_group,
    create_group,
    enrol_student,
    enrol_students,
    join_group,
    remove_students,
    set_teachers,
    sync_members,
    take_out,
)
from classbell.groups.signals import MembershipChange, membership_changed
from classbell.ids import uuid7
from tests.at_once import at_once
from tests.factories import make_admin, make_class, make_student, make_teacher

pytestmark = pytest.mark.django_db

Announcements = list[tuple[str, set[UUID], set[UUID]]]


@pytest.fixture
def announced() -> Iterator[Announcements]:
    """What groups announced: name, who was added, who was removed."""
    heard: Announcements = []

    def listen(changes: list[MembershipChange], **_kwargs: Any) -> None:
        heard.extend((group.name, set(added), set(removed)) for group, added, removed in changes)

    membership_changed.connect(listen)
    yield heard
    membership_changed.disconnect(listen)


def members(group: Group) -> set[User]:
    return set(group.members.all())


def test_create_group_has_its_teachers_and_nobody_else() -> None:
    teacher = make_teacher()

    group = create_group(kind=GroupKind.CLASS, name="Algebra", teachers=[teacher])

    assert list(group.teachers.all()) == [teacher]
    assert members(group) == set()


def test_student_cannot_teach() -> None:
    with pytest.raises(NotATeacher):
        create_group(kind=GroupKind.CLASS, name="Algebra", teachers=[make_student()])
    with pytest.raises(NotATeacher):
        set_teachers(group_id=make_class().pk, teachers=[make_student()])


def test_set_teachers_replaces_them() -> None:
    group, other, admin = make_class(), make_teacher(), make_admin()

    set_teachers(group_id=group.pk, teachers=[other, admin])

    assert set(group.teachers.all()) == {other, admin}


def test_enrol_student_puts_them_in_once_and_announces_it(announced: Announcements) -> None:
    group, student = make_class(), make_student()

    changes = [enrol_student(group_id=group.pk, student=student) for _time in range(2)]

    assert changes == [MembersChanged(added=1, removed=0), MembersChanged(added=0, removed=0)]
    assert members(group) == {student}
    assert announced == [(group.name, {student.pk}, set())]


def test_enrol_students_takes_all_or_none() -> None:
    group = make_class()

    with pytest.raises(NotStudents) as refused:
        enrol_students(group_id=group.pk, students=[make_student(), teacher := make_teacher()])

    assert refused.value.details == [{"id": str(teacher.pk), "email": teacher.email}]
    assert members(group) == set()


def test_full_group_takes_nobody_else_but_keeps_who_is_in() -> None:
    group = make_class(capacity=2, students=2)
    student = group.members.all()[0]

    with pytest.raises(GroupFull):
        enrol_student(group_id=group.pk, student=make_student())
    assert enrol_student(group_id=group.pk, student=student).added == 0


@pytest.mark.django_db(transaction=True)
def test_last_seat_goes_to_one_of_many_who_want_it_at_once() -> None:
    group = make_class(capacity=1)
    students = [make_student() for _number in range(6)]

    results = at_once([partial(enrol_student, group_id=group.pk, student=student) for student in students])

    assert sorted(type(result).__name__ for result in results) == ["GroupFull"] * 5 + ["MembersChanged"]
    assert group.members.count() == 1


def test_take_out_announces_it_and_says_since_when_they_were_in(announced: Announcements) -> None:
    group = make_class(students=[student := make_student(), other := make_student()])
    joined_at = group.memberships.get(user=student).created_at
    announced.clear()

    assert take_out(group_id=group.pk, student=student) == joined_at
    assert take_out(group_id=group.pk, student=student) is None

    assert members(group) == {other}
    assert announced == [(group.name, set(), {student.pk})]


def test_put_back_keeps_the_place_in_the_order(announced: Announcements) -> None:
    group = make_class(students=[first := make_student(), second := make_student()])
    joined_at = take_out(group_id=group.pk, student=first)
    assert joined_at is not None

    assert join_group(group_id=group.pk, student=first, since=joined_at)
    assert join_group(group_id=group.pk, student=first, since=timezone.now())

    assert [row.user for row in group.memberships.order_by("created_at")] == [first, second]
    assert announced[-1] == (group.name, {first.pk}, set())


@pytest.mark.parametrize(
    "change",
    [
        lambda group_id: enrol_students(group_id=group_id, students=[]),
        lambda group_id: remove_students(group_id=group_id, students=[]),
        lambda group_id: set_teachers(group_id=group_id, teachers=[]),
        lambda group_id: archive_group(group_id=group_id, now=timezone.now()),
    ],
    ids=["enrol", "remove", "teachers", "archive"],
)
def test_change_of_a_group_that_is_not_there_is_refused(change: Any) -> None:
    with pytest.raises(NotThere):
        change(uuid7())


def test_archived_group_leaves_the_lists_and_stays_archived_since_then() -> None:
    group = make_class()

    first = archive_group(group_id=group.pk, now=timezone.now()).archived_at
    second = archive_group(group_id=group.pk, now=timezone.now()).archived_at

    assert first == second is not None
    assert not Group.objects.active().exists()


def test_sync_members_makes_each_group_what_it_should_be(announced: Announcements) -> None:
    stays, goes, comes = make_student(), make_student(), make_student()
    algebra = make_class(name="Algebra", students=[stays, goes])
    same = make_class(name="Same", students=[stays])
    empty = make_class(name="Empty", students=[goes])
    untouched = make_class(name="Untouched", students=[goes])
    announced.clear()

    changed = sync_members({algebra: [stays, comes], same: [stays], empty: []})

    assert changed == MembersChanged(added=1, removed=2)
    assert [members(group) for group in (algebra, same, empty, untouched)] == [{stays, comes}, {stays}, set(), {goes}]
    assert announced == [("Algebra", {comes.pk}, {goes.pk}), ("Empty", set(), {goes.pk})]


def test_sync_members_again_changes_nothing(announced: Announcements) -> None:
    group, students = make_class(), [make_student()]
    sync_members({group: students})
    announced.clear()

    assert sync_members({group: students}) == MembersChanged(added=0, removed=0)
    assert announced == []


@pytest.mark.parametrize("count", [1, 30])
def test_sync_members_costs_the_same_statements_however_many(count: int) -> None:
    groups = [make_class(students=1) for _number in range(count)]
    students = [make_student() for _number in range(3)]

    with CaptureQueriesContext(connection) as queries:
        sync_members(dict.fromkeys(groups, students))

    statements = [query["sql"].split()[0] for query in queries if "SAVEPOINT" not in query["sql"]]
    # The last two ask which webhooks are told of who came and who left.
    assert statements == ["SELECT", "SELECT", "INSERT", "SELECT", "DELETE", "DELETE", "SELECT", "SELECT"]


def test_visible_to_shows_students_theirs_teachers_what_they_teach_and_admins_all() -> None:
    student, teacher = make_student(), make_teacher()
    mine = make_class(teacher=teacher, students=[student, make_student()])
    other = make_class(students=1)

    assert set(Group.objects.visible_to(student)) == {mine}
    assert set(Group.objects.visible_to(teacher)) == {mine}
    assert set(Group.objects.visible_to(make_admin())) == {mine, other}
    assert set(Group.objects.visible_to(make_teacher())) == set()
