"""What the API of accounts at Zoom takes and answers."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field
from pydantic import StringConstraints, model_validator

from classbell.wire import Input, Line, Note, Output, ShownEmail, Word

Plan = Literal["free", "pro", "business", "unlimited"]
Seats = Annotated[int, Field(ge=1, le=20)]
Given = Annotated[Line, StringConstraints(min_length=1)]
ShortName = Annotated[Line, StringConstraints(min_length=1, max_length=100)]
Id = Annotated[Line, StringConstraints(min_length=1, max_length=128)]


class AccountIn(Input):
    """An account to add. `account_id`, `client_id` and `client_secret` are those of its Server-to-Server OAuth app."""

    name: ShortName
    account_id: Annotated[Word, StringConstraints(min_length=1)]
    client_id: Id
    client_secret: Given
    webhook_secret: Line = ""
    sdk_key: Annotated[Line, StringConstraints(max_length=128)] = ""
    sdk_secret: Line = ""
    plan: Plan = "pro"
    seats_per_host: Seats = 1
    api_url: Note = ""
    oauth_url: Note = ""


class AccountPatch(Input):
    """Any of an account's values. Secrets replace those that are kept."""

    name: ShortName | None = None
    client_id: Id | None = None
    client_secret: Given | None = None
    webhook_secret: Line | None = None
    sdk_key: Annotated[Line, StringConstraints(max_length=128)] | None = None
    sdk_secret: Line | None = None
    plan: Plan | None = None
    seats_per_host: Seats | None = None
    api_url: Note | None = None
    oauth_url: Note | None = None


class AccountOut(Output):
    """
    An account, without what lets in. `webhook_url` is where its app sends its events. `meetings` are those to come that it
    holds. `trouble` is `credentials`, `scopes`, `unavailable` or nothing, as of `checked_at`. `is_readable` is false once
    the secret key that its secrets were kept by is lost: write them anew. `by_consent` it is the own Zoom of the teacher
    `owner_id`.
    """

    id: UUID
    account_id: str
    name: str
    client_id: str
    plan: str
    seats_per_host: int
    sdk_key: str
    api_url: str
    oauth_url: str
    has_webhook_secret: bool
    has_sdk_secret: bool
    is_readable: bool
    is_of_settings: bool
    by_consent: bool
    owner_id: UUID | None
    webhook_url: str
    hosts: int
    meetings: int
    trouble: str
    error: str
    checked_at: datetime | None
    circuit_open_since: datetime | None
    group_ids: list[UUID]
    teacher_ids: list[UUID]


class AccountsAnswer(Output):
    """Every account that is set up."""

    accounts: list[AccountOut]


class AccountAnswer(Output):
    """One account."""

    account: AccountOut


class AccountRemoved(Output):
    """It is gone; so many meetings to come were given other hosts."""

    meetings_placed_anew: int


class OwnZoomOut(Output):
    """
    A teacher's own Zoom. `meetings` to come are held there, and `waiting` ones of theirs wait for any host. `trouble` is as
    an account's. Since `lost_at` it is not connected any more: `lost_because` is `refused`, `interrupted`, `removed` or
    `disconnected`. `can_connect` says that the school has an app at Zoom for it.
    """

    can_connect: bool
    is_connected: bool = False
    connected_at: datetime | None = None
    email: ShownEmail | None = None
    is_licensed: bool | None = None
    meetings: int = 0
    waiting: int = 0
    trouble: str = ""
    lost_at: datetime | None = None
    lost_because: str = ""


class WayToConnect(Output):
    """Where a browser goes to connect a teacher's own Zoom."""

    url: str


class OwnZoomEnded(Output):
    """It is disconnected here; whether Zoom has ended the permission too."""

    ended_at_zoom: bool


class AccountChecked(Output):
    """What Zoom answered: as whom we call it, which scopes are missing by purpose, and how many hosts there are."""

    works: bool
    email: ShownEmail
    error: str
    missing_scopes: dict[str, list[str]]
    hosts: int


class BoundIn(Input):
    """Whose meetings are held in which account; null for any."""

    group_id: UUID | None = None
    teacher_id: UUID | None = None
    account_id: UUID | None = None

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.group_id is None) == (self.teacher_id is None):
            raise ValueError(_("Name a group or a teacher."))
        return self
