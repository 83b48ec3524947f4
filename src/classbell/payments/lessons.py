"""
Paying for one lesson as it is booked, by students and by guests: its time is held meanwhile.

Once it is paid the lesson comes onto the balance and is taken from there for the booking, in one transaction, as if it had
been bought before. Money that comes when the time is given up already stays a lesson of the student's balance; a guest, who
has none, gets it back (`refunds.refund_guests`).
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from classbell import reasons
from classbell.accounts.models import User
from classbell.bookings import makeup, services
from classbell.bookings.models import Booking, LessonKind
from classbell.payments.buying import pay_address
from classbell.payments.errors import CheckoutRefused, PayingOff, PriceChanged, ProviderUnreachable
from classbell.payments.gateway import is_on, provider
from classbell.payments.models import HOLDS_A_TIME, Purchase
from classbell.payments.settling import SOONEST_LOOK, close_unbegun


def is_paid_when_booked(kind: LessonKind) -> bool:
    """Whether a lesson of a kind can be paid as it is booked."""
    return kind.takes_a_lesson and not kind.is_free and is_on()


def has_to_pay(kind: LessonKind, student: User, *, now: datetime) -> bool:
    """Whether somebody pays a lesson of a kind as they book it: what is on their balance is used first."""
    return is_paid_when_booked(kind) and not makeup.has_for_kind(student, kind, now=now)


def book_and_pay(
    book: Callable[[datetime], Booking], *, payer: User | None, price: int, currency: str, now: datetime
) -> tuple[Booking, Purchase, str]:
    """
    Hold the time of a lesson that `book` books, until the moment that it is given, and return the booking, its purchase, and
    where to pay. `payer` None is the booking's student. Where nobody can pay, nothing is held.

    Raises PayingOff, PriceChanged where the kind's price is another than the buyer saw, ProviderUnreachable,
    CheckoutRefused, and what `book` does.
    """
    gateway = provider()
    if gateway is None:
        raise PayingOff
    with transaction.atomic():
        booking = book(now + HOLDS_A_TIME)
        kind = booking.kind
        if kind is None or not kind.price:
            raise PayingOff
        if (price, currency) != (kind.price, kind.currency):
            raise PriceChanged(kind.price, kind.currency)
        purchase = Purchase.objects.create(
            payer=payer or booking.student,
            student=booking.student,
            booking=booking,
            name=kind.name,
            kind=kind,
            lessons=1,
            amount=price,
            currency=currency,
            provider=gateway.name,
            look_at=now + SOONEST_LOOK,
            created_at=now,
        )
    try:
        url = pay_address(purchase, gateway, now=now)
    except (ProviderUnreachable, CheckoutRefused):
        _give_up(booking.pk, purchase.pk, now=now)
        raise
    return booking, purchase, url


def _give_up(booking_id: UUID, purchase_id: UUID, *, now: datetime) -> None:
    """Free the time for another try: nobody was told where to pay."""
    with transaction.atomic():
        services.give_up_hold(booking_id=booking_id, reason=reasons.NOT_PAID, now=now)
        close_unbegun(purchase_id, now=now)
