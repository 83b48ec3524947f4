"""
What a series of lessons would come to, before anything is saved: its dates, what stands in the way of each, the holidays
among them, and how many changes it costs at Zoom.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bookings.holding import meeting_spec
from classbell.bookings.hours import settings_of
from classbell.bookings.lessons import NO_LESSON
from classbell.bookings.models import BookingSeries
from classbell.bookings.slots import fitting
from classbell.holidays.models import Effect, Holiday
from classbell.holidays.queries import Holidays, holidays_from
from classbell.meetings import claims
from classbell.meetings.claims import NewClaim
from classbell.meetings.clashes import what_blocks
from classbell.meetings.models import ClaimKind, Meeting, Occurrence
from classbell.meetings.periods import Interval
from classbell.meetings.queries import own_occurrences
from classbell.meetings.schedule import lay_out
from classbell.meetings.sync.calls import calls_to_create


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedDate:
    """
    One date. `clash` says why it cannot be, "" when nothing stands in its way; `overlaps` are sessions that the student is
    expected at then, of which they may know better.
    """

    starts_at: datetime
    ends_at: datetime
    clash: str = ""
    overlaps: tuple[Occurrence, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HolidayAmong:
    """A date that begins in a holiday, by which it is left out or which only warns."""

    starts_at: datetime
    holiday: Holiday

    @property
    def is_left_out(self) -> bool:
        """Whether there is no lesson on that date."""
        return self.holiday.effect == Effect.LEAVE_OUT


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesPlan:
    """
    The dates on which there are lessons, in order; the holidays among all dates; and the calls that change something at Zoom.
    """

    dates: Sequence[PlannedDate]
    holidays: Sequence[HolidayAmong]
    calls: int

    @property
    def clashing(self) -> list[PlannedDate]:
        """The dates that cannot be."""
        return [one for one in self.dates if one.clash]

    @property
    def overlapped(self) -> list[Occurrence]:
        """The sessions that the student would miss."""
        return [session for one in self.dates for session in one.overlaps]


def plan_series(
    series: BookingSeries, *, excluded: Collection[date] = (), by_availability: bool, now: datetime
) -> SeriesPlan:
    """
    Say what a series, which need not be saved, comes to without the days of its clock in `excluded`. Students take what is
    free (`by_availability`); for staff only what either of the two does then stands in the way.

    A constant number of queries. Raises TeacherNotFound.
    """
    slots = [slot for slot in series.slots if slot.astimezone(series.zone).date() not in excluded]
    holidays = holidays_from(series.starts_at)
    among = _holidays_among(slots, holidays, series.teacher_id)
    left_out = {one.starts_at for one in among if one.is_left_out}
    length = timedelta(minutes=series.duration_minutes)
    periods = [(slot, slot + length) for slot in slots if slot not in left_out]
    clashes = clashes_of(
        periods, teacher=series.teacher, student=series.student, by_availability=by_availability, now=now
    )
    overlaps = overlaps_of(series.student, periods)
    return SeriesPlan(
        dates=[
            PlannedDate(starts_at=starts_at, ends_at=ends_at, clash=clash, overlaps=overlapped)
            for (starts_at, ends_at), clash, overlapped in zip(periods, clashes, overlaps, strict=True)
        ],
        holidays=among,
        calls=_calls(series, [starts_at for starts_at, _end in periods], holidays, now),
    )


def clashes_of(
    periods: Sequence[Interval],
    *,
    teacher: User,
    student: User,
    by_availability: bool,
    own_claims: Collection[UUID] = (),
    now: datetime,
) -> list[str]:
    """
    Say for each of these periods what stands in the way of a lesson of the two, "" for nothing. `own_claims` do not: those of
    what is to be moved. Raises TeacherNotFound.
    """
    fits = (
        fitting(teacher_id=teacher.pk, periods=periods, now=now, own_claims=own_claims)
        if by_availability
        else [starts_at > now for starts_at, _end in periods]
    )
    of_teacher = _blocked(ClaimKind.TEACHER, teacher, periods, own_claims) if not by_availability else {}
    of_student = _blocked(ClaimKind.STUDENT, student, periods, own_claims)
    horizon = now + timedelta(days=settings_of(teacher.pk).max_days_ahead) if by_availability else None
    return [
        _said(
            starts_at,
            fits=fit,
            of_teacher=of_teacher.get(starts_at),
            student=student.name if starts_at in of_student else "",
            horizon=horizon,
            now=now,
        )
        for (starts_at, _end), fit in zip(periods, fits, strict=True)
    ]


def _said(
    starts_at: datetime, *, fits: bool, of_teacher: str | None, student: str, horizon: datetime | None, now: datetime
) -> str:
    if starts_at <= now:
        return _("This time has passed")
    if horizon is not None and starts_at >= horizon:
        return _("The teacher does not take bookings so far ahead.")
    if of_teacher:
        return of_teacher
    if of_teacher is not None or not fits:
        return _("The teacher is not free then.")
    return _("%(name)s has another lesson then, or teaches.") % {"name": student} if student else ""


def _blocked(
    kind: ClaimKind, person: User, periods: Sequence[Interval], own_claims: Collection[UUID]
) -> dict[datetime, str]:
    """Return, by start, what stands in somebody's way, as far as the reader may know it, "" for no more than that it does."""
    wanted = [
        NewClaim(kind=kind, resource_id=person.pk, starts_at=starts_at, ends_at=ends_at)
        for starts_at, ends_at in periods
    ]
    found = claims.conflicting(wanted, ignoring=own_claims)
    told = what_blocks(blocker for _claim, blocker in found)
    return {claim.starts_at: told[blocker.pk] for claim, blocker in found}


def overlaps_of(student: User, periods: Sequence[Interval]) -> list[tuple[Occurrence, ...]]:
    """Return the sessions that a student is expected at in each period, lessons and what they teach apart. One query."""
    if not periods:
        return []
    rows = (
        own_occurrences(student)
        .taking_place()
        .between(periods[0][0], periods[-1][1])
        .filter(NO_LESSON)
        .select_related("meeting")
        .order_by("starts_at", "pk")
    )
    sessions = [row for row in rows if row.teacher_id != student.pk]
    return [
        tuple(one for one in sessions if one.starts_at < ends_at and one.ends_at > starts_at)
        for starts_at, ends_at in periods
    ]


def _holidays_among(slots: Sequence[datetime], holidays: Holidays, teacher_id: UUID) -> list[HolidayAmong]:
    found = [(slot, holidays.at(slot, teacher_id=teacher_id)) for slot in slots]
    return [HolidayAmong(starts_at=slot, holiday=holiday) for slot, holiday in found if holiday is not None]


def _calls(series: BookingSeries, held: Collection[datetime], holidays: Holidays, now: datetime) -> int:
    spec = meeting_spec(series, [slot for slot in series.slots if slot not in held])
    meeting = Meeting(**spec.fields())
    return calls_to_create(meeting, lay_out(meeting, cancelled=spec.cancelled, holidays=holidays), now=now)
