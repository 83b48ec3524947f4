"""Trying a provider: an admin sees who they would be, and nobody is signed in by it."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from classbell.accounts.models import User
from tests.accounts.sso.conftest import Configure, signed_in
from tests.accounts.sso.openid_server import CALLBACK, OpenIDServer
from tests.factories import make_admin, make_student

pytestmark = pytest.mark.django_db

TRY = "/accounts/sso/school/try"


def trial(client: Client, openid: OpenIDServer) -> str:
    """Try the provider, and return the page that comes of it."""
    answer = client.get(CALLBACK, openid.approve(client.get(TRY)["Location"]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def admin(client: Client) -> User:
    admin = make_admin()
    client.force_login(admin)
    return admin


def test_an_admin_sees_who_that_would_be_and_what_was_said(
    client: Client, openid: OpenIDServer, configure: Configure, admin: User
) -> None:
    configure(is_on=False, roles=({"claim": "groups", "value": "staff", "role": "teacher"},))
    make_student(email="amina@school.example", first_name="Amina", last_name="Haddad")
    openid.claims["groups"] = ["staff"]

    page = trial(client, openid)

    assert "Amina Haddad" in page
    assert "Teacher" in page
    assert "&#x27;staff&#x27;" in page
    assert signed_in(client) == admin
    assert User.objects.get(email="amina@school.example").role == "student"
    assert not SocialAccount.objects.exists()


def test_an_admin_sees_why_somebody_would_not_come_in(
    client: Client, openid: OpenIDServer, configure: Configure, admin: User
) -> None:
    configure()

    assert "Ask the school to invite you" in trial(client, openid)


def test_only_admins_try(client: Client, openid: OpenIDServer, configure: Configure) -> None:
    configure()
    assert client.get(TRY)["Location"].startswith("/accounts/login/")

    client.force_login(make_student())

    assert client.get(TRY).status_code == 403


def test_who_is_no_admin_any_more_sees_nothing_of_a_trial(
    client: Client, openid: OpenIDServer, configure: Configure, admin: User
) -> None:
    configure()
    sent = client.get(TRY)["Location"]
    User.objects.filter(pk=admin.pk).update(role="student")

    assert client.get(CALLBACK, openid.approve(sent)).status_code in {401, 403}
