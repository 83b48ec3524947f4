"""Taking Zoom's webhooks in: who is believed, what is kept, and that nothing is lost or done twice."""

import json
import time
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone
from psycopg import errors as sqlstate_errors
from pydantic import SecretStr

from classbell.meetings.models import Participation, WebhookEvent
from classbell.meetings.webhooks import events, inbox
from classbell.meetings.webhooks.intake import MOST_BYTES
from classbell.zoom.webhooks import sign
from tests.at_once import at_once, done_at_once
from tests.factories_meetings import make_meeting
from tests.simulator import wait_until
from tests.zoom_events import SECRET, Run, as_bytes, event, headers, post, put_on_zoom, store

# HMAC-SHA256 of "a-token" under "a-webhook-secret", by openssl.
ENCRYPTED = "ba428e0e46d9d1ad0ed410fae944952e39a7fe39aadc85f2c32ecc59e60bbf4b"
BODY = as_bytes(event("meeting.alert", timezone.now(), id="1"))


@pytest.fixture
def run(webhooks: None) -> Run:
    """A run of a meeting that is on Zoom."""
    return Run(put_on_zoom(make_meeting()).occurrences.get())


def answered(response) -> tuple[int, object]:
    return response.status_code, response.json().get("code", response.json())


def waiting() -> int:
    return WebhookEvent.objects.filter(processed_at=None).count()


def die_half_way() -> None:
    """Understand what waits and be killed before it is committed."""
    with transaction.atomic():
        inbox.process_some(now=timezone.now())
        raise KeyboardInterrupt


def test_signed_event_is_stored_before_it_is_answered(run):
    response = post(as_bytes(run.joined(timezone.now(), "C1")))

    stored = WebhookEvent.objects.get()
    assert answered(response) == (200, {"received": True})
    assert (stored.event, stored.zoom_meeting_id) == ("meeting.participant_joined", run.about["id"])
    assert (stored.zoom_instance_uuid, stored.connection) == (run.about["uuid"], "C1")
    assert stored.processed_at is None


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param(lambda now: {}, 401, id="no-headers"),
        pytest.param(lambda now: {"x-zm-request-timestamp": str(now)}, 401, id="no-signature"),
        pytest.param(lambda now: {"x-zm-signature": sign(SECRET, str(now), BODY)}, 401, id="no-timestamp"),
        pytest.param(lambda now: headers(BODY, secret="another"), 401, id="forged"),
        pytest.param(lambda now: headers(BODY + b" "), 401, id="other-bytes"),
        pytest.param(lambda now: headers(BODY) | {"x-zm-request-timestamp": str(now + 1)}, 401, id="other-timestamp"),
        pytest.param(lambda now: headers(BODY, timestamp=now - 2 * 3600 - 60), 401, id="stale"),
        pytest.param(lambda now: headers(BODY, timestamp=now - 2 * 3600 + 60), 200, id="old-but-within-the-age"),
        pytest.param(lambda now: headers(BODY, timestamp=now + 360), 401, id="from-the-future"),
        pytest.param(lambda now: headers(BODY, timestamp=now + 60), 200, id="their-clock-is-ahead"),
        pytest.param(lambda now: headers(BODY, timestamp=now * 1000), 200, id="timestamp-in-milliseconds"),
        pytest.param(lambda now: {"x-zm-request-timestamp": "now", "x-zm-signature": "v0=é"}, 401, id="nonsense"),
    ],
)
def test_only_recent_events_signed_with_our_secret_are_kept(webhooks, given, status):
    # Asked now: a run of all tests takes longer than these margins.
    response = post(BODY, given(int(time.time())))

    assert response.status_code == status
    assert WebhookEvent.objects.count() == (status == 200)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        pytest.param(b"event=meeting.started", 400, id="not-json"),
        pytest.param(b"", 400, id="empty"),
        pytest.param('{"event":"meeting.ended","é":1}'.encode("latin-1"), 400, id="wrong-encoding"),
        pytest.param('{"event":"meeting.ended"}'.encode("utf-16"), 400, id="utf-16"),
        pytest.param(b'["meeting.started"]', 400, id="no-object"),
        pytest.param(b'{"payload":{}}', 400, id="no-event"),
        pytest.param(b'{"event":7}', 400, id="event-is-a-number"),
        pytest.param(b'{"event":"x","n":NaN}', 400, id="no-number"),
        pytest.param(b'{"event":"x","n":1e999}', 400, id="number-without-end"),
        pytest.param(b'{"event":"x","n":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, id="too-deep"),
        pytest.param(b'{"event":"x","text":"' + b"a" * MOST_BYTES + b'"}', 413, id="oversized"),
        pytest.param(b'{"event":"x","text":"' + b"a" * 900_000 + b'"}', 200, id="large"),
        pytest.param(rb'{"event":"x","text":"\u0000 \\u0000 \ud800 \u00e9"}', 200, id="what-postgresql-cannot-keep"),
        pytest.param(b'{"event":"meeting.started","payload":"text"}', 200, id="no-payload"),
        pytest.param(b'{"event":"meeting.started","event_ts":1e300}', 200, id="no-time"),
        pytest.param(
            b'{"event":"meeting.started","payload":{"object":{"start_time":"0001-01-01T00:00:00+14:00"}}}',
            200,
            id="before-all-time",
        ),
        pytest.param(b'{"event":"meeting.started","event_ts":"soon","payload":{"object":[]}}', 200, id="odd-shape"),
    ],
)
def test_signed_nonsense_is_refused_and_odd_events_are_kept(webhooks, raw, status):
    response = post(raw)

    assert response.status_code == status
    assert WebhookEvent.objects.count() == (status == 200)


