"""What a worker has in hand, and how it lets go of it when it is told to stop."""

import asyncio
import atexit
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, NoReturn

import structlog
from procrastinate import JobContext
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from classbell.jobs import give_back

log = structlog.get_logger(__name__)

# How long giving everything back may take: a database that does not answer finds out by itself that we are gone.
SECONDS_TO_GIVE_BACK: Final = 3.0


class StopSignals:
    """What the process was told: the first signal asks for an end within `patience` seconds, the next for one now."""

    def __init__(self, *, patience: float) -> None:
        self.stop, self._now, self._patience = asyncio.Event(), asyncio.Event(), patience

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take SIGINT and SIGTERM from now on."""
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._told)

    def _told(self) -> None:
        if self.stop.is_set():
            self._now.set()
        else:
            log.info("worker_stopping", seconds=self._patience)
        self.stop.set()

    async def is_in_time(self, working: "asyncio.Task[Any]") -> bool:
        """Wait for the work to end and say whether it did so while there was patience."""
        hurried = asyncio.create_task(self._now.wait())
        try:
            await asyncio.wait({working, hurried}, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hurried.cancel()
        return working.done()


class Hands:
    """The jobs that one worker is at."""

    def __init__(self) -> None:
        self._jobs: dict[int, Job] = {}
        self._worker: Worker | None = None

    async def hold(self, call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker) -> Any:
        """Know of a job for as long as it is done: a middleware of the worker."""
        number, self._worker = context.job.id or 0, worker
        self._jobs[number] = context.job
        try:
            return await call_next()
        finally:
            del self._jobs[number]

    async def give_all_back(self) -> NoReturn:
        """Give what is in hand back to the queue, now, and end the process: its threads know of no other way."""
        given = list(self._jobs.values())
        log.warning("worker_gives_jobs_back", jobs=[job.id for job in given])
        with suppress(TimeoutError, ConnectorException):
            await asyncio.wait_for(self._give_back(given), SECONDS_TO_GIVE_BACK)
        # What is done at the end of any process; waiting for threads is not among it.
        atexit._run_exitfuncs()
        os._exit(0)

    async def _give_back(self, given: list[Job]) -> None:
        if self._worker is None:
            return
        manager = self._worker.app.job_manager
        for job in given:
            with suppress(ConnectorException):  # It ended meanwhile.
                await give_back(manager, job)
        if self._worker.worker_id is not None:
            await manager.unregister_worker(self._worker.worker_id)
