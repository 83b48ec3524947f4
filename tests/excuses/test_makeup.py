"""Whoever is excused in time makes up for it: earned with the verdict, taken back with it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.bookings import makeup as credits_
from classbell.bookings.ledger import lines_of
from classbell.bookings.models import CreditEntry, MakeUpCredit
from classbell.bookings.services import cancel_booking, request_booking
from classbell.courses.models import TermImport
from classbell.excuses.errors import KindNotListed
from classbell.excuses.makeup import SETTLE, month_of, settle
from classbell.excuses.models import Excuse
from classbell.excuses.rules import change_rules
from classbell.meetings.attendance.services import override_attendance
from classbell.meetings.models import Attendance, Meeting, Occurrence, Participation
from classbell.meetings.verdicts import AttendanceStatus
from classbell.notices.models import Notice
from tests.at_once import done_at_once
from tests.examples import examples
from tests.excuses.conftest import School
from tests.excuses.test_deciding import after, decide, hold, record, verdict, withdraw
from tests.factories_attendance import make_stay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def making_up(school: School) -> None:
    """The school lets who tells it a day ahead make up for it within 30 days."""
    change_rules({"makeup_hours_ahead": 24})


def settled(school: School, occurrence: Occurrence | None = None) -> None:
    settle(occurrence_id=(occurrence or school.session).pk, now=after(school))


def missed_excused(school: School, **what: Any) -> Excuse:
    """Let the student be excused from the session that is held without them, and earn what that earns."""
    excuse = decide(school, school.tell(**what))
    hold(school)
    record(school)
    settled(school)
    return excuse


def usable(school: School) -> list[MakeUpCredit]:
    return list(MakeUpCredit.objects.usable(after(school)).filter(student=school.student))


def kinds(school: School) -> list[str]:
    return list(
        CreditEntry.objects.filter(credit__student=school.student).order_by("at", "pk").values_list("kind", flat=True)
    )


def test_excused_in_time_earns_a_lesson_with_the_teachers_of_the_class(school: School) -> None:
    missed_excused(school)

    (credit,) = usable(school)
    assert (credit.teacher, credit.group, credit.session) == (school.teacher, school.group, school.session)
    assert credit.expires_at == school.session.ends_at + timedelta(days=30)
    assert [one.kind for one in Notice.objects.filter(user=school.student)] == ["excuse_accepted", "makeup_earned"]


def test_it_is_a_job_that_follows_the_verdict(school: School) -> None:
    decide(school, school.tell())
    hold(school)
    record(school)

    jobs = ProcrastinateJob.objects.filter(task_name=SETTLE)
    assert {job.args["occurrence_id"] for job in jobs} == {str(school.session.pk)}


def test_a_school_that_has_not_switched_it_on_gives_none(school: School) -> None:
    change_rules({"makeup_hours_ahead": None})

    missed_excused(school)

    assert not MakeUpCredit.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name=SETTLE).exists()


@pytest.mark.parametrize(("hours_before", "earned"), [(24, True), (23, False)])
def test_it_has_to_be_told_in_time(school: School, hours_before: int, *, earned: bool) -> None:
    told_at = school.session.starts_at - timedelta(hours=hours_before)

    missed_excused(school, now=told_at, occurrence_id=school.session.pk)

    assert (verdict(school), bool(usable(school))) == ("excused", earned)


@pytest.mark.parametrize(("kind", "earned"), [("Ill", True), ("Trip", False), ("", False)])
def test_it_is_for_the_kinds_that_the_school_says(school: School, kind: str, *, earned: bool) -> None:
    change_rules({"kinds_decided": ["Ill", "Trip"], "makeup_kinds": ["Ill"]})

    missed_excused(school, occurrence_id=school.session.pk, kind=kind)

    assert bool(usable(school)) is earned


def test_kinds_are_of_those_that_the_school_lists() -> None:
    with pytest.raises(KindNotListed) as refused:
        change_rules({"makeup_kinds": ["Ill"]})

    assert refused.value.details[0]["field"] == "makeup_kinds"


def test_a_period_of_one_class_counts_for_its_sessions(school: School) -> None:
    begins, ends = school.day
    missed_excused(school, starts_at=begins, ends_at=ends, group_id=school.group.pk)
    settled(school, school.other_session)

    assert [credit.session for credit in usable(school)] == [school.session]


def test_absent_without_an_excuse_earns_nothing(school: School) -> None:
    hold(school)
    record(school)
    settled(school)

    assert not MakeUpCredit.objects.exists()


def test_the_teacher_who_did_not_come_either_makes_the_session_void(school: School) -> None:
    missed_excused(school)
    teacher_away(school)
    record(school)
    settled(school)

    assert (usable(school), kinds(school)) == ([], ["earned", "taken_back"])


def test_a_session_that_turns_out_void_has_its_job(school: School) -> None:
    missed_excused(school)
    ProcrastinateJob.objects.all().delete()
    teacher_away(school)
    record(school)

    assert ProcrastinateJob.objects.filter(task_name=SETTLE).exists()


def test_withdrawn_takes_it_back_and_excused_again_it_comes_again(school: School) -> None:
    excuse = missed_excused(school)
    withdraw(school, excuse)
    settled(school)
    found = [len(usable(school))]
    override_attendance(
        occurrence_id=school.session.pk,
        student_id=school.student.pk,
        status=AttendanceStatus.EXCUSED,
        reason="She rang.",
        by=school.teacher,
        now=after(school),
    )
    # Nothing that was told in time stands for it.
    settled(school)
    found.append(len(usable(school)))
    Excuse.objects.update(status="accepted")
    settled(school)
    found.append(len(usable(school)))

    assert found == [0, 0, 1]
    assert kinds(school) == ["earned", "taken_back", "earned"]


def test_coming_anyway_takes_it_back(school: School) -> None:
    missed_excused(school)
    make_stay(school.session, school.student, 0, 60)
    record(school)
    settled(school)

    assert (verdict(school), usable(school)) == ("present", [])
    assert Notice.objects.filter(user=school.student, kind="makeup_taken_back").count() == 1


def test_what_is_used_stays_used_and_is_taken_back_once_it_is_given_back(school: School) -> None:
    excuse = missed_excused(school)
    booking = booked_with_credit(school)
    withdraw(school, excuse)
    settled(school)
    assert kinds(school) == ["earned", "used"]

    ProcrastinateJob.objects.all().delete()
    cancel_booking(booking_id=booking.pk, by=school.student, now=after(school))

    assert ProcrastinateJob.objects.filter(task_name=SETTLE).exists()
    settled(school)
    assert kinds(school) == ["earned", "used", "returned", "taken_back"]
    assert usable(school) == []


def test_any_teacher_of_the_class_gives_the_lesson_and_nobody_else(school: School) -> None:
    from classbell.bookings.errors import NoCredit

    missed_excused(school)
    school.group.teachers.add(school.other_teacher)
    booked_with_credit(school, teacher=school.other_teacher)

    assert kinds(school) == ["earned", "used"]
    with pytest.raises(NoCredit):
        booked_with_credit(school, teacher=school.teacher, days=4)


def test_a_quota_of_the_month_counts_what_stands(school: School) -> None:
    change_rules({"makeup_monthly_quota": 1})
    second = school.hold(school.group, school.teacher, hour=15)
    decide(school, school.tell(occurrence_id=second.pk))
    excuse = missed_excused(school)
    held_without_them(school, second)
    settled(school, second)
    found = [[credit.session for credit in usable(school)]]
    withdraw(school, excuse)
    settled(school)
    settled(school, second)
    found.append([credit.session for credit in usable(school)])

    assert found == [[school.session], [second]]


def test_a_quota_of_the_term_counts_the_sessions_in_it_only(school: School) -> None:
    change_rules({"makeup_term_quota": 1})
    second = school.hold(school.group, school.teacher, hour=15)
    begins = school.session.starts_at.date() - timedelta(days=7)
    term = TermImport.objects.create(
        made_at=school.now, starts_on=begins, weeks=4, timezone="UTC", gap_minutes=0, made_by=school.admin
    )
    decide(school, school.tell(occurrence_id=second.pk))
    missed_excused(school)
    held_without_them(school, second)
    settled(school, second)
    found = [len(usable(school))]
    term.weeks = 1
    term.save()
    settled(school, second)
    found.append(len(usable(school)))

    assert found == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_two_sessions_at_once_do_not_both_have_the_last_place_of_a_quota(school: School) -> None:
    change_rules({"makeup_monthly_quota": 1})
    second = school.hold(school.group, school.teacher, hour=15)
    for session in (school.session, second):
        decide(school, school.tell(occurrence_id=session.pk))
        held_without_them(school, session)

    done_at_once([lambda: settled(school), lambda: settled(school, second)])

    assert len(usable(school)) == 1


@pytest.mark.django_db(transaction=True)
def test_settled_twice_at_once_is_earned_once(school: School) -> None:
    decide(school, school.tell())
    held_without_them(school, school.session)

    done_at_once([lambda: settled(school)] * 3)

    assert kinds(school) == ["earned"]


def test_an_admin_who_took_it_away_is_not_overruled(school: School) -> None:
    missed_excused(school)
    credits_.take(student=school.student, count=1, reason="A mistake.", by=school.admin, now=after(school))
    settled(school)

    assert (usable(school), kinds(school)) == ([], ["earned", "corrected"])


def test_a_month_is_that_of_the_students_clock() -> None:
    from zoneinfo import ZoneInfo

    begins, ends = month_of(datetime(2026, 10, 31, 23, 30, tzinfo=UTC), ZoneInfo("Africa/Cairo"))

    assert (begins.isoformat(), ends.isoformat()) == ("2026-11-01T00:00:00+02:00", "2026-12-01T00:00:00+02:00")


def teacher_away(school: School) -> None:
    """The others opened the room without the teacher, who was not there after all."""
    Meeting.objects.filter(pk=school.session.meeting_id).update(zoom_settings={"join_before_host": True})
    Participation.objects.filter(user=school.teacher).delete()


def held_without_them(school: School, session: Occurrence) -> None:
    Occurrence.objects.filter(pk=session.pk).update(
        actual_starts_at=session.starts_at, actual_ends_at=session.ends_at, status="ended"
    )
    for person in (school.teacher, school.fellow):
        make_stay(session, person, 0, 60)
    from classbell.meetings.attendance.records import record_attendance

    record_attendance(occurrence_id=session.pk, now=session.ends_at + timedelta(hours=1))


def booked_with_credit(school: School, *, teacher: Any = None, days: int = 3) -> Any:
    """Ask for a lesson some days after the session, to be paid by what the student is owed."""
    from classbell.bookings import hours

    teacher = teacher or school.teacher
    hours.set_week(teacher=teacher, windows={weekday: [(0, 24 * 60)] for weekday in range(7)})
    starts_at = school.session.starts_at + timedelta(days=days)
    return request_booking(
        student=school.student,
        teacher_id=teacher.pk,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        use_credit=True,
        now=after(school),
    )


STEPS: Final[dict[str, Callable[[School, Excuse], object]]] = {
    "accept": decide,
    "withdraw": withdraw,
    "judge": lambda school, _excuse: record(school),
    "come": lambda school, _excuse: make_stay(school.session, school.student, 0, 60),
    "settle": lambda school, _excuse: settled(school),
    "teacher away": lambda school, _excuse: teacher_away(school),
    "take": lambda school, _excuse: credits_.take(
        student=school.student, count=1, reason="No.", by=school.admin, now=after(school)
    ),
    "expire": lambda school, _excuse: credits_.expire(now=after(school)),
}


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.sampled_from(list(STEPS)), min_size=3, max_size=10))
def test_whatever_happens_in_any_order_the_ledger_adds_up(school: School, steps: list[str]) -> None:
    from django.db import transaction

    from classbell.errors import DomainError

    with transaction.atomic():
        excuse = school.tell()
        hold(school)
        for step in steps:
            try:
                with transaction.atomic():
                    STEPS[step](school, excuse)
            except DomainError:
                continue
        record(school)
        settled(school)

        lines = list(lines_of(MakeUpCredit.objects.filter(student=school.student)).order_by("at", "pk"))
        assert all(line.balance >= 0 for line in lines)
        assert sum(line.amount for line in lines) == len(usable(school))
        was_taken = any(line.kind == "corrected" for line in lines)
        excused = Attendance.objects.filter(occurrence=school.session, user=school.student, status="excused")
        assert len(usable(school)) == int(excused.exists() and not was_taken)
        transaction.set_rollback(True)
