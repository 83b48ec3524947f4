"""What the API takes and answers about recordings."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from classbell.recordings.models import FEWEST_DAYS, MOST_DAYS, MOST_NOTICE_DAYS
from classbell.wire import Input, Output

Watching = Literal["nobody", "teachers", "students", "families"]


class RecordingOut(Output):
    """
    One file that was recorded. `type` is video, audio, transcript, chat or other; `duration` are seconds, `size` bytes.
    `status` is available, deleting, trashed or deleted; `expires_at` is when the school's rule lets it go, null for never.
    """

    id: UUID
    occurrence_id: UUID | None
    type: str
    start_time: datetime
    duration: int
    size: int
    status: str
    expires_at: datetime | None
    may_download: bool


class RecordingsAnswer(Output):
    """The recordings of a meeting, the latest session first."""

    recordings: list[RecordingOut]


class RecordingAnswer(Output):
    """One recording."""

    recording: RecordingOut


class ConsentText(Output):
    """What the school asks before somebody joins, in the language that is spoken, or the other one."""

    version: int
    text: str
    language: str


class ConsentAnswer(Output):
    """What you have not agreed to yet; null where nothing is asked."""

    consent: ConsentText | None


class ConsentIn(Input):
    """The version of the text that was read and agreed to."""

    version: Annotated[int, Field(ge=1)]


class WatchRuleIn(Input):
    """
    Who may watch, each with those before: nobody but admins, teachers, students, families; and whether students and guardians
    may keep a copy.
    """

    watchers: Watching
    may_download: bool = False


class RulesPatch(Input):
    """Any of the school's rules. `keep_days` null keeps recordings for good."""

    watchers: Watching | None = None
    may_download: bool | None = None
    keep_days: Annotated[int, Field(ge=FEWEST_DAYS, le=MOST_DAYS)] | None = None
    notice_days: Annotated[int, Field(ge=1, le=MOST_NOTICE_DAYS)] | None = None
    erases_lessons: bool | None = None


class WatchRuleOut(Output):
    """The rule of a class, course or circle (`group_id`), or of a meeting, in place of the school's."""

    group_id: UUID | None
    meeting_id: UUID | None
    name: str
    watchers: str
    may_download: bool


class RulesOut(Output):
    """
    The school's rules for recordings, and those that stand in their place. Recordings go `keep_days` after they ended, null
    for never; their teachers are told `notice_days` before.
    """

    watchers: str
    may_download: bool
    keep_days: int | None
    notice_days: int
    erases_lessons: bool
    own: list[WatchRuleOut]


class RulesAnswer(Output):
    """The rules for recordings."""

    rules: RulesOut


class WatchRuleAnswer(Output):
    """One rule of its own; null where the one above counts."""

    rule: WatchRuleOut | None
