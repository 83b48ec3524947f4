"""A term is changed where its files changed; `test_real_term` has a whole one."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import User
from classbell.courses.models import Section
from classbell.courses.timetable.files import Timetable
from classbell.courses.timetable.rows import WeeklyClass
from classbell.courses.timetable.services import import_term
from classbell.courses.timetable.term import Term
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
    by_code: dict[str, tuple[WeeklyClass, ...]] = {}
    for weekly in classes:
        by_code[weekly.section] = (*by_code.get(weekly.section, ()), weekly)
    return Timetable(classes=by_code, students={code: students.get(code, []) for code in by_code}, mistakes=[])


def weekly(section: str = "A", **fields) -> WeeklyClass:
    values: dict[str, Any] = {
        "section": section,
        "course": "Algebra",
        "teacher": "t1@ist.example",
        "weekdays": (0,),
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
    timetable = small(weekly("A"), weekly("B", weekdays=(1,)), A=["s1@ist.example"])

    summary = import_term(timetable, TERM, now=BEFORE_TERM, dry_run=True)

    assert (summary.created, summary.people_created) == (["A", "B"], 2)
    assert (User.objects.count(), Group.objects.count(), Meeting.objects.count(), jobs()) == (0, 0, 0, 0)


def test_moved_section_moves_its_meeting_and_no_other(licences):
    import_term(small(weekly("A"), weekly("B", weekdays=(1,))), TERM, now=BEFORE_TERM)
    untouched = Section.objects.get(code="B").meeting

    summary = import_term(
        small(weekly("A", start=at("11:00"), end=at("12:00")), weekly("B", weekdays=(1,))), TERM, now=BEFORE_TERM
    )

    moved = Section.objects.get(code="A").meeting
    assert (summary.changed, summary.unchanged) == (["A"], ["B"])
    assert {(o.starts_at.hour, o.ends_at - o.starts_at) for o in moved.occurrences.filter(starts_at__month=9)} == {
        (10, timedelta(hours=1))
    }
    assert Meeting.objects.get(pk=untouched.pk).revision == 1


def test_holidays_are_occurrences_that_do_not_happen(licences):
    holiday = Term(
        starts_on=TERM.starts_on, weeks=3, timezone=TERM.timezone, holidays={date(2026, 9, 21): "Founders' day"}
    )

    import_term(small(weekly("A")), holiday, now=BEFORE_TERM)

    occurrences = Section.objects.get(code="A").meeting.occurrences.values_list("status", "cancellation_reason")
    assert list(occurrences) == [("scheduled", ""), ("cancelled", "Founders' day"), ("scheduled", "")]
    assert Claim.objects.filter(kind=ClaimKind.TEACHER).count() == 2


def test_holiday_that_is_taken_back_brings_the_occurrence_back(licences):
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
        small(weekly("A"), weekly("B", start=at("10:00"), end=at("11:00")), weekly("C", weekdays=(2,))),
        TERM,
        now=BEFORE_TERM,
    )

    assert (summary.created, list(summary.clashes)) == (["A", "C"], ["B"])
    assert "Algebra · A" in summary.clashes["B"][0].blocked_by
    assert Group.objects.count() == 2


def test_gone_section_is_reported_and_cancelled_only_when_asked(licences):
    import_term(small(weekly("A"), weekly("B", weekdays=(1,))), TERM, now=BEFORE_TERM)

    reported = import_term(small(weekly("A")), TERM, now=BEFORE_TERM)
    assert (reported.gone, reported.pruned) == (["B"], [])
    assert Section.objects.get(code="B").meeting.wanted

    pruned = import_term(small(weekly("A")), TERM, now=BEFORE_TERM, prune=True)
    assert (pruned.gone, pruned.pruned) == ([], ["B"])
    assert not Section.objects.get(code="B").meeting.wanted
    assert not Claim.objects.filter(occurrence__meeting__section__code="B").exists()


def test_pruned_section_that_comes_back_gets_a_new_meeting(licences):
    both = small(weekly("A"), weekly("B", weekdays=(1,)))
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
    members = Membership.objects.filter(group__sections__code="A").values_list("user__email", flat=True)
    assert sorted(members) == ["s2@ist.example", "s3@ist.example"]


def test_import_without_hosts_keeps_the_meetings_and_says_so():
    summary = import_term(small(weekly("A")), TERM, now=BEFORE_TERM)

    assert (summary.created, summary.unhosted) == (["A"], ["A"])


def occurrences(section: str, part: int = 1) -> list[tuple[date, str]]:
    """Return the dates of a section's meeting, and what became of each."""
    found = Section.objects.get(code=section, part=part).meeting.occurrences.order_by("starts_at")
    return [(occurrence.starts_at.date(), occurrence.status) for occurrence in found]


