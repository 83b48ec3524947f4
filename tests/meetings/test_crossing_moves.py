"""Changes that meet: of one meeting, of meetings on one host, of all sessions of a series."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from classbell.meetings.changes import MeetingChanges, change_meeting
from classbell.meetings.errors import HostBusy, TeacherBusy
from classbell.meetings.models import Claim, ClaimKind, HostSeat, ZoomHost
from classbell.meetings.occurrences import cancel_occurrence, move_occurrence
from classbell.meetings.services import MeetingSpec, want_meeting
from tests.at_once import at_once
from tests.factories import make_teacher
from tests.factories_bookings import a_day_ahead

pytestmark = pytest.mark.usefixtures("zoom_hosts")


@pytest.mark.parametrize("attempt", range(5))
def test_swap_on_one_seat_ends_without_a_knot(attempt):
    ZoomHost.objects.exclude(pk=ZoomHost.objects.order_by("email")[0].pk).delete()
    now, nine = datetime.now(UTC), a_day_ahead(hour=9)
    ten = nine + timedelta(hours=1)
    early, late = (
        want_meeting(
            MeetingSpec(teacher=make_teacher(), title="Algebra", starts_at=start, duration_minutes=60, timezone="UTC"),
            now=now,
        )
        for start in (nine, ten)
    )

    outcomes = at_once(
        [
            lambda: change_meeting(meeting_id=early.pk, changes={"starts_at": ten}, now=now),
            lambda: change_meeting(meeting_id=late.pk, changes={"starts_at": nine}, now=now),
        ]
    )

    assert [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, TeacherBusy)] == []
    assert HostSeat.objects.count() == 1
    assert Claim.objects.filter(kind=ClaimKind.TEACHER).count() == 2


def test_two_changes_at_once_both_hold():
    meeting = want_meeting(
        MeetingSpec(teacher=make_teacher(), title="Old", starts_at=a_day_ahead(), duration_minutes=60, timezone="UTC"),
        now=datetime.now(UTC),
    )
    changes: list[MeetingChanges] = [
        {"title": "New"},
        {"duration_minutes": 90},
        {"zoom_settings": {"waiting_room": True}},
        {"description": "Book"},
    ]

    outcomes = at_once(
        [partial(change_meeting, meeting_id=meeting.pk, changes=one, now=datetime.now(UTC)) for one in changes]
    )

    meeting.refresh_from_db()
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert (meeting.title, meeting.duration_minutes, meeting.description) == ("New", 90, "Book")
    assert meeting.zoom_settings == {"waiting_room": True}
    assert meeting.revision == 5


def test_moved_session_of_a_busy_host_goes_to_another_host():
    # An hour after the other one ends on the same host, moved into it.
    first, second = (
        want_meeting(
            MeetingSpec(teacher=make_teacher(), title="Algebra", starts_at=start, duration_minutes=60, timezone="UTC"),
            now=datetime.now(UTC),
        )
        for start in (a_day_ahead(hour=9), a_day_ahead(hour=11))
    )
    assert first.seat == second.seat

    move_occurrence(
        occurrence_id=second.occurrences.get().pk,
        starts_at=a_day_ahead(hour=9),
        duration_minutes=60,
        now=datetime.now(UTC),
    )

    second.refresh_from_db()
    assert second.seat not in (None, first.seat)


def test_moved_session_finds_no_room_when_all_hosts_are_taken():
    ZoomHost.objects.exclude(pk=ZoomHost.objects.order_by("email")[0].pk).delete()
    _first, second = (
        want_meeting(
            MeetingSpec(teacher=make_teacher(), title="Algebra", starts_at=start, duration_minutes=60, timezone="UTC"),
            now=datetime.now(UTC),
        )
        for start in (a_day_ahead(hour=9), a_day_ahead(hour=11))
    )

    with pytest.raises(HostBusy, match="Zoom has no room for this session at that time"):
        move_occurrence(
            occurrence_id=second.occurrences.get().pk,
            starts_at=a_day_ahead(hour=9),
            duration_minutes=60,
            now=datetime.now(UTC),
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": a_day_ahead(hour=11) + timedelta(minutes=30)},
        {"starts_at": a_day_ahead(days=9)},
        {"duration_minutes": 90},
    ],
    ids=["later", "on another day", "longer"],
)
def test_sessions_stay_the_ones_they_were_when_all_move(changes):
    meeting = want_meeting(
        MeetingSpec(
            teacher=make_teacher(),
            title="Algebra",
            starts_at=a_day_ahead(),
            duration_minutes=60,
            timezone="UTC",
            rule="FREQ=WEEKLY;COUNT=4",
        ),
        now=datetime.now(UTC),
    )
    before = list(meeting.occurrences.order_by("starts_at").values_list("pk", flat=True))
    cancelled = cancel_occurrence(occurrence_id=before[1], reason="Ill", now=datetime.now(UTC))

    change_meeting(meeting_id=meeting.pk, changes=changes, now=datetime.now(UTC))

    assert list(meeting.occurrences.order_by("starts_at").values_list("pk", flat=True)) == before
    cancelled.refresh_from_db()
    is_same_day = "duration_minutes" in changes or changes["starts_at"].date() == a_day_ahead().date()
    assert cancelled.is_cancelled == is_same_day
