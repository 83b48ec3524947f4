"""Webhooks by the API: made, changed, tried, replayed; their secret is said once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from classbell.audit.queries import Asked, history
from classbell.config.api import api as classbell_api
from classbell.hooks import delivery
from classbell.hooks.events import EVENTS, TEST
from classbell.hooks.models import Delivery, Webhook
from classbell.hooks.services import MOST_WEBHOOKS, IssuedSecret
from tests.api_client import ApiClient
from tests.factories import make_admin
from tests.factories_keys import issue_key, program
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db

WEBHOOKS = "/api/webhooks"
URL = "https://portal.example/in"


@pytest.fixture
def client(api: Callable[..., ApiClient]) -> ApiClient:
    """An admin."""
    return api(make_admin())


def wrong_field(answer: Any) -> tuple[int, str]:
    """Return an error's status and the field that it names."""
    return answer.status_code, answer.json()["details"][0]["field"]


def test_secret_is_said_once(client: ApiClient) -> None:
    made = client.post(
        WEBHOOKS, {"url": URL, "events": ["session.moved", "booking.confirmed"], "description": "Portal"}
    )

    assert made.status_code == 201
    answer = made.json()
    assert answer["secret"].startswith("whsec_")
    webhook = answer["webhook"]
    assert webhook["events"] == ["booking.confirmed", "session.moved"]
    assert (webhook["status"], webhook["description"], webhook["url"]) == ("active", "Portal", URL)
    for path in (WEBHOOKS, f"{WEBHOOKS}/{webhook['id']}"):
        assert answer["secret"] not in client.get(path).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT w::text FROM hooks_webhook w UNION ALL SELECT e::text FROM hooks_webhookevent e")
        assert answer["secret"] not in str(cursor.fetchall())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "http://portal.example/in"}, "url"),
        ({"url": "https://10.0.0.1/in"}, "url"),
        ({"url": "https://portal.example:22/in"}, "url"),
        ({"events": ["booking.exploded"]}, "events"),
        ({"events": ["webhook.test"]}, "events"),
        ({"events": []}, "events"),
        ({"description": "x" * 101}, "description"),
    ],
)
def test_what_is_wrong_is_named(client: ApiClient, changes: dict[str, object], field: str) -> None:
    answer = client.post(WEBHOOKS, {"url": URL, "events": ["session.moved"]} | changes)

    assert wrong_field(answer) == (400, field)
    assert not Webhook.objects.exists()


def test_there_is_a_last_one(client: ApiClient) -> None:
    body = {"url": URL, "events": ["session.moved"]}
    for _ in range(MOST_WEBHOOKS):
        assert client.post(WEBHOOKS, body).status_code == 201

    assert wrong_field(client.post(WEBHOOKS, body)) == (400, "url")


def test_changing_leaves_what_is_absent(client: ApiClient, wanted: Callable[..., IssuedSecret]) -> None:
    made = wanted("session.moved")
    path = f"{WEBHOOKS}/{made.webhook.pk}"

    changed = client.patch(path, {"description": "Portal"}).json()["webhook"]
    assert (changed["url"], changed["events"], changed["description"]) == (
        made.webhook.url,
        ["session.moved"],
        "Portal",
    )
    assert client.patch(path, {"paused": True}).json()["webhook"]["paused_because"] == "asked"
    for refused in (client.post(f"{path}/test"), client.patch(path, {"url": "http://10.0.0.1"})):
        assert refused.status_code == 400
    assert client.patch(path, {"paused": False}).json()["webhook"]["status"] == "active"


def test_how_a_test_went_stands_among_the_deliveries(
    client: ApiClient, receiver: Receiver, wanted: Callable[..., IssuedSecret]
) -> None:
    made = wanted("session.moved")
    path = f"{WEBHOOKS}/{made.webhook.pk}"
    receiver.status, receiver.text = 500, b"Out of order"

    sent = client.post(f"{path}/test").json()["delivery"]
    assert (sent["status"], sent["attempts"]) == ("pending", [])
    delivery.deliver_due(made.webhook.pk)

    (found,) = client.get(f"{path}/deliveries", status="pending").json()["deliveries"]
    assert found["id"] == sent["id"] == receiver.received[0].id
    assert found["body"].encode() == receiver.received[0].body
    (attempt,) = found["attempts"]
    assert (attempt["status_code"], attempt["answer"], attempt["error"]) == (500, "Out of order", "")
    assert client.get(f"{path}/deliveries", status="delivered").json()["deliveries"] == []

    receiver.status = 204
    replayed = client.post(f"{path}/deliveries/{sent['id']}/replay")
    assert replayed.status_code == 200
    delivery.deliver_due(made.webhook.pk)
    assert client.get(f"{path}/deliveries").json()["deliveries"][0]["status"] == "delivered"


def test_delivery_of_another_webhook_is_not_found(client: ApiClient, wanted: Callable[..., IssuedSecret]) -> None:
    one, other = wanted(), wanted()
    sent = client.post(f"{WEBHOOKS}/{one.webhook.pk}/test").json()["delivery"]

    assert client.post(f"{WEBHOOKS}/{other.webhook.pk}/deliveries/{sent['id']}/replay").status_code == 404


def test_removed_webhook_is_gone_with_its_deliveries(client: ApiClient, wanted: Callable[..., IssuedSecret]) -> None:
    path = f"{WEBHOOKS}/{wanted().webhook.pk}"
    client.post(f"{path}/test")

    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404
    assert not Delivery.objects.exists()


def test_history_says_who_made_and_changed_a_webhook(client: ApiClient) -> None:
    made = client.post(WEBHOOKS, {"url": URL, "events": ["session.moved"]}).json()["webhook"]
    client.patch(f"{WEBHOOKS}/{made['id']}", {"description": "Portal"})
    client.post(f"{WEBHOOKS}/{made['id']}/rotate")
    client.delete(f"{WEBHOOKS}/{made['id']}")

    assert sorted(entry.what for entry in history(Asked(kind="webhook"), limit=9).entries) == [
        "changed",
        "made",
        "removed",
    ]


def test_program_needs_its_scope() -> None:
    assert program(issue_key("webhooks:read")).get(WEBHOOKS).status_code == 200
    refused = program(issue_key("bookings:read")).get(WEBHOOKS)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def test_events_are_listed_with_words_and_described(client: ApiClient) -> None:
    listed = client.get(f"{WEBHOOKS}/events").json()["events"]
    document = classbell_api.get_openapi_schema(path_prefix="/api/")

    assert [one["name"] for one in listed] == list(EVENTS)
    assert all(one["description"] for one in listed)
    assert list(document["webhooks"]) == [*EVENTS, TEST]
    for name, item in document["webhooks"].items():
        reference = item["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
        assert schema["properties"]["type"]["const"] == name


def test_paged_from_the_newest(client: ApiClient, wanted: Callable[..., IssuedSecret]) -> None:
    made = wanted()
    ids = [client.post(f"{WEBHOOKS}/{made.webhook.pk}/test").json()["delivery"]["id"] for _ in range(3)]

    first = client.get(f"{WEBHOOKS}/{made.webhook.pk}/deliveries", limit=2).json()
    rest = client.get(f"{WEBHOOKS}/{made.webhook.pk}/deliveries", limit=2, cursor=first["next_cursor"]).json()

    assert [one["id"] for one in first["deliveries"] + rest["deliveries"]] == ids[::-1]
    assert timezone.now() > Delivery.objects.latest("created_at").created_at
