"""What bookings do when meetings announce something."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from classbell.bookings import outcomes
from classbell.bookings.errors import IsALesson
from classbell.bookings.lessons import lesson_of_meeting
from classbell.meetings.models import Meeting
from classbell.meetings.signals import occurrence_ended, occurrence_reopened, times_asked


@receiver(times_asked)
def refuse_lessons(meeting: Meeting, **_kwargs: Any) -> None:
    """A lesson's meeting follows its booking, which would else say another time than its meeting. Raises IsALesson."""
    if (lesson := lesson_of_meeting(meeting)) is not None:
        raise IsALesson(lesson)


@receiver(occurrence_ended)
def complete_lesson(occurrence_id: UUID, **_kwargs: Any) -> None:
    """A lesson whose meeting ended in its second half took place; an earlier end may be a break."""
    outcomes.complete_after_meeting(occurrence_id=occurrence_id, now=timezone.now())


@receiver(occurrence_reopened)
def reopen_lesson(occurrence_id: UUID, **_kwargs: Any) -> None:
    """A lesson that was completed by a run at Zoom that was none of it is still to come."""
    outcomes.reopen_after_meeting(occurrence_id=occurrence_id, now=timezone.now())
