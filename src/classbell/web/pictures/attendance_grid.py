"""A class over time: people × sittings, one mark each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.meetings.models import Attendance, Occurrence, SittingOutcome
from classbell.meetings.verdicts import ATTENDED, AttendanceStatus, SittingResult

VOID = "void"
NOT_TAKEN = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """How somebody attended a sitting: `kind` picks shape and colour, `word` says it."""

    kind: str
    word: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One sitting; `url` leads to its verdicts."""

    starts_at: datetime
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One person: a mark for each sitting, and how often they came of the times that are known."""

    person: User
    marks: Sequence[Mark]
    came: int
    known: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Sittings in order of time across, people down; `legend` has each mark that occurs once."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    legend: Sequence[Mark]


def attendance_grid(sittings: Sequence[Occurrence], people: Sequence[User]) -> Grid:
    """Return the marks of these people in these sittings. Two statements."""
    in_order = sorted(sittings, key=lambda sitting: sitting.starts_at)
    records = Attendance.objects.filter(occurrence__in=in_order, user__in=people)
    statuses: dict[tuple[UUID, UUID], str] = {
        (user_id, occurrence_id): status
        for user_id, occurrence_id, status in records.values_list("user_id", "occurrence_id", "status")
    }
    void = set(
        SittingOutcome.objects.filter(occurrence__in=in_order, result=SittingResult.VOID).values_list("pk", flat=True)
    )
    rows = [_row(person, in_order, statuses, void) for person in people]
    seen = {mark for row in rows for mark in row.marks}
    return Grid(
        columns=[Column(starts_at=sitting.starts_at, url=_page_of(sitting)) for sitting in in_order],
        rows=rows,
        legend=[mark for mark in _all_marks() if mark in seen],
    )


def _row(person: User, sittings: Sequence[Occurrence], statuses: dict[tuple[UUID, UUID], str], void: set[UUID]) -> Row:
    found = [statuses.get((person.pk, sitting.pk)) for sitting in sittings]
    marks = [_void() if sitting.pk in void else _mark(status) for sitting, status in zip(sittings, found, strict=True)]
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
    return Mark(kind=VOID, word=str(SittingResult.VOID.label))


def _all_marks() -> list[Mark]:
    return [*(_mark(status) for status in AttendanceStatus), _void(), _mark(None)]


def _page_of(sitting: Occurrence) -> str:
    return reverse("meeting-attendance", args=[sitting.meeting_id]) + f"?occurrence={sitting.pk}"
