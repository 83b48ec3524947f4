"""Passkeys, as django-allauth has them: their names and whose they are."""

from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.fields import LineField

LONGEST_NAME = 64


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second factors belong to this installation, whatever host a request names."""

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
