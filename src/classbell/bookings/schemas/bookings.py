"""Bookings and their meetings, as the API takes and shows them."""

from datetime import datetime, timedelta
from typing import Literal, Self
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field
from pydantic import model_validator

from classbell.bookings.schemas.fields import Minutes, Reason
from classbell.bookings.schemas.kinds import KindNamed
from classbell.meetings.schemas import BackupRoomOut
from classbell.wire import Input, Moment, Output, Remark, Text, Word, wrong_field


class BookingIn(Input):
    """
    A lesson asked for: `start_time` and either `duration` in minutes (60, or with a `kind` its shortest) or `end_time`.
    """

    teacher_id: UUID | None = Field(
        None, description="With whom; with a `kind` it may be left out: then one of those who teach it is chosen."
    )
    student_id: UUID | None = Field(
        None, description="For whom, when teachers or admins book: it is confirmed at once. Without it, for yourself."
    )
    start_time: Moment
    duration: Minutes | None = None
    end_time: Moment | None = None
    notes: Remark = ""
    use_credit: bool = Field(False, description="Spend a make-up lesson that this teacher owes you.")
    despite_overlap: bool = Field(False, description="Ask for it though you are expected elsewhere at that time.")
    kind: KindNamed | None = Field(None, description="The kind of lesson, by its id or its address.")
    answers: dict[Word, Text] = Field({}, max_length=20, description="To the kind's questions, by their keys.")

    @model_validator(mode="after")
    def _says_with_whom(self) -> Self:
        if self.teacher_id is None and self.kind is None:
            raise wrong_field("teacher_id", _("is needed, unless you name a kind of lesson"))
        return self

    def ends_after(self, minutes: int) -> datetime:
        """Return the end, however it was given; it lasts `minutes` if it was not."""
        return self.end_time or self.start_time + timedelta(minutes=self.duration or minutes)


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
    How a booking stands at Zoom: `status` is none, not_configured, pending, synced, failed or elsewhere: `location` says
    where then. `backup_room` is where the lesson is held while Zoom has no meeting for it.
    """

    meeting_id: str | None
    join_url: str | None
    password: str | None
    has_meeting: bool
    status: str
    location: str | None
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
    series_id: UUID | None = Field(description="The series that it is a date of.")
    kind: UUID | None = Field(description="Its kind of lesson; null for one of any length.")
    kind_name: str | None
    answers: dict[str, str] = Field(description="To the kind's questions, by their keys.")
    group_lesson_id: UUID | None = Field(description="The lesson in which it is a seat.")
    notes: str
    cancellation_reason: str | None
    no_show: str | None
    lapses_at: datetime | None
    holiday: str | None = Field(description="The holiday in which it begins, while it is asked for or confirmed.")
    booked_by: UUID | None = Field(description="Who booked it for the student; null for the student.")
    booked_by_name: str | None
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


class CreditOut(Output):
    """A lesson that a student is owed: bought, given, or to make up for one."""

    id: UUID
    origin: str = Field(description="makeup, package, single, gift or correction.")
    teacher_id: UUID | None = Field(description="Null: with any teacher, of the group where one is named.")
    teacher_name: str | None
    group_id: UUID | None = Field(description="The group with any teacher of which it may be used too.")
    missed_booking_id: UUID | None = Field(description="The lesson whose teacher did not come.")
    session_id: UUID | None = Field(description="The session from which the student was excused in time.")
    expires_at: datetime | None = Field(description="Null: it does not expire.")


class CreditsAnswer(Output):
    """Lessons that you are owed and can still use."""

    credits: list[CreditOut]
