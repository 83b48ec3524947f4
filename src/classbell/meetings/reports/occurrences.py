"""
Reports about sessions, from the stays of everybody who was in them, known or not, and from what is counted of their records.

Each takes the sessions it is about as a queryset: `reports.reported_occurrences(user)`, narrowed down as the reader asks.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from classbell.meetings.models import Occurrence

NIL: Final = UUID(int=0)

# How long each person was in each session. A stay counts only from where all earlier ones of that person had ended: these
# pieces add up to the length of their union. (range_agg takes longer: bench_reports measures both.) Whoever could not be
# matched is one person per e-mail or, without one, per name.
STRANGER: Final = "CASE WHEN p.user_id IS NULL THEN lower(COALESCE(NULLIF(p.email, ''), p.name)) END AS stranger"
PEOPLE: Final = f"""
WITH occurrence AS ({{occurrences}}), stay AS (
    SELECT p.occurrence_id, p.user_id, p.joined_at, COALESCE(p.left_at, s.ended) AS left_at, {STRANGER}
    FROM meetings_participation p JOIN occurrence s ON s.id = p.occurrence_id
), piece AS (
    SELECT *, max(left_at) OVER (
        PARTITION BY occurrence_id, user_id, stranger ORDER BY joined_at
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_until
    FROM stay
), person AS (
    SELECT occurrence_id, user_id, stranger, min(joined_at) AS first_joined_at, max(left_at) AS last_left_at,
           sum(extract(epoch FROM GREATEST(left_at - GREATEST(joined_at, covered_until), interval '0'))) AS seconds
    FROM piece GROUP BY occurrence_id, user_id, stranger
)
"""
FIGURES: Final = (
    PEOPLE
    + """, figures AS (
    SELECT s.id, s.started, s.ended, s.status, COALESCE(seen.participants, 0) AS participants,
           COALESCE(seen.seconds, 0)::bigint AS seconds,
           COALESCE(c.present + c.late + c.partial + c.absent + c.excused + c.unknown, 0) AS expected,
           COALESCE(c.present + c.late + c.partial, 0) AS attended,
           COALESCE(c.present + c.late + c.partial + c.absent, 0) AS known
    FROM occurrence s
    LEFT JOIN (
        SELECT occurrence_id, count(*) AS participants, sum(seconds) AS seconds FROM person GROUP BY occurrence_id
    ) seen ON seen.occurrence_id = s.id
    LEFT JOIN meetings_attendancecount c ON c.occurrence_id = s.id
)
"""
)
BY_OCCURRENCE: Final = (
    FIGURES + "SELECT id, participants, seconds, expected, attended, known FROM figures ORDER BY started, id"
)
TOTALS: Final = (
    FIGURES
    + """
SELECT count(*), count(*) FILTER (WHERE status = 'ended'),
       COALESCE(sum(extract(epoch FROM ended - started)) FILTER (WHERE status = 'ended'), 0)::bigint / 60,
       COALESCE(sum(participants), 0)::bigint, COALESCE(sum(seconds), 0)::bigint,
       COALESCE(sum(expected), 0)::bigint, COALESCE(sum(attended), 0)::bigint, COALESCE(sum(known), 0)::bigint
FROM figures
"""
)
IN_OCCURRENCE: Final = (
    PEOPLE
    + """
SELECT user_id, first_joined_at, last_left_at, seconds::bigint FROM person ORDER BY first_joined_at, user_id, stranger
"""
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonInOccurrence:
    """How long one person was in one session; `user_id` None: nobody knows who it was."""

    user_id: UUID | None
    first_joined_at: datetime
    last_left_at: datetime
    seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """
    `participants` is everybody seen, `seconds` theirs together; `attended` are those of the `expected` who came, and of
    `known` of them it is known whether they did.
    """

    participants: int
    seconds: int
    expected: int
    attended: int
    known: int

    @property
    def rate(self) -> float | None:
        """How many of those expected attended, 0 to 1; None when it is known of nobody."""
        return self.attended / self.known if self.known else None


@dataclass(frozen=True, kw_only=True, slots=True)
class OccurrenceFigures(Figures):
    """One session."""

    occurrence_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals(Figures):
    """Many sessions together: people are counted once per session, `minutes` is how long those that ended ran."""

    occurrences: int
    ended: int
    minutes: int


def people_in(occurrence: Occurrence) -> list[PersonInOccurrence]:
    """
    Return everybody seen in one session, in the order of arrival. One statement.

    Who is still there counts until the session's end.
    """
    return [
        PersonInOccurrence(user_id=user_id, first_joined_at=first, last_left_at=last, seconds=seconds)
        for user_id, first, last, seconds in _fetch(IN_OCCURRENCE, Occurrence.objects.filter(pk=occurrence.pk))
    ]


def by_occurrence(occurrences: QuerySet[Occurrence]) -> list[OccurrenceFigures]:
    """Return the figures of each session, in the order of time. One statement."""
    return [
        OccurrenceFigures(
            occurrence_id=pk,
            participants=participants,
            seconds=seconds,
            expected=expected,
            attended=attended,
            known=known,
        )
        for pk, participants, seconds, expected, attended, known in _fetch(BY_OCCURRENCE, occurrences)
    ]


def totals(occurrences: QuerySet[Occurrence]) -> Totals:
    """Return the figures of all these sessions together. One statement."""
    ((count, ended, minutes, participants, seconds, expected, attended, known),) = _fetch(TOTALS, occurrences)
    return Totals(
        occurrences=count,
        ended=ended,
        minutes=minutes,
        participants=participants,
        seconds=seconds,
        expected=expected,
        attended=attended,
        known=known,
    )


def _fetch(statement: str, occurrences: QuerySet[Occurrence]) -> list[tuple[Any, ...]]:
    try:
        selection, chosen_by = _selection(occurrences)
    except EmptyResultSet:  # The filters can match nothing, for which Django writes no SQL at all.
        selection, chosen_by = _selection(Occurrence.objects.filter(pk=NIL))
    with connection.cursor() as cursor:
        cursor.execute(statement.format(occurrences=selection), chosen_by)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _selection(occurrences: QuerySet[Occurrence]) -> tuple[str, tuple[Any, ...]]:
    chosen = occurrences.annotate(
        started=Coalesce("actual_starts_at", "starts_at"), ended=Coalesce("actual_ends_at", "ends_at")
    )
    return chosen.values("id", "status", "started", "ended").query.sql_with_params()
