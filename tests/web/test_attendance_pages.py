"""Who is here and who was there, as pages."""

import re
from typing import Any

import pytest
from django.test import Client

from classbell.accounts.models import User
from classbell.groups.services import enrol_students
from classbell.meetings.attendance.excused import excuse
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.joining.clicks import note_click
from classbell.meetings.models import Attendance, Occurrence, OccurrenceStatus, Participation, ReportFetch
from classbell.meetings.presence.identity import relink
from classbell.notices.models import Notice, Nudge
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import excused_time, make_occurrence, make_stay, minute

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: minute(24 * 60))


@pytest.fixture
def lesson() -> dict[str, Any]:
    teacher = make_teacher()
    punctual, missing = make_student(first_name="Layla"), make_student(first_name="Tomás")
    occurrence = make_occurrence(make_class(teacher=teacher, students=[punctual, missing]))
    make_stay(occurrence, teacher, 0, 60)
    make_stay(occurrence, punctual, 0, 60)
    make_stay(occurrence, None, 5, 8, name="iPhone")
    record_attendance(occurrence_id=occurrence.pk, now=minute(90))
    return {
        "occurrence": occurrence,
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
    ("who", "pressed", "said"),
    [
        pytest.param(
            "missing", [-2, 10], "Pressed Join at 08:58, not seen at Zoom.", id="first-press-of-who-never-came"
        ),
        pytest.param("punctual", [-2], "Pressed Join at 08:58.", id="who-was-seen"),
        pytest.param("missing", [-200, 70], "", id="at-other-times"),
    ],
)
def test_sheet_says_when_somebody_pressed_join(
    lesson: dict[str, Any], who: str, pressed: list[float], said: str
) -> None:
    occurrence = lesson["occurrence"]
    for number in pressed:
        note_click(occurrence.meeting, lesson[who], now=minute(number))

    html = browser(lesson["teacher"]).get(f"/meetings/{occurrence.meeting_id}/attendance/").content.decode()
    own = browser(lesson[who]).get("/attendance/").content.decode()

    assert re.findall("Pressed Join[^<]*", html) == ([said] if said else [])
    assert "Pressed Join" not in own


def test_board_names_who_is_missing_and_unknown(lesson: dict[str, Any]) -> None:
    html = browser(lesson["teacher"]).get(f"/meetings/{lesson['occurrence'].meeting_id}/board/").content.decode()

    assert lesson["missing"].name in html
    assert "iPhone" in html
    assert "Here: 0 of 2." in html


def test_board_answers_nothing_while_nothing_changes(lesson: dict[str, Any]) -> None:
    client = browser(lesson["teacher"])
    Occurrence.objects.update(status=OccurrenceStatus.LIVE)
    path = f"/meetings/{lesson['occurrence'].meeting_id}/board/"
    seen = re.findall(r"seen=([\w-]+)", client.get(path).content.decode())[0]
    headers = {"HX-Request": "true", "HX-Target": "board"}

    same = client.get(path, {"seen": seen}, headers=headers)
    make_stay(lesson["occurrence"], lesson["missing"], 20, None)
    changed = client.get(path, {"seen": seen}, headers=headers)

    assert (same.status_code, same.content, changed.status_code) == (204, b"", 200)
    assert "<html" not in changed.content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [("teacher", 302), ("admin", 302), ("punctual", 403), ("other", 404), (None, 302)]
)
def test_who_nudges(lesson: dict[str, Any], role: str | None, status: int) -> None:
    Occurrence.objects.update(status=OccurrenceStatus.LIVE)

    answer = browser(lesson[role] if role else None).post(f"/meetings/{lesson['occurrence'].meeting_id}/board/nudge")

    assert answer.status_code == status
    assert Notice.objects.filter(user=lesson["missing"]).count() == (role in ("teacher", "admin"))


def test_nudge_is_offered_again_after_a_while(lesson: dict[str, Any]) -> None:
    Occurrence.objects.update(status=OccurrenceStatus.LIVE)
    client, path = browser(lesson["teacher"]), f"/meetings/{lesson['occurrence'].meeting_id}/board/"
    client.post(f"{path}nudge", {"person": str(lesson["missing"].pk)})

    told = client.get(path).content.decode()
    Nudge.objects.update(nudged_at=minute(60))
    later = client.get(path).content.decode()

    assert (f"nudge-{lesson['missing'].pk}" in told, f"nudge-{lesson['missing'].pk}" in later) == (False, True)
    assert "told 09:00" in told


