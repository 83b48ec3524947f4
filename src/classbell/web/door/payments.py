"""What a guest reads of the payment of their lesson."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from classbell.bookings.models import Booking
from classbell.money import price_in_words
from classbell.payments import refunds
from classbell.payments.gateway import is_on
from classbell.payments.models import Purchase, PurchaseStatus, RefundStatus
from classbell.payments.providers import State
from classbell.payments.settling import ask_provider
from classbell.web.tutoring.presenters.actions import loses_lesson


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPayment:
    """
    The price in words, "" for a lesson that is not paid here; where to pay while it can be paid; what is known meanwhile; and
    what became or becomes of the money of a lesson that does not take place. It `has_come` if that was found out just
    now, and the lesson asked for.
    """

    price: str = ""
    url: str = ""
    note: str = ""
    back: str = ""
    has_come: bool = False


def payment_of(booking: Booking, *, now: datetime) -> ShownPayment:
    """Return how the payment of a guest's lesson stands; the provider is asked unless it is known how it ended."""
    purchase = Purchase.objects.filter(booking=booking).first()
    if purchase is None:
        return ShownPayment()
    price = price_in_words(purchase.amount, purchase.currency)
    if purchase.look_at is None or not is_on():
        return _ended(booking, purchase, price)
    payment = ask_provider(purchase.pk, now=now)
    purchase.refresh_from_db()
    if payment is None:
        note = _("Not known yet: the provider of payments does not answer. Look again in a minute.")
        return ShownPayment(price=price, note=note)
    if payment.state == State.WAITING:
        return ShownPayment(price=price, note=_("Waiting for the bank. The time stays held meanwhile."))
    can_pay = payment.state == State.OPEN and booking.is_live
    if purchase.paid_at is not None:
        return replace(_ended(Booking.objects.get(pk=booking.pk), purchase, price), has_come=True)
    return ShownPayment(price=price, url=payment.url if can_pay else "")


def payment_if_cancelled(booking: Booking, *, now: datetime) -> ShownPayment:
    """Return what would become of the money, were the guest to cancel their lesson now."""
    purchase = Purchase.objects.filter(booking=booking, status=PurchaseStatus.PAID).first()
    if purchase is None:
        return ShownPayment()
    price = price_in_words(purchase.amount, purchase.currency)
    if loses_lesson(booking, booking.student, now=now):
        return ShownPayment(price=price, back=_("It is too late to get your money back: %(price)s.") % {"price": price})
    return ShownPayment(price=price, back=_("%(price)s goes back the way it came.") % {"price": price})


def _ended(booking: Booking, purchase: Purchase, price: str) -> ShownPayment:
    note = _("Paid: %(price)s.") % {"price": price} if purchase.paid_at is not None and booking.is_live else ""
    return ShownPayment(price=price, note=note, back=_back(booking, purchase, price))


def _back(booking: Booking, purchase: Purchase, price: str) -> str:
    if booking.is_live or purchase.paid_at is None:
        return ""
    refund = purchase.refunds.last()
    if refund is not None and refund.status == RefundStatus.FAILED:
        return _("Your money could not be given back by itself. The school has been told.")
    if refund is not None:
        return _("%(price)s went back the way it came.") % {"price": price_in_words(refund.amount, purchase.currency)}
    if refunds.unused_of(purchase, now=purchase.paid_at):
        return _("%(price)s goes back the way it came.") % {"price": price}
    return ""
