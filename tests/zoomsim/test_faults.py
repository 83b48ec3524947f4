"""Misbehaviour on demand."""

import json
import time

import httpx
import pytest

from tests.zoomsim.shapes import payload


def test_status_fault_answers_what_it_is_told(simulator, v2):
    simulator.fault(kind="status", status=400, code=3161, path="/v2/users/me")

    answer = v2.get("/users/me")

    assert (answer.status_code, answer.json()["code"]) == (400, 3161)


def test_trouble_of_zooms_is_no_json(simulator, v2):
    simulator.fault(kind="status", status=502)

    answer = v2.get("/users/me")

    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")


def test_rate_limit_fault_looks_like_the_real_thing(simulator, v2):
    simulator.fault(kind="rate_limit")

    answer = v2.get("/users/me")

    assert (answer.status_code, answer.json()) == (429, payload("error.429_per_second"))
    assert simulator.counters()["throttled"] == 1


def test_latency_delays_the_answer(simulator, v2):
    simulator.fault(kind="latency", ms=200)
    started = time.monotonic()

    assert v2.get("/users/me").status_code == 200
    assert time.monotonic() - started >= 0.2


def test_garbage_is_no_json_and_does_nothing(simulator, v2):
    simulator.fault(kind="garbage")

    answer = v2.post("/users/me/meetings", json={})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content.decode("latin-1"))
    assert simulator.state()["meetings"] == []


def test_timeout_never_answers_and_does_nothing(simulator, v2):
    simulator.fault(kind="timeout", method="POST")

    with pytest.raises(httpx.ReadTimeout):
        v2.post("/users/me/meetings", json={}, timeout=0.3)

    assert simulator.state()["meetings"] == []


def test_refused_connection_does_nothing(simulator, v2):
    simulator.fault(kind="refuse", method="POST")

    with pytest.raises(httpx.RemoteProtocolError):
        v2.post("/users/me/meetings", json={})

    assert simulator.state()["meetings"] == []


def test_dropped_response_has_done_the_work(simulator, v2):
    simulator.fault(kind="drop_response", method="POST")

    with pytest.raises(httpx.RemoteProtocolError):
        v2.post("/users/me/meetings", json={"topic": "Lost"})

    assert [meeting["topic"] for meeting in simulator.state()["meetings"]] == ["Lost"]


def test_fault_strikes_so_many_times_only(simulator, v2):
    simulator.fault(kind="status", status=500, times=2)

    assert [v2.get("/users/me").status_code for _ in range(4)] == [500, 500, 200, 200]
    assert simulator.counters()["faults"] == 2
    assert simulator.state()["faults"] == []


def test_fault_strikes_with_its_probability(simulator, v2):
    simulator.fault(kind="status", status=500, probability=0.5)

    failed = sum(v2.get("/users/me").status_code == 500 for _ in range(200))

    assert 60 < failed < 140


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        pytest.param({"path": "/v2/users"}, [True, True, False], id="prefix"),
        pytest.param({"path": "/v2/users$"}, [True, False, False], id="exact"),
        pytest.param({"path": "/v2/.*/me"}, [False, True, False], id="pattern"),
        pytest.param({"path": "/users/{userId}$"}, [False, True, False], id="template"),
        pytest.param({"path": "/oauth"}, [False, False, True], id="token"),
        pytest.param({"method": "post"}, [False, False, True], id="method"),
        pytest.param({}, [True, True, True], id="everything"),
    ],
)
def test_fault_concerns_the_calls_it_names(simulator, v2, fault, struck):
    simulator.fault(kind="status", status=503, **fault)

    statuses = [
        v2.get("/users").status_code,
        v2.get("/users/me").status_code,
        simulator.http.post("/oauth/token").status_code,
    ]

    assert [status == 503 for status in statuses] == struck


def test_cleared_faults_are_over(simulator, v2):
    simulator.fault(kind="status", status=500)
    simulator.clear_faults()

    assert v2.get("/users/me").status_code == 200


@pytest.mark.parametrize(
    "fault", [{}, {"kind": "magic"}, {"kind": "status", "path": "("}, {"kind": "latency", "ms": "long"}]
)
def test_fault_that_makes_no_sense_is_refused(simulator, fault):
    answer = simulator.http.post("/sim/faults", json=fault)

    assert answer.status_code == 400
    assert answer.json()["error"]
