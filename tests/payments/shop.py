"""What is for sale in tests, and what happens to it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

import stripe as stripe_library
from django.conf import settings as django_settings
from django.test import Client
from pydantic import SecretStr

from classbell.accounts.models import User
from classbell.bookings.models import MakeUpCredit
from classbell.config.environment import Environment
from classbell.payments import buying
from classbell.payments.models import Offer, Purchase
from classbell.payments.offers import create_offer
from classbell.payments.providers import Event, Happened, Payment, State
from classbell.payments.settling import take_event
from tests.api_client import ApiClient, ApiClientHandler
from tests.payments.stripe_server import SECRET_KEY, StripeServer

Api = Callable[..., ApiClient]

WEBHOOK_SECRET: Final = "whsec_of_this_school"
WEBHOOK: Final = "/api/payments/stripe/webhook"
PRICE: Final = 10_000
_numbers = count(1)


def environment_for(stripe: StripeServer, **more: object) -> Environment:
    """Return settings with which people pay at this Stripe."""
    values = {
        "stripe_secret_key": SecretStr(SECRET_KEY),
        "stripe_webhook_secret": SecretStr(WEBHOOK_SECRET),
        "stripe_api_url": stripe.url,
    }
    return django_settings.ENVIRONMENT.model_copy(update=values | more)


def the_clock() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def package(**values: Any) -> Offer:
    """Put three lessons for 100 euros on sale, or what is named."""
    given: Any = {"name": "Three lessons", "lessons": 3, "price": PRICE, "currency": "EUR"} | values
    return create_offer(given)


def begun(student: User, offer: Offer | None = None, *, payer: User | None = None) -> Purchase:
    """Return a purchase that a student has begun: they are at Stripe's page."""
    offer = offer or package()
    purchase, url = buying.buy(
        payer=payer or student,
        student=student,
        offer_id=offer.pk,
        price=offer.price,
        currency=offer.currency,
        now=the_clock(),
    )
    assert url
    return purchase


def paid(stripe: StripeServer, student: User, offer: Offer | None = None) -> Purchase:
    """Return a purchase that is paid, and of which the webhook came."""
    purchase = begun(student, offer)
    assert hook(message("checkout.session.completed", stripe.pay(purchase.checkout_id))).status_code == 200
    purchase.refresh_from_db()
    return purchase


def make_purchase(student: User) -> Purchase:
    """Return a purchase that was paid some time, wherever that was."""
    now, offer = the_clock(), package()
    checkout_id = f"cs_of_{student.pk}"
    purchase = Purchase.objects.create(
        payer=student,
        student=student,
        offer=offer,
        name=offer.name,
        lessons=offer.lessons,
        amount=offer.price,
        currency=offer.currency,
        provider="stripe",
        checkout_id=checkout_id,
        look_at=now,
        created_at=now,
    )
    payment = Payment(
        state=State.PAID,
        checkout_id=checkout_id,
        payment_id=f"pi_of_{student.pk}",
        amount=offer.price,
        currency=offer.currency,
    )
    said = Event(event_id=f"evt_of_{student.pk}", happened=Happened.PAYMENT, purchase_id=purchase.pk, payment=payment)
    take_event(said, of="stripe", now=now)
    return Purchase.objects.get(pk=purchase.pk)


def message(kind: str, thing: dict[str, Any]) -> dict[str, Any]:
    """Return a message of Stripe."""
    return {"id": f"evt_{next(_numbers)}", "object": "event", "type": kind, "data": {"object": dict(thing)}}


def hook(body: dict[str, Any] | str, *, secret: str = WEBHOOK_SECRET, at: int | None = None) -> Any:
    """Send a message as Stripe would, signed by its own library, and return the answer."""
    raw = body if isinstance(body, str) else json.dumps(body)
    signature = stripe_library.WebhookSignature.generate_signature_header(raw, secret, at)
    return unsigned(raw, signature)


def unsigned(raw: str, signature: str = "") -> Any:
    """Send a message with any signature."""
    client = Client(raise_request_exception=False)
    client.handler = ApiClientHandler(enforce_csrf_checks=True)
    headers = {"Stripe-Signature": signature} if signature else {}
    return client.generic("POST", WEBHOOK, data=raw.encode(), content_type="application/json", headers=headers)


def left(student: User) -> int:
    """Return how many lessons somebody can use."""
    return MakeUpCredit.objects.usable(the_clock()).filter(student=student).count()
