"""Sessions by API, against the simulator: read, moved, given to a substitute, cancelled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.accounts.models import User
from classbell.courses.models import Session
from classbell.meetings.models import Claim, HostSeat, Meeting, Occurrence, ZoomHost
from classbell.meetings.services import MeetingSpec, sync_now, want_meeting
from tests.courses.teaching import Api, make_course, make_sessions
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_bookings import a_day_ahead
from tests.simulator import Simulator

pytestmark = pytest.mark.usefixtures("zoom_hosts")


@pytest.fixture
def teacher() -> User:
    return make_teacher()


@pytest.fixture
def course(api: Api, teacher: User) -> dict[str, Any]:
    return make_course(api, teacher)


def on_zoom(session: dict[str, Any]) -> dict[str, Any]:
    """Return the session once its meeting is at Zoom."""
    sync_now(Session.objects.get(pk=session["id"]).meeting_id)
    return session


def change(api: Api, user: User, session: dict[str, Any], **body: Any) -> Any:
    return api(user).patch(f"/api/sessions/{session['id']}", body)


def claims_of(user: User) -> list[tuple[datetime, datetime]]:
    return [(claim.during.lower, claim.during.upper) for claim in Claim.objects.filter(resource_id=user.pk)]


def let_begin(session: dict[str, Any]) -> None:
    """Shift a session into the past, as if it ran since half an hour."""
    begun = datetime.now(UTC) - timedelta(minutes=30)
    Occurrence.objects.filter(meeting__session=session["id"]).update(
        starts_at=begun, original_starts_at=begun, ends_at=begun + timedelta(hours=1)
    )
    Meeting.objects.filter(session=session["id"]).update(starts_at=begun)


def test_list_is_paged_by_time_and_counts_progress(api: Api, teacher: User, course: dict[str, Any]) -> None:
    first, second, third = make_sessions(api, teacher, course, 3)
    on_zoom(first)
    Meeting.objects.filter(session=second["id"]).update(sync_status="failed")
    path = f"/api/courses/{course['id']}/sessions"

    page = api(teacher).get(path, limit=2).json()
    rest = api(teacher).get(path, limit=2, cursor=page["next_cursor"]).json()

    assert page["progress"] == rest["progress"] == {"synced": 1, "pending": 1, "failed": 1, "not_configured": 0}
    assert [s["id"] for s in page["sessions"] + rest["sessions"]] == [first["id"], second["id"], third["id"]]
    assert [s["zoom_status"] for s in page["sessions"]] == ["synced", "failed"]
    assert rest["next_cursor"] is None


def test_list_costs_the_same_for_one_and_for_many(api: Api, teacher: User) -> None:
    counts = []
    for number in (1, 3):
        course = make_course(api, teacher)
        make_sessions(api, teacher, course, number, first=a_day_ahead(days=10 * number))
        with CaptureQueriesContext(connection) as queries:
            answer = api(teacher).get(f"/api/courses/{course['id']}/sessions")
        assert len(answer.json()["sessions"]) == number
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_moved_session_moves_on_zoom_and_in_the_timetable(
    api: Api, teacher: User, course: dict[str, Any], simulator: Simulator
) -> None:
    session = on_zoom(make_sessions(api, teacher, course, 1)[0])
    later = a_day_ahead(days=20, hour=15)

    answer = change(api, teacher, session, title="Moved", start_time=later.isoformat(), duration=30)

    assert answer.status_code == 200, answer.content
    moved = answer.json()["session"]
    assert (moved["title"], datetime.fromisoformat(moved["start_time"]), moved["duration"]) == ("Moved", later, 30)
    assert moved["zoom_status"] == "synced"
    found = simulator.meeting(moved["meeting_id"])
    assert (found["topic"], found["start_time"], found["duration"]) == ("Moved", f"{later:%Y-%m-%dT%H:%M:%SZ}", 30)
    assert claims_of(teacher) == [(later, later + timedelta(minutes=30))]


def test_session_is_not_moved_onto_another(api: Api, teacher: User, course: dict[str, Any]) -> None:
    first, second = make_sessions(api, teacher, course, 2)

    answer = change(api, teacher, second, start_time=first["start_time"])

    assert (answer.status_code, answer.json()["code"]) == (400, "teacher_busy")
    assert answer.json()["details"][0]["blocked_by"].startswith("Lesson 1")
    assert api(teacher).get(f"/api/sessions/{second['id']}").json()["session"]["start_time"] == second["start_time"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"start_time": "2020-01-01T09:00:00Z"}, "in_the_past", id="into the past"),
        pytest.param({"start_time": "2027-01-01T09:00:00"}, "invalid_input", id="no offset"),
        pytest.param({"title": ""}, "invalid_input", id="no title"),
        pytest.param({"duration": 2000}, "invalid_input", id="too long"),
        pytest.param({"teacher_id": "01a1fde9-971d-785c-8295-c294cd201345"}, "people_unknown", id="no such teacher"),
    ],
)
def test_change_that_makes_no_sense_is_refused(
    api: Api, teacher: User, course: dict[str, Any], body: dict[str, Any], code: str
) -> None:
    (session,) = make_sessions(api, teacher, course, 1)

    answer = change(api, teacher, session, **body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_what_has_begun_keeps_its_time_and_teacher(api: Api, teacher: User, course: dict[str, Any]) -> None:
    (session,) = make_sessions(api, teacher, course, 1)
    let_begin(session)

    moved = change(api, teacher, session, start_time=a_day_ahead().isoformat())
    given = change(api, teacher, session, teacher_id=str(make_teacher().pk))
    cancelled = change(api, teacher, session, cancelled=True)
    renamed = change(api, teacher, session, title="What it was about")

    assert [answer.json()["code"] for answer in (moved, given, cancelled)] == ["session_over"] * 3
    assert renamed.json()["session"]["title"] == "What it was about"
    assert Occurrence.objects.filter(meeting__session=session["id"]).count() == 1


@pytest.mark.parametrize("way", ["patch", "delete"])
def test_cancelled_session_is_gone_from_zoom_and_stays_in_the_list(
    api: Api, teacher: User, course: dict[str, Any], simulator: Simulator, way: str
) -> None:
    first, _second = (on_zoom(session) for session in make_sessions(api, teacher, course, 2))
    number = Meeting.objects.get(session=first["id"]).zoom_meeting_id
    address = f"/api/sessions/{first['id']}"

    for _ in range(2):  # safe to repeat
        if way == "patch":
            answer = api(teacher).patch(address, {"cancelled": True, "reason": "Snow"})
        else:
            answer = api(teacher).delete(f"{address}?reason=Snow")
        assert answer.status_code == 200

    listed = api(teacher).get(f"/api/courses/{course['id']}/sessions").json()
    assert [(s["status"], s["cancellation_reason"], s["zoom_status"]) for s in listed["sessions"]] == [
        ("cancelled", "Snow", None),
        ("scheduled", "", "synced"),
    ]
    assert [listed["sessions"][0][name] for name in ("meeting_id", "join_url", "start_url", "password")] == [None] * 4
    assert listed["progress"] == {"synced": 1, "pending": 0, "failed": 0, "not_configured": 0}
    assert simulator.meeting(number)["deleted"]
    assert len(claims_of(teacher)) == 1
    assert api(teacher).post("/api/zoom/sessions/meeting", {"session_id": first["id"]}).json()["code"] == (
        "meeting_cancelled"
    )
    assert change(api, teacher, first, title="x").json()["code"] == "meeting_cancelled"


def test_substitute_takes_the_time_and_the_start_link_and_gives_the_teacher_theirs_back(
    api: Api, teacher: User, course: dict[str, Any], simulator: Simulator
) -> None:
    session = on_zoom(make_sessions(api, teacher, course, 1)[0])
    substitute = make_teacher()
    address = f"/api/sessions/{session['id']}"
    link = api(teacher).get(address).json()["session"]["join_url"]

    answer = change(api, teacher, session, teacher_id=str(substitute.pk))

    given = answer.json()["session"]
    assert (given["teacher"]["id"], given["is_substitute"], given["start_url"]) == (str(substitute.pk), True, None)
    assert (claims_of(teacher), len(claims_of(substitute))) == ([], 1)
    held = api(substitute).get(address).json()["session"]
    assert held["start_url"]
    assert (held["join_url"], len(simulator.state()["meetings"])) == (link, 1)
    assert api(substitute).get(f"/api/courses/{course['id']}").status_code == 404


def test_substitutes_move_their_session_but_name_nobody_else(api: Api, teacher: User, course: dict[str, Any]) -> None:
    (session,) = make_sessions(api, teacher, course, 1)
    substitute = make_teacher()
    change(api, teacher, session, teacher_id=str(substitute.pk))

    moved = change(api, substitute, session, start_time=a_day_ahead(days=20).isoformat())
    passed_on = change(api, substitute, session, teacher_id=str(make_teacher().pk))

    assert (moved.status_code, passed_on.status_code) == (200, 403)


def test_busy_substitute_is_refused_without_telling_colleagues_why(
    api: Api, teacher: User, course: dict[str, Any]
) -> None:
    (session,) = make_sessions(api, teacher, course, 1)
    substitute = make_teacher()
    starts_at = datetime.fromisoformat(session["start_time"])
    spec = MeetingSpec(teacher=substitute, title="Private", starts_at=starts_at, duration_minutes=60, timezone="UTC")
    want_meeting(spec, now=datetime.now(UTC))

    told = {user: change(api, user, session, teacher_id=str(substitute.pk)).json() for user in (teacher, make_admin())}

    colleague, admin = told.values()
    assert colleague["code"] == admin["code"] == "teacher_busy"
    assert colleague["details"][0]["blocked_by"] == ""
    assert admin["details"][0]["blocked_by"].startswith("Private")


def test_students_are_no_substitutes(api: Api, teacher: User, course: dict[str, Any]) -> None:
    (session,) = make_sessions(api, teacher, course, 1)

    answer = change(api, teacher, session, teacher_id=str(make_student().pk))

    assert (answer.status_code, answer.json()["code"]) == (400, "not_a_teacher")


def test_substitute_is_hosted_where_the_rules_demand(api: Api, simulator: Simulator) -> None:
    own = ZoomHost.objects.order_by("email")[0]
    ZoomHost.objects.filter(pk=own.pk).update(in_pool=False)
    teacher, substitute = make_teacher(zoom_user=own.email), make_teacher()
    session = on_zoom(make_sessions(api, teacher, make_course(api, teacher), 1)[0])
    before = Meeting.objects.get()
    assert before.seat is not None
    assert before.seat.host == own

    answer = change(api, teacher, session, teacher_id=str(substitute.pk))

    after = Meeting.objects.get()
    assert answer.json()["session"]["zoom_status"] == "synced"
    assert after.seat is not None
    assert after.seat.host != own
    assert simulator.meeting(before.zoom_meeting_id)["deleted"]
    assert simulator.meeting(after.zoom_meeting_id)["host_id"] == after.seat.host.zoom_user_id
    assert not Claim.objects.filter(resource_id__in=HostSeat.objects.filter(host=own).values("pk")).exists()


def test_new_teacher_of_a_course_takes_the_meetings_off_a_host_that_is_not_theirs(api: Api) -> None:
    own = ZoomHost.objects.order_by("email")[0]
    ZoomHost.objects.filter(pk=own.pk).update(in_pool=False)
    before, after = make_teacher(zoom_user=own.email), make_teacher()
    course = make_course(api, before)
    make_sessions(api, before, course, 3)

    answer = api(make_admin()).patch(f"/api/courses/{course['id']}", {"teacher_id": str(after.pk)})

    assert answer.status_code == 200
    seats = [meeting.seat for meeting in Meeting.objects.select_related("seat__host")]
    assert len(seats) == 3
    assert all(seat is not None and seat.host != own for seat in seats)
    assert len(claims_of(after)) == 3


def test_session_on_zoom_hides_passcode_and_links_from_strangers(
    api: Api, teacher: User, course: dict[str, Any]
) -> None:
    session = on_zoom(make_sessions(api, teacher, course, 1)[0])

    answer = api(make_student()).get(f"/api/sessions/{session['id']}")

    assert answer.status_code == 404
