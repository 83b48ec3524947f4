"""Which lesson a session or a meeting is for: asked here, whatever asks."""

from typing import Final
from uuid import UUID

from django.db.models import Q

from classbell.bookings.models import Booking
from classbell.bookings.models.booking import BookingQuerySet
from classbell.meetings.models import Meeting, Occurrence

# What queries of sessions, and of meetings, select for these functions and for what is shown of a lesson.
WITH_LESSON: Final = ("meeting__booking__student",)
MEETING_WITH_LESSON: Final = ("booking",)
# Sessions of which none is a lesson.
NO_LESSON: Final = Q(meeting__booking=None)


def lesson_of(occurrence: Occurrence) -> Booking | None:
    """Return the lesson that a session is, None for any other. No query after `WITH_LESSON`."""
    return lesson_of_meeting(occurrence.meeting)


def lesson_of_meeting(meeting: Meeting) -> Booking | None:
    """Return the lesson that a meeting is for, None for any other. No query after `MEETING_WITH_LESSON`."""
    # A lesson has no group; asked first, because what is not selected costs a query.
    lesson: Booking | None = getattr(meeting, "booking", None) if meeting.group_id is None else None
    return lesson


def lessons_at(occurrence_id: UUID) -> BookingQuerySet:
    """Return the lesson that is held in this session, if it is one."""
    return Booking.objects.filter(meeting__occurrences=occurrence_id)
