"""
Holding the rest of a series at another time.

When everything that is still to come moves, the rule of its meeting changes, which Zoom follows in one step. From a later
date on, the dates move one by one; the meeting keeps its link all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from classbell import reasons
from classbell.accounts.models import User
from classbell.bookings import policies
from classbell.bookings.errors import OverlapsOwnSessions, SlotUnavailable
from classbell.bookings.models import Booking, BookingSeries, BookingStatus, Reschedule
from classbell.bookings.queries import own_claims
from classbell.bookings.series import notifications
from classbell.bookings.series.errors import DatesUnavailable, NothingToCome
from classbell.bookings.series.planning import clashes_of, overlaps_of
from classbell.bookings.series.services import coming_dates, locked_series
from classbell.bookings.services import close_dates
from classbell.bookings.signals import booking_changed
from classbell.bookings.times import check_period, hold, lock_people
from classbell.bookings.weekly import rule_of
from classbell.holidays.locks import hold_holidays
from classbell.holidays.models import Holiday
from classbell.holidays.queries import holidays_from, name_for
from classbell.meetings import chains, claims
from classbell.meetings.changes import change_meeting
from classbell.meetings.deviations import Deviation
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import ClaimKind, Meeting, Occurrence
from classbell.meetings.occurrences import move_occurrence
from classbell.meetings.recurrence import place
from classbell.meetings.signals import occurrence_moved


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesMove:
    """What became of the dates: those that were `moved`, and those `left_out` whose new time begins in a holiday."""

    series: BookingSeries
    moved: Sequence[Booking]
    left_out: Sequence[Booking]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """Where one date goes; `holiday` is what it would begin in there."""

    date: Booking
    slot: datetime
    ends_at: datetime
    holiday: Holiday | None


def reschedule_series(
    *,
    series_id: UUID,
    by: User,
    starts_at: datetime,
    duration_minutes: int | None = None,
    since: datetime | None = None,
    reason: str = "",
    despite_overlap: bool = False,
    guardian: User | None = None,
    now: datetime,
) -> SeriesMove:
    """
    Hold what is to come of a series, or what begins from `since` on, at another time of the week: the first of these dates at
    `starts_at`, the others as many weeks after it as before. The caller goes on to `sync_now`. A date whose new time begins
    in a holiday that leaves dates out is cancelled; those that were moved by themselves come along with the others. To the
    times that they have, as when somebody asks twice, nothing moves: no move is kept or told.

    `guardian` is who does it for the student, `by`, if one does.

    Students move to free times, within the policy. Raises NothingToCome, DatesUnavailable, OverlapsOwnSessions,
    NoticeTooShort, TooManyReschedules, InvalidPeriod: then nothing is moved.
    """
    with transaction.atomic():
        hold_holidays()
        series = locked_series(series_id)
        dates = coming_dates(series, since=since, now=now)
        if not dates:
            raise NothingToCome
        lock_people(series.student_id, series.teacher_id)
        minutes = duration_minutes or series.duration_minutes
        check_period(starts_at, starts_at + timedelta(minutes=minutes))
        steps = _steps(series, dates, starts_at, minutes)
        if all((step.slot, step.ends_at) == (step.date.starts_at, step.date.ends_at) for step in steps):
            return SeriesMove(series=series, moved=[], left_out=[])
        _check_policy(series, dates, by, now)
        kept = [step for step in steps if step.holiday is None]
        _refuse(series, steps, kept, by=by, despite_overlap=despite_overlap, now=now)
        left_out = [step for step in steps if step.holiday is not None]
        for step in left_out:
            close_dates([step.date], reason=step.holiday.reason if step.holiday else "", by=guardian or by, now=now)
        moves = [_move_of(step, by=by, guardian=guardian, reason=reason, now=now) for step in kept]
        _carry_out(series, kept, moves, minutes, now=now)
        moved = [step.date for step in kept]
        notifications.moved(series, moved, by=guardian or by, reason=reason, now=now)
    return SeriesMove(series=series, moved=moved, left_out=[step.date for step in left_out])


def _check_policy(series: BookingSeries, dates: Sequence[Booking], by: User, now: datetime) -> None:
    policy = policies.policy_of(series.teacher_id)
    moved = policies.moves_this_month(by, [series.teacher_id], now=now)[series.teacher_id]
    for number, one in enumerate(dates):
        policies.check_reschedule(one, by, policy, moved=moved + number, now=now)


def _steps(series: BookingSeries, dates: Sequence[Booking], starts_at: datetime, minutes: int) -> list[_Step]:
    """Return where each date goes, in the order of the rule: the wall time of the first, as many days after it as before."""
    zone = series.zone
    ordered = sorted(((one.slot, one) for one in dates if one.slot is not None), key=lambda pair: pair[0])
    wall = starts_at.astimezone(zone).replace(tzinfo=None)
    first = ordered[0][0].astimezone(zone).date()
    holidays = holidays_from(starts_at)
    steps = []
    for was, one in ordered:
        slot = place(wall + (was.astimezone(zone).date() - first), zone)
        holiday = holidays.left_out(slot, teacher_id=series.teacher_id)
        steps.append(_Step(date=one, slot=slot, ends_at=slot + timedelta(minutes=minutes), holiday=holiday))
    return steps


def _refuse(
    series: BookingSeries,
    steps: Sequence[_Step],
    kept: Sequence[_Step],
    *,
    by: User,
    despite_overlap: bool,
    now: datetime,
) -> None:
    """Raise DatesUnavailable, OverlapsOwnSessions when the dates cannot go where they should."""
    if not kept:
        raise DatesUnavailable(
            [(step.slot, step.ends_at, name_for(step.holiday, by)) for step in steps if step.holiday]
        )
    periods = [(step.slot, step.ends_at) for step in kept]
    is_own_student = by.pk == series.student_id
    clashes = clashes_of(
        periods,
        teacher=series.teacher,
        student=series.student,
        by_availability=is_own_student,
        own_claims=[claim for step in steps for claim in own_claims(step.date)],
        now=now,
    )
    if any(clashes):
        raise DatesUnavailable(
            [(step.slot, step.ends_at, clash) for step, clash in zip(kept, clashes, strict=True) if clash]
        )
    overlapped = [session for sessions in overlaps_of(series.student, periods) for session in sessions]
    if is_own_student and overlapped and not despite_overlap:
        raise OverlapsOwnSessions(overlapped)


def _carry_out(
    series: BookingSeries, steps: Sequence[_Step], moves: Sequence[Reschedule], minutes: int, *, now: datetime
) -> None:
    dates = [step.date for step in steps]
    others = series.dates.live().filter(starts_at__gt=now).exclude(pk__in=[one.pk for one in dates])
    is_everything = not others.exists()
    for one in dates:
        claims.release_held(held_by=one.pk)
    if is_everything:
        _change_rule(series, steps, minutes)
    for step in steps:
        step.date.starts_at, step.date.ends_at = step.slot, step.ends_at
        if is_everything:
            step.date.slot = step.slot
    try:
        _move_sessions(series, dates, is_everything=is_everything, now=now)
    except TeacherBusy as error:
        raise SlotUnavailable from error
    policy = policies.policy_of(series.teacher_id)
    waiting = [one for one in dates if one.status == BookingStatus.PENDING]
    for one in waiting:
        one.lapses_at = policies.lapses_at(policy, requested_at=one.created_at, starts_at=waiting[0].starts_at)
    Booking.objects.bulk_update(dates, ["starts_at", "ends_at", "slot", "lapses_at", "occurrence"])
    for one in dates:
        hold(one, *([ClaimKind.TEACHER] if one in waiting else []), ClaimKind.STUDENT)
    Reschedule.objects.bulk_create(moves)
    for one, move in zip(dates, moves, strict=True):
        old = move.old_starts_at, move.old_ends_at
        booking_changed.send(Booking, booking=one, what="rescheduled", old=old)


def _move_of(step: _Step, *, by: User, guardian: User | None, reason: str, now: datetime) -> Reschedule:
    date = step.date
    return Reschedule(
        booking=date,
        by=guardian or by,
        old_starts_at=date.starts_at,
        old_ends_at=date.ends_at,
        new_starts_at=step.slot,
        new_ends_at=step.ends_at,
        reason=reason,
        counts=by.pk == date.student_id and date.status == BookingStatus.CONFIRMED,
        created_at=now,
    )


def _change_rule(series: BookingSeries, steps: Sequence[_Step], minutes: int) -> None:
    """Let the series be what is left of it, at its new time."""
    first = steps[0]
    assert first.date.slot is not None  # noqa: S101 -- dates of a series have one
    series.count = sum(slot >= first.date.slot for slot in series.slots)
    series.starts_at, series.duration_minutes = first.slot, minutes
    series.save(update_fields=["count", "starts_at", "duration_minutes", "updated_at"])


def _move_sessions(series: BookingSeries, dates: Sequence[Booking], *, is_everything: bool, now: datetime) -> None:
    """Have the meeting follow the dates, which have their new times. Raises TeacherBusy, HostBusy."""
    confirmed = [one for one in dates if one.status == BookingStatus.CONFIRMED]
    if series.meeting is None or not confirmed:
        return
    if is_everything:
        _follow_rule(series, series.meeting, confirmed, now)
        return
    # From the far end where they go to later times: none may go where the next one still is.
    is_later = confirmed[0].occurrence is not None and confirmed[0].starts_at > confirmed[0].occurrence.starts_at
    for one in reversed(confirmed) if is_later else confirmed:
        assert one.occurrence is not None  # noqa: S101 -- confirming made it
        one.occurrence = move_occurrence(
            occurrence_id=one.occurrence.pk, starts_at=one.starts_at, duration_minutes=one.duration_minutes, now=now
        )


def _follow_rule(series: BookingSeries, meeting: Meeting, confirmed: Sequence[Booking], now: datetime) -> None:
    held = {one.slot for one in confirmed}
    # Who stands in on a date goes on doing so, as when that date moves by itself: it takes their time, not the teacher's.
    substituted = {
        one.slot: Deviation(slot=one.slot, substitute=one.occurrence.substitute)
        for one in confirmed
        if one.slot is not None and one.occurrence is not None and one.occurrence.substitute is not None
    }
    by_rule = held - substituted.keys()
    chains.take_down([meeting], now=now)
    series.meeting = change_meeting(
        meeting_id=meeting.pk,
        changes={
            "starts_at": series.starts_at,
            "duration_minutes": series.duration_minutes,
            "rule": rule_of(
                series.starts_at, zone=series.zone, count=series.count, interval_weeks=series.interval_weeks
            ),
            "cancelled": {
                slot.astimezone(series.zone).date(): reasons.LEFT_OUT for slot in series.slots if slot not in by_rule
            },
        },
        now=now,
        soon=True,
    )
    chains.apply(series.meeting, substituted, now=now)
    # Sessions stay what they were for calendars, in order; which date is which may be another by now.
    series.dates.filter(pk__in=[one.pk for one in confirmed]).update(occurrence=None)
    rows = {row.original_starts_at: row for row in meeting.occurrences.all()}
    series.dates.filter(occurrence__in=[rows[slot].pk for slot in held if slot is not None]).update(occurrence=None)
    for one in confirmed:
        assert one.slot is not None  # noqa: S101 -- as above
        one.occurrence = rows[one.slot]
        if one.slot in substituted:
            occurrence_moved.send(Occurrence, occurrence_id=one.occurrence.pk)
