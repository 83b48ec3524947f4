"""What the API of school meetings takes and answers. Both specifications' names for a field are taken in."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from ninja import Field
from pydantic import AliasChoices, BeforeValidator, model_validator

from classbell.wire import (
    Input,
    JsonObject,
    Line,
    MomentOrWall,
    Note,
    Output,
    ShownEmail,
    Text,
    Timezone,
    Word,
    at_offset,
)

MOST_INVITED = 1000

Duration = Annotated[int, Field(ge=1, le=1440)]


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


Target = Annotated[Literal["class", "students", "teachers", "all", "invited"], BeforeValidator(_lower)]


class MeetingIn(Input):
    """
    A new meeting. `recurrence` is an RFC 5545 rule; `targetAudience` is `class` with a `classId`, else `invited`.
    `location` is an address on the web or a room in words, where it is held instead of at Zoom.
    """

    title: Line = Field(validation_alias=AliasChoices("title", "topic"))
    description: Text = Field("", validation_alias=AliasChoices("description", "agenda"))
    starts_at: MomentOrWall = Field(validation_alias=AliasChoices("startTime", "start_time"))
    duration: Duration = 60
    timezone: Timezone | None = None
    recurrence: Note = ""
    class_id: UUID | None = Field(None, validation_alias=AliasChoices("classId", "class_id"))
    target_audience: Target | None = Field(None, validation_alias=AliasChoices("targetAudience", "target_audience"))
    host_id: UUID | None = Field(None, validation_alias=AliasChoices("hostId", "host_id"))
    invited: list[UUID] = Field(default_factory=list, max_length=MOST_INVITED)
    registration_enabled: bool = Field(
        False, validation_alias=AliasChoices("registrationEnabled", "registration_enabled")
    )
    settings: JsonObject = Field(default_factory=dict)
    location: Note = ""

    @model_validator(mode="after")
    def _start_is_a_moment(self) -> Self:
        self.starts_at = at_offset(self.starts_at, self.timezone, field="startTime")
        return self


class MeetingPatch(Input):
    """
    Any of a meeting's values; with `occurrence_id` the time or the place of one session of a series. `location` "" brings
    what is held elsewhere to Zoom, or one session to where its series is held.
    """

    title: Line | None = Field(None, validation_alias=AliasChoices("title", "topic"))
    description: Text | None = Field(None, validation_alias=AliasChoices("description", "agenda"))
    starts_at: MomentOrWall | None = Field(None, validation_alias=AliasChoices("startTime", "start_time"))
    duration: Duration | None = None
    timezone: Timezone | None = None
    recurrence: Note | None = None
    class_id: UUID | None = Field(None, validation_alias=AliasChoices("classId", "class_id"))
    target_audience: Target | None = Field(None, validation_alias=AliasChoices("targetAudience", "target_audience"))
    registration_enabled: bool | None = Field(
        None, validation_alias=AliasChoices("registrationEnabled", "registration_enabled")
    )
    settings: JsonObject | None = None
    location: Note | None = None
    occurrence_id: Word | None = Field(None, validation_alias=AliasChoices("occurrence_id", "occurrenceId"))

    @model_validator(mode="after")
    def _start_is_a_moment(self) -> Self:
        if self.starts_at is not None and self.starts_at.tzinfo is None:
            self.starts_at = at_offset(self.starts_at, self.timezone, field="startTime")
        return self


class HostOut(Output):
    """Who holds a meeting."""

    id: UUID
    name: str
    email: ShownEmail
    avatar: str


class ClassRef(Output):
    """Whose meeting it is."""

    id: UUID
    name: str


class OccurrenceOut(Output):
    """One session of a series; `location` is where it is held instead of at Zoom, as a meeting's."""

    id: UUID
    zoom_occurrence_id: str
    start_time: datetime
    end_time: datetime
    status: str
    location: str | None


class ParticipantOut(Output):
    """One stay of one connection; `duration` in seconds. `user_id` is null while nobody knows who it was."""

    id: UUID
    user_id: UUID | None
    zoom_participant_id: str
    name: str
    email: ShownEmail
    join_time: datetime
    leave_time: datetime | None
    duration: int
    status: str


class OverruledOut(Output):
    """
    A setting that Zoom keeps otherwise than it was asked, because the account has `locked` it or does not offer it. The
    values are null where they are about people.
    """

    setting: str
    asked: bool | int | str | None
    kept: bool | int | str | None
    locked: bool


class CrowdOut(Output):
    """More people than Zoom lets in: `people`, the teacher among them, for `capacity` places."""

    people: int
    capacity: int


class MeetingOut(Output):
    """
    A meeting, and how it stands at Zoom (`sync_status`); `start_url` for its host and admins only. `participants` were seen
    in the session that runs or was last: for those who keep its attendance, an empty list for others. `ends_after_minutes`
    is when Zoom ends it too early, because its host has no licence; null otherwise. `too_many_people` says that more may
    come than its Zoom host lets in, to who hosts it; null otherwise.
    `settings` are what the meeting asks for itself, `effective_settings` what holds with what it inherits. Where it
    `is_elsewhere` than at Zoom, `location` says where; an address is shown like a link of Zoom's, and is its `join_url`.
    """

    id: UUID
    zoom_meeting_id: str | None
    host_id: UUID
    title: str
    description: str
    meeting_type: str
    start_time: datetime
    duration: int
    timezone: str
    recurrence: str
    status: str
    sync_status: str
    sync_error: str | None
    join_url: str | None
    start_url: str | None
    password: str | None
    class_id: UUID | None
    target_audience: str
    settings: dict[str, Any]
    effective_settings: dict[str, Any]
    overruled: list[OverruledOut]
    registration_url: str | None
    registration_enabled: bool
    location: str | None
    is_elsewhere: bool
    ends_after_minutes: int | None
    too_many_people: CrowdOut | None
    host: HostOut
    class_: ClassRef | None = Field(serialization_alias="class")
    participants: list[ParticipantOut]
    occurrences: list[OccurrenceOut]
    created_at: datetime
    updated_at: datetime


