"""The overview: will the next day work, and what needs a person."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pydantic import SecretStr

from classbell.bookings.models import Booking
from classbell.meetings.models import (
    DailyBudget,
    Meeting,
    Occurrence,
    OccurrenceStatus,
    SyncStatus,
    WebhookEvent,
    ZoomHost,
)
from classbell.meetings.services import cancel_meeting
from tests.factories_bookings import make_booking
from tests.web.conftest import School, SignIn, failed, make_meeting, on_zoom, set_known
from tests.web.html import links, words

# Session, person, next day, what is counted, troubles of Zoom, standing, what the hosts may still be sent; hosts, the week,
# what hosts hold, the most at once, children of the reader.
QUERIES = 12
QUERIES_OF_THE_ANSWER = 7


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zoom and its messages are configured, and a worker runs."""
    for name, value in (
        ("zoom_account_id", "an-account"),
        ("zoom_client_id", "an-app"),
        ("zoom_client_secret", SecretStr("its-secret")),
        ("zoom_webhook_secret", SecretStr("another")),
    ):
        monkeypatch.setattr(settings.ENVIRONMENT, name, value)


@pytest.fixture
def worker(db: None) -> None:
    """A worker that lives."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")


@pytest.fixture
def admin(school: School, sign_in: SignIn, connected: None, worker: None) -> Client:
    """The browser of the school's admin."""
    return sign_in(school.admin)


def test_a_day_whose_meetings_are_all_there_will_work(admin: Client) -> None:
    page = words(admin.get("/"))

    assert "Yes. Its 1 session has a teacher, a host and a Zoom meeting." in page
    assert "Nothing. Classbell looks after the rest." in page


def test_the_day_asked_about_is_the_next_one_with_occurrences(school: School, admin: Client) -> None:
    first = school.meeting.occurrences.earliest("starts_at")

    response = admin.get("/")

    assert response.context["day"] == first.starts_at.astimezone(school.admin.zone).date()
    assert f"Will {first.starts_at:%A} work?" in words(response)


def test_a_meeting_on_its_way_makes_it_almost(school: School, admin: Client) -> None:
    set_known(school.meeting, sync_status=SyncStatus.PENDING, zoom_meeting_id="")

    assert "Almost. 1 of 1 sessions is on its way to Zoom; nobody has to do anything." in words(admin.get("/"))


def test_a_refused_meeting_is_named_with_its_remedy(school: School, admin: Client) -> None:
    failed(school.meeting)

    response = admin.get("/")

    assert "Not yet. 1 of 1 sessions has no Zoom meeting." in words(response)
    assert "1 meeting needs a person. See why and try again" in words(response)
    assert {f"/meetings/{school.meeting.pk}/", "/zoom/"} <= set(links(response))


def test_without_zoom_the_answer_is_no_and_how_to_connect_it(school: School, sign_in: SignIn, worker: None) -> None:
    set_known(school.meeting, sync_status=SyncStatus.PENDING, zoom_meeting_id="")

    page = words(sign_in(school.admin).get("/"))

    assert "No. Zoom is not connected, so 1 session has no meeting." in page
    assert "How to connect it" in page


def test_a_school_without_a_worker_is_told_to_start_one(school: School, sign_in: SignIn, connected: None) -> None:
    page = words(sign_in(school.admin).get("/"))

    assert "No worker is running: nothing goes to Zoom, and no mail goes out. Start one with: classbell worker" in page


def test_messages_that_failed_can_be_replayed(admin: Client) -> None:
    WebhookEvent.objects.create(
        event="meeting.started", digest=b"1", body={}, happened_at=datetime.now(UTC), error="KeyError"
    )

    response = admin.get("/")

    assert "1 message from Zoom could not be understood. Look and replay" in words(response)
    assert "/zoom/inbox" in links(response)


def test_a_request_about_to_lapse_needs_its_teacher(admin: Client) -> None:
    booking = make_booking()
    Booking.objects.filter(pk=booking.pk).update(lapses_at=datetime.now(UTC) + timedelta(hours=2))

    assert "1 request for a lesson lapses within six hours" in words(admin.get("/"))


def test_classes_that_zoom_said_nothing_of_are_noticed(school: School, admin: Client) -> None:
    for hours in (20, 24):
        starts_at = datetime.now(UTC) - timedelta(hours=hours)
        on_zoom(make_meeting(teacher=school.teacher, starts_at=starts_at, rule=""))

    page = words(admin.get("/"))

    assert "2 sessions are over without a word from Zoom. Its last message came: never." in page


