"""
What others notice of connections that begin a request and never go on, direct and through nginx as docs/install/nginx.conf
sets it up (if it is installed; it allows one address 200 connections).
"""

import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.simulator import Simulator, free_port, wait_until
from tests.system import fresh_system

IDLE = (0, 8, 50, 150, 500)
IDLE_THROUGH_NGINX = (0, 8, 50, 150)
ASKED = 50
# Other work of the machine shows in it too.
GOAL = 2.0
DOCUMENTED = Path(__file__).parent.parent / "docs" / "install" / "nginx.conf"
BEGUN = (
    b"POST /api/zoom/webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100000\r\n\r\n{"
)


def main() -> None:
    """Print the figures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(plan="unlimited", hosts=1) as simulator,
        fresh_system(simulator, Path(folder)) as system,
    ):
        system.start_web()
        system.wait_for_web()
        _measure("direct", system.port, IDLE)
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if nginx is None:
            print("nginx is not installed")
            return
        with _behind(nginx, Path(folder), system.port) as port:
            _measure("through nginx", port, IDLE_THROUGH_NGINX)


def _measure(name: str, port: int, idle: Sequence[int]) -> None:
    undisturbed = 0.0
    for number in idle:
        with ExitStack() as stack:
            for _ in range(number):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                connection.sendall(BEGUN)
            times = sorted(_asked(port) for _ in range(ASKED))
        median, worst = statistics.median(times) * 1000, times[-1] * 1000
        undisturbed = undisturbed or median
        verdict = "ok" if median < undisturbed * GOAL else "SLOWER"
        print(f"{name:14} {number:4} idle: median {median:6.1f} ms, worst {worst:6.1f} ms  {verdict}")


def _asked(port: int) -> float:
    started = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200, answer.status
    return time.perf_counter() - started


@contextmanager
def _behind(nginx: str, folder: Path, behind: int) -> Iterator[int]:
    """Run nginx as documented, but without a certificate, and on a port of its own at one address."""
    port = free_port()
    lines = [
        line
        for line in DOCUMENTED.read_text().splitlines()
        if not line.strip().startswith(("ssl_certificate", "server_name", "access_log", "listen [::]"))
    ]
    text = "\n".join(lines).replace("listen 443 ssl http2", f"listen 127.0.0.1:{port}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};").replace(
        "server 127.0.0.1:8002", "# one is enough"
    )
    text = text.replace("127.0.0.1:8001", f"127.0.0.1:{behind}").replace("$host;", "localhost;")
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log stderr warn; events {{ worker_connections 1024; }}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"include {folder}/site.conf; }}\n"
    )
    with subprocess.Popen([nginx, "-c", str(folder / "nginx.conf")]) as server:
        try:
            wait_until(lambda: _listens(port), seconds=30, what="nginx")
            yield port
        finally:
            server.terminate()


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
