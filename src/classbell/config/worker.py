"""The process that does the background jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from procrastinate import BaseConnector, PsycopgConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.contrib.django.django_connector import DjangoConnector

from classbell.meetings.tasks import SILENT_WORKER_SECONDS
from classbell.meetings.webhooks.inbox import keep_processing

# Quick to notice that a worker was killed, so that its jobs are soon taken up by another.
HEARTBEAT_SECONDS = 3.0


class WorkerConnector(PsycopgConnector):
    """
    The worker's own connections, for its own work.

    What a job defers goes out on Django's connection, in the job's transaction, as everywhere else: on the worker's own it
    could begin before the rows it is about are there.
    """

    def get_sync_connector(self) -> BaseConnector:
        """Return what jobs, which are no coroutines, defer on."""
        return DjangoConnector()


def run_worker(*, concurrency: int) -> None:
    """Do jobs until stopped; SIGTERM lets the running ones end. Any number of workers may run, anywhere."""
    with _inbox(), app.replace_connector(WorkerConnector(kwargs=connector_params())) as worker_app:
        worker_app.run_worker(
            concurrency=concurrency,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=SILENT_WORKER_SECONDS,
            shutdown_graceful_timeout=20.0,
        )


@contextmanager
def _inbox() -> Iterator[None]:
    """Understand Zoom's webhooks in a thread meanwhile; what it is at when we stop, it finishes."""
    stop = Event()
    thread = Thread(target=keep_processing, args=(stop,), name="inbox")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
