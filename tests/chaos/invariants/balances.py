"""Lessons that students have left: what was given less what was spent."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.invariants.seen import Seen
from tests.chaos.journal import Outcome
from tests.chaos.school import LESSONS_LEFT, STUDENTS

HELD = ("PENDING", "CONFIRMED", "COMPLETED")


def balances_add_up(seen: Seen) -> Iterator[str]:
    """What a student has left is what was given less what was spent, and never below nothing."""
    lines = seen.rows(
        "SELECT u.email, e.kind, e.amount, e.booking_id::text, e.credit_id::text FROM bookings_creditentry e"
        " JOIN bookings_makeupcredit c ON c.id = e.credit_id JOIN accounts_user u ON u.id = c.student_id ORDER BY e.number"
    )
    left = dict(
        seen.rows(
            "SELECT u.email, count(*) FROM bookings_makeupcredit c JOIN accounts_user u ON u.id = c.student_id"
            " WHERE c.used_by_id IS NULL AND c.taken_back_at IS NULL GROUP BY 1"
        )
    )
    balance: Counter[str] = Counter()
    given: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for student, kind, amount, booking, _credit in lines:
        balance[student] += amount
        if balance[student] < 0:
            yield f"{student} had {balance[student]} lessons left"
        if kind == "corrected" and amount > 0:
            given[student] += amount
        if booking is not None:
            paid[booking] -= amount
    for name in STUDENTS:
        student = seen.email(name)
        if balance[student] != left.get(student, 0):
            yield f"{student}: the ledger says {balance[student]}, {left.get(student, 0)} can be used"
    yield from _what_was_given(seen, given)
    yield from _what_was_paid(seen, paid)


def _what_was_given(seen: Seen, given: Counter[str]) -> Iterator[str]:
    for name in STUDENTS:
        student = seen.email(name)
        sure = LESSONS_LEFT + sum(
            action.facts["amount"] for action in seen.journal.done("give") if action.facts["student"] == name
        )
        perhaps = sum(
            action.facts["amount"]
            for action in seen.journal.of("give", outcome=Outcome.UNKNOWN)
            if action.facts["student"] == name
        )
        if not sure <= given[student] <= sure + perhaps:
            yield f"{student} was given {given[student]} lessons, and is to have {sure} to {sure + perhaps}"


def _what_was_paid(seen: Seen, paid: Counter[str]) -> Iterator[str]:
    for row in seen.bookings.values():
        if row["kind"] == seen.stage.school.paid and row["status"] in HELD and paid[row["id"]] != 1:
            yield f"lesson {row['id']} ({row['status']}) took {paid[row['id']]} of the balance"
        if row["status"] == "CANCELLED" and paid[row["id"]] != 0:
            yield f"cancelled lesson {row['id']} keeps {paid[row['id']]} of the balance"
