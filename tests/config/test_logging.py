"""Logs: nothing in them lets anybody in, at any status."""

import logging
import re
from collections.abc import Iterator
from io import StringIO
from urllib.parse import quote

import pytest
import structlog
from django.conf import settings
from django.test import Client

from classbell.accounts.invitations import invitation_link
from classbell.accounts.models import User
from classbell.accounts.password_links import password_link
from classbell.accounts.tokens import issue_tokens
from classbell.config.logging import KeylessFormatter, logging_config
from classbell.secrecy import without_keys
from tests.factories import make_student

pytestmark = pytest.mark.django_db
KEPT = [
    "/meetings/01939f5e-7c2a-7d3e-8f4b-0123456789ab/join",
    "/api/zoom/meetings/91234567890/join",
    "/api/bookings/teachers",
    "/teachers/suggested",
    "a sentence / with 2026-11-29T18:46:35.356071Z in it",
]


@pytest.fixture(params=["text", "json"])
def logged(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """What is logged, as an installation writes it at level DEBUG."""
    root, written = logging.getLogger(), StringIO()
    before, level = root.handlers[:], root.level
    logging_config(level="DEBUG", style=request.param)
    handler = logging.StreamHandler(written)
    formatter = root.handlers[0].formatter
    assert isinstance(formatter, KeylessFormatter)
    handler.setFormatter(formatter)
    root.addHandler(handler)
    yield written
    logging_config(level=settings.ENVIRONMENT.log_level, style=settings.ENVIRONMENT.log_format)
    root.handlers[:], root.level = before, level


def invited() -> User:
    user = make_student()
    user.set_unusable_password()
    user.save()
    return user


def test_no_line_carries_a_key_at_any_status(logged: StringIO) -> None:
    person = make_student()
    welcome, reset = invitation_link(invited()), password_link(person)
    tokens, browser = issue_tokens(person), Client(raise_request_exception=False)
    feed = "feed" + "0aZ_-" * 8

    browser.get(welcome)
    browser.post(welcome, {"password": "short"})
    browser.get(f"{welcome}-forged")
    browser.get(f"{reset}\0")
    browser.get(reset)
    browser.get(f"/api/calendar/{feed}.ics")
    browser.post("/api/auth/token/refresh", {"refresh_token": tokens.refresh_token}, content_type="application/json")
    browser.get("/api/auth/me", headers={"Authorization": f"Bearer {tokens.access_token}x"})
    browser.get(f"/me/undo?was={feed}")
    logging.getLogger("django.request").error("%s", reset, exc_info=ValueError(welcome))

    text = logged.getvalue()
    secrets = [
        welcome.rpartition("/")[2],
        reset.rstrip("/").rpartition("/")[2],
        feed,
        tokens.access_token,
        tokens.refresh_token,
    ]
    assert [secret for secret in secrets if secret in text] == []
    assert text.count("/people/welcome/***") >= 2
    assert "/api/calendar/***" in text


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_key_stays(text: str) -> None:
    assert without_keys(text) == text


@pytest.mark.parametrize(
    "address",
    ["/meetings/1/backup?key=s3cret", "https://zoom.us/w/1?tk=s3cret&x=1", "/s/1?zak=s3cret", "/undo?was=s3cret"],
)
def test_key_in_a_query_is_taken_out(address: str) -> None:
    assert "s3cret" not in without_keys(address)
    assert re.search(r"=\*\*\*", without_keys(address))


@pytest.mark.parametrize("sent", ["a\nb", "a\r\nb", "a\x1b[2Jb", "a\x85b", "a\u2028b", "a\u202eb"], ids=ascii)
def test_what_people_send_is_one_line_that_turns_nothing(logged: StringIO, sent: str) -> None:
    Client().get(f"/nowhere/{quote(sent)}")
    structlog.get_logger("tests").warning("something_sent", text=sent, spaced=f"{sent} and more")
    logging.getLogger("of.a.library").warning("it was %s", sent)

    assert "something_sent" in logged.getvalue()
    assert "it was" in logged.getvalue()
    assert sent not in logged.getvalue()
