"""
Zoom's answers, read. Fields bear Zoom's names; unknown ones are dropped, missing ones have the value that says so.

Ids are text even where Zoom sends numbers, because it sends the same id as either. Times are aware UTC. Links, passcodes
and whatever else lets a person in stay out of every repr.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, NotRequired, TypedDict, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from classbell.text import identifier, one_line, storable
from classbell.zoom.endpoints import Endpoint
from classbell.zoom.errors import ZoomUnavailable

# Zoom is younger than the first; clocks that are later are wrong, and break arithmetic at the end of time.
YEARS: Final = range(2011, 2200)


def _text(value: object) -> object:
    if value is None:
        return ""
    return storable(str(value)) if isinstance(value, int | float | str) else value


def _line(value: object) -> object:
    return one_line(text) if isinstance(text := _text(value), str) else text


def _word(value: object) -> object:
    return identifier(text) if isinstance(text := _text(value), str) else text


def _nothing(value: object) -> object:
    return None if value == "" else value


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _sensible(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError("is of a year that nobody means")
    return moment


def _milliseconds(value: object) -> object:
    try:
        return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int | float) else value
    except OSError:
        raise ValueError("is no time") from None


def _list(value: object) -> object:
    return [] if value is None else value


def _or_empty(value: object, read_as: ValidatorFunctionWrapHandler) -> object:
    return _or_nothing(value, read_as) or ""


def _or_nothing(value: object, read_as: ValidatorFunctionWrapHandler) -> object:
    """What is of another kind than it should be says nothing."""
    try:
        return read_as(value)
    except (ValidationError, OverflowError):
        return None


def _or_zero(value: object, read_as: ValidatorFunctionWrapHandler) -> object:
    return _or_nothing(value, read_as) or 0


def _or_no_time(value: object, read_as: ValidatorFunctionWrapHandler) -> object:
    return _or_nothing(value, read_as) or timedelta()


Text = Annotated[str, BeforeValidator(_text)]
# What people typed at Zoom is folded as what they type here, and never refused: nothing of theirs may be lost over it.
Line = Annotated[str, BeforeValidator(_line)]
Email = Annotated[str, BeforeValidator(_word)]
Moment = Annotated[datetime, AfterValidator(_utc)]
# Fields of rows of which there are many: an odd one costs itself, not its row, and not the whole answer.
AnyText = Annotated[Text, WrapValidator(_or_empty)]
AnyLine = Annotated[Line, WrapValidator(_or_empty)]
AnyEmail = Annotated[Email, WrapValidator(_or_empty)]
AnyMoment = Annotated[Annotated[Moment, AfterValidator(_sensible)] | None, WrapValidator(_or_nothing)]
AnyMilliseconds = Annotated[
    Annotated[Moment, AfterValidator(_sensible)] | None, BeforeValidator(_milliseconds), WrapValidator(_or_nothing)
]
AnyNumber = Annotated[int | None, WrapValidator(_or_nothing)]
AnyKind = Annotated[int, WrapValidator(_or_zero)]
AnyLength = Annotated[timedelta, WrapValidator(_or_no_time)]
OptionalText = Annotated[str | None, BeforeValidator(_nothing)]


class ZoomModel(BaseModel):
    """An answer of Zoom, or a part of one."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class User(ZoomModel):
    """A user of the account. `type` 2 is licensed; `id` is empty while the invitation is pending."""

    id: Text = ""
    email: Email = ""
    first_name: Line = ""
    last_name: Line = ""
    display_name: Line = ""
    type: AnyKind = 0
    status: Text = ""
    role_name: Text = ""
    timezone: Text = ""
    dept: Line = ""
    account_id: Text = ""


class UserToken(ZoomModel):
    """A key that acts for a user."""

    token: str = Field(repr=False)


class Occurrence(ZoomModel):
    """
    One session of a series. `status` is `available`, or `deleted` for one that was cancelled and stays listed.

    `occurrence_id` is the original start in epoch milliseconds and does not follow a move. `duration` is minutes.
    """

    occurrence_id: Text
    start_time: AnyMoment = None
    duration: AnyNumber = None
    status: Text = ""


class MeetingSummary(ZoomModel):
    """A meeting as lists show it: `agenda` is cut to 250 characters; no settings, no occurrences. `duration` is minutes."""

    id: Text
    uuid: Text = ""
    host_id: Text = ""
    topic: Line = ""
    type: AnyKind = 0
    start_time: AnyMoment = None
    duration: AnyNumber = None
    timezone: Text = ""
    agenda: Text = ""
    created_at: AnyMoment = None
    join_url: OptionalText = Field(default=None, repr=False)


class Meeting(MeetingSummary):
    """
    A meeting as it is scheduled. `status` is `waiting` or `started`, never ended.

    `start_time` is None for a meeting without fixed time, and for a series whose times are in `occurrences`. `start_url`
    lets its holder in as the host for two hours: pass it on, never keep it.
    """

    host_email: Email = ""
    status: Text = ""
    start_url: OptionalText = Field(default=None, repr=False)
    password: OptionalText = Field(default=None, repr=False)
    registration_url: OptionalText = Field(default=None, repr=False)
    settings: Annotated[dict[str, Any], BeforeValidator(lambda value: value or {})] = Field(default={}, repr=False)
    recurrence: dict[str, Any] | None = None
    occurrences: Annotated[list[Occurrence], BeforeValidator(_list)] = []


