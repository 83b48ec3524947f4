"""
How a process of the server stops: it says so, then takes in nothing more, then finishes what it has.

SIGTERM begins it. For a while everything is answered as before, but `/healthz/ready` says no and every answer asks for its
connection to be closed: balancers and clients go elsewhere by themselves. Then the listening socket is let go of, and the
server finishes the requests in hand. SIGINT skips the while: whoever presses Ctrl-C waits for it.
"""

import asyncio
import os
import signal
import socket
from threading import Event
from typing import Final

import structlog

log = structlog.get_logger(__name__)

# Whether this process is about to end.
STOPPING: Final = Event()
# Who was accepted just before has sent a request by then: one that is only on its way is answered too.
SECONDS_FOR_THE_LAST: Final = 0.25


class Stop:
    """
    The end of one process of the server that listens on the descriptor `listening`, `notice` seconds after SIGTERM.

    Others may listen on the same socket, the next version of the program among them: who waits in its queue stays there for
    them. So it is not shut, only put out of this process's hands.
    """

    def __init__(self, *, listening: int, notice: float) -> None:
        self._listening, self._notice = listening, notice

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let SIGTERM begin the end from now on; the server's own end stays with SIGINT."""
        loop.add_signal_handler(signal.SIGTERM, self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        if STOPPING.is_set():
            return
        STOPPING.set()
        log.info("server_stopping", seconds=self._notice)
        loop.call_later(self._notice, self._take_in_no_more, loop)

    def _take_in_no_more(self, loop: asyncio.AbstractEventLoop) -> None:
        # In its place stands a socket that nobody can connect to: the server goes on waiting there, in vain.
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            deaf.setblocking(False)
            os.dup2(deaf.fileno(), self._listening, inheritable=False)
        loop.call_later(SECONDS_FOR_THE_LAST, os.kill, os.getpid(), signal.SIGINT)
