"""The Zoom access token that all processes share, encrypted at rest, renewed by one of them at a time."""

import json
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.meetings.locks import TOKEN_LOCKS, LockBusy, advisory_lock
from classbell.meetings.models import ZoomToken
from classbell.meetings.zoom_accounts import Account, account
from classbell.zoom.errors import ZoomBusy, ZoomNotConfigured
from classbell.zoom.oauth import Token

RENEWAL_WAIT_SECONDS = 15.0


class PostgresTokenStore:
    """Implements `classbell.zoom.oauth.TokenStore` for one account."""

    def __init__(self, of: Account) -> None:
        self.of = of
        self._purpose = _purpose(of.client_id, of.client_secret)

    def current(self, account_id: str) -> Token | None:
        """Return the kept token, expired or not, or None."""
        row = ZoomToken.objects.filter(account_id=account_id).first()
        return _decrypt(bytes(row.ciphertext), self._purpose) if row else None

    def renew(
        self, account_id: str, stale: Token | None, fetch: Callable[[], Token], *, deadline: float | None = None
    ) -> Token:
        """
        Return a token other than `stale`: the one somebody else has stored meanwhile, or what `fetch` brings.

        Raises what `fetch` raises, and ZoomBusy when others take too long over it: so long as they wait for Zoom one after
        the other, or until `deadline`.
        """
        patience = RENEWAL_WAIT_SECONDS if deadline is None else min(RENEWAL_WAIT_SECONDS, deadline - time.monotonic())
        try:
            return self._renew(account_id, stale, fetch, patience)
        except LockBusy:
            raise ZoomBusy("others wait for a token too") from None

    def _renew(self, account_id: str, stale: Token | None, fetch: Callable[[], Token], patience: float) -> Token:
        with advisory_lock(TOKEN_LOCKS, lock_key(account_id), wait_seconds=patience):
            kept = self.current(account_id)
            is_another = kept is not None and (stale is None or kept.access_token != stale.access_token)
            if kept is not None and is_another and kept.expires_at > datetime.now(UTC):
                return kept
            return self._fetched(account_id, fetch)

    def _fetched(self, account_id: str, fetch: Callable[[], Token]) -> Token:
        token = fetch()
        self.put(account_id, token)
        return token

    def put(self, account_id: str, token: Token) -> None:
        """Store a token. Its caller holds the lock of `lock_key`."""
        kept = {"ciphertext": _encrypt(token, self._purpose), "expires_at": token.expires_at}
        ZoomToken.objects.update_or_create(account_id=account_id, defaults=kept)


def lock_key(account_id: str) -> int:
    """Return the key of the advisory lock under which an account's token is asked for, within TOKEN_LOCKS."""
    return zlib.crc32(account_id.encode()) - 2**31


def token_purpose(row: ZoomToken) -> str:
    """Return what a kept token is encrypted for: its account's present credentials. One of others is not read."""
    try:
        of = account(row.account_id)
    except ZoomNotConfigured:
        return _purpose("", "")
    return _purpose(of.client_id, of.client_secret)


def _purpose(client_id: str, client_secret: str) -> str:
    return json.dumps(["zoom-token", client_id, client_secret])


def _encrypt(token: Token, purpose: str) -> bytes:
    kept = {
        "access_token": token.access_token,
        "expires_at": token.expires_at.isoformat(),
        "scopes": sorted(token.scopes),
        "api_url": token.api_url,
    }
    return encrypt(json.dumps(kept).encode(), purpose=purpose)


def _decrypt(ciphertext: bytes, purpose: str) -> Token | None:
    """Return the token, or None when the secret key or the credentials have changed since: then a new one is fetched."""
    try:
        kept = json.loads(decrypt(ciphertext, purpose=purpose))
    except NotDecipherable:
        return None
    return Token(
        access_token=kept["access_token"],
        expires_at=datetime.fromisoformat(kept["expires_at"]),
        scopes=frozenset(kept["scopes"]),
        api_url=kept["api_url"],
    )
