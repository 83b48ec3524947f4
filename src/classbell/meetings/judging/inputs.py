"""What is judged, and by which rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from classbell.meetings.periods import Period, between


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedOccurrence:
    """
    One session as planned and as Zoom told of it; None: not told.

    `opens_without_host` means that a start does not prove that the teacher came; `elsewhere` that it was held, at least
    in part, where nobody tells us who was there: the code of the reason. Where Zoom told of several `runs`, nobody could be
    there between them: that time is nobody's, as if it had not been.
    """

    starts_at: datetime
    ends_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancelled: bool = False
    opens_without_host: bool = False
    elsewhere: str = ""
    runs: Sequence[Period] = ()

    @property
    def gaps(self) -> list[Period]:
        """When the room was closed in between."""
        return between(self.runs)

    @property
    def scheduled(self) -> Period:
        """The planned time."""
        return Period(starts_at=self.starts_at, ends_at=self.ends_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """
    What a school calls late, present and partly there.

    Percentages are of the counted time. Who was there at all is not blamed for missing up to `grace_before_minutes` at its
    beginning and `grace_after_minutes` at its end: those count as attended, though not as time. A session that ran for
    less than `least_minutes` (or half its planned length, if that is less) did not take place.
    """

    late_after_minutes: int = 10
    present_percent: int = 75
    partial_percent: int = 25
    grace_before_minutes: int = 5
    grace_after_minutes: int = 5
    least_minutes: int = 5
    teacher_tolerance_minutes: int = 5
    void_when_host_never_came: bool = True
    difference_minutes: int = 2
