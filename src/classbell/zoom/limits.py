"""
When a request may be sent, so that Zoom never has to refuse one for its rate.

Zoom counts per account and label, a second at a time, and per account or host and UTC day.
Source: https://developers.zoom.us/docs/api/rate-limits/ (February 2026).
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

from classbell.zoom.classify import THROTTLED_PAUSE_SECONDS, seconds_to_utc_midnight
from classbell.zoom.errors import DailyScope, ZoomBusy, ZoomDailyLimit, ZoomError

# Creates and updates of meetings together, per host and UTC day, on every plan.
HOST_WRITES_PER_DAY: Final = 100

# Turns are handed out at this share of the rate, because requests do not travel equally fast.
SHARE_OF_LIMIT: Final = 0.95
# A batch caller takes a turn only when it is this near, so that interactive ones never stand behind a long batch queue.
BATCH_HORIZON_SECONDS: Final = 0.25
LONGEST_WAIT_SECONDS: Final = 60.0


class Label(StrEnum):
    """How heavy Zoom says a call is."""

    LIGHT = "LIGHT"
    MEDIUM = "MEDIUM"
    HEAVY = "HEAVY"
    RESOURCE_INTENSIVE = "RESOURCE_INTENSIVE"


class Priority(StrEnum):
    """Whether a person is waiting for the answer."""

    INTERACTIVE = "INTERACTIVE"
    BATCH = "BATCH"


@dataclass(frozen=True)
class Call:
    """
    One request about to be made, as a limiter sees it.

    With `host_id` it counts against that host's creates and updates of the day. `deadline` is a `time.monotonic()` after
    which the caller no longer wants it.
    """

    account_id: str
    label: Label
    method: str
    path_template: str
    host_id: str | None = None
    priority: Priority = Priority.INTERACTIVE
    deadline: float | None = None


@dataclass(frozen=True, kw_only=True)
class PlanLimits:
    """
    What one plan allows: requests a second by label, and a day by group of labels that share a budget.

    A label that is missing has no limit.
    """

    rates: Mapping[Label, float] = field(default_factory=dict)
    days: Mapping[frozenset[Label], int] = field(default_factory=dict)
    host_writes_per_day: int | None = HOST_WRITES_PER_DAY

    def per_second(self, label: Label) -> float | None:
        """Return the requests a second, a fraction where Zoom counts by the minute; None for no limit."""
        return self.rates.get(label)

    def per_day(self, label: Label) -> int | None:
        """Return the requests a UTC day of the group `label` belongs to; None for no limit."""
        return self.days.get(self.day_group(label))

    def day_group(self, label: Label) -> frozenset[Label]:
        """Return the labels that share a daily budget with `label`, itself among them."""
        return next((group for group in self.days if label in group), frozenset({label}))


def _rates(light: float, medium: float, heavy: float, intensive_per_minute: float) -> Mapping[Label, float]:
    return MappingProxyType(
        {
            Label.LIGHT: light,
            Label.MEDIUM: medium,
            Label.HEAVY: heavy,
            Label.RESOURCE_INTENSIVE: intensive_per_minute / 60,
        }
    )


_HEAVY_TOGETHER: Final = frozenset({Label.HEAVY, Label.RESOURCE_INTENSIVE})

# "business" is also Education, Enterprise and partners. "unlimited" is no plan of Zoom's but of a simulator's.
PLANS: Final[Mapping[str, PlanLimits]] = MappingProxyType(
    {
        "free": PlanLimits(
            rates=_rates(4, 2, 1, 10),
            days={
                frozenset({Label.LIGHT}): 6_000,
                frozenset({Label.MEDIUM}): 2_000,
                frozenset({Label.HEAVY}): 1_000,
                frozenset({Label.RESOURCE_INTENSIVE}): 30_000,
            },
        ),
        "pro": PlanLimits(rates=_rates(30, 20, 10, 10), days={_HEAVY_TOGETHER: 30_000}),
        "business": PlanLimits(rates=_rates(80, 60, 40, 20), days={_HEAVY_TOGETHER: 60_000}),
        "unlimited": PlanLimits(host_writes_per_day=None),
    }
)


class Limiter(Protocol):
    """Says when a call may be sent. Called from many threads at once."""

    def acquire(self, call: Call) -> None:
        """
        Block until `call` may be sent.

        Raises ZoomBusy when no turn comes before the call's deadline, ZoomDailyLimit when today's budget is spent.
        """

    def give_back(self, call: Call) -> None:
        """A `call` with a `host_id` that had its turn never left: that host's day is as it was."""

    def throttled(self, call: Call, error: ZoomError) -> None:
        """Zoom answered 429 to `call` all the same: let everyone wait as long as `error` says."""


