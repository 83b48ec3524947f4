"""
Pages of other sites that ask `/api/public/` by themselves, from a browser.

Only those may whom the school named as sites that show its pages, and only while it is open. They are answered as anybody is:
no cookie and no token goes along. The protocol is CORS, of the Fetch standard.
"""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from classbell.config.middleware import GetResponse
from classbell.door.queries import school

PUBLIC: Final = "/api/public/"
ASKED_FIRST: Final = "Access-Control-Request-Method"
# A browser asks again after this many seconds whether it may: a site that is taken off the list is out by then.
REMEMBERED_SECONDS: Final = 600
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, Idempotency-Key, If-None-Match",
    "Access-Control-Max-Age": str(REMEMBERED_SECONDS),
}
SHOWN: Final = "ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"


def other_sites(get_response: GetResponse) -> GetResponse:
    """For the API: let pages of the sites that the school named read what everybody may; a preflight goes no further."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PUBLIC):
            return get_response(request)
        origin = request.headers.get("Origin", "")
        is_named = bool(origin) and _is_named(origin)
        is_preflight = request.method == "OPTIONS" and ASKED_FIRST in request.headers
        response = HttpResponse(status=204) if is_preflight else get_response(request)
        # Answers may be kept on the way, for whoever asks next.
        patch_vary_headers(response, ["Origin"])
        if is_named:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = SHOWN
            if is_preflight:
                for name, value in PREFLIGHT.items():
                    response.headers[name] = value
        return response

    return middleware


def _is_named(origin: str) -> bool:
    page = school()
    return page.is_open and origin in page.allowed_origins
