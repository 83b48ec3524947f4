"""Users come, change and go: what is announced, what becomes of what they had, and who hosted how much."""

import pytest

from tests.simulator import Simulator
from tests.zoomsim.conftest import NOW, signed_in

HOST, OTHER = "host02@zoomsim.example", "host03@zoomsim.example"
PERSON = {"email": "new@school.example", "type": 2, "first_name": "Nour", "last_name": "Haddad"}


def test_life_of_a_user_is_announced(v2, receiver):
    made = v2.post("/users", json={"action": "autoCreate", "user_info": PERSON}).json()
    path = f"/users/{made['id']}"
    v2.patch(path, json={"dept": "Languages", "first_name": "Nour"})
    v2.put(f"{path}/status", json={"action": "deactivate"})
    v2.put(f"{path}/status", json={"action": "activate"})
    v2.delete(path, params={"action": "delete"})

    created, updated = receiver.wait_for("user.created"), receiver.wait_for("user.updated")
    gone = receiver.wait_for("user.deleted")
    assert created.body["payload"]["creation_type"] == "autoCreate"
    assert created.object["email"] == "new@school.example"
    # Only what is another than it was.
    assert updated.object == {"id": made["id"], "dept": "Languages"}
    assert updated.body["payload"]["old_object"] == {"id": made["id"], "dept": ""}
    assert receiver.wait_for("user.deactivated").object["id"] == made["id"]
    assert receiver.wait_for("user.activated").object["id"] == made["id"]
    assert (gone.object["id"], gone.body["payload"]["operator"]) == (made["id"], "host01@zoomsim.example")


def test_who_left_is_not_found_and_their_meetings_are_deleted(v2, schedule, receiver):
    meeting = schedule(HOST)

    left = v2.delete(f"/users/{HOST}")

    assert (left.status_code, left.content) == (204, b"")
    assert receiver.wait_for("user.disassociated").object["email"] == HOST
    assert v2.get(f"/users/{HOST}").json()["code"] == 1001
    assert v2.get(f"/meetings/{meeting['id']}").json()["code"] == 3001
    assert HOST not in [user["email"] for user in v2.get("/users").json()["users"]]
    assert v2.get("/users/email", params={"email": HOST}).json() == {"existed_email": False}
    assert v2.delete(f"/users/{HOST}").status_code == 404


def test_meetings_go_to_whom_they_are_left_with_their_recordings(v2, schedule, simulator):
    meeting = schedule(HOST, settings={"auto_recording": "cloud"})
    simulator.start_meeting(meeting["id"])
    simulator.end_meeting(meeting["id"])

    v2.delete(f"/users/{HOST}", params={"action": "delete", "transfer_meeting": "true", "transfer_email": OTHER})

    assert v2.get(f"/meetings/{meeting['id']}").json()["host_email"] == OTHER
    assert v2.get(f"/meetings/{meeting['id']}/recordings").status_code == 200
    day = f"{NOW:%Y-%m-%d}"
    recorded = v2.get(f"/users/{OTHER}/recordings", params={"from": day, "to": day}).json()
    assert [one["id"] for one in recorded["meetings"]] == [meeting["id"]]


@pytest.mark.parametrize(
    ("who", "params", "code"),
    [
        ("me", {}, 300),
        (HOST, {"action": "vanish"}, 300),
        (HOST, {"transfer_meeting": "true", "transfer_email": HOST}, 300),
        (HOST, {"transfer_meeting": "true", "transfer_email": "nobody@x.example"}, 1001),
        ("nobody@x.example", {}, 1001),
    ],
)
def test_what_cannot_be_deleted_so_stays(v2, who, params, code):
    assert v2.delete(f"/users/{who}", params=params).json()["code"] == code
    assert v2.get(f"/users/{HOST}").json()["status"] == "active"


def test_who_left_can_be_added_again(v2):
    v2.delete(f"/users/{HOST}")

    again = v2.post("/users", json={"action": "autoCreate", "user_info": {"email": HOST, "type": 2}})

    assert again.status_code == 201
    assert v2.get(f"/users/{HOST}").json()["status"] == "active"


