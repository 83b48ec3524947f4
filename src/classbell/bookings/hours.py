"""Changing when, and how, a teacher can be booked."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bookings.models import Availability, TeacherSettings, TimeOff
from classbell.bookings.walltime import MINUTES_A_DAY
from classbell.errors import DomainError, NotThere
from classbell.rows import locked, write

WINDOW: Final = ("start_minute", "end_minute", "day_of_week", "date")


class InvalidHours(DomainError):
    """The window given is none."""

    code = "invalid_availability"


def add_availability(
    *, teacher: User, start_minute: int, end_minute: int, day_of_week: int | None = None, day: date | None = None
) -> Availability:
    """Open a window, every week or on one date, in minutes of the teacher's clock. Raises InvalidHours."""
    _check(start_minute, end_minute, day_of_week, day)
    return Availability.objects.create(
        teacher=teacher, day_of_week=day_of_week, date=day, start_minute=start_minute, end_minute=end_minute
    )


def change_availability(*, availability_id: UUID, changes: Mapping[str, Any]) -> Availability:
    """
    Change some of a window's values; giving a weekday takes its date away and the other way round.

    Raises NotThere and InvalidHours.
    """
    with transaction.atomic():
        availability = locked(Availability.objects.all(), availability_id)
        if availability is None:
            raise NotThere(_("There are no such hours any more."))
        columns = dict(changes)
        if columns.get("day_of_week") is not None:
            columns.setdefault("date", None)
        elif columns.get("date") is not None:
            columns["day_of_week"] = None
        wanted = {name: columns.get(name, getattr(availability, name)) for name in WINDOW}
        _check(**wanted)
        return write(availability, columns)


def set_week(*, teacher: User, windows: Mapping[int, list[tuple[int, int]]]) -> None:
    """
    Replace the weekly windows of a teacher on the weekdays that are named (0 = Monday) by these, (start, end) in minutes;
    the other weekdays stay. Raises InvalidHours.
    """
    for weekday, spans in windows.items():
        for start, end in spans:
            _check(start, end, weekday, None)
    with transaction.atomic():
        # Two that replace one day at once would each leave theirs. Weaker than what foreign keys of other rows ask for.
        User.objects.select_for_update(no_key=True).filter(pk=teacher.pk).values_list("pk").first()
        Availability.objects.filter(teacher=teacher, day_of_week__in=windows).delete()
        Availability.objects.bulk_create(
            Availability(teacher=teacher, day_of_week=weekday, start_minute=start, end_minute=end)
            for weekday, spans in windows.items()
            for start, end in spans
        )


def add_time_off(*, teacher: User, starts_at: datetime, ends_at: datetime, reason: str = "") -> TimeOff:
    """Close a period. Bookings in it stay: the teacher moves or cancels them. Raises InvalidHours."""
    if ends_at <= starts_at:
        raise InvalidHours(_("Time off must end after it starts."))
    return TimeOff.objects.create(teacher=teacher, starts_at=starts_at, ends_at=ends_at, reason=reason)


def settings_of(teacher_id: UUID) -> TeacherSettings:
    """Return a teacher's settings; the defaults, not saved, while there are none."""
    return TeacherSettings.objects.filter(pk=teacher_id).first() or TeacherSettings(teacher_id=teacher_id)


def change_settings(*, teacher: User, changes: Mapping[str, Any]) -> TeacherSettings:
    """Change some of a teacher's settings; the values have been checked."""
    settings, _created = TeacherSettings.objects.update_or_create(teacher=teacher, defaults=dict(changes))
    return settings


def _check(start_minute: int, end_minute: int, day_of_week: int | None, date: date | None) -> None:
    if not 0 <= start_minute < end_minute <= MINUTES_A_DAY:
        raise InvalidHours(_("end_time must be after start_time; the end of the day is 24:00:00."))
    if (day_of_week is None) == (date is None):
        raise InvalidHours(_("Give day_of_week (0 = Monday) for every week, or date for one day, not both."))
