"""The process that does the background jobs."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any, Final, LiteralString

import psycopg
import structlog
from django.db import Error, connection
from procrastinate import BaseConnector, PsycopgConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException

from classbell.config.hands import Hands, StopSignals
from classbell.meetings.tasks import SILENT_WORKER_SECONDS
from classbell.meetings.webhooks.inbox import keep_processing
from classbell.operation.origins import OriginConnector, in_its_name
from classbell.postgres.migrations import missing_migrations
from classbell.postgres.reach import REACH
from classbell.postgres.trouble import Trouble, trouble_of

log = structlog.get_logger(__name__)

# Quick to notice that a worker was killed, so that its jobs are soon taken up by another.
HEARTBEAT_SECONDS: Final = 3.0
# How long the worker's own connections may take.
PATIENCE_SECONDS: Final = 5.0
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0
SECONDS_BETWEEN_LOOKS: Final = 0.25
SECONDS_BETWEEN_CLOCKS: Final = 5.0
MOST_SECONDS_BACK: Final = 5.0


class WorkerConnector(PsycopgConnector):
    """
    The worker's own connections, for its own work.

    What a job defers goes out on Django's connection, in the job's transaction, as everywhere else: on the worker's own it
    could begin before the rows it is about are there.

    `failed` is set when something could not be written: how a job ended, most likely. It would count as going on for as long
    as this worker lives.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.failed: asyncio.Future[Trouble] | None = None

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        """Write. Raises ConnectorException."""
        try:
            await super().execute_query_async(query, **arguments)
        except ConnectorException as error:
            if self.failed is not None and not self.failed.done() and (trouble := trouble_of(error)):
                self.failed.set_result(trouble)
            raise

    def get_sync_connector(self) -> BaseConnector:
        """Return what jobs, which are no coroutines, defer on."""
        return OriginConnector()


class ClockPutBack(Exception):
    """What is to be done each minute would not be done again before the clock is as late as it was: to be begun anew."""


class NotMigrated(Exception):
    """The tables are those of an older version: jobs would fail and be given up that only came too early."""

    def __init__(self, migrations: int) -> None:
        self.migrations = migrations
        super().__init__(f"{migrations} migrations have not run")


def run_worker(*, concurrency: int, stop_timeout: float) -> None:
    """
    Do jobs until stopped: SIGTERM lets those in hand end, for up to `stop_timeout` seconds, and gives the rest back to the
    queue; a second one gives all of them back now. Any number of workers may run, anywhere.
    """
    REACH.watch()
    with _inbox(patience=stop_timeout) as open_inbox:
        asyncio.run(keep_working(concurrency=concurrency, open_inbox=open_inbox, stop_timeout=stop_timeout))


async def keep_working(
    *,
    concurrency: int,
    open_inbox: Callable[[], None],
    stop_timeout: float,
    first_pause: float = FIRST_PAUSE_SECONDS,
) -> None:
    """
    Do jobs until a signal comes. While the database is away, at the start or later, or has not been migrated, wait for it:
    each pause is announced by one line and longer than the one before, up to `LONGEST_PAUSE_SECONDS`, and over when a
    database that was away is back.

    `open_inbox` is called whenever work begins, not before.
    """
    loop, signals = asyncio.get_running_loop(), StopSignals(patience=stop_timeout)
    loop.set_default_executor(ThreadPoolExecutor(concurrency, thread_name_prefix="job"))
    loop.set_exception_handler(tell_what_nobody_waits_for)
    signals.watch(loop)
    stop, pause = signals.stop, first_pause
    while not stop.is_set():
        began = loop.time()
        try:
            trouble = await _work_until(signals, concurrency, open_inbox)
        except ClockPutBack:
            log.warning("worker_begins_anew", reason="the clock was put back")
            continue
        except NotMigrated as error:
            log.warning(
                "worker_waits_for_migrations", missing=error.migrations, seconds=pause, remedy="run: classbell migrate"
            )
        else:
            if trouble is None or stop.is_set():
                return
            if loop.time() - began > LONGEST_PAUSE_SECONDS:
                pause = first_pause
            log.warning("worker_waits_for_database", trouble=trouble.value, seconds=pause)
        await _wait(stop, pause)
        pause = min(LONGEST_PAUSE_SECONDS, pause * 2)


