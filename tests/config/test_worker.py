"""The process that does the background jobs, and the jobs that these write."""

import asyncio
from datetime import UTC, datetime

import psycopg_pool
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app, connector_params
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException

from classbell.config.worker import WorkerConnector, tell_what_nobody_waits_for
from classbell.meetings.batches import cancel_meetings
from classbell.meetings.jobs import defer_attendance
from classbell.meetings.models import Occurrence
from classbell.meetings.tasks import retry_stalled_jobs
from classbell.notices import occurrences
from classbell.notices.models import Notice
from classbell.operation.origins import in_its_name
from tests.factories import make_class
from tests.factories_meetings import make_meeting, spec


def do_what_waits(queue: str = "notices") -> None:
    """Do the jobs there are as the worker does, those of them that these defer in time."""
    with app.replace_connector(WorkerConnector(kwargs=connector_params())) as worker:
        worker.run_worker(
            queues=[queue],
            wait=False,
            listen_notify=False,
            install_signal_handlers=False,
            concurrency=4,
            worker_middleware=[in_its_name],
        )


@pytest.mark.django_db(transaction=True)
def test_job_that_a_job_defers_sees_what_that_one_wrote() -> None:
    meeting = make_meeting(spec(group=make_class(students=12)))
    cancel_meetings(meeting_ids=[meeting.pk], now=datetime.now(UTC))

    do_what_waits()
    do_what_waits()

    assert Notice.objects.count() == 12
    assert not ProcrastinateJob.objects.filter(queue_name="notices").exclude(status="succeeded").exists()


@pytest.mark.django_db(transaction=True)
def test_job_that_fails_leaves_no_jobs_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = make_meeting(spec(group=make_class(students=2)))
    cancel_meetings(meeting_ids=[meeting.pk], now=datetime.now(UTC))
    tell = occurrences.tell_cancelled

    def tell_and_die(**arguments: object) -> None:
        with transaction.atomic():
            tell(**arguments)  # type: ignore[arg-type]
            Occurrence.objects.get(pk=meeting.pk)

    monkeypatch.setattr(occurrences, "tell_cancelled", tell_and_die)

    do_what_waits()

    assert not Notice.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="notices.mail_notice").exists()


@pytest.mark.django_db(transaction=True)
def test_jobs_of_a_killed_worker_are_taken_up_though_one_of_them_has_been_written_anew() -> None:
    first, second = make_meeting().occurrences.get(), make_meeting().occurrences.get()
    defer_attendance([first.pk, second.pk])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'meetings.record_attendance'")
    defer_attendance([first.pk])
    retry_stalled_jobs.configure().defer(timestamp=0)

    do_what_waits("sweeps")

    left = ProcrastinateJob.objects.filter(task_name="meetings.record_attendance")
    assert sorted(left.values_list("status", "args__occurrence_id")) == sorted(
        [("todo", str(first.pk)), ("todo", str(second.pk))]
    )


def test_end_of_a_job_that_could_not_be_written_is_told_in_a_line_and_anything_else_in_full(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(tell_what_nobody_waits_for)
    away = ConnectorException("Database error.")
    away.__cause__ = psycopg_pool.PoolTimeout("couldn't get a connection after 5.00 sec")

    loop.call_exception_handler({"message": "Task exception was never retrieved", "exception": away})
    assert "Task exception" not in caplog.text

    loop.call_exception_handler({"message": "Task exception was never retrieved", "exception": ValueError("odd")})
    assert "Task exception was never retrieved" in caplog.text
    loop.close()
