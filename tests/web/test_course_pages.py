"""Courses on pages: planned in view, saved at once, followed while Zoom makes the meetings, changed session by session."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.courses.batches import create_sessions
from classbell.courses.models import Course, Session
from classbell.courses.pattern import NewSession
from classbell.courses.services import create_course
from classbell.groups.services import enrol_student
from classbell.meetings.models import Meeting, ZoomHost
from tests.factories import make_admin, make_student, make_teacher
from tests.web.conftest import SignIn, failed, make_meeting, on_zoom, set_known
from tests.web.html import attributes, links, undo_of, words

LIST_QUERIES = 5
# One of them asks whose people are about to be shown.
PAGE_QUERIES = 16
HTMX = {"HX-Request": "true", "HX-Target": "plan"}


def next_monday() -> date:
    """Return a Monday two to three weeks from now."""
    day = datetime.now(UTC).date() + timedelta(days=14)
    return day + timedelta(days=-day.weekday() % 7)


def make_course(*, teacher: User | None = None, sessions: int = 0, student: User | None = None) -> Course:
    """Make a course in Riyadh with sessions on consecutive days at noon UTC."""
    course = create_course(teacher=teacher or make_teacher(), title="Sarf", timezone="Asia/Riyadh")
    noon = datetime.combine(next_monday(), time(12), tzinfo=UTC)
    wanted = [
        NewSession(
            title="Sarf",
            starts_at=noon + timedelta(days=number),
            duration_minutes=60,
            timezone="Asia/Riyadh",
            numbered=True,
        )
        for number in range(sessions)
    ]
    if wanted:
        create_sessions(course_id=course.pk, wanted=wanted, now=datetime.now(UTC))
    if student is not None:
        enrol_student(group_id=course.group_id, student=student)
    return course


def typed(**changes: Any) -> dict[str, Any]:
    """Return sessions on Mondays and Wednesdays for two weeks as a form sends them."""
    first = next_monday()
    return {
        "title": "Sarf",
        "weekdays": ["0", "2"],
        "start_time": "18:00",
        "duration": "90",
        "first_date": first.isoformat(),
        "last_date": (first + timedelta(days=11)).isoformat(),
        "except_dates": "",
    } | changes


def path_of(course: Course, *rest: str) -> str:
    """Return the address of a course, or of something about it."""
    return f"/courses/{course.pk}/{'/'.join(rest)}"


def session_path(course: Course, number: int = 1) -> str:
    """Return the address at which one of its sessions is changed."""
    return path_of(course, "sessions", str(course.sessions.get(number=number).pk), "")


@pytest.mark.parametrize("make", [make_student, make_teacher, make_admin], ids=["student", "teacher", "admin"])
def test_empty_list_teaches(db: None, sign_in: SignIn, make: Any) -> None:
    assert "No courses yet" in words(sign_in(make()).get("/courses/"))


def test_list_says_how_much_there_is(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher, student=make_student(), sessions=3)

    response = sign_in(teacher).get("/courses/")

    assert path_of(course) in links(response)
    assert "1 student · 3 sessions" in words(response)


def test_new_course_leads_on_to_its_planner(db: None, sign_in: SignIn) -> None:
    sent = {"title": "Sarf", "start_date": "2027-01-04", "end_date": "2027-02-26", "timezone": "Asia/Riyadh"}

    response = sign_in(make_teacher()).post("/courses/new", sent, follow=True)

    typed_already = {given.get("name"): given.get("value") for given in attributes(response, "input")}
    course = Course.objects.get()
    assert response.request["PATH_INFO"] == path_of(course, "plan")
    assert (typed_already["first_date"], typed_already["last_date"]) == ("2027-01-04", "2027-02-26")


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"end_date": "2026-01-01"}, {"timezone": "Mars/X"}, {"start_date": "0001-01-01"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_course_is_refused_and_kept(db: None, sign_in: SignIn, wrong: dict[str, str]) -> None:
    sent = {"title": "Sarf", "start_date": "2027-01-04", "end_date": "2027-02-26", "timezone": "UTC"} | wrong

    response = sign_in(make_teacher()).post("/courses/new", sent)

    assert response.status_code == 400
    assert not Course.objects.exists()


def test_course_is_changed_and_given_to_another_teacher_by_an_admin(db: None, sign_in: SignIn) -> None:
    course, successor = make_course(sessions=2), make_teacher()
    sent = {"title": "Sarf II", "timezone": "Asia/Riyadh", "teacher": str(successor.pk)}

    sign_in(make_admin()).post(path_of(course, "edit"), sent)

    course.refresh_from_db()
    assert (course.teacher, course.group.name) == (successor, "Sarf II")
    assert {session.teacher for session in Session.objects.with_meetings()} == {successor}


def test_plan_is_shown_as_one_types_and_saves_nothing(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher)

    response = sign_in(teacher).post(path_of(course, "plan"), typed(), headers=HTMX)

    assert "4 sessions." in words(response)
    assert not Session.objects.exists()
    assert not Meeting.objects.exists()


def test_plan_says_what_the_day_still_takes(db: None, host: ZoomHost, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher)
    end = (next_monday() + timedelta(weeks=52)).isoformat()

    page = words(sign_in(teacher).post(path_of(course, "plan"), typed(last_date=end), headers=HTMX))

    assert "105 sessions. Zoom’s daily limit: the last 15 sessions get their links after midnight UTC." in page


def test_plan_names_clashes_and_days_left_out(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher)
    busy = datetime.combine(next_monday(), time(15, 30), tzinfo=UTC)
    make_meeting(teacher=teacher, title="Geometry", starts_at=busy, rule="")
    holiday = (next_monday() + timedelta(days=2)).isoformat()
    browser = sign_in(teacher)

    shown = words(browser.post(path_of(course, "plan"), typed(except_dates=holiday), headers=HTMX))
    refused = browser.post(path_of(course, "plan"), typed(except_dates=holiday))

    assert "3 sessions; 1 clash." in shown
    assert "Taken by \u2068Geometry\u2069, \u206818:30–\u206019:30\u2069" in shown
    assert "Left out" in shown
    assert refused.status_code == 400
    assert not Session.objects.exists()


def test_clash_is_left_out_with_one_button(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher)
    busy = datetime.combine(next_monday(), time(15), tzinfo=UTC)
    make_meeting(teacher=teacher, title="Geometry", starts_at=busy, rule="")
    browser = sign_in(teacher)
    offered = attributes(browser.post(path_of(course, "plan"), typed(), headers=HTMX), "button")
    day = next(given["value"] for given in offered if given.get("name") == "leave_out")

    shown = words(browser.post(path_of(course, "plan"), typed(leave_out=day)))
    browser.post(path_of(course, "plan"), typed(except_dates=day))

    assert "3 sessions." in shown
    assert course.sessions.count() == 3


def test_sessions_are_planned_on_the_clock_of_the_course_and_followed(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher)

    response = sign_in(teacher).post(path_of(course, "plan"), typed(), follow=True)

    page = words(response)
    first = Session.objects.with_meetings().get(number=1)
    assert first.occurrence.starts_at == datetime.combine(next_monday(), time(15), tzinfo=UTC)
    assert "4 sessions planned. Zoom follows." in page
    assert "Sarf 1" in page


@pytest.mark.parametrize(
    "wrong",
    [{"weekdays": []}, {"last_date": "2020-01-01"}, {"start_time": ""}, {"except_dates": "soon"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_plan_is_refused(db: None, sign_in: SignIn, wrong: dict[str, Any]) -> None:
    teacher = make_teacher()

    response = sign_in(teacher).post(path_of(make_course(teacher=teacher), "plan"), typed(**wrong))

    assert response.status_code == 400
    assert not Session.objects.exists()


def test_progress_counts_and_stops_looking_when_done(db: None, zoom: Any, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher, sessions=3)
    browser, headers = sign_in(teacher), {"HX-Request": "true", "HX-Target": "sessions"}
    first, second, third = (session.meeting for session in Session.objects.with_meetings())
    on_zoom(first)
    failed(second)

    working = browser.get(path_of(course), headers=headers)
    on_zoom(second)
    on_zoom(third)
    done = browser.get(path_of(course), headers=headers)

    assert "1 of 3 are on Zoom. 1 is on its way; you need not wait here." in words(working)
    assert "1 needs attention; its line says why." in words(working)
    assert "hx-trigger" in working.content.decode()
    assert "All 3 sessions are on Zoom." in words(done)
    assert "hx-trigger" not in done.content.decode()


def test_sessions_wait_for_zoom_to_be_connected(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher, sessions=2)

    response = sign_in(teacher).get(path_of(course))

    assert "2 wait for Zoom to be connected." in words(response)


def test_members_read_the_sessions_without_how_zoom_gets_on(db: None, sign_in: SignIn) -> None:
    member = make_student()
    course = make_course(sessions=2, student=member)
    for session in Session.objects.with_meetings():
        set_known(session.meeting, sync_error_code="zoom_unavailable")

    page = words(sign_in(member).get(path_of(course)))

    assert "Sarf 2" in page
    assert "wait for Zoom to be connected" not in page
    assert "Change" not in page.replace("Change password", "")


def test_session_is_moved_and_held_by_somebody_else(db: None, sign_in: SignIn) -> None:
    teacher, substitute = make_teacher(), make_teacher(first_name="Salma", last_name="Idrissi")
    course = make_course(teacher=teacher, sessions=2)
    day = next_monday() + timedelta(days=20)
    sent = {
        "title": "Sarf 1",
        "day": day.isoformat(),
        "start": "10:00",
        "minutes": "45",
        "teacher": str(substitute.pk),
    }

    response = sign_in(teacher).post(session_path(course), sent, follow=True)

    moved = Session.objects.with_meetings().get(number=1)
    assert moved.occurrence.starts_at == datetime.combine(day, time(7), tzinfo=UTC)
    assert moved.teacher == substitute
    assert "Salma Idrissi holds it" in words(response)


def test_course_and_each_of_its_sessions_go_into_a_students_own_calendar(db: None, sign_in: SignIn) -> None:
    student = make_student()
    course = make_course(sessions=3, student=student)
    browser = sign_in(student)

    offered = [link for link in links(browser.get(path_of(course))) if link.endswith("classbell.ics")]

    assert offered[0] == f"/groups/{course.group_id}/classbell.ics"
    assert [browser.get(link).content.count(b"BEGIN:VEVENT") for link in offered] == [3, 1, 1, 1]


def test_session_of_another_course_is_not_there(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    own, foreign = make_course(teacher=teacher, sessions=1), make_course(sessions=1)
    path = path_of(own, "sessions", str(foreign.sessions.get().pk), "")

    assert sign_in(teacher).get(path).status_code == 404
    assert sign_in(teacher).post(path + "cancel").status_code == 404


def test_session_is_cancelled_with_its_reason(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher, sessions=2)

    response = sign_in(teacher).post(session_path(course) + "cancel", {"reason": "Eid"}, follow=True)

    assert [session.meeting.wanted for session in Session.objects.with_meetings()] == [False, True]
    assert "Eid" in words(response)


def test_teacher_adds_and_takes_out_people(db: None, sign_in: SignIn) -> None:
    teacher, student = make_teacher(), make_student()
    course = make_course(teacher=teacher)
    browser = sign_in(teacher)

    browser.post(path_of(course, "people"), {"text": student.email, "add": "1"})
    inside = list(course.group.members.all())
    browser.post(path_of(course, "people", str(student.pk), "remove"))

    assert (inside, list(course.group.members.all())) == ([student], [])


def test_taking_somebody_out_of_a_course_offers_to_undo_it(db: None, sign_in: SignIn) -> None:
    teacher, student = make_teacher(), make_student()
    course = make_course(teacher=teacher)
    browser = sign_in(teacher)
    browser.post(path_of(course, "people"), {"text": student.email, "add": "1"})
    joined_at = course.group.memberships.get().created_at

    taken_out = browser.post(path_of(course, "people", str(student.pk), "remove"), follow=True)
    undone = browser.post(undo_of(taken_out), follow=True)

    assert f"{student.name} is in it again, as before." in words(undone)
    assert course.group.memberships.get().created_at == joined_at


def test_ended_course_is_opened_again_and_what_was_cancelled_stays_so(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher, sessions=2)
    browser = sign_in(teacher)
    browser.post(path_of(course, "end"))

    offered = words(browser.get(path_of(course)))
    opened = browser.post(path_of(course, "reopen"), follow=True)

    assert "Open it again" in offered
    assert "is taught again. Cancelled meetings stay cancelled; plan new ones." in words(opened)
    assert "Open it again" not in words(opened)
    assert [session.meeting.wanted for session in Session.objects.with_meetings()] == [False, False]
    assert path_of(course) in links(browser.get("/courses/"))


def test_ended_course_is_kept_with_its_records(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher, sessions=2)
    browser = sign_in(teacher)

    asked = words(browser.get(path_of(course, "end")))
    browser.post(path_of(course, "end"))

    assert "2 coming sessions are cancelled, at Zoom too." in asked
    assert not Meeting.objects.filter(wanted=True).exists()
    assert path_of(course) in links(browser.get("/courses/?show=ended"))


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_any_number(
    db: None, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    teacher = make_teacher()
    for _number in range(count):
        make_course(teacher=teacher, student=make_student())
    browser = sign_in(teacher)

    with django_assert_num_queries(LIST_QUERIES):
        browser.get("/courses/")


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_the_same_queries_for_any_number(
    db: None, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    teacher = make_teacher()
    course = make_course(teacher=teacher, sessions=count)
    for _number in range(count):
        enrol_student(group_id=course.group_id, student=make_student())
    browser = sign_in(teacher)

    with django_assert_num_queries(PAGE_QUERIES):
        browser.get(path_of(course))
