"""
Webhooks taken in a second, each committed before it is answered, against what the machine allows: 1 / (1/h + 1/i), with h the
server's own hello-world a second and i bare inserts of the same row a second, all in one run on the same cores.

Then how fast a worker understands what was taken in, and how long single answers take at 500 a second beside it.
"""

import asyncio
import itertools
import json
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.simulator import Simulator, wait_until
from tests.system import System, fresh_system

from bench.load import LAST_CHUNK, Load, get, run_load
from bench.serving import hello_server, listens
from classbell.ids import uuid7
from classbell.meetings.webhooks.intake import INSERT
from classbell.zoom.webhooks import sign

SECRET = "for-the-benchmark"
PROCESSES = 2
THREADS = 4
CONNECTIONS = PROCESSES * THREADS
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
# More than the server can take in that time.
PREPARED = int(SECONDS * 6_000)
OFFERED_PER_SECOND = 500
MEETINGS = 50
GOAL = 0.6
START = datetime.now(UTC).replace(microsecond=0)

SCHOOL = f"""
from datetime import timedelta
from django.utils import timezone
from classbell.accounts.models import Role, User
from classbell.meetings.models import Meeting
from classbell.meetings.services import MeetingSpec, want_meetings
teachers = [User.objects.create_user(f"teacher-{{n}}@school.example", role=Role.TEACHER) for n in range({MEETINGS})]
now = timezone.now()
wanted = want_meetings(
    [MeetingSpec(teacher=teacher, title="Algebra", starts_at=now + timedelta(minutes=5), duration_minutes=60, timezone="UTC")
     for teacher in teachers],
    now=now, batch=True)
for number, outcome in enumerate(wanted):
    Meeting.objects.filter(pk=outcome.meeting.pk).update(
        zoom_meeting_id=str(number), sync_status="synced", synced_revision=outcome.meeting.revision)
"""


