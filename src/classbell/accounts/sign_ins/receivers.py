"""What is noted when Django or allauth says that somebody has signed in, or has not."""

from typing import Any

from allauth.account.signals import password_reset
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from classbell.accounts.models import User
from classbell.accounts.sign_ins.attempts import note_wrong_code
from classbell.accounts.sign_ins.devices import device_of
from classbell.accounts.sign_ins.kept import note_beginning

# In a request: whom its answer makes this device known for.
SIGNED_IN = "classbell.signed_in"


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **_named: Any) -> None:
    """Note where it was, whichever way they came in, and that the device is theirs."""
    note_beginning(request, user, now=timezone.now())
    request.META[SIGNED_IN] = user.pk


@receiver(password_reset)
def password_chosen_by_link(request: HttpRequest, user: User, **_named: Any) -> None:
    """Know the device on which somebody had the link that only its owner gets: strangers' guesses keep them out no more."""
    request.META[SIGNED_IN] = user.pk


@receiver(authentication_failed)
def second_step_failed(request: HttpRequest, user: User, **_named: Any) -> None:
    """Note that a code or a passkey was not right."""
    note_wrong_code(user, device_of(request), now=timezone.now())
