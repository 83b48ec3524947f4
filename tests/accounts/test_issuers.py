"""Tokens of an outside issuer: which are good, whose they are, what role they give."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from pydantic import SecretStr

from classbell.accounts.checks import outside_issuer_is_safe
from classbell.accounts.issuers import user_of_outside_token
from classbell.accounts.key_sets import key_set as kept_keys
from classbell.accounts.models import Role, User
from classbell.accounts.services import deactivate_person
from tests.accounts import issuing
from tests.accounts.issuing import KeySet, by_ec, by_later_key, by_rsa, by_secret, claims
from tests.api_client import ApiClient
from tests.factories import make_admin, make_student, make_teacher

pytestmark = pytest.mark.django_db

Configure = Callable[..., None]


@pytest.fixture(scope="module")
def served_key_set() -> Iterator[KeySet]:
    with issuing.served() as key_set:
        yield key_set


@pytest.fixture
def key_set(served_key_set: KeySet) -> Iterator[KeySet]:
    """The issuer's published keys, as at the beginning and fetched by nobody."""
    served_key_set.begin_anew()
    kept_keys.cache_clear()
    yield served_key_set
    kept_keys.cache_clear()


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Return a function that sets what the settings say about the outside issuer."""

    def set_issuer(**values: Any) -> None:
        wanted = {"jwt_issuer": issuing.ISSUER, "jwt_audience": issuing.AUDIENCE} | values
        if "jwt_secret" in wanted:
            wanted["jwt_secret"] = SecretStr(wanted["jwt_secret"])
        monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=wanted))

    return set_issuer


@pytest.fixture
def both(configure: Configure, key_set: KeySet) -> None:
    """An issuer that signs with a shared secret and with published keys."""
    configure(jwt_secret=issuing.SECRET, jwt_jwks_url=key_set.url)


@pytest.mark.parametrize("make_token", [by_secret, by_rsa, by_ec], ids=["secret", "RSA", "elliptic"])
def test_good_token_lets_in_over_http(both: None, make_token: Callable[..., str]) -> None:
    answer = ApiClient(access_token=make_token()).get("/api/auth/me")

    assert answer.status_code == 200
    assert (answer.json()["email"], answer.json()["role"]) == ("amina@school.example", "student")


def test_no_outside_token_is_good_without_an_issuer_in_the_settings() -> None:
    assert user_of_outside_token(by_secret()) is None


def tampered(token: str, header: dict[str, Any]) -> str:
    """Return the token with another header and the old signature."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return ".".join([head, *token.split(".")[1:]])


def public_key_as_secret() -> str:
    """Sign with the published RSA key as if it were a shared secret: the classical confusion of algorithms."""
    pem = issuing.RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = {"alg": "HS256", "typ": "JWT", "kid": "rsa"}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, claims())]
    signature = base64.urlsafe_b64encode(hmac.digest(pem, b".".join(parts), "sha256")).rstrip(b"=")
    return b".".join([*parts, signature]).decode()


NOW = time.time


