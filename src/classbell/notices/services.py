"""Telling people."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.db import transaction

from classbell.accounts.models import User
from classbell.jobs import defer
from classbell.notices.calendar import feed_of
from classbell.notices.models import CalendarFeed, Notice
from classbell.notices.texts import Facts, Kind


def tell(
    user: User,
    kind: Kind,
    facts: Facts,
    *,
    path: str = "",
    stale_at: datetime | None = None,
    by_mail: bool = True,
    now: datetime,
) -> Notice:
    """
    Tell one person something, on their pages and, unless told otherwise, by mail; the mail is sent once the caller's
    transaction has committed, and not from `stale_at` on.

    `facts` are what `notices.texts` says of this kind.
    """
    with transaction.atomic():
        notice = Notice.objects.create(user=user, kind=kind, facts=facts, path=path, stale_at=stale_at, created_at=now)
        if by_mail:
            defer("notices.mail_notice", notice_id=str(notice.pk))
    return notice


def mark_read(notice_ids: Collection[UUID], *, now: datetime) -> None:
    """Note that their reader has seen these; those read before keep their time. One statement, none without notices."""
    if notice_ids:
        Notice.objects.filter(pk__in=notice_ids, read_at=None).update(read_at=now)


def open_calendar_feed(user: User, *, now: datetime) -> CalendarFeed:
    """Give a person a new secret address for their calendar; the one before it, if any, stops working."""
    feed, _ = CalendarFeed.objects.update_or_create(
        user=user, defaults={"token": secrets.token_urlsafe(32), "created_at": now}
    )
    return feed


def read_calendar_feed(feed: CalendarFeed, *, now: datetime) -> bytes:
    """Return what the calendar reads, after noting in `feed` whether it is another than the last time."""
    body = feed_of(feed.user, now=now)
    digest = hashlib.sha256(body).hexdigest()
    if feed.digest != digest or feed.changed_at is None:
        feed.digest, feed.changed_at = digest, now
        CalendarFeed.objects.filter(pk=feed.pk, token=feed.token).update(digest=digest, changed_at=now)
    return body


def close_calendar_feed(user: User) -> None:
    """Take a person's calendar address back, if there is one."""
    CalendarFeed.objects.filter(user=user).delete()


def calendar_address(feed: CalendarFeed) -> str:
    """Return the whole address that a calendar subscribes to."""
    return urljoin(settings.ENVIRONMENT.public_url, f"/api/calendar/{feed.token}.ics")
