"""Calendars elsewhere by API: everybody's their own, without what opens them."""

from collections.abc import Callable
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.calendars.models import ExternalCalendar
from tests.api_client import ApiClient
from tests.calendars.entries import at, calendar
from tests.calendars.servers import CalendarServer
from tests.calendars.test_reading import HOUR, TEN
from tests.factories_bookings import make_tutor

Api = Callable[..., ApiClient]
PATH = "/api/calendars/external"


@pytest.fixture
def mine(api: Api, server: CalendarServer, teacher: User) -> dict[str, Any]:
    """A calendar of the teacher's, as the API answered."""
    server.content = calendar(at(TEN, TEN + HOUR))
    answer = api(teacher).post(PATH, {"type": "ics", "url": server.url})
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


def test_a_calendar_is_added_listed_changed_read_and_removed(
    api: Api, server: CalendarServer, teacher: User, mine: dict[str, Any]
) -> None:
    client = api(teacher)
    assert (mine["type"], mine["status"], mine["error"]) == ("ics", "ok", None)
    assert mine["last_read_at"] is not None
    assert client.get(PATH).json() == {"calendars": [mine]}

    changed = client.patch(f"{PATH}/{mine['id']}", {"takes_whole_days": False}).json()
    assert (changed["takes_whole_days"], changed["takes_tentative"]) == (False, True)

    server.status = 404
    read = client.post(f"{PATH}/{mine['id']}/read").json()
    assert read["status"] == "failing"
    assert "nothing at this address" in read["error"]

    assert client.delete(f"{PATH}/{mine['id']}").status_code == 200
    assert client.get(PATH).json() == {"calendars": []}


def test_no_answer_has_the_address_or_the_password(
    api: Api, server: CalendarServer, teacher: User, mine: dict[str, Any]
) -> None:
    assert "private" not in str(mine)
    assert mine["name"] == "localhost"


def test_nobody_else_knows_of_it(api: Api, mine: dict[str, Any]) -> None:
    other = api(make_tutor())

    assert other.get(PATH).json() == {"calendars": []}
    for answer in (
        other.patch(f"{PATH}/{mine['id']}", {}),
        other.post(f"{PATH}/{mine['id']}/read"),
        other.delete(f"{PATH}/{mine['id']}"),
    ):
        assert answer.status_code == 404
    assert ExternalCalendar.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "ics", "url": "calendar"}, "url"),
        ({"type": "ics", "url": ""}, "url"),
        ({"type": "ics"}, "url"),
        ({"type": "webdav", "url": "https://calendar.example/"}, "type"),
        ({"type": "ics", "url": "https://calendar.example/" + "a" * 1000}, "url"),
    ],
)
def test_a_bad_field_is_named(api: Api, teacher: User, body: dict[str, str], field: str) -> None:
    answer = api(teacher).post(PATH, body)

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json()["details"]] == [field]


def test_the_same_key_adds_a_calendar_once(api: Api, server: CalendarServer, teacher: User) -> None:
    server.content = calendar()
    client = api(teacher)
    body = {"type": "ics", "url": server.url}

    first = client.post(PATH, body, idempotency_key="7")
    second = client.post(PATH, body, idempotency_key="7")

    assert first.json() == second.json()