def test_what_postgresql_cannot_keep_is_replaced(webhooks):
    post(rb'{"event":"x","text":"\u0000|\\u0000|\ud800|\u00e9"}')

    assert WebhookEvent.objects.get().body["text"] == "�|\\u0000|?|é"


def test_refused_events_leave_nothing_in_the_log(webhooks, caplog, capsys):
    raw = as_bytes(event("meeting.started", timezone.now(), topic="Private matters"))

    post(raw, headers(raw, secret="another"))

    assert "Private matters" not in caplog.text + capsys.readouterr().out


def test_network_addresses_and_recording_keys_are_not_kept(run):
    store(run.joined(timezone.now(), public_ip="203.0.113.7", private_ip="10.0.0.7") | {"download_token": "secret"})

    kept = json.dumps(WebhookEvent.objects.get().body)
    assert [word for word in ("203.0.113.7", "10.0.0.7", "secret") if word in kept] == []


def test_without_a_secret_the_endpoint_says_what_is_missing(db):
    response = post(BODY)

    assert answered(response) == (503, "webhook_not_configured")
    assert "ZOOM_WEBHOOK_SECRET" in response.json()["error"]


def test_url_validation_is_answered_as_zoom_asks(webhooks):
    raw = as_bytes({"event": "endpoint.url_validation", "payload": {"plainToken": "a-token"}, "event_ts": 1})

    response = post(raw)

    assert response.status_code == 200
    assert response.json() == {"plainToken": "a-token", "encryptedToken": ENCRYPTED}
    assert WebhookEvent.objects.count() == 0


@pytest.mark.parametrize("payload", [{}, "text", {"plainToken": 7}], ids=["no-token", "text", "number"])
def test_url_validation_without_a_token_is_refused(webhooks, payload):
    raw = as_bytes({"event": "endpoint.url_validation", "payload": payload})

    assert post(raw).status_code == 400


def test_while_the_secret_is_changed_messages_by_either_are_taken_and_the_new_one_is_proved(webhooks, settings):
    both = {"zoom_webhook_secret": SecretStr(SECRET), "zoom_webhook_secret_old": SecretStr("the one before")}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=both)
    asked = as_bytes({"event": "endpoint.url_validation", "payload": {"plainToken": "a-token"}, "event_ts": 1})

    taken = [post(BODY, headers(BODY, secret=secret)).status_code for secret in ("the one before", SECRET, "a third")]
    proved = [post(asked, headers(asked, secret=secret)).json() for secret in ("the one before", SECRET)]

    assert taken == [200, 200, 401]
    assert [proof["encryptedToken"] for proof in proved] == [ENCRYPTED, ENCRYPTED]


def test_an_older_secret_alone_is_no_secret(webhooks, settings):
    alone = {"zoom_webhook_secret": SecretStr(""), "zoom_webhook_secret_old": SecretStr(SECRET)}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=alone)

    assert post(BODY).status_code == 503


def test_unsigned_url_validation_is_not_answered(webhooks):
    raw = as_bytes({"event": "endpoint.url_validation", "payload": {"plainToken": "a-token"}})

    assert post(raw, {}).status_code == 401


def test_repeat_is_answered_the_same_and_changes_nothing(run):
    raw = as_bytes(run.joined(timezone.now()))
    first = post(raw)
    inbox.process_all(now=timezone.now())
    before = list(Participation.objects.values())

    again = post(raw, headers(raw, timestamp=int(time.time()) - 3600))
    inbox.process_all(now=timezone.now())

    assert answered(first) == answered(again) == (200, {"received": True})
    assert WebhookEvent.objects.count() == 1
    assert list(Participation.objects.values()) == before


def test_get_is_not_allowed(webhooks, client):
    assert client.get("/api/zoom/webhook").status_code == 405


