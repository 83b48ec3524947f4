"""What every request passes through, whatever part of the product answers it."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

log = structlog.get_logger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]


def optional_trailing_slash(get_response: GetResponse) -> GetResponse:
    """Let every API path be written with or without its trailing slash, without a redirect."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/") and request.path_info.endswith("/"):
            request.path_info = request.path_info.rstrip("/")
        return get_response(request)

    return middleware


def request_log(get_response: GetResponse) -> GetResponse:
    """Log one line a request: method, path without query, status, milliseconds. Static files stay silent."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = get_response(request)
        if not request.path_info.startswith("/static/"):
            log.info(
                "request",
                method=request.method,
                path=request.path_info,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )
        return response

    return middleware
