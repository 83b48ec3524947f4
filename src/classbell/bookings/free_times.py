"""
Free times as the API shows them: asked for most often of all, by people and by programs, so they are written as text at once.

A schema would look at each of thousands of slots again, and JSON would be made of the same few thousand texts each time.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from classbell.accounts.wall import past_the_wall
from classbell.bookings import queries
from classbell.bookings.errors import NoSuchBooking
from classbell.bookings.models import Booking
from classbell.bookings.schemas.teachers import SlotsQuery
from classbell.bookings.slots import FreeSlots, find_slots
from classbell.meetings.hosts.pool import ends_after


def free_times(asked: SlotsQuery, *, now: datetime) -> tuple[str, FreeSlots]:
    """
    Return a teacher's free times of a day or of several as JSON, a `SlotsAnswer`, and what they were written from. One
    statement where all hosts are licensed and no booking is to be moved. Raises TeacherNotFound, NoSuchBooking.
    """
    moving = _to_move(asked.booking_id, asked.teacher_id) if asked.booking_id else None
    found = find_slots(
        teacher_id=asked.teacher_id,
        first=asked.date,
        days=asked.days or 1,
        minutes=asked.duration,
        timezone=asked.timezone,
        now=now,
        own_claims=queries.own_claims(moving) if moving else (),
    )
    head = {"teacher_id": str(asked.teacher_id), "timezone": found.zone.key, "duration": asked.duration}
    if found.may_end_early and (limit := ends_after(asked.duration, [asked.teacher_id])) is not None:
        head["ends_after_minutes"] = limit
    days = write_days(found)
    rest = days[0][1:] if asked.days is None else f'"days": [{", ".join(days)}]}}'
    return f"{json.dumps(head)[:-1]}, {rest}", found


def write_days(found: FreeSlots) -> Sequence[str]:
    """Return one `{"date", "available_slots"}` a day as JSON."""
    by_day: dict[str, list[str]] = {
        (found.first + timedelta(days=number)).isoformat(): [] for number in range(found.days)
    }
    zone, minutes = found.zone, found.minutes
    for start in found.starts:
        day, slot = _write_slot(zone, start, minutes)
        if found.warned and (holiday := found.holiday_at(start)):
            slot = f'{slot[:-1]}, "holiday": {json.dumps(holiday)}}}'
        by_day[day].append(slot)
    return [f'{{"date": "{day}", "available_slots": [{", ".join(slots)}]}}' for day, slots in by_day.items()]


@lru_cache(maxsize=20_000)
def _write_slot(zone: ZoneInfo, start: int, minutes: int) -> tuple[str, str]:
    """
    Return the local date of a slot, and the slot as JSON.

    Remembered: everybody who looks at the same weeks asks for the same few thousand.
    """
    begins, ends = _local(zone, start), _local(zone, start + minutes)
    slot = {
        "start_time": begins[11:16],
        "end_time": ends[11:16],
        "datetime_start": begins,
        "datetime_end": ends,
    }
    return begins[:10], json.dumps(slot)


def _local(zone: ZoneInfo, minute: int) -> str:
    """Return a minute since 1970 in ISO 8601 with the offset of that place."""
    return datetime.fromtimestamp(minute * 60, UTC).astimezone(zone).isoformat()


def _to_move(booking_id: UUID, teacher_id: UUID) -> Booking:
    with past_the_wall():
        booking = Booking.objects.select_related("meeting").filter(pk=booking_id, teacher=teacher_id).first()
    if booking is None:
        raise NoSuchBooking
    return booking
