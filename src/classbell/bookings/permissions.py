"""Who may do what with bookings. Who may see them is `Booking.objects.visible_to`."""

from uuid import UUID

from classbell.accounts.guardians.queries import may_act_for, wards_of
from classbell.accounts.models import User
from classbell.bookings.errors import NoSuchBooking
from classbell.bookings.kinds.errors import NoSuchGroupLesson
from classbell.bookings.models import Availability, Booking, BookingSeries, GroupLesson, HoursPeriod, TimeOff
from classbell.bookings.queries import students_to_book_for
from classbell.bookings.series.errors import NoSuchSeries
from classbell.errors import NotThere


def takes_part(user: User, booking_id: UUID) -> bool:
    """Its student, its teacher, and admins. Raises NoSuchBooking."""
    booking = _people_of(booking_id)
    return user.is_admin or user.pk in (booking.student_id, booking.teacher_id)


def teaches_booking(user: User, booking_id: UUID) -> bool:
    """Its teacher, and admins. Raises NoSuchBooking."""
    return user.is_admin or user.pk == _people_of(booking_id).teacher_id


def teaches_group_lesson(user: User, lesson_id: UUID) -> bool:
    """The teacher of a group lesson, and admins. Raises NoSuchGroupLesson."""
    lesson = GroupLesson.objects.only("teacher_id").filter(pk=lesson_id).first()
    if lesson is None:
        raise NoSuchGroupLesson
    return user.is_admin or user.pk == lesson.teacher_id


def takes_part_in_series(user: User, series_id: UUID) -> bool:
    """As takes_part, of a series of lessons. Raises NoSuchSeries."""
    series = _people_of_series(series_id)
    return user.is_admin or user.pk in (series.student_id, series.teacher_id)


def teaches_series(user: User, series_id: UUID) -> bool:
    """As teaches_booking, of a series of lessons. Raises NoSuchSeries."""
    return user.is_admin or user.pk == _people_of_series(series_id).teacher_id


def owns_availability(user: User, availability_id: UUID) -> bool:
    """The teacher whose hours these are. Raises NotThere for everybody else."""
    if not Availability.objects.filter(pk=availability_id, teacher=user).exists():
        raise NotThere
    return True


def owns_time_off(user: User, time_off_id: UUID) -> bool:
    """The teacher whose time off this is. Raises NotThere for everybody else."""
    if not TimeOff.objects.filter(pk=time_off_id, teacher=user).exists():
        raise NotThere
    return True


def owns_hours_period(user: User, period_id: UUID) -> bool:
    """The teacher whose hours of a period these are. Raises NotThere for everybody else."""
    if not HoursPeriod.objects.filter(pk=period_id, teacher=user).exists():
        raise NotThere
    return True


def may_be_booked(user: User) -> bool:
    """Who gives lessons: teachers, and admins who teach too."""
    return user.is_teacher or user.is_admin


def reads_balance(user: User, student_id: UUID) -> bool:
    """
    Who reads a student's make-up lessons: the student, their guardians, who teaches them (those for lessons with them), and
    admins.
    """
    return may_act_for(user, student_id) or reads_balance_of_person(user, student_id)


def reads_balance_of_person(user: User, person_id: UUID) -> bool:
    """As reads_balance, but for guardians, who have pages of their own for it."""
    return user.pk == person_id or user.is_admin or students_to_book_for(user).filter(pk=person_id).exists()


def books_lessons(user: User) -> bool:
    """Who books at all: who learns here for themselves, teachers and admins for students, guardians for theirs."""
    return user.is_student or may_be_booked(user) or wards_of(user).exists()


def _people_of(booking_id: UUID) -> Booking:
    booking = Booking.objects.only("student_id", "teacher_id").filter(pk=booking_id).first()
    if booking is None:
        raise NoSuchBooking
    return booking


def _people_of_series(series_id: UUID) -> BookingSeries:
    series = BookingSeries.objects.only("student_id", "teacher_id").filter(pk=series_id).first()
    if series is None:
        raise NoSuchSeries
    return series
