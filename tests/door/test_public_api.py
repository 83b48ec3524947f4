"""`/api/public/`: what is switched on, for anybody, in few statements; 404 for everything else."""

from typing import Any

import pytest

from classbell.bookings import hours
from classbell.bookings.models import OpenTo
from classbell.door import services
from tests.factories import make_teacher
from tests.factories_bookings import a_day_ahead, make_tutor, take_seat
from tests.factories_door import make_open_kind, make_public, open_school

READS = ("school", "teachers", "teachers/amina", "kinds")

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", READS)
def test_nothing_is_there_while_the_door_is_closed(client: Any, path: str) -> None:
    teacher = make_teacher()
    make_public(teacher, address="amina")
    make_open_kind(teacher)

    answer = client.get(f"/api/public/{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_school_says_what_stands_on_its_page(client: Any) -> None:
    open_school(english="Welcome", arabic="أهلًا", picture="https://cdn.example/a.jpg")

    school = client.get("/api/public/school").json()

    assert school == {
        "name": "Nour Academy",
        "english": "Welcome",
        "arabic": "أهلًا",
        "picture": "https://cdn.example/a.jpg",
        "url": "http://localhost:8000/open/",
        "confirms_guests_by": "link",
        "shows_ratings": False,
    }


def test_teacher_is_shown_as_their_page_shows_them_and_no_more(client: Any) -> None:
    open_school()
    teacher = make_teacher(first_name="Amina", last_name="Haddad", timezone="Africa/Cairo")
    hours.change_settings(teacher=teacher, changes={"subjects": ["Tajweed"], "bio": "For students."})
    make_public(teacher, address="amina", english="Ten years.", languages=["ar", "en"])
    make_open_kind(teacher, name="Trial")
    make_open_kind(teacher, name="For students", open_to=OpenTo.SIGNED_IN)
    make_open_kind(teacher, name="Retired", is_active=False)

    one = client.get("/api/public/teachers/amina").json()

    assert one == {
        "address": "amina",
        "name": "Amina Haddad",
        "english": "Ten years.",
        "arabic": "",
        "picture": "",
        "languages": ["ar", "en"],
        "subjects": ["Tajweed"],
        "timezone": "Africa/Cairo",
        "kinds": ["trial"],
        "rating": None,
        "rating_count": None,
        "next_free": None,
        "url": "http://localhost:8000/open/teachers/amina/",
    }
    assert client.get("/api/public/teachers").json() == {"teachers": [one], "next_cursor": None}


def test_teachers_are_found_by_what_they_have_and_when_they_are_free(client: Any) -> None:
    open_school()
    mornings, never = make_tutor(first_name="Amina", timezone="UTC"), make_teacher(first_name="Bilal")
    hours.change_settings(teacher=mornings, changes={"subjects": ["Tajweed"]})
    make_public(mornings, address="amina", languages=["ar"])
    make_public(never, address="bilal", languages=["en"])
    make_open_kind(mornings, price=2500, currency="EUR")
    # That it is cheap is of no use to guests.
    make_open_kind(never, name="Others", price=100, currency="EUR", open_to=OpenTo.SIGNED_IN)

    def found(query: str) -> list[str]:
        return [one["address"] for one in client.get(f"/api/public/teachers?{query}").json()["teachers"]]

    assert found("") == ["amina", "bilal"] or found("") == ["bilal", "amina"]
    assert found("subject=Tajweed") == ["amina"]
    assert found("language=en") == ["bilal"]
    assert found("price_at_most=2500&currency=EUR") == ["amina"]
    assert found("price_at_most=200&currency=EUR") == []
    assert found("part=morning") == ["amina"]
    assert found("part=evening") == []
    assert client.get("/api/public/teachers/amina").json()["next_free"] is not None
    assert client.get("/api/public/teachers?part=noon").status_code == 400


def test_who_switched_nothing_on_is_not_there(client: Any) -> None:
    open_school()
    hidden, down = make_teacher(), make_teacher()
    make_public(hidden, address="hidden", is_public=False)
    make_public(down, address="down")
    services.take_down(down.pk, is_taken_down=True)
    make_open_kind(hidden, down, make_teacher())

    assert client.get("/api/public/teachers").json()["teachers"] == []
    assert client.get("/api/public/kinds").json() == {"kinds": []}
    assert [client.get(f"/api/public/teachers/{name}").status_code for name in ("hidden", "down", "x")] == [404] * 3


def test_kinds_name_their_questions_and_teachers_with_a_page(client: Any) -> None:
    open_school()
    shown = make_teacher()
    make_public(shown, address="amina")
    question = {"key": "level", "text": "Your level?", "kind": "choice", "required": True, "choices": ["A", "B"]}
    make_open_kind(shown, make_teacher(), name="Group", seats=5, price=2500, currency="EUR", questions=[question])

    (kind,) = client.get("/api/public/kinds").json()["kinds"]

    assert (kind["address"], kind["seats"], kind["price"], kind["currency"]) == ("group", 5, 2500, "EUR")
    assert (kind["questions"], kind["teachers"], kind["minutes"]) == ([question], ["amina"], [30])
    assert kind["url"] == "http://localhost:8000/open/kinds/group/"


def test_ratings_are_shown_where_the_school_wants_them(client: Any) -> None:
    open_school(shows_ratings=True)
    make_public(make_teacher(), address="amina")

    one = client.get("/api/public/teachers/amina").json()

    assert (one["rating"], one["rating_count"]) == (None, 0)


@pytest.mark.parametrize("path", READS)
def test_who_has_it_already_is_told_only_that_it_is_the_same(client: Any, path: str) -> None:
    open_school()
    teacher = make_teacher()
    make_public(teacher, address="amina")
    make_open_kind(teacher)

    first = client.get(f"/api/public/{path}")
    again = client.get(f"/api/public/{path}", headers={"If-None-Match": first.headers["ETag"]})
    services.change_school({"name": "Other"})
    services.change_teacher_page(teacher, {"is_public": False})
    later = client.get(f"/api/public/{path}", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in first.headers
    assert (again.status_code, again.content) == (304, b"")
    assert later.status_code in {200, 404}


@pytest.mark.parametrize(
    ("path", "statements"), [("school", 1), ("teachers", 4), ("teachers/tutor-0", 4), ("kinds", 4)]
)
def test_statements_stay_as_few_however_many_there_are(
    client: Any, django_assert_num_queries: Any, path: str, statements: int
) -> None:
    open_school()
    for number in range(3):
        tutor = make_tutor()
        make_public(tutor, address=f"tutor-{number}")
        make_open_kind(tutor, name=f"Kind {number}")

    with django_assert_num_queries(statements):
        assert client.get(f"/api/public/{path}").status_code == 200


def test_strangers_read_when_a_group_is_free_and_not_how_many_come(client: Any) -> None:
    open_school()
    teacher = make_tutor(timezone="UTC")
    make_public(teacher)
    kind = make_open_kind(teacher, seats=5)
    day = a_day_ahead()
    take_seat(kind, teacher, starts_at=day)

    found = client.get(f"/api/public/slots?kind={kind.address}&date={day:%Y-%m-%d}&timezone=UTC").json()

    slots = {one["start_time"]: one for one in found["days"][0]["available_slots"]}
    assert slots[f"{day:%H:%M}"]["teachers"] == 1
    assert not any("seats" in one or "holiday" in one for one in slots.values())
