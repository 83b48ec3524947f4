"""
Free slots worked out the slow and obvious way: every minute is asked whether it is free. The measure of the real thing.

Wall times are read off `zoneinfo`, minute by minute, so nothing here has to know what a clock change is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
# No zone is further from UTC than this.
FARTHEST_OFFSET = timedelta(hours=15)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Open every week on a weekday (0 = Monday), or on one day; in minutes of the teacher's clock."""

    weekday: int | None = None
    day: date | None = None
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything that decides a teacher's free slots. Periods are half-open, on whole minutes, in UTC."""

    zone: str
    windows: list[Window]
    claims: list[tuple[datetime, datetime]] = field(default_factory=list)
    # Lessons, each with the buffer of its kind; None is the teacher's.
    lessons: list[tuple[datetime, datetime, int | None]] = field(default_factory=list)
    # One that is to be moved: it takes nothing.
    moving: tuple[datetime, datetime, int | None] | None = None
    time_off: list[tuple[datetime, datetime]] = field(default_factory=list)
    # Days of the teacher's clock, both included, on which these weekly windows replace the usual ones.
    periods: list[tuple[date, date, list[Window]]] = field(default_factory=list)
    # Whole days of a clock, both included.
    holidays: list[tuple[str, date, date]] = field(default_factory=list)
    # Those that only warn.
    warned: list[tuple[str, date, date]] = field(default_factory=list)
    buffer: int = 0
    # The buffer of the kind of lesson that is asked for; None is the teacher's.
    asked_buffer: int | None = None
    notice: int = 0
    asked_notice: int | None = None
    interval: int | None = None
    horizon_days: int = 90
    now: datetime

    def is_open(self, moment: datetime) -> bool:
        """Whether the teacher's windows hold this minute; of a repeated wall time only the second run counts."""
        local = moment.astimezone(ZoneInfo(self.zone))
        if local.fold == 0 and local.replace(fold=1).utcoffset() != local.utcoffset():
            return False
        minute = local.hour * 60 + local.minute
        replaced = [windows for first, last, windows in self.periods if first <= local.date() <= last]
        usual = [window for window in self.windows if window.day is not None or not replaced]
        return any(
            window.start <= minute < window.end and local.date() == (window.day or local.date())
            for window in [*usual, *(window for windows in replaced for window in windows)]
            if window.weekday in {None, local.weekday()}
        )

    @property
    def earliest(self) -> datetime:
        """From when on a lesson may begin."""
        return self.now + (self.notice if self.asked_notice is None else self.asked_notice) * MINUTE

    @property
    def latest(self) -> datetime:
        """From when on no lesson may begin any more."""
        return self.now + timedelta(days=self.horizon_days)

    def fits(self, start: datetime, end: datetime) -> bool:
        """Whether a lesson may be booked then: neither too soon nor too late, each minute that it touches free."""
        return self.earliest <= start < self.latest and all(
            self.is_open(moment) and not self.is_taken(moment) for moment in minutes_of(start, end)
        )

    def is_taken(self, moment: datetime) -> bool:
        """Whether something else has this minute, or stands too close to it."""
        rest = (self.buffer if self.asked_buffer is None else self.asked_buffer) * MINUTE
        return (
            any(start - rest <= moment < end + rest for start, end in self.claims)
            or any(
                start - max(rest, own) <= moment < end + max(rest, own)
                for start, end, buffer in self.lessons
                for own in [(self.buffer if buffer is None else buffer) * MINUTE]
            )
            or any(start <= moment < end for start, end in self.time_off)
            or any(first <= moment.astimezone(ZoneInfo(zone)).date() <= last for zone, first, last in self.holidays)
        )


def minutes_of(start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield each minute that lies between two moments, or a part of it."""
    moment = start.replace(second=0, microsecond=0)
    while moment < end:
        yield moment
        moment += MINUTE


def free_stretches(world: World, *, first: date, days: int, minutes: int, reader: str) -> list[list[datetime]]:
    """Return the free minutes around the days asked for, unbroken run by unbroken run."""
    begin = day_begins(first, reader)
    # The day before is looked at, so that a lesson may be packed after one that began before midnight.
    day_before = begin.astimezone(ZoneInfo(world.zone)).date() - timedelta(days=1)
    moment = day_begins(day_before, world.zone)
    until = day_begins(first + timedelta(days=days), reader) + minutes * MINUTE
    runs: list[list[datetime]] = []
    unbroken = False
    while moment < until:
        free = world.is_open(moment) and not world.is_taken(moment)
        if free and not unbroken:
            runs.append([])
        if free:
            runs[-1].append(moment)
        unbroken = free
        moment += MINUTE
    return runs


def free_slots(world: World, *, first: date, days: int, minutes: int, reader: str) -> list[datetime]:
    """Return where a lesson may begin, as aware UTC datetimes in order."""
    shown = {first + timedelta(days=number) for number in range(days)}
    return [
        start
        for run in free_stretches(world, first=first, days=days, minutes=minutes, reader=reader)
        for start in _starts(world, run, minutes)
        if start.astimezone(ZoneInfo(reader)).date() in shown and world.earliest <= start < world.latest
    ]


def warnings(world: World, *, first: date, days: int, reader: str) -> list[tuple[datetime, datetime, bool]]:
    """
    Return from when until when holidays only warn that have a moment of the days asked for, in order, and whether each is the
    teacher's own.
    """
    shown_from, shown_until = (day_begins(day, reader) for day in (first, first + timedelta(days=days)))
    lasting = (
        (day_begins(begins, zone), day_begins(ends + timedelta(days=1), zone), zone == world.zone)
        for zone, begins, ends in world.warned
    )
    return sorted(one for one in lasting if one[0] < shown_until and one[1] > shown_from)


def _starts(world: World, run: list[datetime], minutes: int) -> Iterator[datetime]:
    early_enough = run[: max(0, len(run) - minutes + 1)]
    if world.interval is None:
        yield from early_enough[::minutes]
        return
    # A stretch over a clock change keeps the grid on which it began.
    begins = run[0].astimezone(ZoneInfo(world.zone))
    for number, start in enumerate(early_enough):
        if (begins.hour * 60 + begins.minute + number) % world.interval == 0:
            yield start


def day_begins(day: date, zone: str) -> datetime:
    """Return the first moment that bears this date, in a zone that may skip or repeat its midnight."""
    moment = datetime.combine(day, time(), tzinfo=UTC) - FARTHEST_OFFSET
    while moment.astimezone(ZoneInfo(zone)).date() < day:
        moment += MINUTE
    return moment
