"""The exceptions that every module may raise to say no."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _


class DomainError(Exception):
    """
    A rule said no: expected, shown to the person, never logged as a crash.

    `details` is a list of JSON-ready objects for whoever wants more than the sentence (clashes, fields, lines of a file).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, details: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.details = list(details)


class NotSignedIn(DomainError):
    """Nobody is signed in, or not with what was sent."""

    code = "not_signed_in"
    status = 401

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("Sign in first: send a valid access token."))


class NotAllowed(DomainError, PermissionDenied):
    """This person may not do this. In a page, Django answers 403."""

    code = "not_allowed"
    status = 403

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("You may not do this."))


class NotThere(DomainError, Http404):
    """It does not exist, or not for this person. In a page, Django answers 404."""

    code = "not_found"
    status = 404

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("There is no such thing here."))


class TooManyRequests(DomainError):
    """Somebody asks faster than we allow; they may ask again in `retry_after_seconds`."""

    code = "too_many_requests"
    status = 429

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ZoomFailed(DomainError):
    """Zoom failed something that cannot be postponed. Reads "Failed to <attempt>: <reason>"."""

    code = "zoom_failed"
    status = 500

    def __init__(self, attempt: str, reason: object) -> None:
        super().__init__(f"Failed to {attempt}: {reason}")
