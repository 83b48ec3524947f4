"""What the owner of a calendar is told."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from classbell.calendars.models import ExternalCalendar, holds_for
from classbell.calendars.queries import sessions_within
from classbell.meetings.periods import Interval
from classbell.notices.services import tell
from classbell.notices.texts import Kind


def tell_of_failure(calendar: ExternalCalendar, *, now: datetime) -> None:
    """A calendar cannot be read: until when what is known of it counts."""
    until = (calendar.failing_since or now) + holds_for()
    facts = {"calendar": calendar.name, "until": until.isoformat()}
    tell(calendar.teacher, Kind.CALENDAR_FAILING, facts, path=reverse("external-calendars"), now=now)


def tell_of_overlaps(calendar: ExternalCalendar, new: Sequence[Interval], *, now: datetime) -> None:
    """Sessions lie in times that a calendar has just said to be busy: they stay, and whoever holds them knows."""
    sessions = sessions_within(calendar.teacher_id, new, now=now)
    if sessions:
        first = sessions[0]
        facts = {"calendar": calendar.name, "title": first.meeting.title, "when": first.starts_at.isoformat()}
        tell(calendar.teacher, Kind.CALENDAR_OVERLAPS, facts, path=reverse("external-calendars"), now=now)
