"""Signing in by OpenID Connect: who comes in, and every way of coming in that is none."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives import serialization
from django.test import Client

from classbell.accounts.models import User
from classbell.accounts.services import deactivate_person
from classbell.accounts.sign_in_models import Outcome, SignInAttempt
from tests.accounts.sso.conftest import Configure, signed_in
from tests.accounts.sso.openid_server import (
    BEGIN,
    CALLBACK,
    CLIENT_ID,
    KEY,
    STRANGERS_KEY,
    MakeToken,
    OpenIDServer,
    sign_in,
    signed,
)
from tests.factories import make_student

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina() -> User:
    return make_student(email="amina@school.example")


def test_whoever_has_the_verified_address_comes_in(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()

    answer = sign_in(client, openid)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client) == amina


def test_the_sign_in_page_offers_the_provider_and_leads_on(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    page = client.get("/accounts/login/", {"next": "/calendar/"}).content.decode()
    assert f'href="{BEGIN}?next=%2Fcalendar%2F"' in page

    sent = client.get(BEGIN, {"next": "/calendar/"})
    answer = client.get(CALLBACK, openid.approve(sent["Location"]))

    assert answer["Location"] == "/calendar/"


def test_it_leads_to_no_other_site(client: Client, openid: OpenIDServer, configure: Configure, amina: User) -> None:
    configure()
    sent = client.get(BEGIN, {"next": "https://elsewhere.example/"})

    assert client.get(CALLBACK, openid.approve(sent["Location"]))["Location"] == "/"


def test_the_address_of_the_beginning_chooses_nothing_else(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    configure()

    sent = client.get(
        BEGIN, {"process": "connect", "scope": "offline_access", "auth_params": "nonce=mine", "action": "x"}
    )

    asked = openid.codes[openid.approve(sent["Location"])["code"]]
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert asked["nonce"] != "mine"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"http://testserver{CALLBACK}"


def test_the_second_time_they_are_known_by_their_identity_whatever_their_address(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    sign_in(client, openid)
    client.logout()
    openid.claims = {"email": "amina.haddad@school.example", "email_verified": False}

    sign_in(client, openid)

    assert signed_in(client) == amina
    assert SocialAccount.objects.get().user == amina


def test_nothing_of_what_was_said_is_kept_but_the_address(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    openid.claims |= {"phone_number": "+351 200 000 000", "groups": ["staff"]}

    sign_in(client, openid)

    account = SocialAccount.objects.get()
    assert account.extra_data == {"email": "amina@school.example"}
    assert "subject-1" not in account.uid


def test_a_second_step_is_asked_for_after_the_provider(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(amina, generate_totp_secret())
    configure()

    answer = sign_in(client, openid)

    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert signed_in(client) is None


def test_who_is_locked_out_stays_out(client: Client, openid: OpenIDServer, configure: Configure, amina: User) -> None:
    configure()
    sign_in(client, openid)
    deactivate_person(user_id=amina.pk)
    client.logout()

    answer = sign_in(client, openid)

    assert answer.status_code == 403
    assert "has ended your access" in answer.content.decode()
    assert SignInAttempt.objects.filter(user=amina).latest("at").outcome == Outcome.REFUSED
    assert signed_in(client) is None


def tampered(change: Callable[[dict[str, Any]], dict[str, Any]]) -> MakeToken:
    """Return a maker of tokens whose claims were changed after they were signed."""

    def make(claims: dict[str, Any]) -> str:
        head, _body, signature = signed(claims).split(".")
        body = base64.urlsafe_b64encode(json.dumps(change(claims)).encode()).rstrip(b"=").decode()
        return f"{head}.{body}.{signature}"

    return make


def with_public_key_as_secret(claims: dict[str, Any]) -> str:
    """Sign with the published key as if it were a shared secret: the classical confusion of algorithms."""
    pem = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = {"alg": "HS256", "typ": "JWT", "kid": "key"}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, claims)]
    signature = base64.urlsafe_b64encode(hmac.digest(pem, b".".join(parts), "sha256")).rstrip(b"=")
    return b".".join([*parts, signature]).decode()


NOW = time.time
BAD_TOKENS = {
    "another issuer": lambda claims: signed(claims | {"iss": "https://elsewhere.example"}),
    "another audience": lambda claims: signed(claims | {"aud": "another app"}),
    "many audiences, made for another": lambda claims: signed(claims | {"aud": [CLIENT_ID, "other"], "azp": "other"}),
    "many audiences, made for nobody": lambda claims: signed(claims | {"aud": [CLIENT_ID, "other"]}),
    "unsigned": lambda claims: jwt.encode(claims, "", algorithm="none"),
    "shared secret": lambda claims: jwt.encode(claims, "client secret" * 4, algorithm="HS256", headers={"kid": "key"}),
    "public key as secret": with_public_key_as_secret,
    "unknown key id": lambda claims: signed(claims, kid="another"),
    "no key id": lambda claims: signed(claims, kid=None),
    "signed by a stranger": lambda claims: signed(claims, key=STRANGERS_KEY),
    "changed after signing": tampered(lambda claims: claims | {"email": "head@school.example"}),
    "another nonce": lambda claims: signed(claims | {"nonce": "of another sign-in"}),
    "no nonce": lambda claims: signed({name: value for name, value in claims.items() if name != "nonce"}),
    "expired": lambda claims: signed(claims | {"exp": int(NOW()) - 120}),
    "never expires": lambda claims: signed({name: value for name, value in claims.items() if name != "exp"}),
    "from the future": lambda claims: signed(claims | {"iat": int(NOW()) + 600}),
    "about nobody": lambda claims: signed({name: value for name, value in claims.items() if name != "sub"}),
    "another access token's": lambda claims: signed(claims | {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
    "no token": lambda claims: "",
    "no token at all": lambda claims: "a.b.c",
}


@pytest.mark.parametrize("make_token", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_bad_token_lets_nobody_in(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User, make_token: MakeToken
) -> None:
    configure()
    openid.make_token = make_token

    answer = sign_in(client, openid)

    assert answer.status_code == 401
    assert "cannot be trusted" in answer.content.decode()
    assert signed_in(client) is None
    assert not SocialAccount.objects.exists()


def test_a_code_is_good_once(client: Client, openid: OpenIDServer, configure: Configure, amina: User) -> None:
    configure()
    brought = openid.approve(client.get(BEGIN)["Location"])
    assert client.get(CALLBACK, brought).status_code == 302
    client.logout()

    again = client.get(CALLBACK, brought)

    assert again.status_code == 401
    assert "Begin again here" in again.content.decode()


def test_a_code_of_another_sign_in_is_refused_by_what_each_began_with(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    victims = openid.approve(client.get(BEGIN)["Location"])
    attacker = Client()
    own = openid.approve(attacker.get(BEGIN)["Location"])

    answer = attacker.get(CALLBACK, {"code": victims["code"], "state": own["state"]})

    assert answer.status_code == 401
    assert signed_in(attacker) is None


@pytest.mark.parametrize("changes", [{"state": "made up"}, {"state": ""}], ids=["made up", "none"])
def test_an_answer_without_its_state_is_not_ours(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User, changes: dict[str, str]
) -> None:
    configure()

    answer = sign_in(client, openid, **changes)

    assert answer.status_code == 401
    assert "Begin again here" in answer.content.decode()
    assert openid.asked.count("/token") == 0


def test_another_browsers_answer_is_not_ours(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    brought = openid.approve(client.get(BEGIN)["Location"])

    assert Client().get(CALLBACK, brought).status_code == 401


def test_an_answer_of_another_issuer_is_refused(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()

    assert sign_in(client, openid, iss="https://elsewhere.example").status_code == 401
    assert openid.asked.count("/token") == 0


def test_a_discovery_document_of_another_issuer_is_refused(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    configure()
    openid.config = {"issuer": "https://elsewhere.example"}

    answer = client.get(BEGIN)

    assert answer.status_code == 401


@pytest.mark.parametrize("endpoint", ["jwks_uri", "token_endpoint", "userinfo_endpoint", "authorization_endpoint"])
@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://login.school.example/", "http://10.0.0.1/", "", 7])
def test_a_discovery_document_that_leads_away_from_https_is_refused(
    client: Client, openid: OpenIDServer, configure: Configure, endpoint: str, address: object
) -> None:
    configure()
    openid.config = {endpoint: address}

    assert client.get(BEGIN).status_code == 401
    assert openid.asked == ["/.well-known/openid-configuration"]


def test_userinfo_adds_what_the_token_lacks(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    openid.claims = {}
    openid.userinfo = {"sub": "subject-1", "email": "amina@school.example", "email_verified": True}

    sign_in(client, openid)

    assert signed_in(client) == amina


def test_userinfo_of_somebody_else_is_refused(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    openid.claims = {}
    openid.userinfo = {"sub": "subject-2", "email": "amina@school.example", "email_verified": True}

    assert sign_in(client, openid).status_code == 401


def test_userinfo_never_replaces_what_was_signed(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure(roles=({"claim": "groups", "value": "staff", "role": "teacher"},))
    openid.claims |= {"email": "nobody@school.example"}
    openid.userinfo = {"sub": "subject-1", "email": "amina@school.example", "email_verified": True}

    assert sign_in(client, openid).status_code == 403


@pytest.mark.parametrize(
    ("error", "text"),
    [("access_denied", "You have not signed in"), ("server_error", "server_error"), ("login_required", "Try again")],
)
def test_what_the_provider_refuses_is_said(
    client: Client, openid: OpenIDServer, configure: Configure, error: str, text: str
) -> None:
    configure()
    state = openid.approve(client.get(BEGIN)["Location"])["state"]

    answer = client.get(CALLBACK, {"error": error, "state": state})

    assert answer.status_code == 401
    assert text in answer.content.decode()


def test_a_provider_that_is_away_is_said(client: Client, openid: OpenIDServer, configure: Configure) -> None:
    configure(issuer="http://127.0.0.1:9")

    answer = client.get(BEGIN)

    assert answer.status_code == 401
    assert "does not answer just now" in answer.content.decode()


def test_a_provider_that_is_off_or_unknown_is_nowhere(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    configure(is_on=False)

    assert client.get(BEGIN).status_code == 404
    assert client.get("/accounts/sso/other/begin").status_code == 404
    assert "School account" not in client.get("/accounts/login/").content.decode()
