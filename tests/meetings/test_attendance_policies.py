"""Which rules a session is judged by, and what new ones do to the verdicts there are."""

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.meetings.attendance import policies
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.attendance.rules import rules_at
from classbell.meetings.attendance.services import override_attendance
from classbell.meetings.judging.inputs import Policy
from classbell.meetings.models import Attendance, AttendancePolicy
from classbell.meetings.verdicts import AttendanceStatus
from tests.factories import make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay, minute

pytestmark = pytest.mark.django_db

FIRST = minute(0).date()
LATER = minute(60 * 24 * 30)
STRICT = Policy(late_after_minutes=1)


@pytest.fixture
def ana():
    return make_student(first_name="Ana")


@pytest.fixture
def group(ana):
    return make_class(students=[ana])


def judged(group, ana, *, days: int = 0):
    """A session to which Ana came five minutes late, judged on its day."""
    occurrence = make_occurrence(group, days=days)
    make_stay(occurrence, group.teachers.get(), 0, 60)
    make_stay(occurrence, ana, 5, 60)
    record_attendance(occurrence_id=occurrence.pk, now=occurrence.ends_at)
    return occurrence


def status_of(occurrence) -> str:
    return str(Attendance.objects.get(occurrence=occurrence).status)


def recalculate(policy, now=LATER) -> None:
    while policies.recalculate_some(policy_id=policy.pk, now=now):
        pass


def test_the_groups_rules_come_before_the_schools_and_these_before_the_built_in(group):
    found = [rules_at(group.pk, LATER)]
    policies.set_rules(group=None, policy=Policy(late_after_minutes=20), now=minute(0))
    found.append(rules_at(group.pk, LATER))
    policies.set_rules(group=group, policy=Policy(late_after_minutes=30), now=minute(0))
    found.append(rules_at(group.pk, LATER))

    assert [(rules.policy.late_after_minutes, rules.source) for rules in found] == [
        (10, "built_in"),
        (20, "school"),
        (30, "class"),
    ]


def test_an_occurrence_is_judged_by_the_rules_in_force_when_it_began_however_late_its_news(group, ana):
    occurrence = make_occurrence(group)
    make_stay(occurrence, group.teachers.get(), 0, 60)
    make_stay(occurrence, ana, 5, 60)
    policies.set_rules(group=group, policy=STRICT, now=minute(30))

    record_attendance(occurrence_id=occurrence.pk, now=LATER)

    assert status_of(occurrence) == "present"


def test_new_rules_leave_past_verdicts_alone_and_count_from_the_next_occurrence_on(group, ana):
    before = judged(group, ana)

    kept = policies.set_rules(group=group, policy=STRICT, now=minute(90))

    after = judged(group, ana, days=7)
    record_attendance(occurrence_id=before.pk, now=LATER)
    assert (status_of(before), status_of(after)) == ("present", "late")
    assert policies.recalculation_of(kept) is None
    assert ProcrastinateJob.objects.filter(task_name="meetings.recalculate_attendance").count() == 0


def test_new_rules_since_a_day_judge_the_occurrences_since_then_again(group, ana):
    earlier, since = judged(group, ana), judged(group, ana, days=7)

    kept = policies.set_rules(group=group, policy=STRICT, since=FIRST + timedelta(days=7), now=LATER)
    (job,) = ProcrastinateJob.objects.filter(task_name="meetings.recalculate_attendance")
    before = policies.recalculation_of(kept)
    recalculate(kept)

    assert job.args == {"policy_id": str(kept.pk)}
    assert before == policies.Recalculation(total=1, done=0)
    assert policies.recalculation_of(kept) == policies.Recalculation(total=1, done=1)
    assert (status_of(earlier), status_of(since)) == ("present", "late")


def test_judging_again_leaves_what_a_person_has_overruled(group, ana):
    occurrence = judged(group, ana)
    override_attendance(
        occurrence_id=occurrence.pk,
        student_id=ana.pk,
        status=AttendanceStatus.PARTIAL,
        reason="Left for the doctor.",
        by=make_teacher(),
        now=LATER,
    )

    recalculate(policies.set_rules(group=group, policy=STRICT, since=FIRST, now=LATER))

    record = Attendance.objects.get(occurrence=occurrence)
    assert (record.status, record.computed_status) == ("partial", "late")


