"""Who may use what asks for no sign-in: this machine unless told otherwise, and no other site's pages."""

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web

from zoomsim.simulation import Simulation

NOT_SENT = "same-origin"


def may_control(sim: Simulation, request: web.Request) -> bool:
    """Whether whoever asks may see and change everything."""
    return sim.options.control_from_anywhere or _is_local(request)


def is_cross_site(sim: Simulation, request: web.Request) -> bool:
    """
    Whether a page of another site makes the browser ask.

    Browsers send Sec-Fetch-Site only to trusted addresses, Origin with every form; other programs send neither.
    """
    if request.headers.get("Sec-Fetch-Site", NOT_SENT) not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    return urlsplit(origin).netloc not in {request.host, urlsplit(sim.base_url).netloc}


def _is_local(request: web.Request) -> bool:
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
