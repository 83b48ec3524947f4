"""What a calendar's holidays come to beside those there are, found again by their names there; and making it so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db import transaction

from classbell.holidays.ics import Entry
from classbell.holidays.locks import wait_for_dates
from classbell.holidays.models import LONGEST_SOURCE, Effect, Holiday
from classbell.holidays.services import Whose, check_room

# Where holidays are from that came with a file whose calendar has no name of its own; kept, so in no language.
UNNAMED: Final = "File"


@dataclass(kw_only=True, slots=True)
class ImportPlan:
    """
    What becomes of holidays by an import: those that come, those that change (as they are, and the entry), those that go
    because the calendar no longer has them, and how many stay. Holidays that are over do not go, and none go for a calendar
    without a name, which may be another than the one before.
    """

    new: list[Holiday] = field(default_factory=list)
    changed: list[tuple[Holiday, Entry]] = field(default_factory=list)
    gone: list[Holiday] = field(default_factory=list)
    unchanged: int = 0


def plan_import(entries: Sequence[Entry], *, source: str, of: Whose, effect: Effect | None, today: date) -> ImportPlan:
    """
    Return what importing these entries would do. `source` is the address of the calendar, or its name, or UNNAMED; `effect`
    None keeps that of known ones, and leaves new ones' days out. One query.
    """
    source = source[:LONGEST_SOURCE]
    rows = Holiday.objects.filter(source=source, group=of.group, teacher=of.teacher).exclude(uid="")
    known = {holiday.uid: holiday for holiday in rows.with_places()}
    plan = ImportPlan()
    for entry in entries:
        holiday = known.pop(entry.uid, None)
        if holiday is None:
            plan.new.append(_new(entry, source, of, effect or Effect.LEAVE_OUT))
        elif _differs(holiday, entry, effect):
            plan.changed.append((holiday, entry))
        else:
            plan.unchanged += 1
    if source != UNNAMED:
        plan.gone = [holiday for holiday in known.values() if holiday.last_day >= today]
    return plan


def import_entries(
    entries: Sequence[Entry], *, source: str, of: Whose, effect: Effect | None, today: date
) -> ImportPlan:
    """
    Let the holidays of this source be these entries, in one transaction, and return what that took. Safe to repeat.

    Raises HolidayInvalid where there would be too many.
    """
    with transaction.atomic():
        wait_for_dates()
        plan = plan_import(entries, source=source, of=of, effect=effect, today=today)
        check_room(len(plan.new) - len(plan.gone))
        Holiday.objects.bulk_create(plan.new)
        for holiday, entry in plan.changed:
            holiday.name, holiday.first_day, holiday.last_day = entry.name, entry.first_day, entry.last_day
            holiday.effect = effect or holiday.effect
        Holiday.objects.bulk_update(
            [holiday for holiday, _entry in plan.changed], ["name", "first_day", "last_day", "effect"]
        )
        Holiday.objects.filter(pk__in=[holiday.pk for holiday in plan.gone]).delete()
    return plan


def _new(entry: Entry, source: str, of: Whose, effect: Effect) -> Holiday:
    return Holiday(
        name=entry.name,
        first_day=entry.first_day,
        last_day=entry.last_day,
        group=of.group,
        teacher=of.teacher,
        effect=effect,
        uid=entry.uid,
        source=source,
    )


def _differs(holiday: Holiday, entry: Entry, effect: Effect | None) -> bool:
    is_same = (holiday.name, holiday.first_day, holiday.last_day) == (entry.name, entry.first_day, entry.last_day)
    return not is_same or (effect is not None and holiday.effect != effect)
