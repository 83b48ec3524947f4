"""Kinds of lessons, their free times and group lessons, as the API takes and shows them."""

import datetime as dt
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field
from pydantic import ConfigDict, StringConstraints

from classbell.bookings.kinds.questions import LONGEST_CHOICE, LONGEST_KEY, LONGEST_QUESTION
from classbell.bookings.models.kind import MOST_PRICE, MOST_SEATS
from classbell.bookings.models.settings import MOST_BUFFER_MINUTES, MOST_NOTICE_MINUTES
from classbell.bookings.schemas.fields import Minutes, Reason
from classbell.bookings.slots import MOST_DAYS
from classbell.wire import AS_LINE, Day, Input, JsonObject, Moment, Output, Remark, Timezone

Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AS_LINE]
Address = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
# Its id, or the address that names it in links.
KindNamed = Annotated[str, StringConstraints(min_length=1, max_length=60), AS_LINE]
Currency = Annotated[str, StringConstraints(max_length=3), AS_LINE]
Colour = Annotated[str, StringConstraints(max_length=7), AS_LINE]
AnsweredBy = Literal["short", "long", "choice"]
OpenTo = Literal["nobody", "signed_in", "everybody"]
ChosenBy = Literal["least_booked", "in_turn", "priority"]


class QuestionIn(Input):
    """A question asked when booking; without a `key`, by which answers are kept, it gets one."""

    key: Annotated[str, StringConstraints(max_length=LONGEST_KEY), AS_LINE] | None = None
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION), AS_LINE]
    kind: AnsweredBy = "short"
    required: bool = False
    choices: list[Annotated[str, StringConstraints(max_length=LONGEST_CHOICE), AS_LINE]] = Field([], max_length=30)


class LessonKindPatch(Input):
    """Any of what a kind of lesson is; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    address: Address | None = Field(None, description="Names it in links; made of the name if there is none.")
    description: Remark | None = None
    minutes: list[Minutes] | None = Field(None, min_length=1, max_length=10, description="The lengths to choose from.")
    price: int | None = Field(None, ge=0, le=MOST_PRICE, description="In the smallest unit of `currency`.")
    currency: Currency | None = None
    trial: bool | None = Field(None, description="Booked once by each person.")
    seats: int | None = Field(None, ge=1, le=MOST_SEATS, description="More than one: a lesson that students share.")
    open_to: OpenTo | None = None
    min_notice_minutes: int | None = Field(None, ge=0, le=MOST_NOTICE_MINUTES, description="null: the teacher's.")
    buffer_minutes: int | None = Field(None, ge=0, le=MOST_BUFFER_MINUTES, description="null: the teacher's.")
    questions: list[QuestionIn] | None = Field(None, max_length=20)
    meeting_settings: JsonObject | None = Field(None, description="By the names of a meeting's settings.")
    colour: Colour | None = None
    chosen_by: ChosenBy | None = Field(None, description="Who teaches it, where the student leaves that open.")
    takes_a_lesson: bool | None = Field(None, description="Booked with a lesson of the student's balance.")
    is_active: bool | None = None
    place: int | None = Field(None, ge=0, le=30_000)
    teachers: list[UUID] | None = Field(None, max_length=500, description="In the order of `chosen_by` priority.")


class LessonKindIn(LessonKindPatch):
    """A new kind of lesson."""

    name: Name
    minutes: list[Minutes] = Field(min_length=1, max_length=10)


class KindQuestionOut(Output):
    """A question asked when booking."""

    key: str
    text: str
    kind: AnsweredBy
    required: bool
    choices: list[str]


class KindTeacherOut(Output):
    """Who teaches a kind."""

    id: UUID
    name: str


class LessonKindOut(Output):
    """A kind of lesson; `meeting_settings` are for admins only."""

    id: UUID
    name: str
    address: str
    description: str
    minutes: list[int]
    price: int | None
    currency: str
    trial: bool
    seats: int
    open_to: OpenTo
    min_notice_minutes: int | None
    buffer_minutes: int | None
    questions: list[KindQuestionOut]
    meeting_settings: dict[str, Any] | None
    colour: str
    chosen_by: ChosenBy
    takes_a_lesson: bool
    is_active: bool
    place: int
    teachers: list[KindTeacherOut]


class LessonKindsAnswer(Output):
    """Kinds of lessons in the school's order."""

    kinds: list[LessonKindOut]


class KindSlotsQuery(Input):
    """Which slots: a day, or `days` days from it, in `timezone`; with one teacher, or any who teaches the kind."""

    date: Day
    teacher_id: UUID | None = None
    duration: Minutes | None = Field(None, description="One of the kind's lengths; its shortest if none is given.")
    timezone: Timezone | None = Field(None, description="The school's if none is given.")
    days: int = Field(1, ge=1, le=MOST_DAYS)


class KindSlotOut(Output):
    """
    A free time, with how many teachers are free then and how many seats they have: that is for who has an account. `holiday`
    is there only where it begins in one that warns, for all who are free then.
    """

    start_time: str
    end_time: str
    datetime_start: datetime
    datetime_end: datetime
    teachers: int
    seats: int | None = None
    holiday: str | None = None


class KindDayOut(Output):
    """The free times that begin on one day."""

    date: dt.date
    available_slots: list[KindSlotOut]


class KindSlotsAnswer(Output):
    """
    Free times of a kind of lesson, day by day. `ends_after_minutes` is there where Zoom would end lessons of this length
    early, because no host has a licence.
    """

    kind: str
    timezone: str
    duration: int
    ends_after_minutes: int | None = None
    days: list[KindDayOut]


class SeatOut(Output):
    """Who has a place, and how their booking stands."""

    booking_id: UUID
    student: UUID
    student_name: str
    status: str


class GroupLessonOut(Output):
    """A lesson that students share, for its teacher and admins."""

    id: UUID
    kind: UUID
    kind_name: str
    teacher: UUID
    teacher_name: str
    start_time: datetime
    end_time: datetime
    seats: int
    seats_left: int
    is_cancelled: bool
    bookings: list[SeatOut]


class GroupLessonMoveIn(Input):
    """Another time for a group lesson and all its seats; without `duration` it keeps its length."""

    start_time: Moment
    duration: Minutes | None = None
    reason: Reason = ""

    def ends_at(self, minutes: int) -> datetime:
        """Return the new end; it lasts `minutes` unless a length was given."""
        return self.start_time + timedelta(minutes=self.duration or minutes)
