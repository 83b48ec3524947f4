"""API keys: programs come in by a secret that is shown once, do what they were given, and end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classbell.accounts.keys import services
from classbell.accounts.keys.secrets import is_whole, new_secret
from classbell.accounts.models import ApiKey, Role
from classbell.accounts.services import deactivate_person
from classbell.audit.queries import Asked, history
from classbell.groups.models import Group
from tests.api_client import ApiClient
from tests.factories import make_admin, make_class, make_teacher
from tests.factories_keys import issue_key, program

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
KEYS, CLASSES = "/api/keys", "/api/zoom/classes"
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def answered(answer: Any) -> tuple[int, str]:
    """Return an error's status and code."""
    return answer.status_code, answer.json()["code"]


def test_admin_makes_a_key_and_is_told_its_secret_once(api: Api) -> None:
    client = api(make_admin())

    made = client.post(KEYS, {"name": "Timetable", "scopes": ["classes:write", "classes:read"]})

    answer = made.json()
    assert made.status_code == 201
    assert is_whole(answer["secret"])
    assert answer["secret"].startswith(answer["key"].pop("prefix"))
    assert answer["key"] == {
        "id": str(ApiKey.objects.get().pk),
        "name": "Timetable",
        "scopes": ["classes:read", "classes:write"],
        "expires_at": None,
        "last_used_at": None,
    }
    assert answer["secret"] not in client.get(KEYS).content.decode()


def test_secret_is_not_stored() -> None:
    issued = issue_key()

    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM accounts_apikey k UNION ALL SELECT e::text FROM accounts_apikeyevent e")
        stored = str(cursor.fetchall())

    assert issued.secret[len(issued.key.prefix) :] not in stored


def test_program_reads_and_writes_what_its_admin_may_by_its_scopes() -> None:
    make_class(name="Algebra")
    client = program(issue_key("classes:read", "classes:write"))

    assert [one["name"] for one in client.get(CLASSES).json()["classes"]] == ["Algebra"]
    assert client.post(CLASSES, {"name": "Geometry"}).status_code == 201
    assert Group.objects.filter(name="Geometry").exists()


def test_scope_that_is_missing_is_named() -> None:
    client = program(issue_key("classes:read", "bookings:write"))

    refused = client.post(CLASSES, {"name": "Geometry"})

    assert answered(refused) == (403, "scope_missing")
    assert "classes:write" in refused.json()["error"]
    assert refused.json()["details"] == [{"scope": "classes:write"}]
    assert answered(client.get("/api/zoom/meetings")) == (403, "scope_missing")
    assert not Group.objects.exists()


def test_writing_does_not_include_reading() -> None:
    assert answered(program(issue_key("classes:write")).get(CLASSES)) == (403, "scope_missing")


@pytest.mark.parametrize("path", ["/api/auth/me", "/api/calendar", KEYS, "/api/bookings/bookings/my"])
def test_what_is_about_a_person_is_not_for_programs(path: str) -> None:
    assert answered(program(issue_key()).get(path)) == (403, "not_for_keys")


def test_no_key_makes_another() -> None:
    answer = program(issue_key()).post(KEYS, {"name": "Child", "scopes": ["classes:read"]})

    assert answered(answer) == (403, "not_for_keys")
    assert ApiKey.objects.count() == 1


def test_unknown_path_is_not_there_for_keys_either() -> None:
    assert program(issue_key()).get("/api/nothing").status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        new_secret(),
        "classbell_",
        "classbell_" + "a" * 38,
        new_secret()[:-1],
        new_secret() + "a",
        new_secret() + "\n",
        "classbell_" + "ä" * 38,
    ],
    # Of secrets that are new each time, no two processes would make the same names.
    ids=["never issued", "empty", "no checksum", "cut short", "longer", "with a line break", "other letters"],
)
def test_what_is_no_key_of_ours_is_refused(sent: str) -> None:
    answer = ApiClient(access_token=sent.encode().decode("latin-1").strip()).get(CLASSES)

    assert answer.status_code == 401
    assert answer.json()["code"] == "key_refused"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_damaged_secret_costs_no_query() -> None:
    with CaptureQueriesContext(connection) as queries, pytest.raises(services.KeyRefused, match="whole"):
        services.key_of_secret("classbell_" + "a" * 38, now=NOW)

    assert len(queries) == 0


def test_key_is_good_until_it_expires() -> None:
    issued = issue_key(expires_at=NOW + timedelta(days=1), now=NOW)

    assert services.key_of_secret(issued.secret, now=NOW + timedelta(hours=23)) == issued.key
    with pytest.raises(services.KeyRefused, match="expired"):
        services.key_of_secret(issued.secret, now=NOW + timedelta(days=1))


def test_ended_key_lets_nobody_in(api: Api) -> None:
    issued = issue_key()

    assert api(make_admin()).delete(f"{KEYS}/{issued.key.pk}").status_code == 204

    assert answered(program(issued).get(CLASSES)) == (401, "key_refused")
    assert answered(api(make_admin()).delete(f"{KEYS}/{issued.key.pk}")) == (404, "not_found")