def test_days_at_one_time_are_one_meeting_and_other_times_their_own_all_in_one_class(licences):
    timetable = small(weekly("A", weekdays=(0, 2, 4)), weekly("A", weekdays=(1,), start=at("14:00"), end=at("15:00")))

    summary = import_term(timetable, TERM, now=BEFORE_TERM)

    assert (summary.created, Group.objects.count(), Meeting.objects.count()) == (["A"], 1, 2)
    assert len(occurrences("A")) == 3 * 14
    assert len(occurrences("A", part=2)) == 14


def test_parts_in_another_order_change_nothing(licences):
    parts = [
        weekly("A"),
        weekly("A", weekdays=(1,), start=at("14:00"), end=at("15:00")),
        weekly("A", weekdays=(3,), teacher="t2@ist.example"),
    ]
    import_term(small(*parts), TERM, now=BEFORE_TERM)
    meetings = dict(Meeting.objects.values_list("pk", "revision"))

    summary = import_term(small(*reversed(parts)), TERM, now=BEFORE_TERM)

    assert (summary.unchanged, summary.changed, summary.created) == (["A"], [], [])
    assert dict(Meeting.objects.values_list("pk", "revision")) == meetings
    assert {teacher.email for teacher in Group.objects.get().teachers.all()} == {"t1@ist.example", "t2@ist.example"}


def test_part_that_leaves_a_section_is_cancelled_and_the_other_keeps_its_meeting(licences):
    afternoon = weekly("A", weekdays=(1,), start=at("14:00"), end=at("15:00"), teacher="t2@ist.example")
    import_term(small(weekly("A"), afternoon), TERM, now=BEFORE_TERM)
    kept = Section.objects.get(part=2).meeting

    summary = import_term(small(afternoon), TERM, now=BEFORE_TERM)

    assert (summary.changed, summary.gone) == (["A"], [])
    assert Meeting.objects.get(pk=kept.pk).revision == kept.revision
    assert not Section.objects.get(part=1).meeting.wanted
    assert import_term(small(afternoon), TERM, now=BEFORE_TERM).unchanged == ["A"]


def test_odd_and_even_weeks_are_every_other_week(licences):
    odd, even = frozenset(range(1, 54, 2)), frozenset(range(2, 54, 2))
    timetable = small(weekly("A", weekdays=(0, 2), weeks=odd), weekly("B", weeks=even))

    import_term(timetable, TERM, now=BEFORE_TERM)

    assert [day for day, _status in occurrences("A")][:4] == [date(2026, 9, day) for day in (14, 16, 28, 30)]
    assert [day for day, _status in occurrences("B")][:2] == [date(2026, 9, 21), date(2026, 10, 5)]
    assert (len(occurrences("A")), len(occurrences("B"))) == (14, 7)


def test_odd_weeks_of_days_around_a_sunday_keep_their_weeks(licences):
    import_term(small(weekly("A", weekdays=(0, 6), weeks=frozenset({1, 3}))), TERM, now=BEFORE_TERM)

    held = [day for day, status in occurrences("A") if status == "scheduled"]
    assert held == [date(2026, 9, 14), date(2026, 9, 20), date(2026, 9, 28), date(2026, 10, 4)]


