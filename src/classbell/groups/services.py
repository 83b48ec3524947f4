"""Every change to groups and who is in them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from classbell.accounts.models import User
from classbell.errors import DomainError, NotThere
from classbell.groups.models import Group, GroupKind, Membership, WaitingStudent
from classbell.groups.signals import MembershipChange, enrolled, membership_changed, moved_up
from classbell.rows import locked, write

# More than any room holds, and any meeting at Zoom.
MOST_PLACES: Final = 1000


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
    """Not enough seats are left; `details` say how many there are, are taken, and are asked for."""

    code = "group_full"

    def __init__(self, group: Group, *, taken: int, asked: int) -> None:
        text = _(
            "%(name)s has %(capacity)s places, and %(taken)s are taken: not enough for %(asked)s more. Let them wait for a"
            " place, or go over the number knowingly."
        )
        facts = {"capacity": group.capacity, "taken": taken, "asked": asked}
        super().__init__(text % {"name": group.name, **facts}, details=[facts])


class WhenFull(StrEnum):
    """What becomes of those for whom no seat is left: nobody comes in, the last ones wait, or all come in knowingly."""

    REFUSE = "refuse"
    WAIT = "wait"
    EXCEED = "exceed"


class Unchanged(Enum):
    """What is left as it is where None means something."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, kw_only=True, slots=True)
class MembersChanged:
    """How many memberships a change added and removed, and how many students it has wait for a place."""

    added: int
    removed: int
    waiting: int = 0


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
    *,
    group_id: UUID,
    name: str | None = None,
    description: str | None = None,
    timezone: str | None = None,
    capacity: int | Unchanged | None = UNCHANGED,
) -> Group:
    """
    Change what is given of a group; its meetings keep their titles and times. A `capacity` of None is no bound; more places
    than before go to those who wait longest, fewer put nobody out. Raises NotThere.
    """
    given = {"name": name, "description": description, "timezone": timezone}
    changes: dict[str, str | int | None] = {field: value for field, value in given.items() if value is not None}
    if not isinstance(capacity, Unchanged):
        changes["capacity"] = capacity
    with transaction.atomic():
        group = write(_locked(group_id), changes)
        _fill_places(group)
    return group


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
        group = write(_locked(group_id), {"archived_at": None})
        _fill_places(group)
    return group


def enrol_student(*, group_id: UUID, student: User) -> MembersChanged:
    """Put one student into a group; see enrol_students."""
    return enrol_students(group_id=group_id, students=[student])


def enrol_students(
    *,
    group_id: UUID,
    students: Sequence[User],
    when_full: WhenFull = WhenFull.REFUSE,
) -> MembersChanged:
    """
    Put students into a group, all or none; who is in it already stays, and nobody who comes in waits any longer.

    Where they are more than its capacity leaves, `when_full` says what becomes of them: with WAIT the first of them come in.
    Raises NotThere, NotStudents, TeachesAndLearns, and GroupFull with REFUSE.
    """
    others = [student for student in students if not student.is_student]
    if others:
        raise NotStudents(others)
    with transaction.atomic():
        group, joining, waiting = _enrol(group_id, students, when_full)
        if joining:
            enrolled.send(sender=Group, group=group, user_ids=joining, by_themselves=False)
    return MembersChanged(added=len(joining), removed=0, waiting=waiting)


def _enrol(group_id: UUID, students: Sequence[User], when_full: WhenFull) -> tuple[Group, Sequence[UUID], int]:
    """Return the group, who came in, and how many wait now who did not. Raises what enrol_students does."""
    with transaction.atomic():
        group = _locked(group_id)
        teaching = set(group.teachers.filter(pk__in=[student.pk for student in students]).values_list("pk", flat=True))
        if teaching:
            raise TeachesAndLearns([student for student in students if student.pk in teaching])
        present = set(group.memberships.values_list("user", flat=True))
        coming = list(dict.fromkeys(student.pk for student in students if student.pk not in present))
        left = len(coming) if group.capacity is None else max(0, group.capacity - len(present))
        if len(coming) > left and when_full is WhenFull.REFUSE:
            raise GroupFull(group, taken=len(present), asked=len(coming))
        if when_full is WhenFull.EXCEED:
            left = len(coming)
        joining = coming[:left]
        Membership.objects.bulk_create(Membership(group=group, user_id=user_id) for user_id in joining)
        group.waiting.filter(student__in=joining).delete()
        waiting = _wait(group, coming[left:])
        _announce([MembershipChange(group, set(joining), set())])
    return group, joining, waiting


