"""The web server's front door: who sends slowly keeps nobody waiting, and is told."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest

from classbell.config.front_door import MOST_BODIES_PER_CLIENT, MOST_BYTES
from tests.simulator import Simulator, wait_until
from tests.system import System, fresh_system

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("front_door")]

WEBHOOK, API, PAGE = "/api/zoom/webhook", "/api/auth/token", "/accounts/login/"
# More than the system has threads.
MANY = 24


@pytest.fixture(scope="module")
def system(simulator_process: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """An installation that waits for a minute for what was begun: longer than any test here."""
    folder: Path = tmp_path_factory.mktemp("patient")
    with fresh_system(simulator_process, folder, CLASSBELL_REQUEST_TIMEOUT="60") as system:
        system.start_web()
        system.wait_for_web()
        yield system


@pytest.fixture(scope="module")
def impatient(simulator_process: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """An installation behind a proxy that waits for a second, for requests and for the database."""
    folder: Path = tmp_path_factory.mktemp("impatient")
    with fresh_system(
        simulator_process,
        folder,
        CLASSBELL_REQUEST_TIMEOUT="1",
        CLASSBELL_STATEMENT_TIMEOUT="1",
        CLASSBELL_TRUSTED_PROXIES="1",
        CLASSBELL_LOG_LEVEL="INFO",
    ) as system:
        system.start_web()
        system.wait_for_web()
        yield system


def begun(system: System, path: str, *headers: str, body: bytes = b"{") -> socket.socket:
    """Return a connection on which a request was begun and never goes on."""
    connection = socket.create_connection(("127.0.0.1", system.port), timeout=30)
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return connection


def answer_on(connection: socket.socket) -> tuple[int, bytes]:
    """Return the status and the body of what comes before the connection is closed."""
    received = b""
    while part := connection.recv(65536):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def measured(system: System, name: str) -> float:
    """Return one measure of an installation, 0 while it has none."""
    lines = httpx.get(system.url + "/metrics", timeout=20).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} "))


# The server collects what is small by itself: `MOST_BYTES_COLLECTED`.
SMALL, LARGE = "Content-Length: 100", "Content-Length: 100000"


@pytest.mark.parametrize("path", [API, PAGE, WEBHOOK])
@pytest.mark.parametrize("how", [SMALL, LARGE, "Transfer-Encoding: chunked"])
def test_requests_that_never_arrive_keep_nobody_waiting(system: System, path: str, how: str) -> None:
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(begun(system, path, how))

        served = [httpx.get(system.url + "/accounts/login/", timeout=20).status_code for _ in range(3)]
        posted = httpx.post(system.url + API, json={}, timeout=20)

    assert served == [200] * 3
    assert posted.status_code == 400


def test_heads_that_never_end_keep_nobody_waiting(system: System) -> None:
    with ExitStack() as stack:
        for _ in range(MANY):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", system.port)))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: local")

        assert httpx.get(f"{system.url}/healthz", timeout=20).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "language", "direction", "said"),
    [
        ("ar-EG,ar;q=0.9,en;q=0.5", "ar", "rtl", "لم يصل الطلب في وقته. أرسله مرة أخرى."),
        ("en-GB", "en", "ltr", "The request did not arrive in time. Send it again."),
        ("xx", "en", "ltr", "The request did not arrive in time. Send it again."),
    ],
)
def test_slow_sender_is_told_by_a_page_in_their_language_and_counted(
    impatient: System, accepted: str, language: str, direction: str, said: str
) -> None:
    name = 'classbell_requests_not_taken_in_total{code="request_too_slow"}'
    before = measured(impatient, name)

    with begun(impatient, PAGE, "Content-Length: 100000", f"Accept-Language: {accepted}") as connection:
        status, body = answer_on(connection)

    page = body.decode()
    assert status == 408
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert said in page
    wait_until(lambda: measured(impatient, name) == before + 1)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (
            API,
            {"error": "The request did not arrive in time. Send it again.", "code": "request_too_slow", "details": []},
        ),
        (
            "/api/v1/halaka",
            {
                "status": "error",
                "message": "The request did not arrive in time. Send it again.",
                "code": "request_too_slow",
                "details": [],
            },
        ),
    ],
)
@pytest.mark.parametrize("how", [SMALL, LARGE])
def test_slow_sender_is_told_and_let_go(impatient: System, how: str, path: str, error: dict[str, object]) -> None:
    with begun(impatient, path, how) as connection:
        status, body = answer_on(connection)

    assert (status, json.loads(body)) == (408, error)


def test_connection_that_says_nothing_is_closed(impatient: System) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=30) as connection:
        assert connection.recv(1) == b""


def test_request_larger_than_any_of_ours_is_refused_before_it_is_read(system: System) -> None:
    with begun(system, PAGE, f"Content-Length: {MOST_BYTES + 1}") as connection:
        status, body = answer_on(connection)

    assert status == 413
    assert f"A request may have up to {MOST_BYTES // 1024**2} MB. Send it in parts." in body.decode()


def test_log_names_who_was_not_taken_in_as_the_proxy_saw_them(impatient: System) -> None:
    too_large = f"Content-Length: {MOST_BYTES + 1}"
    with begun(impatient, PAGE, too_large, "X-Forwarded-For: 203.0.113.7, 198.51.100.2") as connection:
        assert answer_on(connection)[0] == 413

    (line,) = (line for line in impatient.log.read_text().splitlines() if "too_large" in line)
    assert "198.51.100.2" in line
    assert "203.0.113.7" not in line


@pytest.mark.parametrize("how", [SMALL, LARGE])
def test_one_address_has_a_bounded_number_of_slow_requests_on_their_way(system: System, how: str) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_BODIES_PER_CLIENT):
            stack.enter_context(begun(system, API, how))
        one_more = stack.enter_context(begun(system, API, how))
        status, body = answer_on(one_more)

    assert (status, json.loads(body)["code"]) == (429, "too_many_requests")


def test_crowd_behind_one_address_is_served(system: System) -> None:
    crowd, body = 4 * MOST_BODIES_PER_CLIENT, b'{"event": "nobody signed this"}'
    with ExitStack() as stack:
        headers = (f"Content-Length: {len(body)}", "Connection: close")
        connections = [stack.enter_context(begun(system, WEBHOOK, *headers, body=body[:-1])) for _ in range(crowd)]
        for connection in connections:
            connection.sendall(body[-1:])
        statuses = [answer_on(connection)[0] for connection in connections]

    assert statuses == crowd * [401]


@pytest.mark.database_timers
def test_statement_that_takes_too_long_is_stopped_and_said(impatient: System) -> None:
    with psycopg.connect(impatient.database_url) as somebody:
        somebody.execute("LOCK TABLE accounts_user IN ACCESS EXCLUSIVE MODE")

        answer = httpx.get(f"{impatient.url}/api/bookings/teachers", timeout=30)
        page = httpx.get(f"{impatient.url}/teachers/", timeout=30)

    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "took_too_long", "30")
    assert page.status_code == 503
    assert "took too long" in page.text


def waiting_for_the_lock(somebody: psycopg.Connection[tuple[int]]) -> int:
    """Return how many statements of this database wait for somebody else's lock."""
    # Without it a transaction sees no session that began after it first looked.
    somebody.execute("SELECT pg_stat_clear_snapshot()")
    counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    (number,) = somebody.execute(counted).fetchone() or (0,)
    return number


