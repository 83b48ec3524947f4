"""What the API takes and answers about notifications."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints, field_validator

from classbell.accounts.models import ReminderTime
from classbell.notices.preferences import MOST_MINUTES, Told
from classbell.notices.topics import BY_CHILD, Topic
from classbell.wire import Input, Output, WallTime

LONGEST_ENDPOINT: Final = 1000
LONGEST_PUSH_KEY: Final = 200
MOST_CHILDREN: Final = 100


class ChannelsIn(Input):
    """Where to be told of one kind; what is not named stays."""

    page: bool | None = None
    mail: bool | None = None
    push: bool | None = None
    sms: bool | None = None
    whatsapp: bool | None = None
    telegram: bool | None = None


class QuietHoursIn(Input):
    """From when until when nothing is sent, such as 22:00 and 06:30; it may go over midnight."""

    begin: WallTime = Field(alias="from")
    until: WallTime


class SchoolNotificationsIn(Input):
    """What to change; what is not named stays. `quiet_hours` and `digest_at` null: none."""

    kinds: dict[Topic, ChannelsIn] = Field(default_factory=dict)
    quiet_hours: QuietHoursIn | None = None
    digest_at: WallTime | None = Field(
        default=None, description="When the mails of a day come as one; null: each by itself."
    )
    reminder_minutes: ReminderTime | None = None

    @field_validator("reminder_minutes", mode="before")
    @classmethod
    def _offered(cls, value: object) -> object:
        if isinstance(value, int) and value not in ReminderTime.values:
            raise ValueError(_("must be one of %(offered)s") % {"offered": ", ".join(map(str, ReminderTime.values))})
        return value


class AbsencesIn(Input):
    """Who is told that somebody is missing, how many minutes after they would be late; `minutes` null: nobody is."""

    minutes: int | None = Field(ge=0, le=MOST_MINUTES)
    tells: list[Told] = Field(max_length=len(Told))


class ForAllIn(SchoolNotificationsIn):
    """What to change of how people are told who have chosen nothing."""

    absences: AbsencesIn | None = None


class NotificationsIn(SchoolNotificationsIn):
    """What to change of how you are told. `as_school` first forgets whatever you have chosen."""

    mail: bool | None = Field(default=None, description="Whether to be sent any of it by mail.")
    as_school: bool = False
    children: dict[UUID, dict[Topic, bool]] = Field(
        default_factory=dict,
        max_length=MOST_CHILDREN,
        description="Of which child, by their id, to be told what at all; what is not named stays.",
    )

    @field_validator("children")
    @classmethod
    def _by_child(cls, value: dict[UUID, dict[Topic, bool]]) -> dict[UUID, dict[Topic, bool]]:
        if {topic for kinds in value.values() for topic in kinds} - set(BY_CHILD):
            raise ValueError(_("must be one of %(offered)s") % {"offered": ", ".join(BY_CHILD)})
        return value


class ChannelsOut(Output):
    """Where somebody is told."""

    page: bool
    mail: bool
    push: bool
    sms: bool
    whatsapp: bool
    telegram: bool


class KindOut(Output):
    """One kind of notices."""

    kind: Topic
    title: str
    channels: ChannelsOut
    always: list[Literal["page"]] = Field(description="Where it cannot be switched off.")


class QuietHoursOut(Output):
    """From when until when nothing is sent."""

    begin: str = Field(serialization_alias="from")
    until: str


class SchoolNotificationsOut(Output):
    """How people are told who have chosen nothing."""

    kinds: list[KindOut]
    quiet_hours: QuietHoursOut | None
    digest_at: str | None
    reminder_minutes: int


class AbsencesOut(Output):
    """Who is told that somebody is missing, how many minutes after they would be late; `minutes` null: nobody is."""

    minutes: int | None
    tells: list[Told]


class ForAllOut(SchoolNotificationsOut):
    """How people are told who have chosen nothing."""

    absences: AbsencesOut


class ChildOut(Output):
    """Of what a guardian is told about one child at all; where, `kinds` of the whole answer says."""

    student_id: UUID
    name: str
    kinds: dict[Topic, bool]


class NotificationsOut(SchoolNotificationsOut):
    """How you are told. Times are those of your timezone."""

    mail: bool
    timezone: str
    children: list[ChildOut] = Field(description="Of which of your children you are told what, if you are a guardian.")


class SchoolNotificationsAnswer(Output):
    """How people are told who have chosen nothing."""

    notifications: ForAllOut


class NotificationsAnswer(Output):
    """How you are told."""

    notifications: NotificationsOut


class PushKeysIn(Input):
    """By which a browser alone reads what is sent to it, as `PushSubscription.toJSON()` has them."""

    p256dh: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PUSH_KEY)]
    auth: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PUSH_KEY)]


class PushEndIn(Input):
    """A browser's subscription, by its address."""

    endpoint: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ENDPOINT)]


class PushIn(PushEndIn):
    """A browser's subscription, as `PushSubscription.toJSON()` has it."""

    keys: PushKeysIn


class PushOut(Output):
    """One browser that shows you notifications."""

    id: UUID
    made_at: datetime


class PushAnswer(Output):
    """One browser that shows you notifications."""

    push: PushOut


class PushListOut(Output):
    """The key that browsers subscribe to (`applicationServerKey`, base64url), and those that did."""

    public_key: str
    subscriptions: list[PushOut]
