"""Who may read what a teacher taught and is owed: the teacher, and admins."""

from uuid import UUID

from classbell.accounts.models import User
from classbell.bookings.queries import people_who_may_teach
from classbell.bookings.slots import TeacherNotFound


def reads_hours(user: User, teacher_id: UUID) -> bool:
    """The teacher themselves, and admins; nobody else."""
    return user.is_admin or (user.is_teacher and user.pk == teacher_id)


def teacher_known(teacher_id: UUID) -> User:
    """Return whose hours are asked for: who left, or teaches no more, is owed what they taught. Raises TeacherNotFound."""
    found = User.objects.filter(pk=teacher_id).first()
    if found is None:
        raise TeacherNotFound
    return found


def teacher_to_pay(teacher_id: UUID) -> User:
    """Return somebody for whom a rate can be set: who teaches or may. Raises TeacherNotFound."""
    found = people_who_may_teach().filter(pk=teacher_id).first()
    if found is None:
        raise TeacherNotFound
    return found
