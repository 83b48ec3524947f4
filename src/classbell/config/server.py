"""The web server: how many processes and threads, on which socket, how long it waits for whom, and how it ends."""

import socket
import sys
from functools import partial
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.net import SocketHolder  # type: ignore[attr-defined]  # named there without `as`
from granian.server import MPServer

from classbell.config.environment import read_environment
from classbell.config.front_door import front_door
from classbell.config.listening import BACKLOG, listening_socket
from classbell.config.logging import logging_config
from classbell.config.stopping import SECONDS_FOR_THE_LAST

# The server's own lines are written as all others are.
AS_EVERYTHING_ELSE: Final = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


class SocketServer(MPServer):
    """
    The server on a socket that is there already, with an end that can be hurried.

    Granian opens one of its own in each of its processes, whose queue is lost with the process.
    """

    def __init__(self, *arguments: Any, listening: socket.socket, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._listening = listening

    def _init_shared_socket(self) -> None:
        descriptor = self._listening.fileno()
        described = (descriptor, False, BACKLOG) if sys.platform == "linux" else (descriptor, False)
        holder: Any = SocketHolder
        shared: dict[str, Any] = {"_ssp": None, "_shd": holder(*described), "_sfd": descriptor, "_sso": self._listening}
        vars(self).update(shared)

    def signal_handler_interrupt(self, *arguments: Any, **options: Any) -> None:
        """End; told a second time, end now, whatever is in hand."""
        if self.interrupt_signal:
            for process in self.wrks:
                process.kill()  # type: ignore[no-untyped-call]
        super().signal_handler_interrupt(*arguments, **options)  # type: ignore[no-untyped-call]


def serve(*, host: str, port: int, processes: int, threads: int) -> None:
    """
    Serve until told to stop: SIGTERM lets the requests in hand end, for up to CLASSBELL_STOP_TIMEOUT; a second one ends now.

    A connection that sends nothing, or not all of its headers, is closed after CLASSBELL_REQUEST_TIMEOUT, between two
    requests too. HTTP/2 is left to a proxy: its streams know no such deadline here. Raises CannotListen.
    """
    environment = read_environment()
    milliseconds = int(environment.request_timeout.total_seconds() * 1000)
    longest_stop = environment.stop_notice.total_seconds() + environment.stop_timeout.total_seconds()
    logging_config(level=environment.log_level, style=environment.log_format, secrets=environment.secrets)
    listening = listening_socket(host, port)
    address, number = listening.getsockname()[:2]
    SocketServer(
        "classbell.config.front_door:front_door",
        address=address,
        port=number,
        listening=listening,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=milliseconds),
        websockets=False,
        workers=processes,
        backlog=BACKLOG,
        workers_kill_timeout=longest_stop + SECONDS_FOR_THE_LAST,
        log_access=False,
        log_dictconfig=AS_EVERYTHING_ELSE,
    ).serve(
        # What is called is its __rsgi__.
        target_loader=partial(front_door, threads=threads, listening=listening.fileno()),  # type: ignore[arg-type]
        wrap_loader=False,
    )
