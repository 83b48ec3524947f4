"""What excuses do when meetings and bookings announce something."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from classbell.bookings.ledger import sessions_given_back_by
from classbell.bookings.models import Booking
from classbell.bookings.signals import booking_changed
from classbell.excuses import makeup
from classbell.meetings.signals import attendance_changed, attendance_recorded


@receiver([attendance_recorded, attendance_changed])
def settle_makeups(occurrence_id: UUID, **_kwargs: Any) -> None:
    """Whoever is excused may make up for it, and who no longer is may not."""
    makeup.settle_later(occurrence_id)


@receiver(booking_changed)
def look_at_what_came_back(booking: Booking, what: str, **_kwargs: Any) -> None:
    """A make-up lesson that a cancelled booking gave back may stand for a session from which nobody is excused any more."""
    if what == "cancelled":
        for occurrence_id in sessions_given_back_by(booking):
            makeup.settle_later(occurrence_id)
