"""Zoom's rate limits: per second and label, per day, per host, per registrant."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from zoomsim.clock import Clock, zulu
from zoomsim.options import Plan
from zoomsim.protocol.errors import ZoomError


class Label(StrEnum):
    """How Zoom weighs a call, spelled as its headers spell it."""

    LIGHT = "Light"
    MEDIUM = "Medium"
    HEAVY = "Heavy"


PER_SECOND: dict[Plan, dict[Label, int]] = {
    Plan.FREE: {Label.LIGHT: 4, Label.MEDIUM: 2, Label.HEAVY: 1},
    Plan.PRO: {Label.LIGHT: 30, Label.MEDIUM: 20, Label.HEAVY: 10},
    Plan.BUSINESS: {Label.LIGHT: 80, Label.MEDIUM: 60, Label.HEAVY: 40},
    Plan.UNLIMITED: {},
}
PER_DAY: dict[Plan, dict[Label, int]] = {
    Plan.FREE: {Label.LIGHT: 6000, Label.MEDIUM: 2000, Label.HEAVY: 1000},
    Plan.PRO: {Label.HEAVY: 30_000},
    Plan.BUSINESS: {Label.HEAVY: 60_000},
    Plan.UNLIMITED: {},
}
NEW_USERS_PER_DAY = {Plan.FREE: 50, Plan.PRO: 1500, Plan.BUSINESS: 10_000}
WRITES_PER_HOST_AND_DAY = 100
ADDS_PER_REGISTRANT_AND_DAY = 3
STATUS_CHANGES_PER_REGISTRANT_AND_DAY = 10

PER_SECOND_TEXT = "You have reached the maximum per-second rate limit for this API. Try again later."
DAILY_TEXT = (
    "You have reached the maximum daily rate limit for this API. "
    "Refer to the response header for details on when you can make another request."
)
HOST_TEXT = (
    "You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted "
    "for this particular user. You may resume these requests at GMT 00:00:00."
)
REGISTRANT_TEXT = (
    "You have exceeded the daily rate limit of ({limit}) for {what} API requests for the registrant ({email}). "
    "You can resume these API requests at GMT 00:00:00."
)


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a label's second and day is used, for whoever shows it."""

    label: Label
    this_second: int
    per_second: int | None
    today: int
    per_day: int | None


class Limits:
    """Fixed windows of one second and of one UTC day, by the simulator's clock, for the whole account."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self.plan = plan
        self.clock = clock
        self._second = 0
        self._day = clock.now().date()
        self._in_second: Counter[Label] = Counter()
        self._in_day: Counter[Hashable] = Counter()

    def forget(self) -> None:
        """Begin every count anew."""
        self._in_second.clear()
        self._in_day.clear()

    def count_call(self, label: Label) -> None:
        """Count one call of the account. Raises ZoomError 429 when its second or its day is full."""
        now = self._turn()
        per_second = PER_SECOND[self.plan].get(label)
        if per_second is not None and self._in_second[label] >= per_second:
            raise _too_many(PER_SECOND_TEXT, kind="Per-second-limit", limit=per_second)
        per_day = PER_DAY[self.plan].get(label)
        if per_day is not None and self._in_day[label] >= per_day:
            raise _too_many(DAILY_TEXT, kind="Daily-limit", limit=per_day, retry_after=_next_midnight(now))
        self._in_second[label] += 1
        self._in_day[label] += 1

    def count_write(self, host_id: str) -> None:
        """Count a create or update of a meeting of this host. Raises ZoomError 429 beyond 100 a day."""
        self._count_daily(("write", host_id), WRITES_PER_HOST_AND_DAY, HOST_TEXT)

    def count_registration(self, meeting_id: int, email: str) -> None:
        """Count an attempt to register this e-mail. Raises ZoomError 429 beyond 3 a day and meeting."""
        text = REGISTRANT_TEXT.format(limit=ADDS_PER_REGISTRANT_AND_DAY, what="Add meeting registrant", email=email)
        self._count_daily(("register", meeting_id, email.lower()), ADDS_PER_REGISTRANT_AND_DAY, text)

    def count_decision(self, meeting_id: int, registrant_id: str, email: str) -> None:
        """Count a change of a registrant's status. Raises ZoomError 429 beyond 10 a day."""
        text = REGISTRANT_TEXT.format(
            limit=STATUS_CHANGES_PER_REGISTRANT_AND_DAY, what="Update meeting registrant status", email=email
        )
        self._count_daily(("decide", meeting_id, registrant_id), STATUS_CHANGES_PER_REGISTRANT_AND_DAY, text)

    def count_new_user(self) -> None:
        """Count a new user. Raises ZoomError 429 beyond what the plan allows a day."""
        if self.plan in NEW_USERS_PER_DAY:
            self._count_daily("user", NEW_USERS_PER_DAY[self.plan], DAILY_TEXT)

    def writes_today(self, host_id: str) -> int:
        """Return how many of the host's 100 creates and updates are used."""
        self._turn()
        return self._in_day["write", host_id]

    def usage(self) -> list[Usage]:
        """Return what is used of each label."""
        self._turn()
        return [
            Usage(
                label=label,
                this_second=self._in_second[label],
                per_second=PER_SECOND[self.plan].get(label),
                today=self._in_day[label],
                per_day=PER_DAY[self.plan].get(label),
            )
            for label in Label
        ]

    def _turn(self) -> datetime:
        """Empty the windows that are over, and return the time."""
        now = self.clock.now()
        second = int(now.timestamp())
        if second != self._second:
            self._second = second
            self._in_second.clear()
            if now.date() != self._day:
                self._day = now.date()
                self._in_day.clear()
        return now

    def _count_daily(self, key: Hashable, limit: int, text: str) -> None:
        self._turn()
        if self.plan is not Plan.UNLIMITED and self._in_day[key] >= limit:
            raise ZoomError(429, 429, text)
        self._in_day[key] += 1


def per_second_error(label: Label, plan: Plan) -> ZoomError:
    """The answer to one call too many in a second, for a fault that pretends so; without limits, as of Business."""
    limit = PER_SECOND[plan].get(label) or PER_SECOND[Plan.BUSINESS][label]
    return _too_many(PER_SECOND_TEXT, kind="Per-second-limit", limit=limit)


def _too_many(text: str, *, kind: str, limit: int, retry_after: datetime | None = None) -> ZoomError:
    headers = {"X-RateLimit-Type": kind, "X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": "0"}
    if retry_after is not None:
        headers["Retry-After"] = zulu(retry_after)
    return ZoomError(429, 429, text, headers=headers)


def _next_midnight(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=UTC)
