"""What a client needs to know about one Zoom account."""

from dataclasses import dataclass, field

API_URL = "https://api.zoom.us/v2"
OAUTH_URL = "https://zoom.us/oauth/token"


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoomConfig:
    """
    One Server-to-Server OAuth app of one account, or what one user consented to, and how patient to be.

    `own_user_id` is who consented, "" for an account: such an app has to call that user `me`.
    `api_url` None means: where the token answer says, which may be another region than the usual address.
    `timeout_seconds` is how long Zoom may take to answer one request; a connection must stand within
    `connect_seconds`. A request that is safe to repeat is made up to `attempts` times; the pause before repetition n is
    random, at most `backoff_seconds` × 2ⁿ⁻¹.
    """

    account_id: str
    client_id: str
    client_secret: str = field(repr=False)
    own_user_id: str = ""
    api_url: str | None = API_URL
    oauth_url: str = OAUTH_URL
    timeout_seconds: float = 10.0
    connect_seconds: float = 3.0
    attempts: int = 3
    backoff_seconds: float = 0.5
