"""What the API of circles takes and answers, in the envelope of `/api/v1/`. Days count from 0 for Sunday here."""

import datetime as dt
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field
from pydantic import AfterValidator, ConfigDict
from pydantic.alias_generators import to_camel

from classbell.groups.schemas import PersonOut
from classbell.groups.services import MOST_PLACES
from classbell.halakat.periods import MOST_PERIODS
from classbell.meetings.schemas import BackupRoomOut, CrowdOut
from classbell.wire import CamelInput, Line, Moment, Note, Output, Text, Timezone, WallTime
from classbell.wire import Day as Date

DAY_NAMES: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MOST_EXCEPTIONS: Final = 400


def _day(value: int | str) -> int:
    """Return a day as Python counts it (0 = Monday), given as JavaScript does (0 = Sunday) or by its English name."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, int) and 0 <= value < len(DAY_NAMES):
        return (value - 1) % 7
    if isinstance(value, str) and len(name := value.strip().lower()) >= 3:
        for number, full in enumerate(DAY_NAMES):
            if full.startswith(name):
                return (number - 1) % 7
    raise ValueError(_("must be a day: 0 for Sunday to 6 for Saturday, or its English name"))


Day = Annotated[int | str, AfterValidator(_day)]
FrequencyName = Literal["daily", "weekly", "biweekly", "monthly"]
Minutes = Annotated[int, Field(ge=5, le=720)]


class CamelOutput(Output):
    """Fields as JavaScript spells them."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class PeriodIn(CamelInput):
    """From one date to another, both included, the sessions begin at another time, and last for longer or shorter."""

    name: Line
    from_: Date = Field(alias="from")
    until: Date
    start_time: WallTime
    duration: Minutes | None = Field(None, description="By default as long as always.")


class PeriodOut(CamelOutput):
    """A period with times of its own, such as Ramadan."""

    name: str
    from_: dt.date = Field(serialization_alias="from")
    until: dt.date
    start_time: str
    duration: int


class HalakaIn(CamelInput):
    """
    A new circle. Without `timezone` its times are on the teacher's clock; `maxStudents` null: no bound; on the dates `except`
    it is not held; in its `periods` at other times, on the same days and at the same link.
    """

    title: Line
    description: Text = ""
    start_date: Date
    end_date: Date
    days: list[Day] = Field(default_factory=list, max_length=7)
    frequency: FrequencyName = "weekly"
    start_time: WallTime
    duration: Minutes = 60
    timezone: Timezone | None = None
    max_students: int | None = Field(None, ge=1, le=MOST_PLACES)
    except_: list[Date] = Field(default_factory=list, alias="except", max_length=MOST_EXCEPTIONS)
    periods: list[PeriodIn] = Field(default_factory=list, max_length=MOST_PERIODS)
    teacher_id: UUID | None = None


class HalakaPatch(CamelInput):
    """
    Any of a circle's values; a new schedule, with the dates `except` it is not held on, holds from `validFrom` on, by default
    at once. `periods` replace all there are, and stay whatever else of the schedule changes. `maxStudents` null takes the
    bound away, and nobody waits any more. `teacherId`, for admins, is who takes the coming sessions over for good.
    """

    title: Line | None = None
    description: Text | None = None
    start_date: Date | None = None
    end_date: Date | None = None
    days: list[Day] | None = Field(None, max_length=7)
    frequency: FrequencyName | None = None
    start_time: WallTime | None = None
    duration: Minutes | None = None
    timezone: Timezone | None = None
    max_students: int | None = Field(None, ge=1, le=MOST_PLACES)
    except_: list[Date] | None = Field(None, alias="except", max_length=MOST_EXCEPTIONS)
    periods: list[PeriodIn] | None = Field(None, max_length=MOST_PERIODS)
    valid_from: Date | None = None
    teacher_id: UUID | None = None


class OccurrencePatch(CamelInput):
    """
    One session: cancelled, held at another time, or by another teacher; `teacherId` null gives it back to the circle's own.
    `location` is an address or a room in which this one is held, "" where the others are.
    """

    cancelled: bool = False
    reason: Note = ""
    start_time: Moment | None = None
    duration: Minutes | None = None
    teacher_id: UUID | None = None
    location: Note | None = None


