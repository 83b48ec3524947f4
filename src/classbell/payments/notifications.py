"""What people are told about payments."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from classbell.notices.admins import tell_admins
from classbell.notices.services import tell, tell_of_ward
from classbell.notices.texts import Kind
from classbell.payments.models import Purchase, Refund


def paid(purchase: Purchase, *, now: datetime) -> None:
    """The money came, and the lessons are there."""
    _tell_payer(purchase, Kind.PURCHASE_PAID, _price(purchase.amount, purchase.currency), now=now)


def refunded(refund: Refund, *, now: datetime) -> None:
    """Money goes back to who paid."""
    purchase = refund.purchase
    _tell_payer(purchase, Kind.PURCHASE_REFUNDED, _price(refund.amount, purchase.currency), now=now)


def another_amount(purchase: Purchase, *, now: datetime) -> None:
    """Admins: money came, but not as much as was agreed."""
    facts = {
        "agreed": {"amount": purchase.amount, "currency": purchase.currency},
        **_price(purchase.paid_amount or 0, purchase.paid_currency or purchase.currency),
    }
    _tell_admins(purchase, Kind.PAYMENT_DIFFERS, facts, now=now)


def refund_failed(refund: Refund, *, now: datetime) -> None:
    """Admins: the provider did not give the money back, and the student has the lessons again."""
    _tell_admins(refund.purchase, Kind.REFUND_FAILED, _price(refund.amount, refund.purchase.currency), now=now)


def lessons_missing(refund: Refund, *, now: datetime) -> None:
    """Admins: money went back for lessons that are used."""
    facts = _price(refund.amount, refund.purchase.currency) | {"count": refund.missing}
    _tell_admins(refund.purchase, Kind.REFUNDED_LESSONS_USED, facts, now=now)


def _tell_payer(purchase: Purchase, kind: Kind, facts: dict[str, Any], *, now: datetime) -> None:
    path = reverse("purchase", args=(purchase.pk,))
    facts = facts | {"title": purchase.name}
    if purchase.payer_id == purchase.student_id:
        tell(purchase.payer, kind, facts, path=path, now=now)
    else:
        tell_of_ward(purchase.payer, purchase.student, kind, facts, path=path, now=now)


def _tell_admins(purchase: Purchase, kind: Kind, facts: dict[str, Any], *, now: datetime) -> None:
    facts = facts | {"title": purchase.name, "student": purchase.student.name}
    tell_admins(kind, facts, page="purchase", arguments=(purchase.pk,), now=now)


def _price(amount: int, currency: str) -> dict[str, Any]:
    return {"price": {"amount": amount, "currency": currency}}
