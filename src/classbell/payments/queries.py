"""What is for sale, and what was taken and given back in all."""

from typing import TypedDict

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from classbell.accounts.models import User
from classbell.payments.models import Offer, Purchase


class Total(TypedDict):
    """Of one currency, in its smallest unit."""

    currency: str
    paid: int
    refunded: int


def offers_shown(user: User) -> QuerySet[Offer]:
    """Return what somebody may read of what is for sale: admins all, others what can be bought."""
    there = Offer.objects.select_related("kind", "teacher")
    if user.is_admin:
        return there.order_by("-is_on_sale", "lessons", "price", "pk")
    is_taught = Q(teacher=None) | Q(teacher__is_active=True)
    is_held = Q(kind=None) | Q(kind__is_active=True)
    return there.filter(is_taught, is_held, is_on_sale=True).exclude(teacher=user)


def totals_of(purchases: QuerySet[Purchase]) -> list[Total]:
    """Return what was paid and refunded, by the currency that was agreed."""
    paid = purchases.filter(paid_at__isnull=False).order_by("currency").values("currency")
    sums = paid.annotate(paid=Coalesce(Sum("paid_amount"), 0), refunded=Coalesce(Sum("refunded_amount"), 0))
    return [Total(currency=one["currency"], paid=one["paid"], refunded=one["refunded"]) for one in sums]
