"""The connections by which Zoom is called."""

import socket
import struct
from typing import Final
from urllib.request import getproxies

import httpx

# Whoever closes a connection with something still to be sent throws that away: on, after no seconds.
CLOSE_AT_ONCE: Final = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
LIMITS: Final = httpx.Limits(max_connections=64, max_keepalive_connections=32)


def connections(*, seconds: float = 5.0) -> httpx.Client:
    """
    Return a client of HTTP; what it is asked may take so many seconds unless the call says otherwise.

    A call that is given up leaves nothing behind. The kernel would otherwise go on sending it, for minutes, while the link is
    gone: a create would arrive after we have looked for it in vain and made another one, a change after a later change.
    Where the environment names a proxy, it is the proxy that has the call by then.
    """
    if getproxies().keys() & {"http", "https", "all"}:
        return httpx.Client(limits=LIMITS, timeout=seconds)
    return httpx.Client(transport=httpx.HTTPTransport(limits=LIMITS, socket_options=[CLOSE_AT_ONCE]), timeout=seconds)
