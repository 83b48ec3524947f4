"""
Tokens of accounts that are ours by a user's consent. Zoom gives another refresh token with each access token and refuses
the one before from then on, so one process at a time asks, and what it is given is stored before anything else is done.

Should a process die between Zoom's answer and that, the consent is lost, for the token that Zoom still takes was in the
answer alone. `refreshing_since` is committed before Zoom is asked, so that the teacher is told what happened.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from django.db import transaction

from classbell.meetings.jobs import defer_settling_of_lost
from classbell.meetings.locks import TOKEN_LOCKS, advisory_lock
from classbell.meetings.models import LostBecause, ZoomAccount, ZoomToken
from classbell.meetings.sync.app_health import note_app
from classbell.meetings.sync.tokens import RENEWAL_WAIT_SECONDS, PostgresTokenStore, lock_key
from classbell.meetings.zoom_accounts import Account, Secrets, seal, secrets_of
from classbell.zoom.errors import ZoomBusy, ZoomCircuitOpen, ZoomError, ZoomGrantLost, ZoomUnauthorized
from classbell.zoom.oauth import Token
from classbell.zoom.service import in_short


class ConsentTokenStore(PostgresTokenStore):
    """As its base, and keeps the refresh token that comes with each access token."""

    def refresh_token(self) -> str:
        """Return what the next access token is asked for with. Raises ZoomGrantLost when there is none (any more)."""
        row = ZoomAccount.objects.filter(account_id=self.of.account_id).first()
        token = secrets_of(row).refresh_token if row is not None else ""
        if not token:
            raise ZoomGrantLost("the user has not consented, or not any more")
        return token

    def _fetched(self, account_id: str, fetch: Callable[[], Token]) -> Token:
        before = self._begin(account_id)
        try:
            token = fetch()
        except ZoomGrantLost:
            lose(account_id, LostBecause.INTERRUPTED if before else LostBecause.REFUSED, now=datetime.now(UTC))
            raise
        except ZoomUnauthorized as error:
            self._answered(account_id, before)
            self._note_app(in_short(error))
            raise
        except ZoomError as error:
            if error.status is not None or isinstance(error, ZoomBusy | ZoomCircuitOpen):
                self._answered(account_id, before)
            raise
        keep(self.of, token)
        self._note_app("")
        return token

    def _note_app(self, refused: str) -> None:
        app = {"client_id": self.of.client_id, "client_secret": self.of.client_secret}
        note_app(**app, refused=refused, now=datetime.now(UTC))

    def _begin(self, account_id: str) -> datetime | None:
        """Note that Zoom is asked, and return since when an earlier asking has had no answer."""
        # Not in a transaction of the caller's, which would take back what is stored of the answer.
        with transaction.atomic(durable=True):
            row = ZoomAccount.objects.select_for_update().filter(account_id=account_id).first()
            if row is None:
                return None
            before = row.refreshing_since
            ZoomAccount.objects.filter(pk=row.pk).update(refreshing_since=before or datetime.now(UTC))
        return before

    def _answered(self, account_id: str, before: datetime | None) -> None:
        """Zoom said no without having changed anything."""
        ZoomAccount.objects.filter(account_id=account_id).update(refreshing_since=before)


def tokens_locked(account_id: str) -> AbstractContextManager[None]:
    """Keep everybody else from asking for this account's tokens meanwhile. Raises LockBusy."""
    return advisory_lock(TOKEN_LOCKS, lock_key(account_id), wait_seconds=RENEWAL_WAIT_SECONDS)


def keep(of: Account, token: Token) -> None:
    """Store both tokens of a consent together. Its caller holds `tokens_locked`."""
    with transaction.atomic():
        kept = {"sealed": seal(Secrets(refresh_token=token.refresh_token)), "refreshing_since": None}
        # One that was lost meanwhile has no use for them.
        if ZoomAccount.objects.filter(account_id=of.account_id, lost_at=None).update(**kept):
            PostgresTokenStore(of).put(of.account_id, token)


def lose(account_id: str, because: LostBecause, *, now: datetime) -> bool:
    """
    Forget a user's tokens, for they are good for nothing any more, and have a job place what was held there and tell people.
    Returns whether there was anything to lose. Safe to repeat.
    """
    with transaction.atomic():
        row = ZoomAccount.objects.select_for_update().filter(account_id=account_id, by_consent=True).first()
        if row is None or row.lost_at is not None:
            return False
        row.client_id, row.sealed, row.refreshing_since = "", b"", None
        row.lost_at, row.lost_because, row.lost_told_at = now, because, None
        row.save(update_fields=["client_id", "sealed", "refreshing_since", "lost_at", "lost_because", "lost_told_at"])
        row.hosts.update(is_active=False)
        ZoomToken.objects.filter(account_id=account_id).delete()
        defer_settling_of_lost(row.pk)
    return True
