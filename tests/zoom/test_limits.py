import threading
from datetime import UTC, datetime, timedelta

import pytest

from classbell.zoom.errors import ZoomBusy, ZoomDailyLimit, ZoomThrottled
from classbell.zoom.limits import (
    BATCH_HORIZON_SECONDS,
    HOST_WRITES_PER_DAY,
    LONGEST_WAIT_SECONDS,
    PLANS,
    SHARE_OF_LIMIT,
    Call,
    Label,
    LocalLimiter,
    NoLimiter,
    PlanLimits,
    Priority,
)

NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.seconds = 0.0
        self.day_offset = timedelta()

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        assert seconds >= 0
        self.seconds += seconds

    def now(self):
        return NOON + self.day_offset + timedelta(seconds=self.seconds)


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def limiter_for(time):
    def make(limits):
        return LocalLimiter(limits, monotonic=time.monotonic, sleep=time.sleep, clock=time.now)

    return make


def call(label=Label.LIGHT, **fields):
    return Call(account_id="a", label=label, method="POST", path_template="/x", **fields)


@pytest.mark.parametrize("plan", ["free", "pro", "business"])
@pytest.mark.parametrize("label", list(Label))
def test_no_second_holds_more_requests_than_the_plan_allows(plan, label, time, limiter_for):
    limiter, rate = limiter_for(PLANS[plan]), PLANS[plan].per_second(label)
    sent_at = []
    assert rate

    for _ in range(200 if rate >= 1 else 8):
        limiter.acquire(call(label))
        sent_at.append(time.seconds)

    window = max(1.0, 1 / rate) if rate >= 1 else 60.0
    most = max(sum(start <= moment < start + window for moment in sent_at) for start in sent_at)
    assert most <= rate * window
    assert sent_at[-1] <= (len(sent_at) - 1) / (rate * SHARE_OF_LIMIT) + 0.001


@pytest.mark.parametrize(
    ("plan", "per_second", "per_day"),
    [
        ("free", (4, 2, 1, 10 / 60), (6_000, 2_000, 1_000, 30_000)),
        ("pro", (30, 20, 10, 10 / 60), (None, None, 30_000, 30_000)),
        ("business", (80, 60, 40, 20 / 60), (None, None, 60_000, 60_000)),
        ("unlimited", (None,) * 4, (None,) * 4),
    ],
)
def test_plans_are_those_zoom_publishes(plan, per_second, per_day):
    limits = PLANS[plan]

    assert tuple(limits.per_second(label) for label in Label) == per_second
    assert tuple(limits.per_day(label) for label in Label) == per_day


def test_labels_do_not_wait_for_each_other(time, limiter_for):
    limiter = limiter_for(PLANS["pro"])

    for label in Label:
        limiter.acquire(call(label))

    assert time.seconds == 0


def test_caller_with_a_deadline_is_told_at_once_that_it_cannot_be_met(time, limiter_for):
    limiter = limiter_for(PlanLimits(rates={Label.LIGHT: 1}))
    limiter.acquire(call())

    with pytest.raises(ZoomBusy) as raised:
        limiter.acquire(call(deadline=0.5))

    assert time.seconds == 0
    assert raised.value.retry_after == pytest.approx(1 / SHARE_OF_LIMIT)
    limiter.acquire(call(deadline=2))
    assert time.seconds == pytest.approx(1 / SHARE_OF_LIMIT)


def test_nobody_waits_longer_than_a_minute(time, limiter_for):
    limiter = limiter_for(PlanLimits(rates={Label.LIGHT: 1 / 120}))
    limiter.acquire(call())

    with pytest.raises(ZoomBusy):
        limiter.acquire(call())

    assert time.seconds <= LONGEST_WAIT_SECONDS


def test_batch_stands_back_behind_people_who_come_later(time):
    people: list[str] = []

    def sleep(seconds):
        # As soon as the batch caller goes to sleep, ten people come, each while the one before is waiting.
        if len(people) < 10:
            people.append("person")
            limiter.acquire(call())
        else:
            time.sleep(seconds)

    limiter = LocalLimiter(PlanLimits(rates={Label.LIGHT: 2}), monotonic=time.monotonic, sleep=sleep, clock=time.now)
    limiter.throttled(call(), ZoomThrottled(retry_after=1))

    limiter.acquire(call(priority=Priority.BATCH))

    assert len(people) == 10
    assert time.seconds >= 1 + 10 / 2 - BATCH_HORIZON_SECONDS