def remove_students(*, group_id: UUID, students: Sequence[User]) -> MembersChanged:
    """
    Take students out of a group and its waiting list; who is in neither does not matter. Their places go to those who wait
    longest. Raises NotThere.
    """
    with transaction.atomic():
        group = _locked(group_id)
        removed = _take_out(group, students)
        _fill_places(group)
    return MembersChanged(added=0, removed=removed)


def change_members(
    *,
    group_id: UUID,
    joining: Sequence[User],
    leaving: Sequence[User],
    when_full: WhenFull = WhenFull.REFUSE,
) -> MembersChanged:
    """
    Take some students out of a group and put others into the places; what is left goes to those who wait longest.

    Raises as enrol_students; then nothing has changed.
    """
    with transaction.atomic():
        group = _locked(group_id)
        removed = _take_out(group, leaving)
        came = enrol_students(group_id=group_id, students=joining, when_full=when_full)
        if removed:
            _fill_places(group)
    return MembersChanged(added=came.added, removed=removed, waiting=came.waiting)


def join_group(*, group_id: UUID, student: User, since: datetime | None = None) -> bool:
    """
    Take a place in a group, or one in its waiting list when it is full. Returns whether it is a place. Safe to repeat.

    `since` puts somebody back who had joined then, and so before whoever waits only since later.
    Raises NotThere, NotStudents.
    """
    with transaction.atomic():
        group = _locked(group_id)
        if since is None:
            # A place may have become free without anybody moving up, as by an import: nobody goes before who waits for it.
            _fill_places(group)
        if not student.is_student:
            raise NotStudents([student])
        _group, came, waits = _enrol(group_id, [student], WhenFull.WAIT)
        if came and since is None:
            enrolled.send(sender=Group, group=group, user_ids=came, by_themselves=True)
        if since is not None and came:
            group.memberships.filter(user=student).update(created_at=since)
        if since is not None and waits:
            group.waiting.filter(student=student).update(created_at=since)
        return group.memberships.filter(user=student).exists()


def take_out(*, group_id: UUID, student: User) -> datetime | None:
    """
    Take one student out of a group, or its waiting list; whoever waits longest gets the place and is told. Returns since when
    they were in it, None when they were not. Safe to repeat. Raises NotThere.
    """
    with transaction.atomic():
        group = _locked(group_id)
        joined_at = group.memberships.filter(user=student).values_list("created_at", flat=True).first()
        remove_students(group_id=group_id, students=[student])
    return joined_at


def _take_out(group: Group, students: Sequence[User]) -> int:
    leaving = set(group.memberships.filter(user__in=students).values_list("user", flat=True))
    group.memberships.filter(user__in=leaving).delete()
    group.waiting.filter(student__in=students).delete()
    _announce([MembershipChange(group, set(), leaving)])
    return len(leaving)


def _wait(group: Group, student_ids: Sequence[UUID]) -> int:
    """Have students wait, in this order, after those who wait already; return how many are new there."""
    known = set(group.waiting.filter(student__in=student_ids).values_list("student", flat=True))
    new = [student_id for student_id in student_ids if student_id not in known]
    WaitingStudent.objects.bulk_create(WaitingStudent(group=group, student_id=student_id) for student_id in new)
    return len(new)


def _fill_places(group: Group) -> None:
    """Give the free places to those who wait longest and can still come: students whose account is in use. They are told."""
    able = User.objects.students().filter(is_active=True).exclude(pk__in=group.teachers.order_by().values("pk"))
    waiting = group.waiting.filter(student__in=able).select_related("student")
    if group.archived_at is not None or not waiting.exists():
        return
    left = None if group.capacity is None else max(0, group.capacity - group.memberships.count())
    students = [row.student for row in waiting[:left]]
    if students:
        _enrol(group.pk, students, WhenFull.REFUSE)
        for student in students:
            moved_up.send(sender=Group, group=group, student=student)


def sync_members(wanted: Mapping[Group, Collection[User]]) -> MembersChanged:
    """
    Let each group have exactly these members, in a constant number of statements.

    For imports: the file rules, so neither role nor capacity is asked, and nobody moves up. All groups that changed are
    announced together.
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
        has_place = Membership.objects.filter(group=OuterRef("group"), user=OuterRef("student"))
        WaitingStudent.objects.filter(Exists(has_place), group__in=groups).delete()
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
