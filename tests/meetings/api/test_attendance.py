"""Participants, attendance and reports by API."""

from datetime import timedelta

import pytest

from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.presence.identity import say_nobody
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay, minute

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day_after(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: minute(24 * 60))


@pytest.fixture
def lesson():
    """An hour that is over: one came for all of it, one late, one not, and a guest of whom it was said."""
    teacher = make_teacher()
    punctual, late, missing = make_student(), make_student(), make_student()
    occurrence = make_occurrence(make_class(teacher=teacher, students=[punctual, late, missing]))
    make_stay(occurrence, teacher, 0, 60)
    make_stay(occurrence, punctual, 0, 60)
    make_stay(occurrence, late, 20, 60)
    say_nobody(participation_id=make_stay(occurrence, None, 5, 10, name="iPhone").pk)
    record_attendance(occurrence_id=occurrence.pk, now=minute(90))
    return {
        "occurrence": occurrence,
        "path": f"/api/zoom/meetings/{occurrence.meeting_id}",
        "teacher": teacher,
        "punctual": punctual,
        "late": late,
        "missing": missing,
        "stranger": make_student(),
        "admin": make_admin(),
    }


def test_participants_and_those_expected(api, lesson):
    answer = api(lesson["teacher"]).get(f"{lesson['path']}/participants")

    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert len(body["participants"]) == 4
    assert {p["name"] for p in body["expectedAttendees"] if p["attended"]} == {
        lesson["punctual"].name,
        lesson["late"].name,
    }
    assert body["stats"] == {
        "totalParticipants": 4,
        "joinedCount": 2,
        "expectedCount": 3,
        "attendanceRate": 66.7,
        "totalDurationSeconds": 3600 + 3600 + 2400 + 300,
        "avgDurationSeconds": 2475,
    }


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        pytest.param("teacher", True, id="its teacher"),
        pytest.param("admin", True, id="admin"),
        pytest.param("punctual", False, id="who was there"),
    ],
)
def test_single_meeting_names_its_participants_to_those_who_keep_attendance(api, lesson, role, sees):
    participants = api(lesson["teacher"]).get(f"{lesson['path']}/participants").json()["participants"]

    meeting = api(lesson[role]).get(lesson["path"]).json()["meeting"]

    assert len(participants) == 4
    assert meeting["participants"] == (participants if sees else [])


def test_attendance_says_each_verdict_and_why(api, lesson):
    body = api(lesson["teacher"]).get(f"{lesson['path']}/attendance").json()

    assert body["summary"] == {
        "total": 3,
        "present": 1,
        "absent": 1,
        "partial": 0,
        "late": 1,
        "excused": 0,
        "unknown": 0,
    }
    by_student = {record["student_id"]: record for record in body["records"]}
    assert by_student[str(lesson["late"].pk)]["status"] == "late"
    assert "Came 20 minutes after the start; late begins after" in by_student[str(lesson["late"].pk)]["reasons"][0]


def test_students_see_their_own_attendance_only(api, lesson):
    body = api(lesson["late"]).get(f"{lesson['path']}/attendance").json()

    assert [record["student_id"] for record in body["records"]] == [str(lesson["late"].pk)]


def test_correction_needs_a_reason_and_keeps_the_verdict_beneath(api, lesson):
    path = f"{lesson['path']}/attendance/{lesson['missing'].pk}"

    refused = api(lesson["teacher"]).patch(path, {"status": "present"})
    corrected = api(lesson["teacher"]).patch(path, {"status": "present", "reason": "Sat beside a friend."})
    lifted = api(lesson["teacher"]).patch(path, {"status": None})

    assert (refused.status_code, refused.json()["code"]) == (400, "text_missing")
    body = corrected.json()
    assert (body["status"], body["computed_status"], body["overridden_by"]) == (
        "present",
        "absent",
        lesson["teacher"].name,
    )
    assert lifted.json()["status"] == "absent"


def test_student_objects_once_and_is_answered(api, lesson):
    first = api(lesson["missing"]).post(f"{lesson['path']}/attendance/objection", {"objection": "I was there."})
    again = api(lesson["missing"]).post(f"{lesson['path']}/attendance/objection", {"objection": "Really."})
    answered = api(lesson["teacher"]).post(
        f"{lesson['path']}/attendance/{lesson['missing'].pk}/answer", {"answer": "On whose device?"}
    )

    assert (first.status_code, again.status_code, answered.status_code) == (201, 400, 200)
    assert answered.json()["objection_answer"] == "On whose device?"


def test_report_on_one_meeting(api, lesson):
    body = api(lesson["teacher"]).get("/api/zoom/reports", meetingId=str(lesson["occurrence"].meeting_id)).json()

    assert len(body["meeting"]["participants"]) == 4
    assert (body["stats"]["totalInvited"], body["stats"]["totalJoined"]) == (3, 2)


def test_report_on_a_range_and_why_it_is_empty(api, lesson):
    day = minute(0).date().isoformat()

    full = api(lesson["teacher"]).get("/api/zoom/reports", startDate=day, endDate=day).json()
    empty = api(make_teacher()).get("/api/zoom/reports", startDate=day, endDate=day).json()

    assert [(m["participantCount"], m["attendeeCount"]) for m in full["meetings"]] == [(4, 2)]
    assert (full["stats"]["totalMeetings"], full["stats"]["avgAttendanceRate"]) == (1, 66.7)
    assert (empty["meetings"], bool(empty["message"])) == ([], True)


