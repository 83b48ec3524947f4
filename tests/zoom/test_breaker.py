import threading

import pytest

from classbell.zoom.breaker import LocalBreaker
from classbell.zoom.errors import ZoomCircuitOpen


class Time:
    seconds = 0.0


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def breaker(time):
    return LocalBreaker(failures=3, open_seconds=30, monotonic=lambda: time.seconds)


def fail(breaker, times):
    for _ in range(times):
        breaker.record_failure()


def test_closed_circuit_lets_everything_through(breaker):
    fail(breaker, 2)

    breaker.allow()
    breaker.allow()


def test_failures_in_a_row_open_the_circuit_and_say_for_how_long(breaker, time):
    fail(breaker, 3)
    time.seconds = 10

    with pytest.raises(ZoomCircuitOpen) as raised:
        breaker.allow()

    assert raised.value.retry_after == 20


def test_success_between_failures_keeps_it_closed(breaker):
    fail(breaker, 2)
    breaker.record_success()
    fail(breaker, 2)

    breaker.allow()


def test_half_open_circuit_lets_exactly_one_probe_through(breaker, time):
    fail(breaker, 3)
    time.seconds = 30
    passed, gate = [], threading.Barrier(16)

    def ask():
        gate.wait()
        try:
            breaker.allow()
        except ZoomCircuitOpen:
            return
        passed.append(1)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(passed) == 1


def test_successful_probe_closes_the_circuit(breaker, time):
    fail(breaker, 3)
    time.seconds = 30
    breaker.allow()

    breaker.record_success()

    breaker.allow()
    breaker.allow()


def test_failed_probe_opens_it_anew(breaker, time):
    fail(breaker, 3)
    time.seconds = 30
    breaker.allow()
    time.seconds = 35

    breaker.record_failure()

    with pytest.raises(ZoomCircuitOpen) as raised:
        breaker.allow()
    assert raised.value.retry_after == 30


def test_probe_that_never_reports_is_replaced(breaker, time):
    fail(breaker, 3)
    time.seconds = 30
    breaker.allow()
    time.seconds = 60

    breaker.allow()

    with pytest.raises(ZoomCircuitOpen):
        breaker.allow()
