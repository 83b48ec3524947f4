"""Who may do what with a meeting. Who may see it is `Meeting.objects.visible_to`."""

from uuid import UUID

from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.meetings.models import Expected, Meeting, Occurrence


def can_host(user: User, meeting: Meeting) -> bool:
    """Whether they may start a meeting and hear how it stands at Zoom: its teacher and admins."""
    return user.is_admin or meeting.teacher_id == user.pk


def attends(user: User, meeting: Meeting) -> bool:
    """
    Whether somebody who teaches or answers for the school is a student in this meeting: whatever they may do there, they come
    in to learn. One query for who learns besides, else none.
    """
    return (
        user.learns and meeting.teacher_id != user.pk and Expected.objects.filter(meeting=meeting, user=user).exists()
    )


def hosts_meeting_named(user: User, meeting_id: str) -> bool:
    """As hosts_meeting, for a meeting named by our id or by Zoom's number."""
    return hosts_meeting(user, _id_of(meeting_id))


def hosts_meeting(user: User, meeting_id: UUID) -> bool:
    """The meeting's teacher and admins. Raises NotThere for whom it does not exist."""
    meeting = Meeting.objects.visible_to(user).filter(pk=meeting_id).first()
    if meeting is None:
        raise NotThere
    return can_host(user, meeting)


def can_keep_attendance(user: User, meeting: Meeting) -> bool:
    """Whether they may see and overrule who attended: the meeting's teacher, the teachers of its class, and admins."""
    if can_host(user, meeting):
        return True
    return meeting.group is not None and meeting.group.teachers.filter(pk=user.pk).exists()


def can_keep_attendance_of(user: User, occurrence: Occurrence) -> bool:
    """As can_keep_attendance, for one session: its substitute too."""
    return occurrence.substitute_id == user.pk or can_keep_attendance(user, occurrence.meeting)


def only_substitutes(user: User, meeting: Meeting) -> bool:
    """Whether they see this meeting for the sake of single sessions that they hold in place of its teacher, and no other."""
    return user.is_teacher and not Meeting.objects.open_to(user).filter(pk=meeting.pk).exists()


def keeps_attendance(user: User, meeting_id: UUID) -> bool:
    """
    As can_keep_attendance, and whoever is a substitute in any session: ask `can_keep_attendance_of` about the session next.
    Raises NotThere for whom the meeting does not exist.
    """
    meeting = Meeting.objects.visible_to(user).select_related("group").filter(pk=meeting_id).first()
    if meeting is None:
        raise NotThere
    return can_keep_attendance(user, meeting) or meeting.occurrences.filter(substitute=user).exists()


def keeps_all_attendance(user: User, meeting_id: UUID) -> bool:
    """As can_keep_attendance, for all sessions of a meeting. Raises NotThere for whom it does not exist."""
    meeting = Meeting.objects.visible_to(user).select_related("group").filter(pk=meeting_id).first()
    if meeting is None:
        raise NotThere
    return can_keep_attendance(user, meeting)


def keeps_all_attendance_named(user: User, meeting_id: str) -> bool:
    """As keeps_all_attendance, for a meeting named by our id or by Zoom's number."""
    return keeps_all_attendance(user, _id_of(meeting_id))


def keeps_attendance_named(user: User, meeting_id: str) -> bool:
    """As keeps_attendance, for a meeting named by our id or by Zoom's number."""
    return keeps_attendance(user, _id_of(meeting_id))


def _id_of(name: str) -> UUID:
    number = name.replace(" ", "")
    if number.isascii() and number.isdecimal():
        found = Meeting.objects.filter(zoom_meeting_id=number).values_list("pk", flat=True).first()
    else:
        found = _uuid_or_none(name)
    if found is None:
        raise NotThere
    return found


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
