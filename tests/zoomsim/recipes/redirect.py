"""For recipes in Python: what `requests` sends to Zoom's hosts comes to the simulator; and the simulator's control calls."""

import json
import os
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

FACTS = json.loads(os.environ["FACTS"])
ZOOMS = ("api.zoom.us", "zoom.us")


def sim(path: str, **body: Any) -> Any:
    """Make a control call of the simulator's."""
    request = Request(f"{FACTS['url']}/sim/{path}", data=json.dumps(body).encode(), method="POST")
    with urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def lead_here() -> None:
    """Lead what `requests` sends to Zoom's hosts here."""
    import requests

    def send(self: Any, request: Any, **options: Any) -> Any:
        there = urlsplit(request.url)
        if there.hostname in ZOOMS:
            here = urlsplit(FACTS["url"])
            request.url = urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))
        return as_before(self, request, **options)

    as_before = requests.Session.send
    requests.Session.send = send


def held(number: int) -> None:
    """Let a meeting take place with one guest."""
    sim(f"meetings/{number}/start")
    sim(f"meetings/{number}/join", name="Omar Aziz")
    sim(f"meetings/{number}/end")
