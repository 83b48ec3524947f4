"""Processes that are told to stop: they say so, finish what they have, hand over what they listen on."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from tests import processes
from tests.simulator import STUCK_SECONDS, Simulator, wait_until
from tests.system import System, fresh_system

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stopping")]

LOGIN = "/accounts/login/"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
# What systemd does before it starts a program: its socket becomes the third descriptor, and the environment says whose.
HAND_OVER = "import os,sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])"


@pytest.fixture
def system(simulator_process: Simulator, tmp_path: Path) -> Iterator[System]:
    """An installation whose processes say for two seconds that they stop, and have four for what is in hand."""
    with fresh_system(
        simulator_process,
        tmp_path,
        CLASSBELL_STOP_NOTICE="2",
        CLASSBELL_STOP_TIMEOUT="4",
        CLASSBELL_LOG_LEVEL="INFO",
    ) as system:
        yield system


@contextmanager
def people_locked(system: System) -> Iterator[psycopg.Connection[tuple[int]]]:
    """Let nobody read who people are: whoever asks waits."""
    with psycopg.connect(system.database_url) as somebody:
        somebody.execute("LOCK TABLE accounts_user IN ACCESS EXCLUSIVE MODE")
        yield somebody


def waiting(somebody: psycopg.Connection[tuple[int]]) -> int:
    somebody.execute("SELECT pg_stat_clear_snapshot()")
    (number,) = somebody.execute(WAITING).fetchone() or (0,)
    return int(number)


class Asking(threading.Thread):
    """Asks for one page, and keeps what came."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.status, self.error = url, 0, ""
        self.start()

    def run(self) -> None:
        try:
            self.status = httpx.get(self.url, timeout=STUCK_SECONDS).status_code
        except httpx.HTTPError as error:
            self.error = repr(error)


def test_server_says_first_that_it_stops_then_finishes_what_it_has_and_ends_well(system: System) -> None:
    system.start_web()
    system.wait_for_web()
    process = system.processes["web"]
    with people_locked(system) as somebody:
        asking = Asking(f"{system.url}/teachers/")
        wait_until(lambda: waiting(somebody) == 1, seconds=STUCK_SECONDS)

        process.send_signal(signal.SIGTERM)
        wait_until(lambda: httpx.get(f"{system.url}/healthz/ready").status_code == 503, seconds=STUCK_SECONDS)
        said = httpx.get(f"{system.url}/healthz/ready").json()
        served = httpx.get(f"{system.url}/healthz/live")
        wait_until(lambda: _is_refused(system.port), seconds=STUCK_SECONDS, what="nothing more to be taken in")
        somebody.rollback()
        asking.join()

    assert said == {"status": "unavailable", "reason": "stopping"}
    assert (served.status_code, served.headers["connection"]) == (200, "close")
    assert (asking.status, asking.error) == (200, "")
    assert process.wait(STUCK_SECONDS) == 0


def test_request_in_hand_is_given_up_after_a_while(system: System) -> None:
    system.start_web()
    system.wait_for_web()
    process = system.processes["web"]
    with people_locked(system) as somebody:
        asking = Asking(f"{system.url}/teachers/")
        wait_until(lambda: waiting(somebody) == 1, seconds=STUCK_SECONDS)

        process.send_signal(signal.SIGTERM)

        assert process.wait(STUCK_SECONDS) == 0
        asking.join()
    assert asking.status == 0


def test_server_that_is_told_twice_ends_now(simulator_process: Simulator, tmp_path: Path) -> None:
    with fresh_system(simulator_process, tmp_path, CLASSBELL_STOP_NOTICE="300") as system:
        system.start_web()
        system.wait_for_web()
        process = system.processes["web"]
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: httpx.get(f"{system.url}/healthz/ready").status_code == 503, seconds=STUCK_SECONDS)

        process.send_signal(signal.SIGTERM)

        assert process.wait(60) == 0


def test_restart_under_load_fails_nobody(system: System, tmp_path: Path) -> None:
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", system.port), backlog=1024))
        first = _serve_on(listening, system, tmp_path)
        stack.callback(_end, first)
        system.wait_for_web()
        with _load(system.url) as load:
            wait_until(lambda: load.answered > 50, seconds=STUCK_SECONDS)
            first.send_signal(signal.SIGTERM)  # Nobody accepts from when it has stopped until the second has started.
            assert first.wait(STUCK_SECONDS) == 0
            second = _serve_on(listening, system, tmp_path)
            stack.callback(_end, second)
            before = load.answered
            wait_until(lambda: load.answered > before + 50, seconds=STUCK_SECONDS)
            third = _serve_on(listening, system, tmp_path)  # This time they overlap.
            stack.callback(_end, third)
            before = load.answered
            wait_until(lambda: load.answered > before + 50, seconds=STUCK_SECONDS)
            second.send_signal(signal.SIGTERM)
            assert second.wait(STUCK_SECONDS) == 0
            before = load.answered
            wait_until(lambda: load.answered > before + 50, seconds=STUCK_SECONDS)

        assert load.failures == []
        print(f"\n{load.answered} requests answered over two restarts, the slowest in {load.slowest:.1f} s")


