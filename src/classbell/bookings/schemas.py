"""What the API of tutoring takes and answers."""

import datetime as dt
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    StringConstraints,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from classbell.bookings.models import settings as limits
from classbell.bookings.models.booking import LONGEST_MINUTES, SHORTEST_MINUTES
from classbell.bookings.walltime import wall_minutes
from classbell.meetings.schemas import BackupRoomOut
from classbell.wire import AS_LINE, AS_TEXT, Day, Input, Moment, Note, Output, Remark, Timezone


def _clock(text: str) -> str:
    try:
        wall_minutes(text)
    except ValueError:
        raise ValueError(
            _("must be a time in whole minutes such as 09:30:00; the end of the day is 24:00:00")
        ) from None
    return text


def _status(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _day_or_moment(value: Any) -> str:
    return "day" if isinstance(value, dt.date) or len(str(value)) == len("2026-03-01") else "moment"


# A midnight with an offset is a moment, not that day.
DayOrMoment = Annotated[Annotated[Day, Tag("day")] | Annotated[Moment, Tag("moment")], Discriminator(_day_or_moment)]
Clock = Annotated[str, AfterValidator(_clock)]
Minutes = Annotated[int, Field(ge=SHORTEST_MINUTES, le=LONGEST_MINUTES)]
Rating = Annotated[int, Field(ge=1, le=5, strict=True)]
Reason = Annotated[str, StringConstraints(max_length=500), AS_TEXT]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=60), AS_LINE]
RoleFilter = Literal["", "student", "teacher"]
StatusFilter = Annotated[Literal["PENDING", "CONFIRMED", "COMPLETED", "CANCELLED"] | None, BeforeValidator(_status)]


class TeacherOut(Output):
    """A teacher as students see them; `rating` is null while nobody rated."""

    id: UUID
    name: str
    avatar: str
    bio: str
    subjects: list[str]
    timezone: str
    rating: float | None
    rating_count: int


class TeachersAnswer(Output):
    """A page of teachers."""

    teachers: list[TeacherOut]
    next_cursor: str | None


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


class SlotsQuery(Input):
    """
    Which slots: a day, or `days` days from it; in `timezone`, the teacher's if none is given. With `booking_id`, those
    to which that booking can move: its own time does not stand in its way.
    """

    teacher_id: UUID
    date: Day
    duration: Minutes = 60
    timezone: Timezone | None = None
    days: int | None = Field(None, ge=1, le=31)
    booking_id: UUID | None = None


class SlotOut(Output):
    """A free time: `HH:MM` in the timezone of the answer, and moments with their offset."""

    start_time: str
    end_time: str
    datetime_start: datetime
    datetime_end: datetime


class DayOut(Output):
    """The free times that begin on one day."""

    date: dt.date
    available_slots: list[SlotOut]


class SlotsAnswer(Output):
    """One day, or with `days` a list of days."""

    teacher_id: UUID
    timezone: str
    duration: int
    date: dt.date | None = None
    available_slots: list[SlotOut] | None = None
    days: list[DayOut] | None = None


class ScheduleQuery(Input):
    """Which days, the last included, in `timezone` (the teacher's if none is given)."""

    teacher_id: UUID
    start_date: Day
    end_date: Day
    timezone: Timezone | None = None

    @field_validator("end_date")
    @classmethod
    def _follows(cls, end_date: dt.date, info: ValidationInfo) -> dt.date:
        start_date = info.data.get("start_date")
        if start_date is not None and not start_date <= end_date <= start_date + timedelta(days=92):
            raise ValueError(_("must lie within 92 days after start_date"))
        return end_date


class ScheduledOut(Output):
    """A booking of a teacher; for others than the teacher and admins only that the time is taken."""

    id: UUID | None
    start_time: datetime
    end_time: datetime
    status: str
    student__first_name: str | None
    student__last_name: str | None
    notes: str | None


class BusyOut(Output):
    """A time at which a teacher has something, whatever it is."""

    start_time: datetime
    end_time: datetime


class ScheduleAnswer(Output):
    """A teacher's bookings and all times at which the teacher is taken."""

    teacher_id: UUID
    start_date: dt.date
    end_date: dt.date
    bookings: list[ScheduledOut]
    busy: list[BusyOut]


class BookingIn(Input):
    """A lesson asked for: `start_time` and either `duration` in minutes (60) or `end_time`."""

    teacher_id: UUID
    start_time: Moment
    duration: Minutes | None = None
    end_time: Moment | None = None
    notes: Remark = ""
    use_credit: bool = Field(False, description="Spend a make-up lesson that this teacher owes you.")
    despite_overlap: bool = Field(False, description="Ask for it though you are expected elsewhere at that time.")

    @property
    def ends_at(self) -> datetime:
        """The end, however it was given."""
        return self.end_time or self.start_time + timedelta(minutes=self.duration or 60)


