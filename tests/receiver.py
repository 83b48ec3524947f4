"""A small program that takes webhooks in, on the loopback interface: what a school would write itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self, cast

from django.conf import settings as django_settings
from standardwebhooks import Webhook as Verifier

from classbell.config.environment import Environment
from tests.simulator import free_port

HOST = "localhost"


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """By which a receiver knows that it has had it before."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """Return the body, once the library for receivers has found it to be signed by this secret."""
        return cast("dict[str, Any]", Verifier(secret).verify(self.body, dict(self.headers)))


@dataclass
class Receiver:
    """
    Listens on a port of the loopback interface and keeps what comes. It answers `status` with `headers` and `text`, after
    calling `before`, if any.
    """

    status: int = 204
    text: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], None] | None = None
    received: list[Received] = field(default_factory=list)

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received(path=self.path, headers=headers, body=body))
                if receiver.before is not None:
                    receiver.before()
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                if receiver.status != 204:
                    self.send_header("content-length", str(len(receiver.text)))
                self.end_headers()
                self.wfile.write(receiver.text if receiver.status != 204 else b"")

            def do_GET(self) -> None:
                self.send_response(receiver.status)
                self.send_header("content-length", str(len(receiver.text)))
                self.end_headers()
                self.wfile.write(receiver.text)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
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
        """Where webhooks go."""
        return f"http://{HOST}:{self.port}/classbell?from=school"


def reaching(receiver: Receiver, **more: object) -> Environment:
    """Return settings with which webhooks may go to a receiver of the test."""
    allowed = {
        "webhook_ports": f"443,{receiver.port}",
        "webhook_private_hosts": HOST,
        "webhook_allow_http": True,
    }
    return django_settings.ENVIRONMENT.model_copy(update=allowed | more)
