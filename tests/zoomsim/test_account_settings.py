"""The account's settings and locks: what wins over what is sent for a meeting, without a word."""

import pytest

LOCKED = {"in_meeting": {"waiting_room": True}}


@pytest.fixture
def waiting_room_locked(v2):
    """An account whose admins keep the waiting room on."""
    assert v2.patch("/accounts/me/settings", json=LOCKED).status_code == 204
    assert v2.patch("/accounts/me/lock_settings", json=LOCKED).status_code == 204


def test_settings_of_the_account_show_in_its_users(v2):
    changed = v2.patch("/accounts/me/settings", json={"recording": {"auto_recording": "cloud"}})

    assert changed.status_code == 204
    assert v2.get("/accounts/me/settings").json()["recording"] == {"auto_recording": "cloud"}
    assert v2.get("/users/me/settings").json()["recording"]["auto_recording"] == "cloud"


def test_what_is_set_but_not_locked_gives_way(v2, schedule):
    v2.patch("/accounts/me/settings", json=LOCKED)

    assert schedule(settings={"waiting_room": False})["settings"]["waiting_room"] is False


@pytest.mark.usefixtures("waiting_room_locked")
def test_locked_setting_is_kept_without_a_word(v2, schedule):
    meeting = schedule(settings={"waiting_room": False, "join_before_host": True, "mute_upon_entry": True})
    patched = v2.patch(f"/meetings/{meeting['id']}", json={"settings": {"waiting_room": False}})
    shown = v2.get(f"/meetings/{meeting['id']}").json()["settings"]

    assert v2.get("/accounts/me/lock_settings").json()["in_meeting"] == {"waiting_room": True, "breakout_room": False}
    assert patched.status_code == 204
    assert (shown["waiting_room"], shown["join_before_host"], shown["mute_upon_entry"]) == (True, False, True)


@pytest.mark.usefixtures("waiting_room_locked")
def test_lifted_lock_lets_the_next_change_through(v2, schedule):
    meeting = schedule(settings={"waiting_room": False})
    path = f"/meetings/{meeting['id']}"

    v2.patch("/accounts/me/lock_settings", json={"in_meeting": {"waiting_room": False}})
    untouched = v2.get(path).json()["settings"]["waiting_room"]
    v2.patch(path, json={"settings": {"waiting_room": False}})

    assert (untouched, v2.get(path).json()["settings"]["waiting_room"]) == (True, False)


def test_breakout_rooms_are_kept_with_who_is_in_them(schedule):
    rooms = {"enable": True, "rooms": [{"name": "Red", "participants": ["a@school.example", "b@school.example"]}]}

    assert schedule(settings={"breakout_room": rooms})["settings"]["breakout_room"] == rooms


def test_breakout_rooms_are_dropped_where_the_account_has_none(v2, schedule):
    v2.patch("/accounts/me/settings", json={"in_meeting": {"breakout_room": False}})

    shown = schedule(settings={"breakout_room": {"enable": True, "rooms": []}})["settings"]

    assert shown["breakout_room"] == {"enable": False}


def test_bad_value_names_its_field(v2):
    answer = v2.patch("/accounts/me/settings", json={"recording": {"auto_recording": "tape"}})

    assert answer.json()["errors"] == [{"field": "recording.auto_recording", "message": "Invalid field."}]


def test_other_accounts_do_not_exist(v2):
    assert v2.get("/accounts/other/settings").json()["code"] == 2001


def test_control_call_locks_and_unlocks_by_the_names_of_meetings(simulator, schedule):
    simulator.lock(auto_recording="cloud")
    locked = schedule(settings={"auto_recording": "none"})["settings"]["auto_recording"]
    simulator.lock(auto_recording=None)

    assert (locked, schedule(settings={"auto_recording": "none"})["settings"]["auto_recording"]) == ("cloud", "none")
    assert simulator.http.post("/sim/locks", json={"topic": "x"}).status_code == 400


@pytest.mark.usefixtures("waiting_room_locked")
def test_reset_forgets_settings_and_locks(simulator):
    simulator.reset()

    kept = simulator.http.post("/sim/locks", json={}).json()
    assert (kept["settings"]["in_meeting"]["waiting_room"], kept["locks"]["in_meeting"]["waiting_room"]) == (
        False,
        False,
    )
