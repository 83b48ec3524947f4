"""Free times of a kind of lesson with any of several teachers, worked out the slow and obvious way: teacher by teacher."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.bookings.slots_reference import MINUTE, World, free_slots

Offer = tuple[datetime, int, int, str]


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A group lesson of the teacher with that number, of the kind that is asked for or another; so many have a seat."""

    teacher: int
    start: datetime
    minutes: int
    taken: int
    is_cancelled: bool
    is_of_the_kind: bool

    @property
    def end(self) -> datetime:
        return self.start + self.minutes * MINUTE


@dataclass(frozen=True, kw_only=True)
class School:
    """Teachers who are asked for a lesson of one kind, and some who are not; those who are gone have no account any more."""

    teachers: list[World]
    asked: list[int]
    gone: set[int]
    seats: int
    other_buffer: int
    lessons: list[Shared]
    # Whole days on which the school only warns, by name, and those of a teacher's own.
    warned: list[tuple[str, date, date]]
    own_warned: list[tuple[int, date, date]]

    def world_of(self, number: int) -> World:
        """Return a teacher's world with the group lessons in it."""
        held = [one for one in self.lessons if one.teacher == number and not one.is_cancelled]
        world = self.teachers[number]
        return replace(
            world,
            lessons=[
                (one.start, one.end, world.asked_buffer if one.is_of_the_kind else self.other_buffer)
                for one in held
                if one.taken
            ],
            claims=[(one.start, one.end) for one in held if not one.taken],
        )

    def warning(self, number: int, start: datetime) -> str | None:
        """Return the name of a holiday that warns of a teacher's lesson, "" for one of their own, None for none."""
        zone = ZoneInfo(self.teachers[number].zone)
        of_school = [name for name, *days in self.warned if _lies_in(start, ZoneInfo("UTC"), *days)]
        own = ["" for whose, *days in self.own_warned if whose == number and _lies_in(start, zone, *days)]
        return max([*of_school, *own], default=None)


def offers(school: School, *, first: date, days: int, minutes: int, reader: str) -> list[Offer]:
    """Return each start with how many teachers offer it, with how many seats, and the warning that holds for all of them."""
    found: defaultdict[datetime, list[tuple[int, str | None]]] = defaultdict(list)
    for number in set(school.asked) - school.gone:
        for start in free_slots(school.world_of(number), first=first, days=days, minutes=minutes, reader=reader):
            found[start].append((school.seats, school.warning(number, start)))
        shown = {first + timedelta(days=ahead) for ahead in range(days)}
        for lesson in _with_seats_left(school, number):
            if lesson.minutes == minutes and lesson.start.astimezone(ZoneInfo(reader)).date() in shown:
                found[lesson.start].append((school.seats - lesson.taken, school.warning(number, lesson.start)))
    return [
        (start, len(there), sum(seats for seats, _warning in there), _common(warning for _seats, warning in there))
        for start, there in sorted(found.items())
    ]


def _with_seats_left(school: School, number: int) -> Iterator[Shared]:
    """Yield the group lessons of the kind which somebody may still join: their notice counts, and no holiday or horizon."""
    world = school.teachers[number]
    for lesson in school.lessons:
        if (
            lesson.teacher == number
            and lesson.is_of_the_kind
            and not lesson.is_cancelled
            and lesson.taken < school.seats
            and lesson.start > world.now
            and lesson.start >= world.earliest
        ):
            yield lesson


def _common(warnings: Iterator[str | None]) -> str:
    names = list(warnings)
    return "" if None in names else max(name or "" for name in names) or "The teacher’s holiday"


def _lies_in(start: datetime, zone: ZoneInfo, first: date, last: date) -> bool:
    return first <= start.astimezone(zone).date() <= last
