"""Make-up lessons and their ledger, as the API takes and shows them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field
from pydantic import StringConstraints

from classbell.bookings.makeup import MOST_CORRECTED
from classbell.bookings.models.credit import LONGEST_REASON
from classbell.bookings.schemas.bookings import CreditOut
from classbell.paging import PageQuery
from classbell.wire import AS_TEXT, Input, Moment, Output

Why = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_REASON), AS_TEXT]


class BalanceQuery(PageQuery):
    """Whose make-up lessons."""

    student_id: UUID | None = Field(None, description="Without it your own.")


class EntryIn(Input):
    """A correction: make-up lessons that are given, or taken away."""

    amount: int = Field(ge=-MOST_CORRECTED, le=MOST_CORRECTED, description="Above zero to give, below to take away.")
    reason: Why = Field(description="The student reads it.")
    teacher_id: UUID | None = Field(
        None,
        description="With whom lessons are given; needed then. Without it, lessons with any teacher are taken away.",
    )
    expires_at: Moment | None = Field(
        None, description="Until when what is given can be used. Without it, as long as one that the teacher missed."
    )


class LedgerEntryOut(Output):
    """One line of the ledger. `balance` is that after it."""

    id: UUID
    credit_id: UUID
    kind: str = Field(description="earned, used, returned, expired, taken_back or corrected.")
    amount: int
    balance: int
    booking_id: UUID | None
    session_id: UUID | None = Field(description="The session from which the student was excused in time.")
    teacher_id: UUID
    teacher_name: str
    reason: str
    by: str | None = Field(description="Null: a rule did it.")
    at: datetime


class BalanceAnswer(Output):
    """
    A student's make-up lessons: how many can be used now, which, and the ledger, the latest line first. Teachers see those
    for lessons with them.
    """

    student_id: UUID
    balance: int
    credits: list[CreditOut]
    entries: list[LedgerEntryOut]
    next_cursor: str | None = None
