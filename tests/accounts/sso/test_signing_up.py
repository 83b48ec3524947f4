"""Whoever has no account and comes by a provider that makes none obeys the rules of signing up."""

import pytest
from django.test import Client

from classbell.accounts import sign_up
from classbell.accounts.models import Role, User
from classbell.accounts.sign_up_models import SignUpMode, SignUpRole
from classbell.accounts.sign_up_rules import set_rule
from tests.accounts.sso.conftest import Configure, signed_in
from tests.accounts.sso.openid_server import OpenIDServer, sign_in
from tests.web.html import words

pytestmark = pytest.mark.django_db


def let(mode: SignUpMode = SignUpMode.OPEN, *domains: str) -> None:
    set_rule(role=SignUpRole.STUDENT, mode=mode, domains=domains)


def test_a_provider_that_makes_no_accounts_obeys_the_rule_for_students(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    configure()
    let()

    sign_in(client, openid)

    user = signed_in(client)
    assert user is not None
    assert user.role == Role.STUDENT


def test_who_comes_by_a_provider_waits_where_the_school_looks_first(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    configure()
    let(SignUpMode.APPROVAL)

    for _time in range(2):
        answer = sign_in(client, openid)
        assert "has your request" in words(answer)

    assert len(sign_up.waiting()) == 1
    assert not User.objects.exists()


def test_a_provider_lets_in_nobody_of_another_domain(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    configure()
    let(SignUpMode.OPEN, "elsewhere.example")

    assert "Ask the school to invite you" in words(sign_in(client, openid))
    assert not User.objects.exists()