class NoLimiter:
    """Lets everything through."""

    def acquire(self, call: Call) -> None:
        """Return at once."""

    def give_back(self, call: Call) -> None:
        """Do nothing."""

    def throttled(self, call: Call, error: ZoomError) -> None:
        """Do nothing."""


class LocalLimiter:
    """
    A limiter for one process, in memory.

    Turns of one label are spaced evenly (GCRA with a burst of one). Interactive callers queue; batch callers step back
    while the queue is long.
    """

    def __init__(
        self,
        limits: PlanLimits,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._next_turn: dict[tuple[str, Label], float] = {}
        self._day = date.min
        self._used: defaultdict[object, int] = defaultdict(int)
        self._spent_until: dict[object, datetime] = {}

    def acquire(self, call: Call) -> None:
        """Block until it is this call's turn. Raises ZoomBusy, ZoomDailyLimit."""
        give_up_at = self._monotonic() + LONGEST_WAIT_SECONDS
        if call.deadline is not None:
            give_up_at = min(give_up_at, call.deadline)
        while True:
            with self._lock:
                wait = self._turn_in(call)
                patience = give_up_at - self._monotonic()
                if wait > patience:
                    raise ZoomBusy(method=call.method, path=call.path_template, retry_after=wait)
                mine = call.priority is Priority.INTERACTIVE or wait <= BATCH_HORIZON_SECONDS
                if mine:
                    self._spend_day(call)
                    self._take_turn(call, wait)
            self._sleep(wait if mine else wait - BATCH_HORIZON_SECONDS)
            if mine:
                return

    def give_back(self, call: Call) -> None:
        """Let somebody else have this call's part of its host's day."""
        with self._lock:
            key = _host_key(call)
            self._used[key] = max(0, self._used[key] - 1)

    def throttled(self, call: Call, error: ZoomError) -> None:
        """Hold back what Zoom's 429 concerns: the label for a moment, the host or the account for the day."""
        with self._lock:
            if not isinstance(error, ZoomDailyLimit):
                pause = error.retry_after or THROTTLED_PAUSE_SECONDS
                key = (call.account_id, call.label)
                self._next_turn[key] = max(self._next_turn.get(key, 0.0), self._monotonic() + pause)
                return
            now = self._clock()
            until = now + timedelta(seconds=error.retry_after or seconds_to_utc_midnight(now))
            if error.scope == "host" and call.host_id is not None:
                self._spent_until[_host_key(call)] = until
            elif error.scope == "account":
                self._spent_until[self._account_key(call)] = until

    def _turn_in(self, call: Call) -> float:
        return max(0.0, self._next_turn.get((call.account_id, call.label), 0.0) - self._monotonic())

    def _take_turn(self, call: Call, wait: float) -> None:
        rate = self._limits.per_second(call.label)
        if rate is not None:
            spacing = 1 / (rate * SHARE_OF_LIMIT)
            self._next_turn[call.account_id, call.label] = self._monotonic() + wait + spacing

    def _spend_day(self, call: Call) -> None:
        now = self._clock()
        if now.date() != self._day:
            self._day = now.date()
            self._used.clear()
        budgets: list[tuple[DailyScope, object, int | None]] = [
            ("account", self._account_key(call), self._limits.per_day(call.label))
        ]
        if call.host_id is not None:
            budgets.append(("host", _host_key(call), self._limits.host_writes_per_day))
        for scope, key, limit in budgets:
            spent_until = self._spent_until.get(key, now)
            if limit is not None and self._used[key] >= limit:
                spent_until = now + timedelta(seconds=seconds_to_utc_midnight(now))
            if spent_until > now:
                raise ZoomDailyLimit(
                    scope=scope,
                    method=call.method,
                    path=call.path_template,
                    retry_after=(spent_until - now).total_seconds(),
                )
        for _scope, key, _limit in budgets:
            self._used[key] += 1

    def _account_key(self, call: Call) -> object:
        return call.account_id, self._limits.day_group(call.label)


def _host_key(call: Call) -> object:
    return call.account_id, call.host_id
