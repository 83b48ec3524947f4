"""The simulator's clock and the forms in which Zoom writes times."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1000, 2999
"""Times outside these years are refused, so that all sums of times stay within what a datetime holds."""


class Clock:
    """Real time plus an offset, so that a day can pass in a moment."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def move(self, offset_s: float) -> None:
        """Go so many seconds ahead of real time. Raises ValueError when that is no number or too far away."""
        try:
            offset = timedelta(seconds=offset_s)
            check_year(datetime.now(UTC) + offset)
        except OverflowError as error:
            raise ValueError(f"{offset_s} s is too far away") from error
        self.offset = offset

    def now(self) -> datetime:
        """Return the simulated time, aware, in UTC."""
        return datetime.now(UTC) + self.offset


@lru_cache(maxsize=20_000)  # Lists write the same times over and over.
def zulu(moment: datetime) -> str:
    """Write an aware UTC time as Zoom does: `2026-11-29T15:00:00Z`."""
    return moment.isoformat(timespec="seconds")[:19] + "Z"


def milliseconds(moment: datetime) -> int:
    """Return the Unix time in milliseconds."""
    return int(moment.timestamp() * 1000)


def check_year(moment: datetime) -> datetime:
    """Return the time. Raises ValueError when it is too far away."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"{moment} is too far away")
    return moment


def parse_time(text: str, zone: str = "UTC") -> datetime:
    """
    Read a time as Zoom does and return it aware in UTC: with `Z` it is UTC, without it is wall time in `zone`.

    An offset such as `+02:00` or `+0000` is not among what Zoom documents, yet widely sent and taken: it is honoured.
    Raises ValueError for what is no time.
    """
    text = text.strip()
    if text[10:11] != "T":
        raise ValueError(f"{text!r} is no time of the form 2026-11-29T15:00:00Z")
    is_utc = text[-1] in "Zz"
    moment = check_year(datetime.fromisoformat(text[:-1] if is_utc else text))
    if moment.tzinfo is not None:
        if is_utc:
            raise ValueError(f"{text!r} has an offset besides its Z")
        return check_year(moment.astimezone(UTC))
    if is_utc:
        return moment.replace(tzinfo=UTC)
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def whole_second(moment: datetime) -> datetime:
    """Cut off the fraction of the second, which Zoom does not keep."""
    return moment.replace(microsecond=0)
