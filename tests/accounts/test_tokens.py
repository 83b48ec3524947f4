"""What is not a valid access token of ours."""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from allauth.headless.tokens.strategies.jwt import internal
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from classbell.accounts.models import User
from classbell.accounts.tokens import issue_tokens, purge_ended_sign_ins, user_of_access_token
from tests.api_client import ApiClient
from tests.factories import make_admin, make_student

pytestmark = pytest.mark.django_db


def claims(user: User, **changes: object) -> dict[str, object]:
    """Return the claims of a good token, with changes; None takes a claim out."""
    good = jwt.decode(issue_tokens(user).access_token, options={"verify_signature": False})
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(values: dict[str, object]) -> str:
    return jwt.encode(values, settings.SECRET_KEY, algorithm="HS256")


def unsigned(user: User) -> str:
    return jwt.encode(claims(user), "", algorithm="none")


def signed_by_a_stranger(user: User) -> str:
    return jwt.encode(claims(user), "a stranger's secret of at least 32 bytes", algorithm="HS256")


def signed_with_another_algorithm(user: User) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims(user), key, algorithm="RS256")


def expired(user: User) -> str:
    return signed(claims(user, exp=int(time.time()) - 1))


def changed_afterwards(user: User) -> str:
    head, body, signature = issue_tokens(user).access_token.split(".")
    other = signed(claims(make_admin())).split(".")[1]
    assert other != body
    return f"{head}.{other}.{signature}"


def refresh_token(user: User) -> str:
    return issue_tokens(user).refresh_token


def of_nobody(user: User) -> str:
    return signed(claims(user, sub=str(uuid4())))


def without_a_person(user: User) -> str:
    return signed(claims(user, sub=None))


def with_another_kind_of_id(user: User) -> str:
    return signed(claims(user, sub="1"))


def of_no_sign_in(user: User) -> str:
    return signed(claims(user, sid="x"))


def without_its_mark(user: User) -> str:
    return signed(claims(user, mark=None))


BAD_TOKENS = [
    of_no_sign_in,
    without_its_mark,
    unsigned,
    signed_by_a_stranger,
    signed_with_another_algorithm,
    expired,
    changed_afterwards,
    refresh_token,
    of_nobody,
    without_a_person,
    with_another_kind_of_id,
]


def test_token_made_as_these_tests_make_them_is_good() -> None:
    user = make_admin()

    assert user_of_access_token(signed(claims(user))) == user


@pytest.mark.parametrize("make_token", BAD_TOKENS, ids=lambda make_token: make_token.__name__)
def test_token_is_refused(make_token: Callable[[User], str]) -> None:
    answer = ApiClient(access_token=make_token(make_admin())).get("/api/auth/me")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "nonsense", "Bearer a.b.c"])
def test_header_that_holds_no_token_is_refused(header: str) -> None:
    client = ApiClient()
    client._headers = {"Authorization": header}

    assert client.get("/api/auth/me").status_code == 401


def test_access_token_does_not_refresh() -> None:
    answer = ApiClient().post("/api/auth/token/refresh", {"refresh_token": issue_tokens(make_admin()).access_token})

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_refresh_token")


def test_sign_in_lasts_as_long_as_its_refresh_token() -> None:
    tokens = issue_tokens(make_admin())

    payload = internal.decode_token(tokens.refresh_token, "refresh")

    assert payload is not None
    session = Session.objects.get(session_key=internal.session_key_from_sid(payload["sid"]))
    assert abs(session.expire_date.timestamp() - payload["exp"]) < 5


def test_purge_forgets_the_sign_ins_that_ran_out() -> None:
    for _sign_in in range(2):
        issue_tokens(make_admin())
    now = timezone.now()
    session = Session.objects.order_by("pk")[0]
    Session.objects.filter(pk=session.pk).update(expire_date=now - timedelta(seconds=1))

    assert purge_ended_sign_ins(now=now) == 1
    assert Session.objects.count() == 1


def test_token_of_a_machine_whose_clock_is_ahead_is_good() -> None:
    student = make_student()

    assert user_of_access_token(signed(claims(student, iat=int(time.time()) + 30))) == student
