"""What one simulator is told when it starts."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DEFAULT_RETRY_AFTER_S = (300, 1200, 3600)
"""Seconds between a failed webhook and the next attempt, as Zoom waits."""


class Plan(StrEnum):
    """What the account pays for; `unlimited` is no plan of Zoom's but switches every limit off."""

    FREE = "free"
    PRO = "pro"
    BUSINESS = "business"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """Settings of one simulator; the command line explains them."""

    host: str = "127.0.0.1"
    port: int = 9090
    plan: Plan = Plan.BUSINESS
    hosts: int = 25
    basic_hosts: int = 0
    host_emails: tuple[str, ...] = ()
    timezone: str = "UTC"
    account_id: str = "sim-account"
    client_id: str = "sim-client"
    client_secret: str = "sim-secret"
    scopes: tuple[str, ...] = ()
    oauth_client_id: str = "sim-oauth-client"
    oauth_client_secret: str = "sim-oauth-secret"
    oauth_scopes: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    sdk_key: str = "sim-sdk-key"
    sdk_secret: str = "sim-sdk-secret-for-signatures-only"
    webhook_url: str = ""
    webhook_secret: str = "sim-webhook-secret"
    retry_after_s: tuple[float, ...] = DEFAULT_RETRY_AFTER_S
    state: Path | None = None
    latency_ms: float = 0
    report_delay_s: float = 60
    public_url: str = ""
    control_from_anywhere: bool = False

    @property
    def base_url(self) -> str:
        """Where people and clients reach this simulator, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        everywhere = self.host in {"0.0.0.0", "::", ""}  # noqa: S104 -- compared, not bound
        return f"http://{'127.0.0.1' if everywhere else self.host}:{self.port}"
