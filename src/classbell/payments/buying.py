"""
Buying: what is agreed is kept first, then the provider is asked where to pay.

One person has one open purchase of one offer for one student at a time, so that who presses twice, or comes back to pay,
pays once.
"""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from classbell.accounts.models import User
from classbell.bookings.guests.links import lesson_address, lesson_link, token_of
from classbell.payments.errors import CheckoutRefused, NoSuchOffer, PayingOff, PriceChanged, ProviderUnreachable
from classbell.payments.gateway import provider
from classbell.payments.models import Offer, Purchase, PurchaseStatus
from classbell.payments.providers import Provider, Refused, State, Unreachable, Wanted
from classbell.payments.settling import SOONEST_LOOK, ask_provider, close, close_unbegun
from classbell.rows import locked, write

log = structlog.get_logger(__name__)

# For how long an address to pay at may still be asked for: Stripe wants half an hour between that and the end.
TO_BEGIN: Final = timedelta(minutes=25)


def buy(
    *, payer: User, student: User, offer_id: UUID, price: int, currency: str, now: datetime
) -> tuple[Purchase, str]:
    """
    Buy an offer at the price that the buyer saw, and return the purchase and where to pay; "" where that is done already,
    or waits for the bank. Who has begun to buy it goes on with that purchase.

    Raises PayingOff, NoSuchOffer, PriceChanged, ProviderUnreachable, CheckoutRefused.
    """
    gateway = provider()
    if gateway is None:
        raise PayingOff
    with transaction.atomic():
        purchase = _agreed(payer, student, offer_id, (price, currency), provider_name=gateway.name, now=now)
    url = pay_address(purchase, gateway, now=now)
    purchase.refresh_from_db()
    if not url and purchase.status == PurchaseStatus.EXPIRED:
        # It ended while it was looked at; a new one is what they want.
        with transaction.atomic():
            purchase = _agreed(payer, student, offer_id, (price, currency), provider_name=gateway.name, now=now)
        url = pay_address(purchase, gateway, now=now)
        purchase.refresh_from_db()
    return purchase, url


def _agreed(
    payer: User, student: User, offer_id: UUID, seen: tuple[int, str], *, provider_name: str, now: datetime
) -> Purchase:
    """Return the open purchase of an offer, which is locked, at the price that was seen."""
    # Not its key: who settles a purchase of it holds that one already, and refers to the offer when all is written.
    on_sale = Offer.objects.filter(is_on_sale=True).select_for_update(no_key=True)
    offer = on_sale.filter(pk=offer_id).first()
    if offer is None or not _can_be_used(offer):
        raise NoSuchOffer
    if seen != (offer.price, offer.currency):
        raise PriceChanged(offer.price, offer.currency)
    open_now = Purchase.objects.filter(payer=payer, student=student, offer=offer, status=PurchaseStatus.OPEN)
    found = open_now.select_for_update().first()
    if found is not None and _still_holds(found, offer, now):
        return found
    if found is not None:
        close(found, now=now)
    return Purchase.objects.create(
        payer=payer,
        student=student,
        offer=offer,
        name=offer.name,
        kind=offer.kind,
        teacher=offer.teacher,
        lessons=offer.lessons,
        amount=offer.price,
        currency=offer.currency,
        valid_days=offer.valid_days,
        provider=provider_name,
        look_at=now + SOONEST_LOOK,
        created_at=now,
    )


def _can_be_used(offer: Offer) -> bool:
    """Whether its kind of lesson is offered and its teacher teaches, so that nobody pays for what cannot be booked."""
    return (offer.kind is None or offer.kind.is_active) and (offer.teacher is None or offer.teacher.is_active)


def _still_holds(found: Purchase, offer: Offer, now: datetime) -> bool:
    """Whether an open purchase is of what the offer is now, and can still be paid."""
    agreed = (found.amount, found.currency, found.lessons, found.kind_id, found.teacher_id, found.valid_days)
    is_same = agreed == (
        offer.price, offer.currency, offer.lessons, offer.kind_id, offer.teacher_id, offer.valid_days
    )  # fmt: skip
    return is_same and (bool(found.checkout_id) or now < found.created_at + TO_BEGIN)


def pay_address(purchase: Purchase, gateway: Provider, *, now: datetime) -> str:
    """Return where to pay a purchase, "" where there is nothing to pay. Raises ProviderUnreachable, CheckoutRefused."""
    if purchase.checkout_id:
        payment = ask_provider(purchase.pk, now=now)
        if payment is None:
            raise ProviderUnreachable
        return payment.url if payment.state == State.OPEN else ""
    wanted = Wanted(
        purchase_id=purchase.pk,
        title=purchase.name,
        amount=purchase.amount,
        currency=purchase.currency,
        email=purchase.payer.address,
        until=purchase.to_be_paid_until,
        return_url=return_url(purchase),
    )
    try:
        checkout = gateway.begin(wanted)
    except Unreachable as error:
        log.warning("payment_not_begun", purchase=str(purchase.pk), reason=str(error))
        raise ProviderUnreachable from None
    except Refused as error:
        log.warning("payment_refused", purchase=str(purchase.pk), reason=str(error))
        close_unbegun(purchase.pk, now=now)
        raise CheckoutRefused from None
    with transaction.atomic():
        found = locked(Purchase.objects.filter(checkout_id=""), purchase.pk)
        if found is not None:
            write(found, {"checkout_id": checkout.checkout_id})
    return checkout.url


def return_url(purchase: Purchase) -> str:
    """Return the page to which a payer comes back: their own, their child's, or that of a guest's link."""
    if purchase.payer.is_guest and purchase.booking is not None:
        link = lesson_link(purchase.booking)
        return lesson_address(token_of(link)) if link is not None else settings.ENVIRONMENT.public_url
    below = "" if purchase.payer_id == purchase.student_id else f"children/{purchase.student_id}/"
    return urljoin(settings.ENVIRONMENT.public_url, f"/{below}purchases/{purchase.pk}/")
