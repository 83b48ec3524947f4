"""Make-up lessons: what a student is owed when the teacher did not come."""

from datetime import datetime, timedelta

from classbell.bookings.errors import NoCredit
from classbell.bookings.models import Booking, BookingPolicy, MakeUpCredit


def grant(booking: Booking, policy: BookingPolicy, *, now: datetime) -> MakeUpCredit | None:
    """Give the student of a missed booking a make-up lesson, if the policy has such a thing. Once per booking."""
    if policy.makeup_credit_days is None:
        return None
    credit, _created = MakeUpCredit.objects.get_or_create(
        missed=booking,
        defaults={
            "student": booking.student,
            "teacher": booking.teacher,
            "expires_at": now + timedelta(days=policy.makeup_credit_days),
        },
    )
    return credit


def use(booking: Booking, *, now: datetime) -> None:
    """Spend the student's credit that expires first on this booking. Raises NoCredit."""
    usable = MakeUpCredit.objects.usable(now).filter(student=booking.student_id, teacher=booking.teacher_id)
    credit = usable.select_for_update(of=("self",)).first()
    if credit is None:
        raise NoCredit
    credit.used_by = booking
    credit.save(update_fields=["used_by"])


def give_back(booking: Booking) -> None:
    """A booking that does not take place costs no credit, unless it was missed and a new credit stands in for the old."""
    if MakeUpCredit.objects.filter(missed=booking).exists():
        return
    MakeUpCredit.objects.filter(used_by=booking).update(used_by=None)
