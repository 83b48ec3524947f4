"""Passkeys, as django-allauth has them: their names and whose they are."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.fields import LineField

log = structlog.get_logger(__name__)

LONGEST_NAME = 64
PURPOSE = "second-steps"
# What of a second step's data is secret: a text, or a list of texts.
SECRET_PARTS = ("secret", "seed", "migrated_codes")
# How everything begins that is encrypted, and no secret or code that is not.
ENCRYPTED = "gAAAA"


def data_anew(data: Mapping[str, Any], anew: Callable[[str], str]) -> dict[str, Any]:
    """
    Return the data of an app with codes, or of recovery codes, with what is secret in it encrypted: by `anew` what was so
    already, for the first time what was not.
    """

    def text(kept: str) -> str:
        return anew(kept) if kept.startswith(ENCRYPTED) else encrypt(kept.encode(), purpose=PURPOSE).decode()

    def part(value: str | list[str]) -> str | list[str]:
        return [text(one) for one in value] if isinstance(value, list) else text(value)

    return {name: part(value) if name in SECRET_PARTS else value for name, value in data.items()}


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second factors belong to this installation, whatever host a request names, and their secrets are kept encrypted."""

    def encrypt(self, text: str) -> str:
        """Return a secret of a second step as it is kept."""
        return encrypt(text.encode(), purpose=PURPOSE).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a kept secret; one from before they were encrypted, which a version beside this one may keep, as it is."""
        if not encrypted_text.startswith(ENCRYPTED):
            return encrypted_text
        try:
            return decrypt(encrypted_text.encode(), purpose=PURPOSE).decode()
        except NotDecipherable:
            # The secret key is another one: no code fits, nobody comes in, and the person is told so as of a wrong one.
            log.warning("second_step_lost")
            return str(generate_totp_secret())

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return whose passkeys they are: good on this host and on no other."""
        return {"id": urlsplit(settings.ENVIRONMENT.public_url).hostname or "localhost", "name": "Classbell"}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 -- allauth's name
        """Return what a passkey is called until its owner says otherwise."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey more."""

    name = LineField(
        label=gettext_lazy("What to call it"),
        help_text=gettext_lazy("Such as the device it is on."),
        required=False,
        max_length=LONGEST_NAME,
    )
    passwordless = forms.BooleanField(
        label=gettext_lazy("Sign in with it alone, without a password"),
        help_text=gettext_lazy("Without this it is only the second step after the password."),
        required=False,
        initial=True,
    )


def passkeys_of(user: User) -> int:
    """Return how many passkeys somebody has."""
    return int(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.WEBAUTHN).count())
