"""What is for sale: every change of offers. They are the school's, so admins make and change them."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypedDict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bookings.models import LessonKind
from classbell.bookings.models.kind import MOST_PRICE
from classbell.bookings.queries import people_who_may_teach
from classbell.payments.errors import NoSuchOffer, OfferRefused
from classbell.payments.models import LONGEST_NAME, MOST_LESSONS, Offer
from classbell.rows import locked, write

MOST_DAYS: Final = 3660
CURRENCY: Final = re.compile(r"[A-Z]{3}")
WHOLE_NUMBERS: Final = {"lessons": MOST_LESSONS, "price": MOST_PRICE, "valid_days": MOST_DAYS}


class OfferChanges(TypedDict, total=False):
    """What to say of an offer; what is not named stays, or begins as the model has it."""

    name: str
    kind: LessonKind | None
    teacher: User | None
    lessons: int
    price: int
    currency: str
    valid_days: int | None
    is_on_sale: bool


def create_offer(values: OfferChanges) -> Offer:
    """Put something on sale. Raises OfferRefused."""
    begin: OfferChanges = {"name": "", "lessons": 1, "price": 0, "currency": ""}
    given = {**begin, **values}
    _check(given)
    return Offer.objects.create(**given)


def change_offer(*, offer_id: UUID, changes: OfferChanges) -> Offer:
    """Change what is named of an offer; what was bought stays as it was agreed. Raises NoSuchOffer, OfferRefused."""
    _check(changes)
    with transaction.atomic():
        offer = locked(Offer.objects.all(), offer_id)
        if offer is None:
            raise NoSuchOffer
        return write(offer, changes)


def _check(given: Mapping[str, Any]) -> None:
    refused = {}
    if "name" in given and not 1 <= len(given["name"].strip()) <= LONGEST_NAME:
        refused["name"] = _("say what it is, in at most %(most)s characters") % {"most": LONGEST_NAME}
    for name, most in WHOLE_NUMBERS.items():
        value = given.get(name, 1)
        is_free = value is None and name == "valid_days"
        if not is_free and not (isinstance(value, int) and 1 <= value <= most):
            refused[name] = _("must be a whole number from %(least)s to %(most)s") % {"least": 1, "most": most}
    if "currency" in given and not CURRENCY.fullmatch(given["currency"]):
        refused["currency"] = _("three letters, such as EUR or SAR")
    teacher = given.get("teacher")
    if teacher is not None and not people_who_may_teach().filter(pk=teacher.pk).exists():
        refused["teacher"] = _("name somebody who teaches here, or nobody")
    if refused:
        raise OfferRefused(refused)
