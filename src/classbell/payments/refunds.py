"""
Money that goes back, for lessons that nobody has used.

The lessons leave the balance in the transaction that decides on the refund, before the provider is asked: nobody uses a
lesson that is being refunded, and a crash in between leaves a row with `asked`, which the sweep asks about again.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Count, Q

from classbell.accounts.models import User
from classbell.bookings import makeup
from classbell.bookings.models import BookingStatus, MakeUpCredit
from classbell.bookings.models.credit import MakeUpCreditQuerySet
from classbell.errors import DomainError
from classbell.payments import notifications
from classbell.payments.errors import NoSuchPurchase, NotPaid, PayingOff, RefundRefused, TooFewUnused
from classbell.payments.gateway import provider
from classbell.payments.models import BoughtLesson, Purchase, PurchaseStatus, Refund, RefundStatus
from classbell.payments.providers import Refused, Unreachable
from classbell.rows import locked, write

log = structlog.get_logger(__name__)

NOT_FAILED: Final = (RefundStatus.ASKED, RefundStatus.DONE)


def unused_of(purchase: Purchase, *, now: datetime) -> int:
    """Return how many lessons of a purchase can still be used, and so be refunded."""
    return _usable(purchase, now).count()


def refundable(purchase: Purchase, lessons: int) -> int:
    """
    Return what goes back for so many lessons more, in the purchase's smallest unit: the part of the price that all lessons
    refunded by then are, less what went back before, so that the parts of a price never come to more than the price.
    """
    taken = BoughtLesson.objects.filter(purchase=purchase, refund__status__in=NOT_FAILED).count()
    return max(0, purchase.amount * (taken + lessons) // purchase.lessons - purchase.refunded_amount)


def refund(*, purchase_id: UUID, lessons: int | None, by: User, now: datetime) -> Refund:
    """
    Refund so many unused lessons of a purchase, None being all of them, and return how that stands: `asked` while the
    provider does not answer, which is then asked again by itself.

    Raises PayingOff, NoSuchPurchase, NotPaid, TooFewUnused, RefundRefused.
    """
    if provider() is None:
        raise PayingOff
    with transaction.atomic():
        made = _take(purchase_id, lessons, by=by, now=now)
    ask(made.pk, now=now)
    made.refresh_from_db()
    if made.status == RefundStatus.FAILED:
        raise RefundRefused
    return made


def refund_guests(*, now: datetime, most: int) -> int:
    """
    Give guests the money back for lessons that do not take place and are not lost by the policy: they have no balance to
    keep them on. Returns how many; safe to repeat. Money that a provider refused to give back is left to admins.
    """
    unused = Q(bought__credit__used_by=None, bought__credit__taken_back_at=None)
    due = Purchase.objects.filter(unused, payer__is_guest=True, status=PurchaseStatus.PAID, refunds=None)
    given_up = Q(booking=None) | Q(booking__status=BookingStatus.CANCELLED)
    done = 0
    for purchase in list(due.filter(given_up).select_related("payer").order_by("paid_at")[:most]):
        try:
            refund(purchase_id=purchase.pk, lessons=None, by=purchase.payer, now=now)
        except DomainError as error:
            log.warning("guest_not_refunded", purchase=str(purchase.pk), reason=error.code)
        else:
            done += 1
    return done


def _take(purchase_id: UUID, lessons: int | None, *, by: User, now: datetime) -> Refund:
    purchase = locked(Purchase.objects.all(), purchase_id)
    if purchase is None:
        raise NoSuchPurchase
    if purchase.credited_at is None or not purchase.payment_id:
        raise NotPaid
    unused = list(_usable(purchase, now).select_for_update(of=("self",)))
    count = len(unused) if lessons is None else lessons
    if not 1 <= count <= len(unused):
        raise TooFewUnused(len(unused))
    amount = refundable(purchase, count)
    if not amount:
        raise TooFewUnused(0)
    made = Refund.objects.create(purchase=purchase, amount=amount, lessons=count, by=by, asked_at=now)
    _withdraw([credit.pk for credit in unused[:count]], made, by=by, now=now)
    write(purchase, {"refunded_amount": purchase.refunded_amount + amount, "status": PurchaseStatus.REFUNDED})
    return made


def ask(refund_id: UUID, *, now: datetime) -> None:
    """
    Ask the provider for a refund that was decided on, and note what it says. Safe to repeat and to do twice at once: the
    provider knows the refund by its key. Without an answer it stays asked for.
    """
    asked = Refund.objects.select_related("purchase").get(pk=refund_id)
    gateway = provider()
    if asked.status != RefundStatus.ASKED or gateway is None:
        return
    purchase = asked.purchase
    try:
        provider_id = gateway.refund(
            payment_id=purchase.payment_id, amount=asked.amount, currency=purchase.currency, key=str(asked.pk)
        )
    except Unreachable as error:
        log.warning("refund_unanswered", refund=str(asked.pk), reason=str(error))
    except Refused as error:
        log.warning("refund_refused", refund=str(asked.pk), reason=str(error))
        note_failed(asked.pk, now=now)
    else:
        _note_done(asked, provider_id, now=now)


def _note_done(asked: Refund, provider_id: str, *, now: datetime) -> None:
    with transaction.atomic():
        locked(Purchase.objects.all(), asked.purchase_id)
        found = locked(Refund.objects.all(), asked.pk)
        if found is None or found.status != RefundStatus.ASKED:
            return
        write(found, {"status": RefundStatus.DONE, "provider_id": provider_id, "done_at": now})
        notifications.refunded(found, now=now)


def note_failed(refund_id: UUID, *, now: datetime) -> None:
    """Note that no money went back: the student has the lessons again, and admins are told. Safe to repeat."""
    with transaction.atomic():
        purchase_id = Refund.objects.values_list("purchase", flat=True).get(pk=refund_id)
        purchase = locked(Purchase.objects.all(), purchase_id)
        found = locked(Refund.objects.all(), refund_id)
        if purchase is None or found is None or found.status == RefundStatus.FAILED:
            return
        credits_ = list(found.taken.values_list("credit", flat=True))
        makeup.put_back(credits_, reason=purchase.name, by=None, now=now)
        found.taken.update(refund=None)
        write(found, {"status": RefundStatus.FAILED, "done_at": now})
        left = purchase.refunded_amount - found.amount
        status = PurchaseStatus.REFUNDED if left else PurchaseStatus.PAID
        write(purchase, {"refunded_amount": left, "status": status})
        notifications.refund_failed(found, now=now)


def note_refunded_elsewhere(purchase: Purchase, *, in_all: int, now: datetime) -> None:
    """
    Note what the provider says has gone back of a purchase, whose row is locked, in all: what was not asked for here was
    refunded at the provider's own page. The lessons of it leave the balance as far as they are unused; admins are told of
    the rest. What comes before the payment itself is known is settled with that.
    """
    outside = in_all - purchase.refunded_amount
    if outside <= 0:
        return
    made = Refund.objects.create(
        purchase=purchase, amount=outside, lessons=0, status=RefundStatus.DONE, asked_at=now, done_at=now
    )
    write(purchase, {"refunded_amount": in_all})
    if purchase.paid_at is not None:
        write(purchase, {"status": PurchaseStatus.REFUNDED})
        notifications.refunded(made, now=now)
    if purchase.credited_at is not None:
        take_what_was_refunded(purchase, now=now)


def take_what_was_refunded(purchase: Purchase, *, now: datetime) -> None:
    """Take the lessons of a purchase, whose row is locked, for which money went back at the provider's own page."""
    last = purchase.refunds.filter(status=RefundStatus.DONE, by=None).last()
    if last is None:
        return
    counts = purchase.bought.aggregate(taken=Count("pk", filter=Q(refund__isnull=False)))
    due = purchase.lessons * min(purchase.refunded_amount, purchase.amount) // purchase.amount - counts["taken"]
    if due <= 0:
        return
    unused = _unspent(purchase).order_by("pk").select_for_update(of=("self",))
    found = [credit.pk for credit in unused][:due]
    _withdraw(found, last, by=None, now=now)
    write(last, {"lessons": last.lessons + len(found), "missing": due - len(found)})
    if last.missing:
        notifications.lessons_missing(last, now=now)


def _withdraw(credit_ids: list[UUID], made: Refund, *, by: User | None, now: datetime) -> None:
    makeup.withdraw(credit_ids, most=len(credit_ids), reason=made.purchase.name, by=by, now=now)
    BoughtLesson.objects.filter(credit__in=credit_ids).update(refund=made)


def _usable(purchase: Purchase, now: datetime) -> MakeUpCreditQuerySet:
    return MakeUpCredit.objects.usable(now).filter(bought_by__purchase=purchase)


def _unspent(purchase: Purchase) -> MakeUpCreditQuerySet:
    """Return the lessons of a purchase that nobody used, expired ones too."""
    return MakeUpCredit.objects.filter(bought_by__purchase=purchase, used_by=None, taken_back_at=None)
