"""
What the provider says of a payment, taken in: by webhook, by asking, in any order, and as often as it comes.

The lessons of a purchase come onto the balance in the transaction that notes the payment, once: by the purchase's row, which
is locked, by `credited_at`, and by the constraint that each lesson of a purchase is one.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from classbell.bookings import makeup, services
from classbell.bookings.models import Origin
from classbell.payments import notifications, refunds
from classbell.payments.gateway import provider
from classbell.payments.models import BoughtLesson, ProviderEvent, Purchase, PurchaseStatus, Refund, RefundStatus
from classbell.payments.providers import Event, Happened, Payment, Refused, State, Unreachable
from classbell.rows import locked, write

log = structlog.get_logger(__name__)

SOONEST_LOOK: Final = timedelta(minutes=5)
RAREST_LOOK: Final = timedelta(hours=6)
# No bank takes longer; nobody looks after it any more, and what comes still counts.
LONGEST_WAIT: Final = timedelta(days=30)


def take_event(event: Event, *, of: str, now: datetime) -> bool:
    """
    Take in a message of the provider called `of`. Returns whether it was new: one that came before changes nothing.
    What is about no purchase of ours, as where another shop has the same account, is kept and changes nothing either.
    """
    with transaction.atomic():
        purchase = _purchase_of(event, of)
        row, is_new = ProviderEvent.objects.get_or_create(
            provider=of,
            event_id=event.event_id,
            defaults={"kind": event.happened.value, "purchase": purchase, "received_at": now},
        )
        if not is_new:
            return False
        if purchase is None:
            log.info("payment_of_another_shop", event_id=row.event_id)
            return True
        if event.payment is not None:
            _note(purchase, event.payment, now=now)
        elif event.happened == Happened.REFUNDED:
            refunds.note_refunded_elsewhere(purchase, in_all=event.amount, now=now)
        else:
            _note_refund_failed(purchase, event, now=now)
    return True


def ask_provider(purchase_id: UUID, *, now: datetime) -> Payment | None:
    """
    Ask the provider how a purchase stands, and take in the answer. None: it gave none, or there is nothing to ask about.
    Safe to repeat.
    """
    purchase = Purchase.objects.get(pk=purchase_id)
    gateway = provider()
    if gateway is None or not purchase.checkout_id:
        return None
    try:
        payment = gateway.look_up(purchase.checkout_id)
    except (Unreachable, Refused) as error:
        log.warning("payment_not_known", purchase=str(purchase_id), reason=str(error))
        payment = None
    with transaction.atomic():
        found = _locked(Purchase.objects.all(), purchase_id)
        if found is not None and payment is not None:
            _note(found, payment, now=now)
        if found is not None and found.look_at is not None:
            _look_again(found, now=now)
    return payment


def close_unbegun(purchase_id: UUID, *, now: datetime) -> None:
    """Close a purchase for which the provider never gave an address: nobody can have paid it."""
    with transaction.atomic():
        purchase = locked(Purchase.objects.filter(checkout_id=""), purchase_id)
        if purchase is not None:
            close(purchase, now=now)
            write(purchase, {"look_at": None})


def close(purchase: Purchase, *, now: datetime) -> None:
    """Note that a purchase, whose row is locked, is not to be paid any more. Money that comes all the same still counts."""
    if purchase.status == PurchaseStatus.OPEN:
        write(purchase, {"status": PurchaseStatus.EXPIRED, "closed_at": now})


def _note(purchase: Purchase, payment: Payment, *, now: datetime) -> None:
    """Note how the payment of a purchase, whose row is locked, stands."""
    if not purchase.checkout_id:
        write(purchase, {"checkout_id": payment.checkout_id})
    if payment.state == State.PAID and purchase.paid_at is None:
        _note_paid(purchase, payment, now=now)
    elif payment.state == State.EXPIRED:
        close(purchase, now=now)
    elif payment.state == State.WAITING and purchase.booking_id is not None:
        services.hold_until_start(booking_id=purchase.booking_id)
    if payment.state in (State.PAID, State.EXPIRED):
        write(purchase, {"look_at": None})


def _note_paid(purchase: Purchase, payment: Payment, *, now: datetime) -> None:
    is_agreed = (payment.amount, payment.currency) == (purchase.amount, purchase.currency)
    write(
        purchase,
        {
            "status": PurchaseStatus.PAID if is_agreed else PurchaseStatus.HELD,
            "payment_id": payment.payment_id,
            "paid_amount": max(payment.amount, purchase.refunded_amount),
            "paid_currency": payment.currency,
            "paid_at": now,
            "closed_at": None,
        },
    )
    if is_agreed:
        _credit(purchase, now=now)
        if purchase.booking_id is None or not services.take_paid(booking_id=purchase.booking_id, now=now):
            notifications.paid(purchase, now=now)
    else:
        notifications.another_amount(purchase, now=now)
    if purchase.refunded_amount:
        write(purchase, {"status": PurchaseStatus.REFUNDED})
        refunds.take_what_was_refunded(purchase, now=now)


def _credit(purchase: Purchase, *, now: datetime) -> None:
    """Give the lessons of a purchase, whose row is locked."""
    until = None if purchase.valid_days is None else now + timedelta(days=purchase.valid_days)
    bought = makeup.add_bought(
        student=purchase.student,
        teacher=purchase.teacher,
        kind=purchase.kind,
        count=purchase.lessons,
        expires_at=until,
        origin=Origin.PACKAGE if purchase.lessons > 1 else Origin.SINGLE,
        by=purchase.payer,
        reason=purchase.name,
        now=now,
    )
    BoughtLesson.objects.bulk_create(
        BoughtLesson(purchase=purchase, number=number, credit=credit) for number, credit in enumerate(bought, start=1)
    )
    write(purchase, {"credited_at": now})


def _note_refund_failed(purchase: Purchase, event: Event, *, now: datetime) -> None:
    by_id = Q(provider_id=event.refund_id)
    known = purchase.refunds.filter(by_id, status=RefundStatus.DONE).first() or _by_key(purchase, event.refund_key)
    if known is not None:
        refunds.note_failed(known.pk, now=now)


def _by_key(purchase: Purchase, key: str) -> Refund | None:
    return next((one for one in purchase.refunds.all() if str(one.pk) == key), None)


def _look_again(purchase: Purchase, *, now: datetime) -> None:
    """Say when a purchase that may still be paid, whose row is locked, is looked up next: soon, then ever more rarely."""
    age = now - purchase.created_at
    if age > LONGEST_WAIT:
        close(purchase, now=now)
        write(purchase, {"look_at": None})
    else:
        write(purchase, {"look_at": now + min(max(age / 2, SOONEST_LOOK), RAREST_LOOK)})


def _purchase_of(event: Event, of: str) -> Purchase | None:
    """Return whose purchase a message is about, with its row locked."""
    ours = Purchase.objects.filter(provider=of)
    if event.purchase_id is not None:
        return _locked(ours, event.purchase_id)
    checkout_id = event.payment.checkout_id if event.payment else ""
    ids = Q(checkout_id=checkout_id) & ~Q(checkout_id="") | Q(payment_id=event.payment_id) & ~Q(payment_id="")
    found = ours.filter(ids).values_list("pk", flat=True).first()
    return _locked(ours, found) if found else None


def _locked(purchases: QuerySet[Purchase], purchase_id: UUID) -> Purchase | None:
    """Return a purchase with its row locked, before it the booking that it pays: whoever changes that has locked it first."""
    booking_id = purchases.filter(pk=purchase_id).values_list("booking", flat=True).first()
    if booking_id is not None:
        services.locked(booking_id)
    return locked(purchases, purchase_id)
