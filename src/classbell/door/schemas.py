"""What is shown to everybody, as the API answers it."""

from datetime import datetime
from typing import Literal

from classbell.door.models import ConfirmsGuests
from classbell.wire import Output


class PublicSchoolOut(Output):
    """The school's own page. `picture` is an https address, "" for none."""

    name: str
    english: str
    arabic: str
    picture: str
    url: str
    confirms_guests_by: ConfirmsGuests
    shows_ratings: bool


class PublicTeacherOut(Output):
    """
    A teacher's page. `languages` are codes of ISO 639, `kinds` the addresses of lesson kinds that they teach. `rating` is
    null while nobody rated, or where the school does not show it; `next_free` while they have no free hour in the next two
    weeks, or none at the time that was asked for.
    """

    address: str
    name: str
    english: str
    arabic: str
    picture: str
    languages: list[str]
    subjects: list[str]
    timezone: str
    kinds: list[str]
    rating: float | None
    rating_count: int | None
    next_free: datetime | None
    url: str


class PublicTeachersAnswer(Output):
    """A page of teachers, by name."""

    teachers: list[PublicTeacherOut]
    next_cursor: str | None


class QuestionOut(Output):
    """What is asked of who books; answers are sent by `key`. `choices` are of a `choice` only."""

    key: str
    text: str
    kind: Literal["short", "long", "choice"]
    required: bool
    choices: list[str]


class PublicKindOut(Output):
    """
    A kind of lesson that everybody may book: `minutes` are its lengths, `price` is in the smallest unit of `currency`, null
    or 0 for free; one that `is_paid_when_booked` is held while it is paid. `teachers` are the addresses of those who teach it
    and have a page.
    """

    address: str
    name: str
    description: str
    minutes: list[int]
    price: int | None
    currency: str
    is_paid_when_booked: bool
    trial: bool
    seats: int
    colour: str
    questions: list[QuestionOut]
    teachers: list[str]
    url: str


class PublicKindsAnswer(Output):
    """All kinds of lessons that everybody may book, in the school's order."""

    kinds: list[PublicKindOut]