def test_recess_of_one_section_is_its_own(licences):
    import_term(
        small(weekly("A", excluded=frozenset({date(2026, 9, 21)})), weekly("B", weekdays=(1,))), TERM, now=BEFORE_TERM
    )

    assert occurrences("A")[1] == (date(2026, 9, 21), "cancelled")
    assert {status for _day, status in occurrences("B")} == {"scheduled"}


def test_weeks_beyond_the_term_are_told(licences):
    summary = import_term(small(weekly("A", weeks=frozenset({20}), line=7)), TERM, now=BEFORE_TERM)

    assert [(one.line, one.reason) for one in summary.mistakes] == [
        (7, "section “A” has none of its weeks in this term")
    ]
    assert summary.created == []


def test_long_term_of_many_days_is_one_meeting_with_one_link(licences):
    term = Term(starts_on=TERM.starts_on, weeks=20, timezone=TERM.timezone)

    import_term(small(weekly("A", weekdays=(0, 2, 4))), term, now=BEFORE_TERM)

    assert len(occurrences("A")) == 60
    assert Section.objects.get().meeting.seat is not None
    assert import_term(small(weekly("A", weekdays=(0, 2, 4))), term, now=BEFORE_TERM).unchanged == ["A"]


def test_section_whose_time_is_not_known_yet_is_not_taken_for_gone(licences):
    import_term(small(weekly("A")), TERM, now=BEFORE_TERM)
    waiting = Timetable(classes={}, students={}, mistakes=[], unscheduled=frozenset({"A"}))

    summary = import_term(waiting, TERM, now=BEFORE_TERM, prune=True)

    assert (summary.gone, summary.pruned) == ([], [])
    assert Section.objects.get().meeting.wanted


def test_only_other_days_off_are_counted_apart(licences):
    import_term(small(weekly("A"), weekly("B", weekdays=(1,))), TERM, now=BEFORE_TERM)
    with_holiday = Term(
        starts_on=TERM.starts_on, weeks=TERM.weeks, timezone=TERM.timezone, holidays={date(2026, 9, 21): "Day"}
    )

    summary = import_term(small(weekly("A"), weekly("B", weekdays=(3,))), with_holiday, now=BEFORE_TERM)

    assert (summary.changed, summary.other_days_off) == (["A", "B"], ["A"])


def test_people_get_the_names_of_the_files_and_keep_those_they_have(licences):
    User.objects.create_user("s1@ist.example", first_name="Sara")
    timetable = replace(
        small(weekly("A"), A=["s1@ist.example", "s2@ist.example"]),
        names={"s1@ist.example": ("Ana", "Silva"), "s2@ist.example": ("Bo", "B"), "t1@ist.example": ("Rui", "Sousa")},
    )

    import_term(timetable, TERM, now=BEFORE_TERM)

    assert {user.email: user.name for user in User.objects.all()} == {
        "s1@ist.example": "Sara Silva",
        "s2@ist.example": "Bo B",
        "t1@ist.example": "Rui Sousa",
    }


def test_sections_with_more_students_than_places_are_named_and_keep_them_all(licences):
    three = ["s1@ist.example", "s2@ist.example", "s3@ist.example"]
    timetable = small(weekly("A", capacity=2), weekly("B", weekdays=(1,), capacity=None), A=three, B=three)

    foreseen = import_term(timetable, TERM, now=BEFORE_TERM, dry_run=True)
    done = import_term(timetable, TERM, now=BEFORE_TERM)

    for summary in (foreseen, done):
        assert [(one.section, one.students, one.capacity) for one in summary.crowded] == [("A", 3, 2)]
    assert Section.objects.get(code="A").group.memberships.count() == 3


def test_more_places_in_the_file_are_taken_over_though_nothing_else_changes(licences):
    import_term(small(weekly("A", capacity=1), A=["s1@ist.example", "s2@ist.example"]), TERM, now=BEFORE_TERM)

    summary = import_term(small(weekly("A", capacity=2), A=["s1@ist.example", "s2@ist.example"]), TERM, now=BEFORE_TERM)

    assert (summary.changed, summary.unchanged, summary.crowded) == (["A"], [], [])
    assert Section.objects.get(code="A").group.capacity == 2
