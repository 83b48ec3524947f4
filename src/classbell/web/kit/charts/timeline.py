"""A session drawn as one strip a person: when they were there, against the time that counts. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from classbell.meetings.periods import Period, cut

# Air on each side, as a part of the session: strips of long and short sessions begin and end in one line. What lies
# further outside is drawn at the edge.
MARGIN = 1 / 12
LEAST_SIZE = 0.6


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """
    A stretch on the strip, in per cent of its width.

    `kind` says what it means: `there`; `outside` (there, at a time that does not count); missed as `late`, `away` or
    `early`; or `missed` altogether.
    """

    at: float
    size: float
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """The strip's own time: from a little before the session to a little after it."""

    starts_at: datetime
    ends_at: datetime

    def at(self, moment: datetime) -> float:
        """Return where a moment stands, 0 to 100; outside it stays at the edge."""
        share = (moment - self.starts_at) / (self.ends_at - self.starts_at)
        return round(100 * min(1.0, max(0.0, share)), 2)

    def bar(self, period: Period, kind: str) -> Bar:
        """Return a stretch as it is drawn, never too narrow to be seen."""
        at, end = self.at(period.starts_at), self.at(period.ends_at)
        return Bar(at=min(at, 100 - LEAST_SIZE), size=max(round(end - at, 2), LEAST_SIZE), kind=kind)


def scale_for(occurrence: Period) -> Scale:
    """Return the scale of a session's strips."""
    margin = occurrence.length * MARGIN
    return Scale(starts_at=occurrence.starts_at - margin, ends_at=occurrence.ends_at + margin)


def bars_for(stretches: Sequence[Period], *, occurrence: Period, scale: Scale, absent: bool = False) -> list[Bar]:
    """Return one person's strip: what they missed, and over it when they were there, within the counted time and outside."""
    before = Period(starts_at=scale.starts_at, ends_at=occurrence.starts_at)
    after = Period(starts_at=occurrence.ends_at, ends_at=scale.ends_at)
    there = cut(stretches, occurrence)
    return [
        *(scale.bar(period, kind) for kind, period in _missed(there, occurrence, absent=absent)),
        *(scale.bar(part, "outside") for part in (*cut(stretches, before), *cut(stretches, after))),
        *(scale.bar(part, "there") for part in there),
    ]


def _missed(there: Sequence[Period], occurrence: Period, *, absent: bool) -> list[tuple[str, Period]]:
    if not there:
        return [("missed", occurrence)] if absent else []
    missed = [
        ("late", Period(starts_at=occurrence.starts_at, ends_at=there[0].starts_at)),
        *(("away", Period(starts_at=one.ends_at, ends_at=other.starts_at)) for one, other in pairwise(there)),
        ("early", Period(starts_at=there[-1].ends_at, ends_at=occurrence.ends_at)),
    ]
    return [(kind, period) for kind, period in missed if period.length]
