"""A teacher's hours, time off and settings, as the API takes and shows them."""

import datetime as dt
from datetime import datetime
from typing import Self
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field
from pydantic import model_validator

from classbell.bookings.models import settings as limits
from classbell.bookings.periods import MOST_WINDOWS
from classbell.bookings.schemas.fields import Clock, DayOrMoment, Subject
from classbell.wire import Day, Input, Line, Note, Output, Remark


class AvailabilityIn(Input):
    """A window of the teacher's wall clock: every week (`day_of_week`, 0 = Monday) or on one `date`."""

    day_of_week: int | None = Field(None, ge=0, le=6)
    start_time: Clock
    end_time: Clock
    is_recurring: bool | None = None
    date: Day | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.is_recurring is True and self.date is not None:
            raise ValueError(_("is_recurring goes with day_of_week, not with date"))
        if self.is_recurring is False and self.date is None:
            raise ValueError(_("needs a date when is_recurring is false"))
        return self


class AvailabilityPatch(Input):
    """Any of a window's values."""

    day_of_week: int | None = Field(None, ge=0, le=6)
    start_time: Clock | None = None
    end_time: Clock | None = None
    is_recurring: bool | None = None
    date: Day | None = None


class AvailabilityOut(Output):
    """A window of the teacher's wall clock."""

    id: UUID
    teacher_id: UUID
    day_of_week: int | None
    start_time: str
    end_time: str
    is_recurring: bool
    date: dt.date | None
    timezone: str


class AvailabilityAnswer(Output):
    """A page of windows."""

    availability: list[AvailabilityOut]
    next_cursor: str | None


class WeeklyHours(Input):
    """Hours of the teacher's wall clock on a weekday, 0 for Monday."""

    day_of_week: int = Field(ge=0, le=6)
    start_time: Clock
    end_time: Clock


class HoursPeriodIn(Input):
    """Weekly hours that replace the usual ones from one date to another, both included."""

    name: Line
    from_: Day = Field(alias="from")
    until: Day
    hours: list[WeeklyHours] = Field(max_length=MOST_WINDOWS, description="Of the whole week; none closes it.")


class HoursPeriodPatch(Input):
    """Any of a period's values; `hours` are those of the whole week."""

    name: Line | None = None
    from_: Day | None = Field(None, alias="from")
    until: Day | None = None
    hours: list[WeeklyHours] | None = Field(None, max_length=MOST_WINDOWS)


class WeeklyHoursOut(Output):
    """Hours on a weekday, 0 for Monday."""

    day_of_week: int
    start_time: str
    end_time: str


class HoursPeriodOut(Output):
    """Weekly hours that replace the usual ones from one date to another, on the teacher's wall clock."""

    id: UUID
    name: str
    from_: dt.date = Field(serialization_alias="from")
    until: dt.date
    timezone: str
    hours: list[WeeklyHoursOut]


class LessonOutside(Output):
    """A lesson, booked or asked for, that lies outside the hours of its day."""

    id: UUID
    status: str
    start_time: datetime
    end_time: datetime
    student_name: str


class HoursPeriodAnswer(Output):
    """A period, and the lessons to come in its days that lie outside its hours. They stay as they are."""

    period: HoursPeriodOut
    lessons_outside: list[LessonOutside]


class HoursPeriodsAnswer(Output):
    """A page of periods."""

    periods: list[HoursPeriodOut]
    next_cursor: str | None


class TimeOffIn(Input):
    """From when to when a teacher cannot be booked: moments with an offset, or dates (whole days, the last included)."""

    from_: DayOrMoment = Field(alias="from")
    to: DayOrMoment
    reason: Note = ""


class TimeOffOut(Output):
    """A period in which a teacher cannot be booked."""

    id: UUID
    from_: datetime = Field(serialization_alias="from")
    to: datetime
    reason: str


class TimeOffAnswer(Output):
    """A page of periods."""

    time_off: list[TimeOffOut]
    next_cursor: str | None


class SettingsOut(Output):
    """How a teacher offers lessons."""

    bio: str
    subjects: list[str]
    buffer_minutes: int
    min_notice_minutes: int
    slot_interval_minutes: int | None
    max_days_ahead: int
    auto_confirm: bool


class SettingsPatch(Input):
    """Any of a teacher's settings."""

    bio: Remark | None = None
    subjects: list[Subject] | None = Field(None, max_length=20)
    buffer_minutes: int | None = Field(None, ge=0, le=limits.MOST_BUFFER_MINUTES)
    min_notice_minutes: int | None = Field(None, ge=0, le=limits.MOST_NOTICE_MINUTES)
    slot_interval_minutes: int | None = Field(
        None, ge=limits.SHORTEST_INTERVAL_MINUTES, le=limits.LONGEST_INTERVAL_MINUTES
    )
    max_days_ahead: int | None = Field(None, ge=1, le=limits.MOST_DAYS_AHEAD)
    auto_confirm: bool | None = None
