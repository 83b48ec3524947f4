"""
The one meeting of a series, which holds the dates that are confirmed.

It follows the rule of the whole series; dates that were left out, declined or not answered yet are cancelled sessions of it,
which take nobody's time. Call these with the series locked.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from classbell import reasons
from classbell.bookings.models import Booking, BookingSeries, BookingStatus
from classbell.meetings import claims, jobs
from classbell.meetings.batches import cancel_occurrences
from classbell.meetings.chains import apply
from classbell.meetings.deviations import Deviation
from classbell.meetings.models import Audience, ClaimKind, Meeting, Registrant
from classbell.meetings.services import MeetingSpec, after_request, bump_revision, cancel_meeting, want_meeting

HELD: Final = (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)


def hold_dates(series: BookingSeries, dates: Collection[Booking], *, now: datetime) -> None:
    """
    Have the series' meeting hold these dates too, in place of the teacher's time that they claim; without a meeting that is
    wanted there is a new one. Saves which session each is, and nothing else of them.

    Raises TeacherBusy, HostBusy.
    """
    for date in dates:
        claims.release_held(held_by=date.pk, kind=ClaimKind.TEACHER)
    meeting = series.meeting
    if meeting is None or not meeting.wanted:
        meeting = _want_for(series, dates, now)
    rows = {row.original_starts_at: row for row in meeting.occurrences.all()}
    missing = [deviation_of(date) for date in dates if date.slot and rows[date.slot].is_cancelled]
    if missing:
        apply(meeting, {deviation.slot: deviation for deviation in missing}, now=now)
        bump_revision(meeting, now)
        jobs.defer_reconcile([meeting.pk], batch=False, at=after_request(now))
    for date in dates:
        assert date.slot is not None  # noqa: S101 -- dates of a series have one
        date.occurrence, date.series = rows[date.slot], series
        date.save(update_fields=["occurrence", "updated_at"])


def hold_again(series: BookingSeries, *, now: datetime) -> Meeting:
    """Want a meeting once more for what is confirmed of a series and still to come. Raises what `hold_dates` does."""
    dates = list(series.dates.filter(status=BookingStatus.CONFIRMED, ends_at__gt=now).select_related("series"))
    hold_dates(series, dates, now=now)
    assert series.meeting is not None  # noqa: S101 -- just wanted
    return series.meeting


def release_dates(dates: Collection[Booking], *, reason: str, now: datetime) -> None:
    """
    Have the meeting of their series hold these dates, all of one series, no more; those that have begun stay its sessions.
    When nothing of the series lies ahead any more, it is not wanted any more.
    """
    series = next((date.series for date in dates), None)
    if series is None or series.meeting is None:
        return
    others = series.dates.filter(status__in=HELD, ends_at__gt=now).exclude(pk__in=[date.pk for date in dates])
    if not others.exists():
        cancel_meeting(meeting_id=series.meeting.pk, now=now, reason=reason)
        return
    held = [date.occurrence_id for date in dates if date.occurrence_id is not None]
    cancel_occurrences(occurrence_ids=held, reason=reason, now=now)


def deviation_of(date: Booking) -> Deviation:
    """Return how a date differs from the rule of its series."""
    assert date.slot is not None and date.series is not None  # noqa: S101, PT018 -- dates of a series have both
    is_moved = date.starts_at != date.slot or date.duration_minutes != date.series.duration_minutes
    return Deviation(slot=date.slot, moved_to=(date.starts_at, date.ends_at) if is_moved else None)


def _want_for(series: BookingSeries, dates: Collection[Booking], now: datetime) -> Meeting:
    """Want a meeting by the rule of a series that holds those of these dates that were not moved."""
    by_rule = {date.slot for date in dates if deviation_of(date).moved_to is None}
    left_out = [slot for slot in series.slots if slot not in by_rule]
    meeting = want_meeting(meeting_spec(series, left_out), now=now, soon=True)
    Registrant.objects.create(meeting=meeting, user=series.student)
    series.meeting = meeting
    series.save(update_fields=["meeting", "updated_at"])
    return meeting


def meeting_spec(series: BookingSeries, left_out: Collection[datetime]) -> MeetingSpec:
    """Return the meeting of a series without the dates that are left out."""
    return MeetingSpec(
        teacher=series.teacher,
        title=f"{series.student.name} · {series.teacher.name}",
        description=series.notes,
        starts_at=series.starts_at,
        duration_minutes=series.duration_minutes,
        timezone=series.timezone,
        rule=series.rule,
        audience=Audience.INVITED,
        cancelled={slot.astimezone(series.zone).date(): reasons.LEFT_OUT for slot in left_out},
    )
