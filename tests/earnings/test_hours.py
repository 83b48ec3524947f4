"""What a teacher's month comes to: who is paid, for which sessions, by which rate, to the cent."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.bookings.kinds.services import create_kind
from classbell.bookings.models import Booking, NoShow
from classbell.bookings.services import cancel_booking
from classbell.earnings.hours import lines_of, of_all_teachers, totals_of
from classbell.earnings.models import Per
from classbell.earnings.months import asked_month
from classbell.earnings.services import change_rules
from classbell.meetings.models import Attendance, OccurrenceStatus
from classbell.meetings.verdicts import AttendanceStatus, OccurrenceResult, TeacherStatus
from tests.earnings.teaching import AFTERWARDS, at, book, cancel_too_late, miss, month_of, paid, pay, teach
from tests.factories import make_class, make_student, make_teacher
from tests.factories_bookings import make_tutor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("zoom_hosts")]


def test_a_session_that_was_held_is_paid_by_its_planned_length_though_it_ended_early() -> None:
    teacher = make_teacher()
    pay(teacher, 2400)
    teach(teacher, at(3, 2), minutes=45, taught=31)

    (line,) = month_of(teacher)

    assert (line.planned_minutes, line.taught_minutes, line.amount, line.currency) == (45, 31, 1800, "EUR")


def test_a_rate_for_a_session_is_the_same_however_long_it_is() -> None:
    teacher = make_teacher()
    pay(teacher, 1500, per=Per.LESSON)
    teach(teacher, at(3, 2), minutes=30)
    teach(teacher, at(3, 3), minutes=90)

    assert [line.amount for line in month_of(teacher)] == [1500, 1500]


@pytest.mark.parametrize(
    ("minutes", "amount"),
    [
        pytest.param(45, 1126, id="up: 1125.75"),
        pytest.param(30, 751, id="half up: 750.5"),
        pytest.param(20, 500, id="down: 500.33"),
    ],
)
def test_each_amount_is_rounded_to_the_smallest_unit(minutes: int, amount: int) -> None:
    teacher = make_teacher()
    pay(teacher, 1501)
    teach(teacher, at(3, 2), minutes=minutes)

    assert month_of(teacher)[0].amount == amount


def test_the_sum_is_that_of_the_rounded_amounts_on_the_page_and_in_the_totals() -> None:
    teacher = make_teacher()
    pay(teacher, 1501)
    for day in (2, 3, 4):
        teach(teacher, at(3, day), minutes=30)

    lines = month_of(teacher)
    (together,) = of_all_teachers(asked_month("2020-03", now=AFTERWARDS), now=AFTERWARDS)

    assert totals_of(lines).owed == {"EUR": 3 * 751}
    assert together.totals == totals_of(lines)


def test_two_rates_within_a_month_hold_each_from_its_day() -> None:
    teacher = make_teacher()
    pay(teacher, 2000)
    pay(teacher, 3000, date(2020, 3, 16))
    for day in (15, 16, 17):
        teach(teacher, at(3, day))

    assert [line.rate for line in month_of(teacher)] == [2000, 3000, 3000]


def test_the_day_of_a_rate_is_the_schools(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Riyadh"
    teacher = make_teacher()
    pay(teacher, 2000)
    pay(teacher, 3000, date(2020, 3, 16))
    teach(teacher, at(3, 15, 20, 45), minutes=15)
    teach(teacher, at(3, 15, 21, 0), minutes=15)  # midnight in Riyadh

    assert [line.rate for line in month_of(teacher)] == [2000, 3000]


def test_a_rate_for_a_kind_or_a_class_goes_before_the_one_for_everything() -> None:
    teacher = make_tutor(settings={"auto_confirm": False})
    group = make_class(teacher=teacher)
    kind = create_kind({"name": "Trial", "minutes": [60], "teachers": [teacher.pk]})
    pay(teacher, 2000, date(2020, 2, 1))
    pay(teacher, 1000, kind=kind)
    pay(teacher, 4000, group=group)
    teach(teacher, at(3, 2, 7), group=group)
    teach(teacher, at(3, 2, 9))
    booking = book(teacher, at(3, 2, 11))
    Booking.objects.filter(pk=booking.pk).update(kind=kind)

    assert [line.rate for line in month_of(teacher)] == [4000, 2000, 1000]


def test_before_the_first_rate_hours_are_counted_and_nothing_is_owed() -> None:
    teacher = make_teacher()
    pay(teacher, 2000, date(2020, 4, 1))
    teach(teacher, at(3, 2))

    totals = totals_of(month_of(teacher))

    assert (totals.paid, totals.paid_minutes, totals.owed, totals.without_rate) == (1, 60, {}, 1)


def test_a_substitute_is_paid_at_their_own_rate_and_who_was_replaced_is_not() -> None:
    teacher, substitute = make_teacher(first_name="Amina", last_name="Haddad"), make_teacher()
    pay(teacher, 2000)
    pay(substitute, 3000)
    teach(teacher, at(3, 2), substitute=substitute)

    (line,) = month_of(substitute)

    assert month_of(teacher) == []
    assert (line.amount, line.instead_of) == (3000, "Amina Haddad")


@pytest.mark.parametrize(
    ("zone", "inside", "outside"),
    [
        pytest.param("Asia/Riyadh", (at(2, 29, 21), at(3, 31, 20, 45)), (at(2, 29, 20, 45), at(3, 31, 21)), id="riyadh"),
        # The clocks go on within the month, so its end is an hour earlier than its beginning.
        pytest.param("Europe/Berlin", (at(2, 29, 23), at(3, 31, 21, 45)), (at(2, 29, 22, 45), at(3, 31, 22)), id="berlin"),
        pytest.param("UTC", (at(3, 1, 0), at(3, 31, 23, 45)), (at(2, 29, 23, 45), at(4, 1, 0)), id="utc"),
    ],
)  # fmt: skip
def test_a_month_is_one_of_the_schools_calendar(
    zone: str, inside: tuple[datetime, ...], outside: tuple[datetime, ...], settings: Any
) -> None:
    settings.TIME_ZONE = zone
    teacher = make_teacher()
    for moment in (*inside, *outside):
        teach(teacher, moment, minutes=15)

    assert [line.starts_at for line in month_of(teacher)] == list(inside)


def test_a_session_over_a_change_of_the_clocks_is_paid_by_the_time_that_passes(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    teacher = make_teacher()
    pay(teacher, 2000)
    teach(teacher, at(3, 29, 0, 30), minutes=60)  # from 1:30 to 3:30 on the wall

    assert [(line.planned_minutes, line.amount) for line in month_of(teacher)] == [(60, 2000)]


def test_a_session_counts_once_it_is_over() -> None:
    teacher = make_teacher()
    teach(teacher, at(3, 2, 9))
    month = asked_month("2020-03", now=AFTERWARDS)

    assert lines_of(teacher.pk, month, now=at(3, 2, 9, 59)) == []
    assert len(lines_of(teacher.pk, month, now=at(3, 2, 10))) == 1


def test_a_cancelled_session_is_none() -> None:
    teacher = make_teacher()
    session = teach(teacher, at(3, 2))
    session.status = OccurrenceStatus.CANCELLED
    session.save()

    assert month_of(teacher) == []


@pytest.mark.parametrize(
    ("session", "shown"),
    [
        pytest.param({"result": OccurrenceResult.VOID}, ("not_held", 0, 0), id="void"),
        pytest.param({"teacher_status": TeacherStatus.NO_SHOW}, ("teacher_away", 0, 0), id="teacher away"),
        pytest.param({"result": OccurrenceResult.UNKNOWN}, ("unknown", 100, 2000), id="not known"),
        pytest.param({"result": None}, ("unknown", 100, 2000), id="never heard of"),
    ],
)
def test_what_did_not_take_place_is_shown_and_not_paid_and_what_nobody_knows_of_is(
    session: dict[str, Any], shown: tuple[str, int, int]
) -> None:
    teacher = make_teacher()
    pay(teacher, 2000)
    teach(teacher, at(3, 2), **session)

    assert paid(teacher) == [shown]


def test_a_school_may_leave_unpaid_what_nobody_knows_of() -> None:
    teacher = make_teacher()
    pay(teacher, 2000)
    teach(teacher, at(3, 2), result=None)
    change_rules({"pays_unknown": False})

    assert paid(teacher) == [("unknown", 0, 0)]


def test_a_class_to_which_nobody_came_is_paid_by_the_rule_for_that() -> None:
    teacher, student = make_teacher(), make_student()
    pay(teacher, 2000)
    session = teach(teacher, at(3, 2), group=make_class(teacher=teacher, students=[student]))
    Attendance.objects.create(occurrence=session, user=student, computed_status=AttendanceStatus.ABSENT)

    assert paid(teacher) == [("student_away", 100, 2000)]
    change_rules({"student_away_percent": 25})
    assert paid(teacher) == [("student_away", 25, 500)]


def test_a_lesson_whose_student_did_not_come_is_paid_by_the_rule_for_that() -> None:
    teacher = make_tutor()
    pay(teacher, 2000)
    miss(book(teacher, at(3, 2, 11)), NoShow.STUDENT)
    change_rules({"student_away_percent": 50})

    assert paid(teacher) == [("student_away", 50, 1000)]


def test_a_lesson_that_the_teacher_missed_is_not_paid_though_it_took_one_of_the_students() -> None:
    teacher = make_tutor()
    pay(teacher, 2000)
    miss(book(teacher, at(3, 2, 11), with_credit=True), NoShow.TEACHER)

    assert paid(teacher) == [("teacher_away", 0, 0)]


def test_a_lesson_lost_by_cancelling_too_late_is_paid_by_the_rule_for_that() -> None:
    teacher = make_tutor()
    pay(teacher, 2000)
    booking = book(teacher, at(3, 2, 11), with_credit=True)
    cancel_too_late(booking)
    change_rules({"late_cancellation_percent": 50})

    (line,) = month_of(teacher)

    assert (line.state, line.percent, line.amount, line.booking_id) == ("late_cancelled", 50, 1000, booking.pk)
    assert totals_of([line]) == of_all_teachers(asked_month("2020-03", now=AFTERWARDS), now=AFTERWARDS)[0].totals


def test_an_hour_in_which_somebody_else_was_taught_was_not_lost() -> None:
    teacher = make_tutor()
    pay(teacher, 2000)
    cancel_too_late(book(teacher, at(3, 2, 11), with_credit=True))
    teach(teacher, at(3, 2, 11, 30), minutes=30)

    assert paid(teacher) == [("held", 100, 1000)]


def test_a_lesson_cancelled_in_time_is_none() -> None:
    teacher = make_tutor()
    booking = book(teacher, at(3, 2, 11), with_credit=True)
    cancel_booking(booking_id=booking.pk, by=booking.student, now=booking.starts_at - timedelta(days=2))

    assert month_of(teacher) == []


def test_amounts_of_two_currencies_stand_beside_each_other() -> None:
    teacher = make_teacher()
    pay(teacher, 2000)
    pay(teacher, 10_000, date(2020, 3, 16), currency="SAR")
    teach(teacher, at(3, 15))
    teach(teacher, at(3, 16))

    (together,) = of_all_teachers(asked_month("2020-03", now=AFTERWARDS), now=AFTERWARDS)

    assert together.totals.owed == totals_of(month_of(teacher)).owed == {"EUR": 2000, "SAR": 10_000}


def test_a_campus_costs_as_many_statements_as_one_teacher() -> None:
    month = asked_month("2020-03", now=AFTERWARDS)
    asked = []
    for _more in range(2):
        teachers = [make_teacher() for _ in range(3)]
        for teacher in teachers:
            pay(teacher, 2000)
            teach(teacher, at(3, 2))
        with CaptureQueriesContext(connection) as statements:
            of_all_teachers(month, now=AFTERWARDS)
        asked.append(len(statements))

    assert asked == [3, 3]
