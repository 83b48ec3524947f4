"""Circles by API, against the simulator."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import jwt
import pytest

from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Frequency, Pattern, occurrences_of, parts_of
from classbell.meetings.models import Meeting
from classbell.meetings.sync import reconcile
from tests.factories import make_student, make_teacher
from tests.factories_halakat import created, halaka_body, next_sunday

pytestmark = pytest.mark.usefixtures("zoom_hosts")


def test_created_circle_has_its_recurring_zoom_meeting(api, simulator):
    halaka = created(api, make_teacher(timezone="Asia/Riyadh"))

    meeting = halaka["zoomMeeting"]
    assert all(meeting[name] for name in ("meetingId", "password", "joinUrl", "startUrl"))
    on_zoom = simulator.meeting(meeting["meetingId"])
    assert (on_zoom["type"], on_zoom["timezone"], len(on_zoom["occurrences"])) == (8, "Asia/Riyadh", 17)
    assert halaka["days"] == [0, 2]
    assert {occurrence["startTime"][11:16] for occurrence in halaka["sittings"]} == {"14:00"}
    creates = simulator.counters()["by_endpoint"]["POST /users/{userId}/meetings"]
    assert creates == 1


@pytest.mark.parametrize("start", [50_000, "50000", "24:00", "2pm", "09:30:20", "09:30Z"])
def test_start_that_is_no_time_on_the_wall_is_refused_by_its_name(api, start):
    answer = api(make_teacher()).post("/api/v1/halaka/?dryRun=true", halaka_body(startTime=start))

    assert (answer.status_code, answer.json()["message"]) == (400, "startTime must be a time such as 09:30.")


def test_mistyped_timezone_is_answered_with_a_question(api):
    answer = api(make_teacher()).post("/api/v1/halaka/?dryRun=true", halaka_body(timezone="Europe/lisbon"))

    assert answer.json()["message"] == "timezone must be an IANA timezone. Did you mean Europe/Lisbon?"


def test_long_circle_goes_on_in_further_meetings_and_the_link_is_the_one_of_the_day(api, zoom, simulator):
    teacher = make_teacher()
    start = next_sunday()
    halaka = created(
        api, teacher, endDate=(start + timedelta(days=540)).isoformat(), days=[0, 1, 2, 3, 4], timezone="UTC"
    )

    assert len(halaka["sittings"]) == 387
    assert halaka["zoomMeetings"] == 8
    for meeting in Meeting.objects.all():
        reconcile.reconcile(meeting.pk, zoom)
    creates = simulator.counters()["by_endpoint"]["POST /users/{userId}/meetings"]
    assert creates == 8
    row = Halaka.objects.get()
    boundary = [part.meeting for part in row.parts.select_related("meeting")]
    for before, after in pairwise(boundary):
        last = before.occurrences.order_by("-starts_at")[0]
        first = after.occurrences.order_by("starts_at")[0]
        assert last.ends_at <= first.starts_at


def test_time_change_moves_coming_occurrences_and_keeps_the_meeting(api, simulator):
    teacher = make_teacher()
    halaka = created(api, teacher)
    number = halaka["zoomMeeting"]["meetingId"]

    answer = api(teacher).patch(f"/api/v1/halaka/{halaka['id']}", {"startTime": "18:30"})

    assert answer.status_code == 200, answer.content
    changed = answer.json()["data"]["halaka"]
    assert changed["zoomMeeting"]["meetingId"] == number
    assert {occurrence["startTime"][11:16] for occurrence in changed["sittings"]} == {"15:30"}
    assert simulator.meeting(number)["occurrences"][0]["start_time"].endswith("15:30:00Z")


def test_change_from_a_date_on_keeps_what_is_before_it(api, simulator):
    teacher = make_teacher()
    halaka = created(api, teacher)
    turn = next_sunday() + timedelta(weeks=4)

    answer = api(teacher).patch(f"/api/v1/halaka/{halaka['id']}", {"startTime": "20:00", "validFrom": turn.isoformat()})

    assert answer.status_code == 200, answer.content
    changed = answer.json()["data"]["halaka"]
    times = {(s["startTime"][:10] >= turn.isoformat(), s["startTime"][11:16]) for s in changed["sittings"]}
    assert times == {(False, "14:00"), (True, "17:00")}
    assert len(changed["sittings"]) == 17
    assert changed["zoomMeetings"] == 2


def test_one_occurrence_is_cancelled_and_one_moved(api, simulator):
    teacher = make_teacher()
    halaka = created(api, teacher)
    first, second = halaka["sittings"][:2]
    path = f"/api/v1/halaka/{halaka['id']}/sittings/"
    later = datetime.fromisoformat(second["startTime"]) + timedelta(hours=2)

    cancelled = api(teacher).patch(path + first["id"], {"cancelled": True, "reason": "عيد"})
    moved = api(teacher).patch(path + second["id"], {"startTime": later.isoformat()})

    assert (cancelled.status_code, moved.status_code) == (200, 200), moved.content
    on_zoom = simulator.meeting(halaka["zoomMeeting"]["meetingId"])["occurrences"]
    by_start = {o["start_time"]: o["status"] for o in on_zoom}
    assert by_start.get(later.strftime("%Y-%m-%dT%H:%M:%SZ")) == "available"
    assert by_start.get(first["startTime"], "deleted") == "deleted"


@pytest.mark.parametrize(
    ("patch", "places", "waiting"),
    [({"maxStudents": None}, None, 0), ({"maxStudents": 2}, 2, 1), ({"title": "Evening"}, 1, 2)],
    ids=["no bound", "another bound", "not named"],
)
def test_capacity_taken_away_lets_everybody_in_who_waits(api, patch, places, waiting):
    teacher = make_teacher()
    path = f"/api/v1/halaka/{created(api, teacher, maxStudents=1)['id']}"
    for _student in range(3):
        api(make_student()).post(f"{path}/join")

    changed = api(teacher).patch(path, patch).json()["data"]["halaka"]

    assert (changed["maxStudents"], changed["waitingCount"], changed["studentCount"]) == (places, waiting, 3 - waiting)


@pytest.mark.parametrize("places", [0, -1, "many"])
def test_capacity_that_is_none_of_the_kind_changes_nothing(api, places):
    teacher = make_teacher()
    path = f"/api/v1/halaka/{created(api, teacher, maxStudents=1)['id']}"

    assert api(teacher).patch(path, {"maxStudents": places}).status_code == 400
    assert api(teacher).get(path).json()["data"]["halaka"]["maxStudents"] == 1


def test_full_circle_has_a_waiting_list_that_moves_up(api):
    teacher, first, second = make_teacher(), make_student(), make_student()
    halaka = created(api, teacher, maxStudents=1)
    path = f"/api/v1/halaka/{halaka['id']}"

    assert api(first).post(f"{path}/join").json()["status"] == "joined"
    assert api(second).post(f"{path}/join").json()["status"] == "waiting"
    assert api(first).post(f"{path}/leave").status_code == 200

    people = api(teacher).get(f"{path}/students").json()["data"]
    assert [student["id"] for student in people["students"]] == [str(second.pk)]
    assert people["waiting"] == []


def test_ended_circle_is_gone_from_zoom(api, simulator):
    teacher = make_teacher()
    halaka = created(api, teacher)

    answer = api(teacher).delete(f"/api/v1/halaka/{halaka['id']}")

    assert answer.status_code == 200
    assert simulator.meeting(halaka["zoomMeeting"]["meetingId"])["deleted"]


def test_busy_teacher_gets_no_half_circle(api):
    teacher = make_teacher()
    created(api, teacher)

    answer = api(teacher).post("/api/v1/halaka/", halaka_body(title="Second"))

    assert answer.status_code == 400
    assert (answer.json()["status"], answer.json()["code"]) == ("error", "teacher_busy")
    assert Halaka.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"days": []}, 400, "invalid_schedule"),
        ({"endDate": "2020-01-01"}, 400, "invalid_schedule"),
        ({"frequency": "monthly", "days": [0, 1]}, 400, "invalid_schedule"),
        ({"days": ["Someday"]}, 400, "invalid_input"),
        ({"timezone": "Mars/Olympus"}, 400, "invalid_input"),
    ],
)
def test_bad_schedules_are_refused_in_the_envelope(api, changes, status, code):
    answer = api(make_teacher()).post("/api/v1/halaka/", halaka_body(**changes))

    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, "error", code)


@pytest.mark.usefixtures("sdk_keys")
def test_signature_is_what_the_sdk_takes_and_the_role_is_decided_here(api):
    teacher, student = make_teacher(), make_student()
    halaka = created(api, teacher)
    api(student).post(f"/api/v1/halaka/{halaka['id']}/join")
    number = halaka["zoomMeeting"]["meetingId"]

    host = api(teacher).post("/api/v1/zoom/signature", {"meetingNumber": number, "role": 1})
    attendee = api(student).post("/api/v1/zoom/signature", {"meetingNumber": number, "role": 0})
    refused = api(student).post("/api/v1/zoom/signature", {"meetingNumber": number, "role": 1})
    stranger = api(make_student()).post("/api/v1/zoom/signature", {"meetingNumber": number, "role": 0})
    incomplete = api(student).post("/api/v1/zoom/signature", {"meetingNumber": number})

    assert [a.status_code for a in (host, attendee, refused, stranger, incomplete)] == [201, 201, 403, 404, 400]
    assert host.json()["message"] == "Zoom signature generated successfully"
    claims = jwt.decode(host.json()["data"]["signature"], "s" * 32, algorithms=["HS256"])
    assert (claims["role"], claims["mn"]) == (1, number)
    assert incomplete.json() == {
        "status": "error",
        "message": "meetingNumber and role are required",
        "code": "invalid_input",
        "details": [],
    }


def test_zak_is_for_ones_own_zoom_user(api, simulator):
    host = simulator.state()["hosts"][0]["email"]
    teacher = make_teacher(zoom_user=host)

    own = api(teacher).post("/api/v1/zoom/zak-token", {"userId": host})
    other = api(make_teacher()).post("/api/v1/zoom/zak-token", {"userId": host})
    missing = api(teacher).post("/api/v1/zoom/zak-token", {})

    assert (own.status_code, bool(own.json()["zak"])) == (200, True)
    assert (other.status_code, missing.status_code) == (403, 400)
    assert missing.json()["message"] == "userId is required"


def test_wall_time_is_kept_across_clock_changes():
    pattern = Pattern(
        start_date=date(2026, 10, 19),
        end_date=date(2026, 10, 30),
        weekdays=(0, 4),
        frequency=Frequency.WEEKLY,
        start_time=time(9),
        duration_minutes=60,
        timezone="Europe/Lisbon",
    )

    walls = [start.astimezone(pattern.zone).strftime("%a %H:%M") for start in occurrences_of(pattern)]

    assert walls == ["Mon 09:00", "Fri 09:00", "Mon 09:00", "Fri 09:00"]


@pytest.mark.parametrize(
    ("frequency", "weekdays", "rule"),
    [
        (Frequency.DAILY, (), "FREQ=DAILY;COUNT=50"),
        (Frequency.WEEKLY, (0, 2), "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=50"),
        (Frequency.BIWEEKLY, (0,), "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO;COUNT=50"),
    ],
)
def test_parts_say_the_pattern_as_zoom_can(frequency, weekdays, rule):
    pattern = Pattern(
        start_date=date(2026, 1, 5),
        end_date=date(2028, 6, 30),
        weekdays=weekdays,
        frequency=frequency,
        start_time=time(9),
        duration_minutes=60,
        timezone="UTC",
    )

    occurrences = occurrences_of(pattern)

    parts = parts_of(pattern, occurrences)
    assert parts[0].rule == rule
    assert [start for part in parts for start in part.occurrences] == occurrences
