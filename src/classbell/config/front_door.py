"""
What the web server runs: a request is taken in whole before it may have a thread.

Threads are few, and whoever sends slowly, or nothing more, would hold one for as long as they like. So bodies are read by the
event loop, which a thousand waiting connections cost next to nothing: within a time, up to a size, and of those that take
more than a moment so many at once from one address. Then a thread runs the WSGI application (`config/wsgi.py`) on what is
there already. Deadlines for headers and between requests are the server's own; what a request asks of the database has one
too (`config/statements.py`, `postgres/bounds.py`).

It speaks RSGI, the Granian server's own interface.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

import structlog
from django.utils.translation import gettext_lazy as _
from granian.rsgi import ProtocolClosed, ProtocolError  # type: ignore[attr-defined]  # named there without `as`

from classbell.clients import CLIENT
from classbell.config.not_taken_in import Refused, Tally, answer_to
from classbell.config.reading import Reading
from classbell.config.request_ids import HEADER, request_id_of
from classbell.config.statements import bound_statements
from classbell.config.stopping import STOPPING, Stop
from classbell.config.telemetry import finish_telemetry
from classbell.meetings.sync.bulkhead import BULKHEAD
from classbell.meetings.sync.too_many_requests import AT_THE_DOOR
from classbell.operation.requests import REQUESTS
from classbell.postgres.bounds import bound_reads
from classbell.postgres.reach import REACH, REACH_OF_REPLICA, SECONDS_BEYOND_A_STATEMENT

log = structlog.get_logger(__name__)

Environ = dict[str, Any]
WsgiApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Said in words below.
MOST_BYTES: Final = 16 * 1024 * 1024
# Up to here the server collects what comes: chunk by chunk, through the event loop, it costs half as much again.
MOST_BYTES_COLLECTED: Final = 64 * 1024
SECONDS_UNCOUNTED: Final = 2.0
MOST_BODIES_PER_CLIENT: Final = 32
MOST_BYTES_AT_ONCE: Final = 256 * 1024 * 1024
MOST_SECONDS_IN_LINE: Final = 30
# How long whoever reads an answer that comes in parts may take for one of them.
SECONDS_A_PART: Final = 60
READ_ONLY: Final = frozenset({"GET", "HEAD"})
NAMED_BY_CGI: Final = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class FrontDoor:
    """
    An RSGI application that answers by a WSGI application, in so many threads.

    `trusted_proxies` is how many proxies stand before the server: it says whose address a client's is. `stop` is how its
    process ends.
    """

    def __init__(
        self,
        application: WsgiApplication,
        *,
        threads: int,
        seconds_for_body: float,
        stop: Stop,
        trusted_proxies: int = 0,
    ) -> None:
        self._application = application
        self._stop = stop
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._seconds_for_body = seconds_for_body
        self._trusted_proxies = trusted_proxies
        self._arriving: Counter[str] = Counter()
        self._bytes_arriving = 0
        self._tally = Tally(prefix=AT_THE_DOOR)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, in the process that answers."""
        self._loop = loop
        self._stop.watch(loop)
        self._count_the_last = REQUESTS.keep_writing()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End: the last requests are counted, and what was to be told elsewhere is."""
        self._count_the_last()
        finish_telemetry()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            protocol.close(403)
            return
        headers = scope.headers.items()
        try:
            body = await self._body(headers, scope, protocol)
        except Refused as refused:
            self._refuse(scope, protocol, refused)
            return
        except (ProtocolClosed, ProtocolError):  # Nobody is there any more.
            return
        described, wait_until = environ(scope, headers, body), time.monotonic() + MOST_SECONDS_IN_LINE
        described[CLIENT] = self._client(headers, scope)
        reading = Reading()
        loop = asyncio.get_running_loop()
        answering = loop.run_in_executor(self._threads, self._answer, described, scope, protocol, wait_until, reading)
        if scope.method in READ_ONLY:
            await reading.stop_if_left(answering, protocol)
        await answering

    async def _body(self, headers: list[tuple[str, str]], scope: Any, protocol: Any) -> bytes:
        """Return the whole body. Raises Refused."""
        length = next((int(value) for name, value in headers if name == "content-length"), None)
        is_chunked = any(name == "transfer-encoding" for name, _value in headers)
        if length is None and not is_chunked:
            return b""
        if length is not None and length > MOST_BYTES:
            raise _too_large()
        if length is not None and length <= MOST_BYTES_COLLECTED and not is_chunked:
            arriving = asyncio.ensure_future(self._whole(protocol, length))
        else:
            arriving = asyncio.ensure_future(self._chunks(protocol))
        try:
            # A whole school behind one address may press the same button: what is there at once is counted against nobody.
            await asyncio.wait({arriving}, timeout=min(SECONDS_UNCOUNTED, self._seconds_for_body))
            if not arriving.done():
                with self._one_more_of(self._client(headers, scope)):
                    await asyncio.wait({arriving}, timeout=self._seconds_for_body - SECONDS_UNCOUNTED)
            if not arriving.done():
                raise Refused(408, "request_too_slow", _("The request did not arrive in time. Send it again."))
            return arriving.result()
        finally:
            arriving.cancel()
            # What it ended with knows this frame: together they would keep what came until the next search for such circles.
            del arriving

    async def _whole(self, protocol: Any, length: int) -> bytes:
        self._bytes_arriving += length
        try:
            self._bound_arriving()
            return bytes(await protocol())
        finally:
            self._bytes_arriving -= length

    async def _chunks(self, protocol: Any) -> bytes:
        chunks = bytearray()
        try:
            async for chunk in protocol:
                chunks += chunk
                self._bytes_arriving += len(chunk)
                if len(chunks) > MOST_BYTES:
                    raise _too_large()
                self._bound_arriving()
        finally:
            self._bytes_arriving -= len(chunks)
        return bytes(chunks)

    def _bound_arriving(self) -> None:
        if self._bytes_arriving > MOST_BYTES_AT_ONCE:
            raise Refused(503, "busy", _("Too much is being received just now. Try again in a minute."))

    @contextmanager
    def _one_more_of(self, client: str) -> Iterator[None]:
        if self._arriving[client] >= MOST_BODIES_PER_CLIENT:
            text = _("Too many requests from this address are still on their way. Finish some of them first.")
            raise Refused(429, "too_many_requests", text)
        self._arriving[client] += 1
        try:
            yield
        finally:
            self._arriving[client] -= 1
            if not self._arriving[client]:
                del self._arriving[client]

    def _client(self, headers: list[tuple[str, str]], scope: Any) -> str:
        """Return whose request it is: the address that the outermost proxy of ours saw."""
        named = [part.strip() for name, value in headers if name == "x-forwarded-for" for part in value.split(",")]
        if self._trusted_proxies and len(named) >= self._trusted_proxies:
            return named[-self._trusted_proxies]
        return client_of(scope.client)

    def _answer(self, environ: Environ, scope: Any, protocol: Any, wait_until: float, reading: Reading) -> None:
        if reading.is_left:
            return
        if time.monotonic() > wait_until:  # Its sender has most likely gone; whoever waits behind it has not.
            busy = Refused(503, "busy", _("Too much is going on just now. Try again in a minute."))
            self._refuse(scope, protocol, busy)
            return
        status, headers = 500, list[tuple[str, str]]()

        def start_response(line: str, given: list[tuple[str, str]], _error: object = None) -> None:
            nonlocal status, headers
            status, headers = int(line[:3]), given

        with reading.by_this_thread():
            answer = self._application(environ, start_response)
            try:
                if getattr(answer, "is_sent_in_parts", False):
                    self._send_in_parts(answer, protocol.response_stream(status, headers))
                    return
                content = b"".join(answer)
            finally:
                if hasattr(answer, "close"):
                    answer.close()
                # A request and its person know each other, so what it came with would stay until such circles are looked for.
                environ["wsgi.input"].close()
        if STOPPING.is_set():
            headers = [*headers, ("connection", "close")]
        protocol.response_bytes(status, headers, content)

    def _send_in_parts(self, parts: Iterable[bytes], transport: Any) -> None:
        """Send what is too long to be held as it is made. Its thread waits for whoever reads it."""
        for part in parts:
            sending = asyncio.run_coroutine_threadsafe(_send(transport, part), self._loop)
            try:
                sending.result(SECONDS_A_PART)
            except (ProtocolClosed, ProtocolError, TimeoutError):  # Nobody reads on.
                return

    def _refuse(self, scope: Any, protocol: Any, refused: Refused) -> None:
        request_id = request_id_of(scope.headers.get(HEADER.lower()))
        client = self._client(scope.headers.items(), scope)
        log.info("request_not_taken_in", code=refused.code, client=client, request_id=request_id)
        self._tally.add(refused.code)
        headers = [
            (HEADER.lower(), request_id),
            ("connection", "close"),
            ("cache-control", "no-store"),
            ("vary", "accept-language"),
        ]
        if refused.status in {429, 503}:
            headers.append(("retry-after", "60"))
        kind, content = answer_to(refused, path=scope.path, headers=scope.headers.items())
        protocol.response_str(refused.status, [("content-type", kind), *headers], content)


def environ(scope: Any, headers: list[tuple[str, str]], body: bytes) -> Environ:
    """Return a request as WSGI describes it (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    described: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        # Decoded by the server; WSGI wants its bytes as if they were Latin-1.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": client_of(scope.client),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        if "_" in name:  # X_Forwarded_For would pass for X-Forwarded-For.
            continue
        key = NAMED_BY_CGI.get(name) or "HTTP_" + name.upper().replace("-", "_")
        joint = "; " if name == "cookie" else ","
        described[key] = f"{described[key]}{joint}{value}" if key in described else value
    if body:
        described["CONTENT_LENGTH"] = str(len(body))  # Not said when it came in chunks.
    return described


async def _send(transport: Any, part: bytes) -> None:
    """Send a part. What the server gives to be awaited is no coroutine when the part is gone, or its reader, at once."""
    await transport.send_bytes(part)


def front_door(*, threads: int, listening: int) -> FrontDoor:
    """
    Return what the server runs on this socket, by the settings, in a process of its own: loads all of Django, and bounds
    statements.
    """
    from classbell.config.settings import DATABASES, ENVIRONMENT  # noqa: PLC0415 -- in each process of the server
    from classbell.config.wsgi import application  # noqa: PLC0415 -- as above

    for database in DATABASES.values():
        bound_statements(database, ENVIRONMENT.statement_timeout)
    REACH_OF_REPLICA.watch()
    bound_reads(ENVIRONMENT.read_timeouts)
    REACH.answer_quickly(longest=ENVIRONMENT.statement_timeout.total_seconds() + SECONDS_BEYOND_A_STATEMENT)
    BULKHEAD.share(threads)
    return FrontDoor(
        application,
        threads=threads,
        seconds_for_body=ENVIRONMENT.request_timeout.total_seconds(),
        stop=Stop(listening=listening, notice=ENVIRONMENT.stop_notice.total_seconds()),
        trusted_proxies=ENVIRONMENT.trusted_proxies,
    )


def client_of(address: str) -> str:
    """Return the address without its port."""
    return address.rpartition(":")[0].strip("[]")


def _too_large() -> Refused:
    return Refused(413, "too_large", _("A request may have up to 16 MB. Send it in parts."))
