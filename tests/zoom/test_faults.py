"""What each kind of trouble becomes: which error, whether the request was repeated, whether it may have happened."""

import base64
import logging
import time
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from classbell.zoom.breaker import LocalBreaker
from classbell.zoom.errors import (
    ZoomBusy,
    ZoomCircuitOpen,
    ZoomDailyLimit,
    ZoomError,
    ZoomNotFound,
    ZoomThrottled,
    ZoomUnauthorized,
    ZoomUnavailable,
)
from classbell.zoom.limits import PLANS, Call, Label, LocalLimiter, NoLimiter
from classbell.zoom.oauth import MemoryTokenStore, Token
from tests.simulator import Simulator, free_port

TOKEN = "POST /oauth/token"
CREATE = "POST /users/{userId}/meetings"
READ = "GET /users/{userId}"

BODY = {"topic": "Algebra", "type": 2, "duration": 45}


class RecordingLimiter(NoLimiter):
    """Lets everything through and remembers what it was told."""

    def __init__(self):
        self.acquired = []
        self.told = []

    def acquire(self, call):
        self.acquired.append(call)

    def give_back(self, call):
        self.acquired.remove(call)

    def throttled(self, call, error):
        self.told.append((call, error))


def requests(simulator):
    """Return how often each call reached the simulator."""
    return simulator.counters()["by_endpoint"]


def create(client, host):
    return client.create_meeting(host, BODY)


def read(client, host):
    return client.get_user(host)


def update(client, host):
    client.update_meeting("85240173966", {"topic": "x"})


def delete(client, host):
    client.delete_meeting("85240173966")


def end(client, host):
    client.end_meeting("85240173966")


def add_registrant(client, host):
    client.add_registrant("85240173966", {"email": "a@b.example", "first_name": "A"})


FAULTS = {
    "status 500": {"kind": "status", "status": 500},
    "status 503": {"kind": "status", "status": 503},
    "timeout": {"kind": "timeout"},
    "refuse": {"kind": "refuse"},
    "drop_response": {"kind": "drop_response"},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize(
    ("call", "method", "attempts", "may_have_happened"),
    [
        (read, "GET", 3, False),
        (create, "POST", 1, True),
        (add_registrant, "POST", 1, True),
        (update, "PATCH", 3, True),
        (delete, "DELETE", 3, True),
        (end, "PUT", 3, True),
    ],
)
def test_trouble_is_repeated_only_where_that_is_safe(
    fault, call, method, attempts, may_have_happened, client_for, simulator, host
):
    client = client_for(timeout_seconds=0.3)
    client.token()
    simulator.fault(**fault, method=method)

    with pytest.raises(ZoomUnavailable) as raised:
        call(client, host)

    made = {name: times for name, times in requests(simulator).items() if name != TOKEN}
    assert list(made.values()) == [attempts]
    assert raised.value.may_have_happened is may_have_happened
    assert raised.value.retryable


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_passing_trouble_is_survived_where_repeating_is_safe(fault, client_for, simulator, host):
    client = client_for(timeout_seconds=0.3)
    client.token()
    simulator.fault(**fault, method="GET", times=2)

    assert client.get_user(host).id == host
    assert requests(simulator)[READ] == 3


def test_create_whose_answer_is_lost_has_happened(client, simulator, host):
    client.token()
    simulator.fault(kind="drop_response", method="POST", times=1)

    with pytest.raises(ZoomUnavailable) as raised:
        create(client, host)

    assert raised.value.may_have_happened
    assert [meeting.topic for meeting in client.iter_meetings(host)] == ["Algebra"]


def test_delete_whose_answer_is_lost_finds_the_meeting_gone(client, simulator, host):
    meeting = create(client, host)
    simulator.fault(kind="drop_response", method="DELETE", times=1)

    with pytest.raises(ZoomNotFound):
        client.delete_meeting(meeting.id)

    assert list(client.iter_meetings(host)) == []


def test_update_whose_answer_is_lost_is_made_again(client, simulator, host):
    meeting = create(client, host)
    simulator.fault(kind="drop_response", method="PATCH", times=1)

    client.update_meeting(meeting.id, {"topic": "Geometry"})

    assert client.get_meeting(meeting.id).topic == "Geometry"


def test_latency_within_patience_is_only_slow(client_for, simulator, host):
    simulator.fault(kind="latency", ms=100)

    assert client_for(timeout_seconds=2).get_user(host).id == host


def test_latency_beyond_patience_is_no_answer(client_for, simulator, host):
    client = client_for(timeout_seconds=0.3, attempts=1)
    client.token()
    simulator.fault(kind="latency", ms=1000)

    with pytest.raises(ZoomUnavailable, match="no answer in time"):
        create(client, host)


def test_throttled_create_is_made_again_because_zoom_did_nothing(client_for, simulator, host):
    limiter = RecordingLimiter()
    client = client_for(limiter=limiter, timeout_seconds=5)
    client.token()
    simulator.fault(kind="rate_limit", method="POST", times=1)

    create(client, host)

    assert requests(simulator)[CREATE] == 2
    assert len(simulator.state()["meetings"]) == 1
    ((call, error),) = limiter.told
    assert call == Call(
        account_id="sim-account",
        label=Label.LIGHT,
        method="POST",
        path_template="/users/{userId}/meetings",
        host_id=host,
    )
    assert isinstance(error, ZoomThrottled)


@pytest.mark.slow
def test_throttling_that_lasts_is_raised(client_for, simulator, host):
    client = client_for(timeout_seconds=5)
    client.token()
    simulator.fault(kind="rate_limit")

    with pytest.raises(ZoomThrottled) as raised:
        create(client, host)

    assert requests(simulator)[CREATE] == 3
    assert raised.value.retry_after is not None
    assert not raised.value.may_have_happened


def test_throttling_is_not_waited_out_beyond_the_deadline(client_for, simulator, host):
    client = client_for(timeout_seconds=5)
    client.token()
    simulator.fault(kind="rate_limit")
    started_at = time.monotonic()

    with pytest.raises(ZoomThrottled):
        create(client.with_options(deadline_seconds=0.8), host)

    assert requests(simulator)[CREATE] == 1
    assert time.monotonic() - started_at < 0.8


@pytest.mark.slow
def test_hundred_and_first_write_of_a_host_is_refused_for_the_day_and_not_repeated(client_for):
    with Simulator(plan="business", hosts=1) as simulator:
        host = simulator.state()["hosts"][0]["id"]
        limiter = RecordingLimiter()
        pace = LocalLimiter(PLANS["business"])
        client = client_for(
            api_url=simulator.api_url, oauth_url=simulator.oauth_url, limiter=limiter, timeout_seconds=5
        )
        for _ in range(100):
            pace.acquire(Call(account_id="a", label=Label.LIGHT, method="POST", path_template="/"))
            create(client, host)

        with pytest.raises(ZoomDailyLimit) as raised:
            create(client, host)

        assert requests(simulator)[CREATE] == 101
        assert raised.value.scope == "host"
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0) + timedelta(days=1)
        assert raised.value.retry_after == pytest.approx((midnight - datetime.now(UTC)).total_seconds(), abs=5)
        assert [type(error) for _call, error in limiter.told] == [ZoomDailyLimit]


