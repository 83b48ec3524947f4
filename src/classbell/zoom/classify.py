"""Which error an answer of Zoom means: one table, and the ways in which one 429 differs from another."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from classbell.zoom.errors import (
    DailyScope,
    InvalidField,
    ZoomDailyLimit,
    ZoomError,
    ZoomGrantLost,
    ZoomInvalid,
    ZoomNotFound,
    ZoomNotPermitted,
    ZoomScopeMissing,
    ZoomThrottled,
    ZoomUnauthorized,
    ZoomUnavailable,
    safe_text,
)

# (HTTP status, Zoom's code) → error. Status None: Zoom has been seen to answer that code with several statuses.
# Source: the error tables of the calls used here, Zoom API reference for meetings, users and reports (August 2026),
# https://developers.zoom.us/docs/api/; entries marked "field" come from reports of integrations in production.
ERRORS: Final[Mapping[tuple[int | None, int], type[ZoomError]]] = {
    (None, 4711): ZoomScopeMissing,  # field: both 400 and 401
    (None, 104): ZoomScopeMissing,  # field: other products of Zoom
    (None, 124): ZoomUnauthorized,  # 401; 400 on GET /users/{userId}/token
    (400, 200): ZoomNotPermitted,  # paid accounts only, or no permission
    (400, 300): ZoomInvalid,  # validation, bad JSON, bad page token, bad occurrence, registration is off
    (400, 303): ZoomInvalid,  # batch registration is not for this type of meeting
    (400, 404): ZoomInvalid,  # registration is off
    (404, 300): ZoomInvalid,  # field: registration is off
    (404, 404): ZoomInvalid,  # field: registration is off
    (400, 1001): ZoomNotFound,  # GET /users/me/zak
    (400, 1010): ZoomNotPermitted,  # a user of another account
    (400, 1114): ZoomInvalid,  # field: an alternative host that cannot be one
    (400, 1120): ZoomNotPermitted,  # the user has not accepted the invitation
    (400, 2300): ZoomInvalid,  # no such endpoint
    (404, 2300): ZoomInvalid,  # field: the same
    (400, 3000): ZoomInvalid,  # a webinar's id; a host one cannot schedule for; a blocked domain
    (400, 3002): ZoomInvalid,  # the meeting is running
    (400, 3003): ZoomNotPermitted,  # not its host
    (400, 3007): ZoomInvalid,  # the meeting has ended
    (400, 3018): ZoomInvalid,  # a personal meeting cannot be deleted
    (400, 3027): ZoomInvalid,  # a host cannot register
    (400, 3034): ZoomInvalid,  # an e-mail address that is not accepted
    (400, 3037): ZoomInvalid,  # a personal audio conference cannot be deleted
    (400, 3038): ZoomInvalid,  # registration after the end
    (400, 3043): ZoomInvalid,  # no more registrants fit
    (400, 3051): ZoomInvalid,  # an e-mail address that is not accepted
    (400, 3063): ZoomInvalid,  # a meeting on one's own servers
    (400, 3161): ZoomNotPermitted,  # the user may not host or schedule: no licence, disabled
    (400, 12702): ZoomInvalid,  # older than a year
    (403, 2306): ZoomNotPermitted,  # may not list that user's meetings
    (404, 1001): ZoomNotFound,
    (404, 3001): ZoomNotFound,
    (404, 3301): ZoomNotFound,  # no recording
    (409, 1005): ZoomInvalid,  # the e-mail address is in use
}

# For codes nobody has documented. A 404 is missing on purpose: without a code it can come from a proxy or a wrong base
# URL, and what is taken for deleted would be created a second time.
ERRORS_BY_STATUS: Final[Mapping[int, type[ZoomError]]] = {
    400: ZoomInvalid,
    401: ZoomUnauthorized,
    403: ZoomNotPermitted,
    409: ZoomInvalid,
}

# When Zoom names no time: the per-second window is over after one (rate limits page).
THROTTLED_PAUSE_SECONDS: Final = 1.0

TRACKING_HEADER: Final = "x-zm-trackingid"
TOKEN_PATH: Final = "/oauth/token"
_SCOPES = re.compile(r"scopes?:?\s*\[([^\]]*)\]")


def error_from_answer(
    *, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes, now: datetime
) -> ZoomError:
    """
    Return the error that an answer other than success means.

    `headers` must ignore case, as httpx's do. `path` is the template, which holds no names or ids.
    """
    answer = _json_object(body)
    code = answer["code"] if isinstance(answer.get("code"), int) else None
    message = answer["message"] if isinstance(answer.get("message"), str) else ""
    where: dict[str, Any] = {
        "method": method,
        "path": path,
        "status": status,
        "code": code,
        "tracking_id": headers.get(TRACKING_HEADER),
    }
    if status == 429:
        return _too_many(message, headers, now, where)
    if status >= 500:
        after = seconds_to_wait(headers.get("retry-after"), now)
        reason = safe_text(message) or "it has trouble of its own"
        return ZoomUnavailable(reason, retry_after=after, may_have_happened=method != "GET", **where)
    kind, scopes = _kind(status, code), _scopes(message)
    # Field: under 4711, 4700 and 104. Where Zoom names scopes, the credentials are good and the app lacks those.
    if scopes or kind is ZoomScopeMissing:
        return ZoomScopeMissing(safe_text(message), scopes=scopes, **where)
    if kind is ZoomInvalid:
        return ZoomInvalid(safe_text(message), fields=_fields(answer), **where)
    return kind(safe_text(message), **where)


def error_from_token_answer(*, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> ZoomError:
    """
    Return the error that an answer of the token endpoint means. Its `error` is an open set of words.

    Source: https://developers.zoom.us/docs/internal-apps/s2s-oauth/
    """
    where: dict[str, Any] = {"method": "POST", "path": TOKEN_PATH, "status": status}
    where["tracking_id"] = headers.get(TRACKING_HEADER)
    after = seconds_to_wait(headers.get("retry-after"), now)
    if status == 429:
        return ZoomThrottled(retry_after=after or THROTTLED_PAUSE_SECONDS, **where)
    if status >= 500:
        return ZoomUnavailable("it has trouble of its own", retry_after=after, **where)
    answer = _json_object(body)
    said = ", ".join(safe_text(str(answer[name])) for name in ("reason", "error") if answer.get(name))
    if status not in {400, 401, 403}:
        return ZoomError(said, **where)
    # RFC 6749, 5.2: the code or refresh token is invalid, expired, revoked, or another client's.
    return (ZoomGrantLost if answer.get("error") == "invalid_grant" else ZoomUnauthorized)(said, **where)


def _kind(status: int, code: int | None) -> type[ZoomError]:
    if code is not None:
        for key in ((status, code), (None, code)):
            if key in ERRORS:
                return ERRORS[key]
    return ERRORS_BY_STATUS.get(status, ZoomError)


def _too_many(message: str, headers: Mapping[str, str], now: datetime, where: dict[str, Any]) -> ZoomError:
    """Tell Zoom's 429s apart, which it does by the text alone (and, on some answers, by X-RateLimit-Type)."""
    after = seconds_to_wait(headers.get("retry-after"), now)
    text = message.lower()
    if "daily rate limit" not in text and headers.get("x-ratelimit-type", "").lower() != "daily-limit":
        return ZoomThrottled(safe_text(message), retry_after=after or THROTTLED_PAUSE_SECONDS, **where)
    scope: DailyScope = "account"
    if "registrant" in text:
        scope = "registrant"
    elif "this particular user" in text:
        scope = "host"
    return ZoomDailyLimit(safe_text(message), scope=scope, retry_after=after or seconds_to_utc_midnight(now), **where)


def seconds_to_wait(retry_after: str | None, now: datetime) -> float | None:
    """
    Return the seconds a Retry-After header asks for, None without one that can be read.

    Zoom writes an ISO 8601 date-time; seconds and HTTP dates are what everybody else on the way may write.
    """
    if retry_after is None:
        return None
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except ValueError:
            continue
        return max(0.0, (_aware(moment) - now).total_seconds())
    return None


def seconds_to_utc_midnight(now: datetime) -> float:
    """Return how long until Zoom's daily limits start anew."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=1) - now).total_seconds()


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _json_object(body: bytes) -> dict[str, Any]:
    """Return the answer's object, empty for what a proxy or an overloaded Zoom sends instead of one."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _fields(answer: Mapping[str, Any]) -> tuple[InvalidField, ...]:
    errors = answer.get("errors")
    if not isinstance(errors, list):
        return ()
    return tuple(
        InvalidField(field=safe_text(str(error.get("field", ""))), message=safe_text(str(error.get("message", ""))))
        for error in errors
        if isinstance(error, dict)
    )


def _scopes(message: str) -> tuple[str, ...]:
    found = _SCOPES.search(message)
    return tuple(scope.strip() for scope in found[1].split(",") if scope.strip()) if found else ()
