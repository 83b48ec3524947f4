"""Signing in with e-mail and password, and a second factor where the account has one."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.accounts.sign_ins.attempts import note_refused, note_wrong_code
from classbell.accounts.sign_ins.devices import device_of
from classbell.accounts.sso.policy import OnlyProviders, needs_provider
from classbell.errors import DomainError, TooManyRequests

# The window of allauth's limit on wrong codes: 5 for an account.
WAIT_AFTER_FAILURES_SECONDS = 300


class WrongCredentials(DomainError):
    """Says nothing about which of the two is wrong, or whether the account exists."""

    code = "wrong_credentials"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("E-mail and password do not belong together."))


class AccountDeactivated(DomainError):
    """The password is right and the account locked."""

    code = "account_deactivated"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("This account is deactivated. Ask an admin of your school."))


class SecondFactorNeeded(DomainError):
    """The password is right; the account also asks for a code of its authenticator app or a recovery code."""

    code = "second_factor_needed"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("Send a current code of your authenticator app, or a recovery code, as `code`."))


def authenticate(request: HttpRequest, *, email: str, password: str, code: str = "") -> User:
    """
    Return who this is. Failures count as they do in the pages: `accounts.sign_ins.attempts`.

    Raises WrongCredentials, AccountDeactivated, OnlyProviders, SecondFactorNeeded and TooManyRequests.
    """
    try:
        user: User | None = get_adapter().authenticate(request, email=email, password=password)
    except ValidationError as error:
        if isinstance(error.__cause__, TooManyRequests):
            raise error.__cause__ from None
        raise
    if user is None:
        raise WrongCredentials
    if not user.is_active:
        raise AccountDeactivated
    if needs_provider(user):
        note_refused(user, device_of(request), now=timezone.now())
        raise OnlyProviders
    if has_second_factor(user):
        _check_second_factor(request, user, code)
    return user


def has_second_factor(user: User) -> bool:
    """Say whether this account asks for a code besides the password."""
    return bool(is_mfa_enabled(user))


def has_authenticator_app(user: User) -> bool:
    """Say whether this account has an app that shows codes."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP]))


def _check_second_factor(request: HttpRequest, user: User, code: str) -> None:
    # The same key as the pages use: guesses here and there add up.
    key = f"mfa-auth-user-{user.pk}"
    if not code:
        raise SecondFactorNeeded
    if not ratelimit.consume(request, action="login_failed", key=key):
        raise _too_many()
    factors = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
    for factor in factors.order_by("pk"):
        if factor.wrap().validate_code(code):
            factor.record_usage()
            ratelimit.clear(request, action="login_failed", key=key)
            return
    note_wrong_code(user, device_of(request), now=timezone.now())
    raise SecondFactorNeeded


def _too_many() -> TooManyRequests:
    text = _("Too many wrong codes. Wait five minutes, then try again.")
    return TooManyRequests(text, retry_after_seconds=WAIT_AFTER_FAILURES_SECONDS)