class Registrant(ZoomModel):
    """A registered person as lists show them. `join_url` is personal and lets its holder in under that name."""

    id: Text
    email: Email = ""
    first_name: Line = ""
    last_name: Line = ""
    status: Text = ""
    create_time: AnyMoment = None
    join_url: OptionalText = Field(default=None, repr=False)


class Registered(ZoomModel):
    """What adding a registrant answers. `join_url` is None while the approval is pending."""

    registrant_id: Text
    email: Email = ""
    join_url: OptionalText = Field(default=None, repr=False)
    occurrences: Annotated[list[Occurrence], BeforeValidator(_list)] = []


class PastInstance(ZoomModel):
    """One run of a meeting that has ended."""

    uuid: Text
    start_time: AnyMoment = None


class PastMeeting(ZoomModel):
    """One run of a meeting, as it really went. `duration` and `total_minutes` (of all people) are minutes."""

    id: Text
    uuid: AnyText = ""
    host_id: AnyText = ""
    topic: AnyLine = ""
    type: AnyNumber = None
    user_name: AnyLine = ""
    user_email: AnyEmail = ""
    start_time: AnyMoment = None
    end_time: AnyMoment = None
    duration: AnyNumber = None
    total_minutes: AnyNumber = None
    participants_count: AnyNumber = None


class Participant(ZoomModel):
    """
    One stay of one connection in one run: whoever leaves and comes back has two, with another `user_id`.

    `id` is the Zoom user, empty for guests; `email` is empty for most people from outside the account. `status` is
    `in_meeting` or `in_waiting_room`. `duration` can be zero at first for large meetings.
    """

    id: AnyText = ""
    user_id: AnyText = ""
    participant_user_id: AnyText = ""
    name: AnyLine = ""
    email: AnyEmail = Field(default="", validation_alias="user_email")
    registrant_id: AnyText = ""
    customer_key: AnyText = ""
    bo_mtg_id: AnyText = ""
    join_time: AnyMoment = None
    leave_time: AnyMoment = None
    duration: AnyLength = timedelta()
    status: AnyText = ""


class RecordingFile(ZoomModel):
    """One file of a recording. `file_type` is MP4, M4A, TRANSCRIPT, CHAT …; `file_size` is bytes."""

    id: AnyText = ""
    file_type: AnyText = ""
    file_extension: AnyText = ""
    recording_type: AnyText = ""
    recording_start: AnyMoment = None
    recording_end: AnyMoment = None
    file_size: AnyNumber = None
    download_url: AnyText = Field(default="", repr=False)
    status: AnyText = ""


class MeetingRecordings(ZoomModel):
    """What was recorded of one run, which `uuid` names; `id` is the meeting's."""

    uuid: Text
    id: Text = ""
    start_time: AnyMoment = None
    recording_files: Annotated[list[RecordingFile], BeforeValidator(_list)] = []


class NewRegistrant(TypedDict):
    """Somebody to register. Zoom takes further fields, which a plain mapping can hold."""

    email: str
    first_name: str
    last_name: NotRequired[str]


class RegistrantReference(TypedDict):
    """A registrant whose status is to change; Zoom asks for both."""

    id: str
    email: str


MeetingListType = Literal["scheduled", "live", "upcoming", "upcoming_meetings", "previous_meetings"]
RegistrantAction = Literal["approve", "cancel", "deny"]
RegistrantStatus = Literal["approved", "pending", "denied"]
UserStatus = Literal["active", "inactive", "pending"]

Model = TypeVar("Model", bound=ZoomModel)


def read(model: type[Model], answer: object, endpoint: Endpoint) -> Model:
    """
    Read a success answer of Zoom.

    Raises ZoomUnavailable when it lacks what every such answer has; what was asked may have happened all the same.
    """
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        names = ", ".join(".".join(map(str, problem["loc"])) or "all of it" for problem in error.errors())
        # Without the cause: it carries Zoom's whole answer.
        raise _unreadable(endpoint, names) from None


def read_list(model: type[Model], answer: object, key: str, endpoint: Endpoint) -> tuple[list[Model], str]:
    """Read one page: its items, and the token of the next page or "". Raises ZoomUnavailable as `read` does."""
    page = answer if isinstance(answer, dict) else {}
    items = page.get(key)
    if not isinstance(items, list):
        raise _unreadable(endpoint, key)
    token = page.get("next_page_token")
    return [read(model, item, endpoint) for item in items], token if isinstance(token, str) else ""


def _unreadable(endpoint: Endpoint, what: str) -> ZoomUnavailable:
    return ZoomUnavailable(
        f"its answer cannot be read: {what}",
        method=endpoint.method,
        path=endpoint.path,
        may_have_happened=endpoint.method != "GET",
    )
