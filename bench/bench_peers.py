"""
Classbell beside what people would use instead, all in one run: django-appointment (free times; many who want one at once),
Zoom's own receiver `@zoom/rivet` (webhooks), pyzoom and zoomus (the registrants of a meeting). Each figure stands next to the
least that the same machine needs for it. They are fetched into `.cache/peers`, never into Classbell's own environment.
"""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.bookings import school
from tests.factories_bookings import a_day_ahead
from tests.simulator import Simulator, free_port, wait_until
from tests.system import System, fresh_system

from bench.bench_slots import Best, ask_bare, ask_served, database_server, days_ahead, fill
from bench.bench_webhooks import SECRET, insert_rate, send
from bench.load import Load, get, run_load
from bench.peers.registrants import measure
from bench.serving import CONNECTIONS, CORES, hello_server, listens
from classbell.zoom.breaker import LocalBreaker
from classbell.zoom.client import ZoomClient, ZoomConfig
from classbell.zoom.limits import NoLimiter
from classbell.zoom.oauth import MemoryTokenStore

HERE: Final = Path(__file__).parent / "peers"
KEPT: Final = HERE.parents[1] / ".cache" / "peers"
PYTHON: Final = KEPT / "venv" / "bin" / "python"
VERSIONS: Final = {"django-appointment": "3.12.0", "pyzoom": "1.0.8", "zoomus": "1.2.1", "@zoom/rivet": "0.4.0"}
PYTHON_PEERS: Final = (
    *(f"{name}=={number}" for name, number in VERSIONS.items() if name[0] != "@"),
    f"granian=={version('granian')}",
    f"psycopg[binary]=={version('psycopg')}",
)
NODE_PEERS: Final = (f"@zoom/rivet@{VERSIONS['@zoom/rivet']}",)
SECONDS: Final = float(os.environ.get("BENCH_SECONDS", "3"))
WEBHOOKS: Final = int(SECONDS * 6_000)
REGISTRANTS, A_BATCH, A_PAGE = 1_500, 30, 300
ONE_LESSON: Final = 50


def main() -> None:
    """Print the table of docs/performance.md: ours, the peer's, the limit."""
    _install()
    print("| | Classbell | the other | limit |\n| --- | ---: | ---: | ---: |")
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(hosts=1, plan="unlimited") as simulator,
        fresh_system(simulator, Path(folder), ZOOM_WEBHOOK_SECRET=SECRET) as system,
    ):
        system.begin("web", "serve", "--port", str(system.port), "--processes", str(CORES), "--threads", "4")
        wait_until(lambda: listens(system.port), seconds=60, what="the server")
        with _appointments(system) as (port, made):
            _compare_slots(system, port, made)
            _compare_races(system, port, made)
        _compare_webhooks(system)
        _compare_registrants(simulator)


def _install() -> None:
    """Fetch the peers, once."""
    stamp, wanted = KEPT / "installed", "\n".join([*PYTHON_PEERS, *NODE_PEERS])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", KEPT / "venv"], check=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "-qq", *PYTHON_PEERS], check=True)
    if shutil.which("npm"):
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(KEPT), *NODE_PEERS]
        subprocess.run(command, check=True)
    stamp.write_text(wanted)


