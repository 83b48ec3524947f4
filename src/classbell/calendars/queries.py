"""Reads of teachers' calendars with more than one caller."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from classbell.accounts.models import User
from classbell.calendars.models import BusyTime, CalendarKind, ExternalCalendar
from classbell.meetings.models import Occurrence
from classbell.meetings.models.occurrence import OccurrenceQuerySet
from classbell.meetings.periods import Interval


def sessions_taught_by(teacher_id: UUID) -> OccurrenceQuerySet:
    """Return the sessions that somebody is to hold, a substitute's among them; not those that are cancelled."""
    return Occurrence.objects.held_by(teacher_id).taking_place().filter(meeting__wanted=True)


def overlapped(teacher: User, *, now: datetime) -> list[Occurrence]:
    """
    Return the coming sessions that somebody holds while a calendar of theirs says that they are busy, the first one first.
    Google tells nothing of entries but that they are, so a lesson that stands there itself is none of these. One query.
    """
    calendars = ExternalCalendar.objects.filter(teacher=teacher).exclude(kind=CalendarKind.GOOGLE).counting(now)
    busy = BusyTime.objects.filter(
        calendar__in=calendars, starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    )
    coming = sessions_taught_by(teacher.pk).filter(starts_at__gt=now)
    return list(coming.filter(Exists(busy)).select_related("meeting").order_by("starts_at", "pk"))


def sessions_within(teacher_id: UUID, periods: Sequence[Interval], *, now: datetime) -> list[Occurrence]:
    """Return the coming sessions that somebody holds and that overlap one of these periods, the first one first."""
    if not periods:
        return []
    span = min(start for start, _end in periods), max(end for _start, end in periods)
    coming = sessions_taught_by(teacher_id).filter(starts_at__gt=now).between(*span)
    rows = coming.select_related("meeting").order_by("starts_at", "pk")
    return [row for row in rows if any(start < row.ends_at and end > row.starts_at for start, end in periods)]
