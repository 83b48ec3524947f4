"""Series of lessons, as the API takes and shows them."""

import datetime as dt
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field
from pydantic import model_validator

from classbell.bookings.models import BookingStatus
from classbell.bookings.schemas.bookings import BookingOut, ZoomInfo
from classbell.bookings.schemas.fields import DayOrMoment, Minutes, Reason
from classbell.bookings.weekly import MOST_DATES, MOST_WEEKS_BETWEEN
from classbell.wire import Day, Input, MomentOrWall, Output, Remark, Timezone, at_offset

MOST_WEEKS = MOST_DATES * MOST_WEEKS_BETWEEN


class SeriesIn(Input):
    """
    Lessons at the time of `start_time` every week, or every `interval_weeks`, for so many `weeks` or `until` a day, that day
    included; without the days in `except`. The time of day is kept on the clock of `timezone`, by default the teacher's;
    without an offset `start_time` is a time on that clock, which must then be named.
    """

    teacher_id: UUID
    student_id: UUID | None = Field(
        None, description="For whom, when teachers or admins book: all is confirmed at once. Without it, for yourself."
    )
    start_time: MomentOrWall
    duration: Minutes = 60
    weeks: int | None = Field(None, ge=1, le=MOST_WEEKS)
    until: Day | None = None
    interval_weeks: int = Field(1, ge=1, le=MOST_WEEKS_BETWEEN)
    except_: list[Day] = Field(default_factory=list, alias="except", max_length=MOST_DATES)
    timezone: Timezone | None = None
    notes: Remark = ""
    use_credits: bool = Field(
        False, description="Spend the make-up lessons that this teacher owes the student, on the first dates."
    )
    despite_overlap: bool = Field(
        False, description="Ask for it though the student is expected elsewhere at some dates."
    )

    @model_validator(mode="after")
    def _has_an_end_and_a_clock(self) -> Self:
        if (self.weeks is None) == (self.until is None):
            raise ValueError(_("Give weeks, or until, and not both."))
        self.start_time = at_offset(self.start_time, self.timezone, field="start_time")
        return self


class ConfirmSeriesIn(Input):
    """Which dates are confirmed, by the ids of their bookings; null for all. The others are declined, for this `reason`."""

    only: list[UUID] | None = Field(None, min_length=1, max_length=MOST_DATES)
    reason: Reason = ""


class CancelSeriesIn(Input):
    """From when on, a moment or a day on the clock of the series; null for all that is to come."""

    from_: DayOrMoment | None = Field(None, alias="from")
    reason: Reason = ""


class RescheduleSeriesIn(CancelSeriesIn):
    """The first of these dates begins at `start_time`, the others as many weeks later as before."""

    start_time: MomentOrWall
    timezone: Timezone | None = None
    duration: Minutes | None = None
    despite_overlap: bool = Field(
        False, description="Move it there though you, its student, are expected elsewhere at some of these times."
    )

    @model_validator(mode="after")
    def _has_a_clock(self) -> Self:
        self.start_time = at_offset(self.start_time, self.timezone, field="start_time")
        return self


class SeriesOut(Output):
    """
    A series, as one of its two people sees it. `status` is PENDING while a date waits for an answer, else CONFIRMED while one
    is to come, else COMPLETED when one was held, else CANCELLED. `weeks_between` dates stands in `interval_weeks`.
    """

    id: UUID
    status: BookingStatus
    student: UUID
    teacher: UUID
    student_name: str
    teacher_name: str
    start_time: datetime
    duration_minutes: int
    interval_weeks: int
    timezone: str
    notes: str
    booked_by: UUID | None
    booked_by_name: str | None
    bookings: list[BookingOut]
    zoom_info: ZoomInfo
    created_at: datetime


class SeriesAnswer(Output):
    """A series."""

    series: SeriesOut


class SeriesChanged(SeriesAnswer):
    """What was done, and the series as it is now."""

    message: str


class SeriesMoved(SeriesChanged):
    """What was moved; `left_out` were cancelled, because their new time begins in a holiday."""

    moved: list[UUID]
    left_out: list[UUID]


class PlannedDateOut(Output):
    """
    One date. `clash` says why it cannot be; `overlaps` names what the student is expected at then, as far as you may know.
    """

    start_time: datetime
    end_time: datetime
    clash: str | None
    overlaps: list[str]


class HolidayAmongOut(Output):
    """A date that begins in a holiday: without a lesson, or only to be thought about."""

    start_time: datetime
    date: dt.date
    name: str
    effect: Literal["leave_out", "warn"]


class SeriesPlanOut(Output):
    """What a series would come to. `calls` are the changes that it costs at Zoom."""

    bookings: list[PlannedDateOut]
    holidays: list[HolidayAmongOut]
    calls: int