@contextmanager
def _appointments(system: System) -> Iterator[tuple[int, Any]]:
    """Serve django-appointment from a database of its own on the same server; yield its port and what is there."""
    parts = conninfo_to_dict(system.database_url)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    described = {key: str(parts.get(name) or "") for key, name in names.items()} | {"NAME": "peer_appointments"}
    with psycopg.connect(system.database_url, autocommit=True) as database:
        name = sql.Identifier(described["NAME"])
        database.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        database.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
    environment = {**os.environ, "PEER_DATABASE": json.dumps(described), "PYTHONPATH": str(HERE)}
    filled = subprocess.run(
        [PYTHON, HERE / "appointments.py", "fill"], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    with psycopg.connect(
        f"{psycopg.conninfo.make_conninfo(system.database_url, dbname=described['NAME'])}"
    ) as database:
        database.autocommit = True
        database.execute("VACUUM ANALYZE")
    port = free_port()
    command = [str(PYTHON), "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", str(CORES)]
    with _running(
        [*command, "--blocking-threads", "4", "--no-access-log", "appointments:application"], port, environment
    ):
        yield port, json.loads(filled.stdout.splitlines()[-1])


def _compare_slots(system: System, port: int, made: Any) -> None:
    """Free times of a day of one teacher with a thousand lessons, six a day."""
    teachers, paths = fill(system, "peers", 1, 1_000), "/ajax/available_slots/?"
    system.execute("VACUUM ANALYZE")
    theirs = [
        get(f"{paths}selected_date={day}&staff_member={made['staff']}&service_id={made['service']}", port).replace(
            b"\r\n\r\n", b"\r\nX-Requested-With: XMLHttpRequest\r\n\r\n"
        )
        for day in days_ahead()
    ]
    everybody = (os.getpid(), database_server(system))
    limit, ours, peer = Best(everybody), Best(everybody), Best(everybody)
    hello = Best(everybody)
    with hello_server() as hello_port:
        for _round in range(2):
            limit.take(lambda: ask_bare(system.database_url, teachers, 1))
            hello.take(
                lambda: run_load(hello_port, [get("/api/hello", hello_port)], connections=CONNECTIONS, seconds=SECONDS)
            )
            ours.take(lambda: ask_served(system.port, teachers, 1))
            peer.take(lambda: run_load(port, theirs, connections=CONNECTIONS, seconds=SECONDS))
    rate, cost = 1 / (1 / limit.rate + 1 / hello.rate), limit.cost + hello.cost
    _say(
        "free times of a day of a teacher with 1,000 lessons, processor's time each",
        f"{ours.cost:.2f} ms",
        f"django-appointment {VERSIONS['django-appointment']}: {peer.cost:.1f} ms",
        f"{cost:.2f} ms",
    )
    _say("the same, answered a second", *(f"{one:,.0f}" for one in (ours.rate, peer.rate, rate)))
    assert not ours.failures + peer.failures, "some questions were not answered"


def _greeted(port: int) -> Load:
    return run_load(port, [get("/api/hello", port)], connections=CONNECTIONS, seconds=SECONDS)


def _compare_races(system: System, port: int, made: Any) -> None:
    """Fifty people confirm the same hour at the same moment: how many have it afterwards. One is the limit."""
    people = school.fill(system, students=ONE_LESSON)
    lesson = {"teacher_id": people.teacher_id, "start_time": a_day_ahead(days=3, hour=9).isoformat()}
    day = (datetime.now().astimezone() + timedelta(days=2)).date().isoformat()
    asked = {
        "date": day,
        "start_time": "18:00",
        "end_time": "19:00",
        "service": made["service"],
        "staff_member": made["staff"],
    }
    person = {
        "name": "Client",
        "email": "x@school.example",
        "phone_0": "US",
        "phone_1": "2025550123",
        "payment_type": "full",
    }

    def at_ours(token: str) -> Callable[[httpx.Client], bool]:
        headers = {"Authorization": f"Bearer {token}"}
        return lambda http: http.post(f"{system.url}/api/bookings/bookings", json=lesson, headers=headers).is_success

    def at_theirs(cookie: str) -> Callable[[httpx.Client], bool]:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies={"sessionid": cookie}, timeout=60) as http:
            confirm = http.post("/request-submit/", data=asked).headers["Location"]
        url = f"http://127.0.0.1:{port}{confirm}"
        return lambda http: http.post(url, data=person, cookies={"sessionid": cookie}).status_code == 302

    ours = _at_once([at_ours(token) for token in people.student_tokens])
    theirs = _at_once([at_theirs(cookie) for cookie in made["cookies"]])
    _say(f"{ONE_LESSON} people who confirm one hour at one moment: how many get it", ours, theirs, 1)


def _at_once(asking: Sequence[Callable[[httpx.Client], bool]]) -> int:
    """Let everybody ask at one moment, and return how many were told that it is theirs."""
    with ThreadPoolExecutor(len(asking)) as pool, httpx.Client(timeout=60) as http:
        return sum(pool.map(lambda ask: ask(http), asking))