def test_one_event_costs_one_statement(webhooks, django_assert_num_queries):
    post(as_bytes(event("meeting.alert", timezone.now(), id="2")))

    with django_assert_num_queries(0):  # Prepared statements go past Django's count: nothing else is asked.
        post(BODY)

    assert WebhookEvent.objects.count() == 2


def test_unknown_event_is_kept_and_done_with(webhooks):
    store(event("meeting.hologram_shown", timezone.now(), id="1"))

    inbox.process_all(now=timezone.now())

    stored = WebhookEvent.objects.get()
    assert (stored.processed_at is not None, stored.error) == (True, "")


def test_poisoned_event_waits_longer_each_time_and_holds_up_nobody(run):
    now = timezone.now()
    poisoned = run.joined(now, "C1")
    poisoned["payload"]["object"]["participant"] = "Ana"
    for body in (poisoned, run.started(), run.joined(now, "C2")):
        store(body)

    inbox.process_all(now=timezone.now())

    failed = WebhookEvent.objects.get(processed_at=None)
    assert failed.body == poisoned
    assert (failed.attempts, failed.error.partition(":")[0]) == (1, "ValidationError")
    assert [stay.connection for stay in Participation.objects.all()] == ["C2"]
    pauses = []
    for _attempt in range(3):
        failed.refresh_from_db()
        pauses.append(failed.due_at - now)
        now = failed.due_at
        assert inbox.process_all(now=now) == 1
    assert pauses[0] < pauses[1] < pauses[2]


@pytest.mark.parametrize("state", ["53100", "25006", "57P01"], ids=["full", "read-only", "shut down"])
def test_database_that_fails_is_not_held_against_the_events(run, monkeypatch, state):
    def fail(*_arguments, **_named):
        raise OperationalError from sqlstate_errors.lookup(state)()

    store(run.started())
    with monkeypatch.context() as patch:
        patch.setattr(events, "apply", fail)
        with pytest.raises(OperationalError):
            inbox.process_all(now=timezone.now())

    stored = WebhookEvent.objects.get()
    assert (stored.attempts, stored.error) == (0, "")
    assert inbox.process_all(now=timezone.now()) == 1


def test_events_wait_for_no_clock(run):
    store(run.started())

    assert inbox.process_all(now=timezone.now() - timedelta(hours=1)) == 1


def test_event_that_is_not_due_is_left_alone(webhooks):
    store(event("meeting.alert", timezone.now(), id="1"))
    WebhookEvent.objects.update(due_at=timezone.now() + timedelta(minutes=1))

    assert inbox.process_all(now=timezone.now()) == 0


def test_replayed_event_is_understood_anew(run):
    store(run.joined(timezone.now()))
    WebhookEvent.objects.update(attempts=4, error="Zoom was odd", due_at=timezone.now() + timedelta(hours=1))
    pks = list(WebhookEvent.objects.values_list("pk", flat=True))

    inbox.replay(event_ids=pks, now=timezone.now())
    inbox.process_all(now=timezone.now())

    stored = WebhookEvent.objects.get()
    assert (stored.processed_at is not None, stored.attempts, stored.error) == (True, 0, "")
    assert Participation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_same_event_at_the_same_moment_is_kept_once(run):
    raw = as_bytes(run.joined(timezone.now()))

    answers = at_once([lambda: answered(post(raw))] * 8)

    assert answers == [(200, {"received": True})] * 8
    assert WebhookEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_crash_while_understanding_leaves_the_event_for_the_next_worker(run):
    store(run.joined(timezone.now()))

    with pytest.raises(KeyboardInterrupt):
        die_half_way()

    assert (waiting(), Participation.objects.count()) == (1, 0)
    assert inbox.process_all(now=timezone.now()) == 1
    assert (waiting(), Participation.objects.count()) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_the_inbox_and_agree(run):
    now = timezone.now()
    for minute in range(40):
        who = f"C{minute % 5}"
        moment = now + timedelta(minutes=minute)
        store(run.joined(moment, who) if minute % 10 < 5 else run.left(moment, who))

    taken = done_at_once([lambda: inbox.process_all(now=timezone.now())] * 3)

    assert waiting() == 0
    assert sum(taken) == 40
    assert Participation.objects.count() == 20
    assert Participation.objects.filter(left_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_worker_thread_understands_events_as_they_come_and_stops_when_told(run):
    stop = Event()
    thread = Thread(target=inbox.keep_processing, args=(stop,))
    thread.start()

    store(run.joined(timezone.now()))
    wait_until(lambda: waiting() == 0, what="the event to be understood")
    stop.set()
    thread.join(timeout=5)

    assert not thread.is_alive()
    assert Participation.objects.count() == 1
