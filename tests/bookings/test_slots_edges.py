"""Free times at their edges: from which minute a rule holds, until which day somebody looks, and who may be answered late."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from classbell.accounts.models import User
from classbell.bookings import hours, slots
from classbell.bookings.models import Booking
from classbell.bookings.slots import (
    FreeSlots,
    TeacherNotFound,
    find_slots,
    fits,
    fitting,
    next_free,
    outside_hours,
    starts_of,
)
from classbell.holidays.models import Effect
from classbell.meetings.models import ZoomAccount, ZoomHost
from tests.factories import make_student, make_teacher
from tests.factories_bookings import make_booking, make_tutor
from tests.holidays.factories import make_holiday
from tests.roles.documented import described

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
TODAY = NOW.date()
HOUR = timedelta(hours=1)
# Their day is a day ahead of UTC's, and a day behind it.
EASTMOST, WESTMOST = "Pacific/Kiritimati", "Pacific/Pago_Pago"


def open_once(day: date, *, start: int = 9 * 60, end: int = 10 * 60, **fields: Any) -> User:
    """Create a teacher who can be booked on one day, for an hour unless told otherwise."""
    teacher = make_teacher(**fields)
    hours.add_availability(teacher=teacher, start_minute=start, end_minute=end, day=day)
    return teacher


def free(teacher: User, first: date = TODAY, *, days: int = 1, now: datetime = NOW, **asked: Any) -> list[str]:
    """Return where an hour is free, in UTC."""
    found = find_slots(teacher_id=teacher.pk, first=first, days=days, now=now, **asked)
    return [f"{start:%d %H:%M}" for start in starts_of(found)]


class TestLateAnswers:
    """A replica is some seconds behind, which matters the less the further ahead a day is."""

    @pytest.mark.parametrize(("ahead", "is_late"), [(-1, False), (0, False), (7, False), (8, True), (30, True)])
    def test_what_is_more_than_a_week_ahead_may_be_some_seconds_old(
        self, monkeypatch: pytest.MonkeyPatch, ahead: int, is_late: bool
    ) -> None:
        late: list[Any] = []

        def find_late(asked: Any) -> Any:
            late.append(asked)
            return slots._find(asked)

        monkeypatch.setattr(slots, "_find_perhaps_late", find_late)

        free(make_teacher(), TODAY + timedelta(days=ahead))

        assert bool(late) == is_late

    def test_who_moves_a_lesson_sees_what_they_just_did_however_far_ahead(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(slots, "_find_perhaps_late", None)

        assert free(make_tutor(), TODAY + timedelta(days=30), own_claims=[uuid4()])[0] == "31 09:00"


def test_as_many_days_may_be_asked_for_as_the_description_says() -> None:
    (days,) = (one for one in described("GET /bookings/slots/available")["parameters"] if one["name"] == "days")

    assert [one["maximum"] for one in days["schema"]["anyOf"] if "maximum" in one] == [slots.MOST_DAYS]


class TestHolidaysThatWarn:
    @pytest.mark.parametrize(
        ("minute", "name"), [(599, ""), (600, "Eid"), (659, "Eid"), (660, "Visit"), (719, "Visit"), (720, "")]
    )
    def test_one_is_named_from_its_first_minute_until_before_its_end(self, minute: int, name: str) -> None:
        warned = [(600.0, 660.0, "Eid"), (660.0, 720.0, "Visit")]
        found = FreeSlots(
            first=TODAY, days=1, minutes=60, zone=ZoneInfo("UTC"), starts=[], warned=warned, may_end_early=False
        )

        assert found.holiday_at(minute) == name

    def test_a_teachers_own_is_named_as_theirs_and_another_days_is_not_named(self) -> None:
        teacher, day = make_tutor(), TODAY + timedelta(days=3)
        make_holiday(day, effect=Effect.WARN, name="Operation", teacher=teacher)
        make_holiday(day + timedelta(days=1), effect=Effect.WARN, name="National day")
        found = find_slots(teacher_id=teacher.pk, first=day - timedelta(days=1), days=3, now=NOW)

        named = [found.holiday_at(start) for start in found.starts[::8]]

        assert named == ["", "The teacher’s holiday", "National day"]

    def test_one_is_named_from_the_midnight_with_which_it_begins(self) -> None:
        teacher, day = make_tutor(opens="00:00", closes="24:00"), TODAY + timedelta(days=3)
        make_holiday(day, effect=Effect.WARN, name="National day")
        found = find_slots(teacher_id=teacher.pk, first=day - timedelta(days=1), days=3, now=NOW)

        assert [found.holiday_at(start) for start in found.starts] == [""] * 24 + ["National day"] * 24 + [""] * 24


@pytest.mark.parametrize("is_licensed", [True, False])
@pytest.mark.parametrize("is_basic", [True, False])
@pytest.mark.parametrize("is_active", [True, False])
def test_lessons_may_end_early_where_a_host_in_use_has_no_licence(
    is_active: bool, is_basic: bool, is_licensed: bool
) -> None:
    account = ZoomAccount.objects.create(account_id="account")
    kind = {"is_active": is_active, "is_basic": is_basic, "is_licensed": is_licensed}
    ZoomHost.objects.create(account=account, zoom_user_id="host", email="host@school.example", **kind)

    found = find_slots(teacher_id=make_tutor().pk, first=TODAY, now=NOW)

    assert found.may_end_early == (is_active and is_basic and not is_licensed)


def test_minutes_are_counted_on_days_of_a_clock_change_alone() -> None:
    """It takes long, and finds the same on other days."""
    teacher = make_tutor(timezone="Europe/Lisbon")

    def counted(first: date) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL track_functions = 'all'")
            find_slots(teacher_id=teacher.pk, first=first, now=NOW)
            cursor.execute(
                "SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'bookings_open_on_uneven_day'"
            )
            return sum(calls for (calls,) in cursor.fetchall())

    assert counted(date(2027, 3, 24)) == 0
    assert counted(date(2027, 3, 28)) > 0


@pytest.mark.parametrize("person", [make_student, partial(make_teacher, is_active=False)], ids=["a student", "gone"])
def test_whether_a_lesson_fits_is_asked_of_teachers_alone(person: Callable[[], User]) -> None:
    make_tutor()
    asked, period = person().pk, (NOW, NOW + HOUR)

    with pytest.raises(TeacherNotFound):
        fits(teacher_id=asked, starts_at=period[0], ends_at=period[1], now=NOW)
    with pytest.raises(TeacherNotFound):
        fitting(teacher_id=asked, periods=[period], now=NOW)


class TestFirstFreeHours:
    def first(self, teacher: User, *, days: int = 1, now: datetime = NOW, **asked: Any) -> datetime | None:
        return next_free([teacher.pk], days=days, minutes=60, now=now, **asked).get(teacher.pk)

    def test_days_count_from_the_teachers_own_today(self) -> None:
        """At 23:00 the eastmost have tomorrow, at 05:00 the westmost have yesterday."""
        late, early = datetime(2026, 12, 1, 20, tzinfo=UTC), datetime(2026, 12, 1, 5, tzinfo=UTC)
        east = open_once(date(2026, 12, 2), start=20 * 60, end=21 * 60, timezone=EASTMOST)
        west = open_once(date(2026, 11, 30), start=20 * 60, end=21 * 60, timezone=WESTMOST)

        assert self.first(east, now=late) == datetime(2026, 12, 2, 6, tzinfo=UTC)
        assert self.first(west, now=early) == datetime(2026, 12, 1, 7, tzinfo=UTC)

    def test_the_day_after_the_last_is_not_looked_at(self) -> None:
        late = datetime(2026, 12, 1, 20, tzinfo=UTC)

        assert self.first(open_once(date(2026, 12, 3), timezone=EASTMOST), now=late) is None
        assert self.first(open_once(date(2026, 12, 3), timezone=EASTMOST), days=2, now=late) is not None

    def test_a_weekday_or_hours_alone_are_enough_and_are_on_the_clock_that_is_named(self) -> None:
        """The first of December 2026 is a Tuesday."""
        teacher = make_tutor(opens="00:00", closes="24:00")
        cairo = ZoneInfo("Africa/Cairo")

        assert self.first(teacher, days=7, weekday=3) == datetime(2026, 12, 3, tzinfo=UTC)
        assert self.first(teacher, days=7, weekday=3, zone=cairo) == datetime(2026, 12, 2, 22, tzinfo=UTC)
        assert self.first(teacher, days=7, hours=(3, 5)) == datetime(2026, 12, 2, 3, tzinfo=UTC)
        assert self.first(teacher, days=7, hours=(3, 5), zone=cairo) == datetime(2026, 12, 2, 1, tzinfo=UTC)
        assert self.first(teacher, days=7, weekday=0, hours=(23, 24)) == datetime(2026, 12, 7, 23, tzinfo=UTC)
        assert self.first(teacher, days=7, hours=(24, 24)) is None


class TestLessonsOutsideHours:
    def outside(self, teacher: User, *starts: datetime, minutes: int = 60) -> list[bool]:
        lessons = [(uuid4(), start, start + timedelta(minutes=minutes)) for start in starts]
        out: set[UUID] = outside_hours(teacher.pk, lessons)
        return [lesson in out for lesson, _start, _end in lessons]

    def test_each_lesson_is_looked_at_on_its_own_day_in_whatever_order(self) -> None:
        teacher = make_tutor(opens="09:00", closes="10:00")
        day = datetime(2026, 12, 2, 9, tzinfo=UTC)

        assert self.outside(teacher, day + timedelta(days=20), day, day + timedelta(days=9)) == [False] * 3
        assert self.outside(teacher, day + HOUR, day, day - timedelta(minutes=1)) == [True, False, True]
        assert self.outside(teacher, day, minutes=61) == [True]

    def test_whoever_opened_nothing_has_all_of_them_outside_and_no_lesson_is_nowhere(self) -> None:
        assert self.outside(make_teacher(), NOW) == [True]
        assert outside_hours(make_tutor().pk, []) == set()


class TestDaysOnWhichNothingIsOpened:
    def test_nobody_is_free_on_a_day_without_hours_and_its_neighbours_are_whole(self) -> None:
        teacher = make_teacher()
        for ahead in (1, 3):
            hours.add_availability(teacher=teacher, start_minute=0, end_minute=120, day=TODAY + timedelta(days=ahead))

        assert free(teacher, days=5) == ["02 00:00", "02 01:00", "04 00:00", "04 01:00"]
        assert free(teacher, TODAY + timedelta(days=2)) == []

    def test_a_week_opens_its_own_weekday_and_a_stretch_over_midnight_is_one(self) -> None:
        teacher = make_teacher()
        hours.set_week(teacher=teacher, windows={1: [(23 * 60, 24 * 60)], 2: [(0, 30)], 6: [(600, 660)]})

        assert free(teacher, days=7) == ["01 23:00", "06 10:00"]
        assert free(teacher, TODAY + timedelta(days=1)) == []
        assert free(teacher, minutes=90) == ["01 23:00"]


class TestHowFarAhead:
    def test_without_rules_of_their_own_a_teacher_is_booked_from_now_on_for_ninety_days(self) -> None:
        teacher = make_teacher()
        last = TODAY + timedelta(days=90)
        hours.add_availability(teacher=teacher, start_minute=4 * 60, end_minute=8 * 60, day=TODAY)
        hours.add_availability(teacher=teacher, start_minute=4 * 60, end_minute=8 * 60, day=last)

        assert free(teacher) == ["01 06:00", "01 07:00"]
        assert free(teacher, last) == ["01 04:00", "01 05:00"]
        for start, is_free in ((NOW, True), (NOW - timedelta(minutes=1), False)):
            assert fits(teacher_id=teacher.pk, starts_at=start, ends_at=start + HOUR, now=NOW) == is_free
        end = NOW + timedelta(days=90)
        for start, is_free in ((end, False), (end - timedelta(minutes=1), True)):
            assert fits(teacher_id=teacher.pk, starts_at=start, ends_at=start + HOUR, now=NOW) == is_free

    def test_notice_and_horizon_are_the_teachers_to_the_minute(self) -> None:
        teacher = make_tutor(opens="00:00", closes="24:00", settings={"min_notice_minutes": 120, "max_days_ahead": 1})

        assert free(teacher)[0] == "01 08:00"
        assert free(teacher, TODAY + timedelta(days=1))[-1] == "02 05:00"


class TestWhatIsTaken:
    def lesson(self, teacher: User, start: datetime, minutes: int = 60) -> Booking:
        return make_booking(teacher=teacher, student=make_student(), starts_at=start, minutes=minutes, now=NOW)

    def test_without_a_buffer_lessons_follow_at_once(self) -> None:
        teacher = make_tutor(opens="09:00", closes="12:00")
        self.lesson(teacher, datetime(2026, 12, 2, 10, tzinfo=UTC))

        assert free(teacher, TODAY + timedelta(days=1)) == ["02 09:00", "02 11:00"]

    def test_a_buffer_keeps_others_off_before_and_after_beyond_what_is_asked_for(self) -> None:
        """The lesson after the last free hour counts, and so does the one that ended before the first."""
        teacher = make_tutor(opens="09:00", closes="12:00", settings={"buffer_minutes": 30})
        day = TODAY + timedelta(days=1)
        self.lesson(teacher, datetime(2026, 12, 2, 10, tzinfo=UTC), minutes=30)

        assert free(teacher, day, minutes=30) == ["02 09:00", "02 11:00", "02 11:30"]
        asked = [
            (datetime(2026, 12, 2, *at, tzinfo=UTC), timedelta(minutes=30))
            for at in ((9, 1), (9, 0), (10, 59), (11, 0))
        ]
        periods: Sequence[tuple[datetime, datetime]] = [(start, start + length) for start, length in asked]
        assert fitting(teacher_id=teacher.pk, periods=periods, now=NOW) == [False, True, False, True]

    def test_time_off_holds_until_its_end_and_that_of_others_never(self) -> None:
        teacher, other = make_tutor(opens="09:00", closes="12:00"), make_tutor(opens="09:00", closes="12:00")
        day = datetime(2026, 12, 2, tzinfo=UTC)
        hours.add_time_off(teacher=teacher, starts_at=day, ends_at=day + 10 * HOUR)

        assert free(teacher, day.date()) == ["02 10:00", "02 11:00"]
        assert len(free(other, day.date())) == 3

    def test_a_holiday_takes_its_last_day_whole_and_the_next_not_at_all(self) -> None:
        teacher = make_tutor(opens="00:00", closes="24:00", timezone="Africa/Cairo")
        make_holiday(TODAY + timedelta(days=1), TODAY + timedelta(days=2), teacher=teacher)
        make_holiday(TODAY + timedelta(days=3), teacher=make_tutor())

        found = free(teacher, TODAY + timedelta(days=1), days=3)

        assert (found[0], len(found)) == ("03 22:00", 24)

    def test_the_hour_before_a_holiday_is_free_until_midnight(self) -> None:
        teacher = make_tutor(opens="00:00", closes="24:00")
        make_holiday(TODAY + timedelta(days=1))

        assert free(teacher)[-1] == "01 23:00"

    def test_a_holiday_has_its_days_from_the_first_moment_to_the_last(self) -> None:
        teacher = make_tutor(opens="00:00", closes="24:00")
        make_holiday(TODAY + timedelta(days=1))
        begins, moment = datetime(2026, 12, 2, tzinfo=UTC), timedelta(microseconds=1)
        ends = begins + 24 * HOUR
        lessons = [
            (begins - HOUR, begins),
            (begins - HOUR, begins + moment),
            (ends - moment, ends + HOUR),
            (ends, ends + HOUR),
        ]

        assert fitting(teacher_id=teacher.pk, periods=lessons, now=NOW) == [True, False, False, True]


def test_lessons_of_who_is_always_open_follow_each_other_from_the_midnight_before_the_asked_day() -> None:
    """Fifty minutes after fifty minutes: the thirtieth begins ten minutes into the day."""
    teacher = make_tutor(opens="00:00", closes="24:00")

    assert free(teacher, TODAY + timedelta(days=5), minutes=50)[0] == "06 00:10"
