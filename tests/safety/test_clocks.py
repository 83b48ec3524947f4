"""A clock that is set hours ahead or back: what waits is done, nobody is signed out, nothing is sent twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.contrib.django import app
from procrastinate.periodic import PeriodicDeferrer
from structlog.testing import capture_logs

from classbell.accounts.tokens import issue_tokens, purge_ended_sign_ins, user_of_access_token
from classbell.config import worker
from classbell.config.hands import StopSignals
from classbell.config.worker import MOST_SECONDS_BACK, clock_put_back
from classbell.hooks.delivery import LEASE, PAUSES, claim, note
from classbell.hooks.models import Delivery, DeliveryStatus, Webhook
from classbell.hooks.secrets import kept_of, new_secret
from classbell.outgoing.sending import Outcome, Trouble
from tests.factories import make_student

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
HOURS = timedelta(hours=5)


def looks(*moments: float) -> bool:
    """Say whether the worker, whose clock says these seconds at each look a second after the one before, begins anew."""
    told, steady = iter(moments), iter(range(len(moments) + 1))
    try:
        asyncio.run(clock_put_back(clock=lambda: next(told), steady=lambda: float(next(steady)), pause=0))
    except (StopIteration, RuntimeError):
        return False
    return True


@pytest.mark.parametrize(
    ("moments", "begins_anew"),
    [
        ((0, 1, 2, 3, 4), False),
        ((0, 1, 2 + 18_000, 3 + 18_000, 4 + 18_000), False),
        ((0, 1, 2 - 18_000), True),
        ((0, 1, 2 + 18_000, 3), True),
        ((0, 1 - 0.5, 2 - 1.0, 3 - 1.5, 4 - 2.0, 5 - 2.5), False),
        ((0, 1, 2 - 2 * MOST_SECONDS_BACK), True),
    ],
    ids=["runs on", "hours ahead", "hours back", "ahead and back", "slowly put right", "seconds back"],
)
def test_a_worker_begins_anew_when_its_clock_was_put_back(moments: tuple[float, ...], begins_anew: bool) -> None:
    assert looks(*moments) is begins_anew


def test_it_does_so_at_once_and_tells_it_for_no_absence_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[int] = []
    signals = StopSignals(patience=1.0)

    async def work(*_given: object) -> None:
        began.append(len(began))
        if len(began) == 2:
            signals.stop.set()
        await asyncio.Event().wait()

    async def put_back() -> None:
        if len(began) == 2:
            await asyncio.Event().wait()

    monkeypatch.setattr(worker, "_work", work)
    monkeypatch.setattr(worker, "clock_put_back", put_back)
    monkeypatch.setattr(worker, "StopSignals", lambda *, patience: signals)
    monkeypatch.setattr(signals, "watch", lambda loop: None)

    with capture_logs() as logged:
        asyncio.run(worker.keep_working(concurrency=1, open_inbox=lambda: None, stop_timeout=1.0))

    assert began == [0, 1]
    assert [line["event"] for line in logged] == ["worker_begins_anew"]


def test_one_that_did_not_would_do_nothing_more_until_the_clock_is_as_late_as_it_was() -> None:
    def names(deferrer: PeriodicDeferrer, at: datetime) -> set[str]:
        return {task.task.name for task, _timestamp in deferrer.get_previous_tasks(at=at.timestamp())}

    running = PeriodicDeferrer(registry=app.periodic_registry)
    before = names(running, NOON)

    assert "meetings.take_up_stuck" in before
    assert names(running, NOON - HOURS) == set()
    assert "meetings.take_up_stuck" in names(PeriodicDeferrer(registry=app.periodic_registry), NOON - HOURS)


@pytest.fixture
def delivery(db: None) -> Delivery:
    webhook = Webhook.objects.create(
        url="https://receiver.example/", events=["session.changed"], secret=kept_of(new_secret()), created_at=NOON
    )
    return Delivery.objects.create(webhook=webhook, event="session.changed", body="{}", due_at=NOON, created_at=NOON)


def test_what_is_sent_just_now_is_sent_by_nobody_else_when_the_clock_goes_back(delivery: Delivery) -> None:
    assert claim(delivery.webhook_id, now=NOON) is not None

    assert claim(delivery.webhook_id, now=NOON - HOURS) is None
    assert claim(delivery.webhook_id, now=NOON + LEASE) is not None


def test_a_clock_that_goes_ahead_gives_nothing_up_before_all_its_tries(delivery: Delivery) -> None:
    failed = Outcome(error=Trouble.UNREACHABLE)
    now = NOON
    for _try in range(len(PAUSES)):
        taken = claim(delivery.webhook_id, now=now)
        assert taken is not None
        note(taken, failed, now=now)
        now += HOURS * 2
        delivery.refresh_from_db()
        assert delivery.status == DeliveryStatus.PENDING

    assert claim(delivery.webhook_id, now=now) is not None


def test_an_address_that_a_clock_of_before_let_rest_is_tried_again(delivery: Delivery) -> None:
    taken = claim(delivery.webhook_id, now=NOON)
    assert taken is not None
    note(taken, Outcome(error=Trouble.UNREACHABLE), now=NOON)
    other = Delivery.objects.create(
        webhook=delivery.webhook, event="session.changed", body="{}", due_at=NOON - HOURS, created_at=NOON - HOURS
    )

    back = claim(delivery.webhook_id, now=NOON - HOURS)

    assert back is not None
    assert back.pk == other.pk


@pytest.mark.django_db
def test_who_signed_in_while_the_clock_was_wrong_stays_signed_in_when_it_is_right() -> None:
    person = make_student()
    tokens = issue_tokens(person)

    # Ahead by hours, the nightly job looks for what is over.
    purge_ended_sign_ins(now=datetime.now(UTC) + HOURS)

    assert user_of_access_token(tokens.access_token) == person
