"""Course sessions, and classes of a term's files, that are held by another link or in a room."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from classbell.courses.models import Section, Session
from classbell.courses.timetable.files import parse_timetable
from classbell.courses.timetable.services import import_term
from classbell.courses.timetable.term import Term
from classbell.meetings.changes import change_meeting
from classbell.meetings.models import Meeting
from tests.courses.teaching import make_course, make_sessions
from tests.factories import make_teacher
from tests.factories_meetings import next_monday_at

pytestmark = pytest.mark.usefixtures("zoom_hosts")

LINK, ROOM = "https://meet.example.org/algebra", "Room 12"
HEADER = "section,course,teacher,weekday,start,end,capacity"
ROW = "A,Algebra,t1@ist.example,Monday,09:00,10:30,30"


def now() -> datetime:
    return datetime.now(UTC)


def bring_in(header: str, *rows: str) -> Any:
    term = Term(starts_on=next_monday_at(9).date(), weeks=4, timezone="Europe/Lisbon")
    timetable = parse_timetable("\n".join([header, *rows]), "student,section\ns1@ist.example,A")
    return import_term(timetable, term, now=now())


def meeting_of(section: str = "A") -> Meeting:
    return Section.objects.get(code=section).meeting


def test_list_and_pattern_make_sessions_elsewhere(api) -> None:
    teacher = make_teacher()
    course = make_course(api, teacher)
    path = f"/api/courses/{course['id']}/sessions/batch"
    start = next_monday_at(9)
    listed = {"sessions": [{"title": "Visit", "start_time": start.isoformat(), "location": ROOM}]}
    pattern = {
        "pattern": {
            "weekdays": list(range(7)),
            "start_time": "12:00",
            "from": start.date().isoformat(),
            "to": start.date().isoformat(),
            "location": LINK,
            "timezone": "UTC",
        }
    }
    assert api(teacher).post(path, pattern).status_code == 201
    assert api(teacher).post(path, listed).status_code == 201

    places = {session.meeting.location: session.meeting.seat for session in Session.objects.select_related("meeting")}
    assert places == {ROOM: None, LINK: None}


def test_place_that_opens_nowhere_refuses_the_batch(api) -> None:
    teacher = make_teacher()
    course = make_course(api, teacher)
    body = {"sessions": [{"title": "X", "start_time": next_monday_at(9).isoformat(), "location": "file:///etc"}]}

    answer = api(teacher).post(f"/api/courses/{course['id']}/sessions/batch", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_location")
    assert not Session.objects.exists()


def test_session_goes_elsewhere_and_back_by_api_and_page(api, client: Client) -> None:
    teacher = make_teacher()
    session, *_others = make_sessions(api, teacher, make_course(api, teacher), 2)
    path = f"/api/sessions/{session['id']}"

    there = api(teacher).patch(path, {"location": ROOM}).json()["session"]
    back = api(teacher).patch(path, {"location": ""}).json()["session"]
    row = Session.objects.get(pk=session["id"])
    wall = row.occurrence.starts_at.astimezone(row.meeting.zone)
    typed = {"title": row.title, "day": f"{wall:%Y-%m-%d}", "start": f"{wall:%H:%M}", "teacher": str(teacher.pk)}
    client.force_login(teacher)
    page = f"/courses/{row.course_id}/sessions/{row.pk}/"
    answered = client.post(page, typed | {"minutes": str(row.meeting.duration_minutes), "location": LINK})

    assert (there["location"], back["location"]) == (ROOM, None)
    assert answered.status_code == 302
    assert Meeting.objects.get(pk=row.meeting_id).location == LINK


def test_column_of_a_timetable_says_where_each_class_is_held() -> None:
    bring_in(f"{HEADER},location", f"{ROW},{ROOM}", ROW.replace("A,", "B,").replace("Mon", "Tues") + ",")

    assert (meeting_of("A").location, meeting_of("A").seat) == (ROOM, None)
    assert meeting_of("B").location == ""
    assert meeting_of("B").seat is not None
    assert bring_in(f"{HEADER},location", f"{ROW},").changed == ["A"]
    assert meeting_of("A").location == ""


def test_file_without_the_column_leaves_a_class_where_people_hold_it() -> None:
    bring_in(HEADER, ROW)
    change_meeting(meeting_id=meeting_of().pk, changes={"location": LINK}, now=now())

    assert bring_in(HEADER, ROW).unchanged == ["A"]
    assert bring_in(HEADER, ROW.replace("10:30", "11:00")).changed == ["A"]
    assert meeting_of().location == LINK


def test_room_of_a_universitys_timetable_is_no_place_elsewhere() -> None:
    bring_in(f"{HEADER},room", f"{ROW},C 104")

    assert meeting_of().location == ""


def test_place_that_opens_nowhere_is_a_mistake_of_its_line() -> None:
    summary = bring_in(f"{HEADER},location", f"{ROW},javascript:/x")

    first = summary.mistakes[0]
    assert (first.line, "no place" in str(first.reason)) == (2, True)
    assert not Section.objects.exists()
