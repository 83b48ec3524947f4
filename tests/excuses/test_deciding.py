"""Yes, no, and taking back: what becomes of verdicts, whoever does what first."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classbell.accounts.models import User
from classbell.bookings.models import BookingStatus
from classbell.excuses import permissions
from classbell.excuses.errors import ExcuseDecided
from classbell.excuses.models import Excuse
from classbell.excuses.permissions import can_decide, may_act_for, waiting_for
from classbell.excuses.services import Absence, decide_excuse, tell_excuse, withdraw_excuse
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.models import Attendance, AttendanceCount, ExcusedTime, Occurrence, Participation
from tests.at_once import at_once
from tests.bookings.lessons import make_lesson
from tests.examples import examples
from tests.excuses.conftest import School
from tests.factories import make_student
from tests.factories_attendance import make_stay
from tests.meetings.test_attendance_count import added_up, counted

pytestmark = pytest.mark.django_db


def decide(school: School, excuse: Excuse, *, accepted: bool = True) -> Excuse:
    return decide_excuse(excuse_id=excuse.pk, accepted=accepted, by=school.teacher, now=after(school))


def withdraw(school: School, excuse: Excuse) -> Excuse:
    return withdraw_excuse(excuse_id=excuse.pk, by=school.student, now=after(school))


def after(school: School) -> datetime:
    return school.session.ends_at + timedelta(hours=1)


def hold(school: School) -> None:
    """Let the session take place: the teacher and the fellow are there."""
    session = school.session
    Occurrence.objects.filter(pk=session.pk).update(
        actual_starts_at=session.starts_at, actual_ends_at=session.ends_at, status="ended"
    )
    for person in (school.teacher, school.fellow):
        make_stay(session, person, 0, 60)


def record(school: School) -> None:
    record_attendance(occurrence_id=school.session.pk, now=after(school))


def verdict(school: School) -> str:
    return str(Attendance.objects.get(occurrence=school.session, user=school.student).status)


def test_accepted_ahead_the_session_is_excused(school: School) -> None:
    decide(school, school.tell())
    hold(school)
    record(school)

    assert verdict(school) == "excused"


def test_accepted_afterwards_the_verdict_follows_at_once_and_goes_back_when_withdrawn(school: School) -> None:
    hold(school)
    record(school)
    excuse = school.tell(now=after(school), occurrence_id=school.session.pk)
    found = [verdict(school)]
    decide(school, excuse)
    found.append(verdict(school))
    withdraw(school, excuse)
    found.append(verdict(school))

    assert found == ["absent", "excused", "absent"]
    assert Excuse.objects.get().status == "withdrawn"


def test_refused_nothing_changes(school: School) -> None:
    excuse = decide(school, school.tell(), accepted=False)
    hold(school)
    record(school)

    assert (excuse.status, verdict(school)) == ("refused", "absent")


def test_the_second_answer_is_refused(school: School) -> None:
    excuse = school.tell()
    decide(school, excuse)

    with pytest.raises(ExcuseDecided) as refused:
        decide(school, excuse, accepted=False)

    assert refused.value.code == "excuse_decided"
    assert Excuse.objects.get().status == "accepted"


def test_withdrawn_twice_is_withdrawn_and_one_that_was_not_accepted_stays(school: School) -> None:
    excuse, other = school.tell(), school.tell(occurrence_id=school.session.pk, reason="Away.")
    withdraw(school, excuse)
    decide(school, other, accepted=False)

    assert withdraw(school, excuse).status == "withdrawn"
    with pytest.raises(ExcuseDecided):
        withdraw(school, other)
    with pytest.raises(ExcuseDecided):
        decide(school, excuse)


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_counts(school: School) -> None:
    excuse = school.tell()

    outcomes = at_once([lambda: decide(school, excuse), lambda: decide(school, excuse, accepted=False)])

    refused = [one for one in outcomes if isinstance(one, ExcuseDecided)]
    (kept,) = [one.status for one in outcomes if isinstance(one, Excuse)]
    assert len(refused) == 1
    assert Excuse.objects.get().status == kept
    assert ExcusedTime.objects.exists() is (kept == "accepted")


@pytest.mark.django_db(transaction=True)
def test_accepted_and_withdrawn_at_once_no_time_stays_behind(school: School) -> None:
    excuse = school.tell()

    at_once([lambda: decide(school, excuse), lambda: withdraw(school, excuse)])

    assert Excuse.objects.get().status == "withdrawn"
    assert not ExcusedTime.objects.exists()


STEPS: Final[dict[str, Callable[[School, Excuse], object]]] = {
    "accept": decide,
    "refuse": lambda school, excuse: decide(school, excuse, accepted=False),
    "withdraw": withdraw,
    "judge": lambda school, _excuse: record(school),
    "come": lambda school, _excuse: make_stay(school.session, school.student, 0, 60),
}


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=7))
def test_any_order_of_excuse_events_decision_and_withdrawal_gives_the_same(school: School, steps: list[str]) -> None:
    for rows in (Excuse, ExcusedTime, Attendance, Participation, AttendanceCount):
        rows.objects.all().delete()
    hold(school)
    excuse = school.tell(now=after(school), occurrence_id=school.session.pk)
    stands = "pending"
    for step in steps:
        try:
            STEPS[step](school, excuse)
        except ExcuseDecided:
            assert stands != "pending"
        else:
            stands = {"accept": "accepted", "refuse": "refused", "withdraw": "withdrawn"}.get(step, stands)
        assert counted() == added_up()
    record(school)

    assert Excuse.objects.get().status == stands
    expected = "present" if "come" in steps else "excused" if stands == "accepted" else "absent"
    assert verdict(school) == expected
    assert counted() == added_up()


def test_a_lesson_is_told_to_and_decided_by_its_teacher(school: School) -> None:
    lesson = make_lesson(BookingStatus.CONFIRMED, student=school.stranger)
    assert lesson.meeting is not None
    absence = Absence(reason="Ill.", occurrence_id=lesson.meeting.occurrences.get().pk)
    excuse = tell_excuse(student_id=school.stranger.pk, by=school.stranger, absence=absence, now=school.now)

    assert may_act_for(lesson.teacher, school.stranger.pk)
    assert not may_act_for(school.other_teacher, school.stranger.pk)
    assert excuse in Excuse.objects.visible_to(lesson.teacher)
    assert can_decide(lesson.teacher, excuse)
    assert not can_decide(school.other_teacher, excuse)


@pytest.mark.parametrize("count", [1, 20])
def test_what_waits_is_found_in_the_same_number_of_statements(
    school: School, django_assert_num_queries: Callable[..., Any], count: int
) -> None:
    for _each in range(count):
        tell_whole_day(school, make_student())

    with django_assert_num_queries(6):
        waiting = waiting_for(school.teacher)
    assert len(waiting) == count


def tell_whole_day(school: School, student: User) -> Excuse:
    """Let a new student of the class be away for the day of its session."""
    school.group.memberships.create(user=student)
    begins, ends = school.day
    absence = Absence(reason="Ill.", starts_at=begins, ends_at=ends)
    return tell_excuse(student_id=student.pk, by=student, absence=absence, now=school.now)


def test_many_that_others_decide_do_not_hide_ones_own(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "MOST_WAITING", 2)
    begins, ends = school.day
    for number in range(3):
        school.tell(starts_at=begins, ends_at=ends, reason=f"All of the day, {number}.")
    own = school.tell()

    assert waiting_for(school.teacher) == [own]
    assert len(waiting_for(school.admin)) == 2