@pytest.mark.parametrize(("kind", "start"), [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")])
def test_report_is_a_file_on_request(api, lesson, kind, start):
    answer = api(lesson["admin"]).get("/api/zoom/reports", format=kind)

    assert answer.status_code == 200
    assert answer.content.startswith(start)
    assert f"report.{kind}" in answer.headers["Content-Disposition"]


def test_meeting_that_was_held_early_is_the_one_asked_about(api, lesson, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: minute(-5))
    lesson["occurrence"].actual_starts_at = minute(-20)
    lesson["occurrence"].save(update_fields=["actual_starts_at"])

    body = api(lesson["teacher"]).get(f"{lesson['path']}/participants").json()

    assert body["meeting"]["start_time"] == minute(0).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_reports_are_not_for_students(api, lesson):
    assert api(lesson["punctual"]).get("/api/zoom/reports").status_code == 403


def test_bad_date_names_its_field(api, lesson):
    answer = api(lesson["teacher"]).get("/api/zoom/reports", startDate="soon")

    assert answer.status_code == 400
    assert "startDate" in answer.json()["error"]


def test_report_of_verdicts_has_a_row_for_each_student_and_session(api, lesson):
    body = api(lesson["teacher"]).get("/api/zoom/reports", rows="records").json()

    told = {row["record"]["student"]["id"]: row["record"] for row in body["records"]}
    assert set(told) == {str(lesson[name].pk) for name in ("punctual", "late", "missing")}
    assert [row["occurrence_id"] for row in body["records"]] == 3 * [str(lesson["occurrence"].pk)]
    assert told[str(lesson["missing"].pk)]["status"] == "absent"
    assert told[str(lesson["missing"].pk)]["reasons"]


@pytest.mark.parametrize("rows", ["students", "classes", "teachers"])
def test_report_adds_up_by_student_class_and_teacher(api, lesson, rows):
    body = api(lesson["admin"]).get("/api/zoom/reports", rows=rows).json()

    figures = {row["name"]: row for row in body["figures"]}
    if rows == "students":
        assert [row["attended"] for row in body["figures"]] == [0, 1, 1]
        assert [row["rate"] for row in body["figures"]] == [0, 1, 1]
    elif rows == "classes":
        (row,) = body["figures"]
        assert (row["attended"], row["known"], row["email"]) == (2, 3, None)
    else:
        assert figures[lesson["teacher"].name]["held"] == 1


def test_teachers_are_added_up_for_admins_only(api, lesson):
    assert api(lesson["teacher"]).get("/api/zoom/reports", rows="teachers").status_code == 403


def test_report_of_verdicts_tells_teachers_of_what_they_teach(api, lesson):
    assert api(make_teacher()).get("/api/zoom/reports", rows="records").json() == {"rows": "records", "records": []}


def test_file_is_in_the_readers_language_throughout(api, lesson):
    lesson["admin"].locale = "ar"
    lesson["admin"].save(update_fields=["locale"])

    table = api(lesson["admin"]).get("/api/zoom/reports", format="csv").content.decode("utf-8-sig")

    assert "ended" not in table
    assert "انته" in table


def test_too_many_rows_ask_for_fewer(api, lesson, monkeypatch):
    monkeypatch.setattr("classbell.meetings.api.reports.MOST_ROWS", 2)

    answers = [
        api(lesson["admin"]).get("/api/zoom/reports", rows=rows, format="csv") for rows in ("records", "students")
    ]

    assert [answer.json()["code"] for answer in answers] == 2 * ["too_many_rows"]


@pytest.mark.parametrize("rows", ["sessions", "records", "students", "classes", "teachers"])
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_report_of_more_days_than_one_may_have_names_the_fields(api, lesson, rows, kind):
    asked = {"rows": rows, "format": kind, "startDate": "2020-01-01", "endDate": "2021-01-01"}

    answer = api(lesson["admin"]).get("/api/zoom/reports", **asked)

    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_days")
    assert [detail["field"] for detail in answer.json()["details"]] == ["startDate", "endDate"]
    assert "366 days" in answer.json()["error"]
    assert api(lesson["admin"]).get("/api/zoom/reports", **asked | {"endDate": "2020-12-31"}).status_code == 200


def test_report_without_a_first_day_goes_back_as_far_as_one_may(api, lesson):
    day = lesson["occurrence"].starts_at.date()

    def seen(**asked: str) -> int:
        return len(api(lesson["admin"]).get("/api/zoom/reports", rows="records", **asked).json()["records"])

    assert seen(endDate=(day + timedelta(days=365)).isoformat()) == 3
    assert seen(endDate=(day + timedelta(days=366)).isoformat()) == 0


def test_one_meeting_has_a_bounded_number_of_rows_and_may_be_narrowed_by_days(api, lesson, monkeypatch):
    occurrence = lesson["occurrence"]
    asked = {"meetingId": str(occurrence.meeting_id)}
    monkeypatch.setattr("classbell.meetings.api.reports.MOST_ROWS", 1)

    answer = api(lesson["admin"]).get("/api/zoom/reports", **asked)
    before = (occurrence.starts_at - timedelta(days=1)).date().isoformat()
    narrowed = api(lesson["admin"]).get("/api/zoom/reports", **asked, endDate=before)

    assert answer.json()["code"] == "too_many_rows"
    assert narrowed.json()["meeting"]["participants"] == []
