"""What people see of their accounts elsewhere, and forgetting one."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from tests.accounts.sso.conftest import Configure, signed_in
from tests.accounts.sso.openid_server import OpenIDServer, sign_in
from tests.factories import make_student

pytestmark = pytest.mark.django_db


def test_people_see_with_what_they_sign_in_and_forget_it(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    amina = make_student(email="amina@school.example")
    configure()
    sign_in(client, openid)
    at_school = Client()
    at_school.force_login(amina)
    page = at_school.get("/me/").content.decode()
    assert "School account" in page

    at_school.post(f"/me/links/{SocialAccount.objects.get().pk}/forget")

    assert not SocialAccount.objects.exists()
    assert client.get("/me/").status_code == 302
    assert "School account" not in at_school.get("/me/").content.decode()
    sign_in(client, openid)
    assert signed_in(client) == amina


def test_nobody_forgets_somebody_elses(client: Client, openid: OpenIDServer, configure: Configure) -> None:
    make_student(email="amina@school.example")
    configure()
    sign_in(client, openid)
    other = Client()
    other.force_login(make_student())

    assert other.post(f"/me/links/{SocialAccount.objects.get().pk}/forget").status_code == 404
    assert SocialAccount.objects.exists()
