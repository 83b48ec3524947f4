"""What nobody is looking at is found and put right."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.meetings import tasks
from classbell.meetings.jobs import RECONCILE
from classbell.meetings.models import Claim, ForeignMeeting, Meeting, SyncStatus
from classbell.meetings.sync import sweeps
from classbell.meetings.sync.reconcile import reconcile
from classbell.meetings.sync.spec import marker
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly


@pytest.fixture
def synced(zoom, zoom_hosts):
    """A meeting that is on Zoom."""
    meeting = make_meeting(weekly(count=3))
    reconcile(meeting.pk, zoom)
    meeting.refresh_from_db()
    return meeting


def lose_all_jobs():
    """Do to the queue what a crash of everything does not, but a restored backup may."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_pending_meeting_without_a_job_is_taken_up_once(zoom_hosts):
    meeting = make_meeting()
    late = timezone.now() + sweeps.OVERDUE_AFTER + timedelta(seconds=1)
    lose_all_jobs()

    assert sweeps.claim_stuck(now=timezone.now()) == []
    assert sweeps.claim_stuck(now=late) == [meeting.pk]
    assert sweeps.claim_stuck(now=late) == []


def test_pending_meeting_whose_job_still_waits_is_left_to_it(zoom_hosts):
    make_meeting()

    assert sweeps.claim_stuck(now=timezone.now() + timedelta(hours=1)) == []


def test_failed_meeting_waits_for_a_person(zoom_hosts):
    meeting = make_meeting()
    Meeting.objects.filter(pk=meeting.pk).update(sync_status=SyncStatus.FAILED, next_attempt_at=None)
    lose_all_jobs()

    assert sweeps.claim_stuck(now=timezone.now() + timedelta(days=1)) == []


def test_second_copy_of_our_meeting_is_deleted(synced, zoom, simulator):
    host = synced.seat.host
    copy = zoom.create_meeting(host.zoom_user_id, {"topic": "Copy", "agenda": marker(synced.pk), "duration": 30})

    found = sweeps.sweep_host(host, zoom, now=timezone.now())

    assert (found.ours, found.foreign, found.copies_deleted) == (1, 0, 1)
    assert simulator.meeting(copy.id)["deleted"]
    assert not simulator.meeting(synced.zoom_meeting_id)["deleted"]


def test_copy_is_left_alone_while_a_create_is_unfinished(synced, zoom, simulator):
    host = synced.seat.host
    copy = zoom.create_meeting(host.zoom_user_id, {"topic": "Copy", "agenda": marker(synced.pk), "duration": 30})
    Meeting.objects.filter(pk=synced.pk).update(create_started_at=timezone.now(), zoom_meeting_id="")

    sweeps.sweep_host(host, zoom, now=timezone.now())

    assert not simulator.meeting(copy.id)["deleted"]


def test_meeting_of_another_installation_is_never_touched(zoom, zoom_hosts, simulator):
    host = zoom_hosts[0]
    theirs = zoom.create_meeting(
        host.zoom_user_id, {"topic": "Theirs", "agenda": "[classbell:" + "a" * 32 + "]", "duration": 30}
    )

    sweeps.sweep_host(host, zoom, now=timezone.now())

    assert not simulator.meeting(theirs.id)["deleted"]
    assert [foreign.topic for foreign in ForeignMeeting.objects.all()] == ["Theirs"]


def test_meeting_made_elsewhere_takes_its_host_until_it_is_gone(zoom, zoom_hosts):
    host = zoom_hosts[0]
    monday = next_monday_at(9)
    theirs = zoom.create_meeting(
        host.zoom_user_id,
        {"topic": "Board", "type": 2, "start_time": f"{monday:%Y-%m-%dT%H:%M:%SZ}", "duration": 60},
    )
    sweeps.sweep_host(host, zoom, now=timezone.now())

    meeting = make_meeting()

    assert meeting.seat
    assert meeting.seat.host != host
    zoom.delete_meeting(theirs.id)
    sweeps.sweep_host(host, zoom, now=timezone.now())
    assert not ForeignMeeting.objects.exists()
    assert not Claim.objects.filter(foreign_meeting__isnull=False).exists()


def test_only_coming_synced_meetings_are_verified(synced):
    over = make_meeting(spec(starts_at=timezone.now() - timedelta(days=3)))
    Meeting.objects.filter(pk=over.pk).update(sync_status=SyncStatus.SYNCED)

    assert sweeps.meetings_to_verify(now=timezone.now()) == [synced.pk]


def test_all_coming_meetings_are_verified_a_few_at_a_time(db, monkeypatch):
    monkeypatch.setattr(sweeps, "VERIFIED_AT_ONCE", 2)
    meetings = [make_meeting() for _number in range(5)]
    Meeting.objects.update(sync_status=SyncStatus.SYNCED)
    ProcrastinateJob.objects.all().delete()
    waiting: list[list[str]] = []
    after: list[dict[str, str]] = [{}]

    while after:
        tasks.verify_coming(**after[0])
        jobs = ProcrastinateJob.objects.order_by("id")
        waiting.append([job.args["meeting_id"] for job in jobs if job.task_name == RECONCILE])
        after = [job.args for job in jobs if job.task_name == "meetings.verify_coming"]
        assert all(job.args["verify"] for job in jobs if job.task_name == RECONCILE)
        jobs.delete()

    verified = [pk for pks in waiting for pk in pks]
    assert verified == sorted(str(meeting.pk) for meeting in meetings), "each once"
    assert [len(pks) for pks in waiting] == [2, 2, 1, 0]


def test_hosts_are_queued_by_one_statement_however_many_there_are(synced, zoom_hosts):
    with CaptureQueriesContext(connection) as queries:
        tasks.sweep(timestamp=0)

    assert len(zoom_hosts) > 1
    assert len([query for query in queries if "procrastinate_defer_jobs" in query["sql"]]) == 3, (
        "hosts, meetings, what comes behind them"
    )