def test_socket_that_is_none_of_tcp_is_named(system: System, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        listening.listen()
        process = _serve_on(listening, system, tmp_path)
        assert process.wait(STUCK_SECONDS) == 1
    assert "ListenStream= wants an address and a port" in system.log.read_text()


def test_address_that_is_taken_is_named(system: System) -> None:
    with socket.create_server(("127.0.0.1", system.port)):
        done = system.command("serve", "--port", str(system.port), check=False)

    assert done.returncode == 1
    assert f"127.0.0.1:{system.port} is in use" in done.stderr
    assert "Traceback" not in done.stderr


class Load:
    """Several people who ask all the time, on connections that they keep."""

    def __init__(self) -> None:
        self.answered, self.slowest, self.failures, self.over = 0, 0.0, list[str](), threading.Event()

    def ask(self, url: str, number: int) -> None:
        with httpx.Client(base_url=url, timeout=STUCK_SECONDS) as client:
            while not self.over.is_set():
                began = time.monotonic()
                try:
                    # What changes something is repeated by nobody, least of all by a proxy.
                    answer = client.post("/api/auth/token", json={}) if number % 2 else client.get(LOGIN)
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                    continue
                if answer.status_code != (400 if number % 2 else 200):
                    self.failures.append(f"{answer.status_code} {answer.text[:200]}")
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.answered += 1


@contextmanager
def _load(url: str) -> Iterator[Load]:
    load = Load()
    people = [threading.Thread(target=load.ask, args=(url, number)) for number in range(6)]
    for person in people:
        person.start()
    try:
        yield load
    finally:
        load.over.set()
        for person in people:
            person.join()


def _serve_on(listening: socket.socket, system: System, folder: Path) -> subprocess.Popen[bytes]:
    """Start a server as systemd does that holds its socket."""
    command = [sys.executable, "-c", HAND_OVER, sys.executable, "-m", "classbell", "serve", "--threads", "4"]
    with system.log.open("ab") as log:
        return processes.start(
            command,
            env=system.environment | {"LISTEN_FDS": "1"},
            stdout=log,
            stderr=log,
            pass_fds=[3],
            start_new_session=True,
            preexec_fn=lambda: os.dup2(listening.fileno(), 3),
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a server and the processes that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _is_refused(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) != 0


def _a_job_waits_for(system: System, somebody: psycopg.Connection[tuple[int]]) -> None:
    """Have a worker begin the job that reads who is to be reminded, and wait for people."""
    columns, values = "queue_name, task_name, args", """'sweeps', 'notices.remind', '{"timestamp": 0}'"""
    system.execute(f"INSERT INTO procrastinate_jobs ({columns}) VALUES ({values})")
    system.start_worker()
    wait_until(lambda: _jobs(system, "doing") and waiting(somebody), seconds=STUCK_SECONDS)


def _jobs(system: System, status: str) -> int:
    return int(
        system.query(
            "SELECT count(*) FROM procrastinate_jobs WHERE status::text = %s AND task_name = 'notices.remind'", status
        )[0][0]
    )


def test_worker_finishes_the_job_it_is_at(system: System) -> None:
    with people_locked(system) as somebody:
        _a_job_waits_for(system, somebody)
        worker = system.processes["worker"]
        worker.send_signal(signal.SIGTERM)
        wait_until(lambda: "worker_stopping" in system.log.read_text(), seconds=STUCK_SECONDS)
        somebody.rollback()

        assert worker.wait(STUCK_SECONDS) == 0
    assert _jobs(system, "doing") == 0
    assert "worker_gives_jobs_back" not in system.log.read_text()


@pytest.mark.parametrize("times", [1, 2], ids=["it took too long", "told twice"])
def test_job_that_does_not_end_in_time_is_given_back_at_once(system: System, times: int) -> None:
    system.environment["CLASSBELL_STOP_TIMEOUT"] = "1" if times == 1 else "600"
    with people_locked(system) as somebody:
        _a_job_waits_for(system, somebody)
        worker = system.processes["worker"]
        worker.send_signal(signal.SIGTERM)
        wait_until(lambda: "worker_stopping" in system.log.read_text(), seconds=STUCK_SECONDS)
        if times == 2:
            worker.send_signal(signal.SIGTERM)

        assert worker.wait(60) == 0
        assert _jobs(system, "doing") == 0
        assert _jobs(system, "todo") >= 1
        assert system.query("SELECT count(*) FROM procrastinate_workers") == [(0,)]
    assert "worker_gives_jobs_back" in system.log.read_text()
