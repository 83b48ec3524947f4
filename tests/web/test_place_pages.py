"""Taking a place in a class or course on pages: found in the list, waited for, given up."""

import pytest

from classbell.groups.models import Group
from classbell.groups.places import open_group
from tests.factories import make_class, make_student, make_teacher
from tests.web.conftest import SignIn
from tests.web.html import words

pytestmark = pytest.mark.django_db


def test_a_student_finds_an_open_class_takes_a_place_and_leaves(sign_in: SignIn) -> None:
    group, student = open_group(group_id=make_class(name="Algebra").pk, is_open=True), make_student()
    browser = sign_in(student)

    assert "Open to join Algebra" in words(browser.get("/classes/"))
    joined = browser.post(f"/places/{group.pk}/join", follow=True)
    assert "The place is taken. The next session is in the week." in words(joined)
    assert "Leave it" in words(browser.get(f"/classes/{group.pk}/"))
    left = browser.post(f"/places/{group.pk}/leave", follow=True)
    assert "Open to join Algebra" in words(left)


def test_who_waits_reads_their_position_and_leaves_the_list(sign_in: SignIn) -> None:
    group = open_group(group_id=make_class(students=1, capacity=1).pk, is_open=True)
    browsers = [sign_in(make_student()) for _number in range(2)]
    for browser in browsers:
        browser.post(f"/places/{group.pk}/join")

    assert "Number 1 on the waiting list." in words(browsers[0].get("/classes/"))
    assert "Number 2 on the waiting list." in words(browsers[1].get("/classes/"))
    browsers[0].post(f"/places/{group.pk}/leave")
    assert "Number 1 on the waiting list." in words(browsers[1].get("/classes/"))


def test_a_teacher_lets_students_join_and_no_longer(sign_in: SignIn) -> None:
    teacher = make_teacher()
    group, browser = make_class(teacher=teacher), sign_in(teacher)

    assert "Only those come in whom you put in." in words(browser.get(f"/classes/{group.pk}/"))
    opened = words(browser.post(f"/places/{group.pk}/open", {"open": "1"}, follow=True))
    assert "Students find it in their list now" in opened
    browser.post(f"/places/{group.pk}/open")
    assert not Group.objects.get(pk=group.pk).is_open
