"""
Being let into somebody's calendar at Google or Microsoft by OAuth 2.0: authorization code with PKCE (RFC 7636).

Asked for is the least there is: when somebody is busy (Google), entries without their words (Microsoft).
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings

from classbell.calendars.models import CalendarKind, ExternalCalendar
from classbell.calendars.sealing import sealed, secrets_of
from classbell.calendars.sources import ask_calendar
from classbell.calendars.troubles import CalendarTrouble, Trouble, of_status

# A token is used no longer when it is this near its end.
EARLY: Final = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """Where somebody is asked, where tokens are given, and what is asked for."""

    authorize_url: str
    token_url: str
    scope: str
    more: Mapping[str, str]


PROVIDERS: Final[dict[CalendarKind, Provider]] = {
    CalendarKind.GOOGLE: Provider(
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",
        scope="https://www.googleapis.com/auth/calendar.freebusy",
        # Without these there is no token with which to ask again tomorrow.
        more={"access_type": "offline", "prompt": "consent"},
    ),
    CalendarKind.MICROSOFT: Provider(
        authorize_url="https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token_url="https://login.microsoftonline.com/common/oauth2/v2.0/token",
        scope="offline_access Calendars.ReadBasic",
        more={},
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Somebody was sent to be asked: what must come back with them, and what proves that we had them asked."""

    url: str
    state: str
    verifier: str


def configured() -> list[CalendarKind]:
    """Return at which providers this installation is known, in the order of pages."""
    return [kind for kind in PROVIDERS if _client_of(kind)[0]]


def begin(kind: CalendarKind, *, redirect_uri: str) -> Asked:
    """Return where somebody is asked whether we may read their calendar."""
    provider, state, verifier = PROVIDERS[kind], secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": _client_of(kind)[0],
        "redirect_uri": redirect_uri,
        "scope": provider.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **provider.more,
    }
    return Asked(url=f"{provider.authorize_url}?{urlencode(query)}", state=state, verifier=verifier)


def tokens_for(kind: CalendarKind, *, code: str, verifier: str, redirect_uri: str, now: datetime) -> dict[str, str]:
    """Return what opens the calendar of somebody who said yes. Raises CalendarTrouble."""
    given = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
    return _tokens(kind, given, now=now)


def access_token(calendar: ExternalCalendar, *, now: datetime) -> str:
    """Return what opens a calendar now, after having it renewed where it runs out. Raises CalendarTrouble."""
    kept = secrets_of(calendar)
    if datetime.fromisoformat(kept["expires_at"]) - EARLY > now:
        return kept["access_token"]
    given = {"grant_type": "refresh_token", "refresh_token": kept["refresh_token"]}
    # Who keeps the one before says nothing of a new one to ask with.
    renewed = kept | _tokens(CalendarKind(calendar.kind), given, now=now, before=kept["refresh_token"])
    ExternalCalendar.objects.filter(pk=calendar.pk).update(sealed=sealed(renewed))
    return renewed["access_token"]


def read_json(content: bytes) -> dict[str, Any]:
    """Return an answer as an object. Raises CalendarTrouble for anything else."""
    try:
        found = json.loads(content)
    except ValueError as error:
        raise CalendarTrouble(Trouble.NO_CALENDAR) from error
    if not isinstance(found, dict):
        raise CalendarTrouble(Trouble.NO_CALENDAR)
    return found


def _tokens(kind: CalendarKind, given: Mapping[str, str], *, now: datetime, before: str = "") -> dict[str, str]:
    client_id, client_secret = _client_of(kind)
    body = urlencode({**given, "client_id": client_id, "client_secret": client_secret}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    answer = ask_calendar("POST", PROVIDERS[kind].token_url, headers=headers, body=body)
    if 400 <= answer.status < 500 and answer.status != 429:
        raise CalendarTrouble(Trouble.SIGN_IN)
    if answer.status != 200:
        raise of_status(answer.status)
    found = read_json(answer.content)
    access, refresh, lasts = found.get("access_token"), found.get("refresh_token", before), found.get("expires_in", 0)
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh and isinstance(lasts, int)):
        raise CalendarTrouble(Trouble.SIGN_IN)
    ends_at = now + timedelta(seconds=min(max(lasts, 0), 86_400))
    return {"access_token": access, "refresh_token": refresh, "expires_at": ends_at.isoformat()}


def _client_of(kind: CalendarKind) -> tuple[str, str]:
    """Return by which id and secret this installation is known at a provider; empty where it is not."""
    environment = settings.ENVIRONMENT
    if kind is CalendarKind.GOOGLE:
        return environment.google_calendar_client_id, environment.google_calendar_client_secret.get_secret_value()
    return environment.microsoft_calendar_client_id, environment.microsoft_calendar_client_secret.get_secret_value()
