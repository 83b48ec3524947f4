"""The number of a request: answered back, in its lines, and in those of the jobs that it queues."""

import logging

import pytest
import structlog
from django.db import transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from classbell.accounts.models import User
from classbell.config.request_ids import request_id_of
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from classbell.operation import origins
from classbell.operation.models import JobOrigin
from tests.config.test_worker import do_what_waits
from tests.factories import make_student

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "given", ["f00dfeedf00dfeed", "0af76519-16cd-43dd-8448-eb211c80319c", "R-1-67891233.abcdef012345", "a" * 64]
)
def test_number_of_a_proxy_is_kept_and_answered_back(given: str) -> None:
    for path in ("/accounts/login/", "/api/bookings/teachers", "/healthz/live"):
        answer = Client().get(path, headers={"X-Request-ID": given})

        assert answer.headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given",
    ["", "short", "a" * 65, "two words", "line\nbreak-12345", "<script>alert(1)</script>", "٣٣٣٣٣٣٣٣٣٣", "-dash-first"],
)
def test_what_is_no_number_is_replaced_by_one(given: str) -> None:
    made = request_id_of(given)

    assert made != given
    assert request_id_of(made) == made


def test_each_request_has_a_number_of_its_own() -> None:
    first, second = (Client().get("/healthz/live").headers["X-Request-ID"] for _ in range(2))

    assert first != second


def tell_somebody(user: User) -> None:
    tell(user, Kind.ZOOM_WELL_AGAIN, {}, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_job_is_done_under_the_number_of_the_request_that_queued_it(caplog: pytest.LogCaptureFixture) -> None:
    user = make_student()
    with structlog.contextvars.bound_contextvars(request_id="the-request-1"):
        tell_somebody(user)
    tell_somebody(user)

    with caplog.at_level(logging.DEBUG, logger="classbell.operation.origins"):
        do_what_waits()

    done = [record.msg for record in caplog.records if record.name == "classbell.operation.origins"]
    assert JobOrigin.objects.count() == 1
    assert sorted(line.get("request_id", "") for line in done) == ["", "the-request-1"]  # type: ignore[union-attr]
    assert {line["task"] for line in done} == {"notices.mail_notice"}  # type: ignore[index]


@pytest.mark.django_db(transaction=True)
def test_job_is_done_though_nobody_can_say_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "ORIGIN", "SELECT request_id FROM nowhere WHERE job_id = %(job_id)s")
    tell_somebody(make_student())

    do_what_waits()

    assert not ProcrastinateJob.objects.filter(queue_name="notices").exclude(status="succeeded").exists()


def test_job_that_is_queued_already_leaves_nothing_behind() -> None:

    queue = app.configure_task("notices.mail_notice", queueing_lock="once")
    with structlog.contextvars.bound_contextvars(request_id="the-request-1"):
        queue.defer(notice_id="1")
        with pytest.raises(AlreadyEnqueued), transaction.atomic():
            queue.defer(notice_id="1")

    assert JobOrigin.objects.count() == 1
