"""A person's sessions as an iCalendar feed (RFC 5545) that their own calendar reads again and again."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import translation
from icalendar import Event, vDuration

from classbell.accounts.models import User
from classbell.holidays.models import Holiday
from classbell.meetings.models import Occurrence
from classbell.meetings.queries import own_occurrences
from classbell.notices.events import add_sessions, event_of, new_calendar
from classbell.postgres.replica import may_lag
from classbell.text import one_line

# What a calendar shows of the past and of the future; a term is well within.
BEHIND, AHEAD = timedelta(days=60), timedelta(days=400)
LOOK_AGAIN = timedelta(minutes=30)


@may_lag
def feed_of(user: User, *, now: datetime) -> bytes:
    """
    Return the sessions this person is to be at and their holidays as an iCalendar object in their language; a series is one
    event, on its clock. Two queries. While nothing changes, every byte is the same.

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
        return _calendar(list(rows), user=user, holidays=holidays)


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
        return _calendar(list(rows), user=user, is_kept=True)


def _calendar(
    rows: Sequence[Occurrence], *, user: User, holidays: Iterable[Holiday] = (), is_kept: bool = False
) -> bytes:
    calendar = new_calendar("PUBLISH")
    # The standard's names (RFC 7986) and the older ones that many calendars still read.
    calendar.add("name", "Classbell")
    calendar.add("x-wr-calname", "Classbell")
    calendar.add("x-wr-timezone", user.timezone)
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(LOOK_AGAIN))
    # One date of a series, put beside the series that a calendar may have already, must not replace it.
    add_sessions(calendar, rows, events=[event_of(rows[0])] if is_kept and len(rows) == 1 else None)
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
