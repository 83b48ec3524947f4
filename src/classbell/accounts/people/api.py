"""The people of the school, for admins and their programs: `/api/people`."""

from typing import Literal, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router

from classbell.accounts import services
from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.invitations import invite_people
from classbell.accounts.keys.auth import NotForKeys
from classbell.accounts.models import Role, User
from classbell.accounts.people.importing import Invited, import_people
from classbell.accounts.people.planning import ROLES_OF, Rules, make_plan
from classbell.accounts.people.reading import read_listed
from classbell.accounts.people.schemas import (
    PeopleAnswer,
    PeopleImportAnswer,
    PeopleQuery,
    PersonChangesIn,
    PersonIn,
    SchoolPersonAnswer,
    describe_person,
    describe_plan,
)
from classbell.accounts.permissions import allowed, is_admin
from classbell.paging import paginate
from classbell.tables.limits import A_FILE, sent_file
from classbell.tables.text import read_file

router = Router(tags=["People"])
Missing = Literal["student", "teacher", "both"]


@router.get("", response=PeopleAnswer)
@allowed(is_admin)
def list_people(request: ApiRequest, query: Query[PeopleQuery]) -> PeopleAnswer:
    """Everybody, or those of a role, in use or not, of an e-mail or an external id."""
    rows = User.objects.known()
    if query.role is not None:
        rows = rows & User.objects.of_role(query.role)
    if query.is_active is not None:
        rows = rows.filter(is_active=query.is_active)
    if query.email is not None:
        rows = rows.filter(pk__in=[user.pk for user in User.objects.by_email([query.email]).values()])
    if query.external_id is not None:
        rows = rows.filter(external_id=query.external_id)
    found = paginate(rows, query, by="created_at")
    return PeopleAnswer(people=[describe_person(user) for user in found.items], next_cursor=found.next_cursor)


@router.post("", response={201: SchoolPersonAnswer})
@allowed(is_admin)
@idempotent
def create(request: ApiRequest, body: PersonIn, invite: bool = False) -> SchoolPersonAnswer:
    """
    Give somebody an account. They come in by the school's account or, with `invite=true`, by a link to choose a password.
    400 `email_taken`, `external_id_taken`, `email_unusable`.
    """
    role, learns = services.lead_of(body.roles)
    _refuse_programs(request, role)
    person = services.PersonInput(
        email=body.email,
        first_name=body.first_name,
        last_name=body.last_name,
        role=role,
        learns=learns,
        timezone=body.timezone or settings.TIME_ZONE,
        external_id=body.external_id,
    )
    user = services.create_person(person, locale=body.locale or "en")
    if invite:
        invite_people([person], by=request.user, locale=user.locale, now=timezone.now())
    return SchoolPersonAnswer(person=describe_person(user))


@router.patch("/{uuid:person_id}", response=SchoolPersonAnswer)
@allowed(is_admin)
def change(request: ApiRequest, person_id: UUID, body: PersonChangesIn) -> SchoolPersonAnswer:
    """
    Change what is named. Who becomes something else signs in anew. 400 `email_taken`, `external_id_taken`, `last_admin`,
    `always_in`, `person_erased`.
    """
    given = body.model_dump(exclude_none=True)
    role = services.lead_of(given["roles"])[0] if "roles" in given else None
    _refuse_programs(request, role, person_id)
    changes = cast("services.PersonChanges", given)
    return SchoolPersonAnswer(person=describe_person(services.change_person(user_id=person_id, changes=changes)))


@router.post("/import", response=PeopleImportAnswer, by_alias=True, openapi_extra=A_FILE)
@allowed(is_admin)
def import_list(
    request: ApiRequest,
    dry_run: bool = False,
    deactivate_missing: Missing | None = None,
    confirm: str = "",
    invite: bool = False,
) -> PeopleImportAnswer:
    """
    Make the school's people those of a list (CSV or XLSX, as the body or as the form field `file`), at most 5,000. With
    `dry_run=true` nothing is changed. Each line answers what becomes of it; lines that are wrong are left out.

    Columns are found by their names: e-mail, external id, names, role, timezone, language, status. Somebody is found by their
    external id first, so that an address may change; what a cell leaves empty stays. A status such as `inactive` deactivates,
    `active` lets in again. Who is new and has no role is a student; `invite=true` sends them a link.

    `deactivate_missing` also deactivates students, teachers or both whom the list does not name. They are answered as
    `missing`; without `dry_run` send `confirm` as it was answered with them, else 400 `deactivations_not_confirmed`, and 400
    `lines_to_mend` while a line is wrong. Admins, yourself, and who has neither e-mail nor external id are never missing.
    """
    file = read_file(sent_file(request))
    rows = read_listed(file.text)
    missing = ROLES_OF[deactivate_missing] if deactivate_missing else []
    rules = Rules(by=request.user, may_touch_admins=not _is_program(request), deactivates_missing=missing)
    if dry_run:
        plan = make_plan(rows, rules)
    else:
        invited = Invited(locale=request.user.locale, now=timezone.now()) if invite else None
        plan = import_people(rows, rules, confirm=confirm, invited=invited)
    return describe_plan(plan, dry_run=dry_run, sheets=file.said_of_sheets)


@router.post("/{uuid:person_id}/deactivate", response=SchoolPersonAnswer)
@allowed(is_admin)
def deactivate(request: ApiRequest, person_id: UUID) -> SchoolPersonAnswer:
    """
    End somebody's access, at once and everywhere; their records stay. Safe to repeat. 400 `yourself`, `last_admin`,
    `always_in`.
    """
    _refuse_programs(request, None, person_id)
    return SchoolPersonAnswer(person=describe_person(services.deactivate_person(user_id=person_id, by=request.user)))


@router.post("/{uuid:person_id}/reactivate", response=SchoolPersonAnswer)
@allowed(is_admin)
def reactivate(request: ApiRequest, person_id: UUID) -> SchoolPersonAnswer:
    """Let somebody in again; they sign in anew. Safe to repeat. 400 `person_erased`."""
    _refuse_programs(request, None, person_id)
    return SchoolPersonAnswer(person=describe_person(services.let_back_in(user_id=person_id)))


def _is_program(request: HttpRequest) -> bool:
    return getattr(request, "api_key", None) is not None


def _refuse_programs(request: HttpRequest, role: Role | None, person_id: UUID | None = None) -> None:
    """Let no program make an admin of anybody, or change one: it would give itself whatever it was not given."""
    if not _is_program(request):
        return
    if role == Role.ADMIN or (person_id is not None and get_object_or_404(User, pk=person_id).is_admin):
        raise NotForKeys
