"""Zoom's limits hold for all processes together, and people go before batches."""

import os
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from classbell.meetings.hosts.budget import HOST_WRITES_KEPT_FOR_PEOPLE
from classbell.meetings.models import Circuit, DailyBudget, SendSlot
from classbell.meetings.sync import limits
from classbell.meetings.sync.circuit import PostgresBreaker
from classbell.meetings.sync.limits import PostgresLimiter
from classbell.zoom.errors import ZoomBusy, ZoomCircuitOpen, ZoomDailyLimit, ZoomThrottled
from classbell.zoom.limits import BATCH_HORIZON_SECONDS, HOST_WRITES_PER_DAY, Call, Label, Priority


def call(account: str, *, label: Label = Label.LIGHT, **fields) -> Call:
    return Call(account_id=account, label=label, method="POST", path_template="/x", **fields)


def writes_of_hosts(account: str) -> dict[str, int]:
    """Return what was sent of each host today."""
    rows = DailyBudget.objects.filter(key__startswith=f"host:{account}:").values_list("key", "used")
    return {key.rpartition(":")[2]: used for key, used in rows}


@pytest.fixture
def account() -> str:
    """An account that no other test has sent for."""
    return f"account-{uuid4()}"


def most_in_any_second(moments: list[float]) -> int:
    """Return the most moments that any window of one second holds, wherever it begins."""
    ordered = sorted(moments)
    return max(bisect_left(ordered, moment + 1.0) - index for index, moment in enumerate(ordered))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("plan", "label", "limit", "requests"),
    [
        pytest.param("business", Label.LIGHT, 80, 30, id="business light"),
        pytest.param("pro", Label.LIGHT, 30, 10, id="pro light"),
        pytest.param("free", Label.MEDIUM, 2, 1, id="free medium"),
    ],
)
def test_eight_processes_never_exceed_a_limit_in_any_window(account, plan, label, limit, requests):
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'], safe='/')}"
    environment = os.environ | {"DATABASE_URL": url, "CLASSBELL_SECRET_KEY": "for-tests-only"}
    command = [sys.executable, "-m", "tests.meetings.limiter_process", account, plan, label.value, str(requests), "8"]

    answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)

    moments = [float(line) for line in answer.stdout.split()]
    assert len(moments) == 8 * requests
    assert most_in_any_second(moments) <= limit


@pytest.mark.django_db(transaction=True)
def test_turn_after_the_deadline_is_refused_and_not_taken(account):
    limiter = PostgresLimiter("free")
    limiter.acquire(call(account, label=Label.HEAVY))

    with pytest.raises(ZoomBusy) as refusal:
        limiter.acquire(call(account, label=Label.HEAVY, deadline=time.monotonic() + 0.1))

    assert refusal.value.retryable
    turn_in, _queue = limits._take_turn(key=f"{account}:HEAVY", spacing=1, horizon=2)
    assert turn_in is not None
    assert turn_in < 1.2


@pytest.mark.django_db(transaction=True)
def test_batch_takes_no_turn_beyond_its_horizon(account):
    key = f"{account}:LIGHT"
    for _person in range(20):
        limits._take_turn(key=key, spacing=0.1, horizon=60)

    batch_turn, queue = limits._take_turn(key=key, spacing=0.1, horizon=BATCH_HORIZON_SECONDS)
    person_turn, _queue = limits._take_turn(key=key, spacing=0.1, horizon=60)

    assert batch_turn is None
    assert queue > 1
    assert person_turn is not None


@pytest.fixture
def only_reads() -> Iterator[None]:
    """The database takes nothing in, as a standby would not."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("only_reads")
def test_zoom_is_asked_within_its_limits_while_the_database_only_reads(account):
    limiter, breaker = PostgresLimiter("free"), PostgresBreaker(account)
    heavy = call(account, label=Label.HEAVY, deadline=time.monotonic() + 0.5)

    limiter.acquire(heavy)
    breaker.allow()
    breaker.record_success()
    breaker.record_failure()
    limiter.give_back(heavy)

    with pytest.raises(ZoomBusy):
        limiter.acquire(heavy)  # One a second.


@pytest.mark.django_db
def test_queue_of_a_clock_that_was_put_back_is_forgotten(account):
    limiter = PostgresLimiter("pro")
    limiter.acquire(call(account))
    SendSlot.objects.update(next_at=timezone.now() + timedelta(hours=1))

    limiter.acquire(call(account, deadline=time.monotonic() + 1))

    assert SendSlot.objects.get(key=limits.slot_key(call(account))).next_at < timezone.now() + timedelta(minutes=1)


@pytest.mark.django_db
def test_circuit_that_a_clock_opened_before_it_was_put_back_is_tried(account):
    breaker = PostgresBreaker(account)
    Circuit.objects.create(account_id=account, failures=9, open_until=timezone.now() + timedelta(hours=1))

    breaker.check()
    breaker.allow()

    with pytest.raises(ZoomCircuitOpen):
        breaker.allow()  # One is enough to find out.


@pytest.mark.django_db(transaction=True)
def test_throttled_answer_holds_everybody_back(account):
    limiter = PostgresLimiter("business")

    limiter.throttled(call(account), ZoomThrottled(retry_after=3.0))

    with pytest.raises(ZoomBusy):
        limiter.acquire(call(account, deadline=time.monotonic() + 1))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_batch_leaves_some_of_a_hosts_day_to_people(account):
    limiter = PostgresLimiter("business")
    batch = call(account, host_id="host", priority=Priority.BATCH)
    person = call(account, host_id="host", priority=Priority.INTERACTIVE)
    for _write in range(HOST_WRITES_PER_DAY - HOST_WRITES_KEPT_FOR_PEOPLE):
        limiter.acquire(batch)

    with pytest.raises(ZoomDailyLimit) as refusal:
        limiter.acquire(batch)
    for _write in range(HOST_WRITES_KEPT_FOR_PEOPLE):
        limiter.acquire(person)
    with pytest.raises(ZoomDailyLimit):
        limiter.acquire(person)

    assert refusal.value.scope == "host"
    assert writes_of_hosts(account) == {"host": 100}


@pytest.mark.django_db(transaction=True)
def test_daily_answer_of_zoom_closes_that_hosts_day(account):
    limiter = PostgresLimiter("business")

    limiter.throttled(call(account, host_id="host"), ZoomDailyLimit(scope="host", retry_after=60))

    with pytest.raises(ZoomDailyLimit):
        limiter.acquire(call(account, host_id="host"))
    limiter.acquire(call(account, host_id="other"))


@pytest.mark.django_db(transaction=True)
def test_write_that_never_left_is_given_back_to_its_host(account):
    limiter = PostgresLimiter("business")
    limiter.acquire(call(account, host_id="host"))
    limiter.acquire(call(account, host_id="host"))

    limiter.give_back(call(account, host_id="host"))

    assert writes_of_hosts(account) == {"host": 1}
