"""Free times' own way into the server: the same answers as the ordinary way, only sooner."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import RequestFactory

from classbell.accounts.models import User
from classbell.config.api_handler import ApiHandler
from classbell.config.limits import BUCKETS
from classbell.config.slots_door import with_slots_door
from classbell.holidays.models import Effect, Holiday
from tests.factories_bookings import a_day_ahead, make_tutor

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/bookings/slots/available"
# A number of its own, and what says in which language the others would have been.
OWN = {"X-Request-ID", "Content-Language"}

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def tutor() -> User:
    return make_tutor()


def ask(app: Any, path: str, asked: dict[str, Any], **environ: str) -> Answer:
    told: list[tuple[str, Iterable[tuple[str, str]]]] = []

    def start_response(status: str, headers: Iterable[tuple[str, str]], *_: object) -> None:
        told.append((status, headers))

    body = b"".join(app(RequestFactory().get(path, asked).environ | environ, start_response))
    status, headers = told[-1]
    return int(status.split()[0]), dict(headers), body


def at_the_door(path: str, asked: dict[str, Any], **environ: str) -> Answer | None:
    """Return what the door answers by itself, None where it leaves that to Django."""
    went_on = False

    def django(_environ: object, start_response: Any) -> list[bytes]:
        nonlocal went_on
        went_on = True
        start_response("200 OK", [])
        return []

    answer = ask(with_slots_door(django), path, asked, **environ)
    return None if went_on else answer


def question(tutor: User, **more: Any) -> dict[str, Any]:
    return {"teacher_id": tutor.pk, "date": a_day_ahead().date(), **more}


@pytest.mark.parametrize("path", [PATH, f"{PATH}/"], ids=["plain", "trailing slash"])
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="a day"),
        pytest.param({"days": 31, "duration": 30, "timezone": "Asia/Kathmandu"}, id="31 days elsewhere"),
        pytest.param({"days": 1}, id="a list of one day"),
        pytest.param({"unknown": "x"}, id="something unknown"),
    ],
)
def test_the_door_answers_as_the_ordinary_way_does(tutor: User, path: str, more: dict[str, Any]) -> None:
    asked = question(tutor, **more)

    status, headers, body = ask(ApiHandler(), path, asked)
    answer = at_the_door(path, asked)

    assert answer is not None
    assert (answer[0], answer[2]) == (status, body) == (200, body)
    assert json.loads(body)["teacher_id"] == str(tutor.pk)
    assert {name: value for name, value in answer[1].items() if name not in OWN} == {
        name: value for name, value in headers.items() if name not in OWN
    }


@pytest.mark.parametrize(
    ("more", "environ"),
    [
        pytest.param({"booking_id": uuid4()}, {}, id="a booking to move"),
        pytest.param({"date": "tomorrow"}, {}, id="no date"),
        pytest.param({"duration": ["30", "60"]}, {}, id="twice"),
        pytest.param({"days": 32}, {}, id="too many days"),
        pytest.param({"teacher_id": uuid4()}, {}, id="nobody"),
        pytest.param({}, {"HTTP_COOKIE": "sessionid=x"}, id="a cookie"),
        pytest.param({}, {"REQUEST_METHOD": "HEAD"}, id="another method"),
    ],
)
def test_what_is_out_of_the_ordinary_takes_the_ordinary_way(
    tutor: User, more: dict[str, Any], environ: dict[str, str]
) -> None:
    assert at_the_door(PATH, question(tutor) | more, **environ) is None


def test_names_of_holidays_are_said_by_what_knows_the_readers_language(tutor: User) -> None:
    day = a_day_ahead().date()
    Holiday.objects.create(
        name="", teacher=tutor, effect=Effect.WARN, first_day=day - timedelta(days=1), last_day=day + timedelta(days=1)
    )

    assert at_the_door(PATH, question(tutor)) is None
    status, _headers, body = ask(with_slots_door(ApiHandler()), PATH, question(tutor), HTTP_ACCEPT_LANGUAGE="ar")

    assert status == 200
    assert not json.loads(body)["available_slots"][0]["holiday"].isascii()


def test_a_request_is_counted_once_whichever_way_it_takes(tutor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"requests_per_address": 3}))
    BUCKETS.clear()
    app = with_slots_door(ApiHandler())

    answers = [
        ask(app, PATH, question(tutor)),
        ask(app, PATH, question(tutor, date="tomorrow")),
        ask(app, PATH, question(tutor)),
        ask(app, PATH, question(tutor)),
    ]

    assert [status for status, _headers, _body in answers] == [200, 400, 200, 429]
    assert [headers["RateLimit"].split(";")[1] for _status, headers, _body in answers] == ["r=2", "r=1", "r=0", "r=0"]
