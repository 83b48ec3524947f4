"""Reads of excuses with more than one caller."""

from collections.abc import Sequence
from uuid import UUID

from classbell.accounts.guardians.queries import may_act_for
from classbell.accounts.models import User
from classbell.excuses.models import Excuse
from classbell.groups.models import Group
from classbell.meetings.attendance.excused import occurrences_covered
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
    """Return the sessions that an excuse is about as things are now, the earliest first, cancelled ones left out."""
    return list(occurrences_covered(time_of(excuse)).taking_place().select_related("meeting__group", "substitute"))


def sessions_shown(excuse: Excuse, reader: User) -> list[Occurrence]:
    """
    Return those of its sessions that `reader` may know of: the student, their guardians and admins all, teachers those they
    teach.
    """
    sessions = sessions_of(excuse)
    if reader.is_admin or may_act_for(reader, excuse.student_id):
        return sessions
    return taught_by(reader, sessions)


def taught_by(teacher: User, sessions: Sequence[Occurrence]) -> list[Occurrence]:
    """Return the sessions whose attendance a teacher keeps: they hold them or teach their group. One statement."""
    groups = set(Group.teachers.through.objects.filter(user=teacher).values_list("group", flat=True))
    return [
        one
        for one in sessions
        if teacher.pk in (one.teacher_id, one.meeting.teacher_id) or one.meeting.group_id in groups
    ]


def teachers_of(sessions: Sequence[Occurrence]) -> set[UUID]:
    """Return who holds these sessions."""
    return {one.teacher_id for one in sessions}
