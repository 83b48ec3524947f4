"""Servers to measure beside. Knows nothing of Django: processes that send the load import it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.simulator import free_port, wait_until

from bench.load import get, run_load

CORES = os.cpu_count() or 1
CONNECTIONS = 8


@contextmanager
def hello_server() -> Iterator[int]:
    """Run the least that the same server answers with, on all cores, and yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", str(CORES)]
    with subprocess.Popen(
        [*command, "--blocking-threads", "4", "--no-access-log", "bench.hello:application"]
    ) as server:
        try:
            wait_until(lambda: listens(port), seconds=30, what="the hello server")
            run_load(port, [get("/api/hello", port)], connections=CONNECTIONS, seconds=1)
            yield port
        finally:
            server.terminate()


def listens(port: int) -> bool:
    with subprocess.Popen(
        [sys.executable, "-c", f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"],
        stderr=subprocess.DEVNULL,
    ) as probe:
        return probe.wait() == 0
