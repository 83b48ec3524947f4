"""Users let an app act in their names: asked on a page, with codes, tokens that are refreshed, and an end."""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oauthlib.oauth2 import InvalidGrantError, WebApplicationClient

from tests.simulator import Simulator
from tests.zoomsim.browsing import action
from tests.zoomsim.conftest import in_utc

APP = ("sim-oauth-client", "sim-oauth-secret")
BACK = "http://localhost:8000/zoom/back?from=zoom"
AUTHORIZE, TOKEN, REVOKE = "/oauth/authorize", "/oauth/token", "/oauth/revoke"
USER, OTHER = "host02@zoomsim.example", "host03@zoomsim.example"
DAY_S = 86_400


def ask(**more):
    """Return what an app puts into the address of the consent page."""
    asked = {"response_type": "code", "client_id": APP[0], "redirect_uri": BACK, "state": "s & t"} | more
    return {name: value for name, value in asked.items() if value}


def decide(simulator, decision="allow", email=USER, **more):
    """Decide on the consent page and return what the app then reads from its address."""
    user = next(host["id"] for host in simulator.state()["hosts"] if host["email"] == email)
    answer = simulator.http.post(AUTHORIZE, params=ask(**more), data={"user": user, "decision": decision})
    assert answer.status_code == 303, answer.text
    back = urlsplit(answer.headers["Location"])
    assert answer.headers["Location"].startswith(BACK.partition("?")[0])
    return {name: value for name, (value,) in parse_qs(back.query).items()}


def exchange(simulator, code, **more):
    """Redeem a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK} | more
    return simulator.http.post(TOKEN, data=form, auth=APP)


def refresh(simulator, tokens):
    """Use a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    return simulator.http.post(TOKEN, data=form, auth=APP)


@pytest.fixture
def tokens(simulator):
    """The tokens of a user who consented."""
    return exchange(simulator, decide(simulator)["code"]).json()


def asks(simulator, tokens, path="/users/me", method="GET", **request):
    """Make a call with a user's token."""
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return httpx.request(method, simulator.api_url + path, headers=headers, **request)


