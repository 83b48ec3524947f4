"""
What the demo's school sells, and a package that its student bought: paid at Stripe, as far as the school knows.

Whoever pays in the demo does so at its own stand-in for Stripe (`classbell.demo.bank`).
"""

from datetime import datetime, timedelta
from typing import Final

from classbell.demo.people import People
from classbell.payments.models import Purchase
from classbell.payments.offers import create_offer
from classbell.payments.providers import Event, Happened, Payment, State
from classbell.payments.settling import take_event

AGO: Final = timedelta(days=6)
PROVIDER: Final = "stripe"


def sell_lessons(people: People, *, now: datetime) -> None:
    """Put two things on sale, and let the student have bought one of them some days ago."""
    create_offer({"name": "One lesson · درس واحد", "lessons": 1, "price": 2500, "currency": "EUR", "valid_days": 90})
    package = create_offer(
        {"name": "Five lessons · خمسة دروس", "lessons": 5, "price": 11_000, "currency": "EUR", "valid_days": 180}
    )
    student, then = people["student"], now - AGO
    purchase = Purchase.objects.create(
        payer=student,
        student=student,
        offer=package,
        name=package.name,
        lessons=package.lessons,
        amount=package.price,
        currency=package.currency,
        valid_days=package.valid_days,
        provider=PROVIDER,
        checkout_id="cs_demo",
        look_at=then,
        created_at=then,
    )
    payment = Payment(
        state=State.PAID,
        checkout_id=purchase.checkout_id,
        payment_id="pi_demo",
        amount=purchase.amount,
        currency=purchase.currency,
    )
    said = Event(event_id="evt_demo", happened=Happened.PAYMENT, purchase_id=purchase.pk, payment=payment)
    take_event(said, of=PROVIDER, now=then)
