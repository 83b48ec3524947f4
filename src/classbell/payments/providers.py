"""What a provider of payments has to do for Classbell. Stripe is one (`stripe_checkout`); another one does the same."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Unreachable(Exception):
    """The provider gave no answer that says anything: what was asked for may be done or not. Ask again with the same key."""


class Refused(Exception):
    """The provider said no, and did nothing. Its words may be shown to admins."""


class Forged(Exception):
    """A message is not signed by the provider, or not in our time."""


class Unreadable(Exception):
    """A message is signed, but is none that a provider would send."""


class State(StrEnum):
    """How a payment stands: `waiting` is for the bank, after the payer has done all they can."""

    OPEN = "open"
    WAITING = "waiting"
    PAID = "paid"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """
    What is to be paid; amounts are in the smallest unit of `currency`, taxes within. `email` is where the provider may send
    its receipt, "" for nowhere. Both addresses are pages of ours.
    """

    purchase_id: UUID
    title: str
    amount: int
    currency: str
    email: str
    until: datetime
    return_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkout:
    """Where somebody pays, and how the provider calls that."""

    checkout_id: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """How a checkout stands. `url` is where to go on paying while it is open; amount and currency are of what was taken."""

    state: State
    checkout_id: str
    payment_id: str = ""
    amount: int = 0
    currency: str = ""
    url: str = ""


class Happened(StrEnum):
    """What a message says: `payment` that one stands otherwise, `refunded` how much went back by now, in all."""

    PAYMENT = "payment"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """
    A message of the provider. Whose it is says `purchase_id`, or else the ids of the provider's. `payment` stands with
    `payment`, `amount` with `refunded`, `refund_id` (the provider's) and `refund_key` (ours) with `refund_failed`.
    """

    event_id: str
    happened: Happened
    purchase_id: UUID | None = None
    payment_id: str = ""
    payment: Payment | None = None
    amount: int = 0
    refund_id: str = ""
    refund_key: str = ""


class Provider(Protocol):
    """
    A provider of payments. Each call ends within seconds and raises Unreachable or Refused; asked again with the same
    purchase or key, it does nothing a second time.
    """

    name: str

    def begin(self, wanted: Wanted) -> Checkout:
        """Return where to pay; the same again for the same purchase."""

    def look_up(self, checkout_id: str) -> Payment:
        """Return how a checkout stands."""

    def refund(self, *, payment_id: str, amount: int, currency: str, key: str) -> str:
        """Give money of a payment back, once for each key. Returns the provider's id of that."""

    def read_webhook(self, raw: bytes, signature: str) -> Event | None:
        """Return what a message says, None where that is nothing to us. Raises Forged, Unreadable."""