@pytest.mark.parametrize(
    "make_token",
    [
        pytest.param(lambda: by_rsa(iss="https://elsewhere.example"), id="another issuer"),
        pytest.param(lambda: by_rsa(iss=None), id="no issuer"),
        pytest.param(lambda: by_rsa(aud="another app"), id="another audience"),
        pytest.param(lambda: by_rsa(aud=None), id="no audience"),
        pytest.param(lambda: by_rsa(exp=int(NOW()) - 60), id="expired"),
        pytest.param(lambda: by_rsa(exp=None), id="never expires"),
        pytest.param(lambda: by_rsa(nbf=int(NOW()) + 60), id="not valid yet"),
        pytest.param(lambda: jwt.encode(claims(), "", algorithm="none"), id="unsigned"),
        pytest.param(lambda: jwt.encode(claims(), "x" * 40, algorithm="HS256"), id="another secret"),
        pytest.param(lambda: jwt.encode(claims(), issuing.SECRET, algorithm="HS384"), id="another hash"),
        pytest.param(public_key_as_secret, id="public key as secret"),
        pytest.param(lambda: tampered(by_rsa(), {"alg": "ES256", "kid": "rsa"}), id="RSA key, elliptic header"),
        pytest.param(lambda: tampered(by_ec(), {"alg": "RS256", "kid": "ec"}), id="elliptic key, RSA header"),
        pytest.param(lambda: tampered(by_rsa(), {"alg": ["RS256"], "kid": "rsa"}), id="list of algorithms"),
        pytest.param(lambda: tampered(by_rsa(), {"kid": "rsa"}), id="no algorithm"),
        pytest.param(lambda: jwt.encode(claims(), issuing.RSA_KEY, algorithm="RS256"), id="no key named"),
        pytest.param(
            lambda: jwt.encode(claims(), issuing.LATER_KEY, algorithm="ES256", headers={"kid": "ec"}),
            id="signed by a stranger",
        ),
        pytest.param(lambda: "nonsense", id="no token"),
        pytest.param(lambda: by_rsa(email=None), id="no e-mail"),
        pytest.param(lambda: by_rsa(email="not an e-mail"), id="unusable e-mail"),
        pytest.param(lambda: by_rsa(email_verified=False), id="e-mail not verified"),
        pytest.param(lambda: by_rsa(email_verified="true"), id="verified as text"),
        pytest.param(lambda: by_rsa(is_anonymous=True), id="anonymous"),
        pytest.param(lambda: by_rsa(role="service_role"), id="key of a service"),
    ],
)
def test_outside_token_is_refused(both: None, make_token: Callable[[], str]) -> None:
    assert ApiClient(access_token=make_token()).get("/api/auth/me").status_code == 401
    assert not User.objects.exists()


def test_secret_signs_nothing_where_only_keys_are_configured(configure: Configure, key_set: KeySet) -> None:
    configure(jwt_jwks_url=key_set.url)

    assert user_of_outside_token(by_secret()) is None
    assert user_of_outside_token(by_ec()) is not None


def test_keys_sign_nothing_where_only_a_secret_is_configured(configure: Configure) -> None:
    configure(jwt_secret=issuing.SECRET)

    assert user_of_outside_token(by_rsa()) is None
    assert user_of_outside_token(by_secret()) is not None


def test_any_other_issuer_must_say_that_the_email_is_verified(configure: Configure) -> None:
    configure(jwt_issuer="https://login.school.example", jwt_secret=issuing.SECRET)

    assert user_of_outside_token(by_secret(iss="https://login.school.example")) is None
    assert user_of_outside_token(by_secret(iss="https://login.school.example", email_verified=True)) is not None


def test_account_is_found_by_email_in_any_case(both: None) -> None:
    teacher = make_teacher(email="amina@school.example")

    assert user_of_outside_token(by_rsa(email="Amina@School.Example")) == teacher
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "email", ["\N{KELVIN SIGN}halid@school.example", "a" * 250 + "@school.example"], ids=["a look-alike", "too long"]
)
def test_address_that_no_account_can_have_lets_nobody_in(both: None, email: str) -> None:
    make_student(email="khalid@school.example")

    assert user_of_outside_token(by_secret(email=email)) is None
    assert User.objects.count() == 1


def test_new_account_takes_its_names_and_has_no_password(both: None) -> None:
    user = user_of_outside_token(by_rsa(given_name="Amina", family_name="Haddad"))

    assert user is not None
    assert user.name == "Amina Haddad"
    assert not user.has_usable_password()


def test_deactivated_account_stays_out(both: None) -> None:
    deactivate_person(user_id=make_student(email="amina@school.example").pk)

    assert user_of_outside_token(by_rsa()) is None


@pytest.mark.parametrize(
    ("metadata", "role"),
    [
        ({"role": "teacher"}, Role.TEACHER),
        ({"role": "admin"}, Role.ADMIN),
        ({"role": "student"}, Role.STUDENT),
        ({"role": "owner"}, Role.STUDENT),
        ({"role": ["admin"]}, Role.ADMIN),
        ({"role": ["student", "teacher"]}, Role.TEACHER),
        ({"role": ["owner", 7]}, Role.STUDENT),
        ({"role": None}, Role.STUDENT),
        ({}, Role.STUDENT),
        (None, Role.STUDENT),
    ],
    ids=str,
)
def test_role_of_a_new_account_comes_from_the_configured_claim(both: None, metadata: Any, role: Role) -> None:
    user = user_of_outside_token(by_rsa(app_metadata=metadata))

    assert user is not None
    assert user.role == role


