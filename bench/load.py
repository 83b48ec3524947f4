"""
An HTTP client that asks one server for a list of paths over and over, on a few kept-alive connections, and counts.

It shares the machine with what it measures, so it does as little as possible: a request is bytes made beforehand, an answer
is read to its end and not looked at but for its status.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass(slots=True)
class Load:
    """What came of it: answers a second, and how long single answers took in seconds."""

    seconds: float = 0
    failures: int = 0
    times: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def percentile(self, percent: float) -> float:
        """Return the time in milliseconds that this share of answers stayed under."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


def run_load(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Send `requests` in turn on each connection for a while; anything but a 2xx is a failure."""
    return asyncio.run(_run(port, requests, connections, seconds))


def get(path: str, port: int) -> bytes:
    """Return a GET request as bytes."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


async def _run(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    load = Load()
    started = time.perf_counter()
    until = started + seconds
    await asyncio.gather(*(_connection(port, requests, number, until, load) for number in range(connections)))
    load.seconds = time.perf_counter() - started
    return load


async def _connection(port: int, requests: Sequence[bytes], number: int, until: float, load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn = number
    while (sent := time.perf_counter()) < until:
        writer.write(requests[turn % len(requests)])
        turn += 1
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await (reader.readexactly(int(length)) if length else reader.readuntil(LAST_CHUNK))
        load.times.append(time.perf_counter() - sent)
        if not head.startswith(b"HTTP/1.1 2"):
            load.failures += 1
    writer.close()
