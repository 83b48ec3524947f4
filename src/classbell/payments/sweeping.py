"""What no webhook said, asked for: purchases that may still be paid, and refunds that were not answered."""

from datetime import datetime, timedelta
from typing import Final

from classbell.payments.gateway import is_on
from classbell.payments.models import CHECKOUT_HOLDS, Purchase, Refund, RefundStatus
from classbell.payments.refunds import ask
from classbell.payments.settling import ask_provider, close_unbegun

# Of one run; what is left over comes first in the next.
MOST_AT_ONCE: Final = 50
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
    return len(purchases) + len(refunds)