def test_judging_again_goes_on_in_pieces_and_does_nothing_twice(group, ana, monkeypatch):
    monkeypatch.setattr(policies, "OCCURRENCES_A_JOB", 2)
    for day in range(3):
        judged(group, ana, days=day)
    kept = policies.set_rules(group=group, policy=STRICT, since=FIRST, now=LATER)

    more = [policies.recalculate_some(policy_id=kept.pk, now=LATER) for _ in range(3)]

    assert more == [True, False, False]
    assert policies.recalculation_of(kept) == policies.Recalculation(total=3, done=3)


def test_rules_replaced_while_they_are_worked_off_need_no_more_work(group, ana):
    judged(group, ana)
    replaced = policies.set_rules(group=group, policy=STRICT, since=FIRST, now=LATER)
    policies.set_rules(group=group, policy=Policy(), since=FIRST, now=LATER)

    assert policies.recalculate_some(policy_id=replaced.pk, now=LATER) is False


def test_rules_of_the_school_since_a_day_reach_classes_without_their_own_only(group, ana):
    other = make_class(students=[ana])
    policies.set_rules(group=other, policy=Policy(late_after_minutes=15), now=minute(-60))
    without, own = judged(group, ana), judged(other, ana, days=1)

    recalculate(policies.set_rules(group=None, policy=STRICT, since=FIRST, now=LATER))

    assert (status_of(without), status_of(own)) == ("late", "present")


def test_a_class_can_follow_the_school_again_and_past_verdicts_stay(group, ana):
    policies.set_rules(group=group, policy=STRICT, now=minute(-60))
    before = judged(group, ana)

    policies.follow_school(group=group, now=minute(90))

    after = judged(group, ana, days=7)
    record_attendance(occurrence_id=before.pk, now=LATER)
    assert (status_of(before), status_of(after)) == ("late", "present")
    assert rules_at(group.pk, LATER).source == "built_in"


def test_a_class_without_rules_has_none_to_drop(group):
    assert policies.follow_school(group=group, now=LATER) is None
    assert AttendancePolicy.objects.count() == 0


def test_rules_begin_at_midnight_where_the_class_is():
    group = make_class(timezone="Asia/Riyadh")

    kept = policies.set_rules(group=group, policy=Policy(), since=FIRST, now=LATER)

    assert kept.in_force_from.isoformat() == f"{FIRST - timedelta(days=1)}T21:00:00+00:00"


def test_rules_cannot_be_set_for_days_to_come(group):
    with pytest.raises(policies.DayAhead):
        policies.set_rules(group=group, policy=Policy(), since=FIRST + timedelta(days=1), now=minute(0))


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(Policy(present_percent=101), id="over-the-whole"),
        pytest.param(Policy(present_percent=20, partial_percent=30), id="crossed"),
        pytest.param(Policy(partial_percent=-1), id="negative"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(policy):
    with pytest.raises(policies.RulesOutOfOrder):
        policies.set_rules(group=None, policy=policy, now=LATER)


def test_rehearsal_counts_what_saving_then_does_and_leaves_nothing_behind(group, ana):
    occurrence, unchanged = judged(group, ana), make_occurrence(group, days=7)
    record_attendance(occurrence_id=unchanged.pk, now=unchanged.ends_at)

    found = policies.rehearse_rules(group=group, policy=STRICT, since=FIRST, now=LATER)

    assert (found.occurrences, found.verdicts) == (2, 1)
    assert status_of(occurrence) == "present"
    assert not AttendancePolicy.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="meetings.recalculate_attendance").exists()
    recalculate(policies.set_rules(group=group, policy=STRICT, since=FIRST, now=LATER))
    assert status_of(occurrence) == "late"


def test_rehearsal_does_not_count_a_verdict_that_somebody_has_overruled(group, ana):
    occurrence = judged(group, ana)
    override_attendance(
        occurrence_id=occurrence.pk,
        student_id=ana.pk,
        status=AttendanceStatus.PRESENT,
        reason="Seen",
        by=group.teachers.get(),
        now=LATER,
    )

    found = policies.rehearse_rules(group=group, policy=STRICT, since=FIRST, now=LATER)

    assert (found.occurrences, found.verdicts) == (1, 0)


def test_rehearsal_only_counts_the_occurrences_when_they_are_many(group, ana, monkeypatch):
    judged(group, ana)
    monkeypatch.setattr(policies, "MOST_REHEARSED", 0)

    found = policies.rehearse_rules(group=group, policy=STRICT, since=FIRST, now=LATER)

    assert (found.occurrences, found.verdicts) == (1, None)


def test_rules_for_the_future_rehearse_to_nothing(group, ana):
    judged(group, ana)

    found = policies.rehearse_rules(group=group, policy=STRICT, since=None, now=LATER)

    assert (found.occurrences, found.verdicts) == (0, 0)
