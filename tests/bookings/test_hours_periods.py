"""Hours that replace a teacher's usual week between two dates: free times follow, and lessons outside are named."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from classbell.bookings.hours import InvalidHours, add_availability
from classbell.bookings.models import HoursPeriod
from classbell.bookings.periods import add_period, change_period
from classbell.bookings.slots import find_slots, starts_of
from tests.api_client import ApiClient
from tests.at_once import at_once
from tests.factories import make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

Api = Callable[..., ApiClient]
PERIODS = "/api/bookings/availability/periods"
AT_NIGHT = {day: [(20 * 60, 23 * 60)] for day in range(7)}


def first_day() -> date:
    return a_day_ahead(10).date()


def hours(*days: int, start: str = "20:00:00", end: str = "23:00:00") -> list[dict[str, Any]]:
    return [{"day_of_week": day, "start_time": start, "end_time": end} for day in days or range(7)]


def body(**changes: Any) -> dict[str, Any]:
    first = first_day()
    values = {"name": "Ramadan", "from": f"{first}", "until": f"{first + timedelta(days=29)}", "hours": hours()}
    return values | changes


def free_hours(teacher_id: Any, first: date, days: int = 1) -> list[int]:
    found = find_slots(teacher_id=teacher_id, first=first, days=days, now=timezone.now())
    return [start.hour for start in starts_of(found)]


@pytest.mark.django_db
class TestFreeTimes:
    def test_they_follow_the_period_and_go_back_to_the_usual_after_it(self) -> None:
        tutor, first = make_tutor(), first_day()
        add_period(
            teacher=tutor, name="Ramadan", first_day=first, last_day=first + timedelta(days=2), windows=AT_NIGHT,
            now=timezone.now(),
        )  # fmt: skip

        usual = list(range(9, 17))
        told = [free_hours(tutor.pk, first + timedelta(days=number)) for number in (-1, 0, 1, 2, 3)]

        assert told == [usual, [20, 21, 22], [20, 21, 22], [20, 21, 22], usual]

    def test_extra_hours_on_a_date_stay_and_a_week_without_hours_is_closed(self) -> None:
        tutor, first = make_tutor(), first_day()
        add_period(
            teacher=tutor,
            name="Away",
            first_day=first,
            last_day=first + timedelta(days=1),
            windows={},
            now=timezone.now(),
        )
        add_availability(teacher=tutor, day=first, start_minute=600, end_minute=660)

        assert [free_hours(tutor.pk, first), free_hours(tutor.pk, first + timedelta(days=1))] == [[10], []]


@pytest.mark.django_db
class TestByApi:
    def test_lessons_outside_are_named_before_and_after_and_stay(self, api: Api) -> None:
        tutor = make_tutor(closes="22:00")
        morning = make_booking(teacher=tutor, starts_at=a_day_ahead(12))
        evening = make_booking(teacher=tutor, starts_at=a_day_ahead(12, hour=20))
        make_booking(teacher=tutor, starts_at=a_day_ahead(8))

        foreseen = api(tutor).post(f"{PERIODS}?dry_run=true", body())
        kept = HoursPeriod.objects.count()
        made = api(tutor).post(PERIODS, body())

        assert (foreseen.status_code, kept, made.status_code) == (200, 0, 201)
        for answer in (foreseen, made):
            assert [one["id"] for one in answer.json()["lessons_outside"]] == [str(morning.pk)]
        for lesson in (morning, evening):
            lesson.refresh_from_db()
            assert lesson.is_live

    def test_it_is_shown_changed_and_taken_back(self, api: Api) -> None:
        tutor = make_tutor(timezone="Asia/Riyadh")
        client = api(tutor)
        made = client.post(PERIODS, body()).json()["period"]
        assert made | {"id": ""} == body() | {"id": "", "timezone": "Asia/Riyadh"}

        changed = client.patch(f"{PERIODS}/{made['id']}", {"hours": hours(0, 2, start="21:00:00")}).json()["period"]
        assert [window["day_of_week"] for window in changed["hours"]] == [0, 2]
        assert [one["id"] for one in client.get(PERIODS).json()["periods"]] == [made["id"]]
        assert client.delete(f"{PERIODS}/{made['id']}").status_code == 204
        assert free_hours(tutor.pk, first_day()) == list(range(6, 14))

    def test_a_change_may_be_rehearsed(self, api: Api) -> None:
        tutor = make_tutor()
        made = api(tutor).post(PERIODS, body()).json()["period"]

        answer = api(tutor).patch(f"{PERIODS}/{made['id']}?dry_run=true", {"name": "Other"})

        assert answer.json()["period"]["name"] == "Other"
        assert HoursPeriod.objects.get().name == "Ramadan"

    def test_nobody_else_sees_or_changes_it(self, api: Api) -> None:
        made = api(make_tutor()).post(PERIODS, body()).json()["period"]
        other = api(make_tutor())

        assert other.get(PERIODS).json()["periods"] == []
        assert other.patch(f"{PERIODS}/{made['id']}", {"name": "Mine"}).status_code == 404
        assert other.delete(f"{PERIODS}/{made['id']}").status_code == 404
        assert api(make_student()).post(PERIODS, body()).status_code == 403

    @pytest.mark.parametrize(
        ("wrong", "named"),
        [
            ({"until": "2020-01-01"}, "until"),
            ({"until": f"{a_day_ahead(500):%Y-%m-%d}"}, "until"),
            ({"name": ""}, "name"),
            ({"from": "1 Ramadan"}, "from"),
            ({"hours": hours(0, start="23:30:00")}, "hours"),
            ({"hours": hours(7)}, "day_of_week"),
            ({"hours": hours(0, start="late")}, "start_time"),
            ({"hours": hours() * 13}, "hours"),
        ],
    )
    def test_bad_input_names_its_field(self, api: Api, wrong: dict[str, Any], named: str) -> None:
        answer = api(make_tutor()).post(PERIODS, body(**wrong))

        assert answer.status_code == 400
        assert named in str(answer.json()["details"])
        assert not HoursPeriod.objects.exists()

    def test_two_that_share_days_are_refused_by_name(self, api: Api) -> None:
        tutor = api(make_tutor())
        tutor.post(PERIODS, body())
        last = body()["until"]

        answer = tutor.post(PERIODS, body(name="Exams", **{"from": last, "until": last}))

        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_availability")
        assert "Ramadan" in str(answer.json())


def _add(teacher: Any, first: date, now: datetime) -> Any:
    last = first + timedelta(days=5)
    return add_period(teacher=teacher, name="Ramadan", first_day=first, last_day=last, windows=AT_NIGHT, now=now)


@pytest.mark.django_db(transaction=True)
def test_of_two_on_the_same_days_at_once_one_is_refused() -> None:
    teacher, now = make_teacher(), timezone.now()

    outcomes = at_once([partial(_add, teacher, first_day(), now) for _number in range(2)])

    assert sum(isinstance(one, InvalidHours) for one in outcomes) == 1
    assert HoursPeriod.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_changed_onto_the_days_of_another_at_once_is_refused_or_comes_first() -> None:
    teacher, now = make_teacher(), timezone.now()
    kept = _add(teacher, first_day() + timedelta(days=60), now).period
    moved = first_day()

    at_once(
        [
            partial(_add, teacher, moved, now),
            partial(change_period, period_id=kept.pk, first_day=moved, last_day=moved + timedelta(days=2), now=now),
        ]
    )

    days = sorted(HoursPeriod.objects.values_list("first_day", "last_day"))
    assert all(one[1] < other[0] for one, other in pairwise(days))
