"""
Classbell's own tokens: django-allauth's headless JWT strategy, with a session of its own behind each sign-in.

An access token is checked by its signature alone (no query) and lives an hour. A refresh token works once; it is listed in
its session, so ending the session ends it. A deactivated account or a new password ends both kinds at the next use of
either: the account is read for every request, and a session knows the password it began with.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from allauth.headless import app_settings
from allauth.headless.internal.sessionkit import new_session
from allauth.headless.tokens.strategies.jwt import internal as jwt_strategy
from django.contrib.auth import login
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import DomainError

BACKEND = "django.contrib.auth.backends.ModelBackend"


class InvalidRefreshToken(DomainError):
    """It is forged, expired, used before, or its sign-in has ended."""

    code = "invalid_refresh_token"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("This refresh token cannot be used (any more). Sign in again."))


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """What an app needs to act for somebody; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"


def issue_tokens(user: User) -> Tokens:
    """Begin a sign-in of its own for this person and return its first tokens."""
    request = HttpRequest()
    request.user, request.session = user, new_session()
    request.session.set_expiry(app_settings.JWT_REFRESH_TOKEN_EXPIRES_IN)
    login(request, user, backend=BACKEND)
    request.session.save()
    strategy = app_settings.TOKEN_STRATEGY
    payload = strategy.create_access_token_payload(request)
    request.session.save()  # The refresh token was listed in it.
    return _tokens(payload["access_token"], payload["refresh_token"])


def refresh_tokens(refresh_token: str) -> Tokens:
    """
    Exchange a refresh token for new tokens; it cannot be used again.

    Of several exchanges of one token at the same moment, one succeeds. Raises InvalidRefreshToken.
    """
    with transaction.atomic():
        # The strategy reads and writes the list in the session without a lock.
        _lock(refresh_token)
        try:
            pair = app_settings.TOKEN_STRATEGY.refresh_token(refresh_token)
        except UpdateError as error:
            raise InvalidRefreshToken from error  # Signed out meanwhile.
    if pair is None:
        raise InvalidRefreshToken
    return _tokens(*pair)


def revoke_tokens(refresh_token: str) -> None:
    """End the sign-in that this refresh token belongs to. Raises InvalidRefreshToken."""
    with transaction.atomic():
        _lock(refresh_token)
        found = jwt_strategy.validate_refresh_token(refresh_token)
        if found is None:
            raise InvalidRefreshToken
        _user, session, _payload = found
        session.flush()


def user_of_access_token(token: str) -> User | None:
    """Return whose access token this is, in one query; None for anything but a valid one of an account in use."""
    try:
        found = jwt_strategy.validate_access_token(token)
        return User.objects.get(pk=found[1]["sub"], is_active=True) if found else None
    except (User.DoesNotExist, ValidationError):  # ValidationError: signed by us, but not about a person.
        return None


def purge_ended_sign_ins(*, now: datetime) -> int:
    """Forget the sessions, of apps and of pages, that ran out; return how many."""
    deleted, _by_model = Session.objects.filter(expire_date__lt=now).delete()
    return deleted


def _tokens(access_token: str, refresh_token: str) -> Tokens:
    return Tokens(
        access_token=access_token,
        refresh_token=refresh_token,
        expires_in=app_settings.JWT_ACCESS_TOKEN_EXPIRES_IN,
    )


def _lock(token: str) -> None:
    """Let one transaction at a time deal with this token."""
    key = int.from_bytes(hashlib.sha256(token.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
