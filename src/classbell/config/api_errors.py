"""Every error of the API in the shape of the contract, and in the envelope of `/api/v1/` there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from classbell.config.api_validation import explain, sentence
from classbell.config.statements import TookTooLong
from classbell.errors import DomainError, NotAllowed, NotSignedIn, NotThere
from classbell.postgres.trouble import trouble_of, was_stopped
from classbell.tables.limits import UploadTooLarge
from classbell.zoom.errors import ZoomBusy, ZoomCircuitOpen, ZoomError, ZoomNotConfigured

log = structlog.get_logger(__name__)

ENVELOPE_PREFIX = "/api/v1/"
CODES = {
    400: "invalid_input",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "too_many_requests",
}


def render_errors(api: NinjaAPI) -> None:
    """Let `api` answer every exception as the contract says."""
    handlers: Mapping[type[Exception], Callable[..., HttpResponse]] = {
        DomainError: _domain_error,
        ValidationError: _validation_error,
        AuthenticationError: lambda request, _error: _domain_error(request, NotSignedIn()),
        PermissionDenied: lambda request, _error: _domain_error(request, NotAllowed()),
        Http404: lambda request, _error: _domain_error(request, NotThere()),
        RequestDataTooBig: lambda request, _error: _http_error(request, HttpError(413, _("The body is too large."))),
        UploadTooLarge: lambda request, error: _http_error(request, HttpError(413, str(error))),
        SuspiciousOperation: lambda request, _error: unreadable(request),
        BadRequest: lambda request, _error: unreadable(request),
        MultiPartParserError: lambda request, _error: unreadable(request),
        UnreadablePostError: lambda request, _error: unreadable(request),
        HttpError: _http_error,
        ZoomError: _zoom_error,
        OperationalError: _database_error,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def error_response(
    request: HttpRequest, status: int, message: str, code: str, details: Sequence[Mapping[str, Any]] = ()
) -> HttpResponse:
    """Return an error in the shape that belongs to the request's path."""
    body: dict[str, Any]
    if request.path_info.startswith(ENVELOPE_PREFIX):
        body = {"status": "error", "message": message, "code": code, "details": list(details)}
    else:
        body = {"error": message, "code": code, "details": list(details)}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def method_not_allowed(request: HttpRequest, response: HttpResponseNotAllowed) -> HttpResponse:
    """Return a 405 in the contract's shape; `Allow` says which methods there are."""
    allowed = response.headers["Allow"]
    text = _("%(method)s is not possible here; use %(allowed)s.") % {"method": request.method, "allowed": allowed}
    answer = error_response(request, 405, text, CODES[405])
    answer.headers["Allow"] = allowed
    return answer


def unknown_path(request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
    """Answer 404 for a path of the API that there is not."""
    return error_response(request, 404, _("The API has no such path. See /api/docs for those it has."), CODES[404])


def unreadable(request: HttpRequest) -> HttpResponse:
    """Answer 400 for what is no sensible HTTP request."""
    return error_response(request, 400, _("This request cannot be read."), CODES[400])


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without a word about what happened."""
    return error_response(request, 500, _("Something went wrong on our side. Try again later."), "server_error")


def _domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    response = error_response(request, error.status, str(error), error.code, error.details)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if (seconds := getattr(error, "retry_after_seconds", None)) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    details = explain(error.errors)
    return error_response(request, 400, sentence(details[0]), CODES[400], details)


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, DomainError):  # What the parser found, wrapped by ninja.
        return _domain_error(request, error.__cause__)
    status = error.status_code
    text = _("The body is not valid JSON.") if status == 400 else str(error)
    return error_response(request, status, text, CODES.get(status, "refused"))


def _zoom_error(request: HttpRequest, error: ZoomError) -> HttpResponse:
    log.warning("zoom_failed", path=request.path_info, error=str(error))
    if isinstance(error, ZoomNotConfigured):
        return error_response(request, 503, "Zoom integration not configured", "zoom_not_configured")
    if isinstance(error, ZoomCircuitOpen | ZoomBusy):
        response = error_response(request, 503, str(error), "zoom_unavailable")
    else:
        response = error_response(request, 500, f"Failed to get this done by Zoom: {error}", "zoom_failed")
    if error.retryable and error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


def _database_error(request: HttpRequest, error: OperationalError) -> HttpResponse:
    return _domain_error(request, TookTooLong()) if was_stopped(error) else _unexpected(request, error)


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    if trouble_of(error):
        raise error  # Answered for pages and the API at one place: `handler500`.
    log.error("request_failed", method=request.method, path=request.path_info, exc_info=error)
    return server_error(request)
