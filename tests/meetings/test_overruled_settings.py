"""What Zoom keeps otherwise than it was asked is remembered and shown, and not asked for every night."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classbell.meetings.defaults import change_defaults
from classbell.meetings.meeting_settings.overruled import noted, settled
from classbell.meetings.models import SettingsOf, SyncStatus, ZoomAccount
from classbell.meetings.services import retry_sync
from classbell.meetings.sync.account_locks import read_locks
from classbell.meetings.sync.reconcile import reconcile
from tests.factories import make_teacher
from tests.factories_meetings import make_meeting, spec, weekly

pytestmark = pytest.mark.usefixtures("zoom_hosts")


def night(zoom, simulator, *meetings, clock=timezone.now):
    """Sweep once; return how many writes of meetings that took."""
    before = writes(simulator)
    account = ZoomAccount.objects.get()
    read_locks(zoom, account_id=account.account_id)
    for meeting in meetings:
        assert reconcile(meeting.pk, zoom, verify=True, clock=clock) == SyncStatus.SYNCED
    return writes(simulator) - before


def writes(simulator):
    by_endpoint = simulator.counters()["by_endpoint"]
    return by_endpoint.get("PATCH /meetings/{meetingId}", 0) + by_endpoint.get("POST /users/{userId}/meetings", 0)


def two_meetings(**settings):
    return [
        make_meeting(spec(make_teacher(), zoom_settings=settings)),
        make_meeting(weekly(make_teacher(), zoom_settings=settings)),
    ]


def test_locked_setting_is_asked_for_once_and_remembered(zoom, simulator):
    simulator.lock(waiting_room=True)
    meetings = two_meetings()

    counts = [night(zoom, simulator, *meetings) for _night in range(3)]

    meetings[0].refresh_from_db()
    note = meetings[0].zoom_overrules["waiting_room"]
    assert counts == [2, 0, 0]
    assert (note["asked"], note["kept"], note["account"]) == (False, True, {"value": True, "locked": True})


def test_setting_locked_later_costs_one_write_a_meeting_and_no_more(zoom, simulator):
    meetings = two_meetings(auto_recording="cloud")
    night(zoom, simulator, *meetings)
    simulator.lock(auto_recording="none")
    for meeting in meetings:
        meeting.refresh_from_db()
        # Somebody saves it at Zoom, where the lock has its way.
        zoom.update_meeting(meeting.zoom_meeting_id, {"settings": {"mute_upon_entry": False}})

    assert [night(zoom, simulator, *meetings) for _night in range(3)] == [2, 0, 0]


def test_rooms_that_the_account_does_not_offer_are_noted_without_anybodys_address(zoom, simulator):
    simulator.lock(breakout_room=False)
    rooms = {"enable": True, "rooms": [{"name": "Red", "people": []}]}
    (meeting, _other) = meetings = two_meetings(breakout_room=rooms)

    counts = [night(zoom, simulator, *meetings) for _night in range(3)]

    meeting.refresh_from_db()
    assert counts == [2, 0, 0]
    assert meeting.zoom_overrules["breakout_room"].keys() == {"digest", "account", "at"}


def test_lifted_lock_is_noticed_and_the_setting_asked_for_again(zoom, simulator):
    simulator.lock(waiting_room=True)
    meetings = two_meetings()
    night(zoom, simulator, *meetings)
    simulator.lock(waiting_room=None)

    counts = [night(zoom, simulator, *meetings) for _night in range(2)]

    meetings[0].refresh_from_db()
    assert counts == [2, 0]
    assert meetings[0].zoom_overrules == {}
    assert simulator.meeting(meetings[0].zoom_meeting_id)["settings"]["waiting_room"] is False


def test_what_the_school_wants_otherwise_is_asked_for(zoom, simulator):
    simulator.lock(auto_recording="cloud")
    meetings = two_meetings()
    night(zoom, simulator, *meetings)

    change_defaults(scope=SettingsOf.SCHOOL, changes={"auto_recording": "local"}, now=timezone.now())
    asked = night(zoom, simulator, *meetings)
    change_defaults(scope=SettingsOf.SCHOOL, changes={"auto_recording": "cloud"}, now=timezone.now())
    agreed = night(zoom, simulator, *meetings)

    meetings[0].refresh_from_db()
    assert (asked, agreed, meetings[0].zoom_overrules) == (2, 0, {})


def test_other_changes_go_through_and_the_locked_setting_is_left_alone(zoom, simulator):
    simulator.lock(waiting_room=True)
    (meeting, _other) = meetings = two_meetings()
    night(zoom, simulator, *meetings)
    meeting.refresh_from_db()
    zoom.update_meeting(meeting.zoom_meeting_id, {"topic": "Changed there"})

    night(zoom, simulator, meeting)

    assert simulator.meeting(meeting.zoom_meeting_id)["topic"] == meeting.title


def test_trying_again_by_hand_asks_zoom_for_everything(zoom, simulator):
    simulator.lock(waiting_room=True)
    (meeting, _other) = meetings = two_meetings()
    night(zoom, simulator, *meetings)
    simulator.lock(waiting_room=None)

    retry_sync(meeting_id=meeting.pk, now=timezone.now())
    reconcile(meeting.pk, zoom)

    meeting.refresh_from_db()
    assert simulator.meeting(meeting.zoom_meeting_id)["settings"]["waiting_room"] is False


def test_app_that_may_not_read_locks_asks_again_after_a_week(zoom, simulator):
    simulator.lock(waiting_room=True)
    simulator.fault(method="GET", path="/v2/accounts/.*", kind="status", status=400, code=4711)
    meetings = two_meetings()

    nights = [night(zoom, simulator, *meetings) for _night in range(3)]
    later = night(zoom, simulator, *meetings[1:], clock=lambda: timezone.now() + timedelta(days=8))

    assert (nights, ZoomAccount.objects.get().locks) == ([2, 0, 0], None)
    assert later == 1


def test_comparing_with_zoom_puts_right_what_was_changed_there_and_asks_for_everything(zoom, simulator, api):
    simulator.lock(waiting_room=True)
    (meeting, _other) = meetings = two_meetings()
    night(zoom, simulator, *meetings)
    meeting.refresh_from_db()
    simulator.lock(waiting_room=None)
    zoom.update_meeting(meeting.zoom_meeting_id, {"topic": "Changed there"})

    answer = api(meeting.teacher).post(f"/api/zoom/meetings/{meeting.pk}/sync", {})

    shown = simulator.meeting(meeting.zoom_meeting_id)
    assert (answer.status_code, answer.json()["meeting"]["sync_status"]) == (200, "synced")
    assert (shown["topic"], shown["settings"]["waiting_room"]) == (meeting.title, False)


def test_lock_of_a_group_at_zoom_which_nobody_can_read_is_tried_again_after_a_week():
    at, asked, kept = timezone.now(), {"waiting_room": True}, {"waiting_room": False}
    open_account = {"waiting_room": {"value": True, "locked": False}}
    notes = noted({}, asked, kept, locks=open_account, now=at)

    nights = [settled(notes, asked, kept, locks=open_account, now=at + timedelta(days=day)) for day in (1, 6, 8)]

    assert nights == [{"waiting_room"}, {"waiting_room"}, set()]


def test_lock_of_the_account_is_believed_for_as_long_as_it_is_read():
    at, asked, kept = timezone.now(), {"waiting_room": True}, {"waiting_room": False}
    for account in ({"value": False, "locked": True}, {"value": False, "locked": False}):
        locks = {"waiting_room": account}
        notes = noted({}, asked, kept, locks=locks, now=at)
        assert settled(notes, asked, kept, locks=locks, now=at + timedelta(days=90)) == {"waiting_room"}
