"""A circle as pages show it: finished values, worked out from its row and the reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, IntegerField, Min, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django_stubs_ext import WithAnnotations

from classbell.accounts.models import User
from classbell.groups.models import Membership, WaitingStudent
from classbell.halakat.answers import period_in_words
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Frequency, Pattern
from classbell.halakat.periods import moved_by
from classbell.meetings.models import Occurrence
from classbell.web.groups.presenters.places import Places
from classbell.web.kit.labels import WEEKDAYS, in_week_order, listed
from classbell.zones import clocks_differ, place_of


class Counted(TypedDict):
    """What a circle's list counts of it; `next_starts_at` is None when no session comes."""

    student_count: int
    waiting_count: int
    is_member: bool
    is_waiting: bool
    next_starts_at: datetime | None


if TYPE_CHECKING:
    CountedHalaka = WithAnnotations[Halaka, Counted]
else:
    CountedHalaka = Halaka


@dataclass(frozen=True, kw_only=True, slots=True)
class Circle(Places):
    """
    One circle for one reader.

    `days` says when it meets by its own clock, `starts_at` and `ends_at` are wall times there. `next_*` are the next
    session, None when there is none; `is_elsewhere` is whether the reader's clock shows something else then. `periods` are
    those with other times that are not over, in words.
    """

    halaka: Halaka
    days: str
    wall_starts_at: datetime
    wall_ends_at: datetime
    place: str
    next_starts_at: datetime | None
    next_ends_at: datetime | None
    is_elsewhere: bool
    is_member: bool
    is_waiting: bool
    periods: Sequence[str] = ()


def counted(halakat: QuerySet[Halaka], *, user: User, now: datetime) -> QuerySet[CountedHalaka]:
    """Return circles with what `circle_of` needs, in one statement."""
    members = Membership.objects.filter(group=OuterRef("group"))
    waiting = WaitingStudent.objects.filter(group=OuterRef("group"))
    ahead = Occurrence.objects.taking_place().filter(
        meeting__halaka_part__halaka=OuterRef("pk"), meeting__wanted=True, ends_at__gt=now
    )
    first = ahead.order_by().values("meeting__halaka_part__halaka").annotate(first=Min("starts_at"))
    return halakat.select_related("group", "teacher").annotate(
        student_count=_count(members, "group"),
        waiting_count=_count(waiting, "group"),
        is_member=Exists(members.filter(user=user)),
        is_waiting=Exists(waiting.filter(student=user)),
        next_starts_at=Subquery(first.values("first")),
    )


def circle_of(halaka: CountedHalaka, *, user: User) -> Circle:
    """Return a circle as `user` sees it. Needs it from `counted`."""
    pattern = halaka.pattern
    length = timedelta(minutes=pattern.duration_minutes)
    starts_at = datetime.combine(pattern.start_date, pattern.start_time)
    next_starts_at = halaka.next_starts_at
    return Circle(
        halaka=halaka,
        days=days_in_words(pattern),
        wall_starts_at=starts_at,
        wall_ends_at=starts_at + length,
        place=place_of(pattern.zone),
        next_starts_at=next_starts_at,
        next_ends_at=_end_of(next_starts_at, pattern) if next_starts_at else None,
        is_elsewhere=_differs(pattern.zone, user.zone, next_starts_at),
        students=halaka.student_count,
        waiting=halaka.waiting_count,
        capacity=halaka.group.capacity,
        is_member=halaka.is_member,
        is_waiting=halaka.is_waiting,
        periods=[period_in_words(one) for one in pattern.periods if one.last_day >= _today(pattern)],
    )


def _today(pattern: Pattern) -> date:
    return timezone.localtime(timezone.now(), pattern.zone).date()


def _end_of(starts_at: datetime, pattern: Pattern) -> datetime:
    """Return when a session ends that the schedule has begin then, by the period of its day or as always."""
    moved = moved_by(pattern.periods, starts_at, pattern.zone)
    if moved is not None and moved[0] == starts_at:
        return moved[1]
    return starts_at + timedelta(minutes=pattern.duration_minutes)


def days_in_words(pattern: Pattern) -> str:
    """Say on which days a circle meets: "Mondays and Wednesdays", "Fridays, every other week"."""
    if pattern.frequency is Frequency.DAILY and len(pattern.weekdays) in (0, len(WEEKDAYS)):
        return _("Every day")
    days = listed(_names(pattern.weekdays))
    match pattern.frequency:
        case Frequency.BIWEEKLY:
            return _("%(days)s, every other week") % {"days": days}
        case Frequency.MONTHLY:
            return _("%(days)s, once a month") % {"days": days}
        case _:
            return days


def _names(weekdays: Sequence[int]) -> list[str]:
    return [str(WEEKDAYS[day]) for day in in_week_order(weekdays)]


def _differs(zone: ZoneInfo, own: ZoneInfo, moment: datetime | None) -> bool:
    return moment is not None and clocks_differ(zone, own, moment)


def _count(rows: QuerySet[Membership] | QuerySet[WaitingStudent], by: str) -> Coalesce:
    number: QuerySet[Model, dict[str, int]] = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(number), 0, output_field=IntegerField())
