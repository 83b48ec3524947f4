"""Scheduling, changing and deleting single meetings."""

from datetime import datetime, timedelta

import pytest

from tests.zoomsim.conftest import NOW, in_utc

DAY_S = 86_400
WEEK_S = 7 * DAY_S


def errors_of(answer):
    """Return the fields that an answer calls wrong."""
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (400, 300, "Validation Failed.")
    return [error["field"] for error in answer.json()["errors"]]


def test_meeting_without_any_fields_gets_zooms_defaults(v2):
    meeting = v2.post("/users/host03@zoomsim.example/meetings", json={}).json()

    assert (meeting["type"], meeting["duration"], meeting["timezone"]) == (2, 60, "Africa/Cairo")
    assert meeting["topic"] == "Host 03's Zoom Meeting"
    assert (meeting["status"], meeting["creation_source"]) == ("waiting", "open_api")
    assert (len(str(meeting["id"])), len(meeting["uuid"]), len(meeting["password"])) == (11, 24, 6)
    assert abs(datetime.fromisoformat(meeting["start_time"]) - NOW) < timedelta(seconds=5)


def test_links_lead_to_the_simulator(simulator, schedule):
    meeting = schedule(settings={"approval_type": 0})

    assert meeting["join_url"] == f"{simulator.url}/j/{meeting['id']}?pwd={meeting['encrypted_password']}"
    assert meeting["start_url"].startswith(f"{simulator.url}/s/{meeting['id']}?zak=")
    assert meeting["registration_url"].startswith(f"{simulator.url}/meeting/register/")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param({"start_time": "2030-01-07T15:00:00Z"}, "2030-01-07T15:00:00Z", id="UTC"),
        pytest.param(
            {"start_time": "2030-01-07T15:00:00Z", "timezone": "Asia/Riyadh"},
            "2030-01-07T15:00:00Z",
            id="zone shifts no Z",
        ),
        pytest.param(
            {"start_time": "2030-01-07T15:00:00", "timezone": "Asia/Riyadh"}, "2030-01-07T12:00:00Z", id="wall time"
        ),
        pytest.param({"start_time": "2030-01-07T15:00:00"}, "2030-01-07T13:00:00Z", id="wall time of the host"),
        pytest.param({"start_time": "2030-01-07T15:00:00.123Z"}, "2030-01-07T15:00:00Z", id="JavaScript's form"),
    ],
)
def test_start_is_read_as_zoom_reads_it(v2, sent, expected):
    assert v2.post("/users/me/meetings", json=sent).json()["start_time"] == expected


def test_start_in_the_past_becomes_now_and_the_meeting_a_previous_one(v2, simulator):
    meeting = v2.post("/users/me/meetings", json={"start_time": "2020-01-01T10:00:00Z", "duration": 1}).json()
    simulator.clock(120)

    listed = v2.get("/users/me/meetings", params={"type": "previous_meetings"}).json()["meetings"]

    assert abs(datetime.fromisoformat(meeting["start_time"]) - NOW) < timedelta(seconds=5)
    assert [one["id"] for one in listed] == [meeting["id"]]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param({"topic": "x" * 201}, ["topic"], id="topic"),
        pytest.param({"agenda": "x" * 2001}, ["agenda"], id="agenda"),
        pytest.param({"type": 4}, ["type"], id="type"),
        pytest.param({"duration": -1}, ["duration"], id="too short"),
        pytest.param({"duration": 1441}, ["duration"], id="too long"),
        pytest.param({"duration": "an hour"}, ["duration"], id="no number"),
        pytest.param({"timezone": "Middle/Earth"}, ["timezone"], id="zone"),
        pytest.param({"password": "longer than ten"}, ["password"], id="password"),
        pytest.param({"type": 8}, ["recurrence"], id="series without rule"),
        pytest.param({"settings": []}, ["settings"], id="settings"),
        pytest.param(
            {"settings": {"jbh_time": 7, "audio": "smoke"}}, ["settings.jbh_time", "settings.audio"], id="two"
        ),
        pytest.param(
            {"duration": -1, "settings": {"host_video": "maybe"}}, ["duration", "settings.host_video"], id="both"
        ),
        pytest.param(
            {"settings": {"custom_keys": [{"key": "k" * 65}]}}, ["settings.custom_keys[0].key"], id="custom keys"
        ),
    ],
)
def test_what_is_wrong_is_named_field_by_field(v2, body, fields):
    assert errors_of(v2.post("/users/me/meetings", json=body)) == fields


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2030-01-07T15:00:00+02:00", "2030-01-07T13:00:00Z"),
        ("2030-01-07T15:00:00+0000", "2030-01-07T15:00:00Z"),
        ("2030-01-07T15:00:00-05:30", "2030-01-07T20:30:00Z"),
    ],
)
def test_offset_of_a_start_is_honoured(v2, schedule, sent, kept):
    created = schedule(start_time=sent, timezone="America/New_York")
    changed = v2.patch(f"/meetings/{schedule()['id']}", json={"start_time": sent})

    assert created["start_time"] == kept
    assert changed.status_code == 204


