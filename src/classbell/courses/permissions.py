"""Who may do what with courses. Who may see them is `Course.objects.visible_to`, `Session.objects.visible_to`."""

from uuid import UUID

from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.courses.models import Course, Session
from classbell.errors import NotThere
from classbell.meetings.permissions import can_host


def sees_course(user: User, course_id: UUID) -> bool:
    """Its members, its teacher, admins. Raises NotThere for everybody else."""
    if not Course.objects.visible_to(user).filter(pk=course_id).exists():
        raise NotThere(_("There is no such course."))
    return True


def teaches_course(user: User, course_id: UUID) -> bool:
    """Its teacher, and admins. Raises NotThere for whom it does not exist."""
    course = Course.objects.visible_to(user).filter(pk=course_id).first()
    if course is None:
        raise NotThere(_("There is no such course."))
    return can_teach(user, course)


def can_teach(user: User, course: Course) -> bool:
    """Whether they may change the course: its teacher and admins."""
    return user.is_admin or course.teacher_id == user.pk


def sees_session(user: User, session_id: UUID) -> bool:
    """Who sees its course, and who teaches it in another's place. Raises NotThere for everybody else."""
    if not Session.objects.visible_to(user).filter(pk=session_id).exists():
        raise NotThere(_("There is no such session."))
    return True


def teaches_session(user: User, session_id: UUID) -> bool:
    """The course's teacher, a substitute for this session, and admins. Raises NotThere for whom it does not exist."""
    seen = Session.objects.visible_to(user).select_related("course", "meeting")
    session = seen.filter(pk=session_id).first()
    if session is None:
        raise NotThere(_("There is no such session."))
    return can_teach(user, session.course) or can_host(user, session.meeting)
