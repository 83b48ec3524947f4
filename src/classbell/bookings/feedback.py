"""What people say of a lesson."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bookings.errors import FeedbackRefused, NoSuchBooking
from classbell.bookings.models import Booking, BookingStatus, Feedback


def give_feedback(*, booking_id: UUID, author: User, rating: int, comment: str = "") -> Feedback:
    """
    Keep one participant's word on the other: `rating` 1 to 5. Once each, on completed bookings.

    Raises NoSuchBooking, FeedbackRefused.
    """
    booking = Booking.objects.select_related("student", "teacher").filter(pk=booking_id).first()
    if booking is None:
        raise NoSuchBooking
    if booking.status != BookingStatus.COMPLETED:
        raise FeedbackRefused(_("Feedback can be given once the booking is completed."))
    about = booking.teacher if author.pk == booking.student_id else booking.student
    try:
        with transaction.atomic():
            return Feedback.objects.create(booking=booking, author=author, about=about, rating=rating, comment=comment)
    except IntegrityError as error:
        raise FeedbackRefused(_("There is feedback on this booking already.")) from error
