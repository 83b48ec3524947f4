"""What is measured, for Prometheus."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from classbell.config.measures import MEASURES
from classbell.meetings.models import Meeting, WebhookEvent
from classbell.meetings.sync.limits import PostgresLimiter
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from classbell.operation import requests
from classbell.operation.models import RequestCount
from classbell.operation.requests import REQUESTS, RequestTally
from classbell.zoom.errors import ZoomDailyLimit, ZoomThrottled
from classbell.zoom.limits import Call, Label
from tests.api_client import ApiClient
from tests.factories import make_student
from tests.factories_meetings import make_meeting

pytestmark = pytest.mark.django_db
TOTAL = "classbell_requests_total"


def samples(body: bytes) -> dict[tuple[str, tuple[str, ...]], float]:
    families = text_string_to_metric_families(body.decode())
    return {(s.name, tuple(s.labels.values())): s.value for family in families for s in family.samples}


def test_metrics_count_what_waits_for_zoom() -> None:
    make_meeting()

    found = samples(Client().get("/metrics").content)

    assert found["classbell_meetings", ("pending",)] == 1
    assert found["classbell_oldest_pending_meeting_seconds", ()] >= 0
    assert found["classbell_sittings_without_zoom", ()] == 0
    assert ("classbell_jobs", ("todo",)) in found


def test_requests_are_counted_by_operation_and_how_they_ended() -> None:
    REQUESTS.write()
    before = samples(Client().get("/metrics").content)
    meeting, browser = make_meeting(), Client()
    for _time in range(3):
        browser.get("/teachers/")
    browser.get(f"/meetings/{meeting.pk}/")
    browser.get("/no/such/page")
    browser.generic("BREW", "/teachers/")
    ApiClient().post("/api/auth/token", {"email": "nobody@school.example", "password": "wrong"})
    REQUESTS.write()

    found = samples(Client().get("/metrics").content)

    counted = {
        labels: value - before.get((name, labels), 0) for (name, labels), value in found.items() if name == TOTAL
    }
    assert counted["GET /teachers/", "2xx"] == 3
    assert counted["GET /meetings/{meeting_id}/", "3xx"] == 1
    assert counted["unknown", "4xx"] == 1
    assert counted["OTHER /teachers/", "4xx"] == 1
    assert counted["POST /api/auth/token", "4xx"] == 1
    assert not [labels for labels in counted if str(meeting.pk) in str(labels)]


def test_durations_are_a_histogram() -> None:
    tally = RequestTally()
    for seconds in (0.01, 0.05, 0.2, 60.0):
        tally.add("GET /", kind="page", status=200, seconds=seconds)
    tally.write()

    found = samples(Client().get("/metrics").content)

    name = "classbell_request_duration_seconds"
    buckets = {up_to: found[f"{name}_bucket", ("page", up_to)] for up_to in ("0.05", "0.1", "0.25", "10.0", "+Inf")}
    assert buckets == {"0.05": 2, "0.1": 2, "0.25": 3, "10.0": 3, "+Inf": 4}
    assert found[f"{name}_count", ("page",)] == 4
    assert found[f"{name}_sum", ("page",)] == pytest.approx(60.26)


def test_what_could_not_be_written_is_written_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tally = RequestTally()
    tally.add("GET /", kind="page", status=200, seconds=0.1)
    with monkeypatch.context() as away:
        away.setattr(requests, "_ADD", "INSERT INTO nowhere VALUES (%s, %s, %s, %s)")
        tally.write()
    tally.add("GET /", kind="page", status=200, seconds=0.1)
    tally.write()

    assert RequestCount.objects.values_list("operation", "status", "count").get() == ("GET /", "2xx", 2)


def test_jobs_that_could_begin_are_counted_by_queue_and_age() -> None:
    _queue("waits", scheduled_at=None)
    _queue("late", scheduled_at=timezone.now() - timedelta(minutes=5))
    _queue("later", scheduled_at=timezone.now() + timedelta(minutes=5))

    found = samples(Client().get("/metrics").content)

    due = {labels: value for (name, labels), value in found.items() if name == "classbell_jobs_due"}
    assert due == {("under 10 s", "waits"): 1, ("under 10 min", "late"): 1}
    assert found["classbell_oldest_job_seconds", ("late",)] >= 300


def _queue(queue: str, *, scheduled_at: datetime | None) -> None:
    app.configure_task("notices.remind", queue=queue, queueing_lock=queue, schedule_at=scheduled_at).defer(timestamp=0)


def test_lags_say_how_long_what_is_due_has_waited() -> None:
    ago = timezone.now() - timedelta(minutes=10)
    first, second = make_meeting(), make_meeting()
    Meeting.objects.filter(pk=first.pk).update(updated_at=ago, next_attempt_at=timezone.now() + timedelta(minutes=5))
    Meeting.objects.filter(pk=second.pk).update(updated_at=ago, next_attempt_at=None)
    for error in ("", "KeyError: 'x'"):
        moment = ago if not error else ago - timedelta(days=1)
        WebhookEvent.objects.create(
            event="meeting.started",
            digest=error.encode(),
            body={},
            received_at=moment,
            happened_at=ago,
            due_at=ago,
            error=error,
        )

    found = samples(Client().get("/metrics").content)

    assert 600 <= found["classbell_reconcile_lag_seconds", ()] < 660
    assert 600 <= found["classbell_inbox_lag_seconds", ()] < 660


def test_notices_of_the_last_hour_are_counted_by_kind() -> None:
    tell(make_student(), Kind.ZOOM_WELL_AGAIN, {}, now=timezone.now())

    found = samples(Client().get("/metrics").content)

    assert found["classbell_notices_last_hour", ("zoom_well_again",)] == 1
    assert found["classbell_mails_waiting", ("no",)] == 1


def test_every_measure_is_described_even_while_there_is_nothing_to_measure() -> None:
    body = Client().get("/metrics").content.decode()

    assert [name for name in MEASURES if f"# HELP {name} " not in body] == []


@pytest.mark.parametrize("asked", [{"REMOTE_ADDR": "203.0.113.5"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.5"}])
def test_without_a_token_metrics_are_read_on_the_machine_only(asked: dict[str, Any]) -> None:
    answer = Client().get("/metrics", **asked)

    assert answer.status_code == 403
    assert b"classbell_" not in answer.content


def test_metrics_ask_for_their_token_when_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.ENVIRONMENT, "metrics_token", SecretStr("for-prometheus"))

    statuses = [
        Client().get("/metrics", headers=headers).status_code
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer for-prometheus"})
    ]

    assert statuses == [401, 401, 200]


def test_requests_answered_429_are_counted_by_what_was_asked_for() -> None:
    student = make_student()
    for _attempt in range(6):
        answer = ApiClient().post("/api/auth/token", {"email": student.email, "password": "wrong"})
    assert answer.status_code == 429

    found = samples(Client().get("/metrics").content)

    counted = {labels: value for (name, labels), value in found.items() if name == "classbell_too_many_requests_total"}
    assert list(counted.values()) == [1]
    assert "zoom" not in str(counted)


def test_zooms_429s_are_counted_by_limit() -> None:
    call = Call(account_id="a", label=Label.LIGHT, method="GET", path_template="/users/{userId}")

    limiter = PostgresLimiter("pro")
    for _time in range(2):
        limiter.throttled(call, ZoomThrottled(retry_after=1))
    limiter.throttled(call, ZoomDailyLimit(scope="host"))

    found = samples(Client().get("/metrics").content)
    total = "classbell_too_many_requests_total"
    assert (found[total, ("zoom_rate_light",)], found[total, ("zoom_day_host",)]) == (2, 1)
