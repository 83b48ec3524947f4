"""What a guardian's first page shows of each child."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.urls import reverse

from classbell.accounts.acting import as_read_by
from classbell.accounts.guardians.queries import wardships_of
from classbell.accounts.guardians.relations import relation_in_words
from classbell.accounts.models import User
from classbell.accounts.reader import read_by
from classbell.bookings.lessons import WITH_LESSON
from classbell.meetings.models import Attendance
from classbell.meetings.queries import own_occurrences
from classbell.meetings.verdicts import AttendanceStatus
from classbell.web.attendance.presenters.attendance import Count, counts_of
from classbell.web.children.addresses import below
from classbell.web.meetings.presenters import ShownOccurrence, present

COMING_SHOWN: Final = 4
COMING_DAYS: Final = timedelta(days=7)
ATTENDANCE_DAYS: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """
    A child in short: the next sessions, within a week, and the attendance of the last weeks; `unexplained` are absences of
    which nobody has told a reason.
    """

    id: UUID
    name: str
    relation: str
    coming: Sequence[ShownOccurrence]
    counts: Sequence[Count]
    unexplained: int
    week: str
    attendance: str
    excuse: str
    teachers: str


def children_of(guardian: User, *, now: datetime) -> list[Child]:
    """Return a guardian's children by name, as they are now. A few statements for each."""
    return [
        _child(as_read_by(guardian, one.student), guardian, relation_in_words(one.relation), now)
        for one in wardships_of(guardian)
    ]


def _child(ward: User, guardian: User, relation: str, now: datetime) -> Child:
    rows = (
        own_occurrences(ward)
        .taking_place()
        .not_over(now)
        .filter(starts_at__lt=now + COMING_DAYS)
        .select_related("meeting__teacher", "meeting__group", "substitute", *WITH_LESSON)
        .order_by("starts_at", "pk")
    )
    records = list(
        Attendance.objects.filter(user=ward, occurrence__starts_at__gte=now - timedelta(days=ATTENDANCE_DAYS))
    )
    with below(ward.pk), read_by(ward, guardian=guardian):
        return Child(
            id=ward.pk,
            name=ward.name,
            relation=relation,
            coming=[present(row, user=ward, now=now) for row in rows[:COMING_SHOWN]],
            counts=counts_of(records),
            unexplained=sum(one.status == AttendanceStatus.ABSENT for one in records),
            week=reverse("week"),
            attendance=reverse("my-attendance"),
            excuse=reverse("excuse-new"),
            teachers=reverse("teachers"),
        )