class MeetingAnswer(Output):
    """One meeting."""

    meeting: MeetingOut


class MeetingListed(Output):
    """A meeting in a list."""

    id: UUID
    zoom_meeting_id: str | None
    title: str
    start_time: datetime
    next_start_time: datetime | None
    duration: int
    timezone: str
    status: str
    sync_status: str
    host: HostOut
    class_: ClassRef | None = Field(serialization_alias="class")


class MeetingsAnswer(Output):
    """A page of meetings."""

    meetings: list[MeetingListed]
    next_cursor: str | None


class BackupRoomOut(Output):
    """
    Where a class is held while Zoom has no meeting for it, and why. Whoever has `url` may come in. Beside a Zoom meeting it
    stands only when people are in it already.
    """

    url: str
    since: datetime
    reason: str


class JoinOut(Output):
    """What is needed to come in. Without SDK keys the signature is null and `joinUrl` serves."""

    join_url: str | None = Field(serialization_alias="joinUrl")
    start_url: str | None = Field(serialization_alias="startUrl")
    password: str | None
    meeting_number: str | None = Field(serialization_alias="meetingNumber")
    is_host: bool = Field(serialization_alias="isHost")
    sdk_signature: str | None = Field(serialization_alias="sdkSignature")
    sdk_key: str | None = Field(serialization_alias="sdkKey")
    user_name: str = Field(serialization_alias="userName")
    user_email: ShownEmail = Field(serialization_alias="userEmail")
    is_registered: bool = Field(serialization_alias="isRegistered")
    customer_key: str = Field(serialization_alias="customerKey")
    status: str
    location: str | None
    backup_room: BackupRoomOut | None = Field(serialization_alias="backupRoom")


class JoinIn(Input):
    """What a person's page saw: they went in, or left."""

    action: Literal["join", "leave"]


class ZoomFails(Output):
    """Zoom cannot be used, and why."""

    success: Literal[False] = False
    error: str
    configured: bool


class ZoomUserOut(Output):
    """As whom Classbell calls Zoom."""

    id: str
    email: ShownEmail
    account_id: str


class ZoomWorks(Output):
    """Zoom takes our credentials."""

    success: Literal[True] = True
    message: str
    configured: bool
    user: ZoomUserOut


class ZoomWorksInPart(ZoomWorks):
    """Zoom takes our credentials, which lack scopes: `missing_scopes` are those to add, by purpose."""

    missing_scopes: dict[str, list[str]]


class Configured(Output):
    """Whether it is."""

    configured: bool


class CircuitOut(Output):
    """`open` since `opened_at`: Zoom is left alone for a while after failures."""

    state: Literal["open", "closed"]
    opened_at: datetime | None


class LimitsOut(Output):
    """What Zoom still takes today; null where its plan has no such limit."""

    hosts: int
    writes_per_host_and_day: int | None
    writes_left_today: int | None
    plan: str


class BacklogOut(Output):
    """How far Zoom is behind: meetings on their way by themselves, since when, and those that wait for a person."""

    pending: int
    failed: int
    oldest_pending_since: datetime | None


class AccountStatusOut(Output):
    """
    How the connection to one account of the school is. `trouble` is `credentials`, `scopes`, `unavailable` or nothing, as of
    `checked_at`.
    """

    account_id: str
    name: str
    trouble: str
    checked_at: datetime | None
    circuit: CircuitOut
    limits: LimitsOut


class ZoomStatus(Output):
    """
    How the connection to Zoom is; `status` is as of `checked_at`. `status`, `sdk`, `webhook`, `circuit` and the plan are the
    first account's; `accounts` says of each how it is.
    """

    configured: bool
    status: ZoomFails | ZoomWorksInPart | ZoomWorks
    checked_at: datetime | None
    sdk: Configured
    webhook: Configured
    circuit: CircuitOut
    limits: LimitsOut
    backlog: BacklogOut
    accounts: list[AccountStatusOut]


class RegisterStudentIn(Input):
    """Whom to register, for whose meetings."""

    student_id: UUID = Field(validation_alias=AliasChoices("studentId", "student_id"))
    class_id: UUID = Field(validation_alias=AliasChoices("classId", "class_id"))


class NotRegistered(Output):
    """A meeting for which it did not work, and why."""

    meeting_id: UUID = Field(serialization_alias="meetingId")
    title: str
    reason: str


class RegisterStudentAnswer(Output):
    """For which meetings the student is registered now, and for which not."""

    message: str
    registered: int
    meeting_ids: list[UUID] = Field(serialization_alias="meetingIds")
    failed: list[NotRegistered]
