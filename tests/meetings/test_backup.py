"""Where a class meets when Zoom has no meeting for it: given in time, taken back when idle, never a lie in between."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from pydantic import ValidationError

from classbell.config.environment import Environment
from classbell.meetings import tasks
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.joining import backup
from classbell.meetings.joining.backup import give_due, go_in, room_now, withdraw_unneeded
from classbell.meetings.models import Attendance, BackupRoom, Meeting, OccurrenceOutcome, SyncStatus
from classbell.meetings.occurrences import cancel_occurrence
from classbell.meetings.sync.reconcile import reconcile
from classbell.zoom.client import ZoomClient
from tests.api_client import ApiClient
from tests.at_once import at_once
from tests.factories import make_class, make_student
from tests.factories_meetings import make_meeting, spec
from tests.simulator import Simulator

Api = Callable[..., ApiClient]
PLACE = "https://meet.example.org/{name}-{token}"
# The spec is made this long before the sweep looks; younger ones are left alone.
LATER = timedelta(minutes=2)


@pytest.fixture
def backup_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """The school has a place for classes without Zoom, from ten minutes before they begin."""
    environment = settings.ENVIRONMENT.model_copy(update={"backup_room_url": PLACE, "backup_room_minutes": 10})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)


@pytest.fixture
def now() -> datetime:
    """When the sweep looks: a while after the meetings were wanted."""
    return datetime.now(UTC) + LATER


@pytest.fixture
def soon(zoom_hosts: list[Any], backup_rooms: None) -> Meeting:
    """A meeting that begins in five minutes; nobody has told Zoom yet."""
    starts_at = datetime.now(UTC) + timedelta(minutes=5)
    return make_meeting(spec(title="Algebra: groups", starts_at=starts_at))


def room_of(meeting: Meeting) -> BackupRoom:
    return BackupRoom.objects.get(occurrence__meeting=meeting)


def test_room_is_given_to_an_occurrence_about_to_begin_without_zoom(soon: Meeting, now: datetime) -> None:
    given = give_due(now=now)

    room, offer = room_of(soon), room_now(soon, now=now)
    assert given == 1
    assert room.url == f"https://meet.example.org/algebra-groups-{room.token}"
    assert len(room.token) == 32
    assert offer is not None
    assert (offer.since, offer.is_used, offer.beside_zoom) == (now, False, False)
    assert offer.url == f"{settings.ENVIRONMENT.public_url}/meetings/{soon.pk}/backup?key={room.token}"
    assert offer.reason == "Zoom is not answering. The session is held here instead."


def test_room_is_given_once_and_to_each_meeting_its_own(soon: Meeting, now: datetime) -> None:
    other = make_meeting(spec(starts_at=datetime.now(UTC) + timedelta(minutes=7)))
    give_due(now=now)

    assert give_due(now=now) == 0
    assert room_of(soon).token != room_of(other).token


@pytest.mark.usefixtures("zoom_hosts", "backup_rooms")
@pytest.mark.parametrize(
    ("starts_in", "looked_after", "given"),
    [
        pytest.param(timedelta(minutes=13), LATER, 0, id="eleven minutes before"),
        pytest.param(timedelta(minutes=12), LATER, 1, id="ten minutes before"),
        pytest.param(timedelta(minutes=-30), LATER, 1, id="it runs"),
        pytest.param(timedelta(minutes=-70), LATER, 0, id="it is over"),
        pytest.param(timedelta(minutes=5), timedelta(seconds=30), 0, id="its spec is younger than a minute"),
    ],
)
def test_room_is_given_from_minutes_before_until_the_end(
    starts_in: timedelta, looked_after: timedelta, given: int
) -> None:
    made_at = datetime.now(UTC)
    make_meeting(spec(starts_at=made_at + starts_in))

    assert give_due(now=made_at + looked_after + timedelta(seconds=5)) == given


def test_nothing_is_given_where_there_is_no_such_place(zoom_hosts: list[Any], now: datetime) -> None:
    meeting = make_meeting(spec(starts_at=datetime.now(UTC) + timedelta(minutes=5)))

    assert give_due(now=now) == 0
    assert room_now(meeting, now=now) is None


def test_occurrence_on_zoom_needs_no_room(soon: Meeting, zoom: ZoomClient, now: datetime) -> None:
    reconcile(soon.pk, zoom)

    assert give_due(now=now) == 0


def test_idle_room_is_withdrawn_when_zoom_is_back_and_given_again_when_it_loses_the_meeting(
    soon: Meeting, zoom: ZoomClient, simulator: Simulator, now: datetime
) -> None:
    simulator.fault(path="/.*", kind="refuse")
    reconcile(soon.pk, zoom)
    give_due(now=now)
    url = room_of(soon).url
    simulator.clear_faults()
    reconcile(soon.pk, zoom, clock=lambda: datetime.now(UTC) + timedelta(minutes=1))
    soon.refresh_from_db()

    assert soon.sync_status == SyncStatus.SYNCED
    assert room_now(soon, now=now) is None, "at once, whenever the sweep comes"
    assert go_in(soon, now=now) is None
    assert withdraw_unneeded(now=now) == 1
    assert withdraw_unneeded(now=now) == 0

    Meeting.objects.filter(pk=soon.pk).update(zoom_meeting_id="")
    assert give_due(now=now) == 1
    assert room_of(soon).url == url


def test_used_room_stays_beside_zoom(soon: Meeting, zoom: ZoomClient, now: datetime) -> None:
    give_due(now=now)
    assert go_in(soon, now=now) == room_of(soon).url

    reconcile(soon.pk, zoom)
    soon.refresh_from_db()

    offer = room_now(soon, now=now)
    assert withdraw_unneeded(now=now) == 0
    assert offer is not None
    assert (offer.is_used, offer.beside_zoom) == (True, True)
    assert offer.reason == "People are already in the backup room."
    assert go_in(soon, now=now) == room_of(soon).url


def test_room_opens_by_its_own_key_only(soon: Meeting, now: datetime) -> None:
    give_due(now=now)

    assert [go_in(soon, now=now, key=key) for key in ("guessed", "é", "\u0661")] == [None] * 3
    assert room_of(soon).used_at is None
    assert go_in(soon, now=now, key=room_of(soon).token) == room_of(soon).url


def test_going_in_and_withdrawing_at_the_same_moment_never_part_a_class(
    soon: Meeting, zoom: ZoomClient, now: datetime
) -> None:
    for _round in range(5):
        BackupRoom.objects.all().delete()
        Meeting.objects.filter(pk=soon.pk).update(zoom_meeting_id="")
        give_due(now=now)
        went_in: list[str | None] = []

        def zoom_comes_back() -> None:
            Meeting.objects.filter(pk=soon.pk).update(zoom_meeting_id="123")
            withdraw_unneeded(now=now)

        at_once([lambda: went_in.append(go_in(soon, now=now)), zoom_comes_back])  # noqa: B023 -- called in this round

        soon.refresh_from_db()
        room = room_of(soon)
        assert (went_in == [room.url]) == (room.used_at is not None) == (room.withdrawn_at is None)
        assert (room_now(soon, now=now) is not None) == (room.used_at is not None)


def test_cancelled_occurrence_has_no_room(soon: Meeting, now: datetime) -> None:
    give_due(now=now)
    cancel_occurrence(occurrence_id=soon.occurrences.get().pk, reason="", now=datetime.now(UTC))

    assert room_now(soon, now=now) is None
    assert go_in(soon, now=now) is None


def test_joining_says_where_class_is_held_while_zoom_is_down(
    soon: Meeting, simulator: Simulator, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.fault(path="/.*", kind="refuse")
    Meeting.objects.filter(pk=soon.pk).update(updated_at=datetime.now(UTC) - LATER)

    down = api(soon.teacher).get(f"/api/zoom/meetings/{soon.pk}/join").json()
    simulator.clear_faults()
    Meeting.objects.filter(pk=soon.pk).update(zoom_meeting_id="123", join_url="https://zoom.example/j/123")
    up = api(soon.teacher).get(f"/api/zoom/meetings/{soon.pk}/join").json()

    assert (down["status"], down["joinUrl"]) == ("pending", None)
    assert set(down["backupRoom"]) == {"url", "since", "reason"}
    assert down["backupRoom"]["url"].endswith(f"/meetings/{soon.pk}/backup?key={room_of(soon).token}")
    assert (up["joinUrl"], up["backupRoom"]) == ("https://zoom.example/j/123", None)


def test_attendance_in_a_backup_room_is_not_known(zoom_hosts: list[Any], backup_rooms: None, now: datetime) -> None:
    student = make_student()
    group = make_class(students=[student])
    teacher = group.teachers.get()
    meeting = make_meeting(spec(teacher, group=group, starts_at=datetime.now(UTC) + timedelta(minutes=5)))
    occurrence = meeting.occurrences.get()
    give_due(now=now)
    go_in(meeting, now=now)
    over = occurrence.ends_at + timedelta(minutes=1)

    assert backup.ended_unjudged(now=now) == []
    assert backup.ended_unjudged(now=over) == [occurrence.pk]
    record_attendance(occurrence_id=occurrence.pk, now=over)

    outcome = OccurrenceOutcome.objects.get(occurrence=occurrence)
    attendance = Attendance.objects.get(occurrence=occurrence, user=student)
    assert (outcome.result, outcome.teacher_status, outcome.reasons) == (
        "unknown",
        "unknown",
        [{"code": "backup_room"}],
    )
    assert (attendance.status, attendance.reasons) == ("unknown", [{"code": "backup_room"}])
    assert backup.ended_unjudged(now=over) == []


def test_sweep_gives_and_takes(soon: Meeting) -> None:
    Meeting.objects.filter(pk=soon.pk).update(updated_at=datetime.now(UTC) - LATER)

    tasks.keep_backup_rooms(timestamp=0)
    given = room_of(soon).withdrawn_at
    Meeting.objects.filter(pk=soon.pk).update(zoom_meeting_id="123")
    tasks.keep_backup_rooms(timestamp=0)

    assert given is None
    assert room_of(soon).withdrawn_at is not None


@pytest.mark.parametrize(
    "value",
    ["https://meet.example.org/room", "meet.example.org/{token}", "https://meet.example.org/{token}/{who}"],
    ids=["one room for all", "no address", "an unknown place"],
)
def test_place_that_cannot_work_is_refused_at_start(value: str, tmp_path: Any) -> None:
    with pytest.raises(ValidationError, match="write one such as"):
        Environment(CLASSBELL_DATA=tmp_path, CLASSBELL_BACKUP_ROOM_URL=value)
