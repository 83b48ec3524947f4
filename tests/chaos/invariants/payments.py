"""Payments, by what the bank knows of them."""

from collections.abc import Iterator
from typing import Any, Final

from tests.chaos.invariants.seen import Seen

PURCHASES: Final = """
SELECT p.id::text, p.checkout_id, p.status, p.lessons, p.amount, p.refunded_amount, u.is_guest, b.status,
    (SELECT coalesce(sum(e.amount), 0) FROM payments_boughtlesson l JOIN bookings_creditentry e
     ON e.credit_id = l.credit_id AND e.kind = 'earned' WHERE l.purchase_id = p.id),
    (SELECT count(*) FROM payments_boughtlesson l WHERE l.purchase_id = p.id AND l.refund_id IS NOT NULL)
FROM payments_purchase p JOIN accounts_user u ON u.id = p.payer_id LEFT JOIN bookings_booking b ON b.id = p.booking_id
"""
NAMES: Final = ("id", "checkout", "status", "lessons", "amount", "refunded", "guest", "booking", "came", "taken")


def purchases(seen: Seen) -> dict[str, dict[str, Any]]:
    """
    Return all purchases by their id: what was agreed and went back, the lesson of a guest's, and how many lessons came and
    were taken back.
    """
    return {row[0]: dict(zip(NAMES, row, strict=True)) for row in seen.rows(PURCHASES)}


def each_payment_counts_once(seen: Seen) -> Iterator[str]:
    """What was paid at the bank is one purchase that is paid, whose lessons came once; of what was not, none came."""
    rows = purchases(seen)
    paid, known = set(seen.stage.bank.paid()), {row["checkout"] for row in rows.values()}
    for row in rows.values():
        expected = row["lessons"] if row["checkout"] in paid else 0
        if row["came"] != expected or (row["status"] in {"paid", "refunded"}) != (row["checkout"] in paid):
            yield f"purchase {row['id']} is {row['status']} with {row['came']} lessons instead of {expected}"
    for checkout in paid - known:
        yield f"{checkout} was paid, and there is no such purchase"
    for made in seen.journal.done("buy"):
        if made.answer["purchase"]["id"] not in rows:
            yield f"the purchase of {made.by} is gone"
    bought = sum(row["lessons"] for row in rows.values() if row["checkout"] in paid)
    ((earned,),) = seen.rows(
        "SELECT count(*) FROM bookings_makeupcredit c JOIN payments_boughtlesson l ON l.credit_id = c.id"
    )
    if earned != bought:
        yield f"{earned} lessons were bought, and {bought} paid"
