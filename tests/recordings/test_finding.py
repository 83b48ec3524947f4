"""
What Zoom recorded is known here: told by its events, found by a sweep, in any order, and followed into the trash and back.
"""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.meetings.models import MeetingRun
from classbell.meetings.webhooks.inbox import process_all
from classbell.recordings import sync, tasks
from classbell.recordings.models import Recording, RecordingStatus
from tests.at_once import done_at_once
from tests.simulator import Simulator, wait_until

KINDS = ["audio", "chat", "transcript", "video"]


def known() -> list[str]:
    return sorted(Recording.objects.values_list("kind", flat=True))


def statuses() -> set[str]:
    return {one.status_at(timezone.now()) for one in Recording.objects.all()}


@pytest.fixture
def webhooks_arrive(simulator: Simulator, live_server, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = type(settings.ENVIRONMENT.zoom_webhook_secret)(simulator.webhook_secret)
    environment = settings.ENVIRONMENT.model_copy(update={"zoom_webhook_secret": secret})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)
    simulator.send_webhooks_to(f"{live_server.url}/api/zoom/webhook")


def test_event_says_where_to_look_and_what_is_found_belongs_to_the_session(webhooks_arrive, make_school, simulator):
    school = make_school()
    wait_until(lambda: {one["status"] for one in simulator.deliveries()} == {"delivered"}, what="Zoom's webhooks")
    process_all(now=timezone.now())
    jobs = ProcrastinateJob.objects.filter(task_name="recordings.look")

    assert {job.args["zoom_instance_uuid"] for job in jobs} == {school.uuid}
    for job in jobs:
        tasks.look(**job.args)
    assert known() == KINDS
    assert {one.run.occurrence for one in Recording.objects.all()} == {school.meeting.occurrences.get()}
    video = school.file()
    assert (video.extension, video.size > 1000, video.status_at(timezone.now())) == ("mp4", True, "available")


def test_sweep_finds_what_no_event_told(make_school, zoom, zoom_hosts):
    school = make_school()
    school.meeting.refresh_from_db()
    assert not MeetingRun.objects.exists()
    sync.sweep_host(school.meeting.zoom_host, zoom, now=timezone.now())

    assert known() == KINDS
    assert {one.run.occurrence for one in Recording.objects.all()} == {school.meeting.occurrences.get()}


def test_event_and_sweep_at_once_find_each_file_once(make_school, zoom):
    school = make_school()
    school.meeting.refresh_from_db()
    now = timezone.now()
    done_at_once(
        [
            lambda: sync.look(school.uuid, zoom, now=now),
            lambda: sync.sweep_host(school.meeting.zoom_host, zoom, now=now),
            lambda: sync.look(school.uuid, zoom, now=now),
        ]
    )

    assert known() == KINDS


def test_what_others_record_with_our_hosts_is_left_alone(zoom, zoom_hosts, simulator):
    host = zoom_hosts[0]
    number = zoom.create_meeting(host.zoom_user_id, {"type": 3, "topic": "Board"}).id
    simulator.start_meeting(number)
    simulator.record(number)
    uuid = simulator.end_meeting(number)["uuid"]
    sync.look(uuid, zoom, now=timezone.now())
    sync.sweep_host(host, zoom, now=timezone.now())

    assert known() == []


def test_trash_at_zoom_is_followed_and_so_is_the_way_back(school, zoom):
    path = f"/meetings/{school.number}/recordings"
    with_token = {"Authorization": f"Bearer {school.simulator.access_token()}"}
    school.simulator.http.delete(f"{school.simulator.api_url}{path}", headers=with_token)
    school.look()
    in_trash = statuses()
    school.simulator.http.put(
        f"{school.simulator.api_url}{path}/status", headers=with_token, json={"action": "recover"}
    )
    school.meeting.refresh_from_db()
    sync.sweep_host(school.meeting.zoom_host, zoom, now=timezone.now())
    school.look()

    assert in_trash == {RecordingStatus.TRASHED}
    assert statuses() == {RecordingStatus.AVAILABLE}
    assert known() == KINDS


def test_sweep_notes_what_is_gone_without_a_word(school, zoom):
    school.simulator.http.delete(
        f"{school.simulator.api_url}/meetings/{school.number}/recordings",
        headers={"Authorization": f"Bearer {school.simulator.access_token()}"},
    )
    school.meeting.refresh_from_db()
    sync.sweep_host(school.meeting.zoom_host, zoom, now=timezone.now())

    assert statuses() == {RecordingStatus.TRASHED}


def test_older_word_of_zoom_does_not_bring_back_what_is_gone(school, zoom):
    asked_at = timezone.now()
    told = zoom.get_recordings(school.uuid)
    sync.note_gone(school.uuid, except_files=(), now=asked_at + timedelta(seconds=1))
    sync.note(told, now=asked_at)

    assert statuses() == {RecordingStatus.TRASHED}


def test_zoom_that_is_away_is_asked_again_later(make_school, simulator):
    school = make_school()
    simulator.fault(kind="status", status=503, path="/meetings/.*/recordings")
    tasks.look(zoom_instance_uuid=school.uuid)

    (job,) = ProcrastinateJob.objects.filter(task_name="recordings.look")
    assert (known(), job.args["zoom_instance_uuid"]) == ([], school.uuid)
    assert job.scheduled_at > timezone.now()
