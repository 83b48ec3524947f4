"""What the simulator keeps. Times are aware and in UTC."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

Settings = dict[str, Any]


class MeetingType(IntEnum):
    """Zoom's numbers for the kinds of meetings that can be scheduled."""

    INSTANT = 1
    SCHEDULED = 2
    RECURRING_WITHOUT_TIME = 3
    RECURRING = 8
    SCREEN_SHARE_ONLY = 10


class UserType(IntEnum):
    """Zoom's numbers for licences."""

    BASIC = 1
    LICENSED = 2
    UNASSIGNED = 4
    NONE = 99


class UserStatus(StrEnum):
    """Whether a user can be used."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    PENDING = "pending"
    GONE = "gone"
    """Deleted: what they held stays theirs, but nobody finds them."""


class RegistrantStatus(StrEnum):
    """What was decided about a registrant."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    CANCELLED = "cancelled"


class PollStatus(StrEnum):
    """How far a poll is."""

    NOT_STARTED = "notstart"
    STARTED = "started"
    ENDED = "ended"


@dataclass(slots=True, kw_only=True)
class User:
    """A user of the account."""

    id: str
    email: str
    first_name: str
    last_name: str
    display_name: str
    type: int
    role_id: str
    pmi: int
    timezone: str
    created_at: datetime
    status: UserStatus = UserStatus.ACTIVE
    dept: str = ""
    made_by_api: bool = False
    assistants: list[str] = field(default_factory=list)
    """Ids of those who may schedule for this user."""
    settings: Settings = field(default_factory=dict)
    """By sections, only what differs from what everybody has."""


@dataclass(slots=True, kw_only=True)
class Grant:
    """A user's consent that the app may act in their name."""

    user_id: str
    scopes: tuple[str, ...]
    given_at: datetime
    chain: str
    """What every token of this consent carries; they end when it changes."""
    refresh_id: str
    """Of the only refresh token that is still good."""


@dataclass(slots=True)
class Occurrence:
    """One session of a series; `id` is the first planned start in milliseconds and never changes."""

    id: int
    start: datetime
    duration: int
    deleted: bool = False
    agenda: str | None = None
    settings: Settings | None = None

    @property
    def end(self) -> datetime:
        """When it should be over."""
        return self.start + timedelta(minutes=self.duration)


@dataclass(slots=True, kw_only=True)
class Poll:
    """A poll or quiz of a meeting; `questions` are as they were sent."""

    id: str
    title: str
    poll_type: int
    anonymous: bool
    questions: list[dict[str, Any]]
    status: PollStatus


@dataclass(slots=True, kw_only=True)
class Meeting:
    """A scheduled meeting. `settings` holds only what differs from the defaults."""

    id: int
    uuid: str
    host_id: str
    topic: str
    type: int
    timezone: str
    created_at: datetime
    start: datetime | None = None
    duration: int = 60
    agenda: str = ""
    assistant_id: str = ""
    password: str = ""
    pstn_password: str = ""
    encrypted_password: str = ""
    registration_key: str = ""
    pre_schedule: bool = False
    template_id: str = ""
    tracking_fields: list[dict[str, str]] | None = None
    settings: Settings = field(default_factory=dict)
    recurrence: Settings | None = None
    occurrences: list[Occurrence] | None = None
    questions: Settings | None = None
    polls: list[Poll] | None = None
    last_used_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def all_occurrences(self) -> list[Occurrence]:
        """The occurrences of a series; none for other meetings."""
        return self.occurrences or []

    @property
    def approval_type(self) -> int:
        """How registration works: 0 automatic, 1 by hand, 2 not at all."""
        return int(self.settings.get("approval_type", 2))

    @property
    def end(self) -> datetime | None:
        """When the meeting, or the last session of the series, should be over; None when it has no time."""
        if self.occurrences:
            return max(occurrence.end for occurrence in self.occurrences)
        return self.start + timedelta(minutes=self.duration) if self.start else None

    def occurrence(self, occurrence_id: str) -> Occurrence | None:
        """Return one occurrence by its id."""
        return next((occurrence for occurrence in self.all_occurrences if str(occurrence.id) == occurrence_id), None)


@dataclass(slots=True, kw_only=True)
class Registrant:
    """Somebody who registered for a meeting."""

    id: str
    meeting_id: int
    email: str
    first_name: str
    last_name: str
    status: RegistrantStatus
    token: str
    pin_code: int
    created_at: datetime
    profile: dict[str, str] = field(default_factory=dict)
    custom_questions: list[dict[str, str]] = field(default_factory=list)
    occurrence_ids: list[str] | None = None
    """The sessions registered for; None for all."""
    occurrence_status: dict[str, RegistrantStatus] = field(default_factory=dict)
    """Decisions about single sessions."""

    def status_for(self, occurrence_id: str | None) -> RegistrantStatus:
        """What was decided about one session, or about the whole meeting."""
        return self.occurrence_status.get(occurrence_id or "", self.status)


@dataclass(slots=True, kw_only=True)
class Stay:
    """One connection of one person to one run of a meeting; coming back makes another."""

    participant_uuid: str
    user_id: str
    name: str
    joined_at: datetime
    email: str = ""
    zoom_user_id: str = ""
    registrant_id: str = ""
    customer_key: str = ""
    left_at: datetime | None = None
    leave_reason: str = ""


@dataclass(slots=True, kw_only=True)
class Take:
    """One stretch of a run that is recorded to the cloud."""

    started_at: datetime
    ended_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class PollAnswer:
    """What somebody in a run answered to one question of a poll."""

    participant_uuid: str
    poll_id: str
    question: str
    answer: str
    anonymous: bool
    at: datetime


@dataclass(slots=True, kw_only=True)
class Asked:
    """A question that somebody asked in a run's questions and answers; `answer` is the host's, "" while open."""

    id: str
    participant_uuid: str
    question: str
    answer: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class Run:
    """One time that a meeting took place, from its start to its end."""

    uuid: str
    meeting_id: int
    started_at: datetime
    occurrence_id: str = ""
    ended_at: datetime | None = None
    stays: list[Stay] = field(default_factory=list)
    waiting: list[Stay] = field(default_factory=list)
    """Who is or was in its waiting room; who is in the room has a stay besides."""
    takes: list[Take] = field(default_factory=list)
    poll_answers: list[PollAnswer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    @property
    def is_recorded_now(self) -> bool:
        """Whether it is being recorded."""
        return bool(self.takes) and self.takes[-1].ended_at is None

    @property
    def present(self) -> list[Stay]:
        """Who is in it now."""
        return [stay for stay in self.stays if stay.left_at is None]


@dataclass(slots=True, kw_only=True)
class RecordedFile:
    """One file of a recording; `text` is what is in those that hold text, `key` stands in its addresses."""

    id: str
    key: str
    file_type: str
    extension: str
    recording_type: str
    started_at: datetime
    ended_at: datetime
    text: str = ""
    trashed_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Recording:
    """What was recorded of the run with the same uuid. `settings` holds only what differs from the defaults."""

    uuid: str
    meeting_id: int
    key: str
    passcode: str
    play_passcode: str
    files: list[RecordedFile]
    settings: Settings = field(default_factory=dict)
    trashed_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Summary:
    """What was written of the run with the same uuid; `details` are pairs of a heading and its text."""

    uuid: str
    meeting_id: int
    title: str
    overview: str
    details: list[tuple[str, str]]
    next_steps: list[str]
    created_at: datetime
    modified_at: datetime
