"""Which jobs are done again, and when."""

import pytest
from django.db import OperationalError
from procrastinate.contrib.django import app
from procrastinate.jobs import Job
from procrastinate.retry import RetryDecision
from psycopg import errors

from classbell.jobs import LONGEST_PAUSE_SECONDS, RETRY_CRASHES, RETRY_MAIL, Retry


def failure(cause: Exception | None = None) -> Exception:
    error = OperationalError()
    error.__cause__ = cause
    return error


def again(retry: Retry, error: Exception, *, attempts: int) -> RetryDecision | None:
    job = Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
    return retry.get_retry_decision(exception=error, job=job)


@pytest.mark.parametrize("cause", [errors.AdminShutdown(), errors.DiskFull(), errors.DeadlockDetected()])
@pytest.mark.parametrize("retry", [Retry(), RETRY_CRASHES, RETRY_MAIL])
def test_jobs_outlast_a_database_that_fails(retry: Retry, cause: Exception) -> None:
    assert again(retry, failure(cause), attempts=1000) is not None


def test_other_failures_end_a_job_in_time() -> None:
    assert again(RETRY_CRASHES, ValueError(), attempts=0) is not None
    assert again(RETRY_CRASHES, ValueError(), attempts=5) is None
    assert again(RETRY_MAIL, ConnectionRefusedError(), attempts=0) is not None
    assert again(RETRY_MAIL, ValueError(), attempts=0) is None
    assert again(Retry(), ValueError(), attempts=0) is None


def test_pauses_do_not_grow_without_end() -> None:
    decision = again(Retry(), failure(errors.DiskFull()), attempts=1000)

    assert decision is not None
    assert decision.retry_at is not None
    assert LONGEST_PAUSE_SECONDS == 60


def test_every_job_that_does_not_come_again_by_itself_outlasts_the_database() -> None:
    periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    ours = [task for task in app.tasks.values() if not task.name.startswith(("builtin", "procrastinate"))]

    assert ours
    assert {
        task.name for task in ours if task.name not in periodic and not isinstance(task.retry_strategy, Retry)
    } == set()
