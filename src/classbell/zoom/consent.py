"""
Users who let an app act in their names: OAuth 2.0 by authorization code (RFC 6749, 4.1) with PKCE (RFC 7636).

They are sent to Zoom and come back with a code, which is exchanged for an access token and a refresh token. Each refresh
gives another refresh token, and the used one is refused from then on.
Source: https://developers.zoom.us/docs/integrations/oauth/
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from classbell.zoom.classify import error_from_token_answer
from classbell.zoom.errors import ZoomUnavailable
from classbell.zoom.oauth import Token, token_from_answer

# Of random bytes; RFC 7636 wants 43 to 128 characters, which these become 64 of.
VERIFIER_BYTES: Final = 48


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentApp:
    """The app that users consent to. `oauth_url` is the address of tokens; the others at Zoom stand beside it."""

    client_id: str
    client_secret: str = field(repr=False)
    oauth_url: str

    def beside(self, name: str) -> str:
        """Return the address of `authorize` or `revoke`."""
        return f"{self.oauth_url.rpartition('/')[0]}/{name}"


def new_verifier() -> str:
    """Return what proves afterwards that whoever exchanges the code is who asked for it. A secret."""
    return secrets.token_urlsafe(VERIFIER_BYTES)


def authorization_url(app: ConsentApp, *, redirect_uri: str, state: str, verifier: str) -> str:
    """Return the address at Zoom where a user says yes or no, and from which they are sent to `redirect_uri`."""
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{app.beside('authorize')}?{urlencode(asked)}"


def redeem(app: ConsentApp, http: httpx.Client, *, code: str, redirect_uri: str, verifier: str, now: datetime) -> Token:
    """
    Exchange a code for the tokens of the user who consented.

    Raises ZoomGrantLost for a code that is wrong, used or too old; ZoomUnauthorized when Zoom does not take the app;
    ZoomUnavailable; ZoomError.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    token = token_from_answer(_answer(app, http, app.oauth_url, form, now), asked_at=now)
    if not token.refresh_token:
        raise ZoomUnavailable("the token endpoint gave no refresh token")
    return token


def revoke(app: ConsentApp, http: httpx.Client, token: str, *, now: datetime) -> None:
    """
    End the consent that an access or refresh token belongs to.

    Raises ZoomGrantLost where it has ended already, ZoomUnavailable, ZoomError.
    """
    _answer(app, http, app.beside("revoke"), {"token": token}, now)


def _answer(app: ConsentApp, http: httpx.Client, url: str, form: dict[str, str], now: datetime) -> Any:
    try:
        response = http.post(url, data=form, auth=httpx.BasicAuth(app.client_id, app.client_secret))
    except httpx.RequestError:
        # Without the cause: its traceback's frames hold the request with its secrets.
        raise ZoomUnavailable("no answer of the token endpoint") from None
    if not response.is_success:
        raise error_from_token_answer(
            status=response.status_code, headers=response.headers, body=response.content, now=now
        )
    try:
        return response.json() if response.content else {}
    except ValueError:
        raise ZoomUnavailable("its answer is no JSON") from None
