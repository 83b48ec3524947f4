"""What the API of courses takes and answers. Weekdays count from 0 for Monday, or are English names."""

import datetime as dt
from datetime import datetime
from typing import Annotated, Any, Final, Self
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field
from pydantic import BeforeValidator, model_validator

from classbell.courses.pattern import MOST_SESSIONS
from classbell.groups.schemas import Capacity, PersonOut
from classbell.meetings.schemas import BackupRoomOut, CrowdOut
from classbell.wire import Day, Input, Line, MomentOrWall, Note, Output, Text, Timezone, WallTime, at_offset

DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _weekday(value: Any) -> Any:
    if isinstance(value, str) and len(name := value.strip().lower()) >= 2 and not name.isdecimal():
        found = [number for number, full in enumerate(DAY_NAMES) if full.startswith(name)]
        if not found:
            raise ValueError(_("must be a day: 0 for Monday to 6 for Sunday, or its English name"))
        return found[0]
    return value


Weekday = Annotated[int, BeforeValidator(_weekday), Field(ge=0, le=6)]
Minutes = Annotated[int, Field(ge=5, le=1440)]


class CourseIn(Input):
    """
    A new course. `timezone` defaults to its teacher's; `teacher_id` is for admins. Dates are included, or open; so is
    `capacity`, how many places it has.
    """

    title: Line
    description: Text = ""
    timezone: Timezone | None = None
    capacity: Capacity | None = None
    start_date: Day | None = None
    end_date: Day | None = None
    teacher_id: UUID | None = None


class CoursePatch(Input):
    """Any of a course's values; a new teacher takes over its coming sessions. Null opens a date, or the bound."""

    title: Line | None = None
    description: Text | None = None
    timezone: Timezone | None = None
    capacity: Capacity | None = None
    start_date: Day | None = None
    end_date: Day | None = None
    teacher_id: UUID | None = None


class SessionIn(Input):
    """
    One session of a list. Without an offset, `start_time` is wall time in `timezone`, which must then be given. `location` is
    an address on the web or a room in words, where it is held instead of at Zoom.
    """

    title: Line
    description: Text = ""
    start_time: MomentOrWall
    duration: Minutes = 60
    timezone: Timezone | None = None
    location: Note = ""

    @model_validator(mode="after")
    def _start_is_a_moment(self) -> Self:
        self.start_time = at_offset(self.start_time, self.timezone, field="start_time")
        return self


class PatternIn(Input):
    """
    Sessions on weekdays at a wall time. Dates default to the course's, the timezone to its own, the title to its title;
    a number follows the title.
    """

    weekdays: list[Weekday] = Field(min_length=1, max_length=7)
    start_time: WallTime
    duration: Minutes = 60
    from_: Day | None = Field(None, alias="from")
    to: Day | None = None
    except_: list[Day] = Field(default_factory=list, alias="except", max_length=MOST_SESSIONS)
    timezone: Timezone | None = None
    title: Line | None = None
    description: Text = ""
    location: Note = ""


class BatchIn(Input):
    """Sessions to make: a list of them, or a pattern. With `skip_clashes` those that cannot be are left out."""

    sessions: list[SessionIn] | None = Field(None, min_length=1, max_length=MOST_SESSIONS)
    pattern: PatternIn | None = None
    skip_clashes: bool = False

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.sessions is None) == (self.pattern is None):
            raise ValueError(_("must have sessions or a pattern, and not both"))
        return self


class SessionPatch(Input):
    """
    A session's new values, a substitute (`teacher_id`), or its cancellation. `location` is where it is held instead of at
    Zoom, "" for Zoom.
    """

    title: Line | None = None
    description: Text | None = None
    start_time: MomentOrWall | None = None
    duration: Minutes | None = None
    timezone: Timezone | None = None
    teacher_id: UUID | None = None
    location: Note | None = None
    cancelled: bool = False
    reason: Note = ""

    @model_validator(mode="after")
    def _start_is_a_moment(self) -> Self:
        if self.start_time is not None:
            self.start_time = at_offset(self.start_time, self.timezone, field="start_time")
        return self


class SessionMeetingIn(Input):
    """Whose Zoom meeting is meant."""

    session_id: UUID


class CourseOut(Output):
    """A course. `session_count` leaves out what was cancelled."""

    id: UUID
    title: str
    description: str
    timezone: str
    start_date: dt.date | None
    end_date: dt.date | None
    teacher: PersonOut
    capacity: int | None
    student_count: int
    waiting_count: int
    session_count: int
    created_at: datetime
    ended_at: datetime | None


class CourseAnswer(Output):
    """One course."""

    course: CourseOut


class CoursesAnswer(Output):
    """A page of courses."""

    courses: list[CourseOut]
    next_cursor: str | None


class SessionTeacherOut(Output):
    """Who teaches a session, as its students see them."""

    id: UUID
    name: str


class SessionOut(Output):
    """
    A session and its Zoom meeting. `id` and `meeting_uuid` are null in a dry run.

    `meeting_id` is Zoom's number, `meeting_uuid` our id of the meeting (`/api/zoom/meetings/{id}`). `start_url` is for who
    holds it and admins, when one session is asked for. `zoom_status` is `synced`, `pending`, `not_configured` or `failed`,
    null once cancelled; `zoom_error` says why, to who may do something about it. `backup_room` is where it is held while Zoom
    has no meeting for it. `ends_after_minutes` is when Zoom ends it too early, because its host has no licence.
    `location` is where it is held instead of at Zoom.
    """

    id: UUID | None
    course_id: UUID
    number: int
    title: str
    description: str
    start_time: datetime
    end_time: datetime
    duration: int
    timezone: str
    status: str
    cancellation_reason: str
    teacher: SessionTeacherOut
    is_substitute: bool
    zoom_status: str | None
    zoom_error: str | None
    ends_after_minutes: int | None
    meeting_uuid: UUID | None
    meeting_id: str | None
    join_url: str | None
    start_url: str | None
    password: str | None
    location: str | None
    backup_room: BackupRoomOut | None


class SessionAnswer(Output):
    """One session."""

    session: SessionOut


class ProgressOut(Output):
    """How many of the course's sessions are how far at Zoom."""

    synced: int
    pending: int
    failed: int
    not_configured: int


class SessionsAnswer(Output):
    """A page of sessions in the order of their times, and how far Zoom is with all of the course's."""

    sessions: list[SessionOut]
    progress: ProgressOut
    next_cursor: str | None


class ClashOut(Output):
    """A session of a batch that cannot be: `teacher_busy`, `no_host`, `past`, or `excluded`, which refuses nothing."""

    index: int
    title: str
    start_time: datetime
    end_time: datetime
    kind: str
    blocked_by: str
    blocks: bool
    message: str


class LaterOut(Output):
    """How many calls go out on a later UTC day."""

    date: dt.date
    calls: int


class BudgetOut(Output):
    """
    What the batch costs of Zoom's daily budgets, in numbers and in words. `left_today` is null without a daily limit;
    `seconds` is how long today's calls take at least.
    """

    calls: int
    today: int
    left_today: int | None
    later: list[LaterOut]
    seconds: float
    message: str


class BatchAnswer(Output):
    """
    What a batch made or, in a dry run, would make. `too_many_people` says that more may come than the Zoom host lets in.
    """

    dry_run: bool
    sessions: list[SessionOut]
    clashes: list[ClashOut]
    budget: BudgetOut
    too_many_people: CrowdOut | None
