"""Kinds of lessons by API: made by admins, booked by students, and free times for everybody where the school is open."""

from datetime import timedelta

import pytest

from classbell.bookings.models import LessonKind, OpenTo
from tests.factories import make_admin, make_student
from tests.factories_bookings import a_day_ahead, make_group_kind, make_tutor, take_seat

pytestmark = pytest.mark.django_db


def test_admin_makes_changes_and_removes_a_kind(api) -> None:
    tutor, admin = make_tutor(), api(make_admin())
    body = {"name": "Trial", "minutes": [45, 30], "teachers": [str(tutor.pk)], "questions": [{"text": "Level?"}]}

    made = admin.post("/api/kinds", body)
    changed = admin.patch(f"/api/kinds/{made.json()['id']}", {"price": 900, "currency": "EUR"})

    assert (made.status_code, changed.status_code) == (201, 200)
    assert changed.json()["minutes"] == [30, 45]
    assert changed.json()["teachers"] == [{"id": str(tutor.pk), "name": tutor.name}]
    assert changed.json()["questions"][0]["key"] == "q1"
    assert admin.delete(f"/api/kinds/{made.json()['id']}").status_code == 204
    assert not LessonKind.objects.exists()


def test_field_that_cannot_be_so_is_named(api) -> None:
    answer = api(make_admin()).post("/api/kinds", {"name": "Trial", "minutes": [30], "price": 900})

    assert answer.status_code == 400
    assert answer.json()["details"][0]["field"] == "currency"


def test_students_see_what_they_may_book(api) -> None:
    make_group_kind(open_to=OpenTo.NOBODY)
    shown = make_group_kind(open_to=OpenTo.SIGNED_IN)

    kinds = api(make_student()).get("/api/kinds").json()["kinds"]

    assert [one["id"] for one in kinds] == [str(shown.pk)]
    assert kinds[0]["meeting_settings"] is None


def test_student_books_a_seat_with_any_teacher(api) -> None:
    tutor = make_tutor(settings={"slot_interval_minutes": 30})
    kind = make_group_kind(tutor, seats=2)
    start = a_day_ahead(3)
    body = {"kind": kind.address, "start_time": start.isoformat()}

    booked = [api(make_student()).post("/api/bookings/bookings", body) for _number in range(3)]

    assert [answer.status_code for answer in booked] == [201, 201, 400]
    first = booked[0].json()
    assert (first["teacher"], first["kind"], first["duration_minutes"]) == (str(tutor.pk), str(kind.pk), 30)
    assert booked[2].json()["code"] == "slot_unavailable"
    assert booked[2].json()["details"][0]["nearest"]


def test_without_teacher_and_kind_nothing_is_asked(api) -> None:
    answer = api(make_student()).post("/api/bookings/bookings", {"start_time": a_day_ahead().isoformat()})

    assert answer.status_code == 400
    assert answer.json()["details"][0]["field"] == "teacher_id"


def test_slots_are_the_union_of_all_teachers_with_how_many(api) -> None:
    early = make_tutor(opens="08:00", closes="10:00", settings={"slot_interval_minutes": 30})
    late = make_tutor(opens="09:00", closes="11:00", settings={"slot_interval_minutes": 30})
    kind = make_group_kind(early, late)
    day = a_day_ahead(5, hour=8)
    take_seat(kind, late, starts_at=day + timedelta(hours=2))

    answer = api(make_student()).get(f"/api/kinds/{kind.pk}/slots", date=f"{day:%Y-%m-%d}", timezone="UTC")

    slots = {one["start_time"]: (one["teachers"], one["seats"]) for one in answer.json()["days"][0]["available_slots"]}
    assert slots == {
        "08:00": (1, 2),
        "08:30": (1, 2),
        "09:00": (2, 4),
        "09:30": (2, 4),
        "10:00": (1, 1),
        "10:30": (1, 2),
    }
