"""
Laying the coming sessions of a meeting out anew: rows stay the sessions they were, so that calendars, reminders and whatever
else hangs on one follow it to its new time.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from classbell.meetings.deviations import Deviation, carried_over
from classbell.meetings.models import Claim, Meeting, Occurrence
from classbell.meetings.schedule import lay_out

LAID_OUT: Final = (
    "original_starts_at",
    "starts_at",
    "ends_at",
    "status",
    "cancellation_reason",
    "is_exception",
    "substitute",
    "location",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CurrentLayout:
    """
    The coming sessions of a meeting as they are before a change: what was decided about single ones by their slot, and
    whether an admin let them share their teacher's time.
    """

    teacher_id: UUID
    rows: Sequence[Occurrence]
    decided: Mapping[datetime, Deviation]
    is_shared: bool

    @classmethod
    def of(cls, meeting: Meeting, now: datetime) -> Self:
        """Return how a meeting stands. Two statements."""
        rows = list(meeting.occurrences.filter(starts_at__gt=now).select_related("substitute").order_by("starts_at"))
        for row in rows:
            row.meeting = meeting
        return cls(
            teacher_id=meeting.teacher_id,
            rows=rows,
            decided={row.original_starts_at: Deviation.of(row) for row in rows if row.is_exception},
            is_shared=Claim.objects.filter(occurrence__in=rows, shared=True).exists(),
        )


def lay_out_anew(
    meeting: Meeting, current: CurrentLayout, cancelled: Mapping[date, str], *, now: datetime
) -> list[Occurrence]:
    """
    Make the coming sessions of a meeting what its rule now says, save them, and return them with those that stay.

    Sessions whose slot has passed are no longer the rule's to say: moved to a later time, they stay.
    """
    passed = [row for row in current.rows if row.original_starts_at <= now]
    rows = [row for row in current.rows if row.original_starts_at > now]
    slots = _slots(meeting, rows, current.decided, cancelled, now)
    laid_out: list[Occurrence] = []
    changed: list[Occurrence] = []
    added: list[Occurrence] = []
    for slot, row in _paired(slots, rows, meeting.zone):
        if row is None:
            added.append(slot)
        elif any(getattr(row, name) != getattr(slot, name) for name in LAID_OUT):
            changed.append(row)
        laid_out.append(_made(row, slot))
    kept = {one.pk for one in laid_out}
    meeting.occurrences.filter(pk__in=[one.pk for one in rows if one.pk not in kept]).delete()
    Occurrence.objects.bulk_update(changed, LAID_OUT)
    Occurrence.objects.bulk_create(added)
    return passed + laid_out


def _slots(
    meeting: Meeting,
    rows: Sequence[Occurrence],
    decided: Mapping[datetime, Deviation],
    cancelled: Mapping[date, str],
    now: datetime,
) -> list[Occurrence]:
    """Return the sessions to come by the new rule, not saved, with what was decided about single ones."""
    own = {row.pk for row in rows}
    held = {row.original_starts_at for row in rows if not row.is_cancelled}
    taken = set(meeting.occurrences.exclude(pk__in=own).values_list("original_starts_at", flat=True))
    laid_out = [
        slot
        for slot in lay_out(meeting, cancelled=cancelled, held=held)
        if slot.starts_at > now and slot.original_starts_at not in taken
    ]
    carried = carried_over(decided, [slot.original_starts_at for slot in laid_out], meeting.zone)
    for slot in laid_out:
        one = carried.get(slot.original_starts_at)
        # On a day that is cancelled, nothing else counts, except that its session had been moved away before.
        if one is not None and (one.moved_to or not slot.is_cancelled):
            one.apply_to(slot)
    return laid_out


def _paired(
    slots: Sequence[Occurrence], rows: Collection[Occurrence], zone: ZoneInfo
) -> Iterator[tuple[Occurrence, Occurrence | None]]:
    """Pair each slot with the session it was: the same slot, else the same day, else the next in order; None is a new one."""
    left = {row.original_starts_at: row for row in rows}
    was: dict[datetime, Occurrence] = {}
    for slot in slots:
        if row := left.pop(slot.original_starts_at, None):
            was[slot.original_starts_at] = row
    by_day = {slot.astimezone(zone).date(): slot for slot in left}
    for slot in slots:
        day = slot.original_starts_at.astimezone(zone).date()
        if slot.original_starts_at not in was and day in by_day:
            was[slot.original_starts_at] = left.pop(by_day.pop(day))
    in_order = iter(sorted(left.values(), key=lambda row: row.original_starts_at))
    for slot in slots:
        yield slot, was.get(slot.original_starts_at) or next(in_order, None)


def _made(row: Occurrence | None, slot: Occurrence) -> Occurrence:
    """Return the row with what its slot says; without one the slot itself, which becomes one."""
    if row is None:
        return slot
    for name in LAID_OUT:
        setattr(row, name, getattr(slot, name))
    row.meeting = slot.meeting
    return row