def test_rotated_key_has_a_new_secret_and_the_old_one_a_day() -> None:
    issued = issue_key(now=NOW)

    rotated = services.rotate_key(key_id=issued.key.pk, by=issued.key.owner, now=NOW)

    assert rotated.secret != issued.secret
    a_day_later = NOW + timedelta(hours=24)
    for secret in (issued.secret, rotated.secret):
        assert services.key_of_secret(secret, now=a_day_later - timedelta(minutes=1)) == issued.key
    assert services.key_of_secret(rotated.secret, now=a_day_later) == issued.key
    with pytest.raises(services.KeyRefused):
        services.key_of_secret(issued.secret, now=a_day_later)


def test_second_rotation_ends_the_first_secret_at_once() -> None:
    first = issue_key(now=NOW)
    second = services.rotate_key(key_id=first.key.pk, by=first.key.owner, now=NOW)
    services.rotate_key(key_id=first.key.pk, by=first.key.owner, now=NOW)

    assert services.key_of_secret(second.secret, now=NOW) == first.key
    with pytest.raises(services.KeyRefused):
        services.key_of_secret(first.secret, now=NOW)


@pytest.mark.parametrize("how", ["deactivated", "no admin any more"])
def test_key_stops_with_its_admin_until_another_rotates_it(how: str) -> None:
    issued, other = issue_key(), make_admin()
    if how == "deactivated":
        deactivate_person(user_id=issued.key.owner.pk)
    else:
        type(issued.key.owner).objects.filter(pk=issued.key.owner.pk).update(role=Role.TEACHER)
    assert answered(program(issued).get(CLASSES)) == (401, "key_refused")

    rotated = services.rotate_key(key_id=issued.key.pk, by=other, now=timezone.now())

    assert rotated.key.owner == other
    assert program(rotated).get(CLASSES).status_code == 200
    assert answered(program(issued).get(CLASSES)) == (401, "key_refused")


def test_expired_key_is_not_rotated(api: Api) -> None:
    issued = issue_key(expires_at=NOW + timedelta(days=1), now=NOW)

    with pytest.raises(services.KeyExpired):
        services.rotate_key(key_id=issued.key.pk, by=issued.key.owner, now=NOW + timedelta(days=2))


def test_rotating_by_api_answers_the_new_secret(api: Api) -> None:
    issued = issue_key()

    answer = api(make_admin()).post(f"{KEYS}/{issued.key.pk}/rotate")

    assert answer.status_code == 201
    assert is_whole(answer.json()["secret"])
    assert answer.json()["key"]["id"] == str(issued.key.pk)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "scopes": ["classes:read"]}, "name"),
        ({"name": "x" * 65, "scopes": ["classes:read"]}, "name"),
        ({"name": "TAKEN", "scopes": ["classes:read"]}, "name"),
        ({"name": "New", "scopes": []}, "scopes"),
        ({"name": "New", "scopes": ["classes:erase"]}, "scopes"),
        ({"name": "New", "scopes": ["history:write"]}, "scopes"),
        ({"name": "New", "scopes": ["classes:read"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "New", "scopes": ["classes:read"], "expires_at": "tomorrow"}, "expires_at"),
    ],
)
def test_bad_input_is_named(api: Api, body: dict[str, Any], field: str) -> None:
    issue_key(name="Taken")

    answer = api(make_admin()).post(KEYS, body)

    assert answered(answer) == (400, "invalid_input")
    assert [detail["field"].removeprefix("body.") for detail in answer.json()["details"]] == [field]


def test_use_is_noted_at_most_once_a_minute() -> None:
    key = issue_key(now=NOW).key

    for seconds in (0, 30, 59, 60, 90):
        services.note_use(ApiKey.objects.get(pk=key.pk), now=NOW + timedelta(seconds=seconds))

    assert ApiKey.objects.get(pk=key.pk).last_used_at == NOW + timedelta(seconds=60)
    used_now = ApiKey.objects.get(pk=key.pk)
    with CaptureQueriesContext(connection) as queries:
        services.note_use(used_now, now=NOW + timedelta(seconds=61))
    assert len(queries) == 0


def test_history_tells_what_became_of_a_key_and_what_a_key_did(api: Api) -> None:
    admin = make_admin()
    client = api(admin)
    made = client.post(KEYS, {"name": "Timetable", "scopes": ["meetings:read", "classes:write"]}).json()
    group = make_class(students=1)
    member = group.members.get()
    ApiClient(access_token=made["secret"]).delete(f"{CLASSES}/{group.pk}/students", {"student_ids": [str(member.pk)]})
    client.post(f"{KEYS}/{made['key']['id']}/rotate")
    client.delete(f"{KEYS}/{made['key']['id']}")

    told = [(entry.what, entry.actor_id, entry.by_key) for entry in history(Asked(kind="key"), limit=10).entries]
    (taken_out, *_rest) = client.get("/api/audit", kind="membership").json()["entries"]

    assert told == [("removed", admin.pk, ""), ("changed", admin.pk, ""), ("made", admin.pk, "")]
    assert taken_out["what"] == "removed"
    assert taken_out["actor"] == {
        "id": str(admin.pk),
        "name": admin.name,
        "key": "Timetable",
        "student_id": None,
    }


def test_teachers_make_no_keys(api: Api) -> None:
    assert answered(api(make_teacher()).post(KEYS, {"name": "x", "scopes": ["classes:read"]})) == (403, "not_allowed")


def test_no_secret_is_like_another() -> None:
    secrets = {new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert all(map(is_whole, secrets))
