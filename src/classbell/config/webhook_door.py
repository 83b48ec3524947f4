"""
A way for Zoom's webhooks that goes past Django's: they come by the hundred at every full hour, and Zoom waits three seconds.

It ends at the same service as the API's operation. Whatever is out of the ordinary takes the ordinary way, which meets it
again and knows how to answer.
"""

import json
import re
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, Final
from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone

from classbell.config.request_ids import ENVIRON, HEADER, logged_under, request_id_of
from classbell.meetings.webhooks.intake import MOST_BYTES, SIGNATURE_KEY, TIMESTAMP_KEY, receive
from classbell.operation.requests import REQUESTS

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

OPERATION: Final = "POST /api/zoom/webhook"
PATH: Final = re.compile(r"/api/zoom/webhook(?:/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?/?")


def with_webhook_door(application: Application) -> Application:
    """Return a WSGI application that takes in webhooks and leaves all other requests to `application`."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = PATH.fullmatch(environ["PATH_INFO"])
        if path is None or not _is_expected(environ):
            return application(environ, start_response)
        account = UUID(path[1]) if path[1] else None
        raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        began = time.perf_counter()
        request_id = environ[ENVIRON] = request_id_of(environ.get(ENVIRON))
        try:
            with logged_under(request_id):
                body = json.dumps(_receive(environ, raw, account)).encode()
        except Exception:  # noqa: BLE001 -- the edge of the process: said no to, or the database was away
            environ["wsgi.input"] = BytesIO(raw)
            return application(environ, start_response)
        REQUESTS.add(OPERATION, kind="webhook", status=200, seconds=time.perf_counter() - began)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), (HEADER, request_id)]
        start_response("200 OK", headers)
        return [body]

    return answer


def _is_expected(environ: Environ) -> bool:
    length = environ.get("CONTENT_LENGTH", "")
    return environ["REQUEST_METHOD"] == "POST" and length.isdecimal() and int(length) <= MOST_BYTES


def _receive(environ: Environ, raw: bytes, account: UUID | None) -> dict[str, Any]:
    close_old_connections()
    try:
        return receive(
            raw=raw,
            timestamp=environ.get(TIMESTAMP_KEY),
            signature=environ.get(SIGNATURE_KEY),
            now=timezone.now(),
            account=account,
        )
    finally:
        close_old_connections()
