"""Teachers, their free times and their schedules, as the API shows them."""

import datetime as dt
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from ninja import Field
from pydantic import ValidationInfo, field_validator

from classbell.bookings.finding import Part, Price, Wanted
from classbell.bookings.models.kind import MOST_PRICE
from classbell.bookings.schemas.fields import Minutes
from classbell.bookings.slots import MOST_DAYS
from classbell.paging import PageQuery
from classbell.wire import Day, Input, Output, Timezone


class TeachersQuery(PageQuery):
    """What a teacher has to have, all of it."""

    language: str = Field(
        "", pattern="^([a-z]{2,3})?$", description="In which they teach, as ISO 639 writes it: ar, en."
    )
    price_at_most: int | None = Field(
        None, ge=0, le=MOST_PRICE, description="A kind of lesson for so much, in the smallest unit of `currency`."
    )
    currency: str = Field(
        "", validate_default=True, pattern="^([A-Z]{3})?$", description="Beside `price_at_most`, unless that is 0."
    )
    weekday: int | None = Field(None, ge=0, le=6, description="Free on this day, 0 for Monday, in the next two weeks.")
    part: Part | None = Field(None, description="Free in the morning (until 12), afternoon (until 17) or evening.")
    timezone: Timezone = Field("UTC", description="By which clock days and hours are meant.")

    @field_validator("currency")
    @classmethod
    def _beside_a_price(cls, currency: str, info: ValidationInfo) -> str:
        if info.data.get("price_at_most") and not currency:
            raise ValueError(_("say in which currency price_at_most is, such as EUR or SAR"))
        return currency

    def wanted(self, *, search: str, subject: str) -> Wanted:
        """Return what is asked for, with the words beside it."""
        price = None if self.price_at_most is None else Price(at_most=self.price_at_most, currency=self.currency)
        return Wanted(
            search=search,
            subject=subject,
            language=self.language,
            price=price,
            weekday=self.weekday,
            part=self.part,
            zone=ZoneInfo(self.timezone),
        )


class TeacherOut(Output):
    """
    A teacher as students see them; `rating` is null while nobody rated, `next_free` while they have no free hour in the next
    two weeks, or none at the time that was asked for.
    """

    id: UUID
    name: str
    avatar: str
    bio: str
    subjects: list[str]
    timezone: str
    rating: float | None
    rating_count: int
    next_free: datetime | None


class TeachersAnswer(Output):
    """A page of teachers."""

    teachers: list[TeacherOut]
    next_cursor: str | None


class SlotsQuery(Input):
    """
    Which slots: a day, or `days` days from it; in `timezone`, the teacher's if none is given. With `booking_id`, those
    to which that booking can move: its own time does not stand in its way.
    """

    teacher_id: UUID
    date: Day
    duration: Minutes = 60
    timezone: Timezone | None = None
    days: int | None = Field(None, ge=1, le=MOST_DAYS)
    booking_id: UUID | None = None


class SlotOut(Output):
    """
    A free time: `HH:MM` in the timezone of the answer, and moments with their offset. `holiday` is there only where it begins
    in a holiday that warns.
    """

    start_time: str
    end_time: str
    datetime_start: datetime
    datetime_end: datetime
    holiday: str | None = None


class DayOut(Output):
    """The free times that begin on one day."""

    date: dt.date
    available_slots: list[SlotOut]


class SlotsAnswer(Output):
    """
    One day, or with `days` a list of days. `ends_after_minutes` is there where Zoom would end lessons of this length early,
    because no host of the teacher's has a licence.
    """

    teacher_id: UUID
    timezone: str
    duration: int
    ends_after_minutes: int | None = None
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
