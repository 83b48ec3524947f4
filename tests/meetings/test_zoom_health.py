"""One mind about whether Zoom is well: what is noticed, by what, who is told, and when it is over."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from pydantic import SecretStr

from classbell.meetings.models import ZoomHealth, ZoomTrouble
from classbell.meetings.sync import gateway, health
from classbell.notices.models import Notice
from classbell.web.school.setup import steps
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError
from tests.factories import make_admin
from tests.simulator import Simulator

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def wrong_secret(zoom: ZoomClient, monkeypatch: pytest.MonkeyPatch) -> ZoomClient:
    environment = settings.ENVIRONMENT.model_copy(update={"zoom_client_secret": SecretStr("wrong")})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)
    gateway._client.cache_clear()
    return gateway.zoom_client()


def trouble() -> str:
    known = health.health()
    return known.trouble if known else "unknown"


def subjects() -> list[str]:
    return [notice.words.subject for notice in Notice.objects.order_by("created_at", "pk")]


def first_page(client: Client) -> str:
    return client.get("/").content.decode()


def zoom_step() -> str:
    return next(step.kind for step in steps() if step.name == "zoom")


def test_check_finds_zoom_well(zoom):
    found = health.check(zoom, now=NOW)

    assert (found.trouble, found.checked_at, bool(found.email)) == ("", NOW, True)


def test_wrong_secret_is_said_first_and_takes_the_tick_away(wrong_secret, client):
    admin = make_admin()
    client.force_login(admin)

    health.check(wrong_secret, now=NOW)

    assert trouble() == ZoomTrouble.CREDENTIALS
    assert "Zoom refuses the app’s credentials" in first_page(client)
    assert zoom_step() == "wait"


def test_secret_that_is_revoked_while_a_token_lives_is_found_within_minutes(zoom, simulator):
    health.check(zoom, now=NOW)
    simulator.fault(kind="status", status=401, path="/oauth/token")

    for minute in range(1, 6):
        health.check(zoom, now=NOW + minute * MINUTE)

    assert trouble() == ZoomTrouble.CREDENTIALS


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        pytest.param({"kind": "status", "status": 503}, ZoomTrouble.UNAVAILABLE, id="outage"),
        pytest.param({"kind": "status", "status": 400, "code": 4711}, ZoomTrouble.SCOPES, id="scope"),
    ],
)
def test_failed_read_is_known_at_once(zoom, simulator, fault, found):
    health.check(zoom, now=NOW)
    simulator.fault(path="/v2", **fault)

    with pytest.raises(ZoomError):
        zoom.get_user("me")

    assert trouble() == found


def test_first_page_does_not_say_yes_while_zoom_fails(zoom, simulator, client):
    client.force_login(make_admin())
    simulator.fault(kind="status", status=503, path="/v2")
    with pytest.raises(ZoomError):
        zoom.get_user("me")

    assert "Zoom began to fail" in first_page(client)


def test_failure_of_one_meeting_is_no_trouble_of_the_account(zoom):
    health.check(zoom, now=NOW)

    with pytest.raises(ZoomError):
        zoom.get_meeting("1")

    assert trouble() == ""


def test_admins_hear_once_of_a_trouble_and_once_of_its_end(zoom, simulator):
    make_admin()
    simulator.fault(kind="status", status=401, path="/oauth/token")
    for minute in range(3):
        health.check(zoom, now=NOW + minute * MINUTE)
        health.announce(now=NOW + minute * MINUTE)
    simulator.clear_faults()
    for minute in range(3, 6):
        health.check(zoom, now=NOW + minute * MINUTE)
        health.announce(now=NOW + minute * MINUTE)

    assert subjects() == ["Zoom refuses the school’s credentials", "Zoom works again"]


def test_short_outage_is_nobodys_news(zoom, simulator):
    make_admin()
    simulator.fault(kind="status", status=503, path="/v2")
    health.check(zoom, now=NOW)
    ZoomHealth.objects.update(since=NOW)
    health.announce(now=NOW)
    health.announce(now=NOW + MINUTE)
    assert subjects() == []

    health.announce(now=NOW + 3 * MINUTE)

    assert subjects() == ["Zoom does not answer"]


def test_what_was_known_of_other_credentials_says_nothing(wrong_secret, monkeypatch):
    health.check(wrong_secret, now=NOW)
    environment = settings.ENVIRONMENT.model_copy(update={"zoom_client_secret": SecretStr(Simulator.client_secret)})

    monkeypatch.setattr(settings, "ENVIRONMENT", environment)

    assert health.health() is None
