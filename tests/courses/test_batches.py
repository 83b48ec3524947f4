"""Sessions in batches by API: made, planned without saving, refused with every clash named."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import User
from classbell.courses.models import Session
from classbell.groups.models import Group
from classbell.meetings.models import Claim, HostSeat, Meeting, Occurrence, ZoomHost
from classbell.meetings.services import MeetingSpec, want_meeting
from tests.courses.teaching import Api, lessons, make_course, make_sessions, post_batch
from tests.dates import DAY, clocks_go_forward
from tests.factories import make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

pytestmark = pytest.mark.django_db

# Two Mondays and a Thursday; the clocks of Lisbon go forward in between, on a Sunday.
LATER = clocks_go_forward("Europe/Lisbon") + DAY
EARLIER, THURSDAY = LATER - 7 * DAY, LATER - 4 * DAY
SPRING = {
    "pattern": {
        "weekdays": ["mon", 3],
        "start_time": "09:00",
        "duration": 45,
        "from": str(EARLIER),
        "to": str(LATER + 2 * DAY),
        "except": [str(THURSDAY)],
    }
}


def everything_saved() -> list[int]:
    return [model.objects.count() for model in (Session, Meeting, Occurrence, Claim, ProcrastinateJob)]


def shown(clash: dict[str, Any]) -> tuple[int, str, str, bool]:
    return clash["index"], clash["kind"], clash["blocked_by"].split(" 20")[0], clash["blocks"]


def busy_at(teacher: User, starts_at: datetime) -> Meeting:
    spec = MeetingSpec(
        teacher=teacher, title="Choir", starts_at=starts_at, duration_minutes=60, timezone="UTC", group=None
    )
    return want_meeting(spec, now=datetime.now(UTC))


def test_list_makes_sessions_numbered_in_the_order_of_their_times(api: Api) -> None:
    teacher = make_teacher()
    course = make_course(api, teacher)
    first, second, third = lessons(3)

    answer = post_batch(
        api, teacher, course, [third, first, second | {"description": "Bring the book", "duration": 90}]
    )

    assert answer.status_code == 201
    made = answer.json()["sessions"]
    assert [(s["number"], s["title"], s["duration"]) for s in made] == [
        (1, "Lesson 1", 60),
        (2, "Lesson 2", 90),
        (3, "Lesson 3", 60),
    ]
    assert made[1]["description"] == "Bring the book"
    assert [datetime.fromisoformat(s["start_time"]) for s in made] == [
        datetime.fromisoformat(lesson["start_time"]) for lesson in (first, second, third)
    ]
    assert (answer.json()["clashes"], answer.json()["dry_run"]) == ([], False)
    assert {s["teacher"]["id"] for s in made} == {str(teacher.pk)}


def test_next_batch_goes_on_counting(api: Api) -> None:
    teacher = make_teacher()
    course = make_course(api, teacher)
    make_sessions(api, teacher, course, 2)

    later = make_sessions(api, teacher, course, 2, first=a_day_ahead(days=30))

    assert [session["number"] for session in later] == [3, 4]


def test_pattern_makes_sessions_across_a_clock_change_without_the_dates_left_out(api: Api) -> None:
    teacher = make_teacher()

    answer = post_batch(api, teacher, make_course(api, teacher), SPRING)

    assert answer.status_code == 201, answer.content
    made = answer.json()["sessions"]
    assert [(s["title"], s["start_time"]) for s in made] == [
        ("Tajweed 1", f"{EARLIER}T09:00:00Z"),
        ("Tajweed 2", f"{LATER}T08:00:00Z"),
    ]
    assert [shown(clash) for clash in answer.json()["clashes"]] == [(1, "excluded", "", False)]
    assert answer.json()["clashes"][0]["start_time"] == f"{THURSDAY}T09:00:00Z"


def test_pattern_takes_its_dates_from_the_course(api: Api) -> None:
    teacher = make_teacher()
    bounded = make_course(api, teacher, start_date=str(EARLIER), end_date=str(LATER))
    body = {"pattern": {"weekdays": [0], "start_time": "09:00", "title": "Recitation"}}

    made = post_batch(api, teacher, bounded, body)
    refused = post_batch(api, teacher, make_course(api, teacher), body)

    assert [s["title"] for s in made.json()["sessions"]] == ["Recitation 1", "Recitation 2"]
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_dates")


def test_start_without_an_offset_needs_a_timezone(api: Api) -> None:
    teacher = make_teacher()
    course = make_course(api, teacher)
    day = a_day_ahead().date()
    wall = {"title": "x", "start_time": f"{day}T09:00:00"}

    refused = post_batch(api, teacher, course, [wall])
    taken = post_batch(api, teacher, course, [wall | {"timezone": "Asia/Riyadh"}])

    assert (refused.status_code, refused.json()["details"][0]["field"]) == (400, "sessions.0")
    assert taken.json()["sessions"][0]["start_time"] == f"{day}T06:00:00Z"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({}, "invalid_input", id="nothing"),
        pytest.param({"sessions": []}, "invalid_input", id="empty list"),
        pytest.param({"sessions": lessons(1)} | SPRING, "invalid_input", id="both"),
        pytest.param({"sessions": lessons(1001)}, "invalid_input", id="more than a thousand"),
        pytest.param({"sessions": [lessons(1)[0] | {"duration": 0}]}, "invalid_input", id="no duration"),
        pytest.param({"pattern": SPRING["pattern"] | {"weekdays": []}}, "invalid_input", id="no weekdays"),
        pytest.param({"pattern": SPRING["pattern"] | {"weekdays": [7]}}, "invalid_input", id="eighth weekday"),
        pytest.param({"pattern": SPRING["pattern"] | {"weekdays": ["Caturday"]}}, "invalid_input", id="no weekday"),
        pytest.param({"pattern": SPRING["pattern"] | {"to": str(EARLIER - DAY)}}, "invalid_pattern", id="ends first"),
        pytest.param(
            {"pattern": SPRING["pattern"] | {"weekdays": [0, 1, 2, 3, 4, 5, 6], "to": str(EARLIER + 1001 * DAY)}},
            "invalid_pattern",
            id="pattern of more than a thousand",
        ),
    ],
)
def test_batch_that_makes_no_sense_is_refused(api: Api, body: dict[str, Any], code: str) -> None:
    teacher = make_teacher()

    answer = post_batch(api, teacher, make_course(api, teacher), body)

    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.content
    assert everything_saved() == [0] * 5


def test_clash_refuses_the_whole_batch_and_names_each(api: Api) -> None:
    teacher = make_teacher()
    course = make_course(api, teacher)
    batch = lessons(4)
    batch[3]["start_time"] = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    busy_at(teacher, datetime.fromisoformat(batch[1]["start_time"]) + timedelta(minutes=30))
    before = everything_saved()

    answer = post_batch(api, teacher, course, batch)

    assert (answer.status_code, answer.json()["code"]) == (400, "sessions_clash")
    assert answer.json()["error"].startswith("2 of 4 sessions cannot be, the first: Lesson 2, ")
    assert [shown(clash) for clash in answer.json()["details"]] == [
        (1, "teacher_busy", "Choir", True),
        (3, "past", "", True),
    ]
    assert answer.json()["details"][0]["title"] == "Lesson 2"
    assert "the teacher already has Choir" in answer.json()["details"][0]["message"]
    assert everything_saved() == before


def test_clashes_are_left_out_when_asked_and_the_numbers_close(api: Api) -> None:
    teacher = make_teacher()
    batch = lessons(4)
    busy_at(teacher, datetime.fromisoformat(batch[1]["start_time"]))

    answer = post_batch(api, teacher, make_course(api, teacher), {"sessions": batch, "skip_clashes": True})

    assert answer.status_code == 201
    assert [(s["number"], s["title"]) for s in answer.json()["sessions"]] == [
        (1, "Lesson 1"),
        (2, "Lesson 3"),
        (3, "Lesson 4"),
    ]
    assert [shown(clash) for clash in answer.json()["clashes"]] == [(1, "teacher_busy", "Choir", True)]


def test_sessions_of_one_batch_must_not_overlap(api: Api) -> None:
    teacher = make_teacher()

    answer = post_batch(api, teacher, make_course(api, teacher), lessons(3, every=timedelta(minutes=45)))

    assert [shown(clash) for clash in answer.json()["details"]] == [(1, "teacher_busy", "Lesson 1", True)]


def test_request_that_waits_for_its_answer_clashes_without_a_name(api: Api) -> None:
    tutor = make_tutor(opens="00:00", closes="24:00")
    batch = lessons(1)
    make_booking(teacher=tutor, starts_at=datetime.fromisoformat(batch[0]["start_time"]))

    answer = post_batch(api, tutor, make_course(api, tutor), batch)

    assert answer.json()["details"][0]["blocked_by"] == "a request that waits for its answer"


@pytest.mark.parametrize("body", [lessons(3), SPRING], ids=["list", "pattern"])
def test_dry_run_answers_the_same_and_saves_nothing(api: Api, body: Any) -> None:
    teacher = make_teacher()
    course = make_course(api, teacher)

    planned = post_batch(api, teacher, course, body, dry_run=True)
    after_planning = everything_saved()
    made = post_batch(api, teacher, course, body)

    assert (planned.status_code, made.status_code) == (200, 201)
    assert after_planning == [0] * 5
    assert planned.json()["dry_run"]
    assert {s["id"] for s in planned.json()["sessions"]} == {None}
    ids = {"id": None, "meeting_uuid": None}
    assert planned.json()["sessions"] == [s | ids for s in made.json()["sessions"]]
    assert planned.json()["clashes"] == made.json()["clashes"]


def test_dry_run_shows_clashes_beside_what_would_be_made(api: Api) -> None:
    teacher = make_teacher()
    batch = lessons(3)
    busy_at(teacher, datetime.fromisoformat(batch[1]["start_time"]))

    answer = post_batch(api, teacher, make_course(api, teacher), batch, dry_run=True)

    assert answer.status_code == 200
    assert [s["title"] for s in answer.json()["sessions"]] == ["Lesson 1", "Lesson 3"]
    assert [shown(clash) for clash in answer.json()["clashes"]] == [(1, "teacher_busy", "Choir", True)]


def test_same_key_makes_one_batch(api: Api) -> None:
    teacher = make_teacher()
    path = f"/api/courses/{make_course(api, teacher)['id']}/sessions/batch"

    first, again = (api(teacher).post(path, {"sessions": lessons(2)}, idempotency_key="one") for _ in range(2))

    assert (again.status_code, first.json()) == (201, again.json())
    assert Session.objects.count() == 2


def test_batch_costs_the_same_for_few_and_for_many_sessions(api: Api) -> None:
    counts = []
    for number in (1, 60):
        teacher = make_teacher()
        course = make_course(api, teacher)
        with CaptureQueriesContext(connection) as queries:
            assert post_batch(api, teacher, course, lessons(number)).status_code == 201
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.usefixtures("zoom_hosts")
class TestWithHosts:
    """Three hosts of one seat each."""

    def test_session_without_a_free_host_clashes_or_is_left_out(self, api: Api) -> None:
        batch = lessons(2)
        for _ in range(HostSeat.objects.count()):
            busy_at(make_teacher(), datetime.fromisoformat(batch[0]["start_time"]))
        teacher = make_teacher()
        course = make_course(api, teacher)

        refused = post_batch(api, teacher, course, batch)
        made = post_batch(api, teacher, course, {"sessions": batch, "skip_clashes": True})

        assert (refused.status_code, refused.json()["code"]) == (400, "sessions_clash")
        assert [shown(clash) for clash in refused.json()["details"]] == [(0, "no_host", "", True)]
        assert [(s["number"], s["title"]) for s in made.json()["sessions"]] == [(1, "Lesson 2")]

    def test_without_any_host_yet_sessions_wait_for_one(self, api: Api) -> None:
        ZoomHost.objects.update(is_active=False)
        teacher = make_teacher()

        (session,) = make_sessions(api, teacher, make_course(api, teacher), 1)

        assert session["zoom_status"] == "pending"

    def test_batch_is_saved_as_pending_without_asking_zoom(self, api: Api, simulator: Any) -> None:
        teacher = make_teacher()
        simulator.fault(path="/.*", kind="refuse")
        before = simulator.counters()["requests"]

        sessions = make_sessions(api, teacher, make_course(api, teacher), 3)

        assert [session["zoom_status"] for session in sessions] == ["pending"] * 3
        assert simulator.counters()["requests"] == before

    def test_clash_leaves_no_job_behind(self, api: Api) -> None:
        teacher = make_teacher()
        batch = lessons(2)
        busy_at(teacher, datetime.fromisoformat(batch[0]["start_time"]))
        before = ProcrastinateJob.objects.count()

        post_batch(api, teacher, make_course(api, teacher), {"sessions": batch, "skip_clashes": True})

        # One meeting is to be made, and its people are told once.
        assert ProcrastinateJob.objects.count() == before + 2


def test_teacher_of_many_courses_is_found_busy_across_them(api: Api) -> None:
    teacher = make_teacher()
    make_sessions(api, teacher, make_course(api, teacher, title="Fiqh"), 2)

    answer = post_batch(api, teacher, make_course(api, teacher), lessons(2))

    assert [clash["kind"] for clash in answer.json()["details"]] == ["teacher_busy"] * 2


def test_members_see_new_sessions_at_once(api: Api) -> None:
    teacher, student = make_teacher(), make_student()
    course = make_course(api, teacher)
    api(teacher).post(f"/api/courses/{course['id']}/students", {"student_ids": [str(student.pk)]})
    make_sessions(api, teacher, course, 2)

    answer = api(student).get(f"/api/courses/{course['id']}/sessions").json()

    assert [session["title"] for session in answer["sessions"]] == ["Lesson 1", "Lesson 2"]
    assert {meeting.group_id for meeting in Meeting.objects.all()} == {Group.objects.get().pk}
