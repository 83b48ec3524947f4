"""A person's sessions as an iCalendar feed (RFC 5545) that their own calendar reads again and again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration

from classbell import reasons
from classbell.accounts.models import User
from classbell.holidays.models import Holiday
from classbell.meetings.models import Occurrence
from classbell.meetings.queries import own_occurrences
from classbell.postgres.replica import may_lag
from classbell.text import one_line

# What a calendar shows of the past and of the future; a term is well within.
BEHIND, AHEAD = timedelta(days=60), timedelta(days=400)
LOOK_AGAIN = timedelta(minutes=30)
PRODUCT = "-//Classbell//EN"


@may_lag
def feed_of(user: User, *, now: datetime) -> bytes:
    """
    Return the sessions this person is to be at, in UTC, and their holidays as an iCalendar object in their language. Two
    queries. While nothing changes, every byte is the same.

    A session is linked to its page here, never to Zoom: a feed's address is shared more easily than one means to.
    """
    rows = (
        own_occurrences(user)
        .between(now - BEHIND, now + AHEAD)
        .select_related("meeting__teacher", "meeting__group", "substitute")
        .order_by("starts_at", "pk")
    )
    days = (now - BEHIND).date(), (now + AHEAD).date()
    holidays = Holiday.objects.of_calendar(user).touching(*days).order_by("first_day", "pk")
    with translation.override(user.locale):
        return _calendar(rows, user=user, holidays=holidays)


def file_of(user: User, sessions: Q, *, now: datetime) -> bytes:
    """
    Return what this person may see of some sessions, those that are not over, as an iCalendar object to keep. Each is named
    as in the feed, so that a calendar that has both shows it once. One query.
    """
    rows = (
        Occurrence.objects.visible_to(user)
        .filter(sessions, meeting__wanted=True)
        .taking_place()
        .not_over(now)
        .select_related("meeting__teacher", "meeting__group", "substitute")
        .order_by("starts_at", "pk")
    )
    with translation.override(user.locale):
        return _calendar(rows, user=user)


def _calendar(rows: Iterable[Occurrence], *, user: User, holidays: Iterable[Holiday] = ()) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    # The standard's names (RFC 7986) and the older ones that many calendars still read.
    calendar.add("name", "Classbell")
    calendar.add("x-wr-calname", "Classbell")
    calendar.add("x-wr-timezone", user.timezone)
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(LOOK_AGAIN))
    for row in rows:
        calendar.add_component(event_of(row))
    for holiday in holidays:
        calendar.add_component(_day_off(holiday))
    feed: bytes = calendar.to_ical()
    return feed


def _day_off(holiday: Holiday) -> Event:
    """Return a holiday as an entry of whole days, which takes nobody's time."""
    event = Event()
    event.add("uid", f"{holiday.pk}@classbell")
    event.add("dtstamp", holiday.created_at)
    event.add("dtstart", holiday.first_day)
    event.add("dtend", holiday.last_day + timedelta(days=1))
    event.add("summary", one_line(holiday.name))
    event.add("transp", "TRANSPARENT")
    return event


def event_of(row: Occurrence) -> Event:
    """Return a session as calendars have it, in the active language; its meeting, group and teachers are joined."""
    meeting = row.meeting
    event = Event()
    event.add("uid", f"{row.pk}@classbell")
    # Of the change, not of this reading; every change of a session is one of its meeting.
    event.add("dtstamp", meeting.updated_at)
    event.add("last-modified", meeting.updated_at)
    event.add("sequence", meeting.revision)
    event.add("dtstart", row.starts_at)
    event.add("dtend", row.ends_at)
    event.add("summary", one_line(meeting.title))
    event.add("url", urljoin(settings.ENVIRONMENT.public_url, f"/meetings/{meeting.pk}/"))
    lines = [_("Teacher: %(name)s") % {"name": (row.substitute or meeting.teacher).name}]
    if meeting.group is not None:
        lines.append(meeting.group.name)
    if row.is_cancelled and row.cancellation_reason:
        lines.append(reasons.told(row.cancellation_reason))
    event.add("description", "\n".join(map(one_line, lines)))
    event.add("status", "CANCELLED" if row.is_cancelled else "CONFIRMED")
    return event
