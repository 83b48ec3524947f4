"""Who teaches a lesson whose student left it open: those who teach its kind, in the order of the kind's rule."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Max

from classbell.bookings.kinds.queries import teaching
from classbell.bookings.models import Booking, ChosenBy, LessonKind
from classbell.meetings.models import Claim, ClaimKind

# "The days around" a lesson, on both sides.
DAYS_AROUND: Final = timedelta(days=3)
# Whose last turn is longer ago than this, or never was, comes first.
TURNS_REMEMBERED: Final = timedelta(days=60)


def teachers_of(kind: LessonKind) -> list[UUID]:
    """Return who teaches a kind, is here and teaches still, in the order of the school's list."""
    return list(teaching().filter(kind=kind).values_list("teacher", flat=True))


def in_order(kind: LessonKind, teacher_ids: Collection[UUID], *, starts_at: datetime, now: datetime) -> Sequence[UUID]:
    """
    Return these teachers in the order in which they are asked for a lesson of a kind then; who is equal, by the school's
    list. At most two statements.
    """
    listed = [one for one in teachers_of(kind) if one in teacher_ids] if len(teacher_ids) > 1 else list(teacher_ids)
    if len(listed) < 2 or kind.chosen_by == ChosenBy.PRIORITY:
        return listed
    if kind.chosen_by == ChosenBy.IN_TURN:
        last = _last_turns(kind, listed, now)
        return sorted(listed, key=lambda one: last.get(one, datetime.min.replace(tzinfo=now.tzinfo)))
    taken = _taken_around(listed, starts_at)
    return sorted(listed, key=lambda one: taken.get(one, 0))


def _taken_around(teacher_ids: Sequence[UUID], starts_at: datetime) -> dict[UUID, int]:
    """Count what each of them teaches in the days around, of whatever kind."""
    around = (starts_at - DAYS_AROUND, starts_at + DAYS_AROUND)
    held = Claim.objects.filter(resource_id__in=teacher_ids, kind=ClaimKind.TEACHER, during__overlap=around)
    return dict(held.order_by().values_list("resource_id").annotate(Count("pk")))


def _last_turns(kind: LessonKind, teacher_ids: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
    """Return when each of them was last given a lesson of this kind; those that were cancelled were a turn too."""
    # By start, which has an index: a lesson is never booked after it.
    given = Booking.objects.filter(kind=kind, teacher__in=teacher_ids, starts_at__gt=now - TURNS_REMEMBERED)
    return dict(given.order_by().values_list("teacher").annotate(Max("created_at")))
