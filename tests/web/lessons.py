"""A student and a teacher with a lesson between them, for the pages about it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from classbell.accounts.models import User
from classbell.bookings.models import Booking
from classbell.bookings.services import confirm_booking
from tests.factories import make_admin, make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.web.conftest import on_zoom

EARLIER = timedelta(days=9)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A student and a teacher with a lesson between them, and others who have nothing to do with it."""

    student: User
    teacher: User
    admin: User
    stranger: User
    booking: Booking

    @property
    def page(self) -> str:
        """The lesson's address."""
        return f"/bookings/{self.booking.pk}/"

    def confirmed(self) -> Booking:
        """Confirm it, its meeting ready on Zoom."""
        booking = confirm_booking(booking_id=self.booking.pk, now=datetime.now(UTC))
        assert booking.meeting is not None
        on_zoom(booking.meeting)
        return booking


def make_pair() -> Pair:
    """Let a student ask a teacher for a lesson in a week."""
    student = make_student(first_name="Yusuf", last_name="Almeida")
    teacher = make_tutor(first_name="Amina", last_name="Haddad")
    booking = make_booking(student=student, teacher=teacher, notes="Chapter 4")
    return Pair(student=student, teacher=teacher, admin=make_admin(), stranger=make_student(), booking=booking)


def over(pair: Pair) -> Booking:
    """Return a confirmed lesson of the two whose time is past."""
    then = datetime.now(UTC) - EARLIER
    booking = make_booking(student=pair.student, teacher=pair.teacher, starts_at=a_day_ahead(-7), now=then)
    return confirm_booking(booking_id=booking.pk, now=then)
