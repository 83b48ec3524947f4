"""What no webhook said, asked for: purchases that may still be paid, and refunds that were not answered."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from classbell.payments.gateway import is_on
from classbell.payments.models import CHECKOUT_HOLDS, ProviderEvent, Purchase, PurchaseStatus, Refund, RefundStatus
from classbell.payments.refunds import ask, refund_guests
from classbell.payments.settling import ask_provider, close_unbegun

# Of one run; what is left over comes first in the next.
MOST_AT_ONCE: Final = 50
A_NIGHT: Final = 2_000
# Whoever decided on a refund asks for it themselves at first.
LEFT_ALONE: Final = timedelta(minutes=1)


def sweep(*, now: datetime) -> int:
    """Ask the provider about everything whose time it is, and return how much that was. Safe to repeat, and at once."""
    if not is_on():
        return 0
    due = Purchase.objects.filter(look_at__lte=now).order_by("look_at")[:MOST_AT_ONCE]
    purchases = list(due.values_list("pk", "checkout_id", "created_at"))
    for key, checkout_id, created_at in purchases:
        if checkout_id:
            if ask_provider(key, now=now) is None:
                # It does not answer: the others would wait for nothing one after the other.
                break
        elif created_at < now - CHECKOUT_HOLDS:
            close_unbegun(key, now=now)
    asked = Refund.objects.filter(status=RefundStatus.ASKED, asked_at__lt=now - LEFT_ALONE).order_by("asked_at")
    refunds = list(asked.values_list("pk", flat=True)[:MOST_AT_ONCE])
    for refund_id in refunds:
        ask(refund_id, now=now)
    back = refund_guests(now=now, most=MOST_AT_ONCE)
    return len(purchases) + len(refunds) + back


def forget_unpaid(*, now: datetime) -> int:
    """
    Delete what guests were about to pay and did not, once nobody can pay it any more, after so many days as guests are kept.
    Returns how many; safe to repeat.
    """
    before = now - timedelta(days=settings.ENVIRONMENT.keep_guests_days)
    old = Purchase.objects.filter(
        payer__is_guest=True, status=PurchaseStatus.EXPIRED, look_at=None, closed_at__lt=before
    )
    found = list(old.values_list("pk", flat=True)[:A_NIGHT])
    with transaction.atomic():
        ProviderEvent.objects.filter(purchase__in=found).delete()
        Purchase.objects.filter(pk__in=found, status=PurchaseStatus.EXPIRED, payer__is_guest=True).delete()
    return len(found)
