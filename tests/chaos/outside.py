"""What a school's programs and calendars are, outside: takes webhooks, gives a calendar away, and misbehaves when told to."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from tests.simulator import free_port

LONGEST_HANG_SECONDS = 30.0
GARBAGE = b"<html>502 \xff\xfe Bad Gateway"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One webhook as it came."""

    id: str
    body: dict[str, Any]
    accepted: bool


@dataclass
class Outside:
    """`mode` is how it answers: well, refuse, garbage or hang. `busy` are the times of the calendar's entries."""

    mode: str = "well"
    told: list[Told] = field(default_factory=list)
    busy: list[tuple[datetime, datetime]] = field(default_factory=list)

    def __enter__(self) -> Self:
        outside = self
        self._go_on = Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"] or 0))
                accepted = outside.mode == "well"
                outside.told.append(Told(id=self.headers["webhook-id"], body=json.loads(raw), accepted=accepted))
                self._answer(b"")

            def do_GET(self) -> None:
                self._answer(outside._calendar())

            def _answer(self, body: bytes) -> None:
                mode = outside.mode
                if mode == "hang":
                    outside._go_on.wait(LONGEST_HANG_SECONDS)
                    return
                status = {"refuse": 503}.get(mode, 200)
                if mode == "garbage":
                    body, status = GARBAGE, 200 if self.command == "GET" else 502
                self.send_response(status)
                self.send_header("content-type", "text/calendar")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self.server = _Server(("127.0.0.1", free_port()), Handler)
        self.port = int(self.server.server_address[1])
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._go_on.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://localhost:{self.port}"

    def settings(self) -> dict[str, str]:
        """Return what an installation is told, so that it may go here."""
        return {
            "CLASSBELL_WEBHOOK_PORTS": f"443,{self.port}",
            "CLASSBELL_WEBHOOK_PRIVATE_HOSTS": "localhost",
            "CLASSBELL_WEBHOOK_ALLOW_HTTP": "true",
        }

    def misbehave(self, mode: str) -> None:
        """Answer in this way from now on; "well" lets those go who wait."""
        self.mode = mode
        if mode == "hang":
            self._go_on.clear()
        else:
            self._go_on.set()

    def _calendar(self) -> bytes:
        entries = [
            f"BEGIN:VEVENT\r\nUID:{number}@home\r\nDTSTAMP:20200101T000000Z\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\n"
            f"DTEND:{end:%Y%m%dT%H%M%SZ}\r\nSUMMARY:Dentist\r\nEND:VEVENT\r\n"
            for number, (start, end) in enumerate(self.busy)
        ]
        head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//home//EN\r\n"
        return (head + "".join(entries) + "END:VCALENDAR\r\n").encode()

    def add_entry(self, start: datetime, minutes: int) -> None:
        """Let the calendar's owner be busy then."""
        self.busy.append((start, start + timedelta(minutes=minutes)))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that was killed."""
