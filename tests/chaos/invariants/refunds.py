"""Money that goes back, by what the bank gave back, and the lessons that go for it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from tests.chaos.invariants.payments import purchases
from tests.chaos.invariants.seen import Seen
from tests.chaos.journal import Outcome

# Why a refund may be refused: its lessons are used or given back, the school has not heard of the payment, or the bank
# declines it.
DECLINED: Final = "refund_refused"
MAY_BE_SAID: Final = frozenset({"too_few_unused", "not_paid", DECLINED})
REFUNDS: Final = "SELECT id::text, purchase_id::text, amount, lessons, status, provider_id FROM payments_refund"
TOLD: Final = "SELECT path, user_id FROM notices_notice WHERE kind = 'purchase_refunded'"
ADMINS_TOLD: Final = "SELECT path, user_id FROM notices_notice WHERE kind = 'refund_failed'"
GUESTS: Final = """
SELECT u.contact_email, b.status FROM bookings_booking b JOIN accounts_user u ON u.id = b.student_id WHERE u.is_guest
"""
LESSONS: Final = """
SELECT l.purchase_id::text, l.refund_id IS NOT NULL, c.taken_back_at IS NOT NULL, c.used_by_id IS NOT NULL,
    (SELECT sum(e.amount) FROM bookings_creditentry e WHERE e.credit_id = c.id)
FROM payments_boughtlesson l JOIN bookings_makeupcredit c ON c.id = l.credit_id
"""


def each_refund_goes_back_once(seen: Seen) -> Iterator[str]:
    """What was decided to be given back the bank gave back, once, or declined; it gave nothing else."""
    at_bank = defaultdict(list)
    for one in seen.stage.bank.given_back():
        at_bank[one["metadata"]["refund_key"]].append((one["amount"], one["id"]))
    for key, _purchase, amount, lessons, status, provider_id in seen.rows(REFUNDS):
        expected = ([], "failed") if status == "failed" else ([(amount, provider_id)], "done")
        if (found := at_bank.pop(key, [])) != expected[0] or status != expected[1]:
            yield f"a refund of {amount} for {lessons} lessons is {status}, and at the bank {found}"
    for found in at_bank.values():
        yield f"the bank gave back {found}, which nobody decided on"


def each_refund_is_told(seen: Seen) -> Iterator[str]:
    """Who paid is told of each refund that was made, each admin of each that the bank declined, once."""
    due: dict[str, Counter[str]] = defaultdict(Counter)
    for _key, purchase, _amount, _lessons, status, _provider_id in seen.rows(REFUNDS):
        due[status][purchase] += 1
    for status, told in (("done", Counter(seen.rows(TOLD))), ("failed", Counter(seen.rows(ADMINS_TOLD)))):
        times = {(path.rstrip("/").rpartition("/")[2], whom): count for (path, whom), count in told.items()}
        for (purchase, whom), count in times.items():
            if count != due[status][purchase]:
                yield f"of {due[status][purchase]} refunds of {purchase} that are {status} {whom} was told {count} times"
        for purchase in set(due[status]) - {purchase for purchase, _whom in times}:
            yield f"a refund of {purchase} is {status}, and nobody was told"
    ((admins,),) = seen.rows("SELECT count(*) FROM accounts_user WHERE role = 'admin' AND is_active")
    told_of = Counter(path for path, _whom in set(seen.rows(ADMINS_TOLD)))
    for path, count in told_of.items():
        if count != admins:
            yield f"{count} of {admins} admins were told of a refund that was declined: {path}"


def what_is_refunded_is_gone(seen: Seen) -> Iterator[str]:
    """
    What went back of a purchase is the part of its price that the lessons are which were taken for it; they are out of the
    balance, and nobody has used them. Of a guest's it is all, when the lesson does not take place, and nothing otherwise.
    """
    payments = {one["payment_intent"]: one["metadata"]["purchase_id"] for one in seen.stage.bank.all_of_it()}
    back: Counter[str] = Counter()
    for one in seen.stage.bank.given_back():
        back[payments[one["payment_intent"]]] += one["amount"]
    declined = {purchase for _key, purchase, _amount, _lessons, status, _id in seen.rows(REFUNDS) if status == "failed"}
    for key, row in purchases(seen).items():
        taken, is_paid = row["taken"], row["status"] in {"paid", "refunded"}
        due = row["amount"] * taken // row["lessons"]
        if not back[key] == row["refunded"] == due or (row["status"] == "refunded") != (taken > 0):
            yield f"{due} is due for {taken} lessons of purchase {key}, {back[key]} went back: {row}"
        # What was declined to a guest is left to admins.
        is_due = row["booking"] == "CANCELLED" and key not in declined
        if row["guest"] and is_paid and (taken > 0) != is_due:
            yield f"a guest has {back[key]} back for a lesson that is {row['booking']}"
    for key, is_back, is_gone, is_used, left in seen.rows(LESSONS):
        if is_back != is_gone or (is_back and (is_used or left)):
            yield f"a lesson of purchase {key} is given back: {is_back}, gone: {is_gone}, used: {is_used}, left: {left}"


def refunds_are_as_asked(seen: Seen) -> Iterator[str]:
    """
    Each refund that was acknowledged is there, made or declined, and none that nobody asked for; what a guest gave up is
    given up.
    """
    made: dict[str, list[int]] = defaultdict(list)
    declined: Counter[str] = Counter()
    for _key, purchase, _amount, lessons, status, _provider_id in seen.rows(REFUNDS):
        if status == "failed":
            declined[purchase] += 1
        else:
            made[purchase].append(lessons)
    for key, row in purchases(seen).items():
        asked = [action for action in seen.journal.of("refund") if action.about == key]
        sure = [action.body["lessons"] for action in asked if action.outcome is Outcome.DONE]
        most = len(sure) + sum(action.outcome is Outcome.UNKNOWN for action in asked)
        at_once = sum(action.outcome is Outcome.REFUSED and action.answer["code"] == DECLINED for action in asked)
        # Those that were asked for while the bank did not answer, and declined afterwards.
        later = declined[key] - at_once
        missing = Counter(one for one in sure if one) - Counter(made[key])
        if not row["guest"] and not (missing.total() <= later and len(sure) - later <= len(made[key]) <= most):
            yield (
                f"{made[key]} lessons of purchase {key} are refunded and {declined[key]} times declined, asked for were "
                f"{sure}, or {most} times, {at_once} declined at once"
            )
    for action in seen.journal.of("refund", outcome=Outcome.REFUSED):
        if action.answer["code"] not in MAY_BE_SAID:
            yield f"a refund was refused: {action.answer}"
    given_up = {action.about for action in seen.journal.done("give up")}
    for email, status in seen.rows(GUESTS):
        if email in given_up and status != "CANCELLED":
            yield f"the lesson of {email} was given up, and is {status}"
