"""The fourth specification's guide to setting Zoom up, done as it says, and what it says one sees."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from django.conf import settings

from classbell.meetings.services import sync_now
from classbell.meetings.sync import gateway
from tests.courses.teaching import Api, make_course, make_sessions
from tests.factories import make_student, make_teacher
from tests.factories_bookings import a_day_ahead
from tests.simulator import Simulator, free_port


def configure(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    """Let the Zoom settings differ from what they are."""
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=values))
    gateway._client.cache_clear()


def status(api: Api) -> dict[str, Any]:
    answer = api(make_teacher()).get("/api/zoom/status")
    assert answer.status_code == 200
    return {name: answer.json()[name] for name in ("configured", "status")}


@pytest.mark.django_db
def test_status_without_credentials_is_as_the_guide_shows(api: Api) -> None:
    assert status(api) == {
        "configured": False,
        "status": {"success": False, "error": "Zoom credentials not configured", "configured": False},
    }


@pytest.mark.usefixtures("zoom_hosts")
def test_status_with_valid_credentials_is_as_the_guide_shows(api: Api, simulator: Simulator) -> None:
    me = httpx.get(
        f"{simulator.api_url}/users/me", headers={"Authorization": f"Bearer {simulator.access_token()}"}
    ).json()

    assert status(api) == {
        "configured": True,
        "status": {
            "success": True,
            "message": "Zoom credentials are valid",
            "configured": True,
            "user": {"id": me["id"], "email": me["email"], "account_id": me["account_id"]},
        },
    }


@pytest.mark.usefixtures("zoom_hosts")
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"zoom_account_id": "nobody"}, id="account id"),
        pytest.param({"zoom_client_id": "nobody"}, id="client id"),
        pytest.param({"zoom_client_secret": "wrong"}, id="client secret"),
    ],
)
def test_status_with_wrong_credentials_says_they_are_invalid(
    api: Api, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    secret = type(settings.ENVIRONMENT.zoom_client_secret)
    configure(monkeypatch, **{name: secret(v) if name == "zoom_client_secret" else v for name, v in wrong.items()})

    found = status(api)

    assert (found["configured"], found["status"]["success"], found["status"]["configured"]) == (True, False, True)
    assert found["status"]["error"].startswith("Invalid Zoom credentials")
    assert "wrong" not in found["status"]["error"]


@pytest.mark.usefixtures("zoom_hosts")
def test_status_while_zoom_cannot_be_reached_says_that_no_token_was_obtained(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    configure(
        monkeypatch,
        zoom_account_id="elsewhere",
        zoom_api_url=f"{nowhere}/v2",
        zoom_oauth_url=f"{nowhere}/oauth/token",
    )

    found = status(api)

    assert (found["configured"], found["status"]["success"], found["status"]["configured"]) == (True, False, True)
    assert found["status"]["error"].startswith("Failed to obtain access token")


@pytest.mark.usefixtures("zoom_hosts")
def test_session_shows_the_four_details_of_its_meeting(api: Api, simulator: Simulator) -> None:
    teacher, student = make_teacher(), make_student()
    course = make_course(api, teacher)
    api(teacher).post(f"/api/courses/{course['id']}/students", {"student_ids": [str(student.pk)]})
    (session,) = make_sessions(api, teacher, course, 1)
    sync_now(UUID(session["meeting_uuid"]))

    shown = {user: api(user).get(f"/api/sessions/{session['id']}").json()["session"] for user in (teacher, student)}

    on_zoom = simulator.meeting(shown[teacher]["meeting_id"])
    details = ("meeting_id", "join_url", "password")
    expected = {"meeting_id": str(on_zoom["id"]), "join_url": on_zoom["join_url"], "password": on_zoom["password"]}
    assert {name: shown[teacher][name] for name in details} == expected
    assert {name: shown[student][name] for name in details} == expected
    assert shown[teacher]["start_url"].startswith(f"{simulator.url}/s/{on_zoom['id']}")
    assert shown[student]["start_url"] is None
    assert (on_zoom["topic"], on_zoom["duration"]) == ("Lesson 1", 60)


@pytest.mark.usefixtures("zoom_hosts")
def test_meeting_crud_takes_the_guides_names(api: Api, simulator: Simulator) -> None:
    teacher = api(make_teacher())
    day = a_day_ahead().date()
    body = {"topic": "Manual Meeting", "start_time": f"{day}T10:00:00Z", "duration": 60}

    meeting = teacher.post("/api/zoom/meetings", body).json()["meeting"]
    path = f"/api/zoom/meetings/{meeting['zoom_meeting_id']}"
    found = teacher.get(path)
    changed = teacher.patch(path, {"topic": "Another", "start_time": f"{day}T11:00:00Z"})
    listed = teacher.get("/api/zoom/meetings").json()["meetings"]
    deleted = teacher.delete(path)

    assert [answer.status_code for answer in (found, changed, deleted)] == [200, 200, 200]
    assert [one["id"] for one in listed] == [meeting["id"]]
    on_zoom = simulator.meeting(meeting["zoom_meeting_id"])
    assert (on_zoom["topic"], on_zoom["start_time"], on_zoom["deleted"]) == ("Another", f"{day}T11:00:00Z", True)


@pytest.mark.usefixtures("zoom_hosts")
def test_session_specific_meeting_is_made_when_it_was_not_there(api: Api, simulator: Simulator) -> None:
    teacher = make_teacher()
    (session,) = make_sessions(api, teacher, make_course(api, teacher), 1)

    made = api(teacher).post("/api/zoom/sessions/meeting", {"session_id": session["id"]})
    again = api(teacher).post("/api/zoom/sessions/meeting", {"session_id": session["id"]})

    assert (made.status_code, again.status_code) == (201, 200), (made.content, again.content)
    meeting = made.json()["meeting"]
    assert meeting["zoom_meeting_id"] == again.json()["meeting"]["zoom_meeting_id"]
    on_zoom = simulator.meeting(meeting["zoom_meeting_id"])
    assert (meeting["join_url"], meeting["password"]) == (on_zoom["join_url"], on_zoom["password"])
    assert meeting["start_url"]


@pytest.mark.usefixtures("zoom_hosts")
def test_session_specific_meeting_replaces_one_that_was_lost(api: Api, simulator: Simulator) -> None:
    teacher = make_teacher()
    (session,) = make_sessions(api, teacher, make_course(api, teacher), 1)
    lost = api(teacher).post("/api/zoom/sessions/meeting", {"session_id": session["id"]}).json()["meeting"]
    httpx.delete(
        f"{simulator.api_url}/meetings/{lost['zoom_meeting_id']}",
        headers={"Authorization": f"Bearer {simulator.access_token()}"},
    ).raise_for_status()

    found = api(teacher).post("/api/zoom/sessions/meeting", {"session_id": session["id"]})

    assert found.status_code == 201
    number = found.json()["meeting"]["zoom_meeting_id"]
    assert number != lost["zoom_meeting_id"]
    assert not simulator.meeting(number)["deleted"]


@pytest.mark.django_db
def test_without_zoom_sessions_are_made_and_their_meeting_is_refused(api: Api) -> None:
    teacher = make_teacher()
    (session,) = make_sessions(api, teacher, make_course(api, teacher), 1)

    answer = api(teacher).post("/api/zoom/sessions/meeting", {"session_id": session["id"]})

    assert session["zoom_status"] == "not_configured"
    assert [session[name] for name in ("meeting_id", "join_url", "start_url", "password")] == [None] * 4
    assert (answer.status_code, answer.json()["error"]) == (503, "Zoom integration not configured")
