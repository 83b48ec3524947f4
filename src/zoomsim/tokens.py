"""Signed tokens: access tokens of the app, and ZAKs with which a user starts meetings. Neither is stored."""

import base64
import hashlib
import zlib
from datetime import timedelta

import jwt

from zoomsim.clock import Clock
from zoomsim.protocol.errors import expired_token, invalid_token
from zoomsim.state.models import User

ACCESS_TOKEN_LIFE = timedelta(hours=1)
ZAK_LIFE = timedelta(hours=2)
API_USER_ZAK_LIFE = timedelta(days=90)
DOWNLOAD_TOKEN_LIFE = timedelta(hours=24)
FILE_TICKET_LIFE = timedelta(minutes=5)


class Tokens:
    """Issue and check tokens with keys that follow from the client secret, so that they outlive a restart."""

    def __init__(self, client_secret: str, account_id: str, clock: Clock) -> None:
        self.clock = clock
        self.account_id = account_id
        self.page_key = _key("page", client_secret)
        self._access_key = _key("access", client_secret)
        self._zak_key = _key("zak", client_secret)
        self._download_key = _key("download", client_secret)
        self._known: dict[str, tuple[float, frozenset[str]]] = {}

    def access_token(self, scopes: tuple[str, ...]) -> str:
        """Return a new access token that lives an hour by the simulator's clock."""
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
        return jwt.encode(claims, self._access_key, algorithm="HS512", headers={"sv": "000002"})

    def scopes_of(self, token: str) -> frozenset[str]:
        """Return the scopes of an access token. Raises ZoomError 401/124 when it is forged or expired."""
        known = self._known.get(token)
        if known is None:
            try:
                # Expiry is left to us: it goes by the simulator's clock.
                claims = jwt.decode(
                    token, self._access_key, algorithms=["HS512"], options={"verify_exp": False, "verify_iat": False}
                )
            except (jwt.InvalidTokenError, UnicodeEncodeError):
                raise invalid_token() from None
            known = self._known[token] = (claims["exp"], frozenset(_unpacked(claims["scope"])))
        expires_at, scopes = known
        if self.clock.now().timestamp() >= expires_at:
            raise expired_token()
        return scopes

    def zak(self, user_id: str, life: timedelta = ZAK_LIFE) -> str:
        """Return a token with which this user starts meetings."""
        now = self.clock.now()
        claims = {
            "aud": "clientsm",
            "uid": user_id,
            "iss": "web",
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            "aid": self.account_id,
        }
        return jwt.encode(claims, self._zak_key, algorithm="HS256", headers={"sv": "000001", "zm_skm": "zm_o2m"})

    def user_of_zak(self, token: str) -> str | None:
        """Return whose ZAK this is; None when it is forged or expired."""
        try:
            claims = jwt.decode(
                token,
                self._zak_key,
                algorithms=["HS256"],
                audience="clientsm",
                options={"verify_exp": False, "verify_iat": False},
            )
        except (jwt.InvalidTokenError, UnicodeEncodeError):
            return None
        return str(claims["uid"]) if self.clock.now().timestamp() < claims["exp"] else None

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
        try:
            claims = jwt.decode(
                token, self._download_key, algorithms=["HS256"], audience=audience, options={"verify_exp": False}
            )
        except (jwt.InvalidTokenError, UnicodeEncodeError):
            return None
        return str(claims["sub"]) if self.clock.now().timestamp() < claims["exp"] else None


def zak_life(user: User) -> timedelta:
    """Return how long a user's ZAK lives unless a call says otherwise: longer for users made by the API."""
    return API_USER_ZAK_LIFE if user.made_by_api else ZAK_LIFE


def _packed(scopes: tuple[str, ...]) -> str:
    """Return the scopes in a form that leaves a token with all of them as short as Zoom's."""
    return base64.b85encode(zlib.compress(" ".join(scopes).encode())).decode()


def _unpacked(packed: str) -> list[str]:
    return zlib.decompress(base64.b85decode(packed)).decode().split()


def _key(purpose: str, secret: str) -> bytes:
    return hashlib.sha512(f"zoomsim:{purpose}:{secret}".encode()).digest()
