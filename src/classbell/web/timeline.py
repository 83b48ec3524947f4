"""A sitting drawn as one strip a person: when they were there, against the time that counts. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from classbell.meetings.presence import Period

# What lies further outside the sitting is drawn at the edge.
MARGIN = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A stretch on the strip, in per cent of its width; `kind` says what it means: there, missed at the begin or the end."""

    at: float
    size: float
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """The strip's own time: from a little before the sitting to a little after it."""

    starts_at: datetime
    ends_at: datetime

    def at(self, moment: datetime) -> float:
        """Return where a moment stands, 0 to 100; outside it stays at the edge."""
        share = (moment - self.starts_at) / (self.ends_at - self.starts_at)
        return round(100 * min(1.0, max(0.0, share)), 2)

    def bar(self, period: Period, kind: str) -> Bar:
        """Return a stretch as it is drawn, never too narrow to be seen."""
        at, end = self.at(period.starts_at), self.at(period.ends_at)
        return Bar(at=min(at, 99.4), size=max(round(end - at, 2), 0.6), kind=kind)


def scale_for(sitting: Period) -> Scale:
    """Return the scale of a sitting's strips."""
    return Scale(starts_at=sitting.starts_at - MARGIN, ends_at=sitting.ends_at + MARGIN)


def bars_for(stretches: Sequence[Period], *, sitting: Period, scale: Scale, absent: bool = False) -> list[Bar]:
    """Return one person's strip: what they missed at either end, and over it when they were there."""
    there = [stretch for stretch in stretches if stretch.ends_at > stretch.starts_at]
    if not there:
        return [scale.bar(sitting, "missed")] if absent else []
    bars = []
    if there[0].starts_at > sitting.starts_at:
        late = Period(starts_at=sitting.starts_at, ends_at=min(there[0].starts_at, sitting.ends_at))
        bars.append(scale.bar(late, "missed"))
    if there[-1].ends_at < sitting.ends_at:
        early = Period(starts_at=max(there[-1].ends_at, sitting.starts_at), ends_at=sitting.ends_at)
        bars.append(scale.bar(early, "missed"))
    return bars + [scale.bar(stretch, "there") for stretch in there]