class ZoomMeetingOut(CamelOutput):
    """
    The Zoom meeting to enter now or next; `startUrl` for the teacher and admins only. `backupRoom` is where the circle is
    held while Zoom has no meeting for it.
    """

    meeting_id: str | None
    password: str | None
    join_url: str | None
    start_url: str | None
    status: str
    location: str | None = None
    backup_room: BackupRoomOut | None = None


class CircleOccurrenceOut(CamelOutput):
    """
    One session, in UTC. `substitute` holds it in place of the circle's teacher; `holiday` is the one it lies in; `location`
    is where it is held instead of at Zoom.
    """

    id: UUID
    start_time: datetime
    end_time: datetime
    status: str
    meeting_id: str | None
    location: str | None
    substitute: PersonOut | None
    holiday: str | None


class HalakaOut(CamelOutput):
    """A circle with its Zoom meeting and its sessions."""

    id: UUID
    title: str
    description: str
    teacher: PersonOut
    start_date: dt.date
    end_date: dt.date
    days: list[int]
    frequency: str
    start_time: str
    duration: int
    timezone: str
    except_dates: list[dt.date] = Field(serialization_alias="except")
    periods: list[PeriodOut]
    max_students: int | None
    student_count: int
    waiting_count: int
    is_member: bool
    zoom_meeting: ZoomMeetingOut
    zoom_meetings: int
    occurrences: list[CircleOccurrenceOut] = Field(serialization_alias="sittings")
    created_at: datetime


class PlannedCircleOccurrenceOut(CamelOutput):
    """
    One session that would be: in UTC, and the wall time at which it begins. `clock` is `skipped` where the scheduled time
    does not exist on that day (it begins later by as much), `repeated` where it comes twice (the first one counts). `holiday`
    is the one it begins in: with `status` `cancelled` it is left out for it, else the school only warns.
    """

    start_time: datetime
    end_time: datetime
    local_date: dt.date
    local_time: str
    change: str
    status: str
    clock: str | None
    substitute: PersonOut | None
    holiday: str | None


class CircleClashOut(CamelOutput):
    """A time at which the teacher, or a substitute, has something else."""

    start_time: datetime
    end_time: datetime
    blocked_by: str


class PreviewOut(CamelOutput):
    """
    What creating or changing would do; nothing is saved. `zoomCalls` are those that change something at Zoom, `zoomMeetings`
    how many recurring meetings the coming sessions are spread over. `endsAfterMinutes` is when Zoom would end each too early,
    because nobody who could hold them has a licence.
    """

    occurrences: list[PlannedCircleOccurrenceOut] = Field(serialization_alias="sittings")
    clashes: list[CircleClashOut]
    kept: int
    moved: int
    added: int
    removed: int
    zoom_calls: int
    zoom_meetings: int
    ends_after_minutes: int | None
    too_many_people: CrowdOut | None


class OneHalaka(CamelOutput):
    """A circle as it is now."""

    halaka: HalakaOut


class SavedHalaka(OneHalaka):
    """A circle as it was saved. `zoomCalls` are those that change something at Zoom."""

    zoom_calls: int


class HalakaPage(Output):
    """A page of circles, without their sessions."""

    halakat: list[HalakaOut]
    next_cursor: str | None


class HalakaStudents(Output):
    """A page of students, in the order they joined, and who waits for a place."""

    students: list[PersonOut]
    waiting: list[PersonOut]
    next_cursor: str | None


class Nothing(Output):
    """Nothing is to be told."""


class Envelope(Output):
    """What stands around every answer."""

    status: str
    message: str


class HalakaAnswer(Envelope):
    """One circle."""

    data: OneHalaka


class SavedAnswer(Envelope):
    """One circle after a change."""

    data: SavedHalaka


class PreviewAnswer(Envelope):
    """What would be."""

    data: PreviewOut


class HalakatAnswer(Envelope):
    """Circles."""

    data: HalakaPage


class HalakaStudentsAnswer(Envelope):
    """A circle's students."""

    data: HalakaStudents


class DoneAnswer(Envelope):
    """It is done; `status` says what."""

    data: Nothing
