"""What the API of guardians takes and answers."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from classbell.accounts.disclosure import address_of, name_of
from classbell.accounts.guardian_models import LONGEST_RELATION, Guardianship
from classbell.accounts.schemas import Name
from classbell.wire import AS_LINE, Email, Input, Moment, Output, ShownEmail

Relation = Annotated[
    str,
    StringConstraints(max_length=LONGEST_RELATION),
    AS_LINE,
    Field(description="What they are to the student, such as `mother`."),
]


class GuardianIn(Input):
    """Somebody to be made a student's guardian; who has an account keeps its names."""

    email: Email
    first_name: Name = ""
    last_name: Name = ""
    relation: Relation = ""


class GuardianOut(Output):
    """A guardian of a student; `email` as far as the reader is told it."""

    id: UUID
    name: str
    first_name: str
    last_name: str
    email: ShownEmail
    relation: str
    since: Moment
    is_active: bool
    has_password: bool = Field(description="False until they have chosen one.")


class GuardianAnswer(Output):
    """One guardian."""

    guardian: GuardianOut


class GuardiansAnswer(Output):
    """A student's guardians, the earliest named first."""

    guardians: list[GuardianOut]


class WardOut(Output):
    """A student whose guardian one is."""

    id: UUID
    name: str
    relation: str


class WardsAnswer(Output):
    """Whose guardian somebody is, by name."""

    wards: list[WardOut]


def describe_guardian(one: Guardianship) -> GuardianOut:
    """Return a guardian as the API tells of them."""
    person = one.guardian
    return GuardianOut(
        id=person.pk,
        name=name_of(person),
        first_name=person.first_name,
        last_name=person.last_name,
        email=address_of(person),
        relation=one.relation,
        since=one.since,
        is_active=person.is_active,
        has_password=person.has_usable_password(),
    )
