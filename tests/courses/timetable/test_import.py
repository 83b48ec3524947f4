"""A term is changed where its files changed; `test_real_term` has a whole one."""

from datetime import date, datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import User
from classbell.courses.models import Section
from classbell.courses.timetable.files import Timetable, WeeklyClass
from classbell.courses.timetable.services import Term, import_term
from classbell.groups.models import Group, Membership
from classbell.meetings.models import Claim, ClaimKind, Meeting
from tests.courses.timetable.school import BEFORE_TERM, TERM, make_licences

pytestmark = pytest.mark.django_db


@pytest.fixture
def licences() -> None:
    """The licensed hosts of one account."""
    make_licences()


def small(*classes: WeeklyClass, **students: list[str]) -> Timetable:
    """Return a timetable of these classes; students by section."""
    by_code = {weekly.section: weekly for weekly in classes}
    return Timetable(classes=by_code, students={code: students.get(code, []) for code in by_code}, mistakes=[])


def weekly(section: str = "A", **fields) -> WeeklyClass:
    values = {
        "section": section,
        "course": "Algebra",
        "teacher": "t1@ist.example",
        "weekday": 0,
        "start": datetime.strptime("09:00", "%H:%M").time(),
        "end": datetime.strptime("10:30", "%H:%M").time(),
        "capacity": 30,
    }
    return WeeklyClass(**values | fields)


def at(text: str):
    return datetime.strptime(text, "%H:%M").time()


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="meetings.reconcile").count()


def test_dry_run_says_all_and_saves_nothing(licences):
    timetable = small(weekly("A"), weekly("B", weekday=1), A=["s1@ist.example"])

    summary = import_term(timetable, TERM, now=BEFORE_TERM, dry_run=True)

    assert (summary.created, summary.people_created) == (["A", "B"], 2)
    assert (User.objects.count(), Group.objects.count(), Meeting.objects.count(), jobs()) == (0, 0, 0, 0)


def test_moved_section_moves_its_meeting_and_no_other(licences):
    import_term(small(weekly("A"), weekly("B", weekday=1)), TERM, now=BEFORE_TERM)
    untouched = Section.objects.get(code="B").meeting

    summary = import_term(
        small(weekly("A", start=at("11:00"), end=at("12:00")), weekly("B", weekday=1)), TERM, now=BEFORE_TERM
    )

    moved = Section.objects.get(code="A").meeting
    assert (summary.changed, summary.unchanged) == (["A"], ["B"])
    assert {(o.starts_at.hour, o.ends_at - o.starts_at) for o in moved.occurrences.filter(starts_at__month=9)} == {
        (10, timedelta(hours=1))
    }
    assert Meeting.objects.get(pk=untouched.pk).revision == 1


def test_holidays_are_sittings_that_do_not_happen(licences):
    holiday = Term(
        starts_on=TERM.starts_on, weeks=3, timezone=TERM.timezone, holidays={date(2026, 9, 21): "Founders' day"}
    )

    import_term(small(weekly("A")), holiday, now=BEFORE_TERM)

    sittings = Section.objects.get(code="A").meeting.occurrences.values_list("status", "cancellation_reason")
    assert list(sittings) == [("scheduled", ""), ("cancelled", "Founders' day"), ("scheduled", "")]
    assert Claim.objects.filter(kind=ClaimKind.TEACHER).count() == 2


def test_holiday_that_is_taken_back_brings_the_sitting_back(licences):
    holiday = Term(
        starts_on=TERM.starts_on, weeks=3, timezone=TERM.timezone, holidays={date(2026, 9, 21): "Founders' day"}
    )
    import_term(small(weekly("A")), holiday, now=BEFORE_TERM)

    summary = import_term(
        small(weekly("A")), Term(starts_on=TERM.starts_on, weeks=3, timezone=TERM.timezone), now=BEFORE_TERM
    )

    assert summary.changed == ["A"]
    assert Claim.objects.filter(kind=ClaimKind.TEACHER).count() == 3


def test_section_whose_teacher_is_taken_is_reported_and_the_rest_comes_in(licences):
    summary = import_term(
        small(weekly("A"), weekly("B", start=at("10:00"), end=at("11:00")), weekly("C", weekday=2)),
        TERM,
        now=BEFORE_TERM,
    )

    assert (summary.created, list(summary.clashes)) == (["A", "C"], ["B"])
    assert "Algebra · A" in summary.clashes["B"][0].blocked_by
    assert Group.objects.count() == 2


def test_gone_section_is_reported_and_cancelled_only_when_asked(licences):
    import_term(small(weekly("A"), weekly("B", weekday=1)), TERM, now=BEFORE_TERM)

    reported = import_term(small(weekly("A")), TERM, now=BEFORE_TERM)
    assert (reported.gone, reported.pruned) == (["B"], [])
    assert Section.objects.get(code="B").meeting.wanted

    pruned = import_term(small(weekly("A")), TERM, now=BEFORE_TERM, prune=True)
    assert (pruned.gone, pruned.pruned) == ([], ["B"])
    assert not Section.objects.get(code="B").meeting.wanted
    assert not Claim.objects.filter(occurrence__meeting__section__code="B").exists()


def test_pruned_section_that_comes_back_gets_a_new_meeting(licences):
    both = small(weekly("A"), weekly("B", weekday=1))
    import_term(both, TERM, now=BEFORE_TERM)
    import_term(small(weekly("A")), TERM, now=BEFORE_TERM, prune=True)

    summary = import_term(both, TERM, now=BEFORE_TERM)

    assert summary.changed == ["B"]
    assert Section.objects.get(code="B").meeting.wanted
    assert Claim.objects.filter(occurrence__meeting__section__code="B", kind=ClaimKind.TEACHER).count() == 14


def test_members_follow_the_file(licences):
    import_term(small(weekly("A"), A=["s1@ist.example", "s2@ist.example"]), TERM, now=BEFORE_TERM)

    summary = import_term(small(weekly("A"), A=["s2@ist.example", "s3@ist.example"]), TERM, now=BEFORE_TERM)

    assert (summary.members_added, summary.members_removed) == (1, 1)
    members = Membership.objects.filter(group__section__code="A").values_list("user__email", flat=True)
    assert sorted(members) == ["s2@ist.example", "s3@ist.example"]


def test_import_without_hosts_keeps_the_meetings_and_says_so():
    summary = import_term(small(weekly("A")), TERM, now=BEFORE_TERM)

    assert (summary.created, summary.unhosted) == (["A"], ["A"])
