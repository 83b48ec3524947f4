"""The calendar feed: what one's own calendar reads."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from classbell.groups.services import enrol_students
from classbell.meetings.models import Meeting
from classbell.meetings.occurrences import cancel_occurrence, let_substitute
from classbell.notices.calendar import feed_of
from classbell.notices.feeds import calendar_feed_of, open_calendar_feed, token_of
from classbell.notices.models import CalendarFeed
from tests.api_client import ApiClient, ApiClientHandler
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_meetings import make_meeting, spec
from tests.secret_keys import secret_keys

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
T0 = datetime(2026, 9, 14, 8, tzinfo=UTC)


def events(body: bytes) -> list[tuple[str, datetime, datetime, str]]:
    calendar = Calendar.from_ical(body)
    return [
        (str(event["summary"]), event.decoded("dtstart"), event.decoded("dtend"), str(event["status"]))
        for event in calendar.walk("VEVENT")
    ]


def test_feed_has_each_occurrence_with_its_times_and_its_page() -> None:
    student, teacher = make_student(), make_teacher(first_name="Maryam", last_name="Al-Farsi")
    group = make_class(teacher=teacher)
    enrol_students(group_id=group.pk, students=[student])
    meeting = make_meeting(spec(teacher, group=group, title="Tajwid; part 1, again", starts_at=T0 + timedelta(days=1)))

    body = feed_of(student, now=T0)

    occurrence = meeting.occurrences.get()
    assert events(body) == [("Tajwid; part 1, again", occurrence.starts_at, occurrence.ends_at, "CONFIRMED")]
    event = Calendar.from_ical(body).walk("VEVENT")[0]
    assert str(event["url"]).endswith(f"/meetings/{meeting.pk}/")
    assert "Maryam Al-Farsi" in str(event["description"])


def test_feed_tells_that_an_occurrence_is_cancelled_and_why() -> None:
    teacher = make_teacher()
    meeting = make_meeting(spec(teacher, title="Algebra", starts_at=T0 + timedelta(days=1)))
    cancel_occurrence(occurrence_id=meeting.occurrences.get().pk, reason="The teacher is ill", now=T0)

    body = feed_of(teacher, now=T0)

    assert [status for *_rest, status in events(body)] == ["CANCELLED"]
    assert "The teacher is ill" in str(Calendar.from_ical(body).walk("VEVENT")[0]["description"])


def test_feed_holds_nothing_that_lets_people_into_a_meeting() -> None:
    teacher = make_teacher()
    meeting = make_meeting(spec(teacher, starts_at=T0 + timedelta(days=1)))
    meeting.join_url, meeting.password = "https://zoom.example/j/123?pwd=secret", "secret"
    meeting.save(update_fields=["join_url", "password"])

    body = feed_of(teacher, now=T0)

    assert len(events(body)) == 1
    assert b"secret" not in body
    assert b"zoom.example" not in body


def test_feed_shows_a_stranger_nothing_of_others() -> None:
    make_meeting(spec(make_teacher(), group=make_class(), starts_at=T0 + timedelta(days=1)))

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
    old = token_of(open_calendar_feed(person, now=T0))

    new = token_of(open_calendar_feed(person, now=T0))

    assert ApiClient().get(f"/api/calendar/{old}.ics").status_code == 404
    assert ApiClient().get(f"/api/calendar/{new}.ics").status_code == 200


def test_a_person_who_left_the_school_has_no_calendar() -> None:
    person = make_admin()
    feed = open_calendar_feed(person, now=timezone.now())
    person.is_active = False
    person.save(update_fields=["is_active"])

    assert ApiClient().get(f"/api/calendar/{token_of(feed)}.ics").status_code == 404


def test_a_calendar_needs_its_owner_signed_in() -> None:
    assert ApiClient().get("/api/calendar").status_code == 401
    assert ApiClient().post("/api/calendar").status_code == 401


def test_feed_stays_the_same_to_the_byte_until_something_changes() -> None:
    teacher = make_teacher()
    meeting = make_meeting(spec(teacher, starts_at=T0 + timedelta(days=1)))

    first, later = feed_of(teacher, now=T0), feed_of(teacher, now=T0 + timedelta(hours=3))
    cancel_occurrence(occurrence_id=meeting.occurrences.get().pk, reason="", now=T0)

    assert first == later
    assert feed_of(teacher, now=T0) != first


def test_feed_says_that_a_session_changed_whose_teacher_did() -> None:
    teacher, substitute = make_teacher(), make_admin()
    occurrence = make_meeting(spec(teacher, starts_at=T0 + timedelta(days=1))).occurrences.get()
    (before,) = Calendar.from_ical(feed_of(teacher, now=T0)).walk("VEVENT")
    changed_at = Meeting.objects.get(pk=occurrence.meeting_id).updated_at

    let_substitute(occurrence_id=occurrence.pk, teacher=substitute, now=T0)

    for reader in (teacher, substitute):
        (event,) = Calendar.from_ical(feed_of(reader, now=T0)).walk("VEVENT")
        assert event["uid"] == before["uid"]
        assert substitute.name in str(event["description"])
    assert Meeting.objects.get(pk=occurrence.meeting_id).updated_at > changed_at


def test_feed_says_how_often_to_look_in_the_standards_words() -> None:
    lines = feed_of(make_teacher(), now=T0).decode().splitlines()

    assert "REFRESH-INTERVAL;VALUE=DURATION:PT30M" in lines
    assert "X-PUBLISHED-TTL:PT30M" in lines


def test_feed_has_no_line_that_a_title_broke() -> None:
    teacher = make_teacher()
    meeting = make_meeting(spec(teacher, starts_at=T0 + timedelta(days=1)))
    Meeting.objects.filter(pk=meeting.pk).update(title="A\x0bB\r\nDTSTART:19700101T000000Z\x07")

    body = feed_of(teacher, now=T0)

    assert b"\x0b" not in body
    assert [title for title, *_rest in events(body)] == ["A B DTSTART:19700101T000000Z"]


def test_feed_that_is_known_is_not_sent_again() -> None:
    teacher = make_teacher()
    meeting = make_meeting(spec(teacher, starts_at=timezone.now() + timedelta(days=1)))
    client, path = Client(), f"/api/calendar/{token_of(open_calendar_feed(teacher, now=T0))}.ics"
    client.handler = ApiClientHandler()
    first = client.get(path)
    known = {"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}

    assert [client.get(path, headers=headers).status_code for headers in known] == [304, 304]

    cancel_occurrence(occurrence_id=meeting.occurrences.get().pk, reason="", now=timezone.now())
    changed = client.get(path, headers=known[0])
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_head_of_a_feed_is_what_get_would_say_of_it() -> None:
    client, path = Client(), f"/api/calendar/{token_of(open_calendar_feed(make_teacher(), now=T0))}.ics"
    client.handler = ApiClientHandler()
    whole, head = client.get(path), client.head(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(whole.content))
    assert head["ETag"] == whole["ETag"]


def test_the_address_is_not_readable_in_the_database() -> None:
    token = token_of(open_calendar_feed(make_teacher(), now=T0))

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(f)::text FROM notices_calendarfeed f")
        assert token not in cursor.fetchone()[0]


def test_an_address_that_the_version_before_gave_goes_on_and_is_shown(api: Api) -> None:
    person = make_teacher()
    CalendarFeed.objects.create(user=person, plain_token="given-before", created_at=T0)

    assert Client().get("/api/calendar/given-before.ics").status_code == 200
    assert api(person).get("/api/calendar").json()["url"].endswith("/api/calendar/given-before.ics")


def test_an_address_of_a_lost_key_goes_on_and_a_new_one_may_be_opened() -> None:
    person = make_teacher()
    token = token_of(open_calendar_feed(person, now=T0))

    with secret_keys("a-key-that-encrypted-nothing-here-yet"):
        assert Client().get(f"/api/calendar/{token}.ics").status_code == 200
        assert calendar_feed_of(person) is None
        assert token_of(open_calendar_feed(person, now=T0)) != token
