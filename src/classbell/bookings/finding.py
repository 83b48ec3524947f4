"""Finding a teacher: who fits what was asked for, a student's own teachers first, then whoever is free soonest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet

from classbell.accounts.models import User
from classbell.bookings.models import Availability, Booking, LessonKind
from classbell.bookings.queries import TAUGHT, RatedTeacher, teachers
from classbell.bookings.slots import next_free

NEXT_DAYS: Final = 14
# How long a free time has to be to count.
USUAL_MINUTES: Final = 60
MOST_LAST: Final = 3


class Part(StrEnum):
    """A part of the day: until noon, until five, and from then on."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"

    @property
    def hours(self) -> tuple[int, int]:
        """From which hour until which, on the clock."""
        return {Part.MORNING: (0, 12), Part.AFTERNOON: (12, 17), Part.EVENING: (17, 24)}[self]


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """A kind of lesson that costs so much at most, in the smallest unit of `currency`; 0 is free of charge."""

    at_most: int
    currency: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """
    What a teacher has to have, all of it: words, a subject, a language (ISO 639) in which they teach, a kind of lesson at a
    price, a free time on a `weekday` (0 for Monday) or in a part of the day on the clock of `zone`.
    """

    search: str = ""
    subject: str = ""
    language: str = ""
    price: Price | None = None
    weekday: int | None = None
    part: Part | None = None
    zone: ZoneInfo = field(default=ZoneInfo("UTC"))

    @property
    def has_time(self) -> bool:
        """Whether it matters when they are free."""
        return self.weekday is not None or self.part is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Who fits: `last` are the student's own, the latest first; `others` in order; and when each is free next, in UTC."""

    people: QuerySet[RatedTeacher]
    last: list[UUID]
    others: list[UUID]
    free: dict[UUID, datetime]


def find(wanted: Wanted, *, student: User | None, now: datetime) -> Found:
    """
    Return who fits: first with whom this student had lessons most recently, three at most, then whoever is free soonest in
    the next two weeks, then the rest by name. Four statements, however many they are; only opened hours cost a look at them.
    """
    people = matching(wanted)
    everybody = list(people.order_by("last_name", "first_name", "pk").values_list("pk", flat=True))
    free = free_next(everybody, wanted, now=now)
    fitting = [pk for pk in everybody if pk in free] if wanted.has_time else everybody
    last = _last_of(student, fitting, now=now) if student is not None else []
    others = sorted((pk for pk in fitting if pk not in last), key=lambda pk: (pk not in free, free.get(pk, now)))
    return Found(people=people, last=last, others=others, free=free)


def matching(wanted: Wanted, *, kinds: QuerySet[LessonKind] | None = None) -> QuerySet[RatedTeacher]:
    """
    Return those who can be booked and have what is wanted, but for the time; prices are those of `kinds`, without it of all
    that somebody can book.
    """
    found = teachers(search=wanted.search, subject=wanted.subject)
    if wanted.language:
        # On the page that a teacher has of themselves, shown to everybody or not: `door`, which lies above.
        found = found.filter(public_page__languages__contains=[wanted.language])
    if wanted.price is not None:
        costs = Q(price=None) | Q(price=0) | Q(price__lte=wanted.price.at_most, currency=wanted.price.currency)
        offered = LessonKind.objects.offered() if kinds is None else kinds
        affordable = offered.filter(costs).order_by().values("pk")
        taught = User.objects.filter(kinds_taught__kind__in=affordable).order_by().values("pk")
        found = found.filter(pk__in=taught)
    return found


def free_next(teacher_ids: list[UUID], wanted: Wanted, *, now: datetime) -> dict[UUID, datetime]:
    """Return when each of these teachers is free next at a time that is wanted, in UTC; two statements for all of them."""
    opened = Availability.objects.filter(teacher__in=teacher_ids).order_by().values_list("teacher", flat=True)
    return next_free(
        list(opened.distinct()),
        days=NEXT_DAYS,
        minutes=USUAL_MINUTES,
        weekday=wanted.weekday,
        hours=wanted.part.hours if wanted.part else None,
        zone=wanted.zone,
        now=now,
    )


def free_when_wanted(people: QuerySet[RatedTeacher], wanted: Wanted, *, now: datetime) -> QuerySet[RatedTeacher]:
    """Return those of some teachers who are free at a time that is wanted; all of them where it does not matter."""
    if not wanted.has_time:
        return people
    return people.filter(pk__in=free_next(list(people.order_by().values_list("pk", flat=True)), wanted, now=now))


def soonest_first(people: Sequence[RatedTeacher], *, now: datetime) -> list[RatedTeacher]:
    """Return these teachers, whoever is free soonest in the next two weeks first, the others as they were. Two statements."""
    free = free_next([one.pk for one in people], Wanted(), now=now)
    return sorted(people, key=lambda one: (one.pk not in free, free.get(one.pk, now)))


def _last_of(student: User, among: list[UUID], *, now: datetime) -> list[UUID]:
    lessons = Booking.objects.filter(student=student, teacher__in=among, status__in=TAUGHT, starts_at__lte=now)
    latest = lessons.order_by().values("teacher").annotate(latest=Max("starts_at")).order_by("-latest", "teacher")
    return list(latest.values_list("teacher", flat=True)[:MOST_LAST])
