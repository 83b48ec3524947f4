"""What every request passes through, whatever part of the product answers it."""

import logging
import time
from collections.abc import Callable
from urllib.parse import unquote

import pghistory
import structlog
from allauth.account.middleware import AccountMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import BadRequest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from classbell.accounts.sign_ins.devices import remember
from classbell.accounts.sign_ins.kept import note_seen
from classbell.accounts.sign_ins.receivers import SIGNED_IN
from classbell.config.limits import is_limited
from classbell.config.request_ids import ENVIRON, HEADER, logged_under, request_id_of
from classbell.history import ACTOR
from classbell.meetings.sync.too_many_requests import count_too_many_requests
from classbell.operation.requests import REQUESTS, kind_of, operation_of
from classbell.secrecy import without_keys
from classbell.tracing import is_traced, span

log = structlog.get_logger(__name__)
ROOT = logging.getLogger()
SLOW_MILLISECONDS = 500
TOO_MANY_REQUESTS = 429
SIGNING_IN = "/api/auth/"
HISTORY_ID = "classbell.history_id"
READING = ("GET", "HEAD", "OPTIONS")
ANSWER_POLICY = "default-src 'none'; frame-ancestors 'none'"
# Swagger UI has styles and images in its scripts.
DESCRIPTION_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
GetResponse = Callable[[HttpRequest], HttpResponse]


def optional_trailing_slash(get_response: GetResponse) -> GetResponse:
    """Let every API path be written with or without its trailing slash, without a redirect."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/") and request.path_info.endswith("/"):
            request.path_info = request.path_info.rstrip("/")
        return get_response(request)

    return middleware


def never_kept(get_response: GetResponse) -> GetResponse:
    """For the API: let nobody on the way keep an answer that does not say otherwise; it is one person's, or a key."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def shown_nowhere_else(get_response: GetResponse) -> GetResponse:
    """For the API: let no page hold an answer in a frame, nor an answer be a page; its description is the one page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        response.headers.setdefault("Content-Security-Policy", DESCRIPTION_POLICY if is_page else ANSWER_POLICY)
        response.headers.setdefault("X-Frame-Options", "DENY")
        return response

    return middleware


def no_null_characters(get_response: GetResponse) -> GetResponse:
    """Refuse addresses with a null character, which nobody means and PostgreSQL cannot keep. Raises BadRequest."""

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = request.path_info
        # The API's own validation says which field it is.
        if not asked.startswith("/api/"):
            asked += unquote(request.META.get("QUERY_STRING", ""))
        if "\0" in asked:
            raise BadRequest
        return get_response(request)

    return middleware


def head_as_get(get_response: GetResponse) -> GetResponse:
    """Answer HEAD wherever the API answers GET: the same without its body (RFC 9110, section 9.3.2)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "HEAD":
            return get_response(request)
        request.method = "GET"
        response = get_response(request)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
        return response

    return middleware


def request_log(get_response: GetResponse) -> GetResponse:
    """
    Give each request its number, and log one line of it: method, path without query, status, milliseconds. Static files stay
    silent, and what was only read, quickly and well, is said at level DEBUG: it is most of the traffic and a good part of its
    cost.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/static/"):
            return get_response(request)
        request_id = request_id_of(request.META.get(ENVIRON))
        headers = request.headers if is_traced() else None
        with logged_under(request_id), span("request", values={"request_id": request_id}, headers=headers) as set_value:
            response = answered(request)
            if is_traced():
                set_value("operation", _operation_of(request))
                set_value("status", response.status_code)
        response.headers[HEADER] = request_id
        return response

    def answered(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = get_response(request)
        milliseconds = (time.perf_counter() - started) * 1000
        seconds, kind = milliseconds / 1000, kind_of(request.path_info)
        REQUESTS.add(_operation_of(request), kind=kind, status=response.status_code, seconds=seconds)
        unremarkable = request.method == "GET" and response.status_code < 400 and milliseconds < SLOW_MILLISECONDS
        level = logging.DEBUG if unremarkable else logging.INFO
        if ROOT.isEnabledFor(level):
            log.log(
                level,
                "request",
                method=request.method,
                path=request.path_info,
                status=response.status_code,
                milliseconds=round(milliseconds, 1),
                **_in_history(request),
            )
        return response

    return middleware


def _operation_of(request: HttpRequest) -> str:
    return operation_of(request.method or "", request.resolver_match.route if request.resolver_match else None)


def refusals_counted(get_response: GetResponse) -> GetResponse:
    """Count and log what was answered 429 by what was asked for; `config.limits` counts by itself what it refuses."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == TOO_MANY_REQUESTS and not is_limited(request):
            kind = request.resolver_match.view_name if request.resolver_match else "unknown"
            log.warning("too_many_requests", kind=kind, path=request.path_info)
            count_too_many_requests(kind)
        return response

    return middleware


def _in_history(request: HttpRequest) -> dict[str, str]:
    """Return the number under which the history knows what a request changed."""
    number = request.META.get(HISTORY_ID)
    return {"history_id": number} if number else {}


def session_of_pages(get_response: GetResponse) -> GetResponse:
    """
    For the API: know who is signed in to the pages, when their session's cookie comes along, and for signing in.

    Everybody else proves who they are by token, and no session is looked for.
    """
    with_session = SessionMiddleware(AuthenticationMiddleware(AccountMiddleware(get_response)))

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES or request.path_info.startswith(SIGNING_IN):
            return with_session(request)  # type: ignore[return-value]  # it answers what get_response does
        request.user = AnonymousUser()
        return get_response(request)

    return middleware


def sign_in_noted(get_response: GetResponse) -> GetResponse:
    """For pages: note now and then that a sign-in is in use, for its owner to see where they are signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            try:
                note_seen(request, user, now=timezone.now())
            except DatabaseError:
                # Whoever only reads goes on reading while nothing can be written.
                log.warning("sign_in_not_noted", exc_info=True)
        return get_response(request)

    return middleware


def device_known(get_response: GetResponse) -> GetResponse:
    """Remember in a signed cookie that somebody has signed in on this device: others' failures do not slow it down."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        user_id = request.META.get(SIGNED_IN)
        if user_id is not None:
            remember(request, response, user_id)
        return response

    return middleware


def history(get_response: GetResponse) -> GetResponse:
    """
    Let the history of what a request changes say who asked for it, and where. Requests that only read pay nothing.

    Callers of the API are known later than this: `@allowed` says who they are.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in READING:
            return get_response(request)
        known = {ACTOR: str(request.user.pk)} if request.user.is_authenticated else {}
        with pghistory.context(method=request.method, path=without_keys(request.path_info), **known) as context:
            request.META[HISTORY_ID] = str(context.id)
            return get_response(request)

    return middleware
