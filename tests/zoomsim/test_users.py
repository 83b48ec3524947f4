"""Users: found by id, e-mail or `me`; listed, added, deactivated, asked for tokens and settings."""

import jwt
import pytest


def test_user_is_found_by_id_email_and_me(v2):
    by_email = v2.get("/users/HOST01@zoomsim.example").json()

    assert v2.get(f"/users/{by_email['id']}").json() == by_email
    assert v2.get("/users/me").json() == by_email
    assert len(by_email["id"]) == 22


def test_first_host_owns_the_account_and_all_are_licensed(v2):
    users = v2.get("/users").json()["users"]

    assert [user["role_id"] for user in users] == ["0", "2", "2", "2"]
    assert {user["type"] for user in users} == {2}
    assert v2.get("/users/me").json()["role_name"] == "Owner"


def test_list_holds_up_to_2000_and_is_30_by_default(v2):
    assert v2.get("/users").json()["page_size"] == 30
    assert v2.get("/users", params={"page_size": 5000}).json()["page_size"] == 2000


def test_invited_user_is_pending_and_has_no_id_in_lists(v2):
    body = {"action": "create", "user_info": {"email": "new@school.example", "type": 1, "first_name": "New"}}

    created = v2.post("/users", json=body)

    listed = v2.get("/users", params={"status": "pending"}).json()["users"]
    assert (created.status_code, created.json()["email"], created.json()["type"]) == (201, "new@school.example", 1)
    assert [(user["email"], "id" in user) for user in listed] == [("new@school.example", False)]
    assert v2.get("/users/new@school.example").json()["code"] == 1120
    assert v2.get("/users").json()["total_records"] == 4


def test_user_made_without_invitation_is_active_and_may_host(v2):
    body = {"action": "custCreate", "user_info": {"email": "made@school.example", "type": 2}}

    v2.post("/users", json=body)

    assert v2.post("/users/made@school.example/meetings", json={}).status_code == 201


def test_second_user_of_an_email_is_a_conflict(v2):
    answer = v2.post("/users", json={"action": "create", "user_info": {"email": "host01@zoomsim.example", "type": 2}})

    assert (answer.status_code, answer.json()["code"]) == (409, 1005)


def test_user_can_be_renamed_and_lose_the_licence(v2):
    changed = v2.patch("/users/host02@zoomsim.example", json={"display_name": "Amina", "type": 1, "phone": "unknown"})
    impossible = v2.patch("/users/host02@zoomsim.example", json={"type": 5, "timezone": "Cairo"})

    user = v2.get("/users/host02@zoomsim.example").json()
    assert (changed.status_code, changed.content) == (204, b"")
    assert (user["display_name"], user["type"], user["last_name"]) == ("Amina", 1, "02")
    assert [error["field"] for error in impossible.json()["errors"]] == ["type", "timezone"]


def test_user_without_what_is_required_is_invalid(v2):
    answer = v2.post("/users", json={"action": "create", "user_info": {"type": 3}})

    assert [error["field"] for error in answer.json()["errors"]] == ["user_info.email", "user_info.type"]


def test_deactivated_user_keeps_meetings_but_may_not_schedule_or_start(v2, simulator, schedule):
    meeting = schedule("host02@zoomsim.example")

    assert v2.put("/users/host02@zoomsim.example/status", json={"action": "deactivate"}).status_code == 204

    refused = v2.post("/users/host02@zoomsim.example/meetings", json={})
    assert (refused.status_code, refused.json()["code"]) == (400, 3161)
    assert v2.get("/users/host02@zoomsim.example/meetings").json()["total_records"] == 1
    assert simulator.http.post(f"/sim/meetings/{meeting['id']}/start").status_code == 409


def test_email_can_be_checked(v2):
    assert v2.get("/users/email", params={"email": "host01@zoomsim.example"}).json() == {"existed_email": True}
    assert v2.get("/users/email", params={"email": "x@y.example"}).json() == {"existed_email": False}


@pytest.mark.parametrize(
    ("path", "params", "life_s"),
    [
        pytest.param("/users/host02@zoomsim.example/token", {"type": "zak"}, 7200, id="zak of a user"),
        pytest.param(
            "/users/host02@zoomsim.example/token", {"type": "zak", "ttl": 60}, 60, id="with a life of its own"
        ),
        pytest.param("/users/me/zak", {}, 300, id="own zak"),
    ],
)
def test_zak_lives_as_long_as_zoom_says(v2, path, params, life_s):
    claims = jwt.decode(v2.get(path, params=params).json()["token"], options={"verify_signature": False})

    assert claims["exp"] - claims["iat"] == life_s


def test_token_of_the_retired_default_type_is_a_sentence(v2):
    answer = v2.get("/users/me/token")

    assert answer.json() == {"token": "Token is no longer supported. Please use ZAK token instead."}


def test_settings_tell_what_a_client_plans_with(v2):
    settings = v2.get("/users/me/settings").json()

    assert settings["feature"]["concurrent_meeting"] == "None"
    assert isinstance(settings["feature"]["meeting_capacity"], int)
    assert settings["in_meeting"]["waiting_room"] is False
    assert settings["recording"] == {"auto_recording": "none", "cloud_recording": True, "local_recording": True}
    assert v2.get("/users/me/settings", params={"custom_query_fields": "recording"}).json().keys() == {"recording"}
    assert "meeting_security" in v2.get("/users/me/settings", params={"option": "meeting_security"}).json()


def test_assistants_and_schedulers_mirror_each_other(v2):
    added = v2.post(
        "/users/host02@zoomsim.example/assistants", json={"assistants": [{"email": "host01@zoomsim.example"}]}
    )

    assistants = v2.get("/users/host02@zoomsim.example/assistants").json()["assistants"]
    schedulers = v2.get("/users/me/schedulers").json()["schedulers"]
    assert added.status_code == 201
    assert [user["email"] for user in assistants] == ["host01@zoomsim.example"]
    assert [user["email"] for user in schedulers] == ["host02@zoomsim.example"]


def test_settings_can_be_asked_for_by_field(v2):
    names = "default_password_for_scheduled_meetings,auto_recording,waiting_room,host_video"

    assert v2.get("/users/me/settings", params={"custom_query_fields": names}).json() == {
        "schedule_meeting": {"host_video": True},
        "in_meeting": {"waiting_room": False},
        "recording": {"auto_recording": "none"},
        "meeting_security": {"waiting_room": False},
    }


def test_settings_can_be_asked_for_by_section(v2):
    assert list(v2.get("/users/me/settings", params={"custom_query_fields": "feature"}).json()) == ["feature"]


def test_account_has_no_tracking_fields(v2):
    assert v2.get("/tracking_fields").json() == {"total_records": 0, "tracking_fields": []}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/users/me/webinars"), ("POST", "/users/me/webinars"), ("GET", "/webinars/1")]
)
def test_webinars_need_an_add_on(v2, method, path):
    answer = v2.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (400, 200)
    assert answer.json()["message"].startswith("Webinar plan is missing.")


@pytest.mark.parametrize(
    "path",
    [
        "/past_meetings/1/archive_files",
        "/past_meetings/qa",
        "/report/meetings/polls",
        "/meetings/1/survey",
        "/meetings/meeting_summary",
    ],
)
def test_what_is_not_served_is_no_meeting_either(v2, path):
    answer = v2.get(path)

    assert (answer.status_code, answer.json()["code"]) == (400, 2300)


def test_empty_list_is_one_page(v2):
    assert v2.get("/users/me/meetings").json()["page_count"] == 1
