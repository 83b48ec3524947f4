"""
How single sessions differ from their series: moved, cancelled, given to a substitute.

A series that is laid out anew begins with its rule; what was decided about single sessions is read before and holds again
afterwards.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from classbell.accounts.models import User
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Deviation:
    """What was decided about one session. `slot` is where its rule puts it; `moved_to` is None where it stays there."""

    slot: datetime
    moved_to: tuple[datetime, datetime] | None = None
    substitute: User | None = None
    is_cancelled: bool = False
    reason: str = ""
    location: str = ""

    @classmethod
    def of(cls, occurrence: Occurrence) -> Self:
        """Return how a session differs from its rule."""
        stands_out = occurrence.starts_at != occurrence.original_starts_at or _lasts_otherwise(occurrence)
        return cls(
            slot=occurrence.original_starts_at,
            moved_to=(occurrence.starts_at, occurrence.ends_at) if stands_out else None,
            substitute=occurrence.substitute,
            is_cancelled=occurrence.is_cancelled,
            reason=occurrence.cancellation_reason,
            location=occurrence.location,
        )

    def apply_to(self, occurrence: Occurrence) -> None:
        """Make a session, as its rule has it, what was decided about it. Does not save."""
        occurrence.is_exception = True
        occurrence.status = OccurrenceStatus.CANCELLED if self.is_cancelled else OccurrenceStatus.SCHEDULED
        occurrence.cancellation_reason = self.reason
        occurrence.substitute = self.substitute
        occurrence.location = self.location
        if self.moved_to is not None:
            occurrence.starts_at, occurrence.ends_at = self.moved_to


def deviations_of(meetings: Collection[Meeting], *, now: datetime) -> dict[datetime, Deviation]:
    """Return what was decided about sessions of these meetings that are still to come, by slot, in order."""
    return {row.original_starts_at: Deviation.of(row) for row in standing_out(meetings, now)}


def carried_over(
    deviations: Mapping[datetime, Deviation], slots: Collection[datetime], timezone: ZoneInfo
) -> dict[datetime, Deviation]:
    """
    Return what holds for the slots of a new layout. Where a slot stays, all of it; where a day has another time now, that
    its session is cancelled, or who holds it and where, but not the time it was moved to.
    """
    by_day: dict[date, Deviation] = {slot.astimezone(timezone).date(): one for slot, one in deviations.items()}
    carried = {}
    for slot in slots:
        found = deviations.get(slot) or by_day.get(slot.astimezone(timezone).date())
        if found is None:
            continue
        if found.slot == slot:
            carried[slot] = found
        elif found.is_cancelled or found.substitute or found.location:
            carried[slot] = replace(found, slot=slot, moved_to=None)
    return carried


def standing_out(meetings: Collection[Meeting], now: datetime) -> list[Occurrence]:
    """Return the coming sessions with a slot to come that somebody changed by themselves."""
    rows = Occurrence.objects.filter(meeting__in=meetings, is_exception=True, starts_at__gt=now)
    return list(rows.filter(original_starts_at__gt=now).select_related("meeting", "substitute").order_by("starts_at"))


def _lasts_otherwise(occurrence: Occurrence) -> bool:
    minutes = (occurrence.ends_at - occurrence.starts_at).total_seconds() / 60
    return minutes != occurrence.meeting.duration_minutes
