"""Who is here, who was there, and reports, as pages."""

from typing import Any

import pytest
from django.test import Client

from classbell.accounts.models import User
from classbell.meetings.attendance_records import record_attendance
from classbell.meetings.models import Attendance, Participation
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_sitting, make_stay, minute

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: minute(24 * 60))


@pytest.fixture
def lesson() -> dict[str, Any]:
    teacher = make_teacher()
    punctual, missing = make_student(first_name="Layla"), make_student(first_name="Tomás")
    sitting = make_sitting(make_class(teacher=teacher, students=[punctual, missing]))
    make_stay(sitting, teacher, 0, 60)
    make_stay(sitting, punctual, 0, 60)
    make_stay(sitting, None, 5, 10, name="iPhone")
    record_attendance(occurrence_id=sitting.pk, now=minute(90))
    return {
        "sitting": sitting,
        "teacher": teacher,
        "punctual": punctual,
        "missing": missing,
        "other": make_teacher(),
        "admin": make_admin(),
    }


def browser(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("role", "status"), [("teacher", 200), ("admin", 200), ("punctual", 403), ("other", 404), (None, 302)]
)
@pytest.mark.parametrize("page", ["board", "attendance"])
def test_who_sees_the_board_and_the_attendance(
    lesson: dict[str, Any], page: str, role: str | None, status: int
) -> None:
    path = f"/meetings/{lesson['sitting'].meeting_id}/{page}/"

    assert browser(lesson[role] if role else None).get(path).status_code == status


def test_board_names_who_is_missing_and_unknown(lesson: dict[str, Any]) -> None:
    html = browser(lesson["teacher"]).get(f"/meetings/{lesson['sitting'].meeting_id}/board/").content.decode()

    assert lesson["missing"].name in html
    assert "iPhone" in html
    assert "0 of 2 here" in html


def test_unknown_participant_is_matched_and_counts(lesson: dict[str, Any]) -> None:
    stay = Participation.objects.get(name="iPhone")
    path = f"/meetings/{lesson['sitting'].meeting_id}/board/{stay.pk}"

    answer = browser(lesson["teacher"]).post(path, {"person": str(lesson["missing"].pk), "from": "board"})

    assert answer.status_code == 302
    stay.refresh_from_db()
    assert stay.user == lesson["missing"]


def test_attendance_page_shows_each_verdict_with_its_reason(lesson: dict[str, Any]) -> None:
    html = browser(lesson["teacher"]).get(f"/meetings/{lesson['sitting'].meeting_id}/attendance/").content.decode()

    assert "Was not seen in the meeting." in html
    assert html.count("strip-line") == 2


def test_verdict_is_corrected_with_a_reason_and_refused_without(lesson: dict[str, Any]) -> None:
    client = browser(lesson["teacher"])
    path = f"/meetings/{lesson['sitting'].meeting_id}/attendance/{lesson['missing'].pk}"

    client.post(path, {"status": "present"})
    assert Attendance.objects.get(user=lesson["missing"]).status == "absent"
    client.post(path, {"status": "present", "reason": "Sat beside a friend."})

    assert Attendance.objects.get(user=lesson["missing"]).status == "present"


def test_student_finds_their_own_and_objects(lesson: dict[str, Any]) -> None:
    client = browser(lesson["missing"])
    assert "Was not seen in the meeting." in client.get("/attendance/").content.decode()

    client.post(f"/attendance/{lesson['sitting'].pk}/object", {"objection": "I was there."})

    assert "I was there." in client.get("/attendance/").content.decode()
    page = browser(lesson["teacher"]).get(f"/meetings/{lesson['sitting'].meeting_id}/attendance/").content.decode()
    assert "I was there." in page


def test_reports_are_for_teachers_and_admins(lesson: dict[str, Any]) -> None:
    day = minute(0).date().isoformat()

    answers = {
        role: browser(lesson[role]).get("/reports/", {"from": day, "to": day})
        for role in ("teacher", "admin", "other", "punctual")
    }

    assert {role: answer.status_code for role, answer in answers.items()} == {
        "teacher": 200,
        "admin": 200,
        "other": 200,
        "punctual": 403,
    }
    assert "1 sitting, 50 % attended." in answers["teacher"].content.decode()
    assert "No sitting took place on these days." in answers["other"].content.decode()
