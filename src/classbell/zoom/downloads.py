"""
Fetching recorded files from where Zoom has them: beside the API, without its weights, and from another address than the
first.
"""

import re
from typing import Final
from urllib.parse import urlsplit

import httpx

from classbell.zoom.errors import ZoomNotFound, ZoomUnauthorized, ZoomUnavailable

# What errors and logs may name: the address itself carries what opens the file.
PATH: Final = "/rec/download"
ZOOMS_HOSTS: Final = ("zoom.us", "zoomgov.com", "zoom.com")
CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
SHORTEST_SECONDS: Final = 0.25
FEW_REDIRECTS: Final = 5


def is_of_zoom(url: str, api_url: str) -> bool:
    """Say whether an address is Zoom's, or of whatever stands in Zoom's place at `api_url`."""
    asked, api = urlsplit(url), urlsplit(api_url)
    if (asked.scheme, asked.netloc) == (api.scheme, api.netloc):
        return True
    host = asked.hostname or ""
    return asked.scheme == "https" and any(host == name or host.endswith(f".{name}") for name in ZOOMS_HOSTS)


def fetch_part(
    http: httpx.Client, url: str, access_token: str, *, first: int, last: int, seconds: float
) -> tuple[bytes, int]:
    """
    Return the bytes from `first` to `last` and the length of the whole, following Zoom to where the file lies.

    httpx takes the token off when that is another host. Raises ZoomNotFound, ZoomUnauthorized, ZoomUnavailable.
    """
    headers = {
        "Authorization": f"Bearer {access_token}",
        "Range": f"bytes={first}-{last}",
        "Accept-Encoding": "identity",
    }
    try:
        with http.stream(
            "GET", url, headers=headers, follow_redirects=True, timeout=max(seconds, SHORTEST_SECONDS)
        ) as answer:
            _check(answer)
            return _read(answer, first=first, last=last)
    except (httpx.RequestError, httpx.TooManyRedirects) as error:
        # Without the cause: its traceback's frames hold the request with its token.
        raise ZoomUnavailable(type(error).__name__, method="GET", path=PATH) from None


def _check(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (404, 410):
        raise ZoomNotFound("there is no such file", method="GET", path=PATH, status=status)
    if status in (401, 403):
        raise ZoomUnauthorized("the file is not given to this app", method="GET", path=PATH, status=status)
    if not (answer.is_success or status == 416) or "text/html" in answer.headers.get("content-type", ""):
        raise ZoomUnavailable(f"it answered {status} in place of a file", method="GET", path=PATH, status=status)


def _read(answer: httpx.Response, *, first: int, last: int) -> tuple[bytes, int]:
    said = answer.headers.get("content-range", "")
    if answer.status_code == 416:
        return b"", int(said.rpartition("/")[2]) if said.rpartition("/")[2].isdecimal() else first
    if found := CONTENT_RANGE.fullmatch(said):
        return answer.read(), int(found[3])
    # The whole file came: what stands before and after is left out.
    wanted, passed = bytearray(), 0
    for chunk in answer.iter_bytes():
        wanted += chunk[max(0, first - passed) : max(0, last + 1 - passed)]
        passed += len(chunk)
        if passed > last:
            break
    length = answer.headers.get("content-length", "")
    return bytes(wanted), int(length) if length.isdecimal() else passed
