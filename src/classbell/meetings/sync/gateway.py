"""The one place where the settings become a Zoom client."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import httpx
from django.conf import settings

from classbell.meetings.sync.bulkhead import BULKHEAD
from classbell.meetings.sync.circuit import PostgresBreaker
from classbell.meetings.sync.health import note_failure
from classbell.meetings.sync.limits import PostgresLimiter
from classbell.meetings.sync.tokens import PostgresTokenStore
from classbell.zoom.client import ZoomClient, ZoomConfig
from classbell.zoom.errors import ZoomNotConfigured
from classbell.zoom.limits import Priority


def is_configured() -> bool:
    """Whether the three Server-to-Server OAuth values are set."""
    configured: bool = settings.ENVIRONMENT.zoom_configured
    return configured


def zoom_client() -> ZoomClient:
    """
    Return this process's client of the configured Zoom account. Threads share it.

    Raises ZoomNotConfigured.
    """
    if not is_configured():
        raise ZoomNotConfigured
    return _client()


@contextmanager
def zoom_in_request(*, seconds: float | None = None) -> Iterator[ZoomClient]:
    """
    Lend the client to whoever is waited for: everything is over within `seconds` (ZOOM_INLINE_TIMEOUT unless told otherwise),
    and only a share of the process's threads is lent it at a time.

    Raises ZoomNotConfigured; ZoomBusy, whose `retry_after` is known, when the share is taken.
    """
    inline = settings.ENVIRONMENT.zoom_inline_timeout.total_seconds()
    client = zoom_client().with_options(priority=Priority.INTERACTIVE, deadline_seconds=seconds or inline)
    with BULKHEAD.place():
        yield client


@cache
def _client() -> ZoomClient:
    environment = settings.ENVIRONMENT
    config = ZoomConfig(
        account_id=environment.zoom_account_id,
        client_id=environment.zoom_client_id,
        client_secret=environment.zoom_client_secret.get_secret_value(),
        api_url=environment.zoom_api_url,
        oauth_url=environment.zoom_oauth_url,
        timeout_seconds=environment.zoom_request_timeout.total_seconds(),
    )
    return ZoomClient(
        config,
        http=httpx.Client(limits=httpx.Limits(max_connections=64, max_keepalive_connections=32)),
        tokens=PostgresTokenStore(),
        limiter=PostgresLimiter(environment.zoom_plan),
        breaker=PostgresBreaker(environment.zoom_account_id),
        on_failure=note_failure,
    )
