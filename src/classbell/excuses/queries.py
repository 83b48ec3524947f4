"""Reads of excuses with more than one caller."""

from collections.abc import Collection, Sequence
from uuid import UUID

from classbell.accounts.guardians.queries import wards_of
from classbell.accounts.models import User
from classbell.accounts.wall import remembered
from classbell.excuses.models import Excuse
from classbell.groups.models import Group
from classbell.meetings.attendance.excused import covered_by_each
from classbell.meetings.models import ExcusedTime, Occurrence


def time_of(excuse: Excuse) -> ExcusedTime:
    """Return what an excuse excuses from, unsaved, under its key."""
    return ExcusedTime(
        id=excuse.pk,
        user=excuse.student,
        starts_at=excuse.starts_at,
        ends_at=excuse.ends_at,
        occurrence=excuse.occurrence,
        meeting=excuse.meeting,
        group=excuse.group,
    )


def sessions_of(excuse: Excuse) -> list[Occurrence]:
    """As `sessions_of_each`, for one."""
    return sessions_of_each([excuse])[excuse.pk]


def sessions_of_each(excuses: Collection[Excuse]) -> dict[UUID, list[Occurrence]]:
    """
    Return by key of each excuse the sessions that it is about as things are now, the earliest first, cancelled ones left out.
    Two statements for all of them.
    """
    covered = covered_by_each([time_of(excuse) for excuse in excuses])
    named = set().union(*covered.values())
    found = Occurrence.objects.filter(pk__in=named).taking_place() if named else Occurrence.objects.none()
    sessions = list(found.select_related("meeting__group", "substitute").order_by("starts_at", "pk"))
    return {key: [one for one in sessions if one.pk in theirs] for key, theirs in covered.items()}


def sessions_shown(excuse: Excuse, reader: User) -> list[Occurrence]:
    """As `sessions_shown_of_each`, for one."""
    return sessions_shown_of_each([excuse], reader)[excuse.pk]


def sessions_shown_of_each(excuses: Collection[Excuse], reader: User) -> dict[UUID, list[Occurrence]]:
    """
    Return by key of each excuse those of its sessions that `reader` may know of: the student, their guardians and admins all,
    teachers those they teach. Four statements for all of them.
    """
    sessions = sessions_of_each(excuses)
    if reader.is_admin:
        return sessions
    theirs = {reader.pk, *wards_of(reader).values_list("pk", flat=True)}
    groups = groups_taught_by(reader)
    return {
        one.pk: sessions[one.pk]
        if one.student_id in theirs
        else [session for session in sessions[one.pk] if is_taught_by(reader, session, groups)]
        for one in excuses
    }


def groups_taught_by(teacher: User) -> set[UUID]:
    """Return the groups that somebody teaches, asked once a request."""
    groups = Group.teachers.through.objects.filter(user=teacher).values_list("group", flat=True)
    return remembered(teacher, "groups taught", lambda: set(groups))


def is_taught_by(teacher: User, session: Occurrence, groups: Collection[UUID]) -> bool:
    """Whether a teacher keeps the attendance of a session: they hold it or teach its group, which `groups` are."""
    return teacher.pk in (session.teacher_id, session.meeting.teacher_id) or session.meeting.group_id in groups


def teachers_of(sessions: Sequence[Occurrence]) -> set[UUID]:
    """Return who holds these sessions."""
    return {one.teacher_id for one in sessions}