def test_classes_that_only_the_report_told_of_are_noticed(school: School, admin: Client) -> None:
    for hours in (20, 24):
        starts_at = datetime.now(UTC) - timedelta(hours=hours)
        held = on_zoom(make_meeting(teacher=school.teacher, starts_at=starts_at, rule=""))
        Occurrence.objects.filter(meeting=held).update(status=OccurrenceStatus.ENDED)

    assert "2 sessions are over without a word from Zoom." in words(admin.get("/"))


@pytest.mark.parametrize("lost", [{"is_licensed": False}, {"is_active": False}])
def test_host_that_lost_its_licence_is_named_with_what_it_holds(
    school: School, admin: Client, host: ZoomHost, lost: dict[str, bool]
) -> None:
    make_meeting(teacher=school.other_teacher)
    assert "has no licence any more" not in words(admin.get("/"))
    held = Meeting.objects.filter(seat__host=host, wanted=True).count()

    ZoomHost.objects.filter(pk=host.pk).update(**lost)

    page = words(admin.get("/"))
    assert held
    assert "A Zoom host has no licence any more or is gone; " + f"{held} meeting" in page
    assert "Give the licence back at Zoom, or plan these meetings anew" in page


def test_meeting_that_zoom_overrules_points_to_locked_settings(school: School, admin: Client) -> None:
    set_known(school.meeting, sync_status=SyncStatus.FAILED, sync_error_code="zoom_disagrees")

    page = words(admin.get("/"))

    assert "Zoom shows other times for 1 meeting than it accepted. Look for a locked setting" in page


def test_day_of_a_host_that_is_spent_is_said(admin: Client, host: ZoomHost) -> None:
    DailyBudget.objects.create(key="host:an-account:host-1", day=datetime.now(UTC).date(), used=100)

    assert "1 Zoom host has had all its changes of today." in words(admin.get("/"))


def test_a_day_without_occurrences_is_said_to_have_none(school: School, admin: Client) -> None:
    cancel_meeting(meeting_id=school.meeting.pk, now=datetime.now(UTC))

    assert "Nothing is planned on this day." in words(admin.get("/"))


@pytest.mark.parametrize("day", ["nonsense", "", "2026-13-40"])
def test_a_day_nobody_can_mean_is_the_next_one(admin: Client, day: str) -> None:
    assert admin.get("/", {"day": day}).context["day"] == admin.get("/").context["day"]


def test_what_zoom_still_takes_today_counts_each_host_by_itself(school: School, admin: Client, host: ZoomHost) -> None:
    other = ZoomHost.objects.create(account=host.account, zoom_user_id="host-2", email="z@zoom.example", name="Two")
    ZoomHost.objects.create(account=host.account, zoom_user_id="host-3", email="b@zoom.example", is_licensed=False)
    today = datetime.now(UTC).date()
    # Zoom may have counted more than it should take: what is gone from one host is not gone from another.
    DailyBudget.objects.create(key="host:an-account:host-1", day=today, used=110)
    DailyBudget.objects.create(key=f"host:an-account:{other.zoom_user_id}", day=today, used=30)
    make_meeting(teacher=school.other_teacher)

    assert "Changes left today 70 of 200" in words(admin.get("/"))
    assert "1 new meeting waits for one" in words(admin.get("/"))


def test_others_get_their_week_instead(school: School, sign_in: SignIn) -> None:
    assert "answer" not in sign_in(school.teacher).get("/").context


@pytest.mark.parametrize("meetings", [1, 3])
def test_overview_takes_as_many_queries_with_three_meetings_as_with_one(
    school: School, admin: Client, host: ZoomHost, django_assert_num_queries: object, meetings: int
) -> None:
    for number in range(meetings - 1):
        starts_at = school.meeting.starts_at + timedelta(hours=2 + number)
        on_zoom(make_meeting(teacher=school.teacher, starts_at=starts_at, title=f"Further {number}"))
    assert Meeting.objects.count() == meetings
    admin.get("/")

    with django_assert_num_queries(QUERIES):  # type: ignore[operator]  # pytest-django's fixture has no type
        admin.get("/")


def test_looking_again_asks_for_what_the_answer_shows(admin: Client, django_assert_num_queries: object) -> None:
    admin.get("/")

    with django_assert_num_queries(QUERIES_OF_THE_ANSWER):  # type: ignore[operator]  # pytest-django's fixture has no type
        again = admin.get("/", headers={"HX-Request": "true", "HX-Target": "answer"})

    assert "Yes. Its 1 session has a teacher, a host and a Zoom meeting." in words(again)
