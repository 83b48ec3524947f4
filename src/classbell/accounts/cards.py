"""
Students without an e-mail address: children who share a parent's, or have none.

Each has an account of their own whose address leads nowhere (a domain that RFC 2606 keeps from ever existing), so that nobody
signs in with it and no mail is sent to it. They come in by a card: a signed link without a date, good until a new card is
made or the account is locked. It opens nobody's account who has an address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from classbell.accounts.marks import is_mark_of, mark_of
from classbell.accounts.models import Role, User
from classbell.addresses import NO_ADDRESS
from classbell.errors import DomainError, NotThere
from classbell.ids import uuid7

SALT: Final = "classbell.accounts.cards"


class CardUnusable(DomainError):
    """The card is forged, there is a newer one, or the account is locked; nothing more is said of it."""

    code = "card_unusable"

    def __init__(self) -> None:
        super().__init__(_("This card cannot be used any more. Ask the school for a new one."))


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """A student without an address of their own. `contact` is whose address the school writes to, "" for nobody."""

    first_name: str
    last_name: str
    contact: str
    timezone: str


def create_children(children: Sequence[Child]) -> list[User]:
    """Make an account for each, in their order, in one statement."""
    return User.objects.bulk_create(
        User(
            email=f"{uuid7().hex}@{NO_ADDRESS}",
            first_name=child.first_name,
            last_name=child.last_name,
            contact_email=child.contact,
            timezone=child.timezone,
            role=Role.STUDENT,
            password=make_password(None),
        )
        for child in children
    )


def card_link(user: User) -> str:
    """Return the address on somebody's card. Whoever has it comes in as them."""
    token = signing.dumps({"user": user.pk.hex, "mark": mark_of(user.password, salt=SALT)}, salt=SALT)
    return urljoin(settings.ENVIRONMENT.public_url, reverse("card", args=[token]))


def person_of_card(token: str) -> User:
    """Return whose card this is. Raises CardUnusable."""
    try:
        claims = signing.loads(token, salt=SALT)
        user = User.objects.get(pk=UUID(claims["user"]), is_active=True, role=Role.STUDENT, is_guest=False)
    except (signing.BadSignature, User.DoesNotExist) as error:
        raise CardUnusable from error
    if user.has_address or not is_mark_of(claims["mark"], user.password, salt=SALT):
        raise CardUnusable
    return user


def settle_in(user: User, *, locale: str, timezone: str) -> None:
    """
    Before somebody comes in by a card: the first time, let their pages be in this language (a code) and on this clock (an
    IANA name), which are their device's. Later ones change nothing.
    """
    User.objects.filter(pk=user.pk, last_login=None).update(locale=locale, timezone=timezone)


def renew_card(*, user_id: UUID) -> User:
    """End somebody's card, and whoever came in by it; `card_link` then gives the new one. Raises NotThere."""
    with transaction.atomic():
        without = User.objects.select_for_update().filter(email__endswith=f"@{NO_ADDRESS}", is_guest=False)
        user = without.filter(pk=user_id).first()
        if user is None:
            raise NotThere
        user.password = make_password(None)  # a new random mark that no password matches; sessions hang on it too
        user.save(update_fields=["password"])
    return user