def test_refusal_is_not_repeated(client, simulator):
    with pytest.raises(ZoomNotFound):
        client.get_user("nobody@zoomsim.example")

    assert requests(simulator)[READ] == 1


def test_write_that_never_left_costs_its_host_nothing(client_for, host):
    limiter = RecordingLimiter()
    client = client_for(api_url=f"http://127.0.0.1:{free_port()}/v2", limiter=limiter)

    with pytest.raises(ZoomUnavailable):
        create(client, host)

    assert limiter.acquired == []


def test_nobody_listening_means_nothing_happened(client_for, host):
    client = client_for(api_url=f"http://127.0.0.1:{free_port()}/v2")

    with pytest.raises(ZoomUnavailable, match="no connection") as raised:
        create(client, host)

    assert not raised.value.may_have_happened


class TestTokens:
    def test_token_is_asked_for_once(self, client, simulator, host):
        for _ in range(5):
            client.get_user(host)

        assert requests(simulator) == {TOKEN: 1, READ: 5}

    def test_token_that_zoom_no_longer_accepts_is_replaced_once(self, client, simulator, host):
        client.get_user(host)
        simulator.clock(2 * 3600)

        create(client, host)

        assert requests(simulator)[TOKEN] == 2
        assert requests(simulator)[CREATE] == 2
        assert len(simulator.state()["meetings"]) == 1

    def test_token_that_is_never_accepted_is_given_up(self, client, simulator, host):
        client.token()
        simulator.fault(kind="status", status=401, code=124, method="GET")

        with pytest.raises(ZoomUnauthorized):
            client.get_user(host)

        assert requests(simulator)[TOKEN] == 2
        assert requests(simulator)[READ] == 2

    def test_token_near_its_end_is_renewed_ahead(self, client_for, simulator, host):
        now = datetime.now(UTC)
        clock = {"now": now}
        client = client_for(clock=lambda: clock["now"], timeout_seconds=5)
        client.get_user(host)
        clock["now"] = now + timedelta(minutes=54)
        client.get_user(host)
        assert requests(simulator)[TOKEN] == 1

        clock["now"] = now + timedelta(minutes=56)
        client.get_user(host)

        assert requests(simulator)[TOKEN] == 2

    def test_token_near_its_end_serves_while_no_new_one_can_be_had(self, client_for, simulator, host):
        tokens = MemoryTokenStore()
        good = client_for(tokens=tokens).token()
        ending = Token(
            access_token=good.access_token,
            expires_at=datetime.now(UTC) + timedelta(minutes=1),
            scopes=good.scopes,
        )
        tokens.renew("sim-account", good, lambda: ending)
        simulator.fault(kind="status", status=503, path="/oauth/token")

        assert client_for(tokens=tokens, timeout_seconds=5).get_user(host).id == host

    def test_wrong_secret_is_said_at_once(self, client_for, simulator, host):
        client = client_for(client_secret="wrong")

        with pytest.raises(ZoomUnauthorized) as raised:
            client.get_user(host)

        assert requests(simulator) == {TOKEN: 1}
        assert raised.value.path == "/oauth/token"
        assert not raised.value.retryable

    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
    def test_create_without_a_token_was_never_sent(self, fault, client_for, simulator, host):
        simulator.fault(**fault, path="/oauth/token")

        with pytest.raises(ZoomUnavailable) as raised:
            create(client_for(timeout_seconds=0.3), host)

        assert requests(simulator) == {TOKEN: 1}
        assert not raised.value.may_have_happened

    def test_region_of_the_token_answer_is_used_when_no_address_is_pinned(self, client_for, simulator, host):
        assert client_for(api_url=None).get_user(host).id == host


