"""
Which request queued which job: so that the lines of both can be found by one number, down to the calls of Zoom.

What a request is known by is bound to the logs of its thread (`request_id`); whoever queues a job there leaves it behind. A
job does its work under the same number, and so do the jobs that it queues.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, LiteralString

import structlog
from procrastinate import App, JobContext
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from procrastinate.sql import queries
from procrastinate.worker import Worker

from classbell.tracing import span

log = structlog.get_logger(__name__)

SLOW_SECONDS: Final = 5.0
DEFER: Final = queries["defer_jobs"]
# One statement still: a job that begins at once finds it.
DEFER_WITH_ORIGIN: Final[LiteralString] = (
    "WITH queued AS (" + DEFER.rstrip(";") + "), noted AS (INSERT INTO operation_joborigin (job_id, request_id) "
    "SELECT id, %(request_id)s FROM queued) SELECT id FROM queued"
)
ORIGIN: Final[LiteralString] = "SELECT request_id FROM operation_joborigin WHERE job_id = %(job_id)s"


class OriginConnector(DjangoConnector):
    """Queues jobs on Django's connection, in the transaction of the caller, with the request that is answered just now."""

    def execute_query_all(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        """Return the rows. Raises ConnectorException."""
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        if query == DEFER and request_id:
            return super().execute_query_all(DEFER_WITH_ORIGIN, request_id=request_id, **arguments)
        return super().execute_query_all(query, **arguments)


def note_origins(app: App) -> None:
    """Let everything that queues jobs by this app leave behind which request it was: procrastinate's `ON_APP_READY`."""
    app.connector = OriginConnector()
    app.job_manager = JobManager(app.connector)


async def in_its_name(call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker) -> Any:
    """
    Do a job with its number, its task's name and the request that it comes from in every line, and log one line of it: a
    worker's middleware.
    """
    known: dict[str, str | int | None] = {"job_id": context.job.id, "task": context.job.task_name}
    rows: list[dict[str, Any]] = []
    with suppress(ConnectorException):  # No job fails for want of a number in the log.
        rows = await worker.app.connector.execute_query_all_async(ORIGIN, job_id=context.job.id)
    if rows:
        known["request_id"] = rows[0]["request_id"]
    with structlog.contextvars.bound_contextvars(**known), span(f"job {context.job.task_name}", values=known):
        began, failed = time.perf_counter(), True
        try:
            answer = await call_next()
            failed = False
            return answer
        finally:
            seconds = time.perf_counter() - began
            # What the clock started, and went quickly and well, is most of them.
            unremarkable = not failed and not rows and seconds < SLOW_SECONDS
            level = logging.DEBUG if unremarkable else logging.INFO
            log.log(level, "job", failed=failed, milliseconds=round(seconds * 1000, 1))
