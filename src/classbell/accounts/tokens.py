"""
Classbell's own tokens: django-allauth's headless JWT strategy, with a session of its own behind each sign-in.

An access token lives an hour, and no longer than its session: both are asked for in the query that reads the account. A
refresh token works once; it is listed in its session, so ending the session ends it. One that is used again was copied: its
session ends with all its tokens, since nobody knows who holds the newer ones. A new password, another role and a deactivation
end both kinds at once: a session and an access token know what they began with (`User.get_session_auth_hash`).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import jwt
import structlog
from allauth.headless import app_settings
from allauth.headless.internal.sessionkit import new_session
from allauth.headless.tokens.strategies.jwt import internal as jwt_strategy
from allauth.headless.tokens.strategies.jwt.strategy import JWTTokenStrategy
from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from jwt.types import Options

from classbell.accounts.models import User
from classbell.errors import DomainError

log = structlog.get_logger(__name__)

# The claim of an access token by which it ends with what its sign-in began with.
MARK: Final = "mark"
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

    Of several exchanges of one token, one succeeds, and a second ends the sign-in. Raises InvalidRefreshToken.
    """
    with transaction.atomic():
        # The strategy reads and writes the list in the session without a lock.
        _lock(refresh_token)
        try:
            pair = app_settings.TOKEN_STRATEGY.refresh_token(refresh_token)
        except UpdateError as error:
            raise InvalidRefreshToken from error  # Signed out meanwhile.
        if pair is None:
            _end_family(refresh_token)
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
        claims = _read_access_token(token)
        key = jwt_strategy.session_key_from_sid(claims["sid"]) if claims else None
        if claims is None or key is None:
            return None
        lasting = Session.objects.filter(session_key=key, expire_date__gt=timezone.now())
        user = User.objects.filter(Exists(lasting), pk=claims["sub"], is_active=True).get()
        return user if constant_time_compare(claims.get(MARK, ""), _mark(user)) else None
    except (User.DoesNotExist, ValidationError):  # ValidationError: signed by us, but not about a person.
        return None


class TokenStrategy(JWTTokenStrategy):  # type: ignore[misc]  # allauth has no types
    """Tokens that know what their sign-in began with."""

    def get_claims(self, user: User) -> dict[str, Any]:
        """Return what an access token says besides the usual."""
        return {MARK: _mark(user)}


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


def _read_access_token(token: str) -> dict[str, Any] | None:
    """
    Return what a token says that we signed as an access token and that is not over; None for any other.

    One that another machine has just issued may seem to come from the future, by as little as clocks differ: that is fine.
    """
    options: Options = {"verify_iat": False, "verify_aud": False, "require": ["exp", "jti", "sub", "sid"]}
    try:
        claims = jwt.decode(token, settings.SECRET_KEY, algorithms=[app_settings.JWT_ALGORITHM], options=options)
    except jwt.PyJWTError:
        return None
    is_ours = claims.get("token_use") == "access" and isinstance(claims["sid"], str) and isinstance(claims["sub"], str)
    return claims if is_ours else None


def _mark(user: User) -> str:
    return salted_hmac("classbell.accounts.tokens", user.get_session_auth_hash()).hexdigest()[:24]


def _end_family(refresh_token: str) -> None:
    """End the sign-in of a token that was signed by us and is not good any more."""
    payload = jwt_strategy.decode_token(refresh_token, "refresh")
    session = jwt_strategy.get_token_session(payload) if payload else None
    if session is not None:
        log.warning("refresh_token_used_again", user_id=payload["sub"])
        session.flush()


def _lock(token: str) -> None:
    """Let one transaction at a time deal with this token."""
    key = int.from_bytes(hashlib.sha256(token.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
