"""What a series is at Zoom: one meeting, one link, made by one call; talked about over HTTP, with a simulated Zoom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.bookings.models import Booking, BookingSeries, BookingStatus
from tests.bookings.series.school import (
    LISBON,
    SERIES,
    a_tuesday,
    asked_series,
    before_the_clocks_change,
    booked_series,
    dates,
    open_tutor,
)
from tests.factories import make_class, make_student
from tests.holidays.factories import make_holiday
from tests.simulator import Simulator

pytestmark = pytest.mark.usefixtures("zoom_hosts")


def calls(simulator: Simulator) -> dict[str, int]:
    """Return how often Zoom was asked to change meetings, by what."""
    counted = simulator.counters()["by_endpoint"].items()
    return {what: number for what, number in counted if "/meetings" in what and not what.startswith("GET")}


def on_the_wall(moment: str | datetime) -> str:
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return at.astimezone(LISBON).strftime("%A %H:%M")


def shown(simulator: Simulator, number: str) -> list[str]:
    """Return when Zoom has the sessions of a meeting that are held, in order."""
    held = [one for one in simulator.meeting(number)["occurrences"] if one["status"] == "available"]
    return sorted(one["start_time"] for one in held)


def test_a_series_of_30_weekly_lessons_over_two_clock_changes_and_two_holidays(api: Any, simulator: Simulator) -> None:
    """One Zoom create, wall time kept, one link."""
    teacher, student = open_tutor(), make_student()
    make_class(teacher=teacher, students=[student])
    first = before_the_clocks_change()
    for week in (3, 27):
        make_holiday((first + timedelta(weeks=week)).date())

    wanted = {
        "teacher_id": str(teacher.pk),
        "student_id": str(student.pk),
        "start_time": first.isoformat(),
        "weeks": 30,
        "timezone": LISBON.key,
    }
    foreseen = api(teacher).post(f"{SERIES}?dry_run=true", wanted)
    assert foreseen.status_code == 200, foreseen.content
    assert not BookingSeries.objects.exists()
    made = api(teacher).post(SERIES, wanted)
    assert made.status_code == 201, made.content

    series = made.json()["series"]
    starts = [one["start_time"] for one in series["bookings"]]
    assert len(starts) == 28
    assert {on_the_wall(start) for start in starts} == {"Tuesday 17:00"}
    assert len({start[11:] for start in starts}) == 2, "summer and winter are an hour apart"
    assert series["status"] == "CONFIRMED"
    # One meeting, one link, for all of them and the student too.
    links = {one["zoom_join_url"] for one in series["bookings"]}
    numbers = {one["zoom_meeting_id"] for one in series["bookings"]}
    assert len(links) == len(numbers) == 1
    assert None not in links
    seen = api(student).get(f"{SERIES}{series['id']}").json()["series"]
    assert {one["zoom_join_url"] for one in seen["bookings"]} == links
    # What it costs was said before: one create, and the two dates that its rule does not leave out by itself.
    assert shown(simulator, numbers.pop()) == starts
    assert calls(simulator) == {"POST /users/{userId}/meetings": 1, "DELETE /meetings/{meetingId}": 2}
    assert foreseen.json()["calls"] == 3
    assert [one["start_time"] for one in foreseen.json()["bookings"]] == starts
    assert [one["effect"] for one in foreseen.json()["holidays"]] == ["leave_out", "leave_out"]


def test_one_confirmation_makes_one_meeting_for_all_dates(api: Any, simulator: Simulator) -> None:
    series = asked_series()

    answer = api(series.teacher).post(f"{SERIES}{series.pk}/confirm", {})

    assert answer.status_code == 200, answer.content
    said = answer.json()["series"]
    assert {one["status"] for one in said["bookings"]} == {"CONFIRMED"}
    assert len({one["zoom_join_url"] for one in said["bookings"]}) == 1
    assert said["zoom_info"]["has_meeting"]
    assert calls(simulator) == {"POST /users/{userId}/meetings": 1}


def test_dates_that_are_not_accepted_are_not_at_zoom(api: Any, simulator: Simulator) -> None:
    series = asked_series()
    first, second, *_others = dates(series)

    said = api(series.teacher).post(f"{SERIES}{series.pk}/confirm", {"only": [str(first.pk), str(second.pk)]}).json()

    on_zoom = said["series"]["zoom_info"]["meeting_id"]
    assert shown(simulator, on_zoom) == [iso(first.starts_at), iso(second.starts_at)]
    assert [one["status"] for one in said["series"]["bookings"]] == ["CONFIRMED"] * 2 + ["CANCELLED"] * 3


def test_one_date_moves_and_another_is_cancelled_by_their_own_calls(api: Any, simulator: Simulator) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student)
    client, (first, second, third, *others) = api(teacher), dates(series)
    client.post(f"/api/bookings/bookings/{first.pk}/create_meeting/")
    number = said_of(client, series)["zoom_info"]["meeting_id"]

    later = second.starts_at + timedelta(hours=3)
    moved = client.post(f"/api/bookings/bookings/{second.pk}/reschedule/", {"start_time": later.isoformat()})
    cancelled = client.post(f"/api/bookings/bookings/{third.pk}/cancel/", {"reason": "Exams"})

    assert (moved.status_code, cancelled.status_code) == (200, 200), (moved.content, cancelled.content)
    assert moved.json()["booking"]["zoom_meeting_id"] == number
    assert shown(simulator, number) == [iso(first.starts_at), iso(later), *(iso(one.starts_at) for one in others)]
    assert said_of(client, series)["zoom_info"]["meeting_id"] == number


def test_the_rest_is_cancelled_from_a_date_on_and_then_all_of_it(api: Any, simulator: Simulator) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student)
    client, (first, second, third, *_rest) = api(teacher), dates(series)
    client.post(f"/api/bookings/bookings/{first.pk}/create_meeting/")
    number = said_of(client, series)["zoom_info"]["meeting_id"]

    day = third.starts_at.astimezone(LISBON).date().isoformat()
    assert client.post(f"{SERIES}{series.pk}/cancel", {"from": day, "reason": "Holidays"}).status_code == 200
    assert shown(simulator, number) == [iso(first.starts_at), iso(second.starts_at)]

    assert client.post(f"{SERIES}{series.pk}/cancel", {"reason": "Ill"}).status_code == 200
    assert simulator.meeting(number)["deleted"]
    assert said_of(client, series)["status"] == "CANCELLED"


def test_the_whole_rest_moves_by_changing_the_rule_and_keeps_its_link(api: Any, simulator: Simulator) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student)
    client, before = api(teacher), dates(series)
    client.post(f"/api/bookings/bookings/{before[0].pk}/create_meeting/")
    number = said_of(client, series)["zoom_info"]["meeting_id"]
    sessions = {one.occurrence_id for one in before}

    thursday = a_tuesday(hour=19) + timedelta(days=2)
    moved = client.post(f"{SERIES}{series.pk}/reschedule", {"start_time": thursday.isoformat(), "duration": 45})

    assert moved.status_code == 200, moved.content
    starts = [one["start_time"] for one in moved.json()["series"]["bookings"]]
    assert {on_the_wall(start) for start in starts} == {"Thursday 19:00"}
    assert shown(simulator, number) == starts
    assert moved.json()["series"]["zoom_info"]["meeting_id"] == number
    assert calls(simulator) == {"POST /users/{userId}/meetings": 1, "PATCH /meetings/{meetingId}": 1}
    assert {one.duration_minutes for one in dates(series)} == {45}
    # Calendars know sessions by their ids.
    assert {one.occurrence_id for one in dates(series)} == sessions


def test_the_rest_from_a_later_date_on_moves_and_keeps_its_link(api: Any, simulator: Simulator) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student)
    client, before = api(teacher), dates(series)
    client.post(f"/api/bookings/bookings/{before[0].pk}/create_meeting/")
    number = said_of(client, series)["zoom_info"]["meeting_id"]

    # A week later: each goes where the next one was.
    moved = client.post(
        f"{SERIES}{series.pk}/reschedule",
        {"from": iso(before[2].starts_at), "start_time": iso(before[3].starts_at)},
    )

    assert moved.status_code == 200, moved.content
    said = moved.json()
    week = timedelta(weeks=1)
    wanted = [*(one.starts_at for one in before[:2]), *(one.starts_at + week for one in before[2:])]
    assert [on_the_wall(one["start_time"]) for one in said["series"]["bookings"]] == ["Tuesday 17:00"] * 5
    assert [one.starts_at for one in dates(series)] == wanted
    assert len(said["moved"]) == 3
    assert shown(simulator, number) == [one["start_time"] for one in said["series"]["bookings"]]


def test_dates_whose_new_time_is_a_holiday_are_left_out(api: Any, simulator: Simulator) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student)
    wednesday = a_tuesday() + timedelta(days=1)
    make_holiday((wednesday + timedelta(weeks=1)).date())

    moved = api(teacher).post(f"{SERIES}{series.pk}/reschedule", {"start_time": wednesday.isoformat()}).json()

    assert len(moved["moved"]) == 4
    (left_out,) = Booking.objects.filter(pk__in=moved["left_out"])
    assert (left_out.status, left_out.cancellation_reason) == (BookingStatus.CANCELLED, "Eid al-Fitr")
    held = [one["start_time"] for one in moved["series"]["bookings"] if one["status"] == "CONFIRMED"]
    assert shown(simulator, moved["series"]["zoom_info"]["meeting_id"]) == held


def said_of(client: Any, series: BookingSeries) -> Any:
    return client.get(f"{SERIES}{series.pk}").json()["series"]


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
