"""Laying out a meeting's sessions, and the claims they make."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from classbell.holidays.queries import Holidays, holidays_from
from classbell.meetings import claims
from classbell.meetings.claims import NewClaim
from classbell.meetings.models import Claim, ClaimKind, Meeting, Occurrence, OccurrenceStatus
from classbell.meetings.recurrence import expand


def lay_out(
    meeting: Meeting,
    *,
    cancelled: Mapping[date, str],
    holidays: Holidays | None = None,
    held: Collection[datetime] = (),
) -> list[Occurrence]:
    """
    Return the sessions of a meeting, not saved, in order.

    `cancelled` maps local dates (in the meeting's timezone) on which it does not take place to the reason shown: those
    sessions exist, cancelled. So do those of a series that begin in a holiday which leaves dates out, except for slots that
    are `held` already, about which people decided when the holiday was added. A single date is what somebody chose: it stays.

    `holidays` saves reading them for each of many meetings.
    """
    if holidays is None:
        holidays = holidays_from(meeting.starts_at) if meeting.rule else Holidays([])
    zone = meeting.zone
    first = meeting.starts_at.astimezone(zone).replace(tzinfo=None)
    length = timedelta(minutes=meeting.duration_minutes)
    occurrences = []
    for starts_at in expand(starts_at=first, timezone=zone, rule=meeting.rule or None):
        reason = cancelled.get(starts_at.astimezone(zone).date())
        if reason is None and meeting.rule and starts_at not in held:
            holiday = holidays.left_out(starts_at, group_id=meeting.group_id, teacher_id=meeting.teacher_id)
            reason = holiday.reason if holiday else None
        occurrences.append(
            Occurrence(
                meeting=meeting,
                original_starts_at=starts_at,
                starts_at=starts_at,
                ends_at=starts_at + length,
                status=OccurrenceStatus.SCHEDULED if reason is None else OccurrenceStatus.CANCELLED,
                cancellation_reason=reason or "",
            )
        )
    return occurrences


def teacher_claims(occurrences: Iterable[Occurrence], *, shared: bool = False) -> list[NewClaim]:
    """Return the claims on the teachers' time of all sessions that take place."""
    return [
        NewClaim(
            kind=ClaimKind.TEACHER,
            resource_id=occurrence.teacher_id,
            starts_at=occurrence.starts_at,
            ends_at=occurrence.ends_at,
            occurrence_id=occurrence.pk,
            shared=shared,
        )
        for occurrence in occurrences
        if not occurrence.is_cancelled
    ]


def retake_teachers_time(occurrences: Sequence[Occurrence]) -> list[NewClaim]:
    """
    Claim the teachers' time of these sessions as they are now instead of as they were, and return what was refused. A session
    that an admin let share its teacher's time goes on sharing it.
    """
    ids = [occurrence.pk for occurrence in occurrences]
    shared = set(Claim.objects.filter(occurrence__in=ids, shared=True).values_list("occurrence", flat=True))
    claims.release(occurrence_ids=ids, kind=ClaimKind.TEACHER)
    return claims.take(replace(claim, shared=claim.occurrence_id in shared) for claim in teacher_claims(occurrences))


def ahead(occurrences: Iterable[Occurrence], now: datetime) -> list[Occurrence]:
    """Return the sessions that have not started and take place."""
    return [o for o in occurrences if o.starts_at > now and not o.is_cancelled]