@pytest.mark.parametrize(
    "sent", ["Invalid Date", "tomorrow", "9999-12-31T23:59:59Z", "2030-13-01T10:00:00Z", "T", "0001-01-01T00:00:00"]
)
def test_start_that_is_no_time_becomes_now_and_changes_nothing(v2, schedule, sent):
    created, known = schedule(start_time=sent), schedule()

    assert timedelta() <= datetime.fromisoformat(created["start_time"]) - NOW < timedelta(minutes=5)
    assert v2.patch(f"/meetings/{known['id']}", json={"start_time": sent}).status_code == 204
    assert v2.get(f"/meetings/{known['id']}").json()["start_time"] == known["start_time"]


def test_duration_of_nothing_is_taken(schedule):
    assert schedule(duration=0)["duration"] == 0


def test_settings_that_every_answer_has(schedule):
    shown = schedule(settings={"continuous_meeting_chat": {"enable": True}})["settings"]

    assert {name: shown[name] for name in ("resources", "meeting_invitees", "sign_language_interpretation")} == {
        "resources": [],
        "meeting_invitees": [],
        "sign_language_interpretation": {"enable": False},
    }
    assert not any(
        shown[name]
        for name in (
            "show_join_info",
            "email_in_attendee_report",
            "enable_dedicated_group_chat",
            "allow_multiple_devices",
        )
    )
    assert shown["continuous_meeting_chat"] == {"enable": True, "auto_add_invited_external_users": False}


def test_unknown_fields_and_nulls_are_ignored_and_numbers_may_be_text(v2):
    answer = v2.post(
        "/users/me/meetings",
        json={"user_id": "x", "id": 1, "type": "2", "duration": "45", "agenda": None, "settings": {"no_such": 1}},
    )

    assert (answer.status_code, answer.json()["type"], answer.json()["duration"]) == (201, 2, 45)


def test_password_is_kept_made_up_or_left_out(schedule):
    given, none, empty = schedule(password="Kq7P2x"), schedule(default_password=False), schedule(password="")

    assert given["password"] == "Kq7P2x"
    for meeting in (none, empty):
        assert (meeting["password"], meeting["encrypted_password"], meeting["pstn_password"]) == ("", "", "")
        assert "pwd=" not in meeting["join_url"]


def test_waiting_room_turns_join_before_host_off(schedule):
    both = schedule(settings={"waiting_room": True, "join_before_host": True})["settings"]
    one = schedule(settings={"join_before_host": True, "jbh_time": 5})["settings"]

    assert (both["waiting_room"], both["join_before_host"]) == (True, False)
    assert (one["waiting_room"], one["join_before_host"], one["jbh_time"]) == (False, True, 5)


