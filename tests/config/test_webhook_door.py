"""The webhooks' own way into the server: as the ordinary way, only shorter."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import timezone

from classbell.config.webhook_door import with_webhook_door
from classbell.config.wsgi import application
from classbell.meetings.models import WebhookEvent
from classbell.meetings.webhooks.intake import MOST_BYTES
from tests.zoom_events import PATH, SECRET, as_bytes, event, headers

BODY = as_bytes(event("meeting.alert", timezone.now(), id="1"))


@pytest.fixture(autouse=True)
def _webhooks(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = type(settings.ENVIRONMENT.zoom_webhook_secret)(SECRET)
    environment = settings.ENVIRONMENT.model_copy(update={"zoom_webhook_secret": secret})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)


def environ_of(raw: bytes, *, path: str = PATH, method: str = "POST", **given: str) -> dict[str, Any]:
    request = RequestFactory().generic(method, path, raw, content_type="application/json", headers=headers(raw))
    return request.environ | given


def answer(environ: dict[str, Any], app: Any = application) -> tuple[int, bytes]:
    statuses: list[str] = []

    def start_response(status: str, _headers: Iterable[tuple[str, str]], *_: object) -> None:
        statuses.append(status)

    body = b"".join(app(environ, start_response))
    return int(statuses[0].split()[0]), body


@pytest.mark.parametrize("path", [PATH, f"{PATH}/"], ids=["plain", "trailing-slash"])
def test_door_takes_webhooks_in_without_django(path):
    def django(environ: object, start_response: object) -> list[bytes]:
        raise AssertionError("The ordinary way was taken.")

    answered = answer(environ_of(BODY, path=path), with_webhook_door(django))

    assert answered == (200, b'{"received": true}')
    assert WebhookEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("raw", "given", "status"),
    [
        pytest.param(BODY, {"HTTP_X_ZM_SIGNATURE": "v0=forged"}, 401, id="forged"),
        pytest.param(b"nonsense", {}, 400, id="not-json"),
        pytest.param(b'"' + b"a" * MOST_BYTES + b'"', {}, 413, id="oversized"),
        pytest.param(BODY, {"CONTENT_LENGTH": ""}, 401, id="no-length"),
        pytest.param(BODY, {"REQUEST_METHOD": "GET"}, 405, id="wrong-method"),
    ],
)
def test_what_the_door_refuses_is_refused_in_the_contracts_words(raw, given, status):
    answered, body = answer(environ_of(raw, **given))

    assert answered == status
    assert b'"code"' in body
    assert WebhookEvent.objects.count() == 0


def test_event_goes_the_ordinary_way_when_the_first_connection_was_broken(monkeypatch):
    calls: list[str] = []

    def broken(**_: object) -> None:
        calls.append("broken")
        raise ConnectionError

    monkeypatch.setattr("classbell.config.webhook_door.receive", broken)

    assert answer(environ_of(BODY)) == (200, b'{"received": true}')
    assert calls == ["broken"]
    assert WebhookEvent.objects.count() == 1


def test_other_requests_pass_the_door_by():
    assert answer(environ_of(b"", path="/api/zoom/nowhere", method="GET"))[0] == 404
