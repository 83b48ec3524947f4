"""Signing out here, at the provider, and there for here."""

import time
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from classbell.accounts.models import ProviderSession, User
from classbell.accounts.tokens import issue_tokens, user_of_access_token
from tests.accounts.sso.conftest import Configure, signed_in
from tests.accounts.sso.openid_server import CLIENT_ID, STRANGERS_KEY, OpenIDServer, sign_in, signed
from tests.factories import make_student

pytestmark = pytest.mark.django_db

SIGNED_OUT = "/accounts/oidc/school/signed-out"
EVENT: dict[str, dict[str, str]] = {"http://schemas.openid.net/event/backchannel-logout": {}}


@pytest.fixture
def amina() -> User:
    return make_student(email="amina@school.example")


def logout_token(openid: OpenIDServer, *, key: Any = None, **changes: Any) -> str:
    """Return what the provider posts when somebody signs out there; None takes a claim out."""
    now = int(time.time())
    good = {
        "iss": openid.issuer,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": "token-1",
        "events": EVENT,
        "sub": "subject-1",
        "sid": "session-1",
    }
    claims = {name: value for name, value in (good | changes).items() if value is not None}
    return signed(claims, **({"key": key} if key else {}))


def post(token: str) -> int:
    return Client(enforce_csrf_checks=True).post(SIGNED_OUT, {"logout_token": token}).status_code


def test_who_signs_out_there_is_signed_out_here(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    openid.claims["sid"] = "session-1"
    sign_in(client, openid)

    assert post(logout_token(openid)) == 200

    assert client.get("/me/").status_code == 302


def test_other_sessions_of_theirs_go_on(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    openid.claims["sid"] = "session-1"
    sign_in(client, openid)
    phone, by_password = Client(), Client()
    openid.claims["sid"] = "session-2"
    sign_in(phone, openid)
    by_password.force_login(amina)
    token = issue_tokens(amina).access_token

    post(logout_token(openid))

    assert client.get("/me/").status_code == 302
    assert phone.get("/me/").status_code == 200
    assert by_password.get("/me/").status_code == 200
    assert user_of_access_token(token) == amina


def test_without_a_session_all_that_began_there_end(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    phone, by_password = Client(), Client()
    sign_in(client, openid)
    sign_in(phone, openid)
    by_password.force_login(amina)

    assert post(logout_token(openid, sid=None)) == 200

    assert [one.get("/me/").status_code for one in (client, phone, by_password)] == [302, 302, 200]


BAD = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "another audience": {"aud": "another app"},
    "signed by a stranger": {"key": STRANGERS_KEY},
    "no event": {"events": None},
    "an ID token": {"nonce": "a nonce"},
    "about nobody": {"sub": None, "sid": None},
    "expired": {"exp": 1},
    "no id": {"jti": None},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD)
def test_a_bad_logout_token_ends_nothing(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User, changes: dict[str, Any]
) -> None:
    configure()
    openid.claims["sid"] = "session-1"
    sign_in(client, openid)

    assert post(logout_token(openid, **changes)) == 400
    assert signed_in(client) == amina


def test_a_logout_token_is_good_once(openid: OpenIDServer, configure: Configure) -> None:
    configure()

    assert [post(logout_token(openid)), post(logout_token(openid))] == [200, 400]


def test_signing_out_here_ends_it_here_and_offers_to_sign_out_there(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    openid.config = {"end_session_endpoint": f"{openid.issuer}/end"}
    sign_in(client, openid)

    page = client.post("/accounts/logout/", follow=True).content.decode()

    assert f'href="{openid.issuer}/end?client_id=classbell&amp;post_logout_redirect_uri=' in page
    assert signed_in(client) is None
    assert "/end?" not in client.get("/accounts/login/").content.decode()


def test_a_provider_where_nobody_signs_out_is_not_named(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    sign_in(client, openid)

    assert "You have signed out here" not in client.post("/accounts/logout/", follow=True).content.decode()


def test_a_later_sign_in_by_password_is_not_the_providers(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    sign_in(client, openid)
    client.post("/accounts/logout/")

    client.post("/accounts/login/", {"login": amina.email, "password": "a-long-enough-password"})

    assert signed_in(client) == amina
    assert not ProviderSession.objects.exists()


def test_what_is_kept_of_a_session_goes_with_it(
    client: Client, openid: OpenIDServer, configure: Configure, amina: User
) -> None:
    configure()
    sign_in(client, openid)
    assert ProviderSession.objects.count() == 1

    Session.objects.all().delete()

    assert not ProviderSession.objects.exists()
