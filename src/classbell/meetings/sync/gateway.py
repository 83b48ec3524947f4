"""The one place where an account becomes a Zoom client."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial

from django.conf import settings

from classbell.meetings.sync.bulkhead import BULKHEAD
from classbell.meetings.sync.circuit import PostgresBreaker
from classbell.meetings.sync.consent_tokens import ConsentTokenStore
from classbell.meetings.sync.health import note_failure
from classbell.meetings.sync.limits import PostgresLimiter
from classbell.meetings.sync.tokens import PostgresTokenStore
from classbell.meetings.zoom_accounts import Account, account, is_configured
from classbell.zoom.client import ZoomClient, ZoomConfig
from classbell.zoom.connections import connections
from classbell.zoom.limits import Priority

__all__ = ["in_account", "is_configured", "zoom_client", "zoom_in_request"]


def zoom_client(account_id: str = "") -> ZoomClient:
    """
    Return this process's client of an account, by Zoom's id; without one of the first account. Threads share it.

    Raises ZoomNotConfigured.
    """
    return _client(account(account_id), settings.ENVIRONMENT.zoom_request_timeout.total_seconds())


def in_account(client: ZoomClient, account_id: str) -> ZoomClient:
    """Return the client of that account that is as urgent, and over as soon, as this one. Raises ZoomNotConfigured."""
    return client if client.account_id == account_id else zoom_client(account_id).as_urgent_as(client)


@contextmanager
def zoom_in_request(account_id: str = "", *, seconds: float | None = None) -> Iterator[ZoomClient]:
    """
    Lend an account's client to whoever is waited for: everything is over within `seconds` (ZOOM_INLINE_TIMEOUT unless told
    otherwise), and only a share of the process's threads is lent one at a time, to each account its own.

    Raises ZoomNotConfigured; ZoomBusy, whose `retry_after` is known, when the share is taken.
    """
    inline = settings.ENVIRONMENT.zoom_inline_timeout.total_seconds()
    client = zoom_client(account_id).with_options(priority=Priority.INTERACTIVE, deadline_seconds=seconds or inline)
    with BULKHEAD.place(client.account_id):
        yield client


@cache
def _client(of: Account, timeout_seconds: float) -> ZoomClient:
    """One for each set of credentials: changed ones make another."""
    config = ZoomConfig(
        account_id=of.account_id,
        client_id=of.client_id,
        client_secret=of.client_secret,
        own_user_id=of.own_user_id,
        api_url=of.api_url,
        oauth_url=of.oauth_url,
        timeout_seconds=timeout_seconds,
    )
    tokens = ConsentTokenStore(of) if of.by_consent else PostgresTokenStore(of)
    return ZoomClient(
        config,
        http=connections(),
        tokens=tokens,
        limiter=PostgresLimiter(of.plan),
        breaker=PostgresBreaker(of.account_id),
        on_failure=partial(note_failure, of),
        refresh_token=tokens.refresh_token if isinstance(tokens, ConsentTokenStore) else None,
    )
