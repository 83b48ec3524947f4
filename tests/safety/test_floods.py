"""What is sent to break the program by its size or its shape is refused in words, and the program grows by little."""

import contextlib
import io
import json
import socket
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx
import pytest

from classbell.config.front_door import MOST_BYTES
from tests.bookings.school import fill
from tests.simulator import Simulator
from tests.system import System, fresh_system
from tests.tables.workbooks import workbook_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("floods")]

MB: Final = 1024**2
# Four bodies of the largest size at once, what they become when they are read, and room for what a busy process has anyway.
MOST_GROWTH: Final = 600 * MB
AT_ONCE: Final = 4
API, CLASSES = "/api/auth/token", "/api/zoom/classes"


@pytest.fixture(scope="module")
def system(simulator_process: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """An installation with a teacher, which has answered before."""
    with fresh_system(simulator_process, tmp_path_factory.mktemp("floods")) as system:
        system.start_web()
        system.wait_for_web()
        yield system


@pytest.fixture(scope="module")
def teacher(system: System) -> Iterator[httpx.Client]:
    """Somebody who is signed in."""
    token = fill(system, students=1).teacher_token
    with httpx.Client(base_url=system.url, headers={"Authorization": f"Bearer {token}"}, timeout=120) as client:
        yield client


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"[" * (2 * MB), "The body is nested too deeply.", id="deep lists"),
        pytest.param(b'{"a":' * (MB // 4), "The body is nested too deeply.", id="deep objects"),
        pytest.param(b'{"email":' + b"9" * (2 * MB) + b"}", "digits", id="a number of two million digits"),
        pytest.param(b'{"email":1,"email":2}', "email must not stand there twice.", id="a key twice"),
        pytest.param(b'{"email":1e999}', "which is no number", id="a number that is none"),
        pytest.param(b"[" + b"{}," * (MB // 2) + b"{}]", "The body must be an object.", id="half a million objects"),
    ],
)
def test_bodies_made_to_break_a_parser_are_refused_in_words_and_memory_stays(
    system: System, body: bytes, message: str
) -> None:
    before = memory(system)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: sent(system, API, body), range(AT_ONCE)))

    assert {answer.status_code for answer in answers} == {400}
    assert all(message in json.dumps(answer.json(), ensure_ascii=False) for answer in answers), answers[0].text[:500]
    assert memory(system) - before < MOST_GROWTH
    assert httpx.get(f"{system.url}/healthz", timeout=60).status_code == 200


@pytest.mark.parametrize("path", [API, "/api/zoom/webhook", "/accounts/login/", "/api/payments/stripe/webhook"])
@pytest.mark.parametrize(
    "head",
    [
        pytest.param(f"Content-Length: {100 * MB}", id="length"),
        pytest.param("Transfer-Encoding: chunked", id="chunks"),
        pytest.param("Content-Length: 10\r\nTransfer-Encoding: chunked", id="chunks of which too little is said"),
    ],
)
def test_a_hundred_megabytes_are_refused_and_not_kept(system: System, path: str, head: str) -> None:
    before = memory(system)

    status = flooded(system, path, 100 * MB, head=head)

    assert status == 413
    assert memory(system) - before < 4 * MOST_BYTES


@pytest.mark.parametrize("head", ["Transfer-Encoding: chunked", "Content-Length: 10\r\nTransfer-Encoding: chunked"])
def test_however_many_are_refused_one_after_the_other_nothing_of_them_is_kept(system: System, head: str) -> None:
    assert flooded(system, API, 100 * MB, head=head) == 413
    before = memory(system)

    assert {flooded(system, API, 100 * MB, head=head) for _each in range(10)} == {413}
    assert memory(system) - before < 4 * MOST_BYTES


@pytest.mark.parametrize(
    "unpacked",
    [
        pytest.param(lambda: b" " * (400 * MB), id="blanks"),
        pytest.param(lambda: b"<row>" * (5 * MB), id="rows within rows"),
    ],
)
def test_a_workbook_that_unpacks_into_too_much_is_refused_and_memory_stays(
    system: System, teacher: httpx.Client, unpacked: object
) -> None:
    made = teacher.post(CLASSES, json={"name": "Algebra"}).raise_for_status().json()
    bomb = packed(unpacked() if callable(unpacked) else b"")
    before = memory(system)

    answer = teacher.post(
        f"{CLASSES}/{made['class']['id']}/import", content=bomb, headers={"Content-Type": "application/octet-stream"}
    )

    assert answer.status_code in (400, 413)
    assert answer.json()["error"]
    assert memory(system) - before < MOST_GROWTH


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"".join(b"X-%d: y\r\n" % n for n in range(5000)), id="many headers"),
        pytest.param(b"X: " + b"y" * (8 * MB) + b"\r\n", id="a long header"),
        pytest.param(b"Cookie: " + b"a=b; " * MB + b"\r\n", id="a million cookies"),
    ],
)
def test_heads_that_are_too_large_are_refused_and_memory_stays(system: System, head: bytes) -> None:
    before = memory(system)

    status = asked(system, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + head + b"Connection: close\r\n\r\n")

    assert status in (0, 400, 431), "closed, or told"
    assert memory(system) - before < MOST_GROWTH
    assert httpx.get(f"{system.url}/healthz", timeout=60).status_code == 200


def sent(system: System, path: str, body: bytes) -> httpx.Response:
    """Send a body as JSON."""
    headers = {"Content-Type": "application/json"}
    return httpx.post(system.url + path, content=body, headers=headers, timeout=120)


def flooded(system: System, path: str, size: int, *, head: str) -> int:
    """Send so many bytes of a body, as `head` says, until it is answered; return the status."""
    start = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{head}\r\n\r\n".encode()
    piece = b"%x\r\n" % MB + b"a" * MB + b"\r\n" if "chunked" in head else b"a" * MB
    with socket.create_connection(("127.0.0.1", system.port), timeout=60) as connection:
        connection.sendall(start)
        try:
            for _ in range(size // MB):
                connection.sendall(piece)
        except OSError:
            pass  # Nobody listens any more; what was answered before is there to be read.
        return status_on(connection)


def asked(system: System, raw: bytes) -> int:
    """Send bytes as they are; return the status, 0 where the connection is closed without one."""
    with socket.create_connection(("127.0.0.1", system.port), timeout=60) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(raw)
        return status_on(connection)


def status_on(connection: socket.socket) -> int:
    """Return the status that comes, 0 for none."""
    try:
        words = connection.recv(65536).split()
    except OSError:
        return 0
    return int(words[1]) if len(words) > 1 else 0


def packed(content: bytes) -> bytes:
    """Return a workbook whose sheet unpacks into this."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook_of({"People": ["email"]}))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, content if name.endswith("sheet1.xml") else old.read(name))
    return out.getvalue()


def memory(system: System) -> int:
    """Return the most memory that the web server's processes have had, in bytes. Linux only."""
    found = [system.processes["web"].pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    lines = [line for pid in found for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
