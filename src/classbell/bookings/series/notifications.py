"""What people are told about series of lessons: once of all the dates, however many there are."""

from collections.abc import Sequence
from datetime import datetime

from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingSeries
from classbell.notices.services import tell
from classbell.notices.texts import Kind


def requested(series: BookingSeries, dates: Sequence[Booking], *, now: datetime) -> None:
    """A student asks: the teacher should answer."""
    _tell(series.teacher, Kind.SERIES_REQUESTED, series, dates, now=now)


def booked_at_once(series: BookingSeries, dates: Sequence[Booking], *, now: datetime) -> None:
    """A series that needed no answer."""
    _tell(series.teacher, Kind.SERIES_BOOKED, series, dates, now=now)
    _tell(series.student, Kind.SERIES_CONFIRMED, series, dates, now=now)


def booked_for_student(series: BookingSeries, dates: Sequence[Booking], *, by: User, now: datetime) -> None:
    """Somebody of the school booked it for the student: whoever did not should know."""
    _tell(series.student, Kind.SERIES_BOOKED_FOR_YOU, series, dates, by=by.name, now=now)
    if by.pk == series.teacher_id:
        _tell(by, Kind.SERIES_CONFIRMED_BY_YOU, series, dates, now=now)
    else:
        _tell(series.teacher, Kind.SERIES_BOOKED_WITH_YOU, series, dates, by=by.name, now=now)


def confirmed(
    series: BookingSeries, dates: Sequence[Booking], *, in_part: bool, reason: str = "", now: datetime
) -> None:
    """The teacher said yes to these dates, and `in_part` no to others."""
    kind = Kind.SERIES_CONFIRMED_IN_PART if in_part else Kind.SERIES_CONFIRMED
    _tell(series.student, kind, series, dates, reason=reason, now=now)
    _tell(series.teacher, Kind.SERIES_CONFIRMED_BY_YOU, series, dates, now=now)


def declined(series: BookingSeries, dates: Sequence[Booking], *, now: datetime) -> None:
    """The teacher said no."""
    _tell(series.student, Kind.SERIES_DECLINED, series, dates, reason=dates[0].cancellation_reason, now=now)


def lapsed(series: BookingSeries, dates: Sequence[Booking], *, now: datetime) -> None:
    """Nobody answered."""
    _tell(series.student, Kind.SERIES_LAPSED, series, dates, now=now)


def cancelled(series: BookingSeries, dates: Sequence[Booking], *, by: User, now: datetime) -> None:
    """These dates do not take place: whoever did not cancel them should know, and the calendar of who did."""
    for person in _others(series, by):
        _tell(person, Kind.SERIES_CANCELLED, series, dates, reason=dates[0].cancellation_reason, now=now)
    for person in _themselves(series, by):
        _tell(person, Kind.SERIES_CANCELLED_BY_YOU, series, dates, now=now)


def moved(series: BookingSeries, dates: Sequence[Booking], *, by: User, reason: str, now: datetime) -> None:
    """These dates take place at other times, which they have by now: whoever did not move them should know, and the
    calendar of who did."""
    for person in _others(series, by):
        _tell(person, Kind.SERIES_MOVED, series, dates, reason=reason, now=now)
    for person in _themselves(series, by):
        _tell(person, Kind.SERIES_MOVED_BY_YOU, series, dates, now=now)


def _others(series: BookingSeries, by: User) -> list[User]:
    return [person for person in (series.student, series.teacher) if person.pk != by.pk]


def _themselves(series: BookingSeries, by: User) -> list[User]:
    """Return who did it, if their calendar may have the lessons: only what is agreed was ever put there."""
    return [person for person in (series.student, series.teacher) if person.pk == by.pk and series.meeting is not None]


def _tell(
    person: User, kind: Kind, series: BookingSeries, dates: Sequence[Booking], *, now: datetime, **more: str
) -> None:
    facts: dict[str, object] = {
        "student": series.student.name,
        "teacher": series.teacher.name,
        "when": dates[0].starts_at.isoformat(),
        "dates": [one.starts_at.isoformat() for one in dates],
        **more,
    }
    if series.meeting is not None:
        facts["meeting_ids"] = [str(series.meeting.pk)]
    tell(person, kind, facts, path=f"/bookings/series/{series.pk}/", now=now)
