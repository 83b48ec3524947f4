"""
The app at Zoom by which teachers let the school use their own Zoom: from the settings, or as admins have entered it on a
page.

Of one that is kept the secrets lie encrypted; what is in here never leaves by API or page.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.meetings.models import UserApp as Row
from classbell.zoom.consent import ConsentApp

PURPOSE: Final = "zoom-user-app"
# Who has signed a message, where that is this app and no account.
SIGNED_BY_APP: Final = "user-app"


@dataclass(frozen=True, kw_only=True, slots=True)
class UserApp:
    """All that is needed to ask users for their consent, and to act in their names."""

    client_id: str
    client_secret: str = field(repr=False)
    webhook_secret: str = field(default="", repr=False)
    api_url: str
    oauth_url: str
    is_of_settings: bool = False

    @property
    def at_zoom(self) -> ConsentApp:
        """The same as `classbell.zoom` knows it."""
        return ConsentApp(client_id=self.client_id, client_secret=self.client_secret, oauth_url=self.oauth_url)


def user_app() -> UserApp | None:
    """Return the app, None where there is none. No query for the settings' own, else one."""
    environment = settings.ENVIRONMENT
    api_url = environment.zoom_user_app_api_url or environment.zoom_api_url
    oauth_url = environment.zoom_user_app_oauth_url or environment.zoom_oauth_url
    if environment.user_app_configured:
        return UserApp(
            client_id=environment.zoom_user_app_client_id,
            client_secret=environment.zoom_user_app_client_secret.get_secret_value(),
            webhook_secret=environment.zoom_user_app_webhook_secret.get_secret_value(),
            api_url=api_url,
            oauth_url=oauth_url,
            is_of_settings=True,
        )
    row = Row.objects.first()
    if row is None:
        return None
    secrets = _secrets_of(row)
    if not secrets.get("client_secret"):
        return None
    return UserApp(
        client_id=row.client_id,
        client_secret=secrets["client_secret"],
        webhook_secret=secrets.get("webhook_secret", ""),
        api_url=api_url,
        oauth_url=oauth_url,
    )


def keep_user_app(*, client_id: str, client_secret: str, webhook_secret: str) -> None:
    """Keep the app as an admin has entered it; an empty secret leaves the kept one alone."""
    with transaction.atomic():
        row, _made = Row.objects.select_for_update().get_or_create(pk=Row.ONLY)
        kept = _secrets_of(row)
        named = {"client_secret": client_secret, "webhook_secret": webhook_secret}
        kept |= {name: value for name, value in named.items() if value}
        row.client_id, row.sealed = client_id, encrypt(json.dumps(kept).encode(), purpose=PURPOSE)
        row.save()


def redirect_uri() -> str:
    """Return where Zoom sends people back to, which the app at Zoom has to allow to the letter."""
    return urljoin(settings.ENVIRONMENT.public_url, reverse("own-zoom-back"))


def _secrets_of(row: Row) -> dict[str, str]:
    """Return the secrets that are kept; none once the secret key that they were kept by is lost."""
    if not row.sealed:
        return {}
    try:
        kept: Mapping[str, str] = json.loads(decrypt(bytes(row.sealed), purpose=PURPOSE))
    except NotDecipherable:
        return {}
    return dict(kept)
