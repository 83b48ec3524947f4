"""A class over time: people × sessions, one mark each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.meetings.models import Attendance, Occurrence, OccurrenceOutcome
from classbell.meetings.verdicts import ATTENDED, AttendanceStatus, OccurrenceResult

VOID = "void"
NOT_TAKEN = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """How somebody attended a session: `kind` picks shape and colour, `word` says it."""

    kind: str
    word: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One session; `url` leads to its verdicts."""

    starts_at: datetime
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One person: a mark for each session, and how often they came of the times that are known."""

    person: User
    marks: Sequence[Mark]
    came: int
    known: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Sessions in order of time across, people down; `legend` has each mark that occurs once."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    legend: Sequence[Mark]


def attendance_grid(occurrences: Sequence[Occurrence], people: Sequence[User]) -> Grid:
    """Return the marks of these people in these sessions. Two statements."""
    in_order = sorted(occurrences, key=lambda occurrence: occurrence.starts_at)
    records = Attendance.objects.filter(occurrence__in=in_order, user__in=people)
    statuses: dict[tuple[UUID, UUID], str] = {
        (user_id, occurrence_id): status
        for user_id, occurrence_id, status in records.values_list("user_id", "occurrence_id", "status")
    }
    void = set(
        OccurrenceOutcome.objects.filter(occurrence__in=in_order, result=OccurrenceResult.VOID).values_list(
            "pk", flat=True
        )
    )
    rows = [_row(person, in_order, statuses, void) for person in people]
    seen = {mark for row in rows for mark in row.marks}
    return Grid(
        columns=[Column(starts_at=occurrence.starts_at, url=_page_of(occurrence)) for occurrence in in_order],
        rows=rows,
        legend=[mark for mark in _all_marks() if mark in seen],
    )


def _row(
    person: User, occurrences: Sequence[Occurrence], statuses: dict[tuple[UUID, UUID], str], void: set[UUID]
) -> Row:
    found = [statuses.get((person.pk, occurrence.pk)) for occurrence in occurrences]
    marks = [
        _void() if occurrence.pk in void else _mark(status)
        for occurrence, status in zip(occurrences, found, strict=True)
    ]
    return Row(
        person=person,
        marks=marks,
        came=sum(status in ATTENDED for status in found),
        known=sum(status in (*ATTENDED, AttendanceStatus.ABSENT) for status in found),
    )


def _mark(status: str | None) -> Mark:
    if status is None:
        return Mark(kind=NOT_TAKEN, word=_("Nothing recorded"))
    return Mark(kind=status, word=str(AttendanceStatus(status).label))


def _void() -> Mark:
    return Mark(kind=VOID, word=str(OccurrenceResult.VOID.label))


def _all_marks() -> list[Mark]:
    return [*(_mark(status) for status in AttendanceStatus), _void(), _mark(None)]


def _page_of(occurrence: Occurrence) -> str:
    return reverse("meeting-attendance", args=[occurrence.meeting_id]) + f"?occurrence={occurrence.pk}"
