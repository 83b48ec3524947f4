"""A stranger books on the open door's page: a time, a name and an address, and no account."""

from typing import Any

import pytest

from classbell.bookings.models import Booking, LessonKind
from classbell.door import services
from tests.factories_bookings import a_day_ahead, make_tutor
from tests.factories_door import make_open_kind, make_public, open_school
from tests.web.html import words

pytestmark = pytest.mark.django_db

PATH = "/open/kinds/trial-lesson/?timezone=Asia/Tokyo&language=en"
LEVEL = {"key": "level", "text": "Your level?", "kind": "short", "required": True, "choices": []}


@pytest.fixture
def kind() -> LessonKind:
    """A school that is open, with one teacher who gives trial lessons from 9 to 17 o'clock in UTC."""
    open_school()
    teacher = make_tutor(first_name="Amina", last_name="Haddad", timezone="UTC")
    make_public(teacher, address="amina")
    return make_open_kind(teacher, questions=[LEVEL])


def typed(**more: str) -> dict[str, str]:
    """Return what a stranger types who books a free time."""
    slot = f"{a_day_ahead():%Y-%m-%dT%H:%MZ}"
    given = {"slot": slot, "length": "30", "name": "Maria Fernandes", "email": "maria@mail.example"}
    return given | {"answer-level": "None yet"} | more


def test_stranger_books_and_is_told_to_look_into_their_mail(kind: LessonKind, client: Any) -> None:
    form = client.get(f"{PATH}&slot={typed()['slot']}")
    sent = client.post(PATH, typed())
    page = client.get(sent.headers["Location"])

    booking = Booking.objects.get()
    assert "Your level?" in words(form)
    assert (booking.kind, booking.starts_at, booking.is_held) == (kind, a_day_ahead(), True)
    assert (booking.student.name, booking.student.timezone) == ("Maria Fernandes", "Asia/Tokyo")
    assert booking.answers == {"level": "None yet"}
    assert "Look into your mail" in words(page)
    assert "m…@mail.example" in words(page)
    assert "maria@mail.example" not in sent.headers["Location"] + page.content.decode()
    assert "timezone=Asia%2FTokyo" in sent.headers["Location"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"email": "maria"}, "maria"),
        ({"answer-level": ""}, "This field is required."),
        ({"slot": "yesterday"}, "Choose one of the times offered."),
        ({"length": "45"}, "Such a lesson lasts 30 minutes."),
    ],
    ids=str,
)
def test_mistake_is_named_and_loses_nothing(kind: LessonKind, client: Any, wrong: dict[str, str], said: str) -> None:
    response = client.post(PATH, typed() | wrong)

    assert response.status_code == 400
    assert said in words(response)
    assert "None yet" in response.content.decode() or "answer-level" in wrong
    assert not Booking.objects.exists()


def test_time_that_was_taken_meanwhile_is_replaced_by_the_nearest_with_all_that_was_typed(
    kind: LessonKind, client: Any
) -> None:
    client.post(PATH, typed(email="first@mail.example"))
    late = client.post(PATH, typed())

    assert late.status_code == 400
    assert "The nearest free times" in words(late)
    assert 'value="maria@mail.example"' in late.content.decode()
    assert Booking.objects.count() == 1


def test_program_that_fills_in_every_field_books_nothing_and_learns_nothing(kind: LessonKind, client: Any) -> None:
    sent = client.post(PATH, typed(website="https://spam.example"))

    assert sent.status_code == 302
    assert "Look into your mail" in words(client.get(sent.headers["Location"]))
    assert not Booking.objects.exists()


def test_nobody_without_a_page_is_booked_by_who_left_the_teacher_open(kind: LessonKind, client: Any) -> None:
    shown = kind.taught_by.get().teacher
    both = make_open_kind(make_tutor(timezone="UTC"), shown, name="Both")

    sent = client.post(f"/open/kinds/{both.address}/", typed())

    assert sent.status_code == 302
    assert Booking.objects.get().teacher == shown


def test_door_that_was_closed_meanwhile_books_nothing(kind: LessonKind, client: Any) -> None:
    services.change_school({"is_open": False})

    assert client.post(PATH, typed()).status_code == 404
    assert not Booking.objects.exists()


def test_page_after_booking_is_nobody_elses_to_make_up(kind: LessonKind, client: Any) -> None:
    assert client.get("/open/booked/made-up/").status_code == 404
