"""Changing what is shown to everybody."""

from functools import partial

import pytest

from classbell.accounts.models import Role
from classbell.bookings.hours import set_week
from classbell.door import queries, services
from classbell.door.errors import AddressTaken, DoorClosed
from classbell.door.models import PublicTeacher
from tests.at_once import at_once
from tests.factories import make_admin, make_teacher
from tests.factories_door import make_public, open_school


def test_nothing_is_open_by_itself(db: None) -> None:
    make_teacher()

    assert not queries.school().is_open
    assert list(queries.shown_teachers()) == []
    with pytest.raises(DoorClosed):
        queries.open_school()


def test_teacher_is_shown_who_switched_it_on_and_was_not_taken_down(db: None) -> None:
    shown, off, down, gone = (make_teacher() for _ in range(4))
    make_public(shown)
    make_public(off, is_public=False)
    make_public(down)
    make_public(gone)
    services.take_down(down.pk, is_taken_down=True)
    gone.is_active = False
    gone.save()

    assert list(queries.shown_teachers()) == [shown]


def test_who_teaches_no_more_is_not_shown_any_more(db: None) -> None:
    teacher = make_teacher()
    make_public(teacher)
    teacher.role = Role.STUDENT
    teacher.save()

    assert list(queries.shown_teachers()) == []


def test_admin_is_shown_who_has_opened_hours(db: None) -> None:
    admin = make_admin()
    make_public(admin)
    before = list(queries.shown_teachers())
    set_week(teacher=admin, windows={0: [(540, 600)]})

    assert (before, list(queries.shown_teachers())) == ([], [admin])


def test_page_that_was_taken_down_comes_back_as_the_teacher_has_it(db: None) -> None:
    page = make_public(make_teacher(), english="Hello")
    services.take_down(page.pk, is_taken_down=True)
    services.take_down(page.pk, is_taken_down=True)
    services.take_down(page.pk, is_taken_down=False)

    page.refresh_from_db()
    assert (page.is_public, page.is_taken_down, page.english) == (True, False, "Hello")


def test_there_is_nothing_to_take_down_without_a_page(db: None) -> None:
    with pytest.raises(DoorClosed):
        services.take_down(make_teacher().pk, is_taken_down=True)


def test_page_is_found_by_its_address_while_it_is_shown(db: None) -> None:
    page = make_public(make_teacher(), address="amina")
    found = queries.shown_teacher("amina")
    services.change_teacher_page(page.teacher, {"is_public": False})

    assert found == page.teacher
    with pytest.raises(DoorClosed):
        queries.shown_teacher("amina")


def test_address_of_another_is_refused_and_nothing_is_changed(db: None) -> None:
    make_public(make_teacher(), address="amina")
    other = make_public(make_teacher(), address="omar")

    with pytest.raises(AddressTaken, match="“amina”"):
        services.change_teacher_page(other.teacher, {"address": "amina", "english": "Hello"})
    other.refresh_from_db()
    assert (other.address, other.english) == ("omar", "")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_one_address_at_once_one_has_it() -> None:
    one, other = make_teacher(), make_teacher()

    done = at_once([partial(services.change_teacher_page, each, {"address": "amina"}) for each in (one, other)])

    refused = [outcome for outcome in done if isinstance(outcome, Exception)]
    assert [type(outcome) for outcome in refused] == [AddressTaken]
    assert PublicTeacher.objects.filter(address="amina").count() == 1


def test_words_are_shown_in_the_readers_language_or_as_they_are(db: None) -> None:
    both = open_school(english="Welcome", arabic="أهلًا")
    one = make_public(make_teacher(), arabic="أهلًا")

    assert [both.said_in(language) for language in ("en", "ar")] == [("Welcome", "en"), ("أهلًا", "ar")]
    assert one.said_in("en") == ("أهلًا", "ar")
    assert make_public(make_teacher()).said_in("en") == ("", "en")