def test_library_that_knows_nothing_of_zoom_goes_all_the_way(simulator, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    library = WebApplicationClient(APP[0])
    verifier = library.create_code_verifier(64)
    challenge = library.create_code_challenge(verifier, "S256")
    address = library.prepare_request_uri(
        simulator.url + AUTHORIZE, BACK, state="kept", code_challenge=challenge, code_challenge_method="S256"
    )
    page = simulator.http.get(address)
    chosen = {"decision": "allow", "user": re.findall(r'<option value="([^"]+)"', page.text)[1]}
    allowed = simulator.http.post(action(page), data=chosen)
    code = library.parse_request_uri_response(allowed.headers["Location"], "kept")["code"]

    body = library.prepare_request_body(code=code, redirect_uri=BACK, code_verifier=verifier)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    first = library.parse_request_body_response(
        simulator.http.post(TOKEN, content=body, auth=APP, headers=headers).text, scope=None
    )
    again = library.prepare_refresh_body(refresh_token=first["refresh_token"])
    second = library.parse_request_body_response(
        simulator.http.post(TOKEN, content=again, auth=APP, headers=headers).text, scope=None
    )

    assert asks(simulator, second).status_code == 200
    with pytest.raises(InvalidGrantError):
        library.parse_request_body_response(simulator.http.post(TOKEN, content=again, auth=APP, headers=headers).text)


def test_tokens_are_of_who_consented(simulator, tokens):
    assert (tokens["token_type"], tokens["expires_in"], tokens["api_url"]) == ("bearer", 3600, simulator.url)
    assert "meeting:write:meeting" in tokens["scope"].split()
    assert not [scope for scope in tokens["scope"].split() if scope.endswith(":admin")]
    assert asks(simulator, tokens).json()["email"] == USER
    assert asks(simulator, tokens, f"/users/{USER}").json()["email"] == USER


def test_state_and_the_apps_own_query_come_back(simulator):
    assert decide(simulator) | {"code": ""} == {"code": "", "state": "s & t", "from": "zoom"}
    assert "state" not in decide(simulator, state="")


def test_refusal_is_told_to_the_app(simulator):
    assert decide(simulator, "deny") == {"error": "access_denied", "state": "s & t", "from": "zoom"}
    assert simulator.state()["grants"] == []


@pytest.mark.parametrize(
    ("more", "error"),
    [({"response_type": "token"}, "unsupported_response_type"), ({"code_challenge_method": "S512"}, "invalid_request")],
)
def test_app_hears_what_is_wrong_with_its_request(simulator, more, error):
    answer = simulator.http.get(AUTHORIZE, params=ask(**more))

    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == [error]


@pytest.mark.parametrize(
    "more",
    [
        {"client_id": "other"},
        {"redirect_uri": "https://school.example/back"},
        {"redirect_uri": "http://localhost.school.example/"},
        {"redirect_uri": "http://localhost/#part"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://[localhost"},
        {"redirect_uri": ""},
    ],
)
def test_nobody_is_led_to_an_address_that_is_not_the_apps(simulator, more):
    shown, sent = (simulator.http.request(method, AUTHORIZE, params=ask(**more)) for method in ("GET", "POST"))

    assert (shown.status_code, sent.status_code) == (400, 400)
    assert "Location" not in sent.headers


def test_addresses_of_the_app_can_be_named():
    with Simulator(hosts=2, redirect_uri=["https://school.example/back", "https://school.example/too"]) as simulator:
        named = simulator.http.get(AUTHORIZE, params=ask(redirect_uri="https://school.example/too"))
        longer = simulator.http.get(AUTHORIZE, params=ask(redirect_uri="https://school.example/too/far"))
        local = simulator.http.get(AUTHORIZE, params=ask())

    assert (named.status_code, longer.status_code, local.status_code) == (200, 400, 400)
    assert "form-action 'self' https://school.example;" in named.headers["Content-Security-Policy"]


def test_consent_takes_a_user_of_the_account(simulator, v2):
    v2.put(f"/users/{USER}/status", json={"action": "deactivate"})
    page = simulator.http.get(AUTHORIZE, params=ask())
    (user,) = (host["id"] for host in simulator.state()["hosts"] if host["email"] == USER)

    answers = [
        simulator.http.post(AUTHORIZE, params=ask(), data={"decision": "allow", "user": who}) for who in ("", "x", user)
    ]

    assert USER not in page.text
    assert [answer.status_code for answer in answers] == [400, 400, 400]


def test_no_other_sites_page_consents(simulator):
    answer = simulator.http.post(AUTHORIZE, params=ask(), headers={"Origin": "https://elsewhere.example"})

    assert answer.status_code == 403


def test_code_is_good_once_and_for_ten_minutes(simulator):
    used, late = decide(simulator)["code"], decide(simulator)["code"]
    first, second = exchange(simulator, used), exchange(simulator, used)
    simulator.clock(601)

    assert first.status_code == 200
    assert (second.status_code, second.json()) == (
        400,
        {"reason": "Invalid authorization code", "error": "invalid_grant"},
    )
    assert exchange(simulator, late).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("asked", "sent", "good"),
    [
        ({}, {}, True),
        ({"code_challenge": "plain text", "code_challenge_method": ""}, {"code_verifier": "plain text"}, True),
        ({"code_challenge": "plain text", "code_challenge_method": "plain"}, {"code_verifier": "other"}, False),
        ({"code_challenge": "S256", "code_challenge_method": "S256"}, {"code_verifier": "secret"}, True),
        ({"code_challenge": "S256", "code_challenge_method": "S256"}, {"code_verifier": "other"}, False),
        ({"code_challenge": "S256", "code_challenge_method": "S256"}, {}, False),
        ({}, {"redirect_uri": "http://localhost:8000/zoom/elsewhere"}, False),
        ({}, {"redirect_uri": ""}, False),
    ],
)
def test_code_is_redeemed_only_by_who_asked_for_it(simulator, asked, sent, good):
    if asked.get("code_challenge") == "S256":
        asked = asked | {"code_challenge": urlsafe_b64encode(sha256(b"secret").digest()).rstrip(b"=").decode()}

    answer = exchange(simulator, decide(simulator, **asked)["code"], **sent)

    assert answer.status_code == (200 if good else 400), answer.text
    assert good or answer.json()["error"] == "invalid_grant"


def test_each_app_has_its_own_ways_to_tokens(simulator):
    code = decide(simulator)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}

    by_account = simulator.http.post(TOKEN, data=form, auth=("sim-client", "sim-secret"))
    by_nobody = simulator.http.post(TOKEN, data=form, auth=(APP[0], "wrong"))
    for_account = simulator.http.post(
        TOKEN, data={"grant_type": "account_credentials", "account_id": "sim-account"}, auth=APP
    )

    assert [answer.json()["error"] for answer in (by_account, by_nobody, for_account)] == [
        "unsupported_grant_type",
        "invalid_client",
        "unsupported_grant_type",
    ]


