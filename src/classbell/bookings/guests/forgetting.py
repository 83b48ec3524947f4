"""Forgetting guests who never confirmed: what they typed was anybody's to type."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError

from classbell.accounts.models import UNPROVEN, User
from classbell.bookings.models import Booking
from classbell.bookings.models.booking import LIVE_STATUSES

A_NIGHT: Final = 2_000


def forget_guests(*, now: datetime) -> int:
    """
    Delete the guests who neither followed their link in time nor had a lesson, with what they held, some days after; return
    how many. Safe to repeat and to break off.
    """
    before = now - timedelta(days=settings.ENVIRONMENT.keep_guests_days)
    theirs = Booking.objects.filter(student=OuterRef("pk"))
    had_lessons = theirs.filter(is_held=False) | theirs.filter(status__in=LIVE_STATUSES)
    old = User.objects.filter(UNPROVEN, ~Exists(had_lessons), created_at__lt=before)
    return sum(_forget(guest) for guest in old.order_by("pk")[:A_NIGHT])


def _forget(guest: User) -> bool:
    try:
        with transaction.atomic():
            Booking.objects.filter(student=guest, is_held=True).delete()
            guest.delete()
    except ProtectedError:
        return False
    return True
