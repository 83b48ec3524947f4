"""Whoever signs in on pages is asked for their consent, should the school want it."""

from typing import Any, Final

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from classbell.accounts.models import User
from classbell.privacy.consent import text_to_ask

# In the session of pages, while somebody is to be asked: no later request has to look it up.
ASKED: Final = "consent_is_asked"


@receiver(user_logged_in)
def ask(user: User, request: HttpRequest | None, **_kwargs: Any) -> None:
    """Note at sign-in that the person is to be asked."""
    if request is not None and text_to_ask(user) is not None:
        request.session[ASKED] = True
