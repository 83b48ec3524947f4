"""
Taking and freeing time: the only code that writes claims.

Claims are taken with INSERT … ON CONFLICT DO NOTHING, in one order for all. A plain insert would wait inside the
exclusion constraint for every other one, and many at once would deadlock there; this way the loser learns at once that it
has lost.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from classbell.ids import uuid7
from classbell.meetings.models import Claim, ClaimKind
from classbell.meetings.periods import Interval, minus, union

# Somebody books while the rest is taken: it is worked out once more.
MOST_ROUNDS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class NewClaim:
    """A resource wanted for [starts_at, ends_at), for an occurrence, a foreign meeting, or whatever has the id `held_by`."""

    kind: ClaimKind
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    occurrence_id: UUID | None = None
    foreign_meeting_id: UUID | None = None
    held_by: UUID | None = None
    shared: bool = False
    id: UUID = field(default_factory=uuid7)


def take(wanted: Iterable[NewClaim]) -> list[NewClaim]:
    """
    Take what is free and return the claims that were refused because something else has that time.

    One statement, whatever the number. Call it in a transaction and roll back when a refusal means "not at all".
    """
    ordered = sorted(wanted, key=lambda claim: (claim.resource_id, claim.starts_at))
    if not ordered:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO meetings_claim
                   (id, kind, resource_id, during, occurrence_id, foreign_meeting_id, held_by, shared)
            SELECT id, kind, resource_id, tstzrange(starts_at, ends_at), occurrence_id, foreign_meeting_id, held_by, shared
            FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::uuid[],
                        %s::uuid[], %s::uuid[], %s::boolean[])
                 AS wanted (id, kind, resource_id, starts_at, ends_at, occurrence_id, foreign_meeting_id, held_by, shared)
            ORDER BY resource_id, starts_at
            ON CONFLICT DO NOTHING
            RETURNING id
            """,
            [
                [claim.id for claim in ordered],
                [claim.kind.value for claim in ordered],
                [claim.resource_id for claim in ordered],
                [claim.starts_at for claim in ordered],
                [claim.ends_at for claim in ordered],
                [claim.occurrence_id for claim in ordered],
                [claim.foreign_meeting_id for claim in ordered],
                [claim.held_by for claim in ordered],
                [claim.shared for claim in ordered],
            ],
        )
        taken = {row[0] for row in cursor.fetchall()}
    return [claim for claim in ordered if claim.id not in taken]


def release(*, occurrence_ids: Collection[UUID], kind: ClaimKind | None = None) -> None:
    """Free what these occurrences hold, or only one kind of it."""
    claims = Claim.objects.filter(occurrence_id__in=occurrence_ids)
    (claims.filter(kind=kind) if kind else claims).delete()


def release_held(*, held_by: UUID, kind: ClaimKind | None = None) -> None:
    """Free what something above the engine holds, or only one kind of it."""
    claims = Claim.objects.filter(held_by=held_by)
    (claims.filter(kind=kind) if kind else claims).delete()


def keep_elsewhere(*, person_id: UUID, busy: Iterable[Interval]) -> None:
    """
    Let a person be taken at these times by what stands in their own calendars, and at no others: what they have here already
    stays as it is, and only what differs is written. No claim is longer than a day.

    In a transaction in which nobody else does the same for this person.
    """
    held = {
        (during.lower, during.upper): pk
        for pk, during in Claim.objects.filter(held_by=person_id, kind=ClaimKind.ELSEWHERE).values_list("pk", "during")
    }
    stretches = union(busy)
    for _round in range(MOST_ROUNDS):
        wanted = set(_by_day(minus(stretches, _taken_here(person_id, stretches))))
        gone = [held.pop(period) for period in [*held] if period not in wanted]
        if gone:
            Claim.objects.filter(pk__in=gone).delete()
        new = {
            period: NewClaim(
                kind=ClaimKind.ELSEWHERE,
                resource_id=person_id,
                starts_at=period[0],
                ends_at=period[1],
                held_by=person_id,
            )
            for period in wanted - held.keys()
        }
        refused = {claim.id for claim in take(new.values())}
        held |= {period: claim.id for period, claim in new.items() if claim.id not in refused}
        if not refused:
            return


