"""What the API of excuses takes and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field
from pydantic import StringConstraints

from classbell.excuses.models import LONGEST_KIND, MOST_HOURS
from classbell.paging import PageQuery
from classbell.wire import AS_LINE, AS_TEXT, LONGEST_REMARK, Input, Moment, Output, Remark

KindOfReason = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_KIND), AS_LINE]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_REMARK), AS_TEXT]
Status = Literal["pending", "accepted", "refused", "withdrawn"]


class ExcuseIn(Input):
    """An absence: one session by `occurrence_id`, or from and until, of one meeting, of one group, or from everything."""

    student_id: UUID | None = Field(None, description="Whose absence it is; without it your own.")
    from_: Moment | None = Field(None, alias="from", description="Not needed with `occurrence_id`.")
    until: Moment | None = Field(None, description="Not needed with `occurrence_id`.")
    reason: Reason
    kind: KindOfReason | None = Field(None, description="One of those that the school lists.")
    occurrence_id: UUID | None = None
    meeting_id: UUID | None = None
    group_id: UUID | None = None


class DecisionIn(Input):
    """Yes or no, and a word to the student."""

    accepted: bool
    note: Remark = ""


class ExcusesQuery(PageQuery):
    """Which excuses."""

    status: Status | None = None
    student_id: UUID | None = None
    group_id: UUID | None = None


class ExcusedStudent(Output):
    """Whose absence it is."""

    id: UUID
    name: str


class ExcusedOccurrence(Output):
    """A session that the absence is about."""

    id: UUID
    meeting_id: UUID
    title: str
    start_time: datetime
    end_time: datetime
    status: str


class DocumentOut(Output):
    """The paper that came along."""

    name: str
    content_type: str
    size: int


class ExcuseOut(Output):
    """One excuse; `occurrences` are the sessions it is about now, those of them that the reader may know of."""

    id: UUID
    student: ExcusedStudent
    from_: datetime = Field(serialization_alias="from")
    until: datetime
    reason: str
    kind: str | None
    status: str
    occurrences: list[ExcusedOccurrence]
    occurrence_id: UUID | None
    meeting_id: UUID | None
    group_id: UUID | None
    told_by: str | None
    told_at: datetime
    by_rule: bool
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    withdrawn_at: datetime | None
    document: DocumentOut | None
    document_url: str | None
    can_decide: bool


class ExcuseAnswer(Output):
    """One excuse."""

    excuse: ExcuseOut


class ExcusesAnswer(Output):
    """Some excuses, the latest told first."""

    excuses: list[ExcuseOut]
    next_cursor: str | None


class ExcuseRulesIn(Input):
    """What to change of the rules."""

    accepts_at_once: bool | None = None
    hours_ahead: int | None = Field(None, ge=0, le=24 * 60)
    monthly_quota: int | None = Field(None, ge=1, le=1000, description="Null: any number.")
    kinds_at_once: list[KindOfReason] | None = Field(None, max_length=50)
    kinds_decided: list[KindOfReason] | None = Field(None, max_length=50)
    makeup_hours_ahead: int | None = Field(
        None,
        ge=0,
        le=MOST_HOURS,
        description="How many hours before a session an absence has to be told to earn a make-up lesson. Null: none does.",
    )
    makeup_days: int | None = Field(None, ge=1, le=366, description="How many days after the session it can be used.")
    makeup_monthly_quota: int | None = Field(
        None, ge=1, le=1000, description="Of how many sessions of a month. Null: of any number."
    )
    makeup_term_quota: int | None = Field(
        None, ge=1, le=1000, description="Of how many sessions of a term that was brought in. Null: of any number."
    )
    makeup_kinds: list[KindOfReason] | None = Field(
        None, max_length=50, description="For which kinds of reason, of those listed; none: for any."
    )


class ExcuseRulesOut(Output):
    """When a rule accepts an excuse at once, which kinds of reason there are, and when one makes up for what one missed."""

    accepts_at_once: bool
    hours_ahead: int
    monthly_quota: int | None
    kinds_at_once: list[str]
    kinds_decided: list[str]
    makeup_hours_ahead: int | None
    makeup_days: int
    makeup_monthly_quota: int | None
    makeup_term_quota: int | None
    makeup_kinds: list[str]
