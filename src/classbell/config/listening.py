"""The socket that the server listens on: its own, or one that systemd keeps open while the server is started anew."""

import errno
import os
import socket
from typing import Final

# Where systemd puts what it hands over (sd_listen_fds(3)).
FIRST_HANDED_OVER: Final = 3
# Connections that wait while nobody accepts, as during a restart.
BACKLOG: Final = 1024


class CannotListen(Exception):
    """The address is taken or not this machine's, or what was handed over is no TCP socket; the text says what to do."""


def listening_socket(host: str, port: int) -> socket.socket:
    """
    Return the socket that systemd handed to this process, else one on this address. Children may inherit it.

    Raises CannotListen.
    """
    handed_over = _handed_over()
    if handed_over is None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be listened on ({error.strerror})"
            raise CannotListen(
                f"{host}:{port} {why}. Choose another: classbell serve --host HOST --port PORT"
            ) from error
    else:
        listening = handed_over
    # Connections inherit it: small answers go out at once.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.set_inheritable(True)
    return listening


def _handed_over() -> socket.socket | None:
    """Return what was handed over, None when nothing was. Processes that this one starts are not handed it again."""
    count, process = os.environ.pop("LISTEN_FDS", ""), os.environ.pop("LISTEN_PID", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if process != str(os.getpid()):
        return None
    if count != "1":
        raise CannotListen(f"{count} sockets were handed over; one is wanted: one ListenStream= in the socket's unit.")
    handed_over = socket.socket(fileno=FIRST_HANDED_OVER)
    if handed_over.type != socket.SOCK_STREAM or handed_over.family not in {socket.AF_INET, socket.AF_INET6}:
        raise CannotListen("The socket that was handed over is none of TCP: ListenStream= wants an address and a port.")
    return handed_over
