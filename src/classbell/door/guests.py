"""Guests at the open door: who may book without an account, how often, and whether a mailed link has to be followed."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from classbell.accounts.models import User
from classbell.bookings.guests import services
from classbell.bookings.guests.services import Asked
from classbell.bookings.models import Booking
from classbell.door.errors import DoorClosed
from classbell.door.models import ConfirmsGuests
from classbell.door.queries import open_school, shown_teachers, shown_teachers_of
from classbell.meetings.services import sync_now
from classbell.payments.lessons import book_and_pay, is_paid_when_booked
from classbell.visitors import admit


@dataclass(frozen=True, kw_only=True, slots=True)
class Booked:
    """
    What was booked, and the token of the link with which whoever booked sees to it. `pay_url` is where it is paid, "" for
    what is not paid as it is booked.
    """

    booking: Booking
    token: str
    pay_url: str = ""


def book(
    request: HttpRequest, asked: Asked, *, price: tuple[int, str] | None = None, page: str = "", now: datetime
) -> Booked:
    """
    Book for somebody without an account, whatever page they are on. Only kinds that are open to everybody, and teachers whose
    pages are shown: a teacher who has none is given to nobody who leaves the teacher open. A kind that is paid when booked is
    booked at the `price` that they saw, an amount in the smallest unit and its currency.

    Raises DoorClosed, TooManyRequests, and what `book_as_guest` and `book_and_pay` do, PriceChanged where none was seen.
    Nothing of it says whether the address has an account.
    """
    school = open_school()
    kind = asked.kind
    if kind is None:
        raise DoorClosed
    shown = shown_teachers_of(kind)
    if not shown or (asked.teacher_id is not None and not is_shown(asked.teacher_id)):
        raise DoorClosed
    asked = replace(asked, among=shown)
    admit(request, "guest", email=asked.email, page=page)
    if is_paid_when_booked(kind):
        return _book_and_pay(asked, price or (0, ""), now=now)
    by_link = school.confirms_guests_by == ConfirmsGuests.LINK
    booking, token = services.book_as_guest(asked, by_link=by_link, now=now)
    _sync(booking)
    return Booked(booking=booking, token=token)


def _book_and_pay(asked: Asked, price: tuple[int, str], *, now: datetime) -> Booked:
    tokens = []

    def book_until(until: datetime) -> Booking:
        booking, token = services.book_as_guest(asked, by_link=False, to_be_paid_until=until, now=now)
        tokens.append(token)
        return booking

    amount, currency = price
    booking, _purchase, url = book_and_pay(book_until, payer=None, price=amount, currency=currency, now=now)
    return Booked(booking=booking, token=tokens[0], pay_url=url)


def confirm(token: str, *, now: datetime) -> Booking:
    """Confirm a guest's lesson by the mailed link, and make its meeting true. Raises as `confirm_as_guest`."""
    booking = services.confirm_as_guest(token, now=now)
    _sync(booking)
    return booking


def is_shown(teacher_id: UUID) -> bool:
    """Whether a teacher has a page that everybody sees."""
    return shown_teachers().filter(pk=teacher_id).exists()


def admit_to_account_mail(request: HttpRequest, guest: User) -> None:
    """Count the mails that turn a guest into an account. Raises TooManyRequests."""
    admit(request, "guest-account", email=guest.contact_email)


def _sync(booking: Booking) -> None:
    if (meeting := booking.held_in) is not None:
        sync_now(meeting.pk)
