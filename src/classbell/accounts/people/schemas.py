"""What the API takes and answers of people."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, StringConstraints

from classbell.accounts.models import User
from classbell.accounts.people.planning import Plan, Step
from classbell.accounts.people.reading import LONGEST_ID
from classbell.accounts.schemas import Name
from classbell.accounts.services import RolesTogether, lead_of
from classbell.paging import PageQuery
from classbell.wire import AS_WORD, Email, Input, Moment, Output, ShownEmail, Timezone

RoleName = Literal["student", "teacher", "admin", "guardian"]


def _go_together(roles: list[str]) -> list[str]:
    try:
        lead_of(roles)
    except RolesTogether as error:
        raise ValueError(
            _(
                "must be one of student, teacher, admin and guardian, in a list; a teacher or an admin may be a student too"
            )
        ) from error
    return roles


def _known_language(code: str) -> str:
    codes = [known for known, _name in settings.LANGUAGES]
    if code not in codes:
        raise ValueError(_("must be one of: %(codes)s") % {"codes": ", ".join(codes)})
    return code


ExternalId = Annotated[str, StringConstraints(max_length=LONGEST_ID), AS_WORD]
Roles = Annotated[
    list[RoleName],
    AfterValidator(_go_together),
    Field(max_length=4, description="One of them; a teacher or an admin may be a `student` too."),
]
Language = Annotated[str, StringConstraints(max_length=8), AfterValidator(_known_language)]


class PersonIn(Input):
    """Somebody to be given an account."""

    email: Email
    first_name: Name = ""
    last_name: Name = ""
    roles: Roles
    timezone: Timezone | None = Field(None, description="An IANA name; the school's without one.")
    locale: Language | None = Field(None, description="The language of their pages and mails.")
    external_id: ExternalId = Field("", description="What your program calls them: unique.")


class PersonChangesIn(Input):
    """What to change of somebody; what is left out stays."""

    email: Email | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    roles: Roles | None = None
    timezone: Timezone | None = None
    locale: Language | None = None
    external_id: ExternalId | None = Field(None, description="Empty takes it away.")


class PeopleQuery(PageQuery):
    """Which people; without anything everybody."""

    role: RoleName | None = Field(None, description="Everybody who has it, whatever else they are.")
    is_active: bool | None = None
    email: Email | None = None
    external_id: ExternalId | None = None


class SchoolPersonOut(Output):
    """Somebody as the school keeps them; `email` is empty for who has no address of their own."""

    id: UUID
    email: ShownEmail
    first_name: str
    last_name: str
    name: str
    roles: list[str]
    timezone: str
    locale: str
    external_id: str | None
    is_active: bool
    has_password: bool = Field(description="False until they have chosen one.")
    created_at: Moment


class SchoolPersonAnswer(Output):
    """One person."""

    person: SchoolPersonOut


class PeopleAnswer(Output):
    """A page of people, in the order in which they came."""

    people: list[SchoolPersonOut]
    next_cursor: str | None


class FieldChangeOut(Output):
    """A field with its value before and after; `roles` as the list has it."""

    field: str
    before: str = Field(serialization_alias="from")
    after: str = Field(serialization_alias="to")


class LineErrorOut(Output):
    """Which field of a line cannot be used, and what to do."""

    field: str
    message: str


class ListLineOut(Output):
    """What becomes of one line."""

    line: int
    action: str = Field(description="`create`, `change`, `reactivate`, `deactivate`, `nothing` or `error`.")
    person_id: UUID | None
    email: ShownEmail
    name: str
    changes: list[FieldChangeOut]
    error: LineErrorOut | None


class MissingOut(Output):
    """Somebody whom the list does not name."""

    id: UUID
    email: ShownEmail
    name: str


class PeopleImportAnswer(Output):
    """
    What a list comes to or, without `dry_run`, came to. `missing` are deactivated for not being named: `confirm` stands for
    exactly them. `sheets` says which sheets of a workbook were not read.
    """

    dry_run: bool
    counts: dict[str, int]
    rows: list[ListLineOut]
    missing: list[MissingOut]
    confirm: str | None
    sheets: str


def describe_person(user: User) -> SchoolPersonOut:
    """Return somebody as the API tells of them to admins."""
    return SchoolPersonOut(
        id=user.pk,
        email=user.address,
        first_name=user.first_name,
        last_name=user.last_name,
        name=user.name,
        roles=[role.value for role in user.roles],
        timezone=user.timezone,
        locale=user.locale,
        external_id=user.external_id,
        is_active=user.is_active,
        has_password=user.has_usable_password(),
        created_at=user.created_at,
    )


def describe_plan(plan: Plan, *, dry_run: bool, sheets: str) -> PeopleImportAnswer:
    """Return what a list comes to as the API tells of it."""
    return PeopleImportAnswer(
        dry_run=dry_run,
        counts=plan.counts,
        rows=[_describe_step(step) for step in plan.steps],
        missing=[MissingOut(id=user.pk, email=user.address, name=user.name) for user in plan.missing],
        confirm=plan.confirmation or None,
        sheets=sheets,
    )


def _describe_step(step: Step) -> ListLineOut:
    return ListLineOut(
        line=step.line,
        action=step.action.value,
        person_id=step.user.pk if step.user else None,
        email=step.email,
        name=step.name,
        changes=[
            FieldChangeOut(field=name, before=_said(step.before[name]), after=_said(after))
            for name, after in step.changes.items()
        ],
        error=LineErrorOut(field=step.error_field, message=step.error) if step.error else None,
    )


def _said(value: Any) -> str:
    return ", ".join(role.value for role in value) if isinstance(value, list) else str(value)