def test_alternative_host_must_be_licensed_in_the_account(v2, schedule):
    good = schedule(settings={"alternative_hosts": "host02@zoomsim.example;host03@zoomsim.example"})
    bad = v2.post("/users/me/meetings", json={"settings": {"alternative_hosts": "stranger@example.org"}})

    assert good["settings"]["alternative_hosts"] == "host02@zoomsim.example;host03@zoomsim.example"
    assert (bad.status_code, bad.json()["code"]) == (400, 3000)


def test_registration_of_a_meeting_without_time_is_silently_off(v2, schedule):
    meeting = schedule(type=3, settings={"approval_type": 0})

    patched = v2.patch(f"/meetings/{meeting['id']}", json={"settings": {"approval_type": 1}})
    refused = v2.post(f"/meetings/{meeting['id']}/registrants", json={"email": "a@b.example", "first_name": "A"})

    assert (meeting["settings"]["approval_type"], "start_time" in meeting) == (2, False)
    assert patched.status_code == 204
    assert v2.get(f"/meetings/{meeting['id']}").json()["settings"]["approval_type"] == 2
    assert refused.json()["message"] == f"Registration has not been enabled for this meeting: {meeting['id']}."


def test_update_changes_only_what_was_sent(v2, schedule):
    meeting = schedule(agenda="Old", settings={"mute_upon_entry": True})

    answer = v2.patch(
        f"/meetings/{meeting['id']}",
        json={"topic": "New", "duration": 30, "settings": {"participant_video": True}},
    )

    got = v2.get(f"/meetings/{meeting['id']}").json()
    assert (answer.status_code, answer.content) == (204, b"")
    assert got["settings"] == meeting["settings"] | {"participant_video": True}
    unchanged = {"uuid", "id", "start_time", "agenda", "password", "join_url", "created_at", "timezone"}
    assert {name: got[name] for name in unchanged} == {name: meeting[name] for name in unchanged}
    assert (got["topic"], got["duration"]) == ("New", 30)


def test_update_to_a_past_start_is_silently_ignored(v2, schedule):
    meeting = schedule()

    answer = v2.patch(f"/meetings/{meeting['id']}", json={"start_time": "2020-01-01T10:00:00Z", "duration": 20})

    got = v2.get(f"/meetings/{meeting['id']}").json()
    assert answer.status_code == 204
    assert (got["start_time"], got["duration"]) == (meeting["start_time"], 20)


def test_update_of_the_password_changes_the_link(v2, schedule):
    meeting = schedule()

    v2.patch(f"/meetings/{meeting['id']}", json={"password": "abc@_-*"})

    got = v2.get(f"/meetings/{meeting['id']}").json()
    assert got["password"] == "abc@_-*"
    assert got["join_url"] != meeting["join_url"]
    assert errors_of(v2.patch(f"/meetings/{meeting['id']}", json={"password": "abc!"})) == ["password"]


def test_update_by_schedule_for_moves_the_meeting_and_keeps_everything(v2, schedule):
    meeting = schedule("host02@zoomsim.example")
    path = f"/meetings/{meeting['id']}"
    refused = v2.patch(path, json={"schedule_for": "host03@zoomsim.example"})
    v2.post("/users/host03@zoomsim.example/assistants", json={"assistants": [{"email": "host02@zoomsim.example"}]})

    moved = v2.patch(path, json={"schedule_for": "host03@zoomsim.example"})

    got = v2.get(path).json()
    assert (refused.status_code, moved.status_code) == (400, 204)
    assert got["host_email"] == "host03@zoomsim.example"
    assert [got[name] for name in ("id", "password", "join_url")] == [
        meeting[name] for name in ("id", "password", "join_url")
    ]
    assert v2.get("/users/host02@zoomsim.example/meetings").json()["total_records"] == 0
    assert v2.get("/users/host03@zoomsim.example/meetings").json()["total_records"] == 1


