"""
Whether people may sign in without a provider: by password or passkey.

A school may close that way for all but one admin, who can always come in: when the provider is away, or set up wrongly. While
no provider is switched on, it is open again by itself.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import Role, SignInPolicy, User
from classbell.accounts.sso.providers import active_providers
from classbell.errors import DomainError
from classbell.rows import locked, write


class OnlyProviders(DomainError):
    """This school's people sign in at its provider."""

    code = "only_providers"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("Your school signs in with its own accounts. Use the button for that on the sign-in page."))


class NoWayIn(DomainError):
    """Nobody could sign in any more. Reads as a sentence that says what is missing."""

    code = "no_way_in"


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Whether only providers let people in, but for one admin, whoever that is or would be."""

    only_providers: bool
    always_in: User | None


def sign_in_policy() -> Policy:
    """Return what holds now. At most two queries."""
    row = SignInPolicy.objects.select_related("always_in").filter(pk=1).first()
    if row is None:
        return Policy(only_providers=False, always_in=None)
    return Policy(only_providers=row.only_providers and bool(active_providers()), always_in=row.always_in)


def needs_provider(user: User) -> bool:
    """Say whether this person comes in by a provider alone. Whoever has no address comes in by a card, as ever."""
    policy = sign_in_policy()
    return policy.only_providers and user != policy.always_in and user.has_address


def set_sign_in_policy(*, only_providers: bool, always_in: UUID | None) -> None:
    """
    Close the way in without a provider to all but this admin, or open it to everybody.

    Raises NoWayIn where there is no provider to sign in at, or the admin is none or has no password.
    """
    with transaction.atomic():
        SignInPolicy.objects.get_or_create(pk=1)
        row = locked(SignInPolicy.objects.all(), 1)
        assert row is not None  # noqa: S101 -- made above
        if only_providers:
            _refuse_without_a_way_in(always_in)
        write(row, {"only_providers": only_providers, "always_in_id": always_in})


def _refuse_without_a_way_in(always_in: UUID | None) -> None:
    if not active_providers():
        raise NoWayIn(_("Switch a provider on first, and try it."))
    admins = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True)
    admin = admins.filter(pk=always_in).first() if always_in else None
    if admin is None or not admin.has_usable_password():
        raise NoWayIn(_("Choose an admin who has a password, for when the provider does not answer."))
