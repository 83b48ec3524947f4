"""
Classbell's own tokens: django-allauth's headless JWT strategy, with a session of its own behind each sign-in.

An access token lives an hour, and no longer than its session: both are asked for in the query that reads the account. A
refresh token works once; it is listed in its session, so ending the session ends it. One that is used again was copied: its
session ends with all its tokens, since nobody knows who holds the newer ones. A new password, another role and a deactivation
end both kinds at once: a session and an access token know what they began with (`User.get_session_auth_hash`).
"""

import base64
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import jwt
import structlog
from allauth.headless import app_settings
from allauth.headless.internal.sessionkit import new_session
from allauth.headless.tokens.strategies.jwt import internal as jwt_strategy
from allauth.headless.tokens.strategies.jwt.strategy import JWTTokenStrategy
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from jwt.types import Options

from classbell.accounts.marks import mark_of
from classbell.accounts.models import User
from classbell.accounts.sign_ins.kept import IS_APP, NOTED_EVERY, note_app_seen, note_seen
from classbell.errors import DomainError
from classbell.secret_keys import verifying_keys

log = structlog.get_logger(__name__)

# The claim of an access token by which it ends with what its sign-in began with.
MARK: Final = "mark"
BACKEND = "django.contrib.auth.backends.ModelBackend"


# Written out: each call of the API asks this, and Django takes longer to build it than the database to answer it.
WHOSE_TOKEN: Final = """
SELECT person.*, (SELECT seen_at FROM accounts_signin WHERE session_key = %(session)s LIMIT 1) AS app_seen_at
FROM accounts_user person
WHERE person.id = %(user)s AND person.is_active
    AND EXISTS (SELECT FROM django_session WHERE session_key = %(session)s AND expire_date > %(now)s)
"""


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


def issue_tokens(user: User, *, asked: HttpRequest | None = None) -> Tokens:
    """Begin a sign-in of its own for this person and return its first tokens; `asked` says from where it was asked."""
    request = _beside(asked)
    request.user, request.session = user, new_session()
    request.session.set_expiry(app_settings.JWT_REFRESH_TOKEN_EXPIRES_IN)
    request.session[IS_APP] = True
    login(request, user, backend=BACKEND)
    request.session.save()
    strategy = app_settings.TOKEN_STRATEGY
    payload = strategy.create_access_token_payload(request)
    request.session.save()  # The refresh token was listed in it.
    return _tokens(payload["access_token"], payload["refresh_token"])


def refresh_tokens(refresh_token: str, *, asked: HttpRequest | None = None) -> Tokens:
    """
    Exchange a refresh token for new tokens; it cannot be used again. `asked` says from where it was asked.

    Of several exchanges of one token, one succeeds, and a second ends the sign-in. Raises InvalidRefreshToken.
    """
    refresh_token = _signed_now(refresh_token)
    with transaction.atomic():
        # The strategy reads and writes the list in the session without a lock.
        _lock(refresh_token)
        try:
            pair = app_settings.TOKEN_STRATEGY.refresh_token(refresh_token)
        except UpdateError as error:
            raise InvalidRefreshToken from error  # Signed out meanwhile.
        if pair is None:
            _end_family(refresh_token)
        else:
            _note_refreshed(pair[1], asked)
    if pair is None:
        raise InvalidRefreshToken
    return _tokens(*pair)


def revoke_tokens(refresh_token: str) -> None:
    """End the sign-in that this refresh token belongs to. Raises InvalidRefreshToken."""
    refresh_token = _signed_now(refresh_token)
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
        claims, secret = _read_access_token(token)
        key = _session_key(claims["sid"], secret) if claims else None
        if claims is None or key is None:
            return None
        now = timezone.now()
        users = User.objects.raw(WHOSE_TOKEN, {"session": key, "user": UUID(claims["sub"]), "now": now})
        user = next(iter(users), None)
    except ValueError:  # signed by us, but not about a person
        return None
    if user is None:
        return None
    if not constant_time_compare(claims.get(MARK, ""), _mark(user, secret)):
        return None
    seen_at: datetime | None = user.app_seen_at  # type: ignore[attr-defined]  # of the statement
    if seen_at is not None and seen_at < now - NOTED_EVERY:
        note_app_seen(key, now=now)
    return user