def test_create_for_another_user_names_who_scheduled_it(v2, schedule):
    body = {"schedule_for": "host03@zoomsim.example"}
    refused = v2.post("/users/host02@zoomsim.example/meetings", json=body)
    v2.post("/users/host03@zoomsim.example/assistants", json={"assistants": [{"email": "host02@zoomsim.example"}]})

    meeting = schedule("host02@zoomsim.example", **body)
    instant = v2.post("/users/host02@zoomsim.example/meetings", json={"type": 1, **body})

    assert errors_of(refused) == ["schedule_for"]
    assert meeting["host_email"] == "host03@zoomsim.example"
    assert meeting["assistant_id"] == v2.get("/users/host02@zoomsim.example").json()["id"]
    assert (instant.status_code, instant.json()["code"]) == (400, 3000)


def test_deleted_meeting_is_gone_until_recovered(v2, schedule, simulator):
    path = f"/meetings/{schedule()['id']}"

    deleted, again, got = v2.delete(path), v2.delete(path), v2.get(path)
    recovered = v2.put(f"{path}/status", json={"action": "recover"})

    assert deleted.status_code == 204
    assert [(answer.status_code, answer.json()["code"]) for answer in (again, got)] == [(404, 3001), (404, 3001)]
    assert recovered.status_code == 204
    assert v2.get(path).status_code == 200


def test_running_meeting_cannot_be_deleted_and_ends_on_request(v2, schedule, simulator):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])

    refused = v2.delete(f"/meetings/{meeting['id']}")
    ended = v2.put(f"/meetings/{meeting['id']}/status", json={"action": "end"})

    assert (refused.status_code, refused.json()["code"]) == (400, 3002)
    assert ended.status_code == 204
    assert v2.get(f"/meetings/{meeting['id']}").json()["status"] == "waiting"


@pytest.mark.parametrize(
    ("body", "days_known", "days_gone"),
    [
        pytest.param({"type": 2}, 30, 32, id="once: 30 days after its time"),
        pytest.param({"type": 3}, 364, 366, id="recurring: a year after its last use"),
    ],
)
def test_number_expires_long_after_the_last_use(simulator, v2, schedule, body, days_known, days_gone):
    meeting = schedule(**body)
    statuses = []
    for days in (days_known, days_gone):
        simulator.clock(days * DAY_S)
        token = simulator.access_token()
        answer = v2.get(f"/meetings/{meeting['id']}", headers={"Authorization": f"Bearer {token}"})
        statuses.append(answer.status_code)

    assert statuses == [200, 404]


def test_instant_meeting_is_used_up_at_its_end_and_never_listed(v2, schedule, simulator):
    meeting = schedule(type=1)
    listed = v2.get("/users/me/meetings").json()["total_records"]
    simulator.start_meeting(meeting["id"])
    simulator.end_meeting(meeting["id"])

    assert listed == 0
    assert v2.get(f"/meetings/{meeting['id']}").status_code == 404


def test_meeting_on_the_personal_id_shows_it(v2, schedule):
    meeting = schedule(settings={"use_pmi": True})

    pmi = str(v2.get("/users/me").json()["pmi"])
    assert meeting["pmi"] == pmi
    assert f"/j/{pmi}?pwd=" in meeting["join_url"]
    assert meeting["join_url"].endswith(f"&omn={meeting['id']}")
    assert f"/s/{pmi}?zak=" in meeting["start_url"]


def test_invitation_and_invite_links(v2, schedule):
    meeting = schedule(topic="Algebra", start_time=in_utc(days=2))

    text = v2.get(f"/meetings/{meeting['id']}/invitation").json()["invitation"]
    links = v2.post(f"/meetings/{meeting['id']}/invite_links", json={"attendees": [{"name": "Ali B"}], "ttl": 60})

    assert "Topic: Algebra" in text
    assert meeting["join_url"] in text
    assert links.status_code == 201
    assert links.json()["attendees"] == [{"name": "Ali B", "join_url": f"{meeting['join_url']}&uname=Ali%20B"}]


def test_tracking_fields_come_back_visible(schedule):
    meeting = schedule(tracking_fields=[{"field": "course", "value": "7"}])

    assert meeting["tracking_fields"] == [{"field": "course", "value": "7", "visible": True}]