def main() -> None:
    """Print the rates, their limit and their ratio; the rate of understanding; the times at a steady rate."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(hosts=1) as simulator,
        fresh_system(simulator, Path(folder), ZOOM_WEBHOOK_SECRET=SECRET) as system,
    ):
        system.command("manage", "shell", "-c", SCHOOL)
        system.execute("TRUNCATE procrastinate_jobs CASCADE")  # These meetings are on Zoom, for all anybody knows.
        durability = [system.query(f"SHOW {name}")[0][0] for name in ("fsync", "synchronous_commit")]
        print(f"fsync {durability[0]}, synchronous_commit {durability[1]}; {PROCESSES} processes of {THREADS} threads")
        numbers = itertools.count()
        hello, bare = _hello_rate(), insert_rate(system)
        system.begin(
            "web", "serve", "--port", str(system.port), "--processes", str(PROCESSES), "--threads", str(THREADS)
        )
        wait_until(lambda: listens(system.port), seconds=60, what="the server")
        send(system.port, list(itertools.islice(numbers, 2_000)))
        taken = send(system.port, list(itertools.islice(numbers, PREPARED)))
        limit = 1 / (1 / hello + 1 / bare)
        print(
            f"hello {hello:,.0f}/s, insert {bare:,.0f}/s, limit {limit:,.0f}/s; webhooks {taken.per_second:,.0f}/s, "
            f"{taken.failures} failures; ratio {taken.per_second / limit:.2f} (goal {GOAL})"
        )
        _understand(system)
        steady = send(
            system.port, list(itertools.islice(numbers, int(OFFERED_PER_SECOND * SECONDS))), OFFERED_PER_SECOND
        )
        print(
            f"offered {OFFERED_PER_SECOND}/s, a worker beside it: p50 {steady.percentile(50):.1f} ms, "
            f"p99 {steady.percentile(99):.1f} ms, {steady.failures} failures"
        )


def _understand(system: System) -> None:
    """Start a worker on everything that was taken in and print how fast it got through."""
    waiting = _waiting(system)
    system.start_worker()
    wait_until(lambda: _waiting(system) < waiting, seconds=60, what="the worker to begin")
    begun, left = time.monotonic(), _waiting(system)
    wait_until(lambda: _waiting(system) == 0, seconds=600, what="everything understood")
    took = time.monotonic() - begun
    stays = system.query("SELECT count(*) FROM meetings_participation")[0][0]
    print(f"one worker understood {left:,} events of {MEETINGS} meetings at {left / took:,.0f}/s; {stays:,} stays")


def _waiting(system: System) -> int:
    return int(system.query("SELECT count(*) FROM meetings_webhookevent WHERE processed_at IS NULL")[0][0])


def send(port: int, numbers: Sequence[int], per_second: float | None = None, path: str = "/api/zoom/webhook") -> Load:
    """Send one event for each number from a process of its own, as fast as they are taken or at a steady rate."""
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(_client, port, numbers, per_second, path).result()


def _client(port: int, numbers: Sequence[int], per_second: float | None, path: str) -> Load:
    requests = [_request(port, path, _body(number)) for number in numbers]
    return asyncio.run(_run(port, requests, per_second))


async def _run(port: int, requests: Sequence[bytes], per_second: float | None) -> Load:
    """Let the connections take turns; in a steady stream, what comes late counts from when it should have been sent."""
    load, queue = Load(), iter(enumerate(requests))
    started = time.perf_counter()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number, request in queue:
            due = started + number / per_second if per_second else time.perf_counter()
            if per_second is None and due > started + SECONDS:
                break
            await asyncio.sleep(max(0.0, due - time.perf_counter())) if per_second else None
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await (reader.readexactly(int(length)) if length else reader.readuntil(LAST_CHUNK))
            load.times.append(time.perf_counter() - due)
            load.failures += not head.startswith(b"HTTP/1.1 200")
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    load.seconds = time.perf_counter() - started
    return load


def _body(number: int) -> bytes:
    """Return an event as Zoom sends it: people come into fifty meetings, and leave them."""
    meeting, visit = number % MEETINGS, number // MEETINGS
    moment = START + timedelta(seconds=visit)
    joins = visit % 2 == 0
    person = {
        "user_id": str(16_778_240 + 1024 * (visit // 2)),
        "user_name": "Student Seven",
        "id": "",
        "participant_user_id": "",
        "participant_uuid": f"7C1E52A0-3B9D-4F6A-8E21-{visit // 2:012X}",
        "email": "student07@school.example",
        "registrant_id": "pW2sK8dTQ7uYcV4hL0mZnA",
        "customer_key": "",
        "phone_number": "",
        "join_time" if joins else "leave_time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
    }
    about = {
        "uuid": f"{meeting:022d}==",
        "id": str(meeting),
        "host_id": "Xa91LmQeTgS0rJvU2bHwDg",
        "topic": "Algebra",
        "type": 2,
        "start_time": f"{START:%Y-%m-%dT%H:%M:%SZ}",
        "duration": 60,
        "timezone": "Africa/Cairo",
        "participant": person,
    }
    event = {
        "event": f"meeting.participant_{'joined' if joins else 'left'}",
        "event_ts": int(moment.timestamp() * 1000),
        "payload": {"account_id": "kZ3vQ8hTRa2mWb1xN5oPqA", "object": about},
    }
    return json.dumps(event, separators=(",", ":")).encode()


def _request(port: int, path: str, body: bytes) -> bytes:
    timestamp = str(int(time.time()))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nUser-Agent: Zoom Marketplace/1.0a\r\nx-zm-request-timestamp: {timestamp}\r\n"
        f"x-zm-signature: {sign(SECRET, timestamp, body)}\r\n\r\n"
    )
    return head.encode() + body


def insert_rate(system: System) -> float:
    """Return how many of the same rows a second go in by themselves, from as many connections as the server has."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        rate = sum(pool.map(_insert_from_threads, [system.database_url] * PROCESSES, range(PROCESSES)))
    system.execute("TRUNCATE meetings_webhookevent")
    return rate


def _insert_from_threads(database_url: str, process: int) -> float:
    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(lambda thread: _insert(database_url, process * THREADS + thread), range(THREADS)))


def _insert(database_url: str, connection: int) -> float:
    rows = 0
    text = _body(connection).decode()
    with psycopg.connect(database_url, autocommit=True) as database:
        cursor = database.cursor(binary=True)
        started = time.perf_counter()
        while time.perf_counter() < started + SECONDS:
            row = {
                "id": uuid7(),
                "event": "meeting.participant_joined",
                "digest": sha256(f"{connection} {rows}".encode()).digest(),
                "body": text,
                "meeting": str(connection),
                "run": f"{connection:022d}==",
                "connection": f"7C1E52A0-3B9D-4F6A-8E21-{rows:012X}",
                "signed_by": "",
                "happened_at": START,
            }
            cursor.execute(INSERT, row, prepare=True).fetchall()
            rows += 1
        return rows / (time.perf_counter() - started)


def _hello_rate() -> float:
    with hello_server() as port:
        return run_load(port, [get("/api/hello", port)], connections=CONNECTIONS, seconds=SECONDS).per_second
