"""Cloud recordings: when there is one, what is in it, who may fetch it, and how it goes."""

from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest

from tests.simulator import Simulator
from tests.zoomsim.conftest import NOW, signed_in
from tests.zoomsim.shapes import differences, payload

HOST = "host01@zoomsim.example"
DAY_S = 86_400
CLOUD = {"settings": {"auto_recording": "cloud"}}
KINDS = ["MP4", "M4A", "TRANSCRIPT", "CHAT"]
FIRST_BYTES = {"MP4": b"ftyp", "M4A": b"ftyp", "TRANSCRIPT": b"WEBVTT", "CHAT": b"Omar:"}


@pytest.fixture
def recorded(simulator, schedule):
    """Return a function that lets a meeting take place for 47 minutes, recorded by itself, and returns it."""

    def run(**settings):
        meeting = schedule(**{**CLOUD, **settings})
        simulator.start_meeting(meeting["id"], at="2026-11-24T15:00:00Z")
        simulator.join(meeting["id"], "Omar", at="2026-11-24T15:02:00Z")
        meeting["uuid"] = simulator.end_meeting(meeting["id"], at="2026-11-24T15:47:10Z")["uuid"]
        return meeting

    return run


def files_of(v2, meeting, **params):
    """Return the files of a meeting's recording by kind."""
    answer = v2.get(f"/meetings/{meeting['id']}/recordings", params=params)
    assert answer.status_code == 200, answer.text
    return {file["file_type"]: file for file in answer.json()["recording_files"]}


def test_run_is_recorded_where_the_meeting_asks_for_it(recorded, v2):
    meeting = recorded()
    shown = v2.get(f"/meetings/{meeting['id']}/recordings").json()

    assert [file["file_type"] for file in shown["recording_files"]] == KINDS
    assert (shown["uuid"], shown["id"], shown["duration"]) == (meeting["uuid"], meeting["id"], 47)
    assert (shown["start_time"], shown["recording_count"]) == ("2026-11-24T15:00:00Z", 4)
    assert shown["total_size"] == sum(file["file_size"] for file in shown["recording_files"])


def test_nothing_is_recorded_where_nobody_asks_for_it(schedule, simulator, v2):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])
    simulator.end_meeting(meeting["id"])

    answer = v2.get(f"/meetings/{meeting['id']}/recordings")

    assert (answer.status_code, answer.json()) == (404, payload("GET_meetings_recordings.404"))


def test_host_records_in_the_room_twice_and_each_stretch_has_its_files(schedule, simulator, v2, receiver):
    meeting = schedule()
    simulator.start_meeting(meeting["id"], at="2026-11-24T15:00:00Z")
    simulator.record(meeting["id"], at="2026-11-24T15:05:00Z")
    simulator.record(meeting["id"], on=False, at="2026-11-24T15:15:00Z")
    simulator.record(meeting["id"], at="2026-11-24T15:30:00Z")
    simulator.end_meeting(meeting["id"], at="2026-11-24T15:40:00Z")
    receiver.wait_for("recording.completed")

    shown = v2.get(f"/meetings/{meeting['id']}/recordings").json()

    videos = [file for file in shown["recording_files"] if file["file_type"] == "MP4"]
    assert [(file["recording_start"][11:16], file["recording_end"][11:16]) for file in videos] == [
        ("15:05", "15:15"),
        ("15:30", "15:40"),
    ]
    assert shown["duration"] == 20
    started, stopped = receiver.wait_for("recording.started", 2), receiver.wait_for("recording.stopped", 2)
    assert started.object["recording_file"] == {"recording_start": "2026-11-24T15:30:00Z", "recording_end": ""}
    assert stopped.object["recording_file"]["recording_end"] == "2026-11-24T15:40:00Z"


def test_controls_of_a_running_meeting_record_too(schedule, simulator, v2):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])
    answer = v2.patch(f"/live_meetings/{meeting['id']}/events", json={"method": "recording.start"})
    simulator.end_meeting(meeting["id"])

    assert answer.status_code == 202
    assert list(files_of(v2, meeting)) == KINDS


def test_basic_host_has_no_cloud(schedule, simulator, v2):
    v2.patch("/users/host02@zoomsim.example", json={"type": 1})
    meeting = schedule("host02@zoomsim.example", **CLOUD)
    simulator.start_meeting(meeting["id"])
    by_hand = simulator.http.post(f"/sim/meetings/{meeting['id']}/record")
    simulator.end_meeting(meeting["id"])

    assert (by_hand.status_code, by_hand.json()["code"]) == (409, "no_cloud")
    assert v2.get(f"/meetings/{meeting['id']}/recordings").status_code == 404


