"""
The simulator without limits: how fast it is filled, what a meeting costs, and how many calls a second it then answers.

The simulator is one process with one thread, so it uses one core; the client has a process of its own. Beside it stands
what the same server answers when there is nothing to do, in the processor's time, which others on the machine change
little; all are measured in turns.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
from tests.simulator import Simulator, free_port, wait_until

from bench.load import Load, get, run_load

MEETINGS = int(os.environ.get("BENCH_MEETINGS", "100000"))
HOSTS = 100
BODIES = 1000
CONNECTIONS = 8
SECONDS = 2.0
ROUNDS = 3
GOALS = {"GET meeting": 0.35, "list of 30": 0.2}
MIB = 1024 * 1024


def main() -> None:
    """Print filling speed, memory, and each call's rate next to that of a server with nothing to do."""
    with _hello() as (hello, hello_port), Simulator(plan="unlimited", hosts=HOSTS) as simulator:
        process = psutil.Process(simulator.process.pid)
        empty = process.memory_info().rss
        signed = f"Authorization: Bearer {simulator.access_token()}\r\n"
        creates = _creates(simulator, signed)

        made, started = 0, time.perf_counter()
        while made < MEETINGS:
            made += len(_sent(run_load(simulator.port, creates, connections=CONNECTIONS, seconds=1)).times)
        seconds = time.perf_counter() - started
        kib = (process.memory_info().rss - empty) / made / 1024
        print(f"{made:,} meetings made in {seconds:.0f} s: {made / seconds:,.0f}/s", end="; ")
        print(f"{process.memory_info().rss / MIB:.0f} MiB in all, {kib:.1f} KiB a meeting")

        reads = [_request("GET", f"/v2/meetings/{number}", signed) for number in _some_meetings(simulator)]
        lists = [_request("GET", f"/v2/users/{_host(number)}/meetings", signed) for number in range(HOSTS)]
        least = _Best(hello, hello_port, [get("/hello", hello_port)])
        calls = {
            "GET meeting": _Best(process, simulator.port, reads),
            "POST meeting": _Best(process, simulator.port, creates),
            "list of 30": _Best(process, simulator.port, lists),
        }
        for _round in range(ROUNDS):
            for one in (least, *calls.values()):
                one.take()
        print(f"aiohttp alone, hello world: {least.rate:,.0f}/s, {1 / least.cost:,.0f}/s of one core's time")
        for name, call in calls.items():
            goal = f" (goal {GOALS[name]})" if name in GOALS else ""
            print(
                f"{name}: {call.rate:,.0f}/s, {1 / call.cost:,.0f}/s of one core's time, "
                f"{least.cost / call.cost:.2f} of hello world{goal}; "
                f"median {call.median:.1f} ms, 99% under {call.slowest:.1f} ms"
            )


@dataclass(slots=True)
class _Best:
    """The best of several loads on one server: answers a second, and the seconds of a processor that one takes it."""

    process: psutil.Process
    port: int
    requests: list[bytes]
    rate: float = 0
    cost: float = float("inf")
    median: float = float("inf")
    slowest: float = float("inf")

    def take(self) -> None:
        """Measure once more."""
        before = self.process.cpu_times()
        load = _sent(run_load(self.port, self.requests, connections=CONNECTIONS, seconds=SECONDS))
        after = self.process.cpu_times()
        seconds = after.user + after.system - before.user - before.system
        self.cost, self.rate = min(self.cost, seconds / len(load.times)), max(self.rate, load.per_second)
        self.median, self.slowest = min(self.median, load.percentile(50)), min(self.slowest, load.percentile(99))


def _sent(load: Load) -> Load:
    assert not load.failures, f"{load.failures} calls failed"
    return load


def _creates(simulator: Simulator, signed: str) -> list[bytes]:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    requests = []
    for number in range(BODIES):
        start = tomorrow + timedelta(minutes=15 * number)
        body = {"topic": f"Lesson {number}", "start_time": f"{start:%Y-%m-%dT%H:%M:%SZ}", "duration": 45}
        requests.append(_request("POST", f"/v2/users/{_host(number)}/meetings", signed, json.dumps(body)))
    return requests


def _some_meetings(simulator: Simulator) -> list[int]:
    headers = {"Authorization": f"Bearer {simulator.access_token()}"}
    found = []
    for number in range(0, HOSTS, 10):
        page = simulator.http.get(f"/v2/users/{_host(number)}/meetings", params={"page_size": 300}, headers=headers)
        found += [meeting["id"] for meeting in page.json()["meetings"]]
    return found


def _host(number: int) -> str:
    return f"host{number % HOSTS + 1:02}@zoomsim.example"


def _request(method: str, path: str, signed: str, body: str = "") -> bytes:
    sent = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{signed}{sent}\r\n{body}".encode()


@contextmanager
def _hello() -> Iterator[tuple[psutil.Process, int]]:
    port = free_port()
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen([sys.executable, "-m", "bench.hello_aiohttp", str(port)], cwd=root) as process:
        wait_until(_listens(port), what="aiohttp")
        yield psutil.Process(process.pid), port
        process.terminate()


def _listens(port: int) -> Callable[[], bool]:
    def look() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/hello").is_success
        except httpx.HTTPError:
            return False

    return look
