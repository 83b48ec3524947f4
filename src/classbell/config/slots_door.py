"""
A way for free times that goes past Django's: everybody may ask, everybody gets the same, and nothing is asked for as often.

It ends at the same function as the API's operation. Whatever is out of the ordinary (a cookie, a parameter that is wrong or
twice there, nobody there by that id, a holiday whose name depends on the reader's language, too many requests) takes the
ordinary way, which meets it again and knows how to answer.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from django.db import close_old_connections
from django.utils import timezone

from classbell.bookings.free_times import free_times
from classbell.bookings.schemas.teachers import SlotsQuery
from classbell.clients import CLIENT
from classbell.config.limits import ADMITTED, admit_address, headers_of
from classbell.config.middleware import ANSWER_POLICY, SLOW_MILLISECONDS
from classbell.config.request_ids import ENVIRON, HEADER, logged_under, request_id_of
from classbell.operation.requests import REQUESTS
from classbell.tracing import is_traced

log = structlog.get_logger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

OPERATION: Final = "GET /api/bookings/slots/available"
PATHS: Final = frozenset({"/api/bookings/slots/available", "/api/bookings/slots/available/"})
# Those that the API's middlewares put on every such answer: tests/config/test_slots_door.py holds them beside each other.
HEADERS: Final = (
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", ANSWER_POLICY),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Vary", "Accept-Language"),
)


def with_slots_door(application: Application) -> Application:
    """Return a WSGI application that answers for free times and leaves all other requests to `application`."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] not in PATHS or not _is_expected(environ):
            return application(environ, start_response)
        allowance = admit_address(environ.get(CLIENT) or environ.get("REMOTE_ADDR", ""))
        if allowance is not None:
            if allowance.is_refused:
                return application(environ, start_response)
            environ[ADMITTED] = allowance
        began = time.perf_counter()
        request_id = environ[ENVIRON] = request_id_of(environ.get(ENVIRON))
        try:
            with logged_under(request_id):
                body = _body(environ["QUERY_STRING"])
        except Exception:  # noqa: BLE001 -- the edge of the process: said no to, or the database was away
            body = None
        seconds = time.perf_counter() - began
        if body is None:
            return application(environ, start_response)
        if (milliseconds := round(seconds * 1000, 1)) >= SLOW_MILLISECONDS:
            log.info(
                "request",
                request_id=request_id,
                method="GET",
                path=environ["PATH_INFO"],
                status=200,
                milliseconds=milliseconds,
            )
        REQUESTS.add(OPERATION, kind="api", status=200, seconds=seconds)
        said = headers_of(allowance) if allowance is not None else ()
        start_response("200 OK", [*HEADERS, ("Content-Length", str(len(body))), (HEADER, request_id), *said])
        return [body]

    return answer


def _is_expected(environ: Environ) -> bool:
    return environ["REQUEST_METHOD"] == "GET" and not environ.get("HTTP_COOKIE") and not is_traced()


def _body(query: str) -> bytes | None:
    """Return the answer, None where the ordinary way is to give it. Raises what is wrong with the question."""
    pairs = parse_qsl(query, keep_blank_values=True)
    asked = dict(pairs)
    if len(asked) != len(pairs) or "booking_id" in asked:
        return None
    close_old_connections()
    text, found = free_times(SlotsQuery.model_validate(asked), now=timezone.now())
    return None if found.warned else text.encode()