def test_who_left_stays_away_after_a_restart(tmp_path):
    with Simulator(hosts=3, plan="unlimited", state=tmp_path / "state.jsonl") as kept, signed_in(kept) as v2:
        v2.delete(f"/users/{HOST}")

        kept.restart()

        assert v2.get(f"/users/{HOST}").status_code == 404


def test_settings_of_one_user_are_changed_kept_and_announced(v2, receiver):
    path = f"/users/{HOST}/settings"
    wanted = {"in_meeting": {"waiting_room": True, "unheard_of": 1}, "recording": {"auto_recording": "cloud"}}

    changed = v2.patch(path, json=wanted)
    mine, others = v2.get(path).json(), v2.get(f"/users/{OTHER}/settings").json()

    assert (changed.status_code, changed.content) == (204, b"")
    assert (mine["in_meeting"]["waiting_room"], mine["recording"]["auto_recording"]) == (True, "cloud")
    assert "unheard_of" not in mine["in_meeting"]
    assert others["in_meeting"]["waiting_room"] is False
    event = receiver.wait_for("user.settings_updated")
    assert event.object["settings"] == {
        "in_meeting": {"waiting_room": True},
        "recording": {"auto_recording": "cloud"},
    }


def test_locked_setting_stays_as_the_account_has_it_without_a_word(v2, simulator):
    v2.patch(f"/users/{HOST}/settings", json={"in_meeting": {"waiting_room": True}})
    simulator.lock(waiting_room=False)

    again = v2.patch(f"/users/{HOST}/settings", json={"in_meeting": {"waiting_room": True}})

    assert again.status_code == 204
    assert v2.get(f"/users/{HOST}/settings").json()["in_meeting"]["waiting_room"] is False


def test_setting_of_another_kind_is_named(v2):
    answer = v2.patch(f"/users/{HOST}/settings", json={"in_meeting": {"waiting_room": "yes"}, "recording": "all"})

    assert answer.status_code == 400
    fields = [error["field"] for error in answer.json()["errors"]]
    assert fields == ["in_meeting.waiting_room", "recording"]


def test_report_of_users_tells_who_hosted_and_how_much(v2, schedule, simulator):
    meeting, day = schedule(HOST), f"{NOW:%Y-%m-%d}"
    simulator.start_meeting(meeting["id"], at=f"{day}T09:30:00Z")
    simulator.join(meeting["id"], "Omar", at=f"{day}T09:31:00Z")
    simulator.end_meeting(meeting["id"], at=f"{day}T10:15:00Z")
    days = {"from": day, "to": day}

    active = v2.get("/report/users", params=days).json()
    inactive = v2.get("/report/users", params=days | {"type": "inactive"}).json()

    (row,) = active["users"]
    assert (row["email"], row["meetings"], row["participants"], row["meeting_minutes"]) == (HOST, 1, 2, 45)
    assert (active["total_meetings"], active["total_meeting_minutes"], active["from"]) == (1, 45, day)
    assert HOST not in [user["email"] for user in inactive["users"]]
    assert v2.get("/report/users").json()["code"] == 300
    assert v2.get("/report/users", params={"from": "2026-01-01", "to": "2026-03-01"}).json()["code"] == 300


def test_groups_and_roles_are_those_that_every_account_has(v2):
    roles = v2.get("/roles").json()

    assert v2.get("/groups").json() == {"total_records": 0, "groups": []}
    assert [(role["id"], role["name"]) for role in roles["roles"]] == [("0", "Owner"), ("1", "Admin"), ("2", "Member")]
    assert [role["total_members"] for role in roles["roles"]] == [1, 0, 3]


def test_report_of_meetings_says_what_was_recorded(v2, schedule, simulator):
    meeting = schedule(HOST, settings={"auto_recording": "cloud"})
    simulator.start_meeting(meeting["id"])
    simulator.end_meeting(meeting["id"])
    day = f"{NOW:%Y-%m-%d}"

    (row,) = v2.get(f"/report/users/{HOST}/meetings", params={"from": day, "to": day}).json()["meetings"]

    assert row["has_recording"] is True
