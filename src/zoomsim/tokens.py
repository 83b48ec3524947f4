"""Signed tokens: for access, for refreshing it, and ZAKs with which a user starts meetings. None is stored."""

import base64
import hashlib
import zlib
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import jwt

from zoomsim.clock import Clock
from zoomsim.protocol.errors import expired_token, invalid_token
from zoomsim.state.models import Grant, User

ACCESS_TOKEN_LIFE = timedelta(hours=1)
REFRESH_TOKEN_LIFE = timedelta(days=90)
ZAK_LIFE = timedelta(hours=2)
API_USER_ZAK_LIFE = timedelta(days=90)
DOWNLOAD_TOKEN_LIFE = timedelta(hours=24)
FILE_TICKET_LIFE = timedelta(minutes=5)
ADMIN = ":admin"
"""How the names of scopes end that reach beyond one's own things."""


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says: what it allows, until when, and by whose consent; the account's own app needs none."""

    scopes: frozenset[str]
    expires_at: float
    user_id: str = ""
    chain: str = ""


class Tokens:
    """Issue and check tokens with keys that follow from the client secret, so that they outlive a restart."""

    def __init__(self, client_secret: str, account_id: str, clock: Clock) -> None:
        self.clock = clock
        self.account_id = account_id
        self.page_key = _key("page", client_secret)
        self._access_key = _key("access", client_secret)
        self._refresh_key = _key("refresh", client_secret)
        self._zak_key = _key("zak", client_secret)
        self._download_key = _key("download", client_secret)
        self._known: dict[str, Access] = {}

    def access_token(self, scopes: tuple[str, ...], grant: Grant | None = None) -> str:
        """Return a new access token, of the account's app or of a user's consent, that lives an hour by our clock."""
        now = self.clock.now()
        claims = {
            "ver": 10,
            "aid": self.account_id,
            "iss": "zoomsim",
            "iat": int(now.timestamp()),
            "jti": f"{now.timestamp():.6f}",
            "exp": int((now + ACCESS_TOKEN_LIFE).timestamp()),
            "scope": _packed(scopes),
        }
        if grant is not None:
            claims |= {"uid": grant.user_id, "chain": grant.chain}
        return jwt.encode(claims, self._access_key, algorithm="HS512", headers={"sv": "000002"})

    def access(self, token: str) -> Access:
        """Read a good access token. Raises ZoomError 401/124 when it is forged or expired."""
        access = self.read_access(token)
        if access is None:
            raise invalid_token()
        if self.clock.now().timestamp() >= access.expires_at:
            raise expired_token()
        return access

    def read_access(self, token: str) -> Access | None:
        """Read an access token, expired or not; None when it is forged."""
        if token not in self._known:
            claims = _read(token, self._access_key, "HS512")
            if claims is None:
                return None
            scopes = frozenset(_unpacked(claims["scope"]))
            self._known[token] = Access(scopes, claims["exp"], claims.get("uid", ""), claims.get("chain", ""))
        return self._known[token]

    def refresh_token(self, grant: Grant) -> str:
        """Return the one token that refreshes a user's consent, for 90 days."""
        now = self.clock.now()
        claims = {
            "ver": 10,
            "aid": self.account_id,
            "uid": grant.user_id,
            "chain": grant.chain,
            "jti": grant.refresh_id,
            "iat": int(now.timestamp()),
            "exp": int((now + REFRESH_TOKEN_LIFE).timestamp()),
        }
        return jwt.encode(claims, self._refresh_key, algorithm="HS512", headers={"sv": "000002"})

    def refreshed(self, token: str) -> tuple[str, str, str] | None:
        """Return user, chain and id of a refresh token; None when it is forged or expired."""
        claims = _read(token, self._refresh_key, "HS512")
        if claims is None or self.clock.now().timestamp() >= claims["exp"]:
            return None
        return claims["uid"], claims["chain"], claims["jti"]

    def zak(self, user_id: str, life: timedelta = ZAK_LIFE) -> str:
        """Return a token with which this user starts meetings."""
        now = self.clock.now()
        return _zak(self._zak_key, self.account_id, user_id, int(now.timestamp()), int((now + life).timestamp()))

    def user_of_zak(self, token: str) -> str | None:
        """Return whose ZAK this is; None when it is forged or expired."""
        claims = _read(token, self._zak_key, "HS256", audience="clientsm")
        if claims is None or self.clock.now().timestamp() >= claims["exp"]:
            return None
        return str(claims["uid"])

    def download_token(self, recording_uuid: str, life: timedelta = DOWNLOAD_TOKEN_LIFE) -> str:
        """Return a token with which the files of one recording are downloaded."""
        return self._ticket("recording", recording_uuid, life)

    def recording_of(self, token: str) -> str | None:
        """Return the uuid of the recording that a download token is for; None when it is forged or expired."""
        return self._subject("recording", token)

    def file_ticket(self, key: str) -> str:
        """Return what stands in the address where a file lies."""
        return self._ticket("file", key, FILE_TICKET_LIFE)

    def key_of_ticket(self, ticket: str) -> str | None:
        """Return the key of the file that lies at an address; None when it is forged or expired."""
        return self._subject("file", ticket)

    def _ticket(self, audience: str, subject: str, life: timedelta) -> str:
        claims = {"aud": audience, "sub": subject, "exp": int((self.clock.now() + life).timestamp())}
        return jwt.encode(claims, self._download_key, algorithm="HS256")

    def _subject(self, audience: str, token: str) -> str | None:
        claims = _read(token, self._download_key, "HS256", audience=audience)
        if claims is None or self.clock.now().timestamp() >= claims["exp"]:
            return None
        return str(claims["sub"])


def _read(token: str, key: bytes, algorithm: str, *, audience: str | None = None) -> dict[str, Any] | None:
    """Return the claims of a token, or None for a forged one. Expiry is left to us: it goes by the simulator's clock."""
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=audience,
            options={"verify_exp": False, "verify_iat": False},
        )
    except (jwt.InvalidTokenError, UnicodeEncodeError):
        return None


def zak_life(user: User) -> timedelta:
    """Return how long a user's ZAK lives unless a call says otherwise: longer for users made by the API."""
    return API_USER_ZAK_LIFE if user.made_by_api else ZAK_LIFE


@lru_cache(maxsize=1000)  # Every meeting that is read carries one, and all of a user's within a second are the same.
def _zak(key: bytes, account_id: str, user_id: str, issued_at: int, expires_at: int) -> str:
    claims = {
        "aud": "clientsm",
        "uid": user_id,
        "iss": "web",
        "iat": issued_at,
        "exp": expires_at,
        "aid": account_id,
    }
    return jwt.encode(claims, key, algorithm="HS256", headers={"sv": "000001", "zm_skm": "zm_o2m"})


def _packed(scopes: tuple[str, ...]) -> str:
    """Return the scopes in a form that leaves a token with all of them as short as Zoom's."""
    return base64.b85encode(zlib.compress(" ".join(scopes).encode())).decode()


def _unpacked(packed: str) -> list[str]:
    return zlib.decompress(base64.b85decode(packed)).decode().split()


def _key(purpose: str, secret: str) -> bytes:
    return hashlib.sha512(f"zoomsim:{purpose}:{secret}".encode()).digest()
