"""One date of a series held by another link or in a room, while the rest of it stays at Zoom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from classbell.meetings import occurrences, services
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.changes import change_meeting
from classbell.meetings.errors import OccurrenceOver
from classbell.meetings.joining.backup import ended_unjudged, give_due
from classbell.meetings.models import Attendance, Claim, ClaimKind, Meeting, Occurrence, SyncStatus
from classbell.meetings.occurrences import hold_elsewhere
from classbell.notices.events import event_of, events_of
from classbell.notices.models import Notice
from classbell.notices.occurrences import tell_held_elsewhere
from classbell.notices.reminders import remind_due
from tests.factories import make_class, make_student
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly

LINK, ROOM = "https://meet.example.org/algebra", "Room 12, second floor"
HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def student(db: None):
    return make_student(reminder_minutes=60)


@pytest.fixture
def series(student, zoom_hosts) -> Meeting:
    """Four Mondays of a class, at Zoom."""
    group = make_class(students=[student])
    meeting = make_meeting(weekly(group.teachers.get(), group=group))
    services.sync_now(meeting.pk)
    meeting.refresh_from_db()
    return meeting


def dates(meeting: Meeting) -> list[Occurrence]:
    rows = meeting.occurrences.select_related("meeting__teacher", "meeting__group", "substitute")
    return list(rows.order_by("original_starts_at"))


def moved(meeting: Meeting, number: int, place: str) -> Occurrence:
    row = dates(meeting)[number]
    hold_elsewhere(occurrence_id=row.pk, location=place, now=now())
    services.sync_now(meeting.pk)
    meeting.refresh_from_db()
    return dates(meeting)[number]


def at_zoom(simulator: Any, meeting: Meeting) -> list[str]:
    shown = simulator.meeting(meeting.zoom_meeting_id)["occurrences"]
    return [one["status"] for one in shown]


def seats_of(meeting: Meeting) -> set[Any]:
    claims = Claim.objects.filter(occurrence__meeting=meeting, kind=ClaimKind.SEAT)
    return set(claims.values_list("occurrence", flat=True))


def test_only_that_date_leaves_zoom_and_frees_its_host(series, simulator) -> None:
    link = series.join_url

    second = moved(series, 1, ROOM)

    assert at_zoom(simulator, series) == ["available", "deleted", "available", "available"]
    assert (series.sync_status, series.join_url, series.location) == (SyncStatus.SYNCED, link, "")
    assert seats_of(series) == {row.pk for row in dates(series)} - {second.pk}
    assert Claim.objects.filter(occurrence=second, kind=ClaimKind.TEACHER).exists()
    assert [row.is_elsewhere for row in dates(series)] == [False, True, False, False]


def test_put_back_it_is_at_zoom_again_with_a_host(series, simulator) -> None:
    moved(series, 1, ROOM)

    moved(series, 1, "")

    assert at_zoom(simulator, series).count("available") == 4
    assert seats_of(series) == {row.pk for row in dates(series)}
    assert not any(row.is_exception for row in dates(series))


def test_it_stays_there_whatever_else_is_changed(series, simulator) -> None:
    second = moved(series, 1, LINK)
    later = second.starts_at + 3 * HOUR

    occurrences.move_occurrence(occurrence_id=second.pk, starts_at=later, now=now())
    change_meeting(
        meeting_id=series.pk, changes={"starts_at": series.starts_at + HOUR, "title": "Algebra II"}, now=now()
    )
    services.sync_now(series.pk)

    assert [row.location for row in dates(series)] == ["", LINK, "", ""]
    assert second.pk not in seats_of(series)
    assert sorted(at_zoom(simulator, series)) == ["available"] * 3 + ["deleted"]


def test_cancelled_and_held_after_all_it_is_still_there(series) -> None:
    second = moved(series, 1, ROOM)

    occurrences.cancel_occurrence(occurrence_id=second.pk, reason="", now=now())
    occurrences.hold_again(occurrence_id=second.pk, now=now())

    assert dates(series)[1].location == ROOM
    assert second.pk not in seats_of(series)


def test_what_has_begun_stays_where_it_is(series) -> None:
    first = dates(series)[0]

    with pytest.raises(OccurrenceOver):
        hold_elsewhere(occurrence_id=first.pk, location=ROOM, now=first.starts_at + timedelta(minutes=1))


def test_whole_series_may_go_elsewhere_and_come_back_around_it(series, simulator) -> None:
    moved(series, 1, ROOM)

    change_meeting(meeting_id=series.pk, changes={"location": LINK}, now=now())
    assert [row.as_held.location for row in dates(series)] == [LINK, ROOM, LINK, LINK]
    change_meeting(meeting_id=series.pk, changes={"location": ""}, now=now())
    services.sync_now(series.pk)
    series.refresh_from_db()

    assert [row.is_elsewhere for row in dates(series)] == [False, True, False, False]
    assert at_zoom(simulator, series).count("available") == 3


@pytest.mark.parametrize("place", [LINK, ROOM])
def test_the_way_in_leads_there_on_its_day_only(series, student, api, client: Client, place: str) -> None:
    soon = dates(series)[0]
    link = series.join_url
    moved(series, 0, place)
    teacher, learner = api(series.teacher), api(student)
    path = f"/api/zoom/meetings/{series.pk}"

    join = learner.get(f"{path}/join").json()
    host = teacher.get(f"{path}/join").json()
    seen = learner.get(path).json()["meeting"]
    client.force_login(student)
    gone_to = client.get(f"/meetings/{series.pk}/join").headers["Location"]
    client.force_login(series.teacher)
    started = client.get(f"/meetings/{series.pk}/start").headers["Location"]

    expected = place if place == LINK else None
    assert (join["status"], join["location"], join["joinUrl"], join["meetingNumber"]) == (
        "elsewhere",
        place,
        expected,
        None,
    )
    assert (host["startUrl"], host["sdkSignature"]) == (expected, None)
    assert (seen["is_elsewhere"], seen["join_url"]) == (False, expected)
    assert [one["location"] for one in seen["occurrences"]] == [place, None, None, None]
    assert gone_to == (LINK if place == LINK else f"/meetings/{series.pk}/")
    assert started == f"/meetings/{series.pk}/join"

    Occurrence.objects.filter(pk=soon.pk).delete()
    after = learner.get(f"{path}/join").json()
    assert (after["status"], after["joinUrl"]) == ("synced", link)


def test_api_holds_one_date_elsewhere_and_refuses_what_opens_nowhere(series, student, api) -> None:
    third = dates(series)[2]
    path = f"/api/zoom/meetings/{series.pk}"

    said = api(series.teacher).patch(path, {"occurrence_id": str(third.pk), "location": ROOM})
    refused = api(series.teacher).patch(path, {"occurrence_id": str(third.pk), "location": "file:///etc"})
    foreign = api(student).patch(path, {"occurrence_id": str(third.pk), "location": ""})

    assert said.status_code == 200
    assert [one["location"] for one in said.json()["meeting"]["occurrences"]] == [None, None, ROOM, None]
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_location")
    assert foreign.status_code in (403, 404)


def test_page_of_the_date_asks_where_and_says_so(series, student, client: Client) -> None:
    second = dates(series)[1]
    path = f"/meetings/{series.pk}/occurrences/{second.pk}/"
    client.force_login(series.teacher)
    shown = client.get(path)
    assert shown.status_code == 200, path
    wall = second.starts_at.astimezone(series.zone)
    typed = {
        "day": wall.date().isoformat(),
        "start": f"{wall:%H:%M}",
        "minutes": "60",
        "teacher": str(series.teacher.pk),
    }

    refused = client.post(path, typed | {"location": "ftp://x.example"})
    client.post(path, typed | {"location": ROOM})

    assert (refused.status_code, "https://" in refused.content.decode()) == (400, True)
    assert dates(series)[1].location == ROOM
    client.force_login(student)
    assert ROOM in client.get(f"/meetings/{series.pk}/").content.decode()


def test_attendance_of_it_is_noted_by_hand(series, student) -> None:
    second = moved(series, 1, ROOM)
    over = second.ends_at + timedelta(minutes=5)

    assert second.pk in ended_unjudged(now=over)
    record_attendance(occurrence_id=second.pk, now=over)

    record = Attendance.objects.get(occurrence=second, user=student)
    assert (record.status, [reason["code"] for reason in record.reasons]) == ("unknown", ["elsewhere"])


def test_calendars_and_reminders_name_the_room_of_that_date(student, zoom_hosts) -> None:
    group = make_class(students=[student])
    meeting = make_meeting(weekly(group.teachers.get(), group=group, starts_at=now() + timedelta(minutes=30)))
    # Seldom, the half hour from now on lies on no Monday: then the first date is moved there.
    first = dates(meeting)[0]
    Occurrence.objects.filter(pk=first.pk).update(starts_at=now() + HOUR / 2, ends_at=now() + HOUR, is_exception=True)
    hold_elsewhere(occurrence_id=first.pk, location=ROOM, now=now())
    first = dates(meeting)[0]

    assert str(event_of(first)["location"]) == ROOM
    whole, of_the_date = events_of(dates(meeting))
    assert "location" not in (whole if "rrule" in whole else of_the_date)
    remind_due(now=now())
    assert Notice.objects.get(user=student, kind="session_coming").facts["room"] == first.as_held.room


def test_whoever_is_expected_hears_of_it_once(series, student) -> None:
    second = moved(series, 1, ROOM)

    tell_held_elsewhere(occurrence_id=second.pk, now=now())
    tell_held_elsewhere(occurrence_id=second.pk, now=now())

    notice = Notice.objects.get(user=student, kind="session_place_changed")
    assert notice.facts["session"] == str(second.pk)


def test_no_backup_room_is_given_to_it(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    place = {"backup_room_url": "https://meet.example.org/{name}-{token}", "backup_room_minutes": 10}
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=place))
    meeting = make_meeting(spec(starts_at=now() + timedelta(minutes=5)))
    hold_elsewhere(occurrence_id=meeting.occurrences.get().pk, location=ROOM, now=now())

    assert give_due(now=now() + timedelta(minutes=2)) == 0


def test_without_zoom_a_meeting_that_goes_elsewhere_is_settled_at_once(db: None) -> None:
    meeting = make_meeting(spec(starts_at=next_monday_at(9)))
    assert meeting.sync_status == SyncStatus.PENDING

    change_meeting(meeting_id=meeting.pk, changes={"location": ROOM}, now=now())

    meeting.refresh_from_db()
    assert (meeting.sync_status, meeting.next_attempt_at) == (SyncStatus.SYNCED, None)
    assert meeting.synced_revision == meeting.revision
