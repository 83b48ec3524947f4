"""A calendar's server on the loopback interface: it gives what a test puts there, and keeps how it was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

from django.conf import settings as django_settings

from classbell.config.environment import Environment

HOST = "localhost"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class CalendarServer:
    """
    Answers `status` and, by the path or at any other, `content` with `headers`; `endless`: content without end.
    """

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    endless: bool = False
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer()

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.asked.append(Asked(method=self.command, path=self.path, headers=headers, body=body))
                etag = server.headers.get("etag")
                status = 304 if etag and headers.get("if-none-match") == etag else server.status
                self.send_response(status)
                for name, value in server.headers.items():
                    self.send_header(name, value)
                if server.endless:
                    self.end_headers()
                    self.pour()
                    return
                content = b"" if status == 304 else server.answers.get(self.path.partition("?")[0], server.content)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def pour(self) -> None:
                try:
                    self.wfile.write(b"BEGIN:VCALENDAR\r\n")
                    while True:
                        self.wfile.write(b"X-NOTHING:nothing\r\n" * 5_000)
                except OSError:
                    return

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        for method in ("POST", "PUT", "DELETE", "PROPFIND", "REPORT"):
            setattr(Handler, f"do_{method}", Handler.do_GET)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        """Where the calendar is."""
        return f"http://{HOST}:{self.port}/private/amina.ics"


def reaching(port: int, **more: object) -> Environment:
    """Return settings with which addresses that people type may be on this port of the loopback interface."""
    allowed = {"webhook_ports": f"443,{port}", "webhook_private_hosts": HOST, "webhook_allow_http": True}
    return django_settings.ENVIRONMENT.model_copy(update=allowed | more)