def test_refresh_token_is_good_once_and_for_ninety_days(simulator, tokens):
    second = refresh(simulator, tokens)
    used = refresh(simulator, tokens)
    simulator.clock(3601)
    third = refresh(simulator, second.json())

    assert (second.status_code, third.status_code) == (200, 200)
    assert (used.status_code, used.json()) == (400, {"reason": "Invalid Token!", "error": "invalid_grant"})
    assert asks(simulator, tokens).json()["message"] == "Access token is expired."
    assert asks(simulator, third.json()).status_code == 200
    simulator.clock(3601 + 90 * DAY_S)
    assert refresh(simulator, third.json()).status_code == 400


def test_used_refresh_token_leaves_access_tokens_alone(simulator, tokens):
    refresh(simulator, tokens)

    assert asks(simulator, tokens).status_code == 200


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoked_tokens_end_and_the_app_is_not_told(simulator, receiver, tokens, which):
    answer = simulator.http.post(REVOKE, data={"token": tokens[which]}, auth=APP)

    assert (answer.status_code, answer.json()) == (200, {"status": "success"})
    assert asks(simulator, tokens).json()["message"] == "Invalid access token."
    assert refresh(simulator, tokens).status_code == 400
    assert simulator.http.post(REVOKE, data={"token": tokens[which]}, auth=APP).status_code == 400
    assert simulator.deliveries("app_deauthorized") == []


def test_only_the_app_revokes(simulator, tokens):
    answer = simulator.http.post(REVOKE, data={"token": tokens["access_token"]}, auth=("sim-client", "sim-secret"))

    assert answer.json()["error"] == "invalid_client"
    assert asks(simulator, tokens).status_code == 200


def test_consenting_again_ends_the_tokens_before(simulator, tokens):
    again = exchange(simulator, decide(simulator)["code"]).json()

    assert asks(simulator, tokens).status_code == 401
    assert asks(simulator, again).status_code == 200
    assert len(simulator.state()["grants"]) == 1


@pytest.mark.parametrize("by", ["page", "control"])
def test_app_that_a_user_removes_is_told_and_can_do_nothing(simulator, receiver, tokens, by):
    user_id = asks(simulator, tokens).json()["id"]
    if by == "page":
        page = simulator.http.get("/oauth/apps")
        assert USER in page.text
        assert simulator.http.post(action(page), data={"user": user_id}).status_code == 303
    else:
        simulator.deauthorize(USER)

    told = receiver.wait_for("app_deauthorized").body

    assert {name: told["payload"][name] for name in ("account_id", "user_id", "client_id")} == {
        "account_id": "sim-account",
        "user_id": user_id,
        "client_id": APP[0],
    }
    assert told["payload"]["deauthorization_time"].endswith("Z")
    assert asks(simulator, tokens).status_code == 401
    assert refresh(simulator, tokens).status_code == 400
    assert "Nobody has let the app in." in simulator.http.get("/oauth/apps", headers={"Accept-Language": "en"}).text
    assert simulator.http.post(f"/sim/users/{USER}/deauthorize").status_code == 404


