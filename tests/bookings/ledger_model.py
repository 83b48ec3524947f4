"""
What lessons left should come to, in plain Python and without any of the product's code: a reference for tests.

One more way in which a lesson comes or goes is one more method here, and a rule of `test_ledger_stateful` that does the same
to the product.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

NOTICE = timedelta(hours=24)
LAPSES_AFTER = timedelta(hours=48)
WAITS_FOR = timedelta(minutes=15)
HOUR = timedelta(hours=1)


class Refused(Exception):
    """A rule said no, so nothing has changed."""


class Stands(Enum):
    """Where a lesson is: with the student, reserved or taken by a booking, or gone for good."""

    THERE = auto()
    USED = auto()
    GONE = auto()


class Status(Enum):
    """How a booking stands."""

    PENDING = auto()
    CONFIRMED = auto()
    COMPLETED = auto()
    CANCELLED = auto()


LIVE = (Status.PENDING, Status.CONFIRMED)


@dataclass
class Lesson:
    """One lesson: for whom as a teacher ("" for any), until when (None for ever), by the order in which equals are spent."""

    key: str
    teacher: str
    until: datetime | None
    stands: Stands = Stands.THERE

    def is_usable(self, now: datetime) -> bool:
        """Whether a student may book with it."""
        return self.stands == Stands.THERE and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        """Whether its time is over, used or not."""
        return self.until is not None and self.until <= now


@dataclass
class Booked:
    """One booking, and the lesson that it takes or took."""

    key: str
    teacher: str
    starts_at: datetime
    asked_at: datetime
    takes: Lesson | None = None
    status: Status = Status.PENDING

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + HOUR


@dataclass
class Account:
    """Everything there is about one student, by three rules of the school."""

    late_cancellation_takes_lesson: bool
    no_show_returns_lesson: bool
    makeup_days: int | None
    lessons: list[Lesson] = field(default_factory=list)
    bookings: list[Booked] = field(default_factory=list)

    def usable(self, now: datetime, teacher: str | None = None) -> list[Lesson]:
        """Return what can be spent, what ends first first; with one teacher, or with whomever it is for."""
        found = [one for one in self.lessons if one.is_usable(now) and teacher in (None, one.teacher or teacher)]
        return sorted(found, key=lambda one: (one.until is None, one.until or now, one.key))

    @property
    def in_ledger(self) -> int:
        """How many the ledger has as there: also those whose end has come and was not noted yet."""
        return sum(one.stands == Stands.THERE for one in self.lessons)

    def book(self, booked: Booked, *, with_lesson: bool, now: datetime) -> None:
        if with_lesson:
            usable = self.usable(now, booked.teacher)
            if not usable:
                raise Refused
            booked.takes, usable[0].stands = usable[0], Stands.USED
        self.bookings.append(booked)

    def confirm(self, booked: Booked, now: datetime) -> None:
        if booked.status != Status.PENDING or booked.starts_at <= now:
            raise Refused
        booked.status = Status.CONFIRMED

    def decline(self, booked: Booked) -> None:
        if booked.status != Status.PENDING:
            raise Refused
        self._close(booked, returns=True)

    def cancel(self, booked: Booked, *, by_student: bool, now: datetime) -> None:
        if booked.status not in LIVE or booked.starts_at <= now:
            raise Refused
        is_late = by_student and booked.status == Status.CONFIRMED and booked.starts_at - now < NOTICE
        if is_late and not (booked.takes and self.late_cancellation_takes_lesson):
            raise Refused
        self._close(booked, returns=not is_late)

    def miss(self, booked: Booked, *, key: str, by_teacher: bool, now: datetime) -> None:
        if booked.status != Status.CONFIRMED or now < booked.starts_at + WAITS_FOR:
            raise Refused
        if not by_teacher:
            if self.no_show_returns_lesson:
                self._return(booked)
            booked.status = Status.COMPLETED
        elif self.makeup_days is None:
            self._close(booked, returns=True)
        else:
            self.lessons.append(Lesson(key, booked.teacher, now + timedelta(days=self.makeup_days)))
            self._close(booked, returns=False)

    def lapse(self, now: datetime) -> None:
        for one in self.bookings:
            if one.status == Status.PENDING and min(one.asked_at + LAPSES_AFTER, one.starts_at) <= now:
                self._close(one, returns=True)

    def complete(self, now: datetime) -> None:
        for one in self.bookings:
            if one.status == Status.CONFIRMED and one.ends_at <= now:
                one.status = Status.COMPLETED

    def take(self, count: int, now: datetime) -> None:
        usable = self.usable(now)
        if len(usable) < count:
            raise Refused
        for one in usable[:count]:
            one.stands = Stands.GONE

    def withdraw(self, keys: set[str], most: int) -> None:
        """Take back what was bought and nobody has used, also when its end has come; what was taken before is not there."""
        there = sorted((one for one in self.lessons if one.key in keys and one.stands == Stands.THERE), key=_by_key)
        for one in there[:most]:
            one.stands = Stands.GONE

    def expire(self, now: datetime) -> None:
        for one in self.lessons:
            if one.stands == Stands.THERE and one.is_over(now):
                one.stands = Stands.GONE

    def _close(self, booked: Booked, *, returns: bool) -> None:
        booked.status = Status.CANCELLED
        if returns:
            self._return(booked)

    def _return(self, booked: Booked) -> None:
        if booked.takes is not None:
            booked.takes.stands = Stands.THERE
            booked.takes = None


def _by_key(lesson: Lesson) -> str:
    return lesson.key