def test_board_says_who_is_excused_and_does_not_offer_to_nudge_them(lesson: dict[str, Any]) -> None:
    Occurrence.objects.update(status=OccurrenceStatus.LIVE)
    client, path = browser(lesson["teacher"]), f"/meetings/{lesson['occurrence'].meeting_id}/board/"
    before = client.get(path).content.decode()
    excuse(excused_time(lesson["missing"]), now=minute(0))
    after = client.get(path).content.decode()

    assert (f"nudge-{lesson['missing'].pk}" in before, f"nudge-{lesson['missing'].pk}" in after) == (True, False)
    assert ("Excused" in before, "Excused" in after) == (False, True)


def test_nudge_to_a_meeting_that_is_over_says_so(lesson: dict[str, Any]) -> None:
    answer = browser(lesson["teacher"]).post(f"/meetings/{lesson['occurrence'].meeting_id}/board/nudge", follow=True)

    assert "This meeting does not run just now" in answer.content.decode()
    assert not Notice.objects.exists()


def test_unknown_participant_is_said_to_be_nobody_and_verdicts_follow(lesson: dict[str, Any]) -> None:
    Participation.objects.filter(name="iPhone").update(left_at=minute(60))
    record_attendance(occurrence_id=lesson["occurrence"].pk, now=minute(90))
    client, stay = browser(lesson["teacher"]), Participation.objects.get(name="iPhone")
    page, board = (f"/meetings/{lesson['occurrence'].meeting_id}/{name}/" for name in ("attendance", "board"))

    def shown() -> tuple[str, bool, bool]:
        record_attendance(occurrence_id=lesson["occurrence"].pk, now=minute(90))
        record = Attendance.objects.get(user=lesson["missing"])
        unknown = 'data-part="unknown"' in client.get(board).content.decode()
        return record.status, unknown, "belongs to nobody we know" in client.get(page).content.decode()

    before = shown()
    answer = client.post(f"{board}{stay.pk}", {"person": "nobody"}, follow=True)
    said = shown()
    client.post(f"{board}{stay.pk}/undo")

    assert "iPhone is nobody of ours in this session." in answer.content.decode()
    assert (before, said, shown()) == (("unknown", True, True), ("absent", False, False), ("unknown", True, True))


def test_other_spelling_of_an_address_at_gmail_is_suggested_first_and_not_matched(lesson: dict[str, Any]) -> None:
    likelier = [make_student(first_name=name) for name in ("Iphone", "Phone", "Iphones", "Iphon")]
    enrol_students(group_id=lesson["occurrence"].meeting.group_id, students=likelier)
    User.objects.filter(pk=lesson["missing"].pk).update(email="tom.as@gmail.com")
    stay = Participation.objects.get(name="iPhone")
    Participation.objects.filter(pk=stay.pk).update(email="To.Mas+school@GoogleMail.com")

    relink(now=minute(90))
    html = browser(lesson["teacher"]).get(f"/meetings/{lesson['occurrence'].meeting_id}/board/").content.decode()

    assert re.findall(rf"is-{stay.pk}-([\w-]+)", html)[0] == str(lesson["missing"].pk)
    stay.refresh_from_db()
    assert stay.user is None


def test_unknown_participant_is_matched_and_counts(lesson: dict[str, Any]) -> None:
    stay = Participation.objects.get(name="iPhone")
    path = f"/meetings/{lesson['occurrence'].meeting_id}/board/{stay.pk}"

    answer = browser(lesson["teacher"]).post(path, {"person": str(lesson["missing"].pk), "from": "board"})

    assert answer.status_code == 302
    stay.refresh_from_db()
    assert stay.user == lesson["missing"]


def test_match_is_taken_back(lesson: dict[str, Any]) -> None:
    stay = Participation.objects.get(name="iPhone")
    client, path = browser(lesson["teacher"]), f"/meetings/{lesson['occurrence'].meeting_id}/board/"
    matched = client.post(f"{path}{stay.pk}", {"person": str(lesson["missing"].pk)}, follow=True).content.decode()

    taken_back = client.post(f"{path}{stay.pk}/undo", follow=True).content.decode()

    stay.refresh_from_db()
    assert stay.user is None
    assert (f"undo-{stay.pk}" in matched, f"undo-{stay.pk}" in taken_back) == (True, False)
    assert browser(lesson["other"]).post(f"{path}{stay.pk}/undo").status_code == 404


def test_attendance_page_shows_each_verdict_with_its_reason(lesson: dict[str, Any]) -> None:
    html = browser(lesson["teacher"]).get(f"/meetings/{lesson['occurrence'].meeting_id}/attendance/").content.decode()

    assert "Was not seen in the meeting." in html
    assert html.count("strip-line") == 2