def test_user_who_is_deactivated_takes_the_app_along(simulator, v2, tokens):
    v2.put(f"/users/{USER}/status", json={"action": "deactivate"})

    assert asks(simulator, tokens).status_code == 401
    assert refresh(simulator, tokens).status_code == 400


def test_consent_reaches_only_what_is_ones_own(simulator, tokens, schedule):
    theirs, own = schedule(OTHER), schedule(USER)
    body = {"topic": "Physics", "start_time": in_utc(days=2)}
    uuid = simulator.start_meeting(theirs["id"])["uuid"].replace("/", "%252F")
    simulator.end_meeting(theirs["id"])

    made = asks(simulator, tokens, "/users/me/meetings", "POST", json=body)
    refused = [
        asks(simulator, tokens, f"/users/{OTHER}"),
        asks(simulator, tokens, f"/users/{OTHER}/meetings", "POST", json=body),
        asks(simulator, tokens, f"/users/{OTHER}/token?type=zak"),
        asks(simulator, tokens, f"/meetings/{theirs['id']}"),
        asks(simulator, tokens, f"/meetings/{theirs['id']}", "DELETE"),
        asks(simulator, tokens, f"/past_meetings/{uuid}"),
        asks(simulator, tokens, f"/past_meetings/{theirs['id']}/participants"),
        asks(simulator, tokens, "/users"),
        asks(simulator, tokens, f"/report/meetings/{own['id']}/participants"),
    ]

    assert (made.status_code, made.json()["host_email"]) == (201, USER)
    assert asks(simulator, tokens, f"/meetings/{own['id']}").status_code == 200
    assert asks(simulator, tokens, "/meetings/81234567890").json()["code"] == 3001
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(400, 4711)}
    assert refused[0].json()["message"].endswith("does not contain scopes:[user:read:user:admin].")


def test_webhooks_name_who_acted(simulator, receiver, tokens):
    asks(simulator, tokens, "/users/me/meetings", "POST", json={"topic": "Physics", "start_time": in_utc(days=2)})

    assert receiver.wait_for("meeting.created").body["payload"]["operator"] == USER


def test_zak_is_of_who_consented(simulator, tokens):
    meeting = asks(simulator, tokens, "/users/me/meetings", "POST", json={"topic": "Physics"}).json()
    zak = asks(simulator, tokens, "/users/me/zak").json()["token"]

    door = simulator.http.get(f"/s/{meeting['id']}", params={"zak": zak})

    assert "Host 02" in door.text


def test_scopes_of_the_app_can_be_narrowed():
    with Simulator(hosts=3, oauth_scope=["user:read:user"]) as simulator:
        tokens = exchange(simulator, decide(simulator)["code"]).json()
        refused = asks(simulator, tokens, "/users/me/meetings")

        assert asks(simulator, tokens).status_code == 200
    assert refused.json()["message"].endswith("scopes:[meeting:read:list_meetings, meeting:read:list_meetings:admin].")


def test_app_for_the_account_takes_the_owners_consent():
    with Simulator(hosts=3, oauth_scope=["user:read:user:admin"]) as simulator:
        page = simulator.http.get(AUTHORIZE, params=ask())
        tokens = exchange(simulator, decide(simulator, email="host01@zoomsim.example")["code"]).json()

        assert asks(simulator, tokens, f"/users/{OTHER}").status_code == 200
    assert "host01@zoomsim.example" in page.text
    assert OTHER not in page.text


def test_consent_and_its_tokens_outlive_a_crash(tmp_path):
    with Simulator(hosts=3, state=tmp_path / "state.jsonl") as simulator:
        tokens = exchange(simulator, decide(simulator)["code"]).json()
        later = refresh(simulator, tokens).json()
        simulator.restart()

        assert asks(simulator, later).json()["email"] == USER
        assert refresh(simulator, tokens).status_code == 400
        assert refresh(simulator, later).status_code == 200
        simulator.deauthorize(USER)
        simulator.restart()
        assert simulator.state()["grants"] == []
