"""A meeting that is not held at Zoom: by another link or in a room, without a host and without a Zoom meeting."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from classbell.accounts.models import User
from classbell.meetings import services
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.attendance.services import override_attendance
from classbell.meetings.changes import change_meeting
from classbell.meetings.joining.backup import ended_unjudged, give_due
from classbell.meetings.joining.entrance import sdk_join
from classbell.meetings.locations import LocationRefused, checked_location
from classbell.meetings.models import Attendance, Claim, ClaimKind, Meeting, Occurrence, OccurrenceOutcome, SyncStatus
from classbell.meetings.sync.reconcile import reconcile
from classbell.meetings.verdicts import AttendanceStatus
from classbell.notices.events import event_of
from classbell.notices.models import Notice
from classbell.notices.occurrences import tell_location
from classbell.notices.reminders import remind_due
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomNotFound
from tests.api_client import ApiClient
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_bookings import make_booking, make_tutor
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly

Api = Callable[[User], ApiClient]
LINK = "https://meet.example.org/algebra?key=1"
ROOM = "Room 12, second floor"


def now() -> datetime:
    return datetime.now(UTC)


def moved_to(meeting: Meeting, place: str) -> Meeting:
    change_meeting(meeting_id=meeting.pk, changes={"location": place}, now=now())
    return Meeting.objects.select_related("seat__host", "teacher", "group").get(pk=meeting.pk)


def seats_claimed(meeting: Meeting) -> int:
    return Claim.objects.filter(occurrence__meeting=meeting, kind=ClaimKind.SEAT).count()


def of_a_class(student: User, **fields: Any) -> Meeting:
    group = make_class(students=[student])
    return make_meeting(spec(group.teachers.get(), group=group, **fields))


def test_it_claims_no_host_and_zoom_never_hears_of_it(zoom_hosts: list[Any], zoom: ZoomClient) -> None:
    meeting = make_meeting(weekly(location=LINK))

    assert (meeting.seat, seats_claimed(meeting)) == (None, 0)
    assert meeting.sync_status == SyncStatus.SYNCED
    assert reconcile(meeting.pk, zoom, verify=True) == SyncStatus.SYNCED
    assert [list(zoom.iter_meetings(host.zoom_user_id, type="scheduled")) for host in zoom_hosts] == [[], [], []]
    assert Claim.objects.filter(occurrence__meeting=meeting, kind=ClaimKind.TEACHER).count() == 4


def test_taken_from_zoom_its_meeting_is_deleted_there_and_its_host_is_free(
    zoom_hosts: list[Any], zoom: ZoomClient
) -> None:
    meeting = make_meeting()
    reconcile(meeting.pk, zoom)
    number = Meeting.objects.get(pk=meeting.pk).zoom_meeting_id

    elsewhere = moved_to(meeting, ROOM)

    assert (elsewhere.seat, seats_claimed(meeting), elsewhere.zoom_number) == (None, 0, "")
    assert reconcile(meeting.pk, zoom) == SyncStatus.SYNCED
    with pytest.raises(ZoomNotFound):
        zoom.get_meeting(number)


def test_back_at_zoom_it_gets_a_host_and_a_new_meeting(zoom_hosts: list[Any], zoom: ZoomClient) -> None:
    meeting = make_meeting(spec(location=LINK))

    back = moved_to(meeting, "")

    assert back.seat is not None
    assert seats_claimed(meeting) == 1
    assert reconcile(meeting.pk, zoom) == SyncStatus.SYNCED
    back.refresh_from_db()
    assert zoom.get_meeting(back.zoom_meeting_id).topic == "Algebra"


def test_place_and_time_change_together(zoom_hosts: list[Any]) -> None:
    meeting = make_meeting(weekly())

    change_meeting(meeting_id=meeting.pk, changes={"location": LINK, "duration_minutes": 90}, now=now())
    assert seats_claimed(meeting) == 0
    change_meeting(meeting_id=meeting.pk, changes={"location": "", "duration_minutes": 45}, now=now())

    assert seats_claimed(meeting) == 4
    assert Meeting.objects.get(pk=meeting.pk).seat is not None


def test_moved_elsewhere_while_zoom_was_making_it_it_is_found_and_removed(
    zoom_hosts: list[Any], zoom: ZoomClient
) -> None:
    meeting = make_meeting()
    reconcile(meeting.pk, zoom)
    made = Meeting.objects.get(pk=meeting.pk)
    # The process died before Zoom's answer was written down.
    Meeting.objects.filter(pk=meeting.pk).update(zoom_meeting_id="", create_started_at=now(), synced_revision=0)

    moved_to(meeting, LINK)

    assert reconcile(meeting.pk, zoom) == SyncStatus.SYNCED
    with pytest.raises(ZoomNotFound):
        zoom.get_meeting(made.zoom_meeting_id)


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:/alert(1)",
        "file:///etc/passwd",
        "ftp://files.example.org/x",
        "https://",
        "https://me:secret@meet.example.org/x",
        "https://meet.example.org:99999/x",
        "https://meet.example.org/a b",
        "x" * 501,
    ],
)
def test_place_that_cannot_be_opened_is_refused_by_its_field(db: None, api: Api, typed: str) -> None:
    meeting = make_meeting()

    with pytest.raises(LocationRefused):
        checked_location(typed)
    answer = api(meeting.teacher).patch(f"/api/zoom/meetings/{meeting.pk}", {"location": typed})

    assert answer.status_code in (400, 422)
    assert "location" in answer.content.decode()
    assert Meeting.objects.get(pk=meeting.pk).location == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Room 12 \n second floor ", "Room 12 second floor"),
        ("www.example.org/x", "https://www.example.org/x"),
        ("HTTPS://meet.example.org/x", "https://meet.example.org/x"),
        ("Hall 3: north", "Hall 3: north"),
        ("", ""),
    ],
)
def test_place_is_kept_as_one_line(typed: str, kept: str) -> None:
    assert checked_location(typed) == kept


def test_api_makes_it_leads_there_and_brings_it_back(zoom_hosts: list[Any], api: Api) -> None:
    student = make_student()
    group = make_class(students=[student])
    teacher = api(group.teachers.get())
    body = {
        "title": "Algebra",
        "startTime": next_monday_at(9).isoformat(),
        "classId": str(group.pk),
        "location": LINK,
    }

    made = teacher.post("/api/zoom/meetings", body).json()["meeting"]
    join = api(student).get(f"/api/zoom/meetings/{made['id']}/join").json()
    back = teacher.patch(f"/api/zoom/meetings/{made['id']}", {"location": ""}).json()["meeting"]

    assert (made["location"], made["is_elsewhere"], made["join_url"], made["zoom_meeting_id"]) == (
        LINK,
        True,
        LINK,
        None,
    )
    assert (join["joinUrl"], join["status"], join["meetingNumber"], join["sdkSignature"]) == (
        LINK,
        "elsewhere",
        None,
        None,
    )
    assert (back["location"], back["is_elsewhere"]) == (None, False)
    assert back["zoom_meeting_id"]


def test_who_only_attends_changes_no_place(db: None, api: Api) -> None:
    student = make_student()
    meeting = of_a_class(student)

    answers = [
        api(reader).patch(f"/api/zoom/meetings/{meeting.pk}", {"location": ROOM}).status_code
        for reader in (student, make_teacher())
    ]

    assert set(answers) <= {403, 404}
    assert Meeting.objects.get(pk=meeting.pk).location == ""


def test_address_is_shown_when_the_door_opens_and_a_room_before(
    db: None, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"join_early_minutes": 10}))
    student = make_student()
    online, in_a_room = of_a_class(student, location=LINK), of_a_class(student, location=ROOM)

    def seen(meeting: Meeting) -> Any:
        return api(student).get(f"/api/zoom/meetings/{meeting.pk}").json()["meeting"]

    assert (seen(online)["location"], seen(online)["join_url"], seen(online)["is_elsewhere"]) == (None, None, True)
    assert (seen(in_a_room)["location"], seen(in_a_room)["join_url"]) == (ROOM, None)
    assert api(student).get(f"/api/zoom/meetings/{online.pk}/join").json()["code"] == "door_closed"


def test_in_page_room_of_zoom_is_not_for_it(db: None) -> None:
    meeting = make_meeting(spec(location=LINK))

    assert sdk_join(meeting, meeting.teacher, now=now()) is None


def test_no_backup_room_is_given_to_what_needs_no_zoom(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    place = {"backup_room_url": "https://meet.example.org/{name}-{token}", "backup_room_minutes": 10}
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=place))
    make_meeting(spec(location=ROOM, starts_at=now() + timedelta(minutes=5)))

    assert give_due(now=now() + timedelta(minutes=2)) == 0


def test_attendance_is_unknown_until_somebody_notes_it(db: None) -> None:
    student = make_student()
    meeting = of_a_class(student, location=ROOM)
    session = meeting.occurrences.get()
    over = session.ends_at + timedelta(minutes=5)

    assert ended_unjudged(now=over) == [session.pk]
    record_attendance(occurrence_id=session.pk, now=over)
    record = Attendance.objects.get(occurrence=session, user=student)
    assert (record.status, [reason["code"] for reason in record.reasons]) == ("unknown", ["elsewhere"])
    assert ended_unjudged(now=over) == []

    override_attendance(
        occurrence_id=session.pk,
        student_id=student.pk,
        status=AttendanceStatus.PRESENT,
        reason="Seen",
        by=meeting.teacher,
        now=over,
    )
    record.refresh_from_db()
    assert record.status == "present"


def test_session_that_had_begun_stays_where_it_was(zoom_hosts: list[Any]) -> None:
    meeting = make_meeting(weekly())
    first, second, *_later = meeting.occurrences.order_by("starts_at")
    in_the_first = first.starts_at + timedelta(minutes=10)

    change_meeting(meeting_id=meeting.pk, changes={"location": ROOM}, now=in_the_first)
    change_meeting(meeting_id=meeting.pk, changes={"location": ""}, now=second.ends_at)

    places = {one.pk: one.is_elsewhere for one in Occurrence.objects.filter(meeting=meeting).select_related("meeting")}
    assert (places[first.pk], places[second.pk], sum(places.values())) == (False, True, 1)
    record_attendance(occurrence_id=first.pk, now=second.ends_at)
    assert OccurrenceOutcome.objects.get(occurrence=first).reasons != [{"code": "elsewhere"}]


def test_whoever_is_expected_hears_of_it_once_and_their_calendar_has_the_room(db: None) -> None:
    student = make_student()
    meeting = of_a_class(student)
    moved = moved_to(meeting, ROOM)

    tell_location(meeting_id=meeting.pk, now=now())
    tell_location(meeting_id=meeting.pk, now=now())

    assert Notice.objects.filter(user=student, kind="location_changed").count() == 1
    event = event_of(moved.occurrences.select_related("meeting__teacher", "meeting__group", "substitute").get())
    assert str(event["location"]) == ROOM
    assert "location" not in event_of(
        moved_to(meeting, LINK).occurrences.select_related("meeting__teacher", "meeting__group", "substitute").get()
    )


def test_reminder_names_the_room(db: None) -> None:
    student = make_student(reminder_minutes=60)
    meeting = of_a_class(student, location=ROOM, starts_at=now() + timedelta(minutes=30))

    remind_due(now=now())

    assert Notice.objects.get(user=student, kind="session_coming").facts["room"] == meeting.room


def test_pages_plan_it_lead_there_and_change_it(zoom_hosts: list[Any], client: Client) -> None:
    student = make_student()
    meeting = of_a_class(student)
    path = f"/meetings/{meeting.pk}"
    client.force_login(meeting.teacher)

    assert "Say where" in client.post(f"{path}/location", {"side": "elsewhere", "location": ""}).content.decode()
    refused = client.post(f"{path}/location", {"side": "elsewhere", "location": "file:///etc"})
    assert (refused.status_code, "https://" in refused.content.decode()) == (400, True)
    saved = client.post(f"{path}/location", {"side": "elsewhere", "location": LINK}, follow=True)
    assert LINK in saved.content.decode()
    assert client.get(f"{path}/start", follow=False).headers["Location"] == f"{path}/join"

    client.force_login(student)
    assert client.get(f"{path}/join").headers["Location"] == LINK
    assert client.post(f"{path}/location", {"side": "zoom"}).status_code in (403, 404)

    client.force_login(make_admin())
    client.post(f"{path}/location", {"side": "elsewhere", "location": ROOM})
    client.force_login(student)
    assert ROOM in client.get(f"{path}/").content.decode()
    assert client.get(f"{path}/join").headers["Location"] == f"{path}/"


def test_lesson_is_held_elsewhere_too(zoom_hosts: list[Any], api: Api) -> None:
    booking = make_booking(teacher=make_tutor(settings={"auto_confirm": True}))
    assert booking.meeting is not None
    services.sync_now(booking.meeting.pk)

    moved = api(booking.teacher).patch(f"/api/zoom/meetings/{booking.meeting.pk}", {"location": LINK})
    seen = api(booking.student).get(f"/api/bookings/bookings/{booking.pk}/").json()

    assert moved.status_code == 200
    lesson = seen.get("booking", seen)
    assert (lesson["zoom_info"]["status"], lesson["zoom_join_url"], lesson["zoom_meeting_id"]) == (
        "elsewhere",
        LINK,
        None,
    )
