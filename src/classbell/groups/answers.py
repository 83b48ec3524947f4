"""Groups and the people in them as the API answers them."""

from uuid import UUID

from classbell.accounts.disclosure import address_of, name_of, names_of
from classbell.accounts.models import User
from classbell.groups.models import Group, Membership, WaitingStudent
from classbell.groups.schemas import ClassOut, MembersAnswer, PersonOut, StudentOut, StudentsAnswer
from classbell.groups.services import MembersChanged
from classbell.paging import PageQuery, paginate


def read_class(class_id: UUID) -> ClassOut:
    """Return one class as it is now."""
    return describe_class(Group.objects.with_people().get(pk=class_id))


def describe_class(group: Group) -> ClassOut:
    """Return a class that was read `with_people`."""
    return ClassOut(
        id=group.pk,
        name=group.name,
        description=group.description,
        timezone=group.timezone,
        teachers=[describe_person(teacher) for teacher in group.teachers.all()],
        capacity=group.capacity,
        student_count=getattr(group, "student_count"),  # noqa: B009 -- an annotation, which types do not know
        waiting_count=getattr(group, "waiting_count"),  # noqa: B009
        created_at=group.created_at,
        archived_at=group.archived_at,
    )


def describe_person(user: User) -> PersonOut:
    """Return somebody as others see them."""
    return PersonOut(id=user.pk, name=name_of(user), email=address_of(user))


def describe_student(membership: Membership) -> StudentOut:
    """Return a member of a group, and since when; read with its `user`."""
    user = membership.user
    first_name, last_name = names_of(user)
    return StudentOut(
        id=user.pk,
        name=name_of(user),
        email=address_of(user),
        first_name=first_name,
        last_name=last_name,
        joined_at=membership.created_at,
    )


def students_answer(group_id: UUID, page: PageQuery) -> StudentsAnswer:
    """Return a page of who is in a group, and who waits for a place in it."""
    found = paginate(Membership.objects.filter(group=group_id).select_related("user"), page, by="created_at")
    waiting = WaitingStudent.objects.filter(group=group_id).select_related("student")
    return StudentsAnswer(
        students=[describe_student(row) for row in found.items],
        waiting=[describe_person(row.student) for row in waiting],
        next_cursor=found.next_cursor,
    )


def members_answer(group_id: UUID, change: MembersChanged) -> MembersAnswer:
    """Return what a change of members did, and how many there are now."""
    return MembersAnswer(
        added=change.added,
        removed=change.removed,
        waiting=change.waiting,
        student_count=Membership.objects.filter(group=group_id).count(),
        beyond_capacity=Group.objects.get(pk=group_id).beyond_capacity,
    )
