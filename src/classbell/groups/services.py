"""Every change to groups and who is in them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from classbell.accounts.models import User
from classbell.errors import DomainError, NotThere
from classbell.groups.models import Group, GroupKind, Membership
from classbell.groups.signals import MembershipChange, membership_changed
from classbell.rows import locked, write


class PeopleUnknown(DomainError):
    """Some of those named have no account that is in use; `details` names them."""

    code = "people_unknown"

    def __init__(self, details: Sequence[dict[str, str]]) -> None:
        names = pgettext("between names in a list", ", ").join(
            value for entry in details[:3] for value in entry.values()
        )
        text = _("Nobody here is known by: %(names)s. Create their accounts first.") % {"names": names}
        super().__init__(text, details=details)


class NotStudents(DomainError):
    """Only students can be taught in a group; `details` names the others."""

    code = "not_a_student"

    def __init__(self, people: Sequence[User]) -> None:
        text = _("%(email)s is not a student, and only students can be members.") % {
            "email": people[0].address or people[0].name
        }
        super().__init__(text, details=[{"id": str(person.pk), "email": person.address} for person in people])


class NotATeacher(DomainError):
    """Students cannot teach a group."""

    code = "not_a_teacher"

    def __init__(self, person: User) -> None:
        super().__init__(_("%(email)s is neither a teacher nor an admin.") % {"email": person.address or person.name})


class TeachesAndLearns(DomainError):
    """Nobody is taught in a group by themselves; `details` names them."""

    code = "teaches_and_learns"

    def __init__(self, people: Sequence[User]) -> None:
        text = _("%(name)s teaches this group or learns in it, not both. Take them out of the one first.")
        super().__init__(
            text % {"name": people[0].name}, details=[{"id": str(person.pk), "name": person.name} for person in people]
        )


class GroupFull(DomainError):
    """No seat is left."""

    code = "group_full"

    def __init__(self, group: Group) -> None:
        text = _("%(name)s has no place left: it has %(capacity)s.") % {"name": group.name, "capacity": group.capacity}
        super().__init__(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class MembersChanged:
    """How many memberships a change added and removed."""

    added: int
    removed: int


def create_group(
    *,
    kind: GroupKind,
    name: str,
    description: str = "",
    timezone: str = "UTC",
    capacity: int | None = None,
    teachers: Sequence[User] = (),
) -> Group:
    """Create a group with its teachers and nobody in it. Raises NotATeacher."""
    _refuse_students(teachers)
    with transaction.atomic():
        group = Group.objects.create(
            kind=kind, name=name, description=description, timezone=timezone, capacity=capacity
        )
        group.teachers.set(teachers)
    return group


def change_group(
    *, group_id: UUID, name: str | None = None, description: str | None = None, timezone: str | None = None
) -> Group:
    """Change what is given of a group; its meetings keep their titles and times. Raises NotThere."""
    given = {"name": name, "description": description, "timezone": timezone}
    changes = {field: value for field, value in given.items() if value is not None}
    with transaction.atomic():
        return write(_locked(group_id), changes)


def set_teachers(*, group_id: UUID, teachers: Sequence[User]) -> Group:
    """Let exactly these people teach the group. Raises NotThere, NotATeacher and TeachesAndLearns."""
    _refuse_students(teachers)
    with transaction.atomic():
        group = _locked(group_id)
        _refuse_members(group, teachers)
        group.teachers.set(teachers)
    return group


def add_teacher(*, group_id: UUID, teacher: User) -> Group:
    """Let one more person teach the group. Safe to repeat. Raises NotThere, NotATeacher and TeachesAndLearns."""
    _refuse_students([teacher])
    with transaction.atomic():
        group = _locked(group_id)
        _refuse_members(group, [teacher])
        group.teachers.add(teacher)
    return group


def remove_teacher(*, group_id: UUID, teacher_id: UUID) -> Group:
    """Let somebody teach the group no longer. Safe to repeat. Raises NotThere."""
    with transaction.atomic():
        group = _locked(group_id)
        group.teachers.through.objects.filter(group=group, user=teacher_id).delete()
    return group


def archive_group(*, group_id: UUID, now: datetime) -> Group:
    """Stop teaching a group: it leaves the lists, its records stay. Safe to repeat. Raises NotThere."""
    with transaction.atomic():
        group = _locked(group_id)
        if group.archived_at is None:
            write(group, {"archived_at": now})
    return group


def reopen_group(*, group_id: UUID) -> Group:
    """Teach an archived group again, with whoever was in it. Safe to repeat. Raises NotThere."""
    with transaction.atomic():
        return write(_locked(group_id), {"archived_at": None})


def enrol_student(*, group_id: UUID, student: User) -> MembersChanged:
    """Put one student into a group; see enrol_students."""
    return enrol_students(group_id=group_id, students=[student])


def enrol_students(*, group_id: UUID, students: Sequence[User]) -> MembersChanged:
    """
    Put students into a group, all or none; who is in it already stays.

    Raises NotThere, NotStudents, TeachesAndLearns, and GroupFull when they are more than its capacity leaves.
    """
    others = [student for student in students if not student.is_student]
    if others:
        raise NotStudents(others)
    with transaction.atomic():
        group = _locked(group_id)
        teaching = set(group.teachers.filter(pk__in=[student.pk for student in students]).values_list("pk", flat=True))
        if teaching:
            raise TeachesAndLearns([student for student in students if student.pk in teaching])
        present = set(group.memberships.values_list("user", flat=True))
        joining = {student.pk for student in students} - present
        if joining and group.capacity is not None and len(present) + len(joining) > group.capacity:
            raise GroupFull(group)
        Membership.objects.bulk_create(Membership(group=group, user_id=user_id) for user_id in sorted(joining))
        _announce([MembershipChange(group, joining, set())])
    return MembersChanged(added=len(joining), removed=0)


def remove_students(*, group_id: UUID, students: Sequence[User]) -> MembersChanged:
    """Take students out of a group; who is not in it does not matter. Raises NotThere."""
    with transaction.atomic():
        group = _locked(group_id)
        leaving = set(group.memberships.filter(user__in=students).values_list("user", flat=True))
        group.memberships.filter(user__in=leaving).delete()
        _announce([MembershipChange(group, set(), leaving)])
    return MembersChanged(added=0, removed=len(leaving))


def change_members(*, group_id: UUID, joining: Sequence[User], leaving: Sequence[User]) -> MembersChanged:
    """Take some students out of a group and put others into the places. Raises as enrol_students."""
    with transaction.atomic():
        removed = remove_students(group_id=group_id, students=leaving).removed if leaving else 0
        added = enrol_students(group_id=group_id, students=joining).added if joining else 0
    return MembersChanged(added=added, removed=removed)


def take_out(*, group_id: UUID, student: User) -> datetime | None:
    """Take one student out of a group; return since when they were in it, None when they were not. Raises NotThere."""
    with transaction.atomic():
        group = _locked(group_id)
        joined_at = group.memberships.filter(user=student).values_list("created_at", flat=True).first()
        remove_students(group_id=group_id, students=[student])
    return joined_at


def put_back(*, group_id: UUID, student: User, joined_at: datetime) -> MembersChanged:
    """Put a student back into a group as of when they had joined. Safe to repeat. Raises as enrol_students."""
    with transaction.atomic():
        changed = enrol_students(group_id=group_id, students=[student])
        if changed.added:
            Membership.objects.filter(group=group_id, user=student).update(created_at=joined_at)
    return changed


def sync_members(wanted: Mapping[Group, Collection[User]]) -> MembersChanged:
    """
    Let each group have exactly these members, in a constant number of statements.

    For imports: the file rules, so neither role nor capacity is asked. All groups that changed are announced together.
    """
    with transaction.atomic():
        groups = list(Group.objects.filter(pk__in=[group.pk for group in wanted]).order_by("pk").select_for_update())
        present: dict[UUID, set[UUID]] = {group.pk: set() for group in groups}
        for group_id, user_id in Membership.objects.filter(group__in=groups).values_list("group", "user"):
            present[group_id].add(user_id)
        joining, leaving = {}, {}
        for group in groups:
            members = {user.pk for user in wanted[group]}
            joining[group.pk] = members - present[group.pk]
            leaving[group.pk] = present[group.pk] - members
        Membership.objects.bulk_create(
            Membership(group_id=group_id, user_id=user_id)
            for group_id, user_ids in joining.items()
            for user_id in sorted(user_ids)
        )
        _remove(leaving)
        _announce([MembershipChange(group, joining[group.pk], leaving[group.pk]) for group in groups])
    return MembersChanged(
        added=sum(len(ids) for ids in joining.values()), removed=sum(len(ids) for ids in leaving.values())
    )


def _remove(leaving: Mapping[UUID, set[UUID]]) -> None:
    pairs = {(group_id, user_id) for group_id, user_ids in leaving.items() for user_id in user_ids}
    if not pairs:
        return
    rows = Membership.objects.filter(
        group__in={group_id for group_id, _user_id in pairs}, user__in={user_id for _group_id, user_id in pairs}
    ).values_list("pk", "group", "user")
    gone = [pk for pk, group_id, user_id in rows if (group_id, user_id) in pairs]
    Membership.objects.filter(pk__in=gone).delete()


def _announce(changes: Iterable[MembershipChange]) -> None:
    changed = [change for change in changes if change.added or change.removed]
    if changed:
        membership_changed.send(sender=Group, changes=changed)


def _refuse_students(teachers: Sequence[User]) -> None:
    for teacher in teachers:
        if not (teacher.is_teacher or teacher.is_admin):
            raise NotATeacher(teacher)


def _refuse_members(group: Group, teachers: Sequence[User]) -> None:
    learning = set(group.memberships.filter(user__in=teachers).values_list("user", flat=True))
    if learning:
        raise TeachesAndLearns([teacher for teacher in teachers if teacher.pk in learning])


def _locked(group_id: UUID) -> Group:
    group = locked(Group.objects.all(), group_id)
    if group is None:
        raise NotThere(_("There is no such group."))
    return group
