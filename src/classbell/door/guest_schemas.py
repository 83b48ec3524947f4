"""A guest's booking, as the API takes and shows it."""

from datetime import datetime
from uuid import UUID

from ninja import Field

from classbell.bookings.models.kind import MOST_PRICE
from classbell.bookings.schemas.fields import Minutes, Reason
from classbell.wire import Email, Input, Line, Moment, MomentOrWall, Note, Output, Text, Timezone, Word


class GuestBookingIn(Input):
    """
    What a guest books: a `kind` and perhaps a `teacher`, each by its address or its id; without a teacher whoever is free.
    `start_time` without an offset is on the clock of `timezone`.
    """

    kind: Word
    teacher: Word = ""
    start_time: MomentOrWall
    duration: Minutes | None = Field(None, description="One of the kind's lengths in minutes; without it, its first.")
    name: Line
    email: Email
    answers: dict[Word, Text] = Field(default_factory=dict, description="By the keys of the kind's questions.")
    price: int | None = Field(
        None, ge=0, le=MOST_PRICE, description="What the guest saw, of a kind that is paid when booked."
    )
    currency: Word = ""
    timezone: Timezone
    website: Note = Field(
        "", description="Leave it out: people do not see it, and programs that fill it in book nothing."
    )


class GuestMoveIn(Input):
    """The new start; it stays as long as it is."""

    start_time: Moment


class GuestCancelIn(Input):
    """Why, for the teacher to read."""

    reason: Reason = ""


class GuestBookingOut(Output):
    """
    A guest's booking as whoever has its link sees it. While it `awaits_confirmation` the time is held until `held_until` for
    whoever follows the mailed link; while it `awaits_payment`, for whoever pays. `manage_url` sees to it.
    """

    id: UUID
    status: str
    awaits_confirmation: bool
    awaits_payment: bool = False
    pay_url: str | None = Field(None, description="Where to pay it; said once, when it is booked.")
    held_until: datetime | None
    start_time: datetime
    end_time: datetime
    teacher: UUID | None
    teacher_name: str
    kind: str
    can_cancel: bool
    can_reschedule: bool
    join_url: str | None = Field(None, description="The page by which the guest joins, once the lesson is confirmed.")
    manage_url: str


class GuestBookingAnswer(Output):
    """One booking."""

    booking: GuestBookingOut
