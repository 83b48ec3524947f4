"""Which lesson a session or a meeting is for: asked here, whatever asks."""

from typing import Final
from uuid import UUID

from django.db.models import Q, Subquery

from classbell.bookings.models import Booking, BookingSeries, GroupLesson
from classbell.bookings.models.booking import BookingQuerySet
from classbell.meetings.models import Meeting, Occurrence

# What queries of sessions, and of meetings, select for these functions and for what is shown of a lesson.
WITH_LESSON: Final = (
    "booking__student",
    "meeting__booking__student",
    "meeting__booking_series__student",
    "meeting__group_lesson",
)
MEETING_WITH_LESSON: Final = ("booking", "booking_series", "group_lesson")
Lesson = Booking | BookingSeries | GroupLesson
# Sessions of which none is a lesson.
NO_LESSON: Final = Q(meeting__booking=None, meeting__booking_series=None, meeting__group_lesson=None)


def lesson_of(occurrence: Occurrence) -> Lesson | None:
    """
    Return the lesson that a session is, None for any other; the series for a date of one on which there is none. No query
    after `WITH_LESSON`.
    """
    if occurrence.meeting.group_id is not None:
        return None
    date: Booking | None = getattr(occurrence, "booking", None)
    return date or lesson_of_meeting(occurrence.meeting)


def lesson_of_meeting(meeting: Meeting) -> Lesson | None:
    """
    Return the lesson, the series of them or the group lesson that a meeting is for, None for any other. No query after
    `MEETING_WITH_LESSON`.
    """
    # A lesson has no group; asked first, because what is not selected costs a query.
    if meeting.group_id is not None:
        return None
    lesson: Booking | None = getattr(meeting, "booking", None)
    series: BookingSeries | None = getattr(meeting, "booking_series", None)
    shared: GroupLesson | None = getattr(meeting, "group_lesson", None)
    return lesson or series or shared


def lessons_at(occurrence_id: UUID) -> BookingQuerySet:
    """Return the lesson that is held in this session, if it is one; of a group lesson all its seats."""
    meeting = Occurrence.objects.filter(pk=occurrence_id).values("meeting")[:1]
    shared = GroupLesson.objects.filter(meeting=Subquery(meeting)).values("pk")[:1]
    # Compared with one value each, so that each finds its index.
    return Booking.objects.filter(
        Q(occurrence=occurrence_id) | Q(meeting=Subquery(meeting)) | Q(group_lesson=Subquery(shared))
    )