def _taken_here(person_id: UUID, stretches: Sequence[Interval]) -> list[Interval]:
    if not stretches:
        return []
    span = stretches[0][0], stretches[-1][1]
    others = Claim.objects.filter(resource_id=person_id, during__overlap=span, shared=False)
    rows = others.exclude(kind=ClaimKind.ELSEWHERE).values_list("during", flat=True)
    return [(during.lower, during.upper) for during in rows]


def _by_day(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Yield periods cut at each midnight (UTC): wherever they begin, the parts of their later days stay the same."""
    for starts_at, ends_at in intervals:
        begins = starts_at
        while begins < ends_at:
            midnight = datetime.combine(begins.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
            yield begins, min(midnight, ends_at)
            begins = midnight


def hand_over(*, from_id: UUID, to_id: UUID) -> list[Claim]:
    """Give all that one resource claims to another; return the claims that stay, because the other has that time taken."""
    staying = []
    for claim in Claim.objects.filter(resource_id=from_id).order_by("during"):
        try:
            with transaction.atomic():
                Claim.objects.filter(pk=claim.pk).update(resource_id=to_id)
        except IntegrityError:
            staying.append(claim)
    return staying


def ids_of(*, held_by: UUID, occurrence_ids: Collection[UUID] = ()) -> list[UUID]:
    """Return the ids of the claims that these hold: what does not stand in the way when they themselves move."""
    mine = Q(held_by=held_by) | Q(occurrence_id__in=occurrence_ids)
    return list(Claim.objects.filter(mine).values_list("pk", flat=True))


def conflicting(refused: Sequence[NewClaim], *, ignoring: Collection[UUID] = ()) -> list[tuple[NewClaim, Claim]]:
    """
    Pair each refused claim with one that stands in its way, to tell people what clashes with what. `ignoring` are ids of
    claims that will be gone by then: so it also tells beforehand what would be refused.
    """
    if not refused:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT wanted.id, claim.id
            FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::timestamptz[])
                 AS wanted (id, resource_id, starts_at, ends_at)
            CROSS JOIN LATERAL (
                SELECT id FROM meetings_claim
                WHERE resource_id = wanted.resource_id AND during && tstzrange(starts_at, ends_at) AND NOT shared
                      AND id <> ALL(%s::uuid[])
                ORDER BY lower(during) LIMIT 1
            ) AS claim
            """,
            [
                [claim.id for claim in refused],
                [claim.resource_id for claim in refused],
                [claim.starts_at for claim in refused],
                [claim.ends_at for claim in refused],
                list(ignoring),
            ],
        )
        blocker_of: dict[UUID, UUID] = dict(cursor.fetchall())
    blockers = Claim.objects.select_related("occurrence__meeting", "foreign_meeting").in_bulk(list(blocker_of.values()))
    return [(claim, blockers[blocker_of[claim.id]]) for claim in refused if claim.id in blocker_of]


def taken_periods(
    resource_ids: Collection[UUID], *, start: datetime, end: datetime, ignoring: Collection[UUID] = ()
) -> dict[UUID, list[Interval]]:
    """
    Return what each resource holds within [start, end), sorted, as half-open periods; `ignoring` as in `conflicting`.
    """
    periods: dict[UUID, list[Interval]] = {resource_id: [] for resource_id in resource_ids}
    rows = (
        Claim.objects.filter(resource_id__in=resource_ids, during__overlap=(start, end), shared=False)
        .exclude(pk__in=ignoring)
        .order_by("during")
        .values_list("resource_id", "during")
    )
    for resource_id, during in rows:
        periods[resource_id].append((during.lower, during.upper))
    return periods
