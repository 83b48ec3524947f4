"""The web server: how many processes and threads, and how long it waits for whom."""

from functools import partial

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from classbell.config.environment import read_environment
from classbell.config.front_door import front_door


def serve(*, host: str, port: int, processes: int, threads: int) -> None:
    """
    Serve until told to stop.

    A connection that sends nothing, or not all of its headers, is closed after CLASSBELL_REQUEST_TIMEOUT, between two
    requests too. HTTP/2 is left to a proxy: its streams know no such deadline here.
    """
    milliseconds = int(read_environment().request_timeout.total_seconds() * 1000)
    Server(
        "classbell.config.front_door:front_door",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=milliseconds),
        websockets=False,
        workers=processes,
        log_access=False,
    ).serve(
        target_loader=partial(front_door, threads=threads),  # type: ignore[arg-type]  # its __rsgi__ is what is called
        wrap_loader=False,
    )
