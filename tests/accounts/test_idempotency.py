"""Idempotency-Key: asking twice creates once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from classbell.accounts.idempotency import _only_one, purge_idempotency_keys
from classbell.accounts.models import IdempotencyKey
from classbell.groups.models import Group
from tests.api_client import ApiClient
from tests.at_once import at_once, done_at_once
from tests.config import failing_api
from tests.factories import make_class, make_student, make_teacher

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
CLASSES = "/api/zoom/classes"
failing = pytest.mark.urls("tests.config.failing_api")


def test_same_key_and_body_get_the_first_answer_again(api: Api) -> None:
    client = api(make_teacher())

    first = client.post(CLASSES, {"name": "Algebra", "description": "x"}, idempotency_key="k")
    second = client.post(CLASSES + "/", {"description": "x", "name": "Algebra"}, idempotency_key="k")

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["Content-Type"].startswith("application/json")
    assert Group.objects.count() == 1


def test_first_answer_stays_though_the_thing_changed_since(api: Api) -> None:
    client = api(make_teacher())
    first = client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k")
    Group.objects.update(name="Geometry")

    assert client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k").json() == first.json()


def test_without_a_key_every_request_creates(api: Api) -> None:
    client = api(make_teacher())
    for _request in range(2):
        client.post(CLASSES, {"name": "Algebra"})

    assert Group.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


def test_key_with_another_body_is_refused(api: Api) -> None:
    client = api(make_teacher())
    client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k")

    answer = client.post(CLASSES, {"name": "Geometry"}, idempotency_key="k")

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_reused")
    assert Group.objects.count() == 1


def test_key_at_another_path_is_refused(api: Api) -> None:
    teacher = make_teacher()
    group, student = make_class(teacher=teacher), make_student()
    client = api(teacher)
    client.post(f"{CLASSES}/{group.pk}/students", {"emails": [student.email]}, idempotency_key="k")

    answer = client.post(CLASSES, {"emails": [student.email], "name": "A"}, idempotency_key="k")

    assert answer.json()["code"] == "idempotency_key_reused"


def test_keys_of_different_people_have_nothing_to_do_with_each_other(api: Api) -> None:
    ids = {
        api(make_teacher()).post(CLASSES, {"name": "Algebra"}, idempotency_key="k").json()["class"]["id"]
        for _person in range(2)
    }

    assert len(ids) == 2


@pytest.mark.parametrize("key", ["", "x" * 256], ids=["empty", "too long"])
def test_unusable_key_is_refused(api: Api, key: str) -> None:
    answer = api(make_teacher()).post(CLASSES, {"name": "Algebra"}, idempotency_key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_rule_comes_before_the_first_answer(api: Api) -> None:
    teacher = make_teacher()
    client = api(teacher)
    client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k")
    type(teacher).objects.filter(pk=teacher.pk).update(role="student")

    assert client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k").status_code == 403


def test_invalid_input_does_not_use_the_key_up(api: Api) -> None:
    client = api(make_teacher())

    assert client.post(CLASSES, {"name": ""}, idempotency_key="k").status_code == 400
    assert client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k").status_code == 201


@failing
def test_refusal_is_an_answer_and_is_given_again(api: Api) -> None:
    client = api(make_teacher())
    failing_api.calls.clear()

    answers = [client.post("/api/create/domain", {}, idempotency_key="k") for _request in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json() == answers[1].json()
    assert failing_api.calls == ["domain"]


@failing
@pytest.mark.parametrize("kind", ["too-many", "zoom-down", "zoom-not-configured", "crash"])
def test_failure_that_says_try_again_may_be_tried_again(api: Api, kind: str) -> None:
    client = api(make_teacher())
    failing_api.calls.clear()

    for _request in range(2):
        client.post(f"/api/create/{kind}", {}, idempotency_key="k")

    assert failing_api.calls == [kind, kind]


def test_answer_is_forgotten_after_a_day(api: Api) -> None:
    client = api(make_teacher())
    client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))

    assert client.post(CLASSES, {"name": "Geometry"}, idempotency_key="k").status_code == 201
    assert Group.objects.count() == 2


def test_purge_takes_what_is_older_than_a_day(api: Api) -> None:
    client = api(make_teacher())
    for key in ("old", "new"):
        client.post(CLASSES, {"name": "Algebra"}, idempotency_key=key)
    now = timezone.now()
    IdempotencyKey.objects.filter(key="old").update(created_at=now - timedelta(hours=25))

    assert purge_idempotency_keys(now=now) == 1
    assert IdempotencyKey.objects.get().key == "new"


def test_stored_answer_cannot_be_read_in_the_database(api: Api) -> None:
    api(make_teacher()).post(CLASSES, {"name": "Algebra"}, idempotency_key="k")

    assert b"Algebra" not in bytes(IdempotencyKey.objects.get().answer)


def test_request_that_broke_off_is_not_repeated_blindly(api: Api) -> None:
    client = api(make_teacher())
    client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k")
    IdempotencyKey.objects.update(status=None, answer=b"")

    answer = client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k")

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_outcome_unknown")
    assert Group.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_requests_with_one_key_at_once_create_once_and_agree(api: Api) -> None:
    client = api(make_teacher())
    token = client._headers["Authorization"].removeprefix("Bearer ")

    answers = at_once(
        [
            lambda: ApiClient(access_token=token).post(CLASSES, {"name": "Algebra"}, idempotency_key="k").content
            for _request in range(8)
        ]
    )

    assert len(set(answers)) == 1
    assert Group.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.database_timers
def test_request_that_waits_too_long_is_told_to_come_back(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = make_teacher()
    client = api(teacher)
    monkeypatch.setattr("classbell.accounts.idempotency.LONGEST_WAIT_SECONDS", 1)

    with _only_one(teacher, "k"):
        (answer,) = done_at_once([lambda: client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k")])

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert client.post(CLASSES, {"name": "Algebra"}, idempotency_key="k").status_code == 201
