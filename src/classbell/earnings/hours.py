"""What a teacher taught in a month and is owed for it, and what all of them are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from classbell.accounts.disclosure import name_of
from classbell.accounts.models import User
from classbell.accounts.wall import bare_values_about
from classbell.earnings.months import Month
from classbell.earnings.services import rules_in_force
from classbell.earnings.statements import LINES, TOTALS


class State(TextChoices):
    """What became of a session, as far as its teacher's pay is concerned."""

    HELD = "held", _("Held")
    STUDENT_AWAY = "student_away", _("No student came")
    LATE_CANCELLED = "late_cancelled", _("Cancelled too late")
    UNKNOWN = "unknown", _("Not known")
    NOT_HELD = "not_held", _("Did not take place")
    TEACHER_AWAY = "teacher_away", _("The teacher did not come")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """
    One session of a teacher, or a lesson that was lost by cancelling too late (then `booking_id` names it). `percent` of the
    rate is paid; `rate`, `currency`, `per` and `amount` are None where no rate held that day. `taught_minutes` is how long
    the teacher was there within the planned time, None where nobody knows.
    """

    occurrence_id: UUID | None
    booking_id: UUID | None
    meeting_id: UUID | None
    title: str
    group: str
    kind: str
    instead_of: str
    starts_at: datetime
    ends_at: datetime
    planned_minutes: int
    taught_minutes: int | None
    state: State
    percent: int
    rate: int | None
    currency: str | None
    per: str | None
    amount: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """
    Sessions together: all of them, those held, those that are paid at all and the planned minutes of these, the minutes that
    the teacher was there; what is owed, by currency; and how many that are to be paid have no rate.
    """

    sessions: int
    held: int
    paid: int
    paid_minutes: int
    taught_minutes: int
    owed: Mapping[str, int]
    without_rate: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TeacherTotals:
    """One teacher's month."""

    teacher: User
    totals: Totals


NOTHING: Final = Totals(sessions=0, held=0, paid=0, paid_minutes=0, taught_minutes=0, owed={}, without_rate=0)


def lines_of(teacher_id: UUID, month: Month, *, now: datetime) -> list[Line]:
    """Return each session of a teacher's month that is over, in the order of time. Three statements, whatever there is."""
    bare_values_about(teacher_id)
    rows = _fetch(LINES, month, teacher_id=teacher_id, now=now)
    names = {person.pk: name_of(person) for person in User.objects.filter(pk__in={row[6] for row in rows if row[6]})}
    return [
        Line(
            occurrence_id=row[0],
            booking_id=row[1],
            meeting_id=row[2],
            title=row[3],
            group=row[4] or "",
            kind=row[5] or "",
            instead_of=names.get(row[6], ""),
            starts_at=row[7],
            ends_at=row[8],
            planned_minutes=row[9],
            taught_minutes=row[10],
            state=State(row[11]),
            percent=row[12],
            rate=row[13],
            currency=row[14],
            per=row[15],
            amount=row[16],
        )
        for row in rows
    ]


def totals_of(lines: Iterable[Line]) -> Totals:
    """Return some lines of one teacher together. Pure."""
    lines = list(lines)
    owed: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.currency is not None and line.amount is not None:
            owed[line.currency] += line.amount
    paid = [line for line in lines if line.percent > 0]
    return Totals(
        sessions=len(lines),
        held=sum(line.state == State.HELD for line in lines),
        paid=len(paid),
        paid_minutes=sum(line.planned_minutes for line in paid),
        taught_minutes=sum(line.taught_minutes or 0 for line in lines),
        owed=dict(sorted(owed.items())),
        without_rate=sum(line.currency is None for line in paid),
    )


def of_all_teachers(month: Month, *, now: datetime) -> list[TeacherTotals]:
    """Return everybody who held a session of a month that is over, by name. Three statements for all of them."""
    bare_values_about(None)
    of: dict[UUID, Totals] = {}
    for teacher_id, currency, sessions, held, paid, paid_minutes, taught, amount in _fetch(TOTALS, month, now=now):
        before = of.get(teacher_id, NOTHING)
        of[teacher_id] = Totals(
            sessions=before.sessions + sessions,
            held=before.held + held,
            paid=before.paid + paid,
            paid_minutes=before.paid_minutes + paid_minutes,
            taught_minutes=before.taught_minutes + taught,
            owed=before.owed if currency is None else {**before.owed, currency: amount},
            without_rate=before.without_rate + (paid if currency is None else 0),
        )
    people = User.objects.in_bulk(of)
    found = [TeacherTotals(teacher=people[pk], totals=totals) for pk, totals in of.items()]
    return sorted(found, key=lambda one: (one.teacher.name.casefold(), one.teacher.pk))


def _fetch(statement: str, month: Month, *, now: datetime, teacher_id: UUID | None = None) -> list[tuple[Any, ...]]:
    rules = rules_in_force()
    start, end = month.bounds
    asked: dict[str, Any] = {
        "start": start,
        "end": end,
        "now": now,
        "zone": month.zone.key,
        "teacher_id": teacher_id,
        "late_cancellation": rules.late_cancellation_percent,
        "student_away": rules.student_away_percent,
        "unknown": 100 if rules.pays_unknown else 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
