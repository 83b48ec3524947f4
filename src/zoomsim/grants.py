"""
Users' consents to the app that acts in their names, and the codes and tokens that come of them.

A consent has one refresh token at a time: using it gives another, and the used one is refused from then on.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from zoomsim.clock import Clock, whole_second, zulu
from zoomsim.options import Options
from zoomsim.protocol.errors import invalid_token
from zoomsim.state import ids
from zoomsim.state.models import Grant, User, UserStatus
from zoomsim.state.store import Store
from zoomsim.tokens import Access, Tokens
from zoomsim.webhooks.sender import Webhooks

CODE_LIFE = timedelta(minutes=10)
CHALLENGE_METHODS = ("plain", "S256")


class BadGrant(Exception):
    """A code or refresh token that gives nothing; the text is Zoom's reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a code stands for until it is redeemed."""

    user_id: str
    redirect_uri: str
    challenge: str
    method: str
    until: datetime


class Grants:
    """Gives codes, turns them into consents, refreshes and ends these."""

    def __init__(self, options: Options, clock: Clock, store: Store, tokens: Tokens, webhooks: Webhooks) -> None:
        self.options = options
        self.clock = clock
        self.store = store
        self.tokens = tokens
        self.webhooks = webhooks
        self._codes: dict[str, Consent] = {}

    def new_code(self, user: User, redirect_uri: str, *, challenge: str = "", method: str = "plain") -> str:
        """Return a code for a user's consent, good for one try within ten minutes."""
        code = ids.letters(32)
        self._codes[code] = Consent(
            user_id=user.id,
            redirect_uri=redirect_uri,
            challenge=challenge,
            method=method,
            until=self.clock.now() + CODE_LIFE,
        )
        return code

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        """Turn a code into a consent; an earlier one of the user's ends. Raises BadGrant."""
        consent = self._codes.pop(code, None)
        if consent is None or self.clock.now() >= consent.until or self._active(consent.user_id) is None:
            raise BadGrant("Invalid authorization code")
        if redirect_uri != consent.redirect_uri:
            raise BadGrant("Redirect URI mismatch.")
        if not _answers(consent, verifier):
            raise BadGrant("Invalid code verifier")
        grant = Grant(
            user_id=consent.user_id,
            scopes=self.options.oauth_scopes,
            given_at=whole_second(self.clock.now()),
            chain=ids.letters(16),
            refresh_id=ids.letters(16),
        )
        self.store.save_grant(grant)
        return grant

    def refresh(self, token: str) -> Grant:
        """Give a consent its next refresh token; the old one ends. Raises BadGrant for any but the latest."""
        grant = self._of_refresh_token(token)
        if grant is None:
            raise BadGrant("Invalid Token!")
        grant.refresh_id = ids.letters(16)
        self.store.save_grant(grant)
        return grant

    def revoke(self, token: str) -> None:
        """End all tokens of the consent that an access or refresh token belongs to. Raises BadGrant for any other."""
        grant = self._of_refresh_token(token) or self._of_access_token(token)
        if grant is None:
            raise BadGrant("Invalid Token!")
        grant.chain = ids.letters(16)
        self.store.save_grant(grant)

    def remove(self, grant: Grant) -> None:
        """Let a user remove the app: its tokens end, and the app is told."""
        self.store.remove_grant(grant)
        now = self.clock.now()
        about = {
            "user_id": grant.user_id,
            "deauthorization_time": zulu(now),
            "client_id": self.options.oauth_client_id,
        }
        self.webhooks.emit("app_deauthorized", about, at=now, about=grant.user_id)

    def user_of(self, access: Access) -> User:
        """Return who consented to a token. Raises ZoomError 401/124 when the consent or the user is gone."""
        grant, user = self.store.grants.get(access.user_id), self._active(access.user_id)
        if grant is None or grant.chain != access.chain or user is None:
            raise invalid_token()
        return user

    def forget(self) -> None:
        """Forget the codes; the consents are the store's."""
        self._codes.clear()

    def _of_refresh_token(self, token: str) -> Grant | None:
        said = self.tokens.refreshed(token)
        if said is None or self._active(said[0]) is None:
            return None
        grant = self.store.grants.get(said[0])
        return grant if grant is not None and (grant.chain, grant.refresh_id) == said[1:] else None

    def _of_access_token(self, token: str) -> Grant | None:
        access = self.tokens.read_access(token)
        grant = self.store.grants.get(access.user_id) if access else None
        return grant if access and grant and grant.chain == access.chain else None

    def _active(self, user_id: str) -> User | None:
        user = self.store.user(user_id)
        return user if user is not None and user.status is UserStatus.ACTIVE else None


def _answers(consent: Consent, verifier: str) -> bool:
    """Whether a verifier is the one that the challenge was made from (RFC 7636); without a challenge any will do."""
    if not consent.challenge:
        return True
    sent = verifier.encode()
    if consent.method == "S256":
        sent = urlsafe_b64encode(hashlib.sha256(sent).digest()).rstrip(b"=")
    return hmac.compare_digest(sent, consent.challenge.encode())