def test_hundred_writes_a_day_per_host(time, limiter_for):
    limiter = limiter_for(PLANS["business"])
    for _ in range(HOST_WRITES_PER_DAY):
        limiter.acquire(call(host_id="host"))

    with pytest.raises(ZoomDailyLimit) as raised:
        limiter.acquire(call(host_id="host"))

    assert raised.value.scope == "host"
    assert raised.value.retry_after == pytest.approx(12 * 3600 - time.seconds)
    limiter.acquire(call(host_id="another"))
    limiter.acquire(call())
    time.day_offset = timedelta(hours=12)
    limiter.acquire(call(host_id="host"))


def test_write_given_back_may_be_made_by_somebody_else(limiter_for):
    limiter = limiter_for(PlanLimits(host_writes_per_day=1))
    limiter.acquire(call(host_id="host"))

    limiter.give_back(call(host_id="host"))

    limiter.acquire(call(host_id="host"))


def test_daily_budget_of_the_account_is_shared_by_heavy_labels(limiter_for):
    limiter = limiter_for(PlanLimits(days={frozenset({Label.HEAVY, Label.RESOURCE_INTENSIVE}): 2}))
    limiter.acquire(call(Label.HEAVY))
    limiter.acquire(call(Label.RESOURCE_INTENSIVE))

    with pytest.raises(ZoomDailyLimit) as raised:
        limiter.acquire(call(Label.HEAVY))

    assert raised.value.scope == "account"
    limiter.acquire(call(Label.LIGHT))


def test_refused_call_spends_no_budget(limiter_for):
    limits = PlanLimits(days={frozenset({Label.LIGHT}): 2}, host_writes_per_day=1)
    limiter = limiter_for(limits)
    limiter.acquire(call(host_id="host"))

    with pytest.raises(ZoomDailyLimit):
        limiter.acquire(call(host_id="host"))

    limiter.acquire(call())


def test_after_a_429_everyone_with_that_label_waits(time, limiter_for):
    limiter = limiter_for(PLANS["unlimited"])

    limiter.throttled(call(), ZoomThrottled(retry_after=3.0))
    limiter.acquire(call(Label.HEAVY))
    assert time.seconds == 0
    limiter.acquire(call())

    assert time.seconds == 3.0


def test_after_a_daily_429_of_a_host_only_that_host_waits(time, limiter_for):
    limiter = limiter_for(PLANS["pro"])

    limiter.throttled(call(host_id="host"), ZoomDailyLimit(scope="host", retry_after=600))

    with pytest.raises(ZoomDailyLimit) as raised:
        limiter.acquire(call(host_id="host"))
    assert raised.value.retry_after == pytest.approx(600)
    limiter.acquire(call(host_id="another"))
    time.seconds += 601
    limiter.acquire(call(host_id="host"))


def test_after_a_daily_429_of_the_account_the_label_waits(limiter_for):
    limiter = limiter_for(PLANS["pro"])

    limiter.throttled(call(Label.HEAVY), ZoomDailyLimit(scope="account", retry_after=600))

    with pytest.raises(ZoomDailyLimit):
        limiter.acquire(call(Label.HEAVY))
    limiter.acquire(call(Label.LIGHT))


def test_daily_429_of_a_registrant_holds_nobody_else_back(limiter_for):
    limiter = limiter_for(PLANS["pro"])

    limiter.throttled(call(host_id="host"), ZoomDailyLimit(scope="registrant", retry_after=600))

    limiter.acquire(call(host_id="host"))


def test_threads_get_turns_of_their_own():
    slept, gate = list[float](), threading.Barrier(8)
    limiter = LocalLimiter(PlanLimits(rates={Label.LIGHT: 100}), monotonic=lambda: 0.0, sleep=slept.append)

    def ask():
        gate.wait()
        for _ in range(25):
            limiter.acquire(call())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    spacing = 1 / (100 * SHARE_OF_LIMIT)
    assert sorted(slept) == pytest.approx([number * spacing for number in range(200)])


def test_no_limiter_lets_everything_through():
    limiter = NoLimiter()

    limiter.throttled(call(), ZoomThrottled(retry_after=60))
    limiter.acquire(call())
