"""The secret addresses under which people's own calendars read their sessions."""

import hashlib
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Q

from classbell.accounts.models import User
from classbell.accounts.wall import past_the_wall
from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.notices.calendar import feed_of
from classbell.notices.models import CalendarFeed

log = structlog.get_logger(__name__)

PURPOSE: Final = "calendar-feed"


def open_calendar_feed(user: User, *, now: datetime) -> CalendarFeed:
    """Give a person a new secret address for their calendar; the one before it, if any, stops working."""
    feed, _ = CalendarFeed.objects.update_or_create(
        user=user, defaults={**kept_of(secrets.token_urlsafe(32)), "plain_token": None, "created_at": now}
    )
    return feed


def kept_of(token: str) -> dict[str, object]:
    """Return what is stored of a token: its digest, and itself encrypted."""
    return {"token_digest": digest_of(token), "sealed": encrypt(token.encode(), purpose=PURPOSE)}


def digest_of(token: str) -> str:
    """Return what a token is found by. It is as long as a key and random, so a plain digest of it is no way back."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(feed: CalendarFeed) -> str | None:
    """Return the token of a feed; None when it was encrypted by a secret key that nobody named any more."""
    if not feed.sealed:
        return feed.plain_token
    try:
        return decrypt(bytes(feed.sealed), purpose=PURPOSE).decode()
    except NotDecipherable:
        log.warning("feeds.unreadable", user=str(feed.user_id))
        return None


def find_calendar_feed(token: str) -> CalendarFeed | None:
    """Return the feed at an address whose owner may come in; None when there is none. One query."""
    kept = Q(token_digest=digest_of(token)) | Q(plain_token=token)
    with past_the_wall():
        return CalendarFeed.objects.filter(kept, user__is_active=True).select_related("user").first()


def calendar_feed_of(user: User) -> tuple[CalendarFeed, str] | None:
    """
    Return a person's feed and the whole address that a calendar subscribes to; None without one, and where its address
    cannot be shown any more: then they open a new one.
    """
    feed = CalendarFeed.objects.filter(user=user).first()
    token = token_of(feed) if feed is not None else None
    return (feed, calendar_address(token)) if feed is not None and token is not None else None


def calendar_address(token: str) -> str:
    """Return the whole address that a calendar subscribes to."""
    return urljoin(settings.ENVIRONMENT.public_url, f"/api/calendar/{token}.ics")


def address_of_ward(address: str, student_id: UUID) -> str:
    """Return where a guardian's feed, at this address, has what is a ward's."""
    return f"{address}?student_id={student_id}"


def read_calendar_feed(feed: CalendarFeed, *, now: datetime) -> bytes:
    """Return what the calendar reads, after noting in `feed` whether it is another than the last time."""
    body = feed_of(feed.user, now=now)
    digest = hashlib.sha256(body).hexdigest()
    if feed.digest != digest or feed.changed_at is None:
        feed.digest, feed.changed_at = digest, now
        same = CalendarFeed.objects.filter(pk=feed.pk, created_at=feed.created_at)
        same.update(digest=digest, changed_at=now)
    return body


def close_calendar_feed(user: User) -> None:
    """Take a person's calendar address back, if there is one."""
    CalendarFeed.objects.filter(user=user).delete()
