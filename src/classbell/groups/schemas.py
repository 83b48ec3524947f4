"""What the API of classes takes and answers."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field
from pydantic import model_validator

from classbell.groups.services import MOST_PLACES, WhenFull
from classbell.wire import Email, Input, Line, Output, ShownEmail, Text, Timezone

MOST_STUDENTS_A_CALL = 1000
Capacity = Annotated[int, Field(ge=1, le=MOST_PLACES)]


class ClassIn(Input):
    """
    A new class. `timezone` defaults to yours; `teacher_id` is for admins, a teacher teaches what they create; `capacity` is
    how many places it has, null for no bound.
    """

    name: Line
    description: Text = ""
    capacity: Capacity | None = None
    timezone: Timezone | None = None
    teacher_id: UUID | None = None


class StudentsIn(Input):
    """Who is meant, by id, by e-mail, or both."""

    student_ids: list[UUID] = Field(default_factory=list, max_length=MOST_STUDENTS_A_CALL)
    emails: list[Email] = Field(default_factory=list, max_length=MOST_STUDENTS_A_CALL)

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not self.student_ids and not self.emails:
            raise ValueError(_("must have student_ids or emails"))
        return self


class ComingStudentsIn(StudentsIn):
    """
    Who is to come in. Where they are more than the places that are left, `when_full` says what happens: `refuse` (nobody
    comes in), `wait` (the first come in, the others wait), or `exceed` (all come in, over the number of places).
    """

    when_full: WhenFull = WhenFull.REFUSE


class PersonOut(Output):
    """Somebody, as others see them."""

    id: UUID
    name: str
    email: ShownEmail


class ClassOut(Output):
    """A class and who teaches it. `capacity` is null where there is no bound; `archived_at` is when it was closed."""

    id: UUID
    name: str
    description: str
    timezone: str
    teachers: list[PersonOut]
    capacity: int | None
    student_count: int
    waiting_count: int
    created_at: datetime
    archived_at: datetime | None


class ClassAnswer(Output):
    """One class."""

    class_: ClassOut = Field(serialization_alias="class")


class ClassChanged(ClassAnswer):
    """A class after a change, and what became of it in a sentence."""

    message: str


class ClassesAnswer(Output):
    """A page of classes."""

    classes: list[ClassOut]
    next_cursor: str | None


class StudentOut(PersonOut):
    """A student of a class and since when."""

    first_name: str
    last_name: str
    joined_at: datetime


class StudentsAnswer(Output):
    """A page of students, in the order they joined; and who waits for a place, the longest waiting first."""

    students: list[StudentOut]
    waiting: list[PersonOut]
    next_cursor: str | None


class MembersAnswer(Output):
    """
    What a change of members did, and how many there are now; `waiting` is how many it put on the waiting list, and
    `beyond_capacity` by how many there are more than places.
    """

    added: int
    removed: int
    waiting: int
    student_count: int
    beyond_capacity: int


class BadRowOut(Output):
    """A row of a file that cannot be used, and why."""

    line: int
    text: str
    reason: str


class ComingOut(Output):
    """
    Somebody of a list who comes in: what they are called here, and in the list when that differs. `email` is empty for who
    has none of their own; `contact` is then the address they share.
    """

    line: int
    email: ShownEmail
    name: str
    is_new: bool
    listed_as: str
    contact: str


class ImportAnswer(Output):
    """
    What an import did or, with `dry_run`, would do; rows in `bad` were left out. `missing` are members whom the list does not
    have; `removed` those of them who left. Of `enrolled`, `waiting` get no place yet; `beyond_capacity` is by how many there
    are then more students than places. `sheet` is which sheet of a workbook was read, empty for other files.
    """

    dry_run: bool
    enrolled: list[str]
    already: list[str]
    new_accounts: list[str]
    people: list[ComingOut]
    bad: list[BadRowOut]
    missing: list[PersonOut]
    removed: list[str]
    waiting: int
    beyond_capacity: int
    student_count: int
    sheet: str
    other_sheets: list[str]


class OpenIn(Input):
    """Whether students take places by themselves."""

    is_open: bool


class OpenOut(Output):
    """Whether students take places in a class or course by themselves."""

    id: UUID
    is_open: bool


class PlaceOut(Output):
    """A class or course in which a student may take a place, and how they stand to it."""

    id: UUID
    kind: str = Field(description="class or course.")
    name: str
    description: str
    teachers: list[str]
    capacity: int | None
    student_count: int
    waiting_count: int
    state: str = Field(description="free, full, waiting or member.")
    position: int | None = Field(description="In the waiting list, from 1; null for who does not wait.")


class PlaceAnswer(Output):
    """One of them."""

    place: PlaceOut


class PlacesAnswer(Output):
    """Some of them, by name."""

    places: list[PlaceOut]
    next_cursor: str | None
