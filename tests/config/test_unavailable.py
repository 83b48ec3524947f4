"""A connection that breaks under a request: whoever only reads does not hear of it."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from classbell.config.unavailable import asked_again, unavailable
from classbell.postgres.reach import REACH
from classbell.postgres.trouble import Trouble


def asked(request: HttpRequest, *, trouble: Trouble) -> tuple[int, int]:
    """Return the status, and how often the view was asked; the database fails it the first time."""
    times = 0

    def view(request: HttpRequest) -> HttpResponse:
        nonlocal times
        times += 1
        return unavailable(request, trouble) if times == 1 else HttpResponse("here it is")

    return asked_again(view)(request).status_code, times


@pytest.mark.django_db
def test_reading_is_asked_again_when_its_connection_broke():
    assert asked(RequestFactory().get("/week"), trouble=Trouble.AWAY) == (200, 2)


@pytest.mark.django_db
def test_change_is_never_made_twice():
    assert asked(RequestFactory().post("/api/bookings/"), trouble=Trouble.AWAY) == (503, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("trouble", [Trouble.BUSY, Trouble.FULL])
def test_database_that_has_too_much_to_do_is_not_given_more(trouble):
    assert asked(RequestFactory().get("/week"), trouble=trouble) == (503, 1)


@pytest.mark.django_db
def test_nobody_waits_for_a_database_that_is_known_to_be_away(monkeypatch):
    monkeypatch.setattr(REACH, "away_since", 1.0)

    assert asked(RequestFactory().get("/week"), trouble=Trouble.AWAY) == (503, 1)
