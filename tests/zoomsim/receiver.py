"""A webhook endpoint that remembers what it was sent and answers as it is told."""

import hashlib
import hmac
import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.simulator import wait_until


@dataclass
class Received:
    """One request as it arrived."""

    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.body = json.loads(self.raw)

    @property
    def event(self) -> str:
        return str(self.body["event"])

    @property
    def object(self) -> dict[str, Any]:
        return dict(self.body["payload"]["object"])


class Receiver:
    """Listens on a free port; `statuses` are answered in turn, then 200."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.requests: list[Received] = []
        self.statuses: list[int] = []
        self.knows_secret = True
        self.pause_s = 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                status, answer = receiver.answer(dict(self.headers.items()), raw)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                with suppress(ConnectionError):  # whoever asked may not have waited
                    self.wfile.write(answer)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, headers: dict[str, str], raw: bytes) -> tuple[int, bytes]:
        """Return what to answer a request with: to a challenge the proof, else the next status."""
        request = Received({name.lower(): value for name, value in headers.items()}, raw)
        if request.event == "endpoint.url_validation":
            plain = request.body["payload"]["plainToken"]
            secret = self.secret if self.knows_secret else "something else"
            proof = hmac.new(secret.encode(), plain.encode(), hashlib.sha256).hexdigest()
            return 200, json.dumps({"plainToken": plain, "encryptedToken": proof}).encode()
        status = self.statuses.pop(0) if self.statuses else 200
        self.requests.append(request)
        time.sleep(self.pause_s)
        return status, b"{}"

    def events(self) -> list[str]:
        """Return the names of the events that arrived, in the order of arrival."""
        return [request.event for request in self.requests]

    def wait_for(self, event: str, count: int = 1) -> Received:
        """Wait until so many of an event have arrived and return the latest of them."""
        wait_until(lambda: self.events().count(event) >= count, what=f"{count} × {event}, got {self.events()}")
        return [request for request in self.requests if request.event == event][-1]
