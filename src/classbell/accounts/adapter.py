"""How django-allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import translation

from classbell.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by admins and imports; nobody signs up unasked."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse sign-up from the pages."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write to somebody in their language, whatever the page had on which the mail was asked for."""
        reader = context.get("user")
        with translation.override(reader.locale if isinstance(reader, User) else translation.get_language()):
            super().send_mail(template_prefix, email, context)
