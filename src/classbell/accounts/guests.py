"""
Guests: people who book without an account.

A guest is an account without a sign-in, so that a lesson of theirs is a lesson like any other. What they typed as their
address is where they are written to; it says nothing of who they are until they have followed a link that was mailed there.
So the account that somebody else may have under this address is not looked at before that.
"""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from classbell.accounts.models import Role, User
from classbell.accounts.services import EmailTaken
from classbell.addresses import NO_ADDRESS, checked_email, email_key
from classbell.errors import DomainError
from classbell.ids import uuid7
from classbell.names import LONGEST as LONGEST_NAME
from classbell.names import split_name
from classbell.rows import locked, write


class NoGuest(DomainError):
    """What belongs to a guest is an account's by now."""

    code = "has_account"

    def __init__(self) -> None:
        super().__init__(_("This lesson belongs to an account now. Sign in to see it."))


def new_guest(*, name: str, email: str, timezone: str, locale: str) -> User:
    """
    Return a guest with a whole name, an address to write to, an IANA timezone and a language (a code), who is kept by
    `keep_guest` once there is something for them. Each is somebody of their own, whoever has the same address. Raises
    NotAnAddress.
    """
    first, last = split_name(name)
    return User(
        email=f"{uuid7().hex}@{NO_ADDRESS}",
        contact_email=checked_email(email),
        first_name=first[:LONGEST_NAME],
        last_name=last[:LONGEST_NAME],
        role=Role.STUDENT,
        timezone=timezone,
        locale=locale,
        password=make_password(None),
        is_guest=True,
    )


def keep_guest(person: User) -> None:
    """Keep a new guest; does nothing for whoever is kept already."""
    if person._state.adding:
        person.save(force_insert=True)


def prove(guest: User, *, now: datetime) -> None:
    """Note that a guest has followed a link that was mailed to their address. Safe to repeat."""
    User.objects.filter(pk=guest.pk, is_guest=True, proven_at=None).update(proven_at=now)


def account_at(guest: User) -> User | None:
    """Return the account that signs in with a guest's address, None without one. Only for who has proven the address."""
    return User.objects.by_email([guest.contact_email]).get(email_key(guest.contact_email))


def known_guest(guest: User) -> User | None:
    """Return the guest of the same address who has proven it first, other than this one; None without one."""
    return _same(guest).order_by("proven_at", "pk").first()


def same_guests(guest: User) -> list[UUID]:
    """Return the ids of the other guests who have proven the same address."""
    return list(_same(guest).order_by("pk").values_list("pk", flat=True))


def make_account(*, guest_id: UUID) -> User:
    """
    Let a guest who has proven their address have an account with it, everything kept: they come in by the school's sign-in or
    by a link with which they choose a password. Raises NoGuest, and EmailTaken where somebody was quicker.
    """
    with transaction.atomic():
        guest = locked(User.objects.filter(is_active=True), guest_id)
        if guest is None or not guest.is_guest or guest.proven_at is None:
            raise NoGuest
        email = guest.contact_email
        try:
            with transaction.atomic():
                return write(guest, {"email": email, "contact_email": "", "is_guest": False})
        except IntegrityError as error:
            raise EmailTaken(email) from error


def _same(guest: User) -> QuerySet[User]:
    same = User.objects.filter(is_guest=True, is_active=True, contact_email=guest.contact_email)
    return same.exclude(proven_at=None).exclude(pk=guest.pk)
