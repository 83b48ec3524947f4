"""Payments, by what the bank knows of them."""

from collections.abc import Iterator

from tests.chaos.invariants.seen import Seen


def each_payment_counts_once(seen: Seen) -> Iterator[str]:
    """What was paid at the bank is one purchase that is paid, whose lessons came once; of what was not, none came."""
    rows = seen.rows(
        "SELECT p.id::text, p.checkout_id, p.status, p.lessons,"
        " (SELECT coalesce(sum(e.amount), 0) FROM payments_boughtlesson l JOIN bookings_creditentry e"
        "  ON e.credit_id = l.credit_id AND e.kind = 'earned' WHERE l.purchase_id = p.id)"
        " FROM payments_purchase p"
    )
    paid, known = set(seen.stage.bank.paid()), {row[1] for row in rows}
    for key, checkout, status, lessons, came in rows:
        expected = lessons if checkout in paid else 0
        if came != expected or (status == "paid") != (checkout in paid):
            yield f"purchase {key} is {status} with {came} lessons instead of {expected}"
    for checkout in paid - known:
        yield f"{checkout} was paid, and there is no such purchase"
    kept = {row[0] for row in rows}
    for made in seen.journal.done("buy"):
        if made.answer["purchase"]["id"] not in kept:
            yield f"the purchase of {made.by} is gone"
    bought = sum(lessons for _key, checkout, _status, lessons, _came in rows if checkout in paid)
    ((earned,),) = seen.rows(
        "SELECT count(*) FROM bookings_makeupcredit c JOIN payments_boughtlesson l ON l.credit_id = c.id"
    )
    if earned != bought:
        yield f"{earned} lessons were bought, and {bought} paid"
