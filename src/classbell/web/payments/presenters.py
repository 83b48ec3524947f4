"""Offers and purchases in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classbell.accounts.disclosure import name_of
from classbell.bookings.models import Booking, BookingStatus
from classbell.money import price_in_words
from classbell.payments.models import Offer, Purchase, PurchaseStatus, Refund
from classbell.payments.providers import State
from classbell.payments.queries import Total
from classbell.web.kit.labels import State as Shown

SHAPES: Final = {
    PurchaseStatus.OPEN: "wait",
    PurchaseStatus.PAID: "ok",
    PurchaseStatus.HELD: "bad",
    PurchaseStatus.REFUNDED: "off",
    PurchaseStatus.EXPIRED: "off",
}

SENTENCES: Final = {
    PurchaseStatus.PAID: gettext_lazy("Paid. The lessons are on the balance."),
    PurchaseStatus.HELD: gettext_lazy(
        "Paid, but not the agreed amount, so no lessons were given. The school has been told."
    ),
    PurchaseStatus.REFUNDED: gettext_lazy("Refunded, at least in part; what went back stands below."),
    PurchaseStatus.EXPIRED: gettext_lazy(
        "Not paid: the time for it is over, or the bank said no. Nothing was taken, and it can be bought again."
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownOffer:
    """An offer in a list: its price and what it is, in words."""

    offer: Offer
    price: str
    facts: list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPurchase:
    """A purchase in a list: what was agreed, and how it stands."""

    purchase: Purchase
    price: str
    refunded: str
    shape: str
    word: str
    student: str
    payer: str


def facts_of(thing: Offer | Purchase) -> list[str]:
    """Return what one reads of lessons before buying them: how many, of what, with whom, until when."""
    if isinstance(thing, Purchase) and thing.booking is not None:
        return [_("with %(name)s") % {"name": thing.booking.teacher.name}]
    facts = [lessons_in_words(thing.lessons)]
    facts.append(thing.kind.name if thing.kind else _("For any kind of lesson"))
    facts.append(_("with %(name)s") % {"name": thing.teacher.name} if thing.teacher else _("with any teacher"))
    if thing.valid_days:
        days = ngettext("to be used within %(n)s day", "to be used within %(n)s days", thing.valid_days)
        facts.append(days % {"n": thing.valid_days})
    return facts


def lessons_in_words(count: int) -> str:
    """Return how many lessons."""
    return ngettext("%(n)s lesson", "%(n)s lessons", count) % {"n": count}


def present_offers(offers: Iterable[Offer]) -> list[ShownOffer]:
    """Return offers as a page shows them."""
    return [ShownOffer(offer=one, price=price_in_words(one.price, one.currency), facts=facts_of(one)) for one in offers]


def present_purchases(purchases: Iterable[Purchase]) -> list[ShownPurchase]:
    """Return purchases as a page shows them; each with its payer and student, read along."""
    return [_present(one) for one in purchases]


def totals_in_words(totals: Iterable[Total]) -> list[tuple[str, str]]:
    """Return what was paid and what was refunded, a currency each."""
    return [
        (price_in_words(one["paid"], one["currency"]), price_in_words(one["refunded"], one["currency"]))
        for one in totals
    ]


def refunds_in_words(purchase: Purchase) -> list[tuple[Refund, str]]:
    """Return what went back of a purchase, each with its amount in words."""
    return [(one, price_in_words(one.amount, purchase.currency)) for one in purchase.refunds.select_related("by")]


def standing_of(purchase: Purchase, state: State | None) -> Shown:
    """
    Say truthfully what is known of a purchase that its payer comes back to: `state` is what the provider says, None where it
    says nothing.
    """
    if purchase.booking is not None and (sentence := _of_lesson(purchase, purchase.booking)):
        return _say(SHAPES[PurchaseStatus(purchase.status)], sentence)
    if purchase.status != PurchaseStatus.OPEN:
        status = PurchaseStatus(purchase.status)
        return _say(SHAPES[status], str(SENTENCES[status]))
    if state == State.WAITING:
        return _say("wait", _("Waiting for the bank. The lessons come by themselves as soon as it has paid."))
    if state is None:
        return _say("wait", _("Not known yet: the provider of payments does not answer. Look again in a minute."))
    return _say("wait", _("Not paid yet."))


def _of_lesson(purchase: Purchase, booking: Booking) -> str:
    """Say how a lesson stands that is paid as it is booked, "" where what is said of all purchases says it."""
    if purchase.status == PurchaseStatus.PAID and booking.status != BookingStatus.CANCELLED:
        return _("Paid, and the lesson is booked or asked for.")
    if purchase.status == PurchaseStatus.EXPIRED:
        return _("Not paid in time. Nothing was taken, and the time is free again.")
    return ""


def _present(purchase: Purchase) -> ShownPurchase:
    back = purchase.refunded_amount
    return ShownPurchase(
        purchase=purchase,
        price=price_in_words(purchase.amount, purchase.currency),
        refunded=price_in_words(back, purchase.currency) if back else "",
        shape=SHAPES[PurchaseStatus(purchase.status)],
        word=purchase.get_status_display(),
        student=name_of(purchase.student),
        payer=name_of(purchase.payer) if purchase.payer_id != purchase.student_id else "",
    )


def _say(kind: str, sentence: str) -> Shown:
    return Shown(kind=kind, word="", sentence=sentence, works=kind != "bad")