def _compare_webhooks(system: System) -> None:
    """Signed events taken in a second. Classbell has stored each before it answers; the receiver of Zoom's keeps none."""
    node, port, numbers = shutil.which("node"), free_port(), itertools.count()
    if node is None or not (KEPT / "node_modules").exists():
        print("webhooks: there is no Node here to run @zoom/rivet")
        return
    shutil.copy(HERE / "rivet.mjs", KEPT / "rivet.mjs")  # Libraries are looked for from where a script lies.
    everybody = (os.getpid(), database_server(system))
    ours, peer, hello = Best(everybody), Best(everybody), Best(everybody)
    inserted = insert_rate(system)
    with _running([node, KEPT / "rivet.mjs", str(port), SECRET], port), hello_server() as hello_port:
        for _round in range(2):
            hello.take(
                lambda: run_load(hello_port, [get("/api/hello", hello_port)], connections=CONNECTIONS, seconds=SECONDS)
            )
            ours.take(lambda: send(system.port, list(itertools.islice(numbers, WEBHOOKS))))
            peer.take(lambda: send(port, list(itertools.islice(numbers, WEBHOOKS)), path="/zoom/events"))
    limit = 1 / (1 / inserted + 1 / hello.rate)
    _say(
        "signed webhooks, processor's time each",
        f"{ours.cost:.2f} ms, stored before it is answered",
        f"`@zoom/rivet` {VERSIONS['@zoom/rivet']}: {peer.cost:.2f} ms, kept nowhere",
        "",
    )
    _say("the same, taken in a second", *(f"{one:,.0f}" for one in (ours.rate, peer.rate, limit)))
    assert not ours.failures + peer.failures, "some webhooks were not taken"


def _compare_registrants(simulator: Simulator) -> None:
    """All registrants of a meeting. The limit is the same pages of 300, asked for on one connection and not looked at."""
    with httpx.Client(base_url=simulator.api_url, timeout=30) as http:
        http.headers["Authorization"] = f"Bearer {simulator.access_token()}"
        body = {"topic": "Algebra", "type": 2, "start_time": "2030-01-01T09:00:00Z", "settings": {"approval_type": 0}}
        meeting = http.post("/users/me/meetings", json=body).json()["id"]
        for first in range(0, REGISTRANTS, A_BATCH):
            people = [
                {"email": f"s{number}@school.example", "first_name": "S"} for number in range(first, first + A_BATCH)
            ]
            batch = {"auto_approve": True, "registrants": people}
            http.post(f"/meetings/{meeting}/batch_registrants", json=batch).raise_for_status()
        client = _client(simulator, http)
        _found, limit = measure(lambda: _pages(http, meeting))
        _found, ours = measure(lambda: len(list(client.iter_registrants(str(meeting)))))
    theirs = []
    for library in ("pyzoom", "zoomus"):
        command = [
            PYTHON,
            HERE / "registrants.py",
            library,
            simulator.api_url,
            simulator.oauth_url,
            simulator.access_token(),
        ]
        run = subprocess.run([*command, str(meeting)], check=True, capture_output=True, text=True)
        found, seconds = json.loads(run.stdout)
        assert found == REGISTRANTS, f"{library} found {found}"
        theirs.append(f"{library} {VERSIONS[library]}: {seconds * 1000:,.0f} ms")
    _say(
        f"{REGISTRANTS:,} registrants of a meeting, listed",
        f"{ours * 1000:,.0f} ms",
        "; ".join(theirs),
        f"{limit * 1000:,.0f} ms",
    )


def _say(*cells: object) -> None:
    print(f"| {' | '.join(str(cell) for cell in cells)} |", flush=True)


def _pages(http: httpx.Client, meeting: int) -> int:
    found, page = 0, ""
    while True:
        query: dict[str, str | int] = {"page_size": A_PAGE, "next_page_token": page}
        answer = http.get(f"/meetings/{meeting}/registrants", params=query).json()
        found, page = found + len(answer["registrants"]), answer["next_page_token"]
        if not page:
            return found


def _client(simulator: Simulator, http: httpx.Client) -> ZoomClient:
    config = ZoomConfig(
        account_id=simulator.account_id,
        client_id=simulator.client_id,
        client_secret=simulator.client_secret,
        api_url=simulator.api_url,
        oauth_url=simulator.oauth_url,
    )
    return ZoomClient(
        config, http=http, tokens=MemoryTokenStore(), limiter=NoLimiter(), breaker=LocalBreaker(failures=9)
    )


@contextmanager
def _running(command: Sequence[str | Path], port: int, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: listens(port), seconds=60, what=f"{command[0]}")
            yield
        finally:
            process.terminate()
