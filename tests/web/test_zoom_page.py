"""How Zoom stands, for admins."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from classbell.meetings.models import (
    Audience,
    Circuit,
    DailyBudget,
    ForeignMeeting,
    Meeting,
    SyncStatus,
    ZoomAccount,
    ZoomHost,
)
from tests.factories import make_teacher
from tests.web.conftest import School, SignIn, failed, make_meeting, make_running_meeting, on_zoom
from tests.web.html import words

HTMX = {"HX-Request": "true", "HX-Target": "backlog"}


def test_zoom_page_says_what_to_do_when_zoom_is_not_connected(school: School, sign_in: SignIn) -> None:
    page = words(sign_in(school.admin).get("/zoom/"))

    assert "Zoom is not connected." in page
    assert "classbell doctor" in page


def test_zoom_page_answers_in_one_sentence_when_all_is_well(school: School, sign_in: SignIn, configured: None) -> None:
    assert "Everything is on Zoom." in words(sign_in(school.admin).get("/zoom/"))


def test_zoom_page_lists_what_needs_a_person_and_what_is_on_its_way(
    school: School, sign_in: SignIn, configured: None
) -> None:
    failed(school.meeting)
    Meeting.objects.filter(pk=school.meeting.pk).update(title="Session 1")
    make_meeting(teacher=school.other_teacher, title="Physics")

    page = words(sign_in(school.admin).get("/zoom/"))

    assert "1 meeting needs a person. 1 meeting is on its way to Zoom. The oldest was asked for" in page
    assert "Zoom no longer knows the account that holds this meeting. The school has to check its Zoom licences" in page
    day = date_format(localtime(school.meeting.starts_at, school.admin.zone), "l j F H:i")
    assert f"Session 1 {school.group.name} · {school.teacher.name} · {day}" in page


def test_trying_one_again_updates_in_place(school: School, sign_in: SignIn, configured: None) -> None:
    failed(school.meeting)

    response = sign_in(school.admin).post(f"/zoom/retry/{school.meeting.pk}", headers=HTMX)

    school.meeting.refresh_from_db()
    assert school.meeting.sync_status == SyncStatus.PENDING
    assert "1 meeting is on its way to Zoom." in words(response)
    assert "Trying “Algebra” again now." in words(response)
    assert "<html" not in response.content.decode()


def test_trying_all_again_leaves_nothing_behind(school: School, sign_in: SignIn) -> None:
    failed(school.meeting)
    failed(make_meeting(teacher=school.other_teacher))

    response = sign_in(school.admin).post("/zoom/retry", follow=True)

    assert "Trying 2 meetings again now." in words(response)
    assert set(Meeting.objects.values_list("sync_status", flat=True)) == {SyncStatus.PENDING}


def test_hosts_show_what_they_hold_and_what_was_sent_today(host: ZoomHost, school: School, sign_in: SignIn) -> None:
    on_zoom(make_running_meeting(teacher=school.other_teacher, title="Conversation"))
    DailyBudget.objects.create(key="host:an-account:host-1", day=datetime.now(UTC).date(), used=88)

    response = sign_in(school.admin).get("/zoom/")

    (line,) = response.context["lines"]
    assert (line.host, line.seats, line.meetings, line.writes, line.writes_share) == (host, 1, 2, 88, 88)
    assert line.running == ["Conversation"]
    assert response.context["table"].peak.count == 1


def test_foreign_meetings_stand_apart_in_the_days_picture(host: ZoomHost, school: School, sign_in: SignIn) -> None:
    starts_at = timezone.now() + timedelta(minutes=5)
    ForeignMeeting.objects.create(
        host=host,
        zoom_meeting_id="1",
        topic="Staff meeting",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=1),
        seen_at=starts_at,
    )

    response = sign_in(school.admin).get(f"/zoom/?day={starts_at:%Y-%m-%d}")

    (row,) = response.context["table"].rows
    assert [(bar.hosted.title, bar.hosted.is_foreign) for bar in row.bars] == [("Staff meeting", True)]
    assert "Made elsewhere" in words(response)


def test_open_circuit_is_said_in_words(school: School, sign_in: SignIn, configured: None) -> None:
    Circuit.objects.create(
        account_id="an-account", failures=5, open_until=timezone.now() + timedelta(seconds=15), opened_at=timezone.now()
    )

    assert "Zoom has been failing, so it is left alone until" in words(sign_in(school.admin).get("/zoom/"))


def test_day_nobody_can_mean_is_today(host: ZoomHost, school: School, sign_in: SignIn) -> None:
    response = sign_in(school.admin).get("/zoom/?day=nonsense")

    assert response.context["day"] == datetime.now(UTC).date()


@pytest.mark.parametrize("rows", [1, 3])
def test_zoom_page_takes_as_many_queries_with_three_rows_as_with_one(
    host: ZoomHost,
    school: School,
    sign_in: SignIn,
    configured: None,
    django_assert_num_queries: object,
    rows: int,
) -> None:
    account = ZoomAccount.objects.get()
    for number in range(rows):
        failed(make_meeting(teacher=make_teacher(), title=f"Failed {number}"))
        on_zoom(make_running_meeting(teacher=make_teacher(), audience=Audience.EVERYONE))
        ZoomHost.objects.create(account=account, zoom_user_id=f"more-{number}", email=f"more-{number}@zoom.example")
    browser = sign_in(school.admin)

    with django_assert_num_queries(16):  # type: ignore[operator]  # pytest-django's fixture has no type
        browser.get("/zoom/")


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zoom's credentials are set; nothing here asks Zoom."""
    given = {
        "zoom_account_id": "an-account",
        "zoom_client_id": "a-client",
        "zoom_client_secret": type(settings.ENVIRONMENT.zoom_client_secret)("a-secret"),
    }
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=given))
