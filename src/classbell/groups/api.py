"""Classes and their students: `/api/zoom/classes`."""

from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.disclosure import address_of, name_of
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.errors import NotAllowed
from classbell.groups import services
from classbell.groups.answers import describe_class, describe_person, members_answer, read_class, students_answer
from classbell.groups.models import Group, GroupKind, Membership
from classbell.groups.permissions import teaches_class
from classbell.groups.queries import people_named
from classbell.groups.roster import Coming, import_roster, left_out, read_roster
from classbell.groups.schemas import (
    BadRowOut,
    ClassAnswer,
    ClassesAnswer,
    ClassIn,
    ComingOut,
    ComingStudentsIn,
    ImportAnswer,
    MembersAnswer,
    StudentsAnswer,
    StudentsIn,
)
from classbell.groups.services import WhenFull
from classbell.paging import PageQuery, paginate
from classbell.tables.limits import A_FILE, sent_file

router = Router(tags=["Classes"])


@router.get("", response=ClassesAnswer)
@allowed(is_teacher_or_admin)
def list_classes(request: ApiRequest, page: Query[PageQuery]) -> ClassesAnswer:
    """The classes that one teaches; all of them for admins. By name."""
    classes = Group.objects.filter(kind=GroupKind.CLASS).active().visible_to(request.user).with_people()
    found = paginate(classes, page, by="name")
    return ClassesAnswer(classes=[describe_class(group) for group in found.items], next_cursor=found.next_cursor)


@router.post("", response={201: ClassAnswer}, by_alias=True)
@allowed(is_teacher_or_admin)
@idempotent
def create_class(request: ApiRequest, body: ClassIn) -> ClassAnswer:
    """A teacher teaches what they create; an admin may name the teacher."""
    group = services.create_group(
        kind=GroupKind.CLASS,
        name=body.name,
        description=body.description,
        timezone=body.timezone or request.user.timezone,
        capacity=body.capacity,
        teachers=_teachers(request.user, body.teacher_id),
    )
    return ClassAnswer(class_=read_class(group.pk))


@router.get("/{uuid:class_id}", response=ClassAnswer, by_alias=True)
@allowed(teaches_class)
def get_class(request: ApiRequest, class_id: UUID) -> ClassAnswer:
    """One class."""
    return ClassAnswer(class_=read_class(class_id))


@router.get("/{uuid:class_id}/students", response=StudentsAnswer)
@allowed(teaches_class)
def list_students(request: ApiRequest, class_id: UUID, page: Query[PageQuery]) -> StudentsAnswer:
    """Who is in the class, in the order they joined, and who waits for a place."""
    return students_answer(class_id, page)


@router.post("/{uuid:class_id}/students", response=MembersAnswer)
@allowed(teaches_class)
@idempotent
def enrol_students(request: ApiRequest, class_id: UUID, body: ComingStudentsIn) -> MembersAnswer:
    """
    Add students, all or none. 400 names those who have no account or are no students; with `group_full` places are too few
    and nobody came in, unless `when_full` says otherwise.
    """
    students = people_named(ids=body.student_ids, emails=body.emails)
    done = services.enrol_students(group_id=class_id, students=students, when_full=body.when_full)
    return members_answer(class_id, done)


@router.delete("/{uuid:class_id}/students", response=MembersAnswer)
@allowed(teaches_class)
def remove_students(request: ApiRequest, class_id: UUID, body: StudentsIn) -> MembersAnswer:
    """Take students out, and off the waiting list; who is in neither does not matter. Who waits longest moves up."""
    students = people_named(ids=body.student_ids, emails=body.emails, locked_out_too=True)
    return members_answer(class_id, services.remove_students(group_id=class_id, students=students))


@router.post("/{uuid:class_id}/import", response=ImportAnswer, openapi_extra=A_FILE)
@allowed(teaches_class)
def import_students(
    request: ApiRequest,
    class_id: UUID,
    dry_run: bool = False,
    remove_missing: bool = False,
    without_email: bool = False,
    when_full: WhenFull = WhenFull.REFUSE,
) -> ImportAnswer:
    """
    Enrol the students of a list (CSV or XLSX), sent as the body or as the form field `file`. With `dry_run=true` nothing is
    changed. Bad rows come back with their line and reason; the good ones are enrolled. Members whom the list does not have
    are named as `missing`; with `remove_missing=true` they leave the class. With `without_email=true` names without an
    address, and people who share one, get accounts of their own and come in by a card; of whom it cannot be told whether
    they have one already is among the bad rows. Of a workbook one sheet is read, `sheet`; others that hold anything are
    named as `other_sheets`. Where the list has more than the places that are left, `when_full` says what happens, as when
    students are added.
    """
    roster, file = read_roster(sent_file(request), without_email=without_email)
    done = import_roster(
        group_id=class_id,
        roster=roster,
        take_out=None if remove_missing else (),
        when_full=when_full,
        dry_run=dry_run,
    )
    return ImportAnswer(
        dry_run=dry_run,
        enrolled=[person.email or person.name for person in done.coming],
        already=[person.email or person.name for person in done.already],
        new_accounts=[person.email or person.name for person in done.coming if person.is_new],
        people=[_coming(person) for person in done.coming],
        bad=[BadRowOut(line=row.line, text=row.text, reason=row.reason) for row in left_out(done)],
        missing=[describe_person(user) for user in done.missing],
        removed=[address_of(user) or name_of(user) for user in done.taken_out],
        waiting=done.waiting,
        beyond_capacity=done.beyond,
        student_count=Membership.objects.filter(group=class_id).count(),
        sheet=file.sheet,
        other_sheets=list(file.other_sheets),
    )


def _teachers(user: User, teacher_id: UUID | None) -> list[User]:
    if user.is_admin:
        return people_named(ids=[teacher_id]) if teacher_id else []
    if teacher_id not in {None, user.pk}:
        raise NotAllowed(_("Only admins can create a class for somebody else."))
    return [user]


def _coming(person: Coming) -> ComingOut:
    return ComingOut(
        line=person.line,
        email=person.email,
        name=person.name,
        is_new=person.is_new,
        listed_as=person.listed_as,
        contact=person.contact,
    )
