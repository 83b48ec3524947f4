"""Hours taught, rates and rules, as the API takes and shows them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field
from pydantic import ConfigDict, StringConstraints

from classbell.earnings.hours import State
from classbell.earnings.models import MOST_RATE, Per
from classbell.wire import AS_LINE, Day, Input, Output

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AS_LINE]
Percent = Annotated[int, Field(ge=0, le=100)]


class HoursQuery(Input):
    """Which month, and how it is answered."""

    month: Annotated[str, StringConstraints(max_length=20), AS_LINE] = Field(
        "", description="Such as 2026-03, by the school's calendar; without it the present one."
    )
    format: Literal["json", "csv", "xlsx"] = "json"


class Owed(Output):
    """An amount in the smallest unit of its currency."""

    currency: str
    amount: int


class TotalsOut(Output):
    """Sessions together."""

    sessions: int
    held: int
    paid_sessions: int
    paid_minutes: int = Field(description="The planned minutes of what is paid.")
    taught_minutes: int = Field(description="How long the teacher was there within the planned times.")
    owed: list[Owed]
    without_rate: int = Field(description="Sessions to be paid for which no rate held that day.")


class HourOut(Output):
    """One session, or a lesson that was lost because it was cancelled too late."""

    session_id: UUID | None
    booking_id: UUID | None = Field(description="Of a lesson that was lost because it was cancelled too late.")
    meeting_id: UUID | None
    title: str
    class_name: str
    kind: str = Field(description="The kind of lesson, if it is one.")
    instead_of: str = Field(description="In whose place the teacher held it.")
    starts_at: datetime
    ends_at: datetime
    planned_minutes: int
    taught_minutes: int | None = Field(description="Null: nobody knows.")
    state: State
    percent: int = Field(description="How much of the rate is paid.")
    rate: int | None = Field(description="In the smallest unit of `currency`; null where no rate held that day.")
    per: Per | None
    currency: str | None
    amount: int | None = Field(description="In the smallest unit of `currency`, rounded half up.")


class MonthOut(Output):
    """A month by the school's calendar."""

    month: str
    timezone: str
    starts_at: datetime
    ends_at: datetime


class HoursAnswer(MonthOut):
    """What a teacher taught in a month and is owed, session by session and together."""

    teacher_id: UUID
    teacher_name: str
    totals: TotalsOut
    sessions: list[HourOut]


class TeacherHoursOut(Output):
    """One teacher's month, together."""

    teacher_id: UUID
    teacher_name: str
    totals: TotalsOut


class AllHoursAnswer(MonthOut):
    """What each teacher taught in a month and is owed."""

    teachers: list[TeacherHoursOut]


class RateIn(Input):
    """What a teacher is paid from a day on; for everything without `kind_id` and `class_id`."""

    model_config = ConfigDict(extra="forbid")

    in_force_from: Day = Field(description="By the school's calendar; it may lie in the past.")
    amount: int = Field(ge=0, le=MOST_RATE, description="In the smallest unit of `currency`.")
    currency: Currency
    per: Per
    kind_id: UUID | None = Field(None, description="Only for this kind of lesson.")
    class_id: UUID | None = Field(None, description="Only for this class, course or circle.")


class RateOut(Output):
    """One rate."""

    id: UUID
    in_force_from: date
    amount: int
    currency: str
    per: Per
    kind_id: UUID | None
    class_id: UUID | None
    set_at: datetime


class RatesAnswer(Output):
    """All rates of a teacher, the latest day first."""

    teacher_id: UUID
    rates: list[RateOut]


class PayRulesPatch(Input):
    """Any of the school's rules; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    late_cancellation_percent: Percent | None = Field(
        None, description="Of a lesson that its student lost by cancelling too late."
    )
    student_away_percent: Percent | None = Field(None, description="Of a session to which no student came.")
    pays_unknown: bool | None = Field(None, description="Whether a session is paid of which nothing is known.")


class PayRulesOut(Output):
    """How much of the rate is paid for what was not simply held."""

    late_cancellation_percent: int
    student_away_percent: int
    pays_unknown: bool
