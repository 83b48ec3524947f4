"""What is measured, for Prometheus."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from classbell.config.metrics import MEASURES
from classbell.meetings.sync.limits import PostgresLimiter
from classbell.zoom.errors import ZoomDailyLimit, ZoomThrottled
from classbell.zoom.limits import Call, Label
from tests.api_client import ApiClient
from tests.factories import make_student
from tests.factories_meetings import make_meeting

pytestmark = pytest.mark.django_db


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
