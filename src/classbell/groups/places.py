"""Places that students take and give up by themselves, in classes and courses that are open for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import NotAllowed, NotThere
from classbell.groups.models import Group, GroupKind, GroupQuerySet, WaitingStudent
from classbell.groups.services import join_group, take_out
from classbell.rows import locked, write

# Circles are joined by their own pages and operations.
KINDS: Final = (GroupKind.CLASS, GroupKind.COURSE)


class PlaceState(StrEnum):
    """How a student stands to a group."""

    FREE = "free"
    FULL = "full"
    WAITING = "waiting"
    MEMBER = "member"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One group for one student; `position` counts from 1, None for who does not wait. Teachers are fetched along."""

    group: Group
    students: int
    waiting: int
    state: PlaceState
    position: int | None


def open_to(student: User) -> GroupQuerySet:
    """Return the classes and courses in which a student may take a place or waits for one; not those that they teach."""
    waits = WaitingStudent.objects.filter(student=student).values("group")
    found = Group.objects.active().filter(Q(is_open=True) | Q(pk__in=waits), kind__in=KINDS)
    return found.exclude(teachers=student)


def places_of(groups: Sequence[Group], student: User) -> list[Place]:
    """Return groups, read `with_people`, as a student stands to them. Two statements."""
    member_of = set(student.memberships.filter(group__in=groups).values_list("group", flat=True))
    positions = {
        row.group_id: position_of(row) for row in WaitingStudent.objects.filter(group__in=groups, student=student)
    }
    return [_place(group, group.pk in member_of, positions.get(group.pk)) for group in groups]


def position_of(row: WaitingStudent) -> int:
    """Return how many wait for a place in front of somebody, and they themselves."""
    before = Q(created_at__lt=row.created_at) | Q(created_at=row.created_at, pk__lte=row.pk)
    return WaitingStudent.objects.filter(before, group=row.group_id).count()


def position_in(group_id: UUID, student: User) -> int | None:
    """Return a student's position in the waiting list of a group, None for who does not wait."""
    row = WaitingStudent.objects.filter(group=group_id, student=student).first()
    return position_of(row) if row else None


def take_place(*, group_id: UUID, student: User) -> bool:
    """
    Take a place in an open class or course, or one in its waiting list. Returns whether it is a place. Safe to repeat.

    Raises NotThere, NotStudents, TeachesAndLearns.
    """
    with transaction.atomic():
        # Locked, so that it is not closed meanwhile.
        if locked(Group.objects.active().filter(is_open=True, kind__in=KINDS), group_id) is None:
            raise NotThere(_("There is no such class or course to join."))
        return join_group(group_id=group_id, student=student)


def give_up_place(*, group_id: UUID, student: User) -> None:
    """
    Give up a place in an open class or course, or one in any waiting list; whoever waits longest gets it and is told. Safe to
    repeat. Raises NotThere, and NotAllowed for a place that the school gave.
    """
    with transaction.atomic():
        group = locked(Group.objects.filter(kind__in=KINDS), group_id)
        is_member = group is not None and group.memberships.filter(user=student).exists()
        if group is None or not (group.is_open or is_member or group.waiting.filter(student=student).exists()):
            raise NotThere(_("There is no such class or course to join."))
        if is_member and not group.is_open:
            raise NotAllowed(_("The school gave this place. Ask the teacher to take it back."))
        take_out(group_id=group_id, student=student)


def open_group(*, group_id: UUID, is_open: bool) -> Group:
    """Let students take places by themselves, or no longer; who is in it or waits stays. Safe to repeat. Raises NotThere."""
    with transaction.atomic():
        group = locked(Group.objects.filter(kind__in=KINDS), group_id)
        if group is None:
            raise NotThere(_("There is no such group."))
        return write(group, {"is_open": is_open})


def _place(group: Group, is_member: bool, position: int | None) -> Place:
    students, waiting = getattr(group, "student_count"), getattr(group, "waiting_count")  # noqa: B009 -- annotations
    is_full = group.capacity is not None and students >= group.capacity
    state = PlaceState.FULL if is_full else PlaceState.FREE
    if position is not None:
        state = PlaceState.WAITING
    if is_member:
        state = PlaceState.MEMBER
    return Place(group=group, students=students, waiting=waiting, state=state, position=position)
