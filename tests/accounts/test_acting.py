"""Guardians over HTTP: what a student reads and does, asked for a ward, and nothing of anybody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, RequestFactory

from classbell.accounts.acting import for_ward_named, guardian_of
from classbell.accounts.guardians.services import remove_guardian
from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingStatus
from classbell.excuses.models import Excuse
from classbell.history import ACTOR, FOR
from classbell.meetings.models import Occurrence
from classbell.notices.models import Notice
from tests.api_client import ApiClient
from tests.at_once import done_at_once
from tests.bookings.lessons import make_lesson
from tests.factories import guard, make_class, make_guardian, make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_tutor
from tests.factories_meetings import make_meeting, spec

pytestmark = pytest.mark.django_db
Api = Callable[..., ApiClient]
BOOKINGS = "/api/bookings/bookings"
NOT_THEIRS = "You are not a guardian of this student. If you should be, ask the school."


@pytest.fixture
def child() -> User:
    return make_student(first_name="Yusuf")


@pytest.fixture
def mother(child: User) -> User:
    return make_guardian(child, first_name="Huda", last_name="Saeed")


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def session_of(child: User, *, hour: int = 9) -> Occurrence:
    teacher = make_teacher()
    group = make_class(teacher=teacher, students=[child])
    meeting = make_meeting(spec(teacher, group=group, starts_at=a_day_ahead(5, hour=hour), timezone="UTC"))
    return meeting.occurrences.get()


def test_guardian_reads_the_bookings_of_a_ward_and_of_nobody_else(api: Api, child: User, mother: User) -> None:
    booking, others = make_lesson(student=child), make_lesson()

    mine = api(mother).get(f"{BOOKINGS}/my")
    theirs = api(mother).get(f"{BOOKINGS}/my?student_id={child.pk}")

    assert mine.json()["bookings"] == []
    assert [one["id"] for one in theirs.json()["bookings"]] == [str(booking.pk)]
    assert api(mother).get(f"{BOOKINGS}/{booking.pk}?student_id={child.pk}").status_code == 200
    assert api(mother).get(f"{BOOKINGS}/{others.pk}?student_id={child.pk}").status_code == 403


@pytest.mark.parametrize("where", ["body", "query"])
def test_guardian_asks_for_a_lesson_as_the_student_would(api: Api, child: User, mother: User, where: str) -> None:
    body = {"teacher_id": str(make_tutor().pk), "start_time": a_day_ahead().isoformat()}
    address = f"{BOOKINGS}?student_id={child.pk}" if where == "query" else BOOKINGS

    made = api(mother).post(address, body | ({"student_id": str(child.pk)} if where == "body" else {}))

    assert made.status_code == 201
    assert (made.json()["status"], made.json()["student"]) == ("PENDING", str(child.pk))
    assert (made.json()["booked_by"], made.json()["booked_by_name"]) == (str(mother.pk), "Huda Saeed")
    context = Booking.objects.get().history.get().pgh_context  # type: ignore[attr-defined]
    assert (context[ACTOR], context[FOR]) == (str(mother.pk), str(child.pk))


def test_who_is_only_a_guardian_asks_for_no_lesson_of_their_own(api: Api, mother: User) -> None:
    body = {"teacher_id": str(make_tutor().pk), "start_time": a_day_ahead().isoformat()}

    answer = api(mother).post(BOOKINGS, body)

    assert (answer.status_code, answer.json()["error"]) == (403, "Only students can request bookings")


def test_guardian_moves_and_cancels_by_the_students_rules_and_it_says_who(api: Api, child: User, mother: User) -> None:
    booking = make_lesson(student=child)
    address, for_child = f"{BOOKINGS}/{booking.pk}", f"?student_id={child.pk}"

    at_night = api(mother).post(
        f"{address}/reschedule{for_child}", {"start_time": "2020-01-01T03:00:00Z", "duration": 60}
    )
    cancelled = api(mother).post(f"{address}/cancel{for_child}", {"reason": "Ill"})

    booking.refresh_from_db()
    assert refused(at_night) == (400, "slot_unavailable")
    assert cancelled.status_code == 200
    assert (booking.status, booking.cancelled_by) == (BookingStatus.CANCELLED, mother)
    assert {notice.user for notice in Notice.objects.filter(kind="lesson_cancelled")} == {child, booking.teacher}


def test_guardian_tells_an_absence_of_a_ward_and_takes_it_back(api: Api, child: User, mother: User) -> None:
    session = session_of(child)
    body = {"student_id": str(child.pk), "occurrence_id": str(session.pk), "reason": "Ill."}

    told = api(mother).post("/api/excuses", body)
    listed = api(mother).get(f"/api/excuses?student_id={child.pk}").json()["excuses"]
    gone = api(mother).delete(f"/api/excuses/{told.json()['excuse']['id']}")

    assert told.status_code == 201
    assert told.json()["excuse"]["told_by"] == "Huda Saeed"
    assert [one["id"] for one in listed] == [told.json()["excuse"]["id"]]
    assert gone.json()["excuse"]["status"] == "withdrawn"


def test_nobody_tells_an_absence_of_somebody_elses_child(api: Api, mother: User) -> None:
    other = make_student()
    session = session_of(other)
    body = {"occurrence_id": str(session.pk), "reason": "Ill."}

    by_body = api(mother).post("/api/excuses", body | {"student_id": str(other.pk)})
    by_query = api(mother).post(f"/api/excuses?student_id={other.pk}", body)
    listed = api(mother).get(f"/api/excuses?student_id={other.pk}")

    assert [refused(one) for one in (by_body, by_query, listed)] == [(403, "not_their_guardian")] * 3
    assert by_body.json()["error"] == NOT_THEIRS
    assert not Excuse.objects.exists()


def test_removed_guardian_is_refused_with_the_next_request_and_sees_nothing_of_what_they_told(
    api: Api, child: User, mother: User
) -> None:
    session, client = session_of(child), api(mother)
    body = {"student_id": str(child.pk), "occurrence_id": str(session.pk), "reason": "Ill."}
    excuse = client.post("/api/excuses", body).json()["excuse"]["id"]
    remove_guardian(student_id=child.pk, guardian_id=mother.pk)

    asked = client.get(f"/api/zoom/meetings?student_id={child.pk}")
    booked = client.post(BOOKINGS, {"student_id": str(child.pk), "teacher_id": str(make_tutor().pk)} | _soon())

    assert refused(asked) == (403, "not_their_guardian")
    assert booked.status_code == 403
    assert client.get(f"/api/excuses/{excuse}").status_code == 404
    assert client.get("/api/excuses").json()["excuses"] == []


def test_whose_guardian_one_was_when_the_request_came_is_nobody_to_act_for(child: User, mother: User) -> None:
    request = RequestFactory().post("/api/excuses")
    request.user = mother
    with for_ward_named(request, child.pk) as before:
        assert (before.pk, guardian_of(request)) == (child.pk, mother)

    remove_guardian(student_id=child.pk, guardian_id=mother.pk)

    with for_ward_named(request, child.pk) as after:
        assert (after.pk, guardian_of(request)) == (mother.pk, None)


@pytest.mark.django_db(transaction=True)
def test_removed_while_they_act_either_it_was_theirs_to_do_or_nothing_is_done(
    api: Api, child: User, mother: User
) -> None:
    session, client = session_of(child), api(mother)
    body = {"student_id": str(child.pk), "occurrence_id": str(session.pk), "reason": "Ill."}

    calls: list[Callable[[], Any]] = [
        lambda: remove_guardian(student_id=child.pk, guardian_id=mother.pk),
        lambda: client.post("/api/excuses", body),
    ]
    _removed, answer = done_at_once(calls)

    assert answer.status_code in {201, 403}
    assert Excuse.objects.count() == (answer.status_code == 201)


def test_teacher_who_is_a_guardian_sees_as_a_guardian_only_what_they_ask_for(api: Api, child: User) -> None:
    teacher, session = make_teacher(), session_of(child)
    guard(teacher, child)

    own = api(teacher).get("/api/zoom/meetings").json()["meetings"]
    theirs = api(teacher).get(f"/api/zoom/meetings?student_id={child.pk}").json()["meetings"]
    one = api(teacher).get(f"/api/zoom/meetings/{session.meeting_id}?student_id={child.pk}")
    attendance = api(teacher).get(f"/api/zoom/meetings/{session.meeting_id}/participants?student_id={child.pk}")

    assert own == []
    assert [one["id"] for one in theirs] == [str(session.meeting_id)]
    assert one.status_code == 200
    # What is not a student's own is asked as themselves, and they do not teach it.
    assert attendance.status_code == 404


def test_what_is_no_id_is_named(api: Api, mother: User) -> None:
    answer = api(mother).get(f"{BOOKINGS}/my?student_id=yusuf")

    assert refused(answer) == (400, "invalid_input")
    assert answer.json()["details"] == [{"field": "student_id"}]


def test_a_guardians_calendar_address_shows_a_wards_sessions_as_long_as_they_are_the_guardian(
    api: Api, child: User, mother: User
) -> None:
    session, client = session_of(child), api(mother)
    client.post("/api/calendar", {})

    url = client.get(f"/api/calendar?student_id={child.pk}").json()["url"]
    path = url[url.index("/api/") :]
    wards, own = client.get(path), client.get(path.partition("?")[0])
    again = Client().get(path, headers={"If-None-Match": wards.headers["ETag"]})
    remove_guardian(student_id=child.pk, guardian_id=mother.pk)
    gone = client.get(path)

    assert str(session.pk) in wards.content.decode()
    assert str(session.pk) not in own.content.decode()
    assert (again.status_code, gone.status_code) == (304, 404)
    assert client.get("/api/calendar").json()["url"] == url.partition("?")[0]
    # The student's own address is nobody's business.
    assert api(child).get("/api/calendar").json()["url"] is None


def test_the_description_says_for_whom_an_operation_may_be_asked(api: Api) -> None:
    paths = api(None).get("/api/openapi.json").json()["paths"]

    def takes(path: str, method: str = "get") -> bool:
        return "student_id" in [one["name"] for one in paths[path][method].get("parameters", [])]

    assert takes("/api/bookings/bookings/my")
    assert takes("/api/zoom/meetings/{meeting_id}/join")
    assert not takes("/api/me/sessions")


def _soon() -> dict[str, str]:
    return {"start_time": a_day_ahead().isoformat()}