def test_who_came_is_not_told_as_of_a_session_for_nobody_while_verdicts_are_to_come() -> None:
    teacher, student = make_teacher(), make_student()
    occurrence = make_occurrence(make_class(teacher=teacher, students=[student]))
    make_stay(occurrence, student, 0, None)

    html = browser(teacher).get(f"/meetings/{occurrence.meeting_id}/attendance/").content.decode()

    assert "There is no attendance yet." in html
    assert "Nobody was expected by name" not in html


def test_verdict_is_corrected_with_a_reason_and_refused_without(lesson: dict[str, Any]) -> None:
    client = browser(lesson["teacher"])
    path = f"/meetings/{lesson['occurrence'].meeting_id}/attendance/{lesson['missing'].pk}"

    client.post(path, {"status": "present"})
    assert Attendance.objects.get(user=lesson["missing"]).status == "absent"
    client.post(path, {"status": "present", "reason": "Sat beside a friend."})

    assert Attendance.objects.get(user=lesson["missing"]).status == "present"


def test_correction_answers_with_the_line_and_the_counts(lesson: dict[str, Any]) -> None:
    person = lesson["missing"].pk
    headers = {"HX-Request": "true", "HX-Target": f"person-{person}"}

    answer = browser(lesson["teacher"]).post(
        f"/meetings/{lesson['occurrence'].meeting_id}/attendance/{person}",
        {"status": "late", "reason": "Came in at ten."},
        headers=headers,
    )

    html = answer.content.decode()
    assert html.strip().startswith(f'<li class="line" id="person-{person}"')
    assert 'id="summary" hx-swap-oob="true"' in html
    assert "Calculated: Absent." in html


def test_correction_is_undone(lesson: dict[str, Any]) -> None:
    client, path = browser(lesson["teacher"]), f"/meetings/{lesson['occurrence'].meeting_id}/attendance/"
    client.post(f"{path}{lesson['missing'].pk}", {"status": "present", "reason": "Sat beside a friend."})

    client.post(f"{path}{lesson['missing'].pk}", {"status": "calculated"})

    assert Attendance.objects.get(user=lesson["missing"]).status == "absent"


def test_strip_follows_the_report_where_a_leaving_was_only_assumed(lesson: dict[str, Any]) -> None:
    make_stay(lesson["occurrence"], lesson["missing"], 0, 60)
    make_stay(lesson["occurrence"], lesson["missing"], 0, 20, source="report")
    record_attendance(occurrence_id=lesson["occurrence"].pk, now=minute(120))

    html = browser(lesson["teacher"]).get(f"/meetings/{lesson['occurrence'].meeting_id}/attendance/").content.decode()

    assert "There 09:00–09:20." in html
    assert "Zoom&#x27;s live events say 60 min, its report 20 min." in html


def test_student_finds_their_own_and_objects(lesson: dict[str, Any]) -> None:
    client = browser(lesson["missing"])
    assert "Was not seen in the meeting." in client.get("/attendance/").content.decode()

    client.post(f"/attendance/{lesson['occurrence'].pk}/object", {"objection": "I was there."})

    assert "I was there." in client.get("/attendance/").content.decode()
    page = browser(lesson["teacher"]).get(f"/meetings/{lesson['occurrence'].meeting_id}/attendance/").content.decode()
    assert "I was there." in page


def test_only_who_held_the_session_is_offered_what_they_saw_as_a_reason(lesson: dict[str, Any]) -> None:
    path = f"/meetings/{lesson['occurrence'].meeting_id}/attendance/"

    pages = {name: browser(lesson[name]).get(path).content.decode() for name in ("teacher", "admin")}

    assert 'data-meaning="I saw them there."' in pages["teacher"]
    assert "I saw them" not in pages["admin"]


@pytest.mark.parametrize(
    ("error", "due_at", "teacher_reads", "admin_reads"),
    [
        pytest.param("", None, "Zoom has no report of this session.", "only one person, came.", id="nobody came"),
        pytest.param("status 400", minute(99), "It is asked for again.", "fetched. status 400", id="refused"),
    ],
)
def test_sheet_says_why_there_is_no_report_of_zooms(
    lesson: dict[str, Any], error: str, due_at: Any, teacher_reads: str, admin_reads: str
) -> None:
    occurrence = lesson["occurrence"]
    ReportFetch.objects.create(occurrence=occurrence, asked_at=minute(90), due_at=due_at, error=error)

    pages = [
        browser(lesson[who]).get(f"/meetings/{occurrence.meeting_id}/attendance/").content.decode()
        for who in ("teacher", "admin")
    ]

    assert teacher_reads in pages[0]
    assert "status 400" not in pages[0]
    assert admin_reads in pages[1]
