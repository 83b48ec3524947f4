"""What was asked of Zoom and given up, because its link was gone, does not reach it when the link is back."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from classbell.zoom.connections import connections
from tests.networks.machines import Machine, Network, why_not
from tests.simulator import STUCK_SECONDS, wait_until

REASON = why_not()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]
ANSWER = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"

BODIES = (b"first", b"second", b"third")


@contextmanager
def listening(machine: Machine) -> Iterator[list[bytes]]:
    """Yield what is sent to a machine's port 80, a piece for each connection, and how each ended."""
    heard: list[bytes] = []
    with machine.inside(), socket.create_server((machine.address, 80)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                heard.append(b"")
                threading.Thread(target=answer, args=(connection, len(heard) - 1), daemon=True).start()

        def answer(connection: socket.socket, number: int) -> None:
            with connection:
                try:
                    while received := connection.recv(65_536):
                        heard[number] += received
                        # Headers and body may come one after the other.
                        if heard[number].endswith(BODIES):
                            connection.sendall(ANSWER)
                    heard[number] += b"<closed>"
                except OSError:
                    heard[number] += b"<reset>"

        threading.Thread(target=listen, daemon=True).start()
        try:
            yield heard
        finally:
            server.shutdown(socket.SHUT_RDWR)


def test_request_that_was_given_up_is_not_sent_when_the_link_is_back() -> None:
    with Network(["app", "zoom"]) as network, listening(network["zoom"]) as heard:
        app, zoom = network["app"], network["zoom"]
        with app.inside(), connections() as http:
            url = f"http://{zoom.address}/v2/users/me/meetings"
            http.post(url, content=b"first")
            network.cut(app, [zoom])
            with pytest.raises(httpx.ReadTimeout):
                http.post(url, content=b"second", timeout=1)
            network.restore()
            http.post(url, content=b"third")
            wait_until(lambda: b"third" in b"".join(heard), seconds=STUCK_SECONDS, what="the third")
            # What is sent again by the kernel comes within twice the time for which the link was gone.
            assert not wait_until(lambda: b"second" in b"".join(heard), seconds=6, must=False)
