"""What happens is delivered: signed, tried again for a day, once for each id, and left alone when nobody is there."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from standardwebhooks import WebhookVerificationError

from classbell.hooks import delivery, outbox, services
from classbell.hooks.bodies import TestData
from classbell.hooks.models import Attempt, Delivery, DeliveryStatus, Pause, Webhook
from classbell.hooks.services import IssuedSecret
from classbell.notices.models import Notice
from classbell.outgoing.sending import Outcome, Trouble, send
from tests.at_once import at_once
from tests.factories import make_admin
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db

Wanted = Callable[..., IssuedSecret]


def test(made: IssuedSecret) -> Delivery:
    """Write a delivery by which an admin tries a webhook."""
    return services.send_test(webhook_id=made.webhook.pk, now=timezone.now())


test.__test__ = False  # type: ignore[attr-defined]


def deliver(made: IssuedSecret, *, at: datetime | None = None) -> Webhook:
    """Send a webhook what is due, now or then."""
    delivery.deliver_due(made.webhook.pk, clock=(lambda: at) if at else timezone.now)
    return Webhook.objects.get(pk=made.webhook.pk)


def tried(made: IssuedSecret, **changes: object) -> Delivery:
    """Return a delivery that is due, as after some tries."""
    written = test(made)
    Delivery.objects.filter(pk=written.pk).update(**changes)
    return Delivery.objects.get(pk=written.pk)


def test_what_is_delivered_is_signed(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    written = test(made)

    deliver(made)

    (came,) = receiver.received
    assert came.verified(made.secret)["type"] == "webhook.test"
    assert came.id == str(written.pk)
    assert came.path == "/classbell?from=school"
    assert came.headers["content-type"] == "application/json; charset=utf-8"
    assert came.headers["host"] == f"localhost:{receiver.port}"
    written.refresh_from_db()
    assert (written.status, written.due_at) == (DeliveryStatus.DELIVERED, None)
    assert [a.status_code for a in written.attempts.all()] == [204]


def test_secret_of_somebody_else_does_not_fit(receiver: Receiver, wanted: Wanted) -> None:
    made, other = wanted(), wanted()
    test(made)
    deliver(made)

    with pytest.raises(WebhookVerificationError):
        receiver.received[0].verified(other.secret)


def test_both_secrets_sign_until_the_one_before_ends(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    renewed = services.rotate_secret(webhook_id=made.webhook.pk, now=timezone.now())
    test(made)
    deliver(made)
    Webhook.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    test(made)
    deliver(made)

    first, second = receiver.received
    assert first.verified(made.secret) == first.verified(renewed.secret)
    second.verified(renewed.secret)
    with pytest.raises(WebhookVerificationError):
        second.verified(made.secret)


def test_secret_is_stored_encrypted(wanted: Wanted) -> None:
    made = wanted()

    assert made.secret.encode() not in bytes(Webhook.objects.get().secret)


def test_rolled_back_with_what_it_tells_of(wanted: Wanted) -> None:
    made = wanted()

    with transaction.atomic():
        test(made)
        transaction.set_rollback(True)

    assert not Delivery.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name=outbox.DELIVER).exists()


def test_refused_delivery_is_tried_again_for_nearly_a_day(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    written = test(made)
    receiver.status, receiver.text = 500, b"Out of order"
    at = timezone.now()
    tries = []

    while written.due_at is not None:
        at = max(at, written.due_at)
        tries.append(at)
        deliver(made, at=at)
        written.refresh_from_db()

    assert written.status == DeliveryStatus.FAILED
    assert [b - a for a, b in pairwise(tries)] == list(delivery.PAUSES)
    assert timedelta(hours=23) < tries[-1] - tries[0] < timedelta(hours=24)
    assert len({one.id for one in receiver.received}) == 1
    assert {a.answer for a in written.attempts.all()} == {"Out of order"}


def test_receiver_that_asks_for_time_gets_it(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    written = test(made)
    receiver.status, receiver.headers = 429, {"retry-after": "3600"}
    at = timezone.now()

    deliver(made, at=at)

    written.refresh_from_db()
    assert written.due_at == at + timedelta(hours=1)


@pytest.mark.parametrize("said", ["soon", "-5", "99999999999999999999", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_odd_pause_that_is_asked_for_counts_for_nothing_or_a_day(receiver: Receiver, wanted: Wanted, said: str) -> None:
    made = wanted()
    written = test(made)
    receiver.status, receiver.headers = 503, {"retry-after": said}
    at = timezone.now()

    deliver(made, at=at)

    written.refresh_from_db()
    assert written.due_at is not None
    assert at < written.due_at <= at + timedelta(days=1)


def test_redirects_are_not_followed(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    written = test(made)
    receiver.status, receiver.headers = 307, {"location": receiver.url}

    deliver(made)

    assert len(receiver.received) == 1
    written.refresh_from_db()
    assert written.status == DeliveryStatus.PENDING
    assert written.attempts.get().status_code == 307


def test_of_a_long_answer_the_beginning_is_kept(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    test(made)
    receiver.status, receiver.text = 200, b"\0" + b"x" * 1_000_000

    deliver(made)

    answer = Attempt.objects.get().answer
    assert len(answer) == 1000
    assert answer.startswith("\N{REPLACEMENT CHARACTER}x")


def test_who_speaks_too_slowly_is_left(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, wanted: Wanted) -> None:
    made = wanted()
    test(made)
    monkeypatch.setattr(delivery, "send", partial(send, within=0.0))

    rests = deliver(made).rests_until

    assert Attempt.objects.get().error == Trouble.TIMEOUT
    assert rests is not None
    assert receiver.received == []


def test_address_that_cannot_be_reached_rests_and_keeps_no_worker(wanted: Wanted, receiver: Receiver) -> None:
    made = wanted()
    first, second = test(made), test(made)
    receiver.server.shutdown()
    receiver.server.server_close()

    webhook = deliver(made)

    assert webhook.rests_until is not None
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.tries, second.tries) == (1, 0)
    assert first.attempts.get().error == Trouble.UNREACHABLE
    assert outbox.webhooks_with_due(now=timezone.now()) == []
    assert outbox.webhooks_with_due(now=webhook.rests_until) == [webhook.pk]


def test_success_ends_the_rest(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=3))
    test(made)

    assert deliver(made).failing_since is None


def test_dead_address_is_paused_and_admins_are_told(receiver: Receiver, wanted: Wanted) -> None:
    admin, made, now = make_admin(), wanted(), timezone.now()
    Webhook.objects.update(failing_since=now - delivery.DEAD_AFTER)
    written = tried(made, tries=len(delivery.PAUSES))
    receiver.status = 500

    webhook = deliver(made)

    written.refresh_from_db()
    assert written.status == DeliveryStatus.FAILED
    assert webhook.paused_because == Pause.FAILING
    notice = Notice.objects.get(user=admin)
    assert notice.path == f"/webhooks/{webhook.pk}/"
    assert "localhost" in notice.words.subject


def test_one_refused_event_pauses_nothing_while_others_are_taken(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    Webhook.objects.update(failing_since=timezone.now() - timedelta(hours=1))
    tried(made, tries=len(delivery.PAUSES))
    receiver.status = 422

    assert not deliver(made).is_paused


def test_receiver_that_is_gone_is_paused_at_once(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    test(made)
    receiver.status = 410

    assert deliver(made).paused_because == Pause.GONE


def test_what_waits_is_sent_once_resumed(receiver: Receiver, wanted: Wanted) -> None:
    made, now = wanted("meeting.synced"), timezone.now()
    services.change_webhook(webhook_id=made.webhook.pk, paused=True, now=now)
    outbox.publish("meeting.synced", lambda: [TestData(message="Meanwhile")])
    deliver(made)
    assert receiver.received == []

    services.change_webhook(webhook_id=made.webhook.pk, paused=False, now=timezone.now())
    deliver(made)

    assert receiver.received[0].verified(made.secret)["data"] == {"message": "Meanwhile"}


def test_replayed_delivery_has_the_same_id_and_body(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    written = test(made)
    deliver(made)

    services.replay(webhook_id=made.webhook.pk, delivery_id=written.pk, now=timezone.now())
    deliver(made)

    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert written.attempts.count() == 2


def test_worker_that_died_between_sending_and_noting_is_made_up_for(receiver: Receiver, wanted: Wanted) -> None:
    made, now = wanted(), timezone.now()
    written = test(made)
    claimed = delivery.claim(made.webhook.pk, now=timezone.now())
    assert claimed is not None
    delivery.attempt(claimed, now=now)

    deliver(made)
    assert len(receiver.received) == 1
    deliver(made, at=timezone.now() + delivery.LEASE)

    assert [one.id for one in receiver.received] == [str(written.pk)] * 2
    written.refresh_from_db()
    assert written.status == DeliveryStatus.DELIVERED


def test_secret_that_cannot_be_read_sends_nothing(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    Webhook.objects.update(secret=b"of another installation")
    test(made)

    deliver(made)

    assert receiver.received == []
    assert Attempt.objects.get().error == Trouble.SECRET_UNREADABLE


def test_removed_meanwhile_is_no_trouble(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    test(made)
    claimed = delivery.claim(made.webhook.pk, now=timezone.now())
    assert claimed is not None
    services.remove_webhook(webhook_id=made.webhook.pk)

    delivery.note(claimed, Outcome(status_code=204), now=timezone.now())

    assert not Attempt.objects.exists()


def test_old_deliveries_are_forgotten_and_orphans(wanted: Wanted) -> None:
    made, now = wanted(), timezone.now()
    tried(made, created_at=now - outbox.KEPT_FOR - timedelta(seconds=1))
    kept = test(made)
    Delivery.objects.create(webhook_id=made.webhook.pk.__class__(int=7), event="x", body="{}", created_at=now)

    outbox.forget_old(now=now)

    assert list(Delivery.objects.all()) == [kept]


@pytest.mark.django_db(transaction=True)
def test_several_workers_deliver_each_once(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted()
    ids = {str(test(made).pk) for _ in range(6)}

    assert at_once([partial(delivery.deliver_due, made.webhook.pk)] * 4) == [False] * 4

    assert sorted(one.id for one in receiver.received) == sorted(ids)
    assert Attempt.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_removing_a_webhook_hinders_nobody_who_writes_for_it(receiver: Receiver, wanted: Wanted) -> None:
    made = wanted("meeting.synced")

    def publish_meanwhile() -> list[TestData]:
        at_once([partial(services.remove_webhook, webhook_id=made.webhook.pk)])
        return [TestData(message="Hello")]

    with transaction.atomic():
        outbox.publish("meeting.synced", publish_meanwhile)

    assert Delivery.objects.count() == 1
    outbox.forget_old(now=timezone.now())
    assert not Delivery.objects.exists()
