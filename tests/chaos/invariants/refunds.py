"""Money that goes back, by what the bank gave back, and the lessons that go for it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from tests.chaos.invariants.payments import purchases
from tests.chaos.invariants.seen import Seen
from tests.chaos.journal import Outcome

# Why a refund may be refused: its lessons are used or given back, or the school has not heard of the payment.
MAY_BE_SAID: Final = frozenset({"too_few_unused", "not_paid"})
REFUNDS: Final = "SELECT id::text, purchase_id::text, amount, lessons, status, provider_id FROM payments_refund"
TOLD: Final = "SELECT path FROM notices_notice WHERE kind = 'purchase_refunded'"
GUESTS: Final = """
SELECT u.contact_email, b.status FROM bookings_booking b JOIN accounts_user u ON u.id = b.student_id WHERE u.is_guest
"""
LESSONS: Final = """
SELECT l.purchase_id::text, l.refund_id IS NOT NULL, c.taken_back_at IS NOT NULL, c.used_by_id IS NOT NULL,
    (SELECT sum(e.amount) FROM bookings_creditentry e WHERE e.credit_id = c.id)
FROM payments_boughtlesson l JOIN bookings_makeupcredit c ON c.id = l.credit_id
"""


def each_refund_goes_back_once(seen: Seen) -> Iterator[str]:
    """What was decided to be given back the bank gave back, once; it gave nothing else; and who paid was told of each."""
    at_bank = defaultdict(list)
    for one in seen.stage.bank.given_back():
        at_bank[one["metadata"]["refund_key"]].append((one["amount"], one["id"]))
    decided: Counter[str] = Counter()
    for key, purchase, amount, lessons, status, provider_id in seen.rows(REFUNDS):
        decided[purchase] += 1
        if (found := at_bank.pop(key, [])) != [(amount, provider_id)] or status != "done":
            yield f"a refund of {amount} for {lessons} lessons is {status}, and at the bank {found}"
    for found in at_bank.values():
        yield f"the bank gave back {found}, which nobody decided on"
    told = Counter(path.rstrip("/").rpartition("/")[2] for (path,) in seen.rows(TOLD))
    for purchase in decided | told:
        if told[purchase] != decided[purchase]:
            yield f"of {decided[purchase]} refunds of {purchase} {told[purchase]} were told"


def what_is_refunded_is_gone(seen: Seen) -> Iterator[str]:
    """
    What went back of a purchase is the part of its price that the lessons are which were taken for it; they are out of the
    balance, and nobody has used them. Of a guest's it is all, when the lesson does not take place, and nothing otherwise.
    """
    payments = {one["payment_intent"]: one["metadata"]["purchase_id"] for one in seen.stage.bank.all_of_it()}
    back: Counter[str] = Counter()
    for one in seen.stage.bank.given_back():
        back[payments[one["payment_intent"]]] += one["amount"]
    for key, row in purchases(seen).items():
        taken, is_paid = row["taken"], row["status"] in {"paid", "refunded"}
        due = row["amount"] * taken // row["lessons"]
        if not back[key] == row["refunded"] == due or (row["status"] == "refunded") != (taken > 0):
            yield f"{due} is due for {taken} lessons of purchase {key}, {back[key]} went back: {row}"
        if row["guest"] and is_paid and (taken > 0) != (row["booking"] == "CANCELLED"):
            yield f"a guest has {back[key]} back for a lesson that is {row['booking']}"
    for key, is_back, is_gone, is_used, left in seen.rows(LESSONS):
        if is_back != is_gone or (is_back and (is_used or left)):
            yield f"a lesson of purchase {key} is given back: {is_back}, gone: {is_gone}, used: {is_used}, left: {left}"


def refunds_are_as_asked(seen: Seen) -> Iterator[str]:
    """Each refund that was acknowledged is there, and none that nobody asked for; what a guest gave up is given up."""
    made: dict[str, list[int]] = defaultdict(list)
    for _key, purchase, _amount, lessons, _status, _provider_id in seen.rows(REFUNDS):
        made[purchase].append(lessons)
    for key, row in purchases(seen).items():
        asked = [action for action in seen.journal.of("refund") if action.about == key]
        sure = [action.body["lessons"] for action in asked if action.outcome is Outcome.DONE]
        most = len(sure) + sum(action.outcome is Outcome.UNKNOWN for action in asked)
        missing = Counter(one for one in sure if one) - Counter(made[key])
        if not row["guest"] and (missing or not len(sure) <= len(made[key]) <= most):
            yield f"{made[key]} lessons of purchase {key} are refunded, asked for were {sure}, or {most} times"
    for action in seen.journal.of("refund", outcome=Outcome.REFUSED):
        if action.answer["code"] not in MAY_BE_SAID:
            yield f"a refund was refused: {action.answer}"
    given_up = {action.about for action in seen.journal.done("give up")}
    for email, status in seen.rows(GUESTS):
        if email in given_up and status != "CANCELLED":
            yield f"the lesson of {email} was given up, and is {status}"
