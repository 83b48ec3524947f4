"""The calendar feed on the settings page: opened, renewed, taken back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from classbell.meetings.occurrences import cancel_occurrence
from classbell.notices.feeds import token_of
from classbell.notices.models import CalendarFeed
from tests.notices.test_calendar_readers import by_icalendar
from tests.web.conftest import School, SignIn, make_meeting
from tests.web.html import links, words


def feed_address(school: School) -> str:
    """Return the path of the member's feed."""
    return f"/api/calendar/{token_of(CalendarFeed.objects.get(user=school.member))}.ics"


def test_feed_is_offered_before_it_is_opened(school: School, sign_in: SignIn) -> None:
    page = sign_in(school.member).get("/me/")

    assert "Make an address" in words(page)
    assert not CalendarFeed.objects.exists()


def test_opened_feed_shows_an_address_that_calendars_can_read(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.member)

    page = browser.post("/me/calendar/open", follow=True)

    assert feed_address(school) in words(page)
    assert [link for link in links(page) if link.startswith("webcal://") and link.endswith(feed_address(school))]
    assert "no-store" in page.headers["Cache-Control"]
    assert Client().get(feed_address(school)).status_code == 200


def test_new_address_ends_the_old_one(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.member)
    browser.post("/me/calendar/open")
    old = feed_address(school)

    page = browser.post("/me/calendar/open", follow=True)

    assert "The old one no longer works" in words(page)
    assert Client().get(old).status_code == 404
    assert Client().get(feed_address(school)).status_code == 200


def test_feed_that_was_taken_back_answers_nobody(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.member)
    browser.post("/me/calendar/open")
    old = feed_address(school)

    page = browser.post("/me/calendar/close", follow=True)

    assert "Make an address" in words(page)
    assert Client().get(old).status_code == 404


@pytest.mark.parametrize("action", ["open", "close"])
def test_feed_changes_only_for_who_is_signed_in_and_by_posting(school: School, sign_in: SignIn, action: str) -> None:
    assert Client().post(f"/me/calendar/{action}").status_code == 302
    assert sign_in(school.member).get(f"/me/calendar/{action}").status_code == 405
    assert not CalendarFeed.objects.exists()


def test_a_meeting_goes_into_ones_own_calendar_as_a_file(school: School, sign_in: SignIn) -> None:
    sessions = school.meeting.occurrences.filter(ends_at__gt=timezone.now()).count()

    answer = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/classbell.ics")

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert len(list(by_icalendar(answer.content.decode()))) == sessions > 0
    assert b"zoom" not in answer.content.lower()


def test_one_session_goes_into_ones_own_calendar_as_the_feed_names_it(school: School, sign_in: SignIn) -> None:
    session = school.meeting.occurrences.earliest("starts_at")
    browser = sign_in(school.member)
    address = f"/meetings/{school.meeting.pk}/occurrences/{session.pk}/classbell.ics"

    answer = browser.get(address)

    assert address in links(browser.get(f"/meetings/{school.meeting.pk}/"))
    assert answer.content.count(b"BEGIN:VEVENT") == 1
    assert f"UID:{session.meeting_id}@classbell".encode() in answer.content.replace(b"\r\n ", b"")
    assert b"RECURRENCE-ID" in answer.content
    assert sign_in(school.stranger).get(address).status_code == 404


@pytest.mark.parametrize("who", ["member", "teacher"])
def test_all_sessions_of_a_class_go_into_ones_own_calendar_as_a_file(school: School, sign_in: SignIn, who: str) -> None:
    later = school.meeting.starts_at + timedelta(hours=3)
    make_meeting(teacher=school.teacher, group=school.group, starts_at=later)
    browser, address = sign_in(school.person(who)), f"/groups/{school.group.pk}/classbell.ics"

    answer = browser.get(address)

    assert address in links(browser.get(f"/classes/{school.group.pk}/"))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert len(list(by_icalendar(answer.content.decode()))) == 8
    assert sign_in(school.stranger).get(address).status_code == 404


def test_session_that_is_cancelled_goes_into_no_calendar(school: School, sign_in: SignIn) -> None:
    session = school.meeting.occurrences.earliest("starts_at")
    cancel_occurrence(occurrence_id=session.pk, reason="Rain", now=timezone.now())

    answer = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/occurrences/{session.pk}/classbell.ics")

    assert answer.status_code == 404