def test_completion_is_announced_as_zoom_does_and_its_token_downloads(recorded, receiver):
    recorded()
    event = receiver.wait_for("recording.completed")
    transcript = receiver.wait_for("recording.transcript_completed")

    captured = payload("webhook.recording.completed")
    assert differences(captured, event.body) == []
    assert [file["file_type"] for file in event.object["recording_files"]] == ["MP4", "M4A", "CHAT"]
    assert [file["file_type"] for file in transcript.object["recording_files"]] == ["TRANSCRIPT"]
    for body in (event.body, transcript.body):
        for file in body["payload"]["object"]["recording_files"]:
            whole = fetch(file["download_url"], body["download_token"])
            assert FIRST_BYTES[file["file_type"]] in whole.content
            assert len(whole.content) == file["file_size"]


def fetch(url, token="", **headers):
    """Return what a download answers to a bearer of a token."""
    authorization = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.get(url, headers=authorization | headers, follow_redirects=True)


def test_files_are_sent_to_who_has_a_token_and_in_parts(recorded, simulator, v2):
    meeting = recorded()
    url = files_of(v2, meeting)["MP4"]["download_url"]
    token = simulator.access_token()
    whole = fetch(url, token)
    part = fetch(url, token, Range="bytes=4-7")
    tail = fetch(url, token, Range="bytes=-10")
    beyond = fetch(url, token, Range="bytes=999999-")

    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["content-range"] == f"bytes 4-7/{len(whole.content)}"
    assert tail.content == whole.content[-10:]
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
    assert fetch(f"{url}?access_token={token}").content == whole.content


def test_files_are_sent_to_nobody_else(recorded, simulator, v2):
    one, other = recorded(), recorded()
    url = files_of(v2, one)["MP4"]["download_url"]
    asked = {"include_fields": "download_access_token", "ttl": 60}
    own = v2.get(f"/meetings/{one['id']}/recordings", params=asked).json()["download_access_token"]
    foreign = v2.get(f"/meetings/{other['id']}/recordings", params=asked).json()["download_access_token"]
    before = fetch(url, own).status_code
    simulator.clock(61)

    assert before == 200
    assert [fetch(url, token).status_code for token in ("", "forged", foreign, own)] == [401] * 4
    with Simulator(scope=["meeting:read:meeting:admin"]) as narrow:
        token = narrow.access_token()
    assert fetch(url, token).status_code == 401


def test_who_watches_at_zoom_needs_the_passcode(recorded, v2):
    meeting = recorded()
    shown = v2.get(f"/meetings/{meeting['id']}/recordings").json()
    video = shown["recording_files"][0]
    url = video["play_url"]

    assert fetch(url).status_code == 403
    assert fetch(f"{url}?pwd=wrong").status_code == 403
    assert fetch(f"{url}?pwd={shown['password']}").status_code == 200
    assert fetch(f"{shown['share_url']}?pwd={shown['recording_play_passcode']}").status_code == 200
    v2.patch(f"/meetings/{meeting['id']}/recordings/settings", json={"password": ""})
    assert fetch(url).status_code == 200


def test_settings_are_changed_in_part(recorded, v2):
    path = f"/meetings/{recorded()['id']}/recordings/settings"
    before = v2.get(path).json()
    changed = v2.patch(path, json={"viewer_download": False, "share_recording": "internally"})
    bad = v2.patch(path, json={"share_recording": "everywhere"})
    after = v2.get(path).json()

    assert (changed.status_code, bad.status_code) == (204, 400)
    assert after == before | {"viewer_download": False, "share_recording": "internally"}


def test_recording_goes_to_the_trash_and_comes_back(recorded, v2, receiver):
    meeting = recorded()
    path = f"/meetings/{meeting['id']}/recordings"
    url = files_of(v2, meeting)["MP4"]["download_url"]
    trashed = v2.delete(path)
    hidden = v2.get(path)
    download = fetch(url, v2.headers["Authorization"].removeprefix("Bearer "))
    again = v2.delete(path, params={"action": "trash"})
    back = v2.put(f"{path}/status", json={"action": "recover"})

    assert [answer.status_code for answer in (trashed, hidden, download, again, back)] == [204, 404, 404, 404, 204]
    assert list(files_of(v2, meeting)) == KINDS
    assert receiver.wait_for("recording.trashed").body["payload"]["trash_type"] == "meeting_recordings"
    assert receiver.wait_for("recording.recovered").object["uuid"] == meeting["uuid"]


def test_one_file_goes_and_comes_back_alone(recorded, v2):
    meeting = recorded()
    chat = files_of(v2, meeting)["CHAT"]["id"]
    path = f"/meetings/{meeting['id']}/recordings/{chat}"
    v2.delete(path)
    without = list(files_of(v2, meeting))
    v2.put(f"{path}/status", json={"action": "recover"})
    again = list(files_of(v2, meeting))
    v2.delete(path, params={"action": "delete"})

    assert (without, again, list(files_of(v2, meeting))) == (KINDS[:3], KINDS, KINDS[:3])
    assert v2.put(f"{path}/status", json={"action": "recover"}).json()["code"] == 3301


