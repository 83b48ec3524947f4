"""Lessons that students are owed and their ledger, as the API takes and shows them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field
from pydantic import StringConstraints

from classbell.bookings.makeup import MOST_CORRECTED
from classbell.bookings.models import Origin
from classbell.bookings.models.credit import LONGEST_REASON
from classbell.bookings.schemas.bookings import CreditOut
from classbell.paging import PageQuery
from classbell.wire import AS_TEXT, Input, Moment, Output

Why = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_REASON), AS_TEXT]


class BalanceQuery(PageQuery):
    """Whose lessons."""

    student_id: UUID | None = Field(None, description="Without it your own.")


class EntryIn(Input):
    """Lessons that are given, or taken away."""

    amount: int = Field(ge=-MOST_CORRECTED, le=MOST_CORRECTED, description="Above zero to give, below to take away.")
    reason: Why = Field(description="The student reads it.")
    origin: Origin = Field(
        Origin.MAKEUP,
        description="What is given: makeup, package, single, gift or correction. Nothing to take away by.",
    )
    teacher_id: UUID | None = Field(
        None,
        description="With whom lessons are given; needed for a make-up lesson; others are with any teacher without it. "
        "Without it lessons with anybody are taken away.",
    )
    expires_at: Moment | None = Field(
        None,
        description="Until when what is given can be used. Without it a make-up lesson holds as long as one that the teacher "
        "missed, and any other for ever.",
    )


class LedgerEntryOut(Output):
    """One line of the ledger. `balance` is that after it."""

    id: UUID
    credit_id: UUID
    kind: str = Field(description="earned, used, returned, expired, taken_back or corrected.")
    origin: str = Field(description="Of the lesson: makeup, package, single, gift or correction.")
    amount: int
    balance: int
    booking_id: UUID | None
    session_id: UUID | None = Field(description="The session from which the student was excused in time.")
    teacher_id: UUID | None
    teacher_name: str | None
    reason: str
    by: str | None = Field(description="Null: a rule did it.")
    at: datetime


class BalanceAnswer(Output):
    """
    The lessons that a student is owed: how many can be used now, which, and the ledger, the latest line first. Teachers see
    those for lessons with them.
    """

    student_id: UUID
    balance: int
    credits: list[CreditOut]
    entries: list[LedgerEntryOut]
    next_cursor: str | None = None
