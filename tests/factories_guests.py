"""Guests and their lessons, for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from classbell.accounts.models import User
from classbell.bookings.guests.links import token_of
from classbell.bookings.guests.services import Asked, book_as_guest, confirm_as_guest
from classbell.bookings.models import Booking, GuestLink, LinkPurpose
from tests.factories_bookings import a_day_ahead, make_tutor

EMAIL = "salma@family.example"


def asked(teacher: User, *, starts_at: datetime | None = None, minutes: int = 60, **fields: Any) -> Asked:
    """Return what a guest asks for."""
    begin = starts_at or a_day_ahead()
    values = {"name": "Salma Haddad", "email": EMAIL, "timezone": "Asia/Riyadh", "locale": "en"} | fields
    return Asked(teacher_id=teacher.pk, starts_at=begin, ends_at=begin + timedelta(minutes=minutes), **values)


def held(teacher: User | None = None, *, now: datetime | None = None, **fields: Any) -> Booking:
    """Book as a guest who has yet to follow the link."""
    return book_as_guest(asked(teacher or make_tutor(), **fields), by_link=True, now=now or datetime.now(UTC))[0]


def mailed(booking: Booking, purpose: LinkPurpose = LinkPurpose.CONFIRM) -> str:
    """Return the token of a lesson's link."""
    return token_of(GuestLink.objects.get(booking=booking, purpose=purpose))


def confirmed(teacher: User | None = None, *, now: datetime | None = None, **fields: Any) -> tuple[Booking, str]:
    """Book as a guest and follow the link; return the booking and the token."""
    booking = held(teacher, now=now, **fields)
    token = mailed(booking)
    with transaction.atomic():
        return confirm_as_guest(token, now=now or datetime.now(UTC)), token
