from datetime import UTC, datetime, timedelta, timezone

import pytest

from classbell.zoom.errors import ZoomNotConfigured, ZoomNotFound
from classbell.zoom.service import ZoomService, legacy_credentials_message

SOON = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)


@pytest.fixture
def service(client):
    return ZoomService(client)


def test_service_without_credentials_says_so():
    service = ZoomService(None)

    assert not service.is_configured()
    assert service.validate_credentials() == {
        "success": False,
        "error": "Zoom credentials not configured",
        "configured": False,
    }


@pytest.mark.parametrize(
    "call",
    [
        lambda service: service.create_meeting({"topic": "Algebra"}),
        lambda service: service.get_meeting("1"),
        lambda service: service.update_meeting("1", {}),
        lambda service: service.delete_meeting("1"),
        lambda service: service.list_meetings(),
    ],
    ids=["create", "get", "update", "delete", "list"],
)
def test_service_without_credentials_refuses_to_act(call):
    with pytest.raises(ZoomNotConfigured):
        call(ZoomService(None))


def test_valid_credentials_show_their_owner(service, client):
    owner = client.get_user("me")

    assert service.is_configured()
    assert service.validate_credentials() == {
        "success": True,
        "message": "Zoom credentials are valid",
        "configured": True,
        "user": {"id": owner.id, "email": owner.email, "account_id": owner.account_id},
    }


def test_refused_credentials_say_why(client_for):
    answer = ZoomService(client_for(client_secret="wrong")).validate_credentials()

    assert answer.keys() == {"success", "error", "configured"}
    assert (answer["success"], answer["configured"]) == (False, True)
    assert answer["error"].startswith("Invalid Zoom credentials: Zoom refused the credentials: Invalid client_id")


def test_unreachable_zoom_is_no_verdict_on_the_credentials(client_for, simulator):
    simulator.fault(kind="status", status=503)

    answer = ZoomService(client_for()).validate_credentials()

    assert answer["error"].startswith("Failed to obtain access token: Zoom cannot be reached at the moment")


def test_meeting_is_created_for_the_owner_read_changed_listed_and_deleted(service):
    created = service.create_meeting({"topic": "Test Meeting", "start_time": SOON.isoformat(), "duration": 60})

    assert created["start_time"] == SOON.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert all(created[name] for name in ("id", "join_url", "start_url", "password"))
    service.update_meeting(created["id"], {"topic": "Another"})
    assert service.get_meeting(created["id"])["topic"] == "Another"
    assert created["id"] in [meeting["id"] for meeting in service.list_meetings()]
    service.delete_meeting(created["id"])
    with pytest.raises(ZoomNotFound):
        service.get_meeting(created["id"])


@pytest.mark.parametrize(
    "start",
    [
        SOON,
        SOON.isoformat(),
        SOON.strftime("%Y-%m-%dT%H:%M:%SZ"),
        SOON.astimezone(timezone(timedelta(hours=2))).isoformat(),
        SOON.replace(tzinfo=None).isoformat(),
    ],
    ids=["datetime", "+00:00", "Z", "+02:00", "wall time"],
)
def test_start_is_understood_in_every_form(service, start):
    created = service.create_meeting({"topic": "x", "start_time": start, "timezone": "UTC"})

    assert created["start_time"] == SOON.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_start_that_is_no_time_is_refused(service):
    with pytest.raises(ValueError, match="tomorrow"):
        service.create_meeting({"topic": "x", "start_time": "tomorrow"})


def test_retired_credentials_are_answered_with_what_to_make_instead():
    message = legacy_credentials_message()

    assert "ZOOM_API_KEY" in message
    assert "Server-to-Server OAuth" in message
    assert "ZOOM_CLIENT_SECRET" in message
