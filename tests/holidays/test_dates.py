"""Whoever makes dates leaves holidays out, or warns: series, circles, courses, terms, free times."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from classbell.bookings.slots import find_slots, starts_of
from classbell.holidays.models import Effect, Holiday, day_begins
from classbell.holidays.queries import Holidays, holidays_on
from classbell.meetings.changes import change_meeting
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.recurrence import weekly_rule
from classbell.meetings.schedule import lay_out
from tests.courses.teaching import Api, lessons, make_course, post_batch
from tests.examples import examples
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_bookings import make_tutor
from tests.factories_halakat import created, halaka_body
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly
from tests.holidays.factories import make_holiday

pytestmark = pytest.mark.usefixtures("zoom_hosts")
# Clocks that change by an hour, at midnight and onto midnight, and far from one another.
ZONES = [
    "UTC",
    "Asia/Riyadh",
    "Africa/Cairo",
    "America/Havana",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "Atlantic/Azores",
]


def held(meeting: Meeting) -> list[Occurrence]:
    return list(meeting.occurrences.taking_place().order_by("starts_at"))


@settings(max_examples=examples(150), deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    school_zone=st.sampled_from(ZONES),
    first=st.dates(date(2027, 1, 1), date(2027, 12, 1)),
    minute=st.integers(0, 24 * 60 - 1),
    off=st.lists(st.tuples(st.integers(-3, 40), st.integers(0, 9), st.booleans()), max_size=5),
)
def test_no_date_of_a_series_lies_in_a_holiday_that_leaves_out(
    zone: str, school_zone: str, first: date, minute: int, off: list[tuple[int, int, bool]]
) -> None:
    holidays = [
        Holiday(
            name=f"Off {number}",
            first_day=first + timedelta(days=begins),
            last_day=first + timedelta(days=begins + lasts),
            effect=Effect.LEAVE_OUT if leaves_out else Effect.WARN,
        )
        for number, (begins, lasts, leaves_out) in enumerate(off)
    ]
    wall = datetime.combine(first, time(minute // 60, minute % 60), tzinfo=ZoneInfo(zone))
    meeting = Meeting(
        starts_at=wall.astimezone(UTC),
        duration_minutes=60,
        timezone=zone,
        rule=weekly_rule(range(7), count=30),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(django_settings, "TIME_ZONE", school_zone)
        laid_out = lay_out(meeting, cancelled={}, holidays=Holidays(holidays))

    for occurrence in laid_out:
        day = occurrence.starts_at.astimezone(ZoneInfo(school_zone)).date()
        named = [
            one.name for one in holidays if one.effect == Effect.LEAVE_OUT and one.first_day <= day <= one.last_day
        ]
        assert occurrence.is_cancelled == bool(named)
        assert occurrence.cancellation_reason in (named or [""])


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        (date(2027, 3, 10), "Asia/Riyadh", datetime(2027, 3, 9, 21, tzinfo=UTC)),
        (date(2027, 4, 30), "Africa/Cairo", datetime(2027, 4, 29, 22, tzinfo=UTC)),
        (date(2027, 3, 14), "America/Havana", datetime(2027, 3, 14, 5, tzinfo=UTC)),
        (date(2027, 10, 31), "Atlantic/Azores", datetime(2027, 10, 31, 0, tzinfo=UTC)),
    ],
    ids=["plain", "midnight is skipped", "midnight is skipped by an hour", "midnight comes twice"],
)
def test_a_day_begins_with_its_first_moment(day: date, zone: str, begins: datetime) -> None:
    assert day_begins(day, ZoneInfo(zone)) == begins


@pytest.mark.django_db
class TestSeries:
    def test_the_days_are_there_and_cancelled_by_the_name_of_the_holiday(self) -> None:
        monday = next_monday_at(9)
        make_holiday(monday.date() + timedelta(weeks=1))

        meeting = make_meeting(weekly(count=4))

        assert [row.cancellation_reason for row in meeting.occurrences.order_by("starts_at")] == [
            "",
            "Eid al-Fitr",
            "",
            "",
        ]

    def test_one_that_only_warns_leaves_them(self) -> None:
        make_holiday(next_monday_at(9).date(), effect=Effect.WARN)

        assert len(held(make_meeting(weekly(count=4)))) == 4

    @pytest.mark.parametrize("whose", ["group", "teacher"])
    def test_one_of_a_class_or_a_teacher_is_nobody_elses(self, whose: str) -> None:
        teacher, other = make_teacher(), make_teacher()
        group = make_class(teacher=teacher)
        make_holiday(next_monday_at(9).date(), None, **{whose: group if whose == "group" else teacher})

        assert len(held(make_meeting(weekly(teacher, count=4, group=group)))) == 3
        assert len(held(make_meeting(weekly(other, count=4)))) == 4

    def test_its_days_are_those_of_the_class_s_clock(self) -> None:
        teacher = make_teacher()
        group = make_class(teacher=teacher, timezone="Pacific/Kiritimati")
        monday = next_monday_at(9)
        # At nine in the morning UTC it is 23:00 of that day there.
        make_holiday(monday.date() + timedelta(days=1), group=group)

        meeting = make_meeting(weekly(teacher, count=1, group=group))
        later = make_meeting(weekly(teacher, count=1, group=group, starts_at=monday + timedelta(hours=2)))

        assert (len(held(meeting)), len(held(later))) == (1, 0)

    def test_another_time_leaves_holidays_out_and_keeps_what_was_left_in_one(self) -> None:
        meeting = make_meeting(weekly(count=4))
        monday = next_monday_at(9)
        make_holiday(monday.date() + timedelta(weeks=1))
        make_holiday(monday.date() + timedelta(weeks=4), name="Later")

        change_meeting(meeting_id=meeting.pk, changes={"duration_minutes": 45}, now=timezone.now())
        assert len(held(meeting)) == 4

        change_meeting(meeting_id=meeting.pk, changes={"rule": weekly_rule([0], count=5)}, now=timezone.now())
        first = monday.astimezone(meeting.zone)  # the clocks of the series may change meanwhile
        assert [row.starts_at for row in held(meeting)] == [first + timedelta(weeks=week) for week in range(4)]

    def test_a_single_date_is_what_somebody_chose(self) -> None:
        make_holiday(next_monday_at(9).date())

        assert len(held(make_meeting(spec()))) == 1


@pytest.mark.django_db
def test_of_some_moments_those_in_a_holiday_are_named_with_it() -> None:
    teacher = make_teacher()
    group = make_class(teacher=teacher)
    monday = next_monday_at(9)
    moments = [monday + timedelta(days=number) for number in range(5)]
    school = make_holiday(monday.date())
    mine = make_holiday(monday.date() + timedelta(days=1), teacher=teacher, effect=Effect.WARN)
    the_class_s = make_holiday(monday.date() + timedelta(days=2), group=group)
    make_holiday(monday.date() + timedelta(days=3), teacher=make_teacher())

    found = holidays_on(moments, teacher_id=teacher.pk, group_id=group.pk)

    assert found == {moments[0]: school, moments[1]: mine, moments[2]: the_class_s}
    assert holidays_on([], teacher_id=teacher.pk) == {}


@pytest.mark.django_db
class TestCircles:
    def test_a_circle_leaves_holidays_out_and_its_preview_says_so(self, api: Api) -> None:
        teacher = make_teacher()
        body = halaka_body()
        first = date.fromisoformat(body["startDate"])
        make_holiday(first, first + timedelta(days=6))

        planned = api(teacher).post("/api/v1/halaka?dryRun=true", body)
        circle = created(api, teacher)

        assert planned.status_code == 200, planned.content
        days = Occurrence.objects.filter(meeting__halaka_part__halaka=circle["id"])
        assert (days.count(), days.taking_place().count()) == (17, 15)

    @pytest.mark.parametrize(("effect", "status"), [(Effect.LEAVE_OUT, "cancelled"), (Effect.WARN, "scheduled")])
    def test_its_preview_and_its_sessions_name_the_holiday_by_either_effect(
        self, api: Api, effect: Effect, status: str
    ) -> None:
        teacher = make_teacher()
        first = date.fromisoformat(halaka_body()["startDate"])
        make_holiday(first, first + timedelta(days=6), effect=effect)

        planned = api(teacher).post("/api/v1/halaka?dryRun=true", halaka_body()).json()["data"]["sittings"]
        circle = created(api, teacher)

        for sessions in (planned, circle["sittings"]):
            told = [(one["status"], one["holiday"]) for one in sessions]
            assert told[:2] == [(status, "Eid al-Fitr")] * 2
            assert set(told[2:]) == {("scheduled", None)}

    def test_its_page_names_one_that_only_warns(self, api: Api, client: Client) -> None:
        teacher = make_teacher()
        make_holiday(date.fromisoformat(halaka_body()["startDate"]), effect=Effect.WARN, name="National day")
        circle = created(api, teacher)
        client.force_login(teacher, backend="django.contrib.auth.backends.ModelBackend")

        assert "National day" in client.get(f"/halakat/{circle['id']}/").content.decode()

    def test_a_change_of_its_words_does_not_touch_days_left_in_a_holiday(self, api: Api) -> None:
        teacher = make_teacher()
        circle = created(api, teacher)
        first = date.fromisoformat(halaka_body()["startDate"])
        make_holiday(first, first + timedelta(days=6))

        answer = api(teacher).patch(f"/api/v1/halaka/{circle['id']}", {"title": "Tilawah"})

        assert answer.status_code == 200, answer.content
        assert Occurrence.objects.filter(meeting__halaka_part__halaka=circle["id"]).taking_place().count() == 17


@pytest.mark.django_db
class TestCourses:
    def _kinds(self, answer: Any) -> list[str]:
        return [clash["kind"] for clash in answer.json()["clashes"]]

    def test_a_batch_leaves_holidays_out_and_names_them(self, api: Api) -> None:
        teacher = make_teacher()
        course, sessions = make_course(api, teacher), lessons(3)
        make_holiday(datetime.fromisoformat(sessions[1]["start_time"]).date())

        planned = post_batch(api, teacher, course, sessions, dry_run=True)
        made = post_batch(api, teacher, course, sessions)

        assert (self._kinds(planned), self._kinds(made)) == (["holiday"], ["holiday"])
        assert "Eid al-Fitr" in made.json()["clashes"][0]["message"]
        assert [one["title"] for one in made.json()["sessions"]] == ["Lesson 1", "Lesson 3"]

    def test_a_warning_is_named_and_leaves_nothing_out(self, api: Api) -> None:
        teacher = make_teacher()
        course, sessions = make_course(api, teacher), lessons(3)
        make_holiday(datetime.fromisoformat(sessions[1]["start_time"]).date(), effect=Effect.WARN)

        made = post_batch(api, teacher, course, sessions)

        assert (self._kinds(made), len(made.json()["sessions"])) == (["holiday_warning"], 3)


@pytest.mark.django_db
class TestLessons:
    def test_who_books_in_a_holiday_that_warns_is_told_before_and_after(self, api: Api, client: Client) -> None:
        tutor, student = make_tutor(), make_student()
        start = next_monday_at(10)
        make_holiday(start.date(), effect=Effect.WARN, name="National day")
        client.force_login(student, backend="django.contrib.auth.backends.ModelBackend")

        chosen = client.get(f"/teachers/{tutor.pk}/?slot={start:%Y-%m-%dT%H:%MZ}").content.decode()
        booked = api(student).post(
            "/api/bookings/bookings", {"teacher_id": str(tutor.pk), "start_time": start.isoformat()}
        )

        assert "This lies in a holiday: National day." in chosen
        assert (booked.status_code, booked.json()["holiday"]) == (201, "National day")
        assert "National day" in client.get(f"/bookings/{booked.json()['id']}/").content.decode()

    def test_staff_who_book_in_one_that_leaves_out_are_told(self, api: Api) -> None:
        admin, tutor = api(make_admin()), make_tutor()
        start = next_monday_at(10)
        make_holiday(start.date(), name="Operation", teacher=tutor)

        booked = admin.post(
            "/api/bookings/bookings",
            {"teacher_id": str(tutor.pk), "student_id": str(make_student().pk), "start_time": start.isoformat()},
        )

        assert (booked.status_code, booked.json()["holiday"]) == (201, "Operation")


@pytest.mark.django_db
class TestFreeTimes:
    def test_no_free_time_lies_in_a_holiday_of_the_school_or_of_the_teacher(self) -> None:
        teacher = make_tutor()
        first = timezone.now().date() + timedelta(days=3)
        make_holiday(first + timedelta(days=1))
        make_holiday(first + timedelta(days=2), teacher=teacher)
        make_holiday(first + timedelta(days=3), effect=Effect.WARN)
        make_holiday(first + timedelta(days=4), teacher=make_tutor())
        make_holiday(first + timedelta(days=5), group=make_class(teacher=teacher))

        found = find_slots(teacher_id=teacher.pk, first=first, days=6, now=timezone.now())

        days = {start.date() for start in starts_of(found)}
        assert days == {first + timedelta(days=number) for number in (0, 3, 4, 5)}

    def test_a_free_time_in_a_holiday_that_warns_says_so_and_no_name_of_a_teacher_s_own(self, client: Client) -> None:
        teacher = make_tutor()
        first = timezone.now().date() + timedelta(days=3)
        make_holiday(first, effect=Effect.WARN, name="National day")
        make_holiday(first + timedelta(days=1), effect=Effect.WARN, name="Operation", teacher=teacher)
        make_holiday(first + timedelta(days=2), effect=Effect.WARN, teacher=make_tutor())

        days = client.get(
            "/api/bookings/slots/available", {"teacher_id": str(teacher.pk), "date": f"{first}", "days": "3"}
        ).json()["days"]

        told = [{slot.get("holiday") for slot in day["available_slots"]} for day in days]
        assert told == [{"National day"}, {"The teacher’s holiday"}, {None}]
