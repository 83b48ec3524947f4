"""Django's admin pages about groups."""

import pytest
from django.test import Client
from django.urls import reverse

from classbell.groups.models import Group
from classbell.groups.services import add_teacher, change_group, enrol_student
from classbell.groups.signals import MembershipChange, membership_changed
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.web.html import as_sent

pytestmark = pytest.mark.django_db

LIST = "/admin/groups/group/"
FORM = {"kind": "class", "name": "Algebra", "description": "", "timezone": "UTC", "capacity": "", "external_id": ""}


@pytest.fixture
def pages() -> Client:
    """A browser in which an admin is signed in."""
    client = Client()
    client.force_login(make_admin())
    return client


def test_group_is_added_with_its_people(pages: Client) -> None:
    teacher, student = make_teacher(), make_student()

    answer = pages.post(f"{LIST}add/", FORM | {"teachers": [str(teacher.pk)], "students": [str(student.pk)]})

    group = Group.objects.get()
    assert answer.status_code == 302
    assert (list(group.teachers.all()), list(group.members.all())) == ([teacher], [student])


def test_two_groups_without_an_external_id_do_not_clash(pages: Client) -> None:
    answers = [pages.post(f"{LIST}add/", FORM).status_code for _group in range(2)]

    assert answers == [302, 302]


def test_change_of_members_is_announced(pages: Client) -> None:
    group = make_class(students=[goes := make_student()])
    comes = make_student()
    heard: list[tuple[object, object]] = []

    def listen(changes: list[MembershipChange], **_kwargs: object) -> None:
        heard.extend((change.added, change.removed) for change in changes)

    membership_changed.connect(listen)
    page = pages.get(reverse("admin:groups_group_change", args=[group.pk]))
    pages.post(reverse("admin:groups_group_change", args=[group.pk]), FORM | {"students": [str(comes.pk)]})
    membership_changed.disconnect(listen)

    assert goes.email.partition("@")[0] in page.content.decode() or goes.name in page.content.decode()
    assert heard == [({comes.pk}, {goes.pk})]


def test_group_is_archived_not_deleted(pages: Client) -> None:
    group = make_class()

    pages.post(LIST, {"action": "archive", "_selected_action": [str(group.pk)]})

    assert not Group.objects.active().exists()
    assert pages.post(reverse("admin:groups_group_delete", args=[group.pk])).status_code == 403


def test_old_page_of_a_group_changes_what_was_typed_and_nothing_else(pages: Client) -> None:
    group = make_class(name="Algebra", description="Ruler", students=1)
    path = reverse("admin:groups_group_change", args=[group.pk])
    shown = as_sent(pages.get(path), "external_id")

    change_group(group_id=group.pk, name="Geometry")
    add_teacher(group_id=group.pk, teacher=make_teacher())
    enrol_student(group_id=group.pk, student=make_student())
    answer = pages.post(path, shown | {"description": "Compass"})

    group.refresh_from_db()
    assert answer.status_code == 302
    assert (group.name, group.description) == ("Geometry", "Compass")
    assert (group.teachers.count(), group.members.count()) == (2, 2)
