"""
Stripe Checkout, by Stripe's own library. Cards, banks, taxes and receipts are Stripe's; nothing of a card comes here.

Taxes are within the price, so that what was agreed is what is paid. The library is loaded when it is first needed: it takes
a moment and some memory, and most processes never pay.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from classbell.money import as_typed, in_smallest_unit
from classbell.payments.providers import (
    Checkout,
    Event,
    Forged,
    Happened,
    Payment,
    Refused,
    State,
    Unreachable,
    Unreadable,
    Wanted,
)

if TYPE_CHECKING:
    import stripe

TIMEOUT_SECONDS: Final = 10
# How old a signature may be, in seconds; Stripe signs anew whatever it sends again.
MOST_AGE_SECONDS: Final = 300
PURCHASE: Final = "purchase_id"
REFUND: Final = "refund_key"
OF_CHECKOUTS: Final = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
    }
)
BANK_SAID_NO: Final = "checkout.session.async_payment_failed"
REFUNDED: Final = "charge.refunded"
OF_REFUNDS: Final = frozenset({"refund.failed", "refund.updated", "charge.refund.updated"})
# What Stripe counts in other units than the rest of the world, ISO 4217: docs.stripe.com/currencies.
WHOLE: Final = frozenset({"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV"}) | {
    "XAF",
    "XOF",
    "XPF",
}
THOUSANDTHS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


class _Session(BaseModel):
    """A Checkout Session, as much of it as is read."""

    id: str
    status: str | None = None
    payment_status: str = "unpaid"
    payment_intent: str | None = None
    amount_total: int | None = None
    currency: str | None = None
    url: str | None = None
    metadata: dict[str, str] | None = None


class _Charge(BaseModel):
    payment_intent: str | None = None
    amount_refunded: int
    currency: str
    metadata: dict[str, str] | None = None


class _Refund(BaseModel):
    id: str
    status: str | None = None
    payment_intent: str | None = None
    metadata: dict[str, str] | None = None


class _Data(BaseModel):
    object: dict[str, Any]


class _Message(BaseModel):
    id: str = Field(min_length=1, max_length=255)
    type: str
    data: _Data


class StripeCheckout:
    """One account at Stripe. `automatic_tax` lets Stripe work out taxes, once they are set up there."""

    name = "stripe"

    def __init__(self, *, secret_key: str, webhook_secret: str, api_url: str, automatic_tax: bool) -> None:
        self._secret_key = secret_key
        self._webhook_secret = webhook_secret
        self._api_url = api_url
        self._automatic_tax = automatic_tax

    def begin(self, wanted: Wanted) -> Checkout:
        """Return where to pay; the same again for the same purchase."""
        metadata = {PURCHASE: str(wanted.purchase_id)}
        price: Any = {
            "currency": wanted.currency.lower(),
            "unit_amount": _at_stripe(wanted.amount, wanted.currency),
            "product_data": {"name": wanted.title},
            "tax_behavior": "inclusive",
        }
        asked: Any = {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "client_reference_id": str(wanted.purchase_id),
            "metadata": metadata,
            # Stripe hands it on to the charge, whose refunds come without the session.
            "payment_intent_data": {"metadata": metadata},
            "expires_at": int(wanted.until.timestamp()),
            "success_url": wanted.return_url,
            "cancel_url": wanted.return_url,
            "automatic_tax": {"enabled": self._automatic_tax},
        }
        if wanted.email:
            asked["customer_email"] = wanted.email
        with _said_plainly():
            session = self._client().v1.checkout.sessions.create(
                asked, {"idempotency_key": f"checkout-{wanted.purchase_id}"}
            )
        if not session.url:
            raise Refused("Stripe gave no address to pay at.")
        return Checkout(checkout_id=session.id, url=session.url)

    def look_up(self, checkout_id: str) -> Payment:
        """Return how a checkout stands."""
        with _said_plainly():
            session = self._client().v1.checkout.sessions.retrieve(checkout_id)
            return _payment(_Session.model_validate(session.to_dict()))

    def refund(self, *, payment_id: str, amount: int, currency: str, key: str) -> str:
        """
        Give money back, once for each key: Stripe forgets idempotency keys after a day, so its own list of refunds is read
        first. Returns Stripe's id of the refund.
        """
        with _said_plainly():
            refunds = self._client().v1.refunds
            there = refunds.list({"payment_intent": payment_id, "limit": 100}).data
            known = [_Refund.model_validate(one.to_dict()) for one in there]
            made = next((one for one in known if (one.metadata or {}).get(REFUND) == key), None)
            if made is None:
                units = _at_stripe(amount, currency)
                new = refunds.create(
                    {"payment_intent": payment_id, "amount": units, "metadata": {REFUND: key}},
                    {"idempotency_key": f"refund-{key}"},
                )
                made = _Refund.model_validate(new.to_dict())
        if made.status in ("failed", "canceled"):
            raise Refused(f"Stripe says that the refund is {made.status}.")
        return made.id

    def read_webhook(self, raw: bytes, signature: str) -> Event | None:
        """Return what a message says, None where that is nothing to us. Raises Forged, Unreadable."""
        import stripe  # noqa: PLC0415 -- see above

        try:
            stripe.WebhookSignature.verify_header(raw, signature, self._webhook_secret, MOST_AGE_SECONDS)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            raise Forged from None
        try:
            message = _Message.model_validate_json(raw)
            return _event(message)
        except ValueError as error:
            raise Unreadable from error

    def _client(self) -> stripe.StripeClient:
        import stripe  # noqa: PLC0415 -- see above

        return stripe.StripeClient(
            self._secret_key,
            base_addresses={"api": self._api_url.rstrip("/")},
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
            max_network_retries=0,
        )


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Turn what the library raises into what providers raise; of Stripe's words only its message, never what was sent."""
    import stripe  # noqa: PLC0415 -- see above

    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise Unreachable(type(error).__name__) from None
    except stripe.StripeError as error:
        if error.http_status is None or error.http_status >= 500 or error.http_status == 409:
            raise Unreachable(f"{type(error).__name__} {error.http_status}") from None
        raise Refused(f"{type(error).__name__} {error.http_status} {error.code or ''}".strip()) from None
    except ValidationError:
        raise Unreachable("an answer that cannot be read") from None


