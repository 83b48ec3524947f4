"""Pages of the sites that the school named ask what is public from a browser; no other page, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from classbell.bookings.models import Booking
from classbell.door import services
from tests.api_client import ApiClientHandler
from tests.factories_bookings import a_day_ahead, make_tutor
from tests.factories_door import make_open_kind, make_public, open_school

pytestmark = pytest.mark.django_db
SITE, STRANGER = "https://www.nour.example", "https://elsewhere.example"
SCHOOL, BOOKINGS = "/api/public/school", "/api/public/bookings"
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


@pytest.fixture
def browser() -> Client:
    """A browser on a page of some site; the school is open and has named one."""
    open_school(allowed_origins=[SITE])
    client = Client(raise_request_exception=False)
    client.handler = ApiClientHandler(enforce_csrf_checks=True)
    return client


def allowed(answer: Any) -> Any:
    return answer.headers.get("Access-Control-Allow-Origin")


def test_named_site_may_read_the_answer_and_no_other(browser: Client) -> None:
    named = browser.get(SCHOOL, headers={"Origin": SITE})
    stranger = browser.get(SCHOOL, headers={"Origin": STRANGER})
    nobody = browser.get(SCHOOL)

    assert [allowed(answer) for answer in (named, stranger, nobody)] == [SITE, None, None]
    assert "Retry-After" in named.headers["Access-Control-Expose-Headers"]
    # What is kept on the way for one is not another's.
    assert all("Origin" in answer.headers["Vary"] for answer in (named, stranger, nobody))
    assert "Access-Control-Allow-Credentials" not in named.headers


def test_browser_that_asks_first_is_told_what_it_may(browser: Client) -> None:
    named = browser.options(BOOKINGS, headers={"Origin": SITE, **ASKS})
    stranger = browser.options(BOOKINGS, headers={"Origin": STRANGER, **ASKS})

    assert (named.status_code, allowed(named)) == (204, SITE)
    assert "POST" in named.headers["Access-Control-Allow-Methods"]
    assert {"Content-Type", "Idempotency-Key"} <= set(named.headers["Access-Control-Allow-Headers"].split(", "))
    assert "Authorization" not in named.headers["Access-Control-Allow-Headers"]
    assert (stranger.status_code, allowed(stranger)) == (204, None)
    assert "Access-Control-Allow-Methods" not in stranger.headers


def test_named_site_books_and_reads_what_is_refused(browser: Client) -> None:
    teacher = make_tutor()
    make_public(teacher)
    kind = make_open_kind(teacher)
    body = {
        "kind": kind.address,
        "start_time": a_day_ahead().isoformat(),
        "name": "Salma Haddad",
        "email": "salma@family.example",
        "timezone": "UTC",
    }

    def book(**changes: str) -> Any:
        return browser.post(BOOKINGS, body | changes, content_type="application/json", headers={"Origin": SITE})

    booked, taken, unreadable = book(), book(email="other@family.example"), book(email="salma")

    assert [answer.status_code for answer in (booked, taken, unreadable)] == [201, 400, 400]
    assert [allowed(answer) for answer in (booked, taken, unreadable)] == [SITE] * 3
    assert Booking.objects.get().starts_at == a_day_ahead()


@pytest.mark.parametrize(
    "changes", [{"is_open": False}, {"allowed_origins": []}, {"allowed_origins": [f"{SITE}:8443"]}]
)
def test_site_is_out_once_the_school_closes_or_takes_it_off_the_list(browser: Client, changes: dict[str, Any]) -> None:
    services.change_school(changes)

    assert allowed(browser.get(SCHOOL, headers={"Origin": SITE})) is None
    assert allowed(browser.options(BOOKINGS, headers={"Origin": SITE, **ASKS})) is None


@pytest.mark.parametrize(
    "path", ["/api/auth/token", "/api/bookings/bookings", "/api/zoom/meetings", "/api/publicity/x"]
)
def test_nothing_else_is_open_to_any_other_site(browser: Client, path: str) -> None:
    for answer in (
        browser.options(path, headers={"Origin": SITE, **ASKS}),
        browser.post(path, {}, content_type="application/json", headers={"Origin": SITE}),
    ):
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_guests_link_works_from_the_site_too(browser: Client) -> None:
    forged = browser.post(
        f"{BOOKINGS}/forged/reschedule",
        {"start_time": (a_day_ahead() + timedelta(days=1)).isoformat()},
        content_type="application/json",
        headers={"Origin": SITE},
    )

    assert (forged.status_code, allowed(forged)) == (404, SITE)
