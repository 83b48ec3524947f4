"""
The limiter that all processes share: turns to send, and daily budgets, kept in PostgreSQL.

A turn is handed out by one statement (GCRA with a burst of one): requests of a kind leave evenly spaced, so no window of a
second holds more than the plan allows, wherever it begins. Two margins make that true for real clocks: the spacing uses
`SHARE_OF_LIMIT` of the rate, and a caller that wakes up more than `LATENESS` after its turn gives the turn up and takes
another. (rate × 0.95 × (1 s + 0.05 s) < rate.)

Interactive before batch: a batch caller may only take a turn that is near (`BATCH_HORIZON`), so while people wait their
turns push the queue beyond the horizon and batches stand back. Of each host's daily writes the batch leaves some.
"""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.db import Error, connection
from django.db.models import F

from classbell.meetings.hosts.budget import HOST_WRITES_KEPT_FOR_PEOPLE
from classbell.meetings.models import DailyBudget
from classbell.meetings.sync.too_many_requests import count_too_many_requests
from classbell.postgres.trouble import refuses_writes, unless_writes_are_refused
from classbell.zoom.classify import seconds_to_utc_midnight
from classbell.zoom.errors import DailyScope, ZoomBusy, ZoomDailyLimit, ZoomError
from classbell.zoom.limits import (
    BATCH_HORIZON_SECONDS,
    HOST_WRITES_PER_DAY,
    LONGEST_WAIT_SECONDS,
    PLANS,
    SHARE_OF_LIMIT,
    Call,
    LocalLimiter,
    PlanLimits,
    Priority,
)

log = structlog.get_logger(__name__)

LATENESS_SECONDS = 0.05
# A limit of requests a second is over long before.
LONGEST_HOLD_SECONDS = 120.0