class TestCircuit:
    def test_failures_in_a_row_stop_all_requests_until_a_probe_succeeds(self, client_for, simulator, host):
        now = {"seconds": 0.0}
        breaker = LocalBreaker(failures=3, open_seconds=30, monotonic=lambda: now["seconds"])
        client = client_for(breaker=breaker)
        client.token()
        simulator.fault(kind="status", status=503, times=4)
        for _ in range(3):
            with pytest.raises(ZoomUnavailable):
                create(client, host)

        with pytest.raises(ZoomCircuitOpen) as raised:
            create(client, host)

        assert requests(simulator)[CREATE] == 3
        assert raised.value.retry_after == 30
        now["seconds"] = 30
        with pytest.raises(ZoomUnavailable):
            create(client, host)
        with pytest.raises(ZoomCircuitOpen):
            create(client, host)
        now["seconds"] = 60
        create(client, host)
        create(client, host)

    @pytest.mark.parametrize("status", [400, 404, 429])
    def test_refusals_are_no_failures(self, status, client_for, simulator, host):
        client = client_for(breaker=LocalBreaker(failures=1), attempts=1)
        client.token()
        simulator.fault(kind="status", status=status, times=3)

        for _ in range(3):
            with pytest.raises(ZoomError):
                create(client, host)

        create(client, host)


class TestDeadline:
    def test_everything_is_over_at_the_deadline(self, client_for, simulator, host):
        client = client_for(timeout_seconds=10)
        client.token()
        simulator.fault(kind="timeout")
        started_at = time.monotonic()

        with pytest.raises(ZoomUnavailable):
            client.with_options(deadline_seconds=0.6).get_user(host)

        assert 0.5 < time.monotonic() - started_at < 0.9

    def test_request_is_not_begun_when_its_answer_would_come_too_late(self, client, simulator, host):
        client.token()

        with pytest.raises(ZoomBusy) as raised:
            create(client.with_options(deadline_seconds=0.1), host)

        assert CREATE not in requests(simulator)
        assert not raised.value.may_have_happened

    def test_limiter_is_told_the_deadline_and_the_priority(self, client_for, host):
        limiter = RecordingLimiter()
        client = client_for(limiter=limiter)

        before = time.monotonic()
        client.with_options(deadline_seconds=5).get_user(host)

        assert before + 5 <= limiter.acquired[0].deadline <= time.monotonic() + 5
        client.get_user(host)
        assert limiter.acquired[1].deadline is None


class TestSecrets:
    @pytest.mark.parametrize(
        "fault",
        [
            *FAULTS.values(),
            *({"kind": "status", "status": status} for status in (400, 401, 404)),
            {"kind": "rate_limit"},
        ],
        ids=[*FAULTS, "400", "401", "404", "rate_limit"],
    )
    @pytest.mark.parametrize("path", ["/oauth/token", "/v2/"], ids=["token", "call"])
    def test_no_trouble_shows_a_secret(self, fault, path, client_for, simulator, host, caplog):
        caplog.set_level(logging.DEBUG)
        client = client_for(timeout_seconds=0.3)
        token = client.token()
        if path == "/oauth/token":
            client = client_for(timeout_seconds=0.3)
        simulator.fault(**fault)

        with pytest.raises(ZoomError) as raised:
            client.zak(host)

        shown = everything_about(raised.value) + caplog.text + repr(vars(client))
        basic = base64.b64encode(b"sim-client:sim-secret").decode()
        assert "classbell.zoom" in shown
        assert [secret for secret in (token.access_token, "sim-secret", basic) if secret in shown] == []

    def test_no_success_logs_a_secret(self, client, host, caplog):
        caplog.set_level(logging.DEBUG)

        meeting = create(client, host)
        zak = client.zak(host)
        list(client.iter_meetings(host))

        assert ("POST", "/users/{userId}/meetings", 201) in [(r.method, r.path, r.status) for r in caplog.records]
        secrets = (client.token().access_token, "sim-secret", zak, meeting.start_url, meeting.join_url)
        assert [secret for secret in secrets if secret in caplog.text + repr(meeting)] == []


def everything_about(error):
    """Return all that a careless log could keep of an error: its whole chain with every local variable."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()) + repr(error)
