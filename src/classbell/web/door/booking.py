"""Asking for a lesson as a guest, from the open door's page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from classbell.addresses import masked
from classbell.bookings.guests.services import Asked
from classbell.bookings.models import Booking, BookingStatus, LessonKind
from classbell.bookings.queries import RatedTeacher
from classbell.door import guests
from classbell.web.door.forms.book import GuestForm
from classbell.web.door.visits import Visit
from classbell.web.kit.forms.trap import is_trapped
from classbell.web.kit.requests import VisitorRequest

LINK, TEACHER, PAYMENT, NOTHING = "link", "teacher", "payment", ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Booked:
    """
    What was booked: with whom ("" while that is not said), when, and to which address, masked, the mail goes. It waits for
    the `link` in the mail, for the `teacher`, for the `payment` at `pay_url` until `held_until`, or for nothing.
    """

    teacher: str
    starts_at: datetime
    ends_at: datetime
    email: str
    waits_for: str
    pay_url: str = ""
    held_until: datetime | None = None


def book_as_guest(
    request: VisitorRequest,
    visit: Visit,
    kind: LessonKind,
    teacher: RatedTeacher | None,
    form: GuestForm,
) -> Booked:
    """
    Book a lesson of a kind for who typed a valid form. Raises what `door.guests.book` does.

    A program that fills in every field books nothing, and is answered as if it had: it learns nothing to do better.
    """
    starts_at, ends_at = form.period
    data = form.cleaned_data
    said = masked(data["email"])
    if is_trapped(request):
        return Booked(
            teacher=teacher.name if teacher else "", starts_at=starts_at, ends_at=ends_at, email=said, waits_for=LINK
        )
    asked = Asked(
        name=data["name"],
        email=data["email"],
        timezone=visit.zone.key,
        locale=visit.language,
        teacher_id=teacher.pk if teacher else None,
        starts_at=starts_at,
        ends_at=ends_at,
        kind=kind,
        answers=form.answers,
    )
    done = guests.book(request, asked, price=form.seen, page=kind.address, now=timezone.now())
    booking = done.booking
    return Booked(
        teacher=booking.teacher.name,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        email=said,
        waits_for=_waits_for(booking),
        pay_url=done.pay_url,
        held_until=booking.lapses_at if booking.awaits_payment else None,
    )


def _waits_for(booking: Booking) -> str:
    if booking.is_held:
        return PAYMENT if booking.awaits_payment else LINK
    return TEACHER if booking.status == BookingStatus.PENDING else NOTHING
