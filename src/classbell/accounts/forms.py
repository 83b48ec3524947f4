"""allauth's forms, reading addresses as everything else here does."""

from typing import Any

from allauth.account.fields import EmailField
from allauth.account.forms import LoginForm
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from classbell.addresses import email_key, is_email


class OwnEmail(EmailField):  # type: ignore[misc]  # allauth has no types
    """An address in its one spelling; allauth's lower case would make a k of the Kelvin sign."""

    def clean(self, value: Any) -> str:
        """Return the address. Raises ValidationError."""
        key = email_key(str(value or ""))
        if key and not is_email(key):
            raise ValidationError(validate_email.message, code="invalid")
        cleaned: str = super().clean(key)
        return cleaned


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """Signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = self.fields["login"]
        self.fields["login"] = OwnEmail(label=usual.label, widget=usual.widget, help_text=usual.help_text)