def tell_what_nobody_waits_for(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """
    Log what went wrong in a task that nobody waits for any more: in a line that the end of a job could not be written because
    the database is away, for the job is found and done again; anything else as asyncio does.
    """
    error = context.get("exception")
    if isinstance(error, Exception) and (trouble := trouble_of(error)):
        log.warning("worker_could_not_write", trouble=trouble.value)
    else:
        loop.default_exception_handler(context)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop, or until a database that is away is back."""
    loop, is_away = asyncio.get_running_loop(), REACH.is_away
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0 and not stop.is_set() and REACH.is_away == is_away:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), min(left, SECONDS_BETWEEN_LOOKS))


async def _work_until(signals: StopSignals, concurrency: int, open_inbox: Callable[[], None]) -> Trouble | None:
    """
    Do jobs until told to stop (None), or until the database does not serve. Raises ClockPutBack, NotMigrated, and what else
    goes wrong.

    Whoever could not write how a job ended begins anew, as another worker: so the job is found and done again.
    """
    stop, hands = signals.stop, Hands()
    failed: asyncio.Future[Trouble] = asyncio.get_running_loop().create_future()
    stopping = asyncio.create_task(stop.wait())
    working = asyncio.create_task(_work(concurrency, failed, open_inbox, hands))
    put_back = asyncio.create_task(clock_put_back())
    ends: list[asyncio.Future[Any]] = [stopping, working, failed, put_back]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()  # Asks for an orderly end.
        await asyncio.wait({stopping, working}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() and not await signals.is_in_time(working):
            await hands.give_all_back()
        with suppress(asyncio.CancelledError):
            await working
    except (ConnectorException, Error, psycopg.Error) as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        return trouble
    finally:
        stopping.cancel()
        put_back.cancel()
    if put_back.done() and not put_back.cancelled() and not failed.done() and not stop.is_set():
        raise ClockPutBack
    # The worker also ends by itself, without a word, when what it does beside its jobs fails.
    return None if stop.is_set() else failed.result() if failed.done() else Trouble.AWAY


async def clock_put_back(
    *,
    clock: Callable[[], float] = time.time,
    steady: Callable[[], float] = time.monotonic,
    pause: float = SECONDS_BETWEEN_CLOCKS,
) -> None:
    """
    Return when the clock has been put back by more than `MOST_SECONDS_BACK` between two looks, as somebody does who sets it;
    what keeps time by NTP moves it by less. `steady` never goes back.
    """
    ahead = clock() - steady()
    while (now := clock() - steady()) > ahead - MOST_SECONDS_BACK:
        ahead = now
        await asyncio.sleep(pause)


async def _work(
    concurrency: int, failed: "asyncio.Future[Trouble]", open_inbox: Callable[[], None], hands: Hands
) -> None:
    server = await asyncio.to_thread(_reached_server)
    open_inbox()
    kwargs = connector_params() | server
    connector = WorkerConnector(kwargs=kwargs, timeout=PATIENCE_SECONDS, reconnect_timeout=PATIENCE_SECONDS)
    connector.failed = failed
    with app.replace_connector(connector) as worker_app:
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                concurrency=concurrency,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=SILENT_WORKER_SECONDS,
                install_signal_handlers=False,
                worker_middleware=[hands.hold, in_its_name],
            )


def _reached_server() -> dict[str, str]:
    """
    Return which of the servers takes writes, as psycopg names it: the worker's own connections go there, until it is gone.

    Raises Django's OperationalError while the database is away: better known before the worker's pool waits for it. Raises
    NotMigrated while its tables are older than this program; newer ones it can work with.
    """
    try:
        if missing := missing_migrations():
            raise NotMigrated(missing)
        connection.ensure_connection()
        info = connection.connection.info
        return {"host": info.host, "port": str(info.port)}
    finally:
        connection.close()


@contextmanager
def _inbox(*, patience: float) -> Iterator[Callable[[], None]]:
    """
    Give a function that begins to understand Zoom's webhooks, in a thread, and may be called again. What that is at when we
    stop, it finishes within `patience` seconds, or another does it again.
    """
    stop = Event()
    thread = Thread(target=keep_processing, args=(stop,), name="inbox", daemon=True)

    def begin() -> None:
        if thread.ident is None:
            thread.start()

    try:
        yield begin
    finally:
        stop.set()
        if thread.ident is not None:
            thread.join(patience)
