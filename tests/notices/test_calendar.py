"""The calendar feed: what one's own calendar reads."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from classbell.groups.services import enrol_students
from classbell.meetings.occurrences import cancel_occurrence
from classbell.notices.calendar import feed_of
from classbell.notices.services import open_calendar_feed
from tests.api_client import ApiClient
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_meetings import make_meeting, wish

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
T0 = datetime(2026, 9, 14, 8, tzinfo=UTC)


def events(body: bytes) -> list[tuple[str, datetime, datetime, str]]:
    calendar = Calendar.from_ical(body)
    return [
        (str(event["summary"]), event["dtstart"].dt, event["dtend"].dt, str(event["status"]))
        for event in calendar.walk("VEVENT")
    ]


def test_feed_has_each_sitting_with_its_times_and_its_page() -> None:
    student, teacher = make_student(), make_teacher(first_name="Maryam", last_name="Al-Farsi")
    group = make_class(teacher=teacher)
    enrol_students(group_id=group.pk, students=[student])
    meeting = make_meeting(wish(teacher, group=group, title="Tajwid; part 1, again", starts_at=T0 + timedelta(days=1)))

    body = feed_of(student, now=T0)

    sitting = meeting.occurrences.get()
    assert events(body) == [("Tajwid; part 1, again", sitting.starts_at, sitting.ends_at, "CONFIRMED")]
    event = Calendar.from_ical(body).walk("VEVENT")[0]
    assert str(event["url"]).endswith(f"/meetings/{meeting.pk}/")
    assert "Maryam Al-Farsi" in str(event["description"])


def test_feed_tells_that_a_sitting_is_cancelled_and_why() -> None:
    teacher = make_teacher()
    meeting = make_meeting(wish(teacher, title="Algebra", starts_at=T0 + timedelta(days=1)))
    cancel_occurrence(occurrence_id=meeting.occurrences.get().pk, reason="The teacher is ill", now=T0)

    body = feed_of(teacher, now=T0)

    assert [status for *_rest, status in events(body)] == ["CANCELLED"]
    assert "The teacher is ill" in str(Calendar.from_ical(body).walk("VEVENT")[0]["description"])


def test_feed_holds_nothing_that_lets_people_into_a_meeting() -> None:
    teacher = make_teacher()
    meeting = make_meeting(wish(teacher, starts_at=T0 + timedelta(days=1)))
    meeting.join_url, meeting.password = "https://zoom.example/j/123?pwd=secret", "secret"
    meeting.save(update_fields=["join_url", "password"])

    body = feed_of(teacher, now=T0)

    assert len(events(body)) == 1
    assert b"secret" not in body
    assert b"zoom.example" not in body


def test_feed_shows_a_stranger_nothing_of_others() -> None:
    make_meeting(wish(make_teacher(), group=make_class(), starts_at=T0 + timedelta(days=1)))

    assert events(feed_of(make_student(), now=T0)) == []


def test_feed_is_opened_read_without_signing_in_and_revoked(api: Api) -> None:
    person = make_teacher()
    assert api(person).get("/api/calendar").json() == {"url": None, "created_at": None}

    opened = api(person).post("/api/calendar")
    path = "/api/calendar/" + opened.json()["url"].rpartition("/")[2]
    read = ApiClient().get(path)
    revoked = api(person).delete("/api/calendar")

    assert opened.status_code == 201
    assert read.status_code == 200
    assert read["Content-Type"] == "text/calendar; charset=utf-8"
    assert revoked.status_code == 204
    assert ApiClient().get(path).status_code == 404


def test_a_new_address_ends_the_old_one() -> None:
    person = make_teacher()
    old = open_calendar_feed(person, now=T0).token

    new = open_calendar_feed(person, now=T0).token

    assert ApiClient().get(f"/api/calendar/{old}.ics").status_code == 404
    assert ApiClient().get(f"/api/calendar/{new}.ics").status_code == 200


def test_a_person_who_left_the_school_has_no_calendar() -> None:
    person = make_admin()
    feed = open_calendar_feed(person, now=timezone.now())
    person.is_active = False
    person.save(update_fields=["is_active"])

    assert ApiClient().get(f"/api/calendar/{feed.token}.ics").status_code == 404


def test_a_calendar_needs_its_owner_signed_in() -> None:
    assert ApiClient().get("/api/calendar").status_code == 401
    assert ApiClient().post("/api/calendar").status_code == 401
