"""Guests' links: made, found, and written into their mails."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from classbell.accounts.guests import NoGuest
from classbell.accounts.models import User
from classbell.accounts.wall import past_the_wall, proven_as
from classbell.bookings.guests.errors import GuestLinkExpired, GuestLinkUnusable
from classbell.bookings.models import Booking, GuestLink, LinkPurpose
from classbell.encryption import NotDecipherable, decrypt, encrypt

log = structlog.get_logger(__name__)

PURPOSE: Final = "guest-link"
# What sees to a lesson is good until so long after its end; what makes an account, so long after it was asked for.
AFTER_THE_END: Final = timedelta(days=30)
FOR_AN_ACCOUNT: Final = timedelta(days=1)
LESSON: Final = (LinkPurpose.CONFIRM, LinkPurpose.MANAGE)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def make_link(booking: Booking, purpose: LinkPurpose, *, now: datetime) -> str:
    """Make a link and return its token, which is kept as a digest and, for later mails, encrypted."""
    token = secrets.token_urlsafe(32)
    GuestLink.objects.create(
        booking=booking,
        purpose=purpose,
        digest=digest_of(token),
        sealed=encrypt(token.encode(), purpose=PURPOSE),
        made_at=now,
    )
    return token


def find_link(token: str, *purposes: LinkPurpose, now: datetime) -> GuestLink:
    """
    Return the link with this token, its booking and people fetched. Raises GuestLinkUnusable, GuestLinkExpired, and NoGuest
    where the lesson belongs to an account by now.
    """
    named = GuestLink.objects.filter(digest=digest_of(token), purpose__in=purposes)
    with past_the_wall():
        found = named.select_related("booking__student", "booking__teacher", "booking__kind").first()
    if found is None or not found.booking.student.is_active:
        raise GuestLinkUnusable
    if not found.booking.student.is_guest:
        raise NoGuest
    if now >= _good_until(found):
        raise GuestLinkExpired
    proven_as(found.booking.student)
    return found


def lesson_link(booking: Booking) -> GuestLink | None:
    """Return with which link a lesson is seen to: the mailed one that confirms it before any other; None without one."""
    links = GuestLink.objects.filter(booking=booking, purpose__in=LESSON)
    return links.order_by("purpose", "made_at").first()  # "confirm" before "manage"


def token_of(link: GuestLink) -> str:
    """Return the token of a link, "" for one encrypted by a secret key that nobody named any more."""
    try:
        return decrypt(bytes(link.sealed), purpose=PURPOSE).decode()
    except NotDecipherable:
        log.warning("guest_link_unreadable", link=str(link.pk))
        return ""


def lesson_address(token: str) -> str:
    """Return the whole address of a guest's lesson."""
    return urljoin(settings.ENVIRONMENT.public_url, reverse("guest-lesson", args=[token]))


def path_for_guest(guest: User, path: str) -> str:
    """
    Return where a guest reads what others read at `path`, a page of a lesson or of its meeting, or the id of a link: the page
    of their link; "" where they have none.
    """
    found = _UUID.search(path)
    if found is None:
        return ""
    named = UUID(found[0])
    link = GuestLink.objects.filter(pk=named, booking__student=guest).first()
    if link is None:
        meetings = Q(meeting=named) | Q(group_lesson__meeting=named)
        booking = Booking.objects.filter(Q(pk=named) | meetings, student=guest).first()
        link = lesson_link(booking) if booking is not None else None
    token = token_of(link) if link is not None else ""
    if link is None or not token:
        return ""
    return reverse("guest-account" if link.purpose == LinkPurpose.ACCOUNT else "guest-lesson", args=[token])


def _good_until(link: GuestLink) -> datetime:
    is_for_account = link.purpose == LinkPurpose.ACCOUNT
    return link.made_at + FOR_AN_ACCOUNT if is_for_account else link.booking.ends_at + AFTER_THE_END


def digest_of(token: str) -> str:
    """Return what a link is found by: the token is as long as a key and random."""
    return hashlib.sha256(token.encode()).hexdigest()
