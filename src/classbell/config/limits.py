"""
How often anybody may ask: each key, each person, and each address for whoever is not signed in. So a whole school behind one
address shares nothing but the pages that visitors see. docs/api-keys.md says it to those who write programs.

Counted in the memory of each process (`buckets.py`): docs/decisions/0009 says why, and what that comes to with several.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import ngettext
from ninja.throttling import BaseThrottle

from classbell.accounts.models import ApiKey
from classbell.buckets import Allowance, Buckets, Limit
from classbell.clients import address_of, network_of
from classbell.config.not_taken_in import Refused, Tally, answer_to

log = structlog.get_logger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]

SECONDS: Final = 60
# Where a door before Django says in a request's `META` that it has taken it out of a bucket.
ADMITTED: Final = "classbell.admitted"
# Health and measures are asked by machines of ours, and Zoom's messages prove themselves by their signature.
EXEMPT: Final = frozenset({"/healthz", "/healthz/live", "/healthz/ready", "/metrics", "/api/zoom/webhook"})

BUCKETS: Final = Buckets()
TALLY: Final = Tally(prefix="limit_")


class RequestLimit(BaseThrottle):
    """Asked by every operation of the API once it is known who asks, and before it reads what was sent."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Say whether the request may go on; `limited_api` answers one that may not."""
        allowance = admit(request)
        return allowance is None or not allowance.is_refused


def limited_pages(get_response: GetResponse) -> GetResponse:
    """For pages: refuse who asks too often. Stands behind what says who is signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        allowance = admit(request)
        if allowance is None:
            return get_response(request)
        return _said(allowance, _refusal(request, allowance) if allowance.is_refused else get_response(request))

    return middleware


def limited_api(get_response: GetResponse) -> GetResponse:
    """
    For the API: say in each answer what is left, and refuse who asks too often.

    Operations ask themselves (`RequestLimit`). What never came to one, because nobody was let in or there is none, has cost
    little and changed nothing: it is counted here, afterwards.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        allowance = admit(request)
        if allowance is None:
            return response
        return _said(allowance, _refusal(request, allowance) if allowance.is_refused else response)

    return middleware


def admit(request: HttpRequest) -> Allowance | None:
    """Take a request out of the bucket of whoever asks, once however often this is called; None where nothing limits them."""
    if not hasattr(request, "allowance"):
        request.allowance = request.META.get(ADMITTED) or _take(request)  # type: ignore[attr-defined]  # read in this file
    found: Allowance | None = request.allowance  # type: ignore[attr-defined]
    return found


def admit_address(address: str) -> Allowance | None:
    """
    Do so for somebody of whom only the address is known, before there is a request; None where nothing limits them. What is
    refused here costs nothing and is not counted: `limited_api` meets it again, and says it.
    """
    requests = _limits()["address"]
    return BUCKETS.take(_bucket("address", network_of(address)), _limit(requests)) if requests else None


def headers_of(allowance: Allowance) -> Sequence[tuple[str, str]]:
    """Return what says in an answer what the limit is and what is left of it (draft-ietf-httpapi-ratelimit-headers)."""
    limit = allowance.limit
    return (
        ("RateLimit-Policy", f'"default";q={limit.requests};w={limit.seconds}'),
        ("RateLimit", f'"default";r={allowance.left};t={allowance.full_in}'),
    )


def is_limited(request: HttpRequest) -> bool:
    """Say whether a request was refused here."""
    allowance: Allowance | None = getattr(request, "allowance", None)
    return allowance is not None and allowance.is_refused


def _take(request: HttpRequest) -> Allowance | None:
    if request.path_info in EXEMPT or request.path_info.startswith("/api/zoom/webhook/"):
        return None
    kind, who = _who(request)
    requests = _limits()[kind]
    if not requests:
        return None
    allowance = BUCKETS.take(_bucket(kind, who), _limit(requests))
    if allowance.is_refused:
        log.info("limit_reached", kind=kind, who=who, path=request.path_info)
        TALLY.add(kind)
    return allowance


def _who(request: HttpRequest) -> tuple[str, str]:
    key: ApiKey | None = getattr(request, "api_key", None)
    if key is not None:
        return "key", str(key.pk)
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return "person", str(user.pk)
    return "address", network_of(address_of(request))


def _limits() -> Mapping[str, int]:
    environment = settings.ENVIRONMENT
    return {
        "key": environment.requests_per_key,
        "person": environment.requests_per_person,
        "address": environment.requests_per_address,
    }


def _bucket(kind: str, who: str) -> str:
    return f"{kind} {who}"


def _limit(requests: int) -> Limit:
    return Limit(requests=requests, seconds=SECONDS)


def _said(allowance: Allowance, response: HttpResponse) -> HttpResponse:
    for name, value in headers_of(allowance):
        response.headers[name] = value
    return response


def _refusal(request: HttpRequest, allowance: Allowance) -> HttpResponse:
    seconds = allowance.again_in
    said = ngettext(
        "These are too many requests at once. Go on in %(seconds)s second.",
        "These are too many requests at once. Go on in %(seconds)s seconds.",
        seconds,
    )
    refused = Refused(429, "too_many_requests", said % {"seconds": seconds})
    kind, content = answer_to(
        refused, path=request.path_info, headers=[("accept-language", translation.get_language())]
    )
    response = HttpResponse(content, status=429, content_type=kind)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    return response