@pytest.mark.database_timers
@pytest.mark.parametrize("path", ["/api/bookings/teachers", "/teachers/"])
def test_what_is_read_for_somebody_who_left_is_stopped(system: System, path: str) -> None:
    httpx.get(system.url + path, timeout=60)  # loads what it needs
    with psycopg.connect(system.database_url) as somebody:
        somebody.execute("LOCK TABLE accounts_user IN ACCESS EXCLUSIVE MODE")
        with socket.create_connection(("127.0.0.1", system.port), timeout=30) as reader:
            reader.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            wait_until(lambda: waiting_for_the_lock(somebody) == 1)

        wait_until(lambda: waiting_for_the_lock(somebody) == 0)

    assert httpx.get(system.url + path, timeout=20).status_code == 200


@pytest.mark.database_timers
def test_what_is_changed_for_somebody_who_left_is_finished(system: System) -> None:
    body = json.dumps({"email": "nobody@school.example", "password": "wrong"}).encode()
    with psycopg.connect(system.database_url) as somebody:
        somebody.execute("LOCK TABLE accounts_user IN ACCESS EXCLUSIVE MODE")
        with begun(system, API, f"Content-Length: {len(body)}", body=body):
            wait_until(lambda: waiting_for_the_lock(somebody) == 1)
        with socket.create_connection(("127.0.0.1", system.port), timeout=30) as reader:
            reader.sendall(b"GET /api/bookings/teachers HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wait_until(lambda: waiting_for_the_lock(somebody) == 2)

        # The reader's is stopped by then; the other, which left before, goes on.
        wait_until(lambda: waiting_for_the_lock(somebody) == 1)
