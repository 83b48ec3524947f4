"""The admin's page about Zoom's webhooks."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from classbell.meetings.models import WebhookEvent
from classbell.meetings.webhooks.inbox import process_all
from tests.factories import make_teacher
from tests.web.conftest import School, SignIn, make_meeting, on_zoom
from tests.web.html import inline_code, links, words
from tests.zoom_events import SECRET, event, store

HTMX = {"HX-Request": "true", "HX-Target": "inbox"}


@pytest.fixture
def webhooks(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zoom's webhooks are configured."""
    secret = type(settings.ENVIRONMENT.zoom_webhook_secret)(SECRET)
    environment = settings.ENVIRONMENT.model_copy(update={"zoom_webhook_secret": secret})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)


def arrive(*, zoom_meeting_id: str = "1", error: str = "") -> WebhookEvent:
    """Let a webhook arrive; with an error, one that failed."""
    store(event("meeting.alert", timezone.now(), id=zoom_meeting_id, number=WebhookEvent.objects.count()))
    stored = WebhookEvent.objects.latest("pk")
    if error:
        stored.error, stored.attempts, stored.due_at = error, 3, timezone.now() + timedelta(hours=1)
        stored.save()
    return stored


def test_zoom_page_leads_to_the_inbox(school: School, sign_in: SignIn) -> None:
    assert "/zoom/inbox" in links(sign_in(school.admin).get("/zoom/"))


def test_inbox_says_what_to_do_when_there_is_no_secret(school: School, sign_in: SignIn) -> None:
    page = words(sign_in(school.admin).get("/zoom/inbox"))

    assert "Zoom sends no messages here yet." in page
    assert "http://localhost:8000/api/zoom/webhook" in page


def test_inbox_answers_in_one_sentence(webhooks, school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)
    pages = [words(browser.get("/zoom/inbox"))]
    arrive()
    pages.append(words(browser.get("/zoom/inbox")))
    process_all(now=timezone.now())
    pages.append(words(browser.get("/zoom/inbox")))
    arrive(error="ValidationError: join_time")
    pages.append(words(browser.get("/zoom/inbox")))

    said = [
        "Nothing has come from Zoom yet.",
        "1 message waits for a worker.",
        "Everything Zoom said has been understood.",
        "1 message of Zoom could not be understood.",
    ]
    assert [[sentence in page for sentence in said] for page in pages] == [
        [row == column for column in range(4)] for row in range(4)
    ]


def test_failure_is_shown_with_its_meeting_and_why(webhooks, school: School, sign_in: SignIn) -> None:
    meeting = on_zoom(make_meeting(teacher=school.other_teacher, title="Physics"))
    arrive(zoom_meeting_id=meeting.zoom_meeting_id, error="ValidationError: join_time")

    response = sign_in(school.admin).get("/zoom/inbox")

    assert "tried 3 times" in words(response)
    assert "ValidationError: join_time" in words(response)
    assert f"/meetings/{meeting.pk}/" in links(response)
    assert inline_code(response) == []


def test_replaying_one_updates_in_place(webhooks, school: School, sign_in: SignIn) -> None:
    failed = arrive(error="ValidationError: join_time")

    response = sign_in(school.admin).post(f"/zoom/inbox/{failed.pk}/replay", headers=HTMX)

    failed.refresh_from_db()
    assert (failed.error, failed.attempts, failed.due_at <= timezone.now()) == ("", 0, True)
    assert "Replaying 1 message now." in words(response)
    assert "1 message waits for a worker." in words(response)
    assert "<html" not in response.content.decode()


def test_replaying_all_leaves_those_that_worked(webhooks, school: School, sign_in: SignIn) -> None:
    arrive()
    process_all(now=timezone.now())
    for _number in range(2):
        arrive(error="ValidationError: join_time")

    response = sign_in(school.admin).post("/zoom/inbox/replay", follow=True)

    assert "Replaying 2 messages now." in words(response)
    assert WebhookEvent.objects.filter(processed_at=None, error="").count() == 2
    assert WebhookEvent.objects.exclude(processed_at=None).count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_inbox_takes_as_many_queries_with_three_rows_as_with_one(
    webhooks, school: School, sign_in: SignIn, django_assert_num_queries: object, rows: int
) -> None:
    for number in range(rows):
        arrive(zoom_meeting_id=on_zoom(make_meeting(teacher=make_teacher(), title=str(number))).zoom_meeting_id)
        arrive(error="ValidationError: join_time")
    browser = sign_in(school.admin)

    with django_assert_num_queries(7):  # type: ignore[operator]  # pytest-django's fixture has no type
        browser.get("/zoom/inbox")


def test_inbox_says_in_words_what_happened(webhooks, school: School, sign_in: SignIn) -> None:
    store(event("meeting.started", timezone.now(), id="1"))
    store(event("meeting.alert", timezone.now() - timedelta(minutes=1), id="1"))

    response = sign_in(school.admin).get("/zoom/inbox")

    assert [line.what for line in response.context["latest"]] == ["Started", ""]
    assert "Started" in words(response)
    assert "meeting.alert" in words(response)
