"""Every change of holidays. What already lies in one is `holiday_changes`' to say and to cancel."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import NotAllowed, NotThere
from classbell.groups.models import Group
from classbell.holidays.errors import HolidayInvalid
from classbell.holidays.locks import wait_for_dates
from classbell.holidays.models import LONGEST_DAYS, Effect, Holiday
from classbell.rows import locked, write

MOST_HOLIDAYS = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Whose:
    """Whose holiday one is: a group's, a teacher's, or with neither the whole school's."""

    group: Group | None = None
    teacher: User | None = None


def whose(*, by: User, group_id: UUID | None, teacher_id: UUID | None) -> Whose:
    """
    Return whose holiday `by` may make: admins anybody's and the school's, teachers their own and that of a group they teach.
    Raises HolidayInvalid and NotAllowed.
    """
    if group_id is not None and teacher_id is not None:
        raise HolidayInvalid("teacher_id", _("A holiday is a class’s or a teacher’s, not both. Make two."))
    if group_id is not None:
        group = Group.objects.visible_to(by).filter(pk=group_id).first()
        if group is None:
            raise HolidayInvalid("group_id", _("There is no such class."))
        if not (by.is_admin or group.teachers.filter(pk=by.pk).exists()):
            raise NotAllowed
        return Whose(group=group)
    if teacher_id is not None:
        if not by.is_admin and teacher_id != by.pk:
            raise NotAllowed
        teacher = User.objects.filter(pk=teacher_id, is_active=True).first()
        if teacher is None or not (teacher.is_teacher or teacher.is_admin):
            raise HolidayInvalid("teacher_id", _("There is no such teacher."))
        return Whose(teacher=teacher)
    if not by.is_admin:
        raise NotAllowed(_("Only admins make holidays of the whole school. Name your class, or yourself."))
    return Whose()


def create_holiday(*, name: str, first_day: date, last_day: date, of: Whose, effect: Effect) -> Holiday:
    """
    Make a holiday; it waits for whoever is just making dates. One that is there already, as when somebody asks twice, is
    returned and stays the only one. Raises HolidayInvalid.
    """
    wanted = {"name": name, "first_day": first_day, "last_day": last_day, "group": of.group, "teacher": of.teacher}
    check_days(first_day, last_day)
    with transaction.atomic():
        wait_for_dates()
        same = Holiday.objects.filter(**wanted, effect=effect).with_places().first()
        if same is None:
            check_room(1)
        return same or Holiday.objects.create(**wanted, effect=effect)


def change_holiday(
    *,
    holiday_id: UUID,
    name: str | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    effect: Effect | None = None,
) -> Holiday:
    """Change what is given; whose it is stays. Raises NotThere and HolidayInvalid."""
    given = {"name": name, "first_day": first_day, "last_day": last_day, "effect": effect}
    with transaction.atomic():
        wait_for_dates()
        holiday = _locked(holiday_id)
        check_days(first_day or holiday.first_day, last_day or holiday.last_day)
        return write(holiday, {field: value for field, value in given.items() if value is not None})


def remove_holiday(*, holiday_id: UUID) -> Holiday:
    """Remove a holiday. What was cancelled or left out for it stays so. Raises NotThere."""
    with transaction.atomic():
        holiday = _locked(holiday_id)
        Holiday.objects.filter(pk=holiday_id).delete()
    return holiday


def check_days(first_day: date, last_day: date) -> None:
    """Raise HolidayInvalid for days that end before they begin, or last for more than a year."""
    if last_day < first_day:
        raise HolidayInvalid("until", _("A holiday must not end before it begins."))
    if last_day - first_day >= timedelta(days=LONGEST_DAYS):
        raise HolidayInvalid("until", _("A holiday lasts a year at most."))


def check_room(more: int) -> None:
    """Raise HolidayInvalid where there would be more holidays than any school has."""
    if Holiday.objects.count() + more > MOST_HOLIDAYS:
        text = _("There would be more than %(most)s holidays. Remove those of past years.") % {"most": MOST_HOLIDAYS}
        raise HolidayInvalid("name", text)


def _locked(holiday_id: UUID) -> Holiday:
    holiday = locked(Holiday.objects.all(), holiday_id)
    if holiday is None:
        raise NotThere(_("There is no such holiday (any more)."))
    return holiday
