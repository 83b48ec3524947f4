"""Holidays as the API takes and shows them."""

import datetime as dt
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field

from classbell.bookings.models import Booking
from classbell.hijri import to_hijri
from classbell.holiday_changes.affected import Affected
from classbell.holidays.models import Holiday
from classbell.meetings.models import Occurrence
from classbell.paging import PageQuery
from classbell.wire import Day, Input, Line, Output

MOST_NAMED = 200
EffectName = Literal["leave_out", "warn"]
Fingerprint = Annotated[
    str | None,
    Field(max_length=64, description="That of `affected` in a dry run: where something else lies there by now, 400."),
]


class HolidayIn(Input):
    """A new holiday: of the school, of one group or of one teacher. `affected` says what becomes of what lies in it."""

    name: Line
    from_: Day = Field(alias="from", description="The first day.")
    until: Day = Field(description="The last day, included.")
    group_id: UUID | None = None
    teacher_id: UUID | None = None
    effect: EffectName = "leave_out"
    affected: Literal["leave", "cancel"] = "leave"
    fingerprint: Fingerprint = None


class HolidayChange(Input):
    """Any of a holiday's values; whose it is stays."""

    name: Line | None = None
    from_: Day | None = Field(None, alias="from")
    until: Day | None = None
    effect: EffectName | None = None
    affected: Literal["leave", "cancel"] = "leave"
    fingerprint: Fingerprint = None


class HolidaysQuery(PageQuery):
    """Which holidays."""

    year: int | None = Field(None, ge=2000, le=2199, description="Those with a day in this year.")
    group_id: UUID | None = None
    teacher_id: UUID | None = None


class ImportQuery(Input):
    """Whose holidays a calendar's are, and what they do."""

    dry_run: bool = False
    group_id: UUID | None = None
    teacher_id: UUID | None = None
    effect: EffectName | None = Field(None, description="None keeps that of known ones; new ones leave dates out.")


class ImportIn(Input):
    """Where a calendar lies."""

    url: str = Field(min_length=1, max_length=2000)


class HolidayOut(Output):
    """A holiday; its days are whole in `timezone`. `hijri` is None beyond the calendar's tables."""

    id: UUID
    name: str
    from_: dt.date = Field(alias="from")
    until: dt.date
    from_hijri: str | None
    until_hijri: str | None
    group_id: UUID | None
    teacher_id: UUID | None
    effect: str
    timezone: str
    source: str


class AffectedSession(Output):
    """A session that lies in a holiday."""

    id: UUID
    meeting_id: UUID
    title: str
    start_time: datetime
    end_time: datetime
    teacher: str
    group: str | None


class AffectedBooking(Output):
    """A lesson, booked or asked for, that lies in a holiday."""

    id: UUID
    status: str
    start_time: datetime
    end_time: datetime
    teacher: str
    student: str


class AffectedOut(Output):
    """
    What lies in a holiday and is still to come: how many, and the first 200 of each. `fingerprint` sent along with the change
    says that this is what was looked at.
    """

    fingerprint: str
    session_count: int
    booking_count: int
    sessions: list[AffectedSession]
    bookings: list[AffectedBooking]


class CancelledOut(Output):
    """What was cancelled, and how many lessons the rules for bookings kept."""

    sessions: int
    bookings: int
    kept: int


class HolidaysAnswer(Output):
    """A page of holidays."""

    holidays: list[HolidayOut]
    next_cursor: str | None


class HolidayAnswer(Output):
    """One holiday with what lies in it, and what was cancelled by this call."""

    holiday: HolidayOut
    affected: AffectedOut
    cancelled: CancelledOut | None = None


class RemovedAnswer(Output):
    """What a removed holiday leaves behind: nothing that was cancelled for it is held again."""

    message: str
    still_cancelled: int


class ChangedHoliday(Output):
    """A holiday that an import changes: as it is, and its name and days as the calendar has them."""

    holiday: HolidayOut
    name: str
    from_: dt.date = Field(alias="from")
    until: dt.date


class HolidayImportAnswer(Output):
    """
    What an import does, or would do. `with_times` are entries of hours, which are no holidays, or that cannot be read; they
    were passed over.
    """

    dry_run: bool
    source: str
    new: list[HolidayOut]
    changed: list[ChangedHoliday]
    removed: list[HolidayOut]
    unchanged: int
    with_times: int
    affected: AffectedOut


def describe_holiday(holiday: Holiday) -> HolidayOut:
    """Return a holiday read `with_places`."""
    first, last = to_hijri(holiday.first_day), to_hijri(holiday.last_day)
    return HolidayOut(
        **{"from": holiday.first_day},
        id=holiday.pk,
        name=holiday.name,
        until=holiday.last_day,
        from_hijri=str(first) if first else None,
        until_hijri=str(last) if last else None,
        group_id=holiday.group_id,
        teacher_id=holiday.teacher_id,
        effect=holiday.effect,
        timezone=holiday.zone.key,
        source=holiday.source,
    )


def describe_affected(affected: Affected) -> AffectedOut:
    """Return what lies in a holiday."""
    return AffectedOut(
        fingerprint=affected.fingerprint,
        session_count=len(affected.sessions),
        booking_count=len(affected.bookings),
        sessions=[_session(session) for session in affected.sessions[:MOST_NAMED]],
        bookings=[_booking(booking) for booking in affected.bookings[:MOST_NAMED]],
    )


def _session(session: Occurrence) -> AffectedSession:
    meeting = session.meeting
    return AffectedSession(
        id=session.pk,
        meeting_id=meeting.pk,
        title=meeting.title,
        start_time=session.starts_at,
        end_time=session.ends_at,
        teacher=(session.substitute or meeting.teacher).name,
        group=meeting.group.name if meeting.group else None,
    )


def _booking(booking: Booking) -> AffectedBooking:
    return AffectedBooking(
        id=booking.pk,
        status=booking.status,
        start_time=booking.starts_at,
        end_time=booking.ends_at,
        teacher=booking.teacher.name,
        student=booking.student.name,
    )
