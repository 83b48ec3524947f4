"""How Zoom is reached: what is given up is not sent on, and a proxy that the environment names is used."""

import socket
import threading

import httpx
import pytest

from classbell.zoom.connections import connections
from tests.simulator import STUCK_SECONDS


class Listener:
    """Somebody who takes one connection, answers it if told so, and remembers what came and how it ended."""

    def __init__(self, answer: bytes = b"") -> None:
        self.heard, self.was_reset = b"", False
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def wait_for_end(self) -> None:
        self._thread.join(STUCK_SECONDS)
        self._server.close()

    def _listen(self) -> None:
        connection, _ = self._server.accept()
        with connection:
            try:
                while received := connection.recv(65_536):
                    self.heard += received
                    if self._answer and self.heard.endswith(b"\r\n\r\n"):
                        connection.sendall(self._answer)
            except ConnectionResetError:
                self.was_reset = True


def test_call_that_is_given_up_is_not_sent_on() -> None:
    zoom = Listener()

    with connections() as http, pytest.raises(httpx.ReadTimeout):
        http.post(zoom.address, content=b"create", timeout=0.2)
    zoom.wait_for_end()

    assert zoom.was_reset


def test_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Listener(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    monkeypatch.setenv("http_proxy", proxy.address)

    with connections() as http:
        assert http.get("http://zoom.example/v2/users").json() == {}
    proxy.wait_for_end()

    assert proxy.heard.startswith(b"GET http://zoom.example/v2/users")