def session_key_of(request: HttpRequest) -> str:
    """Return the key of the session in which this request is signed in, by token or by pages; "" for none of ours."""
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        claims, secret = _read_access_token(token)
        return (_session_key(claims["sid"], secret) if claims else "") or ""
    return str(request.session.session_key or "") if hasattr(request, "session") else ""


class TokenStrategy(JWTTokenStrategy):  # type: ignore[misc]  # allauth has no types
    """Tokens that know what their sign-in began with."""

    def get_claims(self, user: User) -> dict[str, Any]:
        """Return what an access token says besides the usual."""
        return {MARK: _mark(user, settings.SECRET_KEY)}


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


def _read_access_token(token: str) -> tuple[dict[str, Any] | None, str]:
    """
    Return what a token says that we signed as an access token and that is not over, and by which key; None for any other.

    One that another machine has just issued may seem to come from the future, by as little as clocks differ: that is fine.
    """
    claims, secret = _verified(token, {"require": ["exp", "jti", "sub", "sid"]})
    is_ours = (
        claims is not None
        and claims.get("token_use") == "access"
        and isinstance(claims["sid"], str)
        and isinstance(claims["sub"], str)
    )
    return claims if is_ours else None, secret


def _verified(token: str, options: Options) -> tuple[dict[str, Any] | None, str]:
    """Return what a token says and which of the keys that verify signed it; None for a token that none did."""
    options = {"verify_iat": False, "verify_aud": False, **options}
    for secret in verifying_keys():
        with suppress(jwt.PyJWTError):
            return jwt.decode(token, secret, algorithms=[app_settings.JWT_ALGORITHM], options=options), secret
    return None, ""


def _session_key(sid: str, secret: str) -> str | None:
    """Return the key of the session that a claim stands for: as django-allauth writes it, under the key that signed it."""
    try:
        written = base64.b64decode(sid)
        cipher = Cipher(algorithms.AES(hashlib.sha256(secret.encode()).digest()), modes.CTR(written[:16])).decryptor()
        return (cipher.update(written[16:]) + cipher.finalize()).decode() or None
    except ValueError:
        return None


def _signed_now(token: str) -> str:
    """Return a refresh token as the present key signs it, which is all that the strategy reads; others as they are."""
    claims, secret = _verified(token, {})
    if claims is None or secret == settings.SECRET_KEY:
        return token
    key = _session_key(str(claims.get("sid")), secret)
    if key is None:
        return token
    claims["sid"] = jwt_strategy.session_key_to_sid(key)
    return jwt.encode(claims, settings.SECRET_KEY, algorithm=app_settings.JWT_ALGORITHM)


def _mark(user: User, secret: str) -> str:
    return mark_of(user.sign_in_hash(secret), salt="classbell.accounts.tokens", secret=secret)


def _beside(asked: HttpRequest | None) -> HttpRequest:
    """Return a request beside the one that asked, so that its own session is left alone."""
    request = HttpRequest()
    if asked is not None:
        # The same facts of where it came from, and what is noted in them.
        request.META, request.COOKIES = asked.META, asked.COOKIES
    return request


def _note_refreshed(refresh_token: str, asked: HttpRequest | None) -> None:
    found = jwt_strategy.validate_refresh_token(refresh_token)
    if found is None:
        return
    request = _beside(asked)
    user, request.session, _payload = found
    if IS_APP not in request.session:  # It began with a version before.
        request.session[IS_APP] = True
    note_seen(request, user, now=timezone.now())
    if request.session.modified:
        request.session.save()


def _end_family(refresh_token: str) -> None:
    """End the sign-in of a token that was signed by us and is not good any more."""
    payload = jwt_strategy.decode_token(refresh_token, "refresh")
    session = jwt_strategy.get_token_session(payload) if payload else None
    if session is not None:
        log.warning("refresh_token_used_again", user_id=payload["sub"])
        session.flush()


def _lock(token: str) -> None:
    """Let one transaction at a time deal with this token, however it is signed."""
    claims, _secret = _verified(token, {})
    name = str(claims.get("jti")) if claims else token
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