class PostgresLimiter:
    """Implements `classbell.zoom.limits.Limiter` for one plan. Any number of processes share what it keeps."""

    def __init__(self, plan: str) -> None:
        self._limits: PlanLimits = PLANS[plan]
        self._alone = LocalLimiter(self._limits)

    def acquire(self, call: Call) -> None:
        """
        Block until `call` may be sent. While the database takes nothing in, each process keeps the limits by itself.

        Raises ZoomDailyLimit when today's budget is spent, ZoomBusy when no turn comes before the call's deadline.
        """
        try:
            self._acquire(call)
        except Error as error:
            if not refuses_writes(error):
                raise
            self._alone.acquire(call)

    def _acquire(self, call: Call) -> None:
        budgets = self._daily_budgets(call)
        for budget in budgets:
            if budget.is_spent():
                raise budget.refusal(call)
        self._wait_for_turn(call)
        # Spent last: a call that gets no turn costs nothing.
        for budget in budgets:
            if not budget.spend():
                raise budget.refusal(call)

    def _wait_for_turn(self, call: Call) -> None:
        rate = self._limits.per_second(call.label)
        if rate is None:
            return
        spacing = 1 / (rate * SHARE_OF_LIMIT)
        give_up_at = time.monotonic() + LONGEST_WAIT_SECONDS
        if call.deadline is not None:
            give_up_at = min(give_up_at, call.deadline)
        while True:
            asked_at = time.monotonic()
            patience = max(0.0, give_up_at - asked_at)
            horizon = min(patience, BATCH_HORIZON_SECONDS) if call.priority is Priority.BATCH else patience
            turn_in, queue = _take_turn(key=slot_key(call), spacing=spacing, horizon=horizon)
            answered_at = time.monotonic()
            if turn_in is None:
                pause = max(queue - horizon, spacing) * random.uniform(1.0, 1.2)  # noqa: S311 -- spreads callers, hides nothing
                if answered_at + pause >= give_up_at:
                    raise ZoomBusy(method=call.method, path=call.path_template, retry_after=queue)
                time.sleep(pause)
                continue
            time.sleep(max(0.0, answered_at + turn_in - time.monotonic()))
            if time.monotonic() - (asked_at + turn_in) <= LATENESS_SECONDS:
                return

    def give_back(self, call: Call) -> None:
        """Let somebody else have this call's part of its host's day."""
        today = DailyBudget.objects.filter(key=_host_key(call), day=datetime.now(UTC).date(), used__gt=0)
        with unless_writes_are_refused():
            today.update(used=F("used") - 1)

    def throttled(self, call: Call, error: ZoomError) -> None:
        """Zoom answered 429 after all: count it, and hold back every process for as long as Zoom says."""
        kind = (
            f"zoom_day_{error.scope}" if isinstance(error, ZoomDailyLimit) else f"zoom_rate_{call.label.value.lower()}"
        )
        log.warning("zoom_too_many_requests", kind=kind, path=call.path_template, retry_after=error.retry_after)
        count_too_many_requests(kind)
        if isinstance(error, ZoomDailyLimit):
            if call.host_id is not None and error.scope == "host":
                _exhaust(_host_key(call), HOST_WRITES_PER_DAY)
            return
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO meetings_sendslot AS slot (key, next_at)
                VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(pause)s))
                ON CONFLICT (key) DO UPDATE SET next_at = greatest(slot.next_at, excluded.next_at)
                """,
                {"key": slot_key(call), "pause": min(error.retry_after or 1.0, LONGEST_HOLD_SECONDS)},
            )

    def _daily_budgets(self, call: Call) -> list["_Budget"]:
        budgets = []
        per_host = self._limits.host_writes_per_day
        if call.host_id is not None and per_host is not None:
            kept = HOST_WRITES_KEPT_FOR_PEOPLE if call.priority is Priority.BATCH else 0
            budgets.append(_Budget(key=_host_key(call), limit=per_host - kept, scope="host"))
        if (per_day := self._limits.per_day(call.label)) is not None:
            group = "+".join(sorted(self._limits.day_group(call.label)))
            budgets.append(_Budget(key=f"account:{call.account_id}:{group}", limit=per_day, scope="account"))
        return budgets


@dataclass(frozen=True, kw_only=True, slots=True)
class _Budget:
    """What a call may use up of one UTC day."""

    key: str
    limit: int
    scope: DailyScope

    def is_spent(self) -> bool:
        today = datetime.now(UTC).date()
        return DailyBudget.objects.filter(key=self.key, day=today, used__gte=self.limit).exists()

    def spend(self) -> bool:
        """Take one; False when somebody else took the last."""
        return _spend(self.key, self.limit)

    def refusal(self, call: Call) -> ZoomDailyLimit:
        return ZoomDailyLimit(
            method=call.method,
            path=call.path_template,
            scope=self.scope,
            retry_after=seconds_to_utc_midnight(datetime.now(UTC)),
        )


def slot_key(call: Call) -> str:
    """Name the queue a call stands in: calls of one label of one account share one."""
    return f"{call.account_id}:{call.label.value}"


def _host_key(call: Call) -> str:
    return f"host:{call.account_id}:{call.host_id}"


def _take_turn(*, key: str, spacing: float, horizon: float) -> tuple[float | None, float]:
    """
    Take the next turn if it is at most `horizon` seconds away. A queue that nobody can have made so long was kept by a clock
    that has been put back since, and is forgotten.

    Returns (seconds until the turn or None, seconds until the queue's next free turn as seen before).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH turn AS (
                INSERT INTO meetings_sendslot AS slot (key, next_at)
                VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(spacing)s))
                ON CONFLICT (key) DO UPDATE
                    SET next_at = CASE
                        WHEN slot.next_at > clock_timestamp() + make_interval(secs => %(furthest)s) THEN clock_timestamp()
                        ELSE greatest(slot.next_at, clock_timestamp()) END + make_interval(secs => %(spacing)s)
                    WHERE slot.next_at <= clock_timestamp() + make_interval(secs => %(horizon)s)
                        OR slot.next_at > clock_timestamp() + make_interval(secs => %(furthest)s)
                RETURNING next_at - make_interval(secs => %(spacing)s) AS at
            )
            SELECT (SELECT extract(epoch FROM at - clock_timestamp())::float FROM turn),
                   coalesce((SELECT extract(epoch FROM next_at - clock_timestamp())::float
                             FROM meetings_sendslot WHERE key = %(key)s), 0)
            """,
            {
                "key": key,
                "spacing": spacing,
                "horizon": horizon,
                "furthest": LONGEST_HOLD_SECONDS + LONGEST_WAIT_SECONDS,
            },
        )
        turn_in, queue = cursor.fetchone()
    return (None if turn_in is None else max(0.0, turn_in)), max(0.0, queue)


def _spend(key: str, limit: int) -> bool:
    """Take one from today's budget; say whether there was one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO meetings_dailybudget AS budget (key, day, used)
            VALUES (%s, (clock_timestamp() AT TIME ZONE 'UTC')::date, 1)
            ON CONFLICT (key, day) DO UPDATE SET used = budget.used + 1 WHERE budget.used < %s
            RETURNING used
            """,
            [key, limit],
        )
        return cursor.fetchone() is not None


def _exhaust(key: str, limit: int) -> None:
    DailyBudget.objects.update_or_create(key=key, day=datetime.now(UTC).date(), defaults={"used": limit})
