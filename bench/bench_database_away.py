"""
What people get while the database is away for a minute: two web processes of four threads, a few requests a second, all on
this machine. "cut": the server is killed and refuses connections. "hang": it takes them and never answers.
"""

import os
import statistics
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.database_proxy import DatabaseProxy
from tests.simulator import Simulator
from tests.system import System, fresh_system

PER_SECOND = 4
SECONDS_BEFORE, SECONDS_AWAY, SECONDS_AFTER = 5, 60, 10
# More than the slowest answer times the rate, so that the load does not wait for answers.
MOST_AT_ONCE = 64
# All of them ask the database.
PATHS = ("/api/bookings/teachers", "/teachers/", "/healthz")
GOAL_SECONDS = 1.0
GOAL_BACK_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One request: when it was sent (seconds since the start), how it was answered (0: not at all) and how long it took."""

    at: float
    status: int
    seconds: float


def main() -> None:
    """Print the figures."""
    for how in ("cut", "hang"):
        with (
            tempfile.TemporaryDirectory() as folder,
            DatabaseProxy(os.environ["DATABASE_URL"]) as proxy,
            Simulator(plan="unlimited", hosts=1) as simulator,
            fresh_system(simulator, Path(folder)) as system,
        ):
            name = system.database_url.partition("?")[0].rpartition("/")[2]
            system.environment["DATABASE_URL"] = proxy.url(name)
            system.begin("web", "serve", "--port", str(system.port), "--processes", "2", "--threads", "4")
            system.wait_for_web()
            _measure(how, system, proxy)


def _measure(how: str, system: System, proxy: DatabaseProxy) -> None:
    started = time.monotonic()
    asked: list[Future[Answer]] = []
    limits = httpx.Limits(max_connections=MOST_AT_ONCE)
    with (
        ThreadPoolExecutor(MOST_AT_ONCE) as threads,
        httpx.Client(base_url=system.url, timeout=20, limits=limits) as client,
    ):

        def ask_for(seconds: float) -> None:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                path = PATHS[len(asked) % len(PATHS)]
                asked.append(threads.submit(_asked, client, path, started))
                time.sleep(1 / PER_SECOND)

        ask_for(SECONDS_BEFORE)
        away_at = time.monotonic() - started
        getattr(proxy, how)()
        ask_for(SECONDS_AWAY)
        back_at = time.monotonic() - started
        proxy.mend()
        ask_for(SECONDS_AFTER)
    _print(how, [one.result() for one in asked], away_at=away_at, back_at=back_at)


def _asked(client: httpx.Client, path: str, started: float) -> Answer:
    at = time.monotonic() - started
    try:
        status = client.get(path).status_code
    except httpx.HTTPError:
        status = 0
    return Answer(at=at, status=status, seconds=time.monotonic() - started - at)


def _print(how: str, answers: list[Answer], *, away_at: float, back_at: float) -> None:
    failed = [one for one in answers if one.status >= 500 or one.status == 0]
    late = [one for one in failed if one.seconds > GOAL_SECONDS]
    other = sorted({one.status for one in failed} - {503})
    worst = max((one.seconds for one in failed), default=0.0)
    good_again = min((one.at + one.seconds for one in answers if one.at >= back_at and one.status < 500), default=0.0)
    bad_before = sum(1 for one in failed if one.at + one.seconds < away_at)
    said = f"{len(failed)} failed ({bad_before} before it), other than by 503: {other or 'none'}"
    print(f"{how:5} {len(answers)} requests, {said}")
    median = statistics.median(one.seconds for one in failed) if failed else 0.0
    verdict = "ok" if not late else "SLOWER"
    print(
        f"      failures: median {median:.2f} s, slowest {worst:.2f} s, {len(late)} over {GOAL_SECONDS:g} s  {verdict}"
    )
    seconds = good_again - back_at
    verdict = "ok" if good_again and seconds <= GOAL_BACK_SECONDS else "SLOWER"
    latest = max((one.at + one.seconds for one in failed), default=back_at) - back_at
    print(
        f"      first success {seconds:.2f} s after its return, last failure {max(0.0, latest):.2f} s after it  {verdict}"
    )
