"""
What can go wrong with Zoom, told apart by what the caller can do about it.

The text of an error is fit for logs and people: what happened, method, path template, HTTP status, Zoom's code, and
Zoom's own message after `safe_text` took out what could be an address, a link or a secret. Never a body.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Literal, TypedDict, Unpack

LONGEST_MESSAGE = 300

# A link, an e-mail address, or an unbroken run of 32 and more characters such as a token or an encrypted passcode, but
# not the long lower-case names of Zoom's own fields.
_UNSAFE = re.compile(
    r"\w+://\S+|[^\s<>(),;:]+@[^\s<>(),;:]+|(?<![\w.])(?=[a-z_.]*[A-Z0-9+/=~%-])[A-Za-z0-9+/=_.~%-]{32,}"
)


class Where(TypedDict, total=False):
    """What an error knows of the request and its answer; see ZoomError."""

    method: str
    path: str
    status: int | None
    code: int | None
    retry_after: float | None
    may_have_happened: bool
    tracking_id: str | None


class ZoomError(Exception):
    """
    Zoom did not do what was asked. The class says why; this base class is for answers nobody has documented.

    `retryable`: the same request may succeed later without anybody changing anything, not before `retry_after` seconds
    when that is known. `may_have_happened`: the request may have taken effect although no success was seen.
    """

    retryable: ClassVar[bool] = False
    summary: ClassVar[str] = "Zoom gave an answer that is not understood"

    def __init__(
        self,
        reason: str = "",
        *,
        method: str = "",
        path: str = "",
        status: int | None = None,
        code: int | None = None,
        retry_after: float | None = None,
        may_have_happened: bool = False,
        tracking_id: str | None = None,
    ) -> None:
        self.method = method
        self.path = path
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.may_have_happened = may_have_happened
        self.tracking_id = tracking_id
        super().__init__(self._sentence(reason))

    def _sentence(self, reason: str) -> str:
        where = [f"{self.method} {self.path}"] if self.method else []
        if self.status is not None:
            where.append(f"status {self.status}")
        if self.code is not None:
            where.append(f"code {self.code}")
        text = self.summary + (f": {reason.rstrip('.')}" if reason else "")
        return text + (f" ({', '.join(where)})." if where else ".")


class ZoomUnavailable(ZoomError):
    """No answer in time, no connection, or trouble inside Zoom."""

    retryable = True
    summary = "Zoom cannot be reached at the moment"


class ZoomThrottled(ZoomError):
    """Too many requests this second, or several writes to one thing at once: Zoom refused it and did nothing."""

    retryable = True
    summary = "Zoom asks for fewer requests per second"


DailyScope = Literal["account", "host", "registrant"]


class ZoomDailyLimit(ZoomError):
    """A daily limit is spent, by the account, one host, or one registrant. `retry_after` reaches to the next UTC day."""

    retryable = True
    summary = "A daily limit of Zoom is reached"

    def __init__(self, reason: str = "", *, scope: DailyScope, **where: Unpack[Where]) -> None:
        self.scope = scope
        super().__init__(reason or f"that of this {scope}", **where)


class ZoomCircuitOpen(ZoomError):
    """Zoom failed several times in a row, so nobody asks until `retry_after`. Nothing was sent."""

    retryable = True
    summary = "Zoom has been failing and is being left alone for a moment"


class ZoomBusy(ZoomError):
    """Our own queue for Zoom is too long for the caller's deadline. Nothing was sent."""

    retryable = True
    summary = "Too many requests to Zoom are waiting"


@dataclass(frozen=True, kw_only=True, slots=True)
class InvalidField:
    """One field that Zoom refused: its dotted path in the request body, and why."""

    field: str
    message: str


class ZoomInvalid(ZoomError):
    """Zoom refused the input. `fields` names the fields, when Zoom does."""

    summary = "Zoom refused the request"

    def __init__(self, reason: str = "", *, fields: tuple[InvalidField, ...] = (), **where: Unpack[Where]) -> None:
        self.fields = fields
        named = "; ".join(f"{field.field}: {field.message.rstrip('.')}" for field in fields)
        text = f"{reason.rstrip('.')} ({named})" if named else reason
        super().__init__(text, **where)


class ZoomNotFound(ZoomError):
    """Zoom says that the user, meeting or record does not exist (any more)."""

    summary = "Zoom has no such thing"


class ZoomNotPermitted(ZoomError):
    """The account or the host may not do this: no licence, disabled, another account's. A person must act."""

    summary = "Zoom does not permit this"


class ZoomScopeMissing(ZoomError):
    """The app lacks one of `scopes`. Add it in the Zoom App Marketplace and activate the app again."""

    summary = "The Zoom app lacks a scope"

    def __init__(self, reason: str = "", *, scopes: tuple[str, ...] = (), **where: Unpack[Where]) -> None:
        self.scopes = scopes
        text = f"one of {', '.join(scopes)}" if scopes else reason
        super().__init__(text, **where)


class ZoomUnauthorized(ZoomError):
    """Zoom refuses the credentials, or a token it has just issued."""

    summary = "Zoom refused the credentials"


class ZoomGrantLost(ZoomUnauthorized):
    """What a user consented to is good for nothing (any more): used, too old, revoked, or the user is gone."""

    summary = "Zoom takes the user's consent no longer"


class ZoomNotConfigured(ZoomError):
    """There are no credentials to ask Zoom with."""

    summary = "Zoom integration not configured"


def safe_text(text: str) -> str:
    """Return one line of at most 300 characters in which links, e-mail addresses and long opaque strings are `…`."""
    return _UNSAFE.sub("…", " ".join(text.split()))[:LONGEST_MESSAGE]