def _event(message: _Message) -> Event | None:
    """Return what a message says. Raises ValueError for one that is not as Stripe has them."""
    if message.type in OF_CHECKOUTS:
        session = _Session.model_validate(message.data.object)
        payment = _payment(session, is_over=message.type == BANK_SAID_NO)
        return Event(
            event_id=message.id,
            happened=Happened.PAYMENT,
            purchase_id=_purchase_of(session.metadata),
            payment_id=payment.payment_id,
            payment=payment,
        )
    if message.type == REFUNDED:
        charge = _Charge.model_validate(message.data.object)
        return Event(
            event_id=message.id,
            happened=Happened.REFUNDED,
            purchase_id=_purchase_of(charge.metadata),
            payment_id=charge.payment_intent or "",
            amount=_from_stripe(charge.amount_refunded, charge.currency.upper()),
        )
    if message.type in OF_REFUNDS:
        refund = _Refund.model_validate(message.data.object)
        if refund.status not in ("failed", "canceled"):
            return None
        return Event(
            event_id=message.id,
            happened=Happened.REFUND_FAILED,
            payment_id=refund.payment_intent or "",
            refund_id=refund.id,
            refund_key=(refund.metadata or {}).get(REFUND, ""),
        )
    return None


def _payment(session: _Session, *, is_over: bool = False) -> Payment:
    state = State.OPEN
    if session.payment_status in ("paid", "no_payment_required"):
        state = State.PAID
    elif is_over or session.status == "expired":
        state = State.EXPIRED
    elif session.status == "complete":
        state = State.WAITING
    currency = (session.currency or "").upper()
    return Payment(
        state=state,
        checkout_id=session.id,
        payment_id=session.payment_intent or "",
        amount=_from_stripe(session.amount_total or 0, currency),
        currency=currency,
        url=session.url or "",
    )


def _purchase_of(metadata: dict[str, str] | None) -> UUID | None:
    try:
        return UUID((metadata or {}).get(PURCHASE, ""))
    except ValueError:
        return None


def _at_stripe(amount: int, currency: str) -> int:
    """Return an amount as Stripe counts it. Raises Refused for one that it cannot be told."""
    units = as_typed(amount, currency).scaleb(_digits(currency))
    if units != units.to_integral_value():
        raise Refused(f"Stripe has no such amounts of {currency}.")
    return int(units)


def _from_stripe(units: int, currency: str) -> int:
    """Return an amount of Stripe's in the currency's smallest unit; rounded up, so that no part of one is overlooked."""
    typed = Decimal(units).scaleb(-_digits(currency))
    try:
        return in_smallest_unit(typed, currency)
    except ValueError:
        return int(in_smallest_unit(typed.to_integral_value(), currency)) + 1


def _digits(currency: str) -> int:
    if currency in WHOLE:
        return 0
    return 3 if currency in THOUSANDTHS else 2