class RescheduleIn(Input):
    """The new time, in either form of the contract: `new_start_time`/`new_end_time`, or `start_time`/`duration`."""

    new_start_time: Moment | None = None
    new_end_time: Moment | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None
    duration: Minutes | None = None
    reason: Reason = ""
    despite_overlap: bool = Field(
        False, description="Move it there though you, its student, are expected elsewhere at that time."
    )

    @model_validator(mode="after")
    def _has_a_start(self) -> Self:
        if self.new_start_time is None and self.start_time is None:
            raise ValueError(_("needs new_start_time, or start_time"))
        return self

    def period(self, minutes: int) -> tuple[datetime, datetime]:
        """Return the new start and end; without an end it lasts `minutes`, as before."""
        starts_at = self.new_start_time or self.start_time
        assert starts_at is not None  # noqa: S101 -- checked above
        ends_at = self.new_end_time or self.end_time
        return starts_at, ends_at or starts_at + timedelta(minutes=self.duration or minutes)


class ReasonIn(Input):
    """Why, for the other one."""

    reason: Reason = ""


class NoShowIn(Input):
    """Who did not come."""

    who: Literal["student", "teacher"]


class ZoomInfo(Output):
    """
    How a booking stands at Zoom: `status` is none, not_configured, pending, synced or failed. `backup_room` is where the
    lesson is held while Zoom has no meeting for it.
    """

    meeting_id: str | None
    join_url: str | None
    password: str | None
    has_meeting: bool
    status: str
    backup_room: BackupRoomOut | None


class BookingOut(Output):
    """A booking, as one of its two people sees it."""

    id: UUID
    student: UUID
    teacher: UUID
    student_name: str
    teacher_name: str
    student_timezone: str
    teacher_timezone: str
    start_time: datetime
    end_time: datetime
    duration_minutes: int
    status: str
    notes: str
    cancellation_reason: str | None
    no_show: str | None
    lapses_at: datetime | None
    zoom_meeting_id: str | None
    zoom_join_url: str | None
    zoom_start_url: str | None
    zoom_password: str | None
    can_cancel: bool
    can_reschedule: bool
    zoom_info: ZoomInfo
    created_at: datetime
    updated_at: datetime


class BookingsAnswer(Output):
    """A page of bookings."""

    bookings: list[BookingOut]
    next_cursor: str | None


class BookingChanged(Output):
    """What was done, and the booking as it is now."""

    message: str
    booking: BookingOut
    zoom_info: ZoomInfo


class Changes(Output):
    """A move."""

    old_start_time: datetime
    old_end_time: datetime
    new_start_time: datetime
    new_end_time: datetime
    reason: str


class BookingMoved(BookingChanged):
    """A move, and the booking as it is now."""

    changes: Changes


class MeetingDetails(Output):
    """The Zoom meeting; `start_url` for the host and admins only."""

    meeting_id: str | None
    join_url: str | None
    start_url: str | None
    password: str | None
    host_email: str | None
    booking_id: UUID
    start_time: datetime
    end_time: datetime
    status: str


class MeetingCreated(BookingChanged):
    """The meeting, created or on its way."""

    meeting_details: MeetingDetails


class MeetingInfo(Output):
    """The Zoom meeting of a booking."""

    meeting_details: MeetingDetails


class FeedbackIn(Input):
    """A word on a completed booking."""

    booking_id: UUID
    rating: Rating
    comment: Remark = ""


class RatingIn(Input):
    """A word on the other one of a completed booking."""

    rating: Rating
    comment: Remark = ""


class FeedbackOut(Output):
    """What somebody said of a lesson."""

    id: UUID
    booking_id: UUID
    teacher_id: UUID
    author_name: str
    rating: int
    comment: str
    created_at: datetime


class FeedbackAnswer(Output):
    """A page of feedback, and what it comes to."""

    feedback: list[FeedbackOut]
    rating: float | None
    rating_count: int
    next_cursor: str | None


class PolicyIn(Input):
    """An academy's rules; null means no such rule. What is left out becomes the default."""

    cancel_notice_hours: int | None = Field(None, ge=0, le=24 * 60)
    reschedule_notice_hours: int | None = Field(None, ge=0, le=24 * 60)
    reschedules_per_month: int | None = Field(None, ge=0, le=1000)
    open_requests_with_teacher: int | None = Field(
        10,
        ge=1,
        le=1000,
        description="How many lessons a student may have with one teacher that nobody has said yes to: requests that wait, "
        "and lessons ahead that were confirmed automatically.",
    )
    open_requests_in_all: int | None = Field(
        30, ge=1, le=1000, description="The same with all teachers together, for whoever asks this one."
    )
    request_lapses_after_hours: int = Field(48, ge=1, le=24 * 60)
    no_show_after_minutes: int = Field(15, ge=0, le=240)
    makeup_credit_days: int | None = Field(30, ge=1, le=3660)


class PolicyOut(PolicyIn):
    """Rules for one teacher's bookings, or for all (`teacher_id` null)."""

    teacher_id: UUID | None


class PoliciesAnswer(Output):
    """All rules: those for everybody first."""

    policies: list[PolicyOut]


class CreditOut(Output):
    """A make-up lesson that a student is owed."""

    id: UUID
    teacher_id: UUID
    teacher_name: str
    missed_booking_id: UUID
    expires_at: datetime


class CreditsAnswer(Output):
    """Make-up lessons that can still be used."""

    credits: list[CreditOut]