@pytest.mark.parametrize("via_trash", [False, True])
def test_deleted_recording_is_gone_for_good(recorded, v2, receiver, via_trash):
    meeting = recorded()
    path = f"/meetings/{meeting['id']}/recordings"
    if via_trash:
        v2.delete(path)
    deleted = v2.delete(path, params={"action": "delete"})
    receiver.wait_for("recording.deleted")

    assert deleted.status_code == 204
    assert v2.put(f"{path}/status", json={"action": "recover"}).json()["code"] == 3301
    assert v2.delete(path, params={"action": "delete"}).json()["code"] == 3301
    assert v2.delete(path, params={"action": "burn"}).status_code == 404


def test_trash_is_emptied_after_thirty_days(recorded, simulator, v2):
    meeting = recorded()
    v2.delete(f"/meetings/{meeting['id']}/recordings")
    simulator.clock(30 * DAY_S + 60)

    with signed_in(simulator) as later:
        gone = later.put(f"/meetings/{meeting['id']}/recordings/status", json={"action": "recover"})

    assert gone.status_code == 404


def test_host_finds_recordings_by_day_in_pages_and_in_the_trash(recorded, v2):
    first, second, third = recorded(), recorded(), recorded()
    v2.delete(f"/meetings/{second['id']}/recordings")
    days = {"from": "2026-11-01", "to": "2026-11-25"}

    def listed(**params):
        answer = v2.get(f"/users/{HOST}/recordings", params=params).json()
        return answer, {meeting["uuid"] for meeting in answer["meetings"]}

    page, on_page = listed(**days, page_size=1)
    _rest, on_next = listed(**days, page_size=1, next_page_token=page["next_page_token"])

    assert listed(**days)[1] == {first["uuid"], third["uuid"]} == on_page | on_next
    assert listed(**days, meeting_id=third["id"])[1] == {third["uuid"]}
    assert listed(**days, trash="true")[1] == {second["uuid"]}
    assert listed(**{"from": "2026-11-25", "to": "2026-11-25"})[1] == set()
    assert listed()[0]["from"] == f"{NOW:%Y-%m-%d}"
    assert listed(**{"from": "2026-01-01", "to": "2026-11-25"})[0]["from"] == "2026-10-25"
    assert v2.get(f"/users/{HOST}/recordings", params={"from": "yesterday"}).json()["code"] == 300


def test_uuid_names_a_run_however_it_is_encoded(simulator, schedule, v2):
    meeting = schedule(type=3, **CLOUD)
    uuids = list[str]()
    while not any("/" in uuid for uuid in uuids):
        uuids.append(simulator.start_meeting(meeting["id"])["uuid"])
        simulator.end_meeting(meeting["id"])
    with_slash = next(uuid for uuid in uuids if "/" in uuid)

    for name in (quote(with_slash, safe=""), quote(quote(with_slash, safe=""), safe=""), with_slash):
        assert v2.get(f"/meetings/{name}/recordings").json()["uuid"] == with_slash
    assert v2.get(f"/meetings/{meeting['id']}/recordings").json()["uuid"] == uuids[-1]


def test_recordings_stay_when_their_meeting_is_deleted(recorded, v2):
    meeting = recorded()
    v2.delete(f"/meetings/{meeting['id']}")

    assert list(files_of(v2, meeting)) == KINDS


def test_recordings_outlive_a_restart(tmp_path):
    with Simulator(plan="unlimited", hosts=1, state=tmp_path / "sim.jsonl") as simulator:
        with signed_in(simulator) as v2:
            meeting = v2.post("/users/me/meetings", json={"type": 3, **CLOUD}).json()
            simulator.start_meeting(meeting["id"])
            simulator.end_meeting(meeting["id"])
            before = files_of(v2, meeting)
        simulator.restart()
        with signed_in(simulator) as v2:
            assert files_of(v2, meeting) == before
            assert fetch(before["MP4"]["download_url"], simulator.access_token()).status_code == 200


def test_token_needs_the_scopes_of_recordings(recorded, simulator):
    with (
        Simulator(hosts=1, scope=["cloud_recording:read:list_user_recordings:admin"]) as narrow,
        signed_in(narrow) as v2,
    ):
        today = f"{NOW - timedelta(days=1):%Y-%m-%d}"
        assert v2.get("/users/me/recordings", params={"from": today}).status_code == 200
        for method, path in (("GET", ""), ("DELETE", ""), ("PUT", "/status"), ("PATCH", "/settings"), ("DELETE", "/x")):
            assert v2.request(method, f"/meetings/1/recordings{path}").json()["code"] == 4711


def test_host_records_by_the_button_of_the_room(browser, schedule, simulator, v2):
    meeting = schedule()
    zak = v2.get("/users/me/token", params={"type": "zak"}).json()["token"]
    page, door = browser(), f"/s/{meeting['id']}"
    page.post(f"{door}/start", params={"zak": zak})
    recording = page.post(f"{door}/record", params={"zak": zak}, data={"on": "1"})
    page.post(f"{door}/end", params={"zak": zak})

    assert "Being recorded" in recording.text
    assert "Stop recording" in recording.text
    assert list(files_of(v2, meeting)) == KINDS
