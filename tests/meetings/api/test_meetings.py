"""School meetings by API, against the simulator."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from django.conf import settings

from classbell.meetings.models import DailyBudget, Occurrence, ZoomHost
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_bookings import a_day_ahead

pytestmark = pytest.mark.usefixtures("zoom_hosts")


@pytest.fixture
def school():
    """A class with its teacher, two members and a student who is none."""
    teacher, member, stranger = make_teacher(), make_student(), make_student()
    return {
        "class": make_class(teacher=teacher, students=[member, make_student()]),
        "teacher": teacher,
        "member": member,
        "stranger": stranger,
        "admin": make_admin(),
    }


def created(api, school, **body):
    answer = api(school["teacher"]).post(
        "/api/zoom/meetings",
        {
            "title": "Algebra",
            "startTime": a_day_ahead().isoformat(),
            "duration": 45,
            "classId": str(school["class"].pk),
        }
        | body,
    )
    assert answer.status_code == 201, answer.content
    return answer.json()["meeting"]


def test_created_meeting_is_on_zoom_with_every_field_of_the_contract(api, school, simulator):
    meeting = created(api, school)

    on_zoom = simulator.meeting(meeting["zoom_meeting_id"])
    assert (on_zoom["topic"], on_zoom["duration"]) == ("Algebra", 45)
    assert (meeting["join_url"], meeting["status"], meeting["target_audience"]) == (
        on_zoom["join_url"],
        "scheduled",
        "class",
    )
    assert meeting["start_url"]
    assert meeting["class"]["id"] == str(school["class"].pk)


@pytest.mark.parametrize(
    "start", [1_772_000_000, "1772000000", True, -0.0, "2026-02-30T10:00:00Z", "0000-01-01T10:00:00Z"]
)
def test_start_that_is_no_written_moment_is_refused_by_its_name(api, school, start):
    answer = api(school["teacher"]).post("/api/zoom/meetings", {"title": "Algebra", "startTime": start})

    assert (answer.status_code, answer.json()["details"]) == (
        400,
        [{"field": "startTime", "message": "must be a moment with an offset, such as 2026-03-01T09:00:00Z"}],
    )


@pytest.mark.parametrize(("field", "value"), [("duration", True), ("duration", False)])
def test_true_and_false_are_no_numbers(api, school, field, value):
    answer = api(school["teacher"]).post(
        "/api/zoom/meetings", {"title": "Algebra", "startTime": a_day_ahead().isoformat(), field: value}
    )

    assert (answer.status_code, answer.json()["details"]) == (400, [{"field": field, "message": "must be a number"}])


def test_start_without_offset_and_timezone_is_refused_by_its_name(api, school):
    answer = api(school["teacher"]).post("/api/zoom/meetings", {"title": "Algebra", "startTime": "2027-03-01T10:00"})

    assert [one["field"] for one in answer.json()["details"]] == ["startTime"]


def test_other_specification_names_are_understood(api, school):
    answer = api(school["teacher"]).post(
        "/api/zoom/meetings", {"topic": "Manual Meeting", "start_time": a_day_ahead().isoformat(), "duration": 60}
    )

    assert answer.status_code == 201, answer.content
    assert answer.json()["meeting"]["title"] == "Manual Meeting"


def test_start_without_offset_needs_a_timezone(api, school):
    day = a_day_ahead().date()
    body = {"title": "Algebra", "startTime": f"{day}T09:00:00"}

    refused = api(school["teacher"]).post("/api/zoom/meetings", body)
    taken = api(school["teacher"]).post("/api/zoom/meetings", body | {"timezone": "Asia/Riyadh"})

    assert refused.status_code == 400
    assert taken.json()["meeting"]["start_time"] == f"{day}T06:00:00Z"


def test_meeting_is_found_by_zooms_number_and_changed(api, school, simulator):
    meeting = created(api, school)
    number = meeting["zoom_meeting_id"]
    later = a_day_ahead(8)

    answer = api(school["teacher"]).patch(
        f"/api/zoom/meetings/{number}", {"title": "Geometry", "startTime": later.isoformat()}
    )

    assert answer.status_code == 200, answer.content
    assert answer.json()["meeting"]["id"] == meeting["id"]
    on_zoom = simulator.meeting(number)
    assert (on_zoom["topic"], on_zoom["start_time"]) == ("Geometry", later.strftime("%Y-%m-%dT%H:%M:%SZ"))


def test_deleted_meeting_is_gone_from_zoom(api, school, simulator):
    meeting = created(api, school)

    answer = api(school["admin"]).delete(f"/api/zoom/meetings/{meeting['id']}")

    assert answer.json() == {"success": True}
    assert simulator.meeting(meeting["zoom_meeting_id"])["deleted"]


@pytest.mark.parametrize("by", ["id", "zoom_meeting_id"])
@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("get", ""),
        ("patch", ""),
        ("delete", ""),
        ("get", "/join"),
        ("post", "/join"),
        ("get", "/participants"),
        ("get", "/attendance"),
    ],
)
def test_deleted_meeting_is_not_there(api, school, by, verb, path):
    meeting = created(api, school)
    teacher = api(school["teacher"])
    teacher.delete(f"/api/zoom/meetings/{meeting['id']}")

    bodies = {"": {"title": "Geometry"}, "/join": {"action": "join"}}
    body = bodies[path] if verb in {"patch", "post"} else None
    answer = getattr(teacher, verb)(f"/api/zoom/meetings/{meeting[by]}{path}", *([body] if body else []))

    assert answer.status_code == 404, answer.content


def test_lists_name_a_deleted_meeting_only_when_asked(api, school):
    meeting, other = created(api, school), created(api, school, startTime=a_day_ahead(9).isoformat())
    teacher = api(school["teacher"])
    teacher.delete(f"/api/zoom/meetings/{meeting['id']}")

    listed = {
        asked: [one["id"] for one in teacher.get(f"/api/zoom/meetings{asked}").json()["meetings"]]
        for asked in ("", "?upcoming=true", "?status=scheduled", "?status=cancelled")
    }

    assert listed == {
        "": [other["id"]],
        "?upcoming=true": [other["id"]],
        "?status=scheduled": [other["id"]],
        "?status=cancelled": [meeting["id"]],
    }


def test_records_of_a_meeting_outlive_it(api, school):
    meeting = created(api, school, recurrence="FREQ=WEEKLY;COUNT=2")
    Occurrence.objects.filter(pk=meeting["occurrences"][0]["id"]).update(
        starts_at=datetime(2026, 1, 5, 9, tzinfo=UTC), ends_at=datetime(2026, 1, 5, 10, tzinfo=UTC), status="ended"
    )
    teacher, path = api(school["teacher"]), f"/api/zoom/meetings/{meeting['id']}"
    teacher.delete(path)

    answers = {part: teacher.get(f"{path}{part}").status_code for part in ("", "/attendance", "/participants")}

    assert answers == {"": 404, "/attendance": 200, "/participants": 200}


def test_one_occurrence_of_a_series_is_moved_and_one_cancelled(api, school, simulator):
    meeting = created(api, school, recurrence="FREQ=WEEKLY;COUNT=4")
    occurrences = meeting["occurrences"]
    moved_to = datetime.fromisoformat(occurrences[1]["start_time"]) + timedelta(hours=2)
    path = f"/api/zoom/meetings/{meeting['id']}"

    moved = api(school["teacher"]).patch(
        path, {"occurrence_id": occurrences[1]["zoom_occurrence_id"], "startTime": moved_to.isoformat()}
    )
    cancelled = api(school["teacher"]).delete(f"{path}?occurrence_id={occurrences[2]['id']}")

    assert (moved.status_code, cancelled.status_code) == (200, 200), (moved.content, cancelled.content)
    on_zoom = {o["occurrence_id"]: o for o in simulator.meeting(meeting["zoom_meeting_id"])["occurrences"]}
    assert on_zoom[occurrences[1]["zoom_occurrence_id"]]["start_time"] == moved_to.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert on_zoom[occurrences[2]["zoom_occurrence_id"]]["status"] == "deleted"


@pytest.mark.parametrize(
    ("role", "status", "sees_start_url"),
    [("teacher", 200, True), ("admin", 200, True), ("member", 200, False), ("stranger", 404, False)],
)
def test_who_sees_a_meeting_and_its_start_link(api, school, role, status, sees_start_url):
    meeting = created(api, school)

    answer = api(school[role]).get(f"/api/zoom/meetings/{meeting['id']}")

    assert answer.status_code == status
    if status == 200:
        assert bool(answer.json()["meeting"]["start_url"]) is sees_start_url


def test_list_filters_by_status_class_and_time(api, school):
    meeting = created(api, school)
    created(
        api,
        school,
        title="Later",
        startTime=a_day_ahead(9).isoformat(),
        classId=str(make_class(teacher=school["teacher"]).pk),
    )

    def titles(role, **query):
        return [m["title"] for m in api(school[role]).get("/api/zoom/meetings", **query).json()["meetings"]]

    assert titles("teacher", upcoming="true") == ["Algebra", "Later"]
    assert titles("member") == ["Algebra"]
    assert titles("teacher", classId=meeting["class_id"]) == ["Algebra"]
    assert titles("admin", status="scheduled") == ["Later", "Algebra"]
    assert titles("admin", status="ended") == []


def test_host_enters_as_host_and_member_as_participant(api, school, monkeypatch):
    meeting = created(api, school)
    environment = settings.ENVIRONMENT.model_copy(
        update={"zoom_sdk_key": "sdk-key", "zoom_sdk_secret": type(settings.ENVIRONMENT.zoom_sdk_secret)("s" * 32)}
    )
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)

    entrances = {
        role: api(school[role]).get(f"/api/zoom/meetings/{meeting['id']}/join").json() for role in ("teacher", "member")
    }

    claims = {role: jwt.decode(e["sdkSignature"], "s" * 32, algorithms=["HS256"]) for role, e in entrances.items()}
    assert {role: c["role"] for role, c in claims.items()} == {"teacher": 1, "member": 0}
    assert entrances["teacher"]["startUrl"]
    assert entrances["member"]["startUrl"] is None
    assert entrances["member"]["joinUrl"] == meeting["join_url"]
    assert entrances["member"]["customerKey"] == school["member"].pk.hex
    assert claims["member"]["mn"] == meeting["zoom_meeting_id"]


def test_without_sdk_keys_the_link_serves(api, school):
    meeting = created(api, school)

    entrance = api(school["member"]).get(f"/api/zoom/meetings/{meeting['id']}/join").json()

    assert (entrance["sdkSignature"], entrance["sdkKey"]) == (None, None)
    assert entrance["joinUrl"]


def test_student_outside_the_allowed_domains_is_refused(api, school, monkeypatch):
    meeting = created(api, school)
    environment = settings.ENVIRONMENT.model_copy(update={"student_email_domains": "campus.example"})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)

    refused = api(school["member"]).get(f"/api/zoom/meetings/{meeting['id']}/join")

    assert refused.status_code == 403
    assert refused.json()["code"] == "email_domain_refused"


def test_click_is_noted(api, school):
    meeting = created(api, school)

    answer = api(school["member"]).post(f"/api/zoom/meetings/{meeting['id']}/join", {"action": "join"})

    assert answer.json() == {"success": True}


def test_meeting_is_pending_while_zoom_is_down(api, school, simulator):
    simulator.fault(kind="status", status=503, path="/v2/users")

    meeting = created(api, school)

    assert (meeting["sync_status"], meeting["join_url"]) == ("pending", None)


def test_busy_host_is_told_what_stands_in_the_way(api, school):
    created(api, school)

    again = api(school["teacher"]).post(
        "/api/zoom/meetings", {"title": "Twice", "startTime": a_day_ahead().isoformat()}
    )

    assert again.status_code == 400
    assert again.json()["code"] == "teacher_busy"


def test_status_says_who_we_are_at_zoom(api, school):
    status = api(school["teacher"]).get("/api/zoom/status").json()

    assert (status["configured"], status["status"]["success"]) == (True, True)
    assert status["status"]["message"] == "Zoom credentials are valid"
    assert status["circuit"]["state"] == "closed"


@pytest.mark.parametrize(("plan", "a_day"), [("pro", 100), ("unlimited", None)])
def test_status_says_what_zoom_still_takes_today(api, school, settings, plan, a_day):
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"zoom_plan": plan})
    hosts = ZoomHost.objects.usable()
    spent = hosts.select_related("account")[0]
    today = datetime.now(UTC).date()
    DailyBudget.objects.create(key=f"host:{spent.account.account_id}:{spent.zoom_user_id}", day=today, used=101)

    limits = api(school["teacher"]).get("/api/zoom/status").json()["limits"]

    assert (limits["hosts"], limits["writes_per_host_and_day"]) == (hosts.count(), a_day)
    assert limits["writes_left_today"] == (a_day and (hosts.count() - 1) * a_day)
