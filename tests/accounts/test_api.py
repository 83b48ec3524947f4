"""Signing in over HTTP: tokens, their refresh, their end."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from classbell.accounts.models import Role, User
from classbell.accounts.services import deactivate_person, let_back_in, set_role
from tests.api_client import ApiClient
from tests.at_once import done_at_once
from tests.factories import PASSWORD, make_student, make_teacher

pytestmark = pytest.mark.django_db


def sign_in(user: User, **body: str) -> Any:
    return ApiClient().post("/api/auth/token", {"email": user.email, "password": PASSWORD} | body)


def test_token_lets_its_owner_in() -> None:
    user = make_teacher(first_name="Amina", last_name="Haddad", timezone="Europe/Lisbon")

    answer = sign_in(user)

    tokens = answer.json()
    assert answer.status_code == 200
    assert sorted(tokens) == ["access_token", "expires_in", "refresh_token", "token_type"]
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert ApiClient(access_token=tokens["access_token"]).get("/api/auth/me").json() == {
        "id": str(user.pk),
        "email": user.email,
        "name": "Amina Haddad",
        "first_name": "Amina",
        "last_name": "Haddad",
        "role": "teacher",
        "roles": ["teacher"],
        "timezone": "Europe/Lisbon",
        "locale": "en",
        "avatar": "",
    }


def test_email_may_be_written_in_any_case() -> None:
    user = make_student(email="amina@school.example")

    assert sign_in(user, email="Amina@School.Example").status_code == 200


def test_wrong_password_and_unknown_email_get_the_same_answer() -> None:
    user = make_student()

    wrong, unknown = sign_in(user, password="not it"), sign_in(user, email="nobody@school.example")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "wrong_credentials"


def test_deactivated_account_gets_no_token() -> None:
    user = make_student()
    deactivate_person(user_id=user.pk)

    answer = sign_in(user)

    assert (answer.status_code, answer.json()["code"]) == (401, "account_deactivated")


def test_too_many_failures_must_wait_even_with_the_right_password() -> None:
    user = make_student()
    for _attempt in range(5):
        assert sign_in(user, password="not it").status_code == 401

    answer = sign_in(user)

    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["Retry-After"] == "60"


def test_successful_sign_ins_are_not_limited() -> None:
    user = make_student()

    assert {sign_in(user).status_code for _attempt in range(12)} == {200}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param({}, ["email", "password"], id="nothing"),
        pytest.param({"email": "a@b.example"}, ["password"], id="no password"),
        pytest.param({"email": 1, "password": []}, ["email", "password"], id="wrong types"),
    ],
)
def test_token_names_what_is_missing_or_wrong(body: Any, fields: list[str]) -> None:
    answer = ApiClient().post("/api/auth/token", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert [detail["field"] for detail in answer.json()["details"]] == fields


def test_second_factor_is_asked_for_and_works_once() -> None:
    user = make_teacher()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))

    answers = [sign_in(user), sign_in(user, code="000000x"), sign_in(user, code=code), sign_in(user, code=code)]

    assert [answer.status_code for answer in answers] == [401, 401, 200, 401]
    assert answers[0].json()["code"] == "second_factor_needed"


def test_second_factor_cannot_be_guessed_forever() -> None:
    user = make_teacher()
    TOTP.activate(user, generate_totp_secret())
    for _attempt in range(5):
        assert sign_in(user, code="123").status_code == 401

    assert sign_in(user, code="123").status_code == 429


def refresh(token: str) -> Any:
    return ApiClient().post("/api/auth/token/refresh", {"refresh_token": token})


def test_refresh_gives_tokens_that_work() -> None:
    user = make_student()
    first = sign_in(user).json()

    second = refresh(first["refresh_token"])

    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert ApiClient(access_token=second.json()["access_token"]).get("/api/auth/me").json()["id"] == str(user.pk)
    assert refresh(second.json()["refresh_token"]).status_code == 200


def test_used_refresh_token_is_refused() -> None:
    token = sign_in(make_student()).json()["refresh_token"]
    refresh(token)

    answer = refresh(token)

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_refresh_token")


@pytest.mark.django_db(transaction=True)
def test_refresh_token_used_many_times_at_once_works_once() -> None:
    token = sign_in(make_student()).json()["refresh_token"]

    answers = done_at_once([lambda: refresh(token).status_code] * 8)

    assert sorted(answers) == [200] + [401] * 7


def test_logout_ends_the_refresh_token() -> None:
    token = sign_in(make_student()).json()["refresh_token"]

    assert ApiClient().post("/api/auth/logout", {"refresh_token": token}).json() == {"success": True}

    assert refresh(token).status_code == 401


def test_logout_leaves_other_sign_ins_alone() -> None:
    user = make_student()
    phone, laptop = sign_in(user).json(), sign_in(user).json()

    ApiClient().post("/api/auth/logout", {"refresh_token": phone["refresh_token"]})

    assert refresh(laptop["refresh_token"]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_logout_and_refresh_at_once_never_fail_unexpectedly() -> None:
    token = sign_in(make_student()).json()["refresh_token"]

    answers = done_at_once(
        [
            lambda: refresh(token).status_code,
            lambda: ApiClient().post("/api/auth/logout", {"refresh_token": token}).status_code,
        ]
    )

    assert sorted(answers) == [200, 401]


def test_deactivation_ends_both_tokens_at_once() -> None:
    user = make_student()
    tokens = sign_in(user).json()

    deactivate_person(user_id=user.pk)

    assert ApiClient(access_token=tokens["access_token"]).get("/api/auth/me").status_code == 401
    assert refresh(tokens["refresh_token"]).status_code == 401


def is_let_in(tokens: dict[str, str]) -> bool:
    return bool(ApiClient(access_token=tokens["access_token"]).get("/api/auth/me").status_code == 200)


def test_refresh_token_used_again_ends_all_that_came_of_it() -> None:
    first = sign_in(make_student()).json()
    second = refresh(first["refresh_token"]).json()
    third = refresh(second["refresh_token"]).json()

    refresh(first["refresh_token"])

    assert refresh(third["refresh_token"]).status_code == 401
    assert [is_let_in(tokens) for tokens in (first, second, third)] == [False] * 3


def test_refresh_token_used_again_leaves_other_sign_ins_alone() -> None:
    user = make_student()
    phone, laptop = sign_in(user).json(), sign_in(user).json()
    refresh(phone["refresh_token"])

    refresh(phone["refresh_token"])

    assert is_let_in(laptop)


def test_logout_ends_the_access_token_too() -> None:
    tokens = sign_in(make_student()).json()

    ApiClient().post("/api/auth/logout", {"refresh_token": tokens["refresh_token"]})

    assert not is_let_in(tokens)


def new_password(user: User) -> None:
    user.set_password("another-long-password")
    user.save()


def lock_out_and_back_in(user: User) -> None:
    deactivate_person(user_id=user.pk)
    let_back_in(user_id=user.pk)


@pytest.mark.parametrize(
    "change", [new_password, lock_out_and_back_in, lambda user: set_role(user_id=user.pk, role=Role.TEACHER)]
)
def test_sign_ins_end_at_once_with_password_role_and_deactivation(change: Callable[[User], object]) -> None:
    user = make_student()
    tokens, page = sign_in(user).json(), signed_in_page(user)

    change(user)

    assert not is_let_in(tokens)
    assert refresh(tokens["refresh_token"]).status_code == 401
    assert page.get("/me/").status_code == 302
    assert page.get("/api/auth/me").status_code == 401


def test_changing_nothing_leaves_people_signed_in() -> None:
    user = make_student()
    tokens = sign_in(user).json()

    set_role(user_id=user.pk, role=Role.STUDENT)
    let_back_in(user_id=user.pk)

    assert is_let_in(tokens)


def signed_in_page(user: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def test_session_of_the_pages_may_read() -> None:
    user = make_teacher()

    answer = signed_in_page(user).get("/api/auth/me")

    assert answer.json()["id"] == str(user.pk)


def test_session_without_csrf_token_may_not_write() -> None:
    answer = signed_in_page(make_teacher()).post("/api/zoom/classes", {"name": "A"}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_session_with_csrf_token_may_write() -> None:
    client = signed_in_page(make_teacher())
    client.get("/accounts/password/change/")
    token = client.cookies["csrftoken"].value

    answer = client.post(
        "/api/zoom/classes", {"name": "A"}, content_type="application/json", headers={"X-CSRFToken": token}
    )

    assert answer.status_code == 201


def test_bad_bearer_token_is_not_rescued_by_a_session() -> None:
    answer = signed_in_page(make_teacher()).get("/api/auth/me", headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401


def test_request_with_a_bearer_token_costs_one_query(api: Any, django_assert_num_queries: Any) -> None:
    client = api(make_student())

    with django_assert_num_queries(1):
        client.get("/api/auth/me")
