"""A day drawn as a narrow column or a long row: where each period stands on it, in per cent. No database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from classbell.web.kit.charts.weeks import midnight

# A school's day, as hours of the local day; what lies outside is drawn at its edge.
FIRST_HOUR, LAST_HOUR = 6, 23
SMALLEST = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A period on a picture of its day: where it begins and how much of the picture it takes, in per cent."""

    at: float
    size: float
    is_cancelled: bool


def day_marks(periods: Iterable[tuple[datetime, datetime, bool]], *, day: date, zone: ZoneInfo) -> list[Mark]:
    """Return where each (start, end, cancelled) stands on the picture of a local day, cut to that day."""
    marks = []
    for starts_at, ends_at, is_cancelled in periods:
        at = share_of_day(starts_at, day=day, zone=zone)
        end = share_of_day(ends_at, day=day, zone=zone)
        at = min(at, 100 - SMALLEST)
        marks.append(Mark(at=round(at, 2), size=round(max(end - at, SMALLEST), 2), is_cancelled=is_cancelled))
    return marks


def now_mark(now: datetime, zone: ZoneInfo) -> float:
    """Return where the clock stands on the picture of today, in per cent."""
    return round(share_of_day(now, day=now.astimezone(zone).date(), zone=zone), 2)


def share_of_day(
    moment: datetime, *, day: date, zone: ZoneInfo, first_hour: float = FIRST_HOUR, last_hour: float = LAST_HOUR
) -> float:
    """Return where a moment stands between two hours of a local day's clock, 0 to 100; outside it stays at the edge."""
    if moment < midnight(day, zone):
        return 0.0
    if moment >= midnight(day + timedelta(days=1), zone):
        return 100.0
    local = moment.astimezone(zone)
    hours = local.hour + local.minute / 60
    return min(100.0, max(0.0, (hours - first_hour) / (last_hour - first_hour) * 100))
