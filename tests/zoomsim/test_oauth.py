"""Tokens: given as clients ask for them, refused as Zoom refuses, over after an hour."""

import httpx
import pytest

from tests.simulator import Simulator
from tests.zoomsim.conftest import signed_in
from tests.zoomsim.shapes import payload

GOOD = {"grant_type": "account_credentials", "account_id": "sim-account"}
CLIENT = ("sim-client", "sim-secret")
HOUR_S = 3600


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"data": GOOD}, id="form body"),
        pytest.param({"params": GOOD}, id="query and no body"),
        pytest.param({"params": GOOD, "headers": {"Content-Type": "application/json"}}, id="query, announced as JSON"),
        pytest.param({"params": GOOD, "data": GOOD}, id="both"),
        pytest.param(
            {"params": {"grant_type": "account_credentials"}, "data": {"account_id": "sim-account"}}, id="half"
        ),
    ],
)
def test_token_is_given_however_the_parameters_come(simulator, sent):
    answer = simulator.http.post("/oauth/token", auth=CLIENT, **sent)

    body = answer.json()
    assert answer.status_code == 200
    assert (body["token_type"], body["expires_in"], body["api_url"]) == ("bearer", HOUR_S, simulator.url)
    assert "meeting:write:meeting:admin" in body["scope"].split()
    assert len(body["access_token"]) <= 2048


def test_client_may_stand_in_the_form(simulator):
    form = GOOD | dict(zip(("client_id", "client_secret"), CLIENT, strict=True))

    good, bad = (simulator.http.post("/oauth/token", data=form | more) for more in ({}, {"client_secret": "x"}))

    assert (good.status_code, bad.status_code, bad.json()) == (200, 400, payload("oauth_token.400_bad_client"))


@pytest.mark.parametrize(
    ("data", "client", "expected"),
    [
        pytest.param(GOOD, ("sim-client", "wrong"), "oauth_token.400_bad_client", id="secret"),
        pytest.param(GOOD, ("wrong", "sim-secret"), "oauth_token.400_bad_client", id="client"),
        pytest.param(GOOD, None, "oauth_token.400_bad_client", id="no client"),
        pytest.param(GOOD | {"grant_type": "password"}, CLIENT, "oauth_token.400_bad_grant", id="grant"),
        pytest.param({"account_id": "sim-account"}, CLIENT, "oauth_token.400_bad_grant", id="no grant"),
        pytest.param(GOOD | {"account_id": "x"}, CLIENT, "oauth_token.400_bad_account", id="account"),
        pytest.param({"grant_type": "account_credentials"}, CLIENT, "oauth_token.400_bad_account", id="no account"),
    ],
)
def test_token_is_refused_as_zoom_does(simulator, data, client, expected):
    answer = simulator.http.post("/oauth/token", data=data, auth=client)

    assert (answer.status_code, answer.json()) == (400, payload(expected))


def test_token_expires_after_an_hour_of_the_simulators_clock(simulator, v2):
    simulator.clock(HOUR_S - 30)
    before = v2.get("/users/me").status_code
    simulator.clock(HOUR_S + 1)

    after = v2.get("/users/me")

    assert before == 200
    assert (after.status_code, after.json()) == (401, payload("error.401_124_expired_token"))


def test_several_tokens_live_at_once(simulator, v2):
    with signed_in(simulator) as other:
        assert (v2.get("/users/me").status_code, other.get("/users/me").status_code) == (200, 200)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x.y.z", "Basic c2ltLWNsaWVudDpzaW0tc2VjcmV0"])
def test_call_without_a_good_token_is_refused(simulator, authorization):
    answer = httpx.get(f"{simulator.api_url}/users/me", headers={"Authorization": authorization})

    assert (answer.status_code, answer.json()) == (401, payload("error.401_124_invalid_token"))


def test_token_in_the_url_is_refused(simulator):
    answer = httpx.get(f"{simulator.api_url}/users/me", params={"access_token": simulator.access_token()})

    assert answer.status_code == 401


def test_token_does_only_what_its_scopes_allow():
    with (
        Simulator(hosts=1, scope=["meeting:read:admin", "user:read:user:admin"]) as simulator,
        signed_in(simulator) as client,
    ):
        refused = client.post("/users/me/meetings", json={})

        assert (refused.status_code, refused.json()) == (400, payload("error.400_4711_missing_scope"))
        assert client.get("/users/me").status_code == 200
        assert client.get("/users/me/meetings").status_code == 200
        assert client.get("/report/meetings/1").json()["message"].endswith("scopes:[report:read:meeting:admin].")


def test_scopes_for_ones_own_things_allow_an_app_of_the_account_nothing():
    own = ["meeting:read:meeting", "user:read:user", "user:read"]
    with Simulator(hosts=1, scope=own) as simulator, signed_in(simulator) as client:
        answer = client.get("/users/me")

    assert (answer.status_code, answer.json()["code"]) == (400, 4711)
    assert answer.json()["message"].endswith("scopes:[user:read:user, user:read:user:admin].")
