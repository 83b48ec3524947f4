"""Whatever happened before, reconciling ends with Zoom as it should be: once, and once only."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from classbell.meetings import occurrences, services
from classbell.meetings.changes import change_meeting
from classbell.meetings.hosts.budget import host_budgets
from classbell.meetings.locks import MEETING_LOCKS, LockBusy, advisory_lock, meeting_key
from classbell.meetings.models import Meeting, SyncStatus
from classbell.meetings.sync import gateway
from classbell.meetings.sync.circuit import FAILURES_TO_OPEN
from classbell.meetings.sync.reconcile import CREATE_SETTLES_WITHIN, reconcile
from classbell.meetings.sync.spec import marker
from classbell.zoom.client import ZoomClient
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly

pytestmark = pytest.mark.usefixtures("zoom_hosts")


def on_zoom(simulator):
    """Return the meetings that are at Zoom now."""
    return [meeting for meeting in simulator.state()["meetings"] if not meeting["deleted"]]


def requests(simulator):
    """Return how often each endpoint was asked, reads left out."""
    counted = simulator.counters()["by_endpoint"]
    return {name: count for name, count in counted.items() if not name.startswith("GET") and "oauth" not in name}


def later(seconds=60):
    return lambda: timezone.now() + timedelta(seconds=seconds)


def test_wanted_meeting_is_created_with_our_marker(zoom, simulator):
    meeting = make_meeting()

    status = reconcile(meeting.pk, zoom)

    (created,) = on_zoom(simulator)
    meeting.refresh_from_db()
    assert status == SyncStatus.SYNCED
    assert (meeting.zoom_meeting_id, meeting.synced_revision) == (str(created["id"]), meeting.revision)
    assert meeting.join_url.startswith(simulator.url)
    assert created["agenda"].startswith(marker(meeting.pk))
    assert (created["topic"], created["duration"], created["timezone"]) == ("Algebra", 60, "Europe/Lisbon")
    assert meeting.seat
    assert created["host_id"] == meeting.seat.host.zoom_user_id


def test_reconciling_again_asks_zoom_nothing(zoom, simulator):
    meeting = make_meeting()
    reconcile(meeting.pk, zoom)
    before = simulator.counters()["requests"]

    reconcile(meeting.pk, zoom)

    assert simulator.counters()["requests"] == before


def test_series_is_one_create_with_all_its_occurrences(zoom, simulator):
    meeting = make_meeting(weekly(count=6))

    reconcile(meeting.pk, zoom)

    (created,) = on_zoom(simulator)
    wanted = [o.starts_at for o in meeting.occurrences.all()]
    assert [datetime.fromisoformat(o["start_time"]) for o in created["occurrences"]] == wanted
    assert requests(simulator) == {"POST /users/{userId}/meetings": 1}


def test_holiday_is_deleted_from_the_series_and_stays_so(zoom, simulator):
    second = next_monday_at(9) + timedelta(days=7)
    meeting = make_meeting(weekly(count=4, cancelled={second.date(): "Republic Day"}))

    reconcile(meeting.pk, zoom)
    reconcile(meeting.pk, zoom, verify=True)

    (created,) = on_zoom(simulator)
    assert [o["status"] for o in created["occurrences"]] == ["available", "deleted", "available", "available"]
    assert requests(simulator) == {"POST /users/{userId}/meetings": 1, "DELETE /meetings/{meetingId}": 1}


def test_series_that_began_in_the_past_is_created_from_its_next_occurrence(zoom, simulator):
    first = next_monday_at(9) - timedelta(weeks=3)
    meeting = make_meeting(weekly(count=6, starts_at=first))

    reconcile(meeting.pk, zoom)

    (created,) = on_zoom(simulator)
    wanted = [o.starts_at for o in meeting.occurrences.filter(starts_at__gt=timezone.now())]
    assert [datetime.fromisoformat(o["start_time"]) for o in created["occurrences"]] == wanted
    assert reconcile(meeting.pk, zoom, verify=True) == SyncStatus.SYNCED
    assert requests(simulator) == {"POST /users/{userId}/meetings": 1}


def test_meeting_that_is_over_needs_nothing_from_zoom(zoom, simulator):
    meeting = make_meeting(spec(starts_at=timezone.now() - timedelta(days=2)))

    assert reconcile(meeting.pk, zoom) == SyncStatus.SYNCED
    assert on_zoom(simulator) == []


def test_change_updates_the_same_meeting_with_what_changed(zoom, simulator):
    what = spec()
    meeting = make_meeting(what)
    reconcile(meeting.pk, zoom)
    before = on_zoom(simulator)[0]

    change_meeting(
        meeting_id=meeting.pk,
        changes={"starts_at": what.starts_at + timedelta(hours=2), "title": "Algebra II"},
        now=timezone.now(),
    )
    reconcile(meeting.pk, zoom)

    (after,) = on_zoom(simulator)
    assert (after["id"], after["join_url"]) == (before["id"], before["join_url"])
    assert after["topic"] == "Algebra II"
    assert datetime.fromisoformat(after["start_time"]) == what.starts_at + timedelta(hours=2)


def test_series_moved_to_other_days_keeps_its_link(zoom, simulator):
    what = weekly(count=4)
    meeting = make_meeting(what)
    reconcile(meeting.pk, zoom)
    before = on_zoom(simulator)[0]

    change_meeting(
        meeting_id=meeting.pk, changes={"starts_at": what.starts_at + timedelta(hours=3)}, now=timezone.now()
    )
    reconcile(meeting.pk, zoom)

    (after,) = on_zoom(simulator)
    wanted = [o.starts_at for o in meeting.occurrences.order_by("starts_at")]
    assert after["join_url"] == before["join_url"]
    assert [datetime.fromisoformat(o["start_time"]) for o in after["occurrences"]] == wanted


def test_one_occurrence_moved_and_one_cancelled_cost_one_call_each(zoom, simulator):
    meeting = make_meeting(weekly(count=4))
    reconcile(meeting.pk, zoom)
    first, second, *_others = meeting.occurrences.all()
    now = timezone.now()
    occurrences.move_occurrence(
        occurrence_id=first.pk, starts_at=first.starts_at + timedelta(hours=5), duration_minutes=45, now=now
    )
    occurrences.cancel_occurrence(occurrence_id=second.pk, reason="Ill", now=now)

    reconcile(meeting.pk, zoom)

    shown = on_zoom(simulator)[0]["occurrences"]
    assert datetime.fromisoformat(shown[0]["start_time"]) == first.starts_at + timedelta(hours=5)
    assert (shown[0]["duration"], shown[1]["status"]) == (45, "deleted")
    assert requests(simulator) == {
        "POST /users/{userId}/meetings": 1,
        "PATCH /meetings/{meetingId}": 1,
        "DELETE /meetings/{meetingId}": 1,
    }


def test_session_that_is_held_after_all_is_at_zoom_again_and_the_moved_one_stays_moved(zoom, simulator):
    meeting = make_meeting(weekly(count=4))
    reconcile(meeting.pk, zoom)
    first, second, *_others = meeting.occurrences.all()
    now, moved_to = timezone.now(), first.starts_at + timedelta(hours=5)
    occurrences.move_occurrence(occurrence_id=first.pk, starts_at=moved_to, duration_minutes=45, now=now)
    occurrences.cancel_occurrence(occurrence_id=second.pk, reason="Ill", now=now)
    reconcile(meeting.pk, zoom)
    occurrences.hold_again(occurrence_id=second.pk, now=now)

    status = reconcile(meeting.pk, zoom)

    shown = {
        datetime.fromisoformat(one["start_time"]): (one["duration"], one["status"])
        for one in on_zoom(simulator)[0]["occurrences"]
    }
    assert status == SyncStatus.SYNCED
    assert (shown[moved_to], shown[second.starts_at]) == ((45, "available"), (60, "available"))
    assert len([one for one in shown.values() if one[1] == "available"]) == 4


def test_cancelled_meeting_is_deleted_and_its_link_forgotten(zoom, simulator):
    meeting = make_meeting()
    reconcile(meeting.pk, zoom)
    services.cancel_meeting(meeting_id=meeting.pk, now=timezone.now())

    status = reconcile(meeting.pk, zoom)

    meeting.refresh_from_db()
    assert status == SyncStatus.REMOVED
    assert (meeting.zoom_meeting_id, meeting.join_url, meeting.password) == ("", "", "")
    assert on_zoom(simulator) == []


def test_room_of_a_cancelled_meeting_is_left_to_those_in_it_and_removed_when_they_have_gone(zoom, simulator):
    meeting = make_meeting()
    reconcile(meeting.pk, zoom)
    meeting.refresh_from_db()
    simulator.start_meeting(meeting.zoom_meeting_id)
    services.cancel_meeting(meeting_id=meeting.pk, now=timezone.now())

    while_it_runs = reconcile(meeting.pk, zoom)
    left = Meeting.objects.get(pk=meeting.pk)
    simulator.end_meeting(meeting.zoom_meeting_id)
    afterwards = reconcile(meeting.pk, zoom)

    assert (while_it_runs, left.sync_error_code, left.sync_failures) == (SyncStatus.PENDING, "still_in_progress", 0)
    assert left.next_attempt_at is not None
    assert afterwards == SyncStatus.REMOVED
    assert on_zoom(simulator) == []


def test_cancelling_what_zoom_no_longer_has_succeeds(zoom, simulator):
    meeting = make_meeting()
    reconcile(meeting.pk, zoom)
    meeting.refresh_from_db()
    zoom.delete_meeting(meeting.zoom_meeting_id)
    services.cancel_meeting(meeting_id=meeting.pk, now=timezone.now())

    assert reconcile(meeting.pk, zoom) == SyncStatus.REMOVED


def test_meeting_deleted_at_zoom_is_created_again_by_the_sweep(zoom, simulator):
    meeting = make_meeting()
    reconcile(meeting.pk, zoom)
    meeting.refresh_from_db()
    zoom.delete_meeting(meeting.zoom_meeting_id)

    reconcile(meeting.pk, zoom, verify=True)

    (again,) = on_zoom(simulator)
    assert Meeting.objects.get(pk=meeting.pk).zoom_meeting_id == str(again["id"])


def test_meeting_changed_at_zoom_is_put_right_by_the_sweep(zoom, simulator):
    meeting = make_meeting(weekly(count=4))
    reconcile(meeting.pk, zoom)
    meeting.refresh_from_db()
    zoom.update_meeting(meeting.zoom_meeting_id, {"topic": "Hacked", "settings": {"use_pmi": False}, "duration": 15})

    reconcile(meeting.pk, zoom, verify=True)

    (shown,) = on_zoom(simulator)
    assert (shown["topic"], shown["duration"]) == ("Algebra", 60)
    assert {o["duration"] for o in shown["occurrences"]} == {60}


def test_lost_answer_to_a_create_makes_no_second_meeting(zoom, simulator):
    meeting = make_meeting()
    simulator.fault(method="POST", path="/v2/users/.*/meetings", kind="drop_response", times=1)

    first = reconcile(meeting.pk, zoom)
    second = reconcile(meeting.pk, zoom)

    (created,) = on_zoom(simulator)
    assert (first, second) == (SyncStatus.PENDING, SyncStatus.SYNCED)
    assert Meeting.objects.get(pk=meeting.pk).zoom_meeting_id == str(created["id"])


@pytest.mark.slow
def test_create_that_may_be_under_way_is_not_repeated_too_soon(zoom, simulator, settings):
    meeting = make_meeting()
    simulator.fault(method="POST", path="/v2/users/.*/meetings", kind="timeout", times=1)
    reconcile(meeting.pk, zoom)

    status = reconcile(meeting.pk, zoom)

    meeting.refresh_from_db()
    settles = settings.ENVIRONMENT.zoom_request_timeout + CREATE_SETTLES_WITHIN
    assert (status, meeting.sync_error_code) == (SyncStatus.PENDING, "create_not_settled")
    assert meeting.next_attempt_at == meeting.create_started_at + settles
    assert reconcile(meeting.pk, zoom, clock=later()) == SyncStatus.SYNCED
    assert len(on_zoom(simulator)) == 1


def test_process_that_died_between_create_and_record_leaves_no_orphan(zoom, simulator):
    meeting = make_meeting()
    assert meeting.seat
    host = meeting.seat.host
    created = zoom.create_meeting(
        host.zoom_user_id,
        {"topic": "Algebra", "type": 2, "agenda": marker(meeting.pk), "start_time": "2030-01-07T09:00:00Z"},
    )
    Meeting.objects.filter(pk=meeting.pk).update(zoom_host=host, create_started_at=timezone.now())

    reconcile(meeting.pk, zoom)

    (shown,) = on_zoom(simulator)
    meeting.refresh_from_db()
    assert meeting.zoom_meeting_id == created.id == str(shown["id"])
    assert datetime.fromisoformat(shown["start_time"]) == meeting.starts_at


def test_outage_is_recorded_with_the_time_of_the_next_attempt(zoom, simulator):
    meeting = make_meeting()
    simulator.fault(path="/v2/.*", kind="refuse")

    status = reconcile(meeting.pk, zoom)

    meeting.refresh_from_db()
    assert (status, meeting.sync_error_code, meeting.sync_failures) == (SyncStatus.PENDING, "zoom_unavailable", 1)
    assert meeting.next_attempt_at
    assert timezone.now() < meeting.next_attempt_at < timezone.now() + timedelta(seconds=60)


@pytest.mark.slow
def test_outage_spends_no_daily_budget_while_the_circuit_is_open(zoom, simulator, settings):
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"zoom_plan": "pro"})
    gateway._client.cache_clear()
    client = gateway.zoom_client()
    meeting = make_meeting()
    simulator.fault(path="/v2/.*", kind="refuse")

    for _attempt in range(FAILURES_TO_OPEN + 20):
        reconcile(meeting.pk, client)

    assert meeting.seat
    (budget,) = host_budgets([meeting.seat.host_id]).values()
    assert budget.sent == 1, "only the first attempt was a create that left"
    assert Meeting.objects.get(pk=meeting.pk).sync_error_code == "zoom_circuit_open"


def test_what_zoom_refuses_for_good_waits_for_a_person(zoom, simulator):
    meeting = make_meeting()
    simulator.fault(method="POST", path="/v2/users/.*/meetings", kind="status", status=400, code=3161)

    status = reconcile(meeting.pk, zoom)

    meeting.refresh_from_db()
    assert (status, meeting.sync_error_code) == (SyncStatus.FAILED, "zoom_not_permitted")
    assert meeting.next_attempt_at is None
    assert meeting.create_started_at is None


def test_try_again_after_the_cause_is_gone_succeeds(zoom, simulator):
    meeting = make_meeting()
    simulator.fault(method="POST", path="/v2/users/.*/meetings", kind="status", status=400, code=3161, times=1)
    reconcile(meeting.pk, zoom)

    services.retry_sync(meeting_id=meeting.pk, now=timezone.now())

    assert reconcile(meeting.pk, zoom) == SyncStatus.SYNCED
    assert Meeting.objects.get(pk=meeting.pk).sync_error == ""


def test_spec_that_changes_while_zoom_is_asked_is_not_called_fulfilled(zoom, simulator):
    meeting = make_meeting()
    simulator.fault(method="POST", path="/v2/users/.*/meetings", kind="latency", ms=1, times=1)

    class Meddling(ZoomClient):
        def create_meeting(self, user_id, body, **options):
            created = super().create_meeting(user_id, body, **options)
            Meeting.objects.filter(pk=meeting.pk).update(title="Geometry", revision=2)
            return created

    meddling = zoom.with_options()
    meddling.__class__ = Meddling

    reconcile(meeting.pk, meddling)

    meeting.refresh_from_db()
    assert (meeting.revision, meeting.synced_revision) == (2, 2)
    assert [shown["topic"] for shown in on_zoom(simulator)] == ["Geometry"]


def test_meeting_without_a_free_host_says_so(zoom, simulator):
    for _host in range(3):
        make_meeting()
    meeting = make_meeting()

    status = reconcile(meeting.pk, zoom)

    meeting.refresh_from_db()
    assert (status, meeting.sync_error_code, meeting.seat) == (SyncStatus.FAILED, "no_host_free", None)


def test_another_host_replaces_the_zoom_meeting(zoom, simulator, zoom_hosts):
    meeting = make_meeting()
    reconcile(meeting.pk, zoom)
    other = zoom_hosts[-1].seats.get()
    Meeting.objects.filter(pk=meeting.pk).update(seat=other, revision=2, sync_status=SyncStatus.PENDING)

    reconcile(meeting.pk, zoom)

    assert [shown["host_id"] for shown in on_zoom(simulator)] == [other.host.zoom_user_id]


@pytest.mark.database_timers
def test_two_processes_never_work_on_one_meeting(zoom):
    meeting = make_meeting()
    held = connections["default"].copy()
    try:
        with held.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [MEETING_LOCKS, meeting_key(meeting.pk)])

        with pytest.raises(LockBusy):
            reconcile(meeting.pk, zoom)
    finally:
        with held.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        held.close()
    with advisory_lock(MEETING_LOCKS, meeting_key(meeting.pk), wait_seconds=0):
        pass


def test_nothing_secret_is_recorded_as_the_reason(zoom, simulator):
    meeting = make_meeting()
    simulator.fault(method="POST", path="/v2/users/.*/meetings", kind="status", status=500)

    reconcile(meeting.pk, zoom)

    meeting.refresh_from_db()
    assert "sim-secret" not in meeting.sync_error
    assert "Bearer" not in meeting.sync_error


def test_inline_sync_keeps_its_deadline_when_zoom_never_answers(zoom, simulator):
    meeting = make_meeting()
    simulator.fault(path="/v2/.*", kind="timeout")
    started = datetime.now(UTC)

    status = services.sync_now(meeting.pk)

    assert status == SyncStatus.PENDING
    assert datetime.now(UTC) - started < timedelta(seconds=30)