@pytest.mark.parametrize(
    ("metadata", "role"),
    [
        pytest.param({"role": "admin"}, Role.ADMIN, id="raised"),
        pytest.param({"role": "owner"}, Role.STUDENT, id="not one of ours"),
        pytest.param({}, Role.TEACHER, id="claim absent"),
    ],
)
def test_role_of_a_known_account_follows_the_claim(both: None, metadata: Any, role: Role) -> None:
    teacher = make_teacher(email="amina@school.example")

    user_of_outside_token(by_rsa(app_metadata=metadata))

    teacher.refresh_from_db()
    assert teacher.role == role


def test_claim_cannot_take_the_last_admin_away(both: None) -> None:
    admin = make_admin(email="amina@school.example")

    user = user_of_outside_token(by_rsa(app_metadata={"role": "student"}))

    assert user == admin
    assert user.role == Role.ADMIN


def test_role_claim_may_be_named_like_an_address(configure: Configure) -> None:
    configure(jwt_secret=issuing.SECRET, jwt_role_claim="https://school.example/role")

    user = user_of_outside_token(by_secret(**{"https://school.example/role": "teacher"}))

    assert user is not None
    assert user.role == Role.TEACHER


def test_keys_are_fetched_once_for_many_tokens(both: None, key_set: KeySet) -> None:
    for _request in range(5):
        assert user_of_outside_token(by_ec()) is not None

    assert key_set.fetched == 1


def test_new_key_is_fetched_when_a_token_names_it(both: None, key_set: KeySet, monkeypatch: pytest.MonkeyPatch) -> None:
    user_of_outside_token(by_ec())
    key_set.rotate()
    monkeypatch.setattr(kept_keys(key_set.url), "cooldown_duration", 0)

    assert user_of_outside_token(by_later_key()) is not None
    assert key_set.fetched == 2


def test_tokens_that_name_made_up_keys_do_not_make_us_fetch_each_time(both: None, key_set: KeySet) -> None:
    user_of_outside_token(by_ec())

    for _request in range(5):
        assert user_of_outside_token(by_later_key()) is None

    assert key_set.fetched == 1


@pytest.mark.parametrize(
    "broken", [{"status": 500}, {"body": b"<html>"}, {"body": b"[]"}, {"body": b'{"keys": []}'}], ids=str
)
def test_broken_key_set_means_not_signed_in(both: None, key_set: KeySet, broken: dict[str, Any]) -> None:
    for name, value in broken.items():
        setattr(key_set, name, value)

    assert ApiClient(access_token=by_rsa()).get("/api/auth/me").status_code == 401


def test_unreachable_key_set_means_not_signed_in(configure: Configure) -> None:
    configure(jwt_jwks_url="http://127.0.0.1:1/jwks.json")

    assert ApiClient(access_token=by_rsa()).get("/api/auth/me").status_code == 401


def test_account_of_ours_costs_one_query_with_an_outside_token(both: None, django_assert_num_queries: Any) -> None:
    make_student(email="amina@school.example")
    token = by_secret()

    with django_assert_num_queries(1):
        user_of_outside_token(token)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        pytest.param({"jwt_secret": "s"}, [], id="complete"),
        pytest.param({"jwt_issuer": "", "jwt_audience": ""}, [], id="none"),
        pytest.param({}, ["accounts.E001"], id="no key"),
        pytest.param({"jwt_secret": "s", "jwt_audience": ""}, ["accounts.E001"], id="no audience"),
        pytest.param({"jwt_secret": "s", "jwt_role_claim": "user_metadata.role"}, ["accounts.E002"], id="unsafe role"),
    ],
)
def test_settings_of_an_issuer_are_checked_at_start(
    configure: Configure, values: dict[str, str], found: list[str]
) -> None:
    configure(**values)

    assert [message.id for message in outside_issuer_is_safe(None)] == found


def test_claim_with_two_roles_gives_both_and_one_with_less_takes_none_away(both: None) -> None:
    user = user_of_outside_token(by_rsa(app_metadata={"role": ["student", "teacher"]}))
    assert user is not None
    assert user.roles == [Role.TEACHER, Role.STUDENT]

    user = user_of_outside_token(by_rsa(app_metadata={"role": "teacher"}))
    assert user is not None
    assert user.roles == [Role.TEACHER, Role.STUDENT]

    user = user_of_outside_token(by_rsa(app_metadata={"role": "student"}))
    assert user is not None
    assert user.roles == [Role.STUDENT]
