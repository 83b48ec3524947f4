"""Reports: what adds up to what, for whom, and in how many statements."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus, Participation
from classbell.meetings.presence.periods import Stay, presence, whole_seconds
from classbell.meetings.reports.over_time import (
    AttendanceFigures,
    Every,
    TeacherFigures,
    by_class,
    by_student,
    by_teacher,
    over_time,
    reported_sittings,
)
from classbell.meetings.reports.sittings import (
    PersonInSitting,
    SittingFigures,
    Totals,
    by_sitting,
    people_in,
    summary,
    totals,
)
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_sitting, make_stay, minute

pytestmark = pytest.mark.django_db

UTC_ZONE = ZoneInfo("UTC")
ALL = Occurrence.objects.all


@pytest.fixture
def ana():
    return make_student(first_name="Ana")


@pytest.fixture
def ben():
    return make_student(first_name="Ben")


@pytest.fixture
def group(ana, ben):
    return make_class(students=[ana, ben])


def held(group, *stays, days=0, **fields):
    """Make a recorded sitting with the teacher and these (user, joined, left) in it."""
    sitting = make_sitting(group, days=days, **fields)
    make_stay(sitting, group.teachers.get(), 0, 60)
    for user, joined, left in stays:
        make_stay(sitting, user, joined, left)
    record_attendance(occurrence_id=sitting.pk, now=sitting.ends_at)
    return sitting


# -- one sitting, from stays


def test_overlapping_stays_of_one_person_count_once(group, ana):
    sitting = make_sitting(group)
    for joined, left, source in ((0, 30, "webhook"), (10, 20, "webhook"), (0, 30, "report"), (40, 50, "report")):
        make_stay(sitting, ana, joined, left, source=source)

    assert people_in(sitting) == [
        PersonInSitting(user_id=ana.pk, first_joined_at=minute(0), last_left_at=minute(50), seconds=40 * 60)
    ]


def test_strangers_are_told_apart_by_email_then_by_name(group):
    sitting = make_sitting(group)
    make_stay(sitting, None, 0, 10, name="iPhone", email="One@example.org")
    make_stay(sitting, None, 5, 20, name="iPad", email="one@example.org")
    make_stay(sitting, None, 6, 10, name="iPhone")
    make_stay(sitting, None, 8, 12, name="IPHONE")

    assert [(p.user_id, p.seconds // 60) for p in people_in(sitting)] == [(None, 20), (None, 6)]


def test_who_is_still_there_counts_until_the_end(group, ana):
    sitting = make_sitting(group, ended=45)
    make_stay(sitting, ana, 15, None)

    assert [p.seconds // 60 for p in people_in(sitting)] == [30]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=8))
def test_the_database_and_the_calculation_agree_on_the_union(group, ana, minutes):
    sitting = Occurrence.objects.filter(meeting__group=group).first() or make_sitting(group)
    Participation.objects.filter(occurrence=sitting).delete()
    rows = [make_stay(sitting, ana, min(pair), max(pair)) for pair in minutes]

    (person,) = people_in(sitting)

    stays = [Stay(joined_at=row.joined_at, left_at=row.left_at) for row in rows]
    assert person.seconds == whole_seconds(presence(stays, until=sitting.ends_at))


# -- many sittings


@pytest.fixture
def two_hours(group, ana, ben):
    """Two held hours, a day apart: Ana comes to both, Ben late to one; a stranger looks in."""
    first = held(group, (ana, 0, 60), (ben, 20, 60))
    make_stay(first, None, 0, 10, name="iPhone")
    second = held(group, (ana, 0, 60), days=1)
    return first, second


def test_each_sitting_has_its_figures_in_the_order_of_time(two_hours):
    first, second = two_hours

    assert by_sitting(ALL()) == [
        SittingFigures(occurrence_id=first.pk, participants=4, seconds=170 * 60, expected=2, attended=2, known=2),
        SittingFigures(occurrence_id=second.pk, participants=2, seconds=120 * 60, expected=2, attended=1, known=2),
    ]
    assert [figures.rate for figures in by_sitting(ALL())] == [1.0, 0.5]


def test_totals_are_the_sum_of_the_sittings(two_hours, group):
    make_sitting(group, days=2, started=None)

    assert totals(ALL()) == Totals(
        sittings=3, ended=2, minutes=120, participants=6, seconds=290 * 60, expected=4, attended=3, known=4
    )
    assert totals(ALL()).rate == 0.75


def test_what_is_not_known_lowers_no_rate(group):
    record_attendance(occurrence_id=make_sitting(group).pk, now=minute(90))

    figures = totals(ALL())

    assert (figures.expected, figures.known, figures.rate) == (2, 0, None)


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(Occurrence.objects.none, id="none"),
        pytest.param(lambda: Occurrence.objects.filter(starts_at__year=1999), id="no-match"),
    ],
)
def test_a_report_about_nothing_is_empty(nothing):
    assert by_sitting(nothing()) == []
    assert totals(nothing()) == Totals(
        sittings=0, ended=0, minutes=0, participants=0, seconds=0, expected=0, attended=0, known=0
    )


def test_a_report_is_about_the_chosen_sittings_only(two_hours):
    first, second = two_hours

    chosen = Occurrence.objects.between(second.starts_at, second.ends_at)

    assert [figures.occurrence_id for figures in by_sitting(chosen)] == [second.pk]
    assert [figures.occurrence_id for figures in by_sitting(Occurrence.objects.order_by("starts_at")[:1])] == [first.pk]


@pytest.mark.parametrize("days", [1, 3], ids=["one-sitting", "three-sittings"])
def test_every_report_takes_one_statement(group, ana, days, django_assert_num_queries):
    for day in range(days):
        held(group, (ana, 0, 60), days=day)

    for report in (by_sitting, totals, by_student, by_class, by_teacher):
        with django_assert_num_queries(1):
            report(ALL())


# -- over time


def figures(subject, step=None, **counts) -> AttendanceFigures:
    zero = dict.fromkeys(["present", "late", "partial", "absent", "unknown", "attended_seconds", "held_seconds"], 0)
    return AttendanceFigures(subject_id=subject.pk, step_starts_at=step, **zero | counts)


def test_students_figures_add_up_their_records(two_hours, ana, ben):
    assert by_student(ALL()) == sorted(
        [
            figures(ana, present=2, attended_seconds=7200, held_seconds=7200),
            figures(ben, late=1, absent=1, attended_seconds=2400, held_seconds=7200),
        ],
        key=lambda f: f.subject_id,
    )
    assert {f.subject_id: f.rate for f in by_student(ALL())} == {ana.pk: 1.0, ben.pk: 0.5}


def test_classes_figures_leave_out_meetings_without_one(two_hours, group, ana):
    private = held(group, (ana, 0, 60), days=3)
    Meeting.objects.filter(pk=private.meeting_id).update(group=None)

    assert by_class(ALL()) == [figures(group, present=2, late=1, absent=1, attended_seconds=9600, held_seconds=14400)]


def test_steps_of_time_follow_the_readers_calendar(group, ana, ben):
    """Eleven on Sunday evening in UTC is Monday in Riyadh."""
    sitting = held(group, (ana, 0, 60), (ben, 0, 60))
    sunday = sitting.starts_at - timedelta(hours=10)
    Occurrence.objects.filter(pk=sitting.pk).update(starts_at=sunday, ends_at=sunday + timedelta(hours=1))
    monday = minute(0).date()

    def weeks(zone: str) -> set[datetime]:
        return {f.step_starts_at for f in by_student(ALL(), every=Every(unit="week", zone=ZoneInfo(zone)))}

    def midnight(day, zone: str) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))

    assert weeks("Asia/Riyadh") == {midnight(monday, "Asia/Riyadh")}
    assert weeks("UTC") == {midnight(monday - timedelta(days=7), "UTC")}


def test_months_are_reported_apart(group, ana, ben):
    for days in (0, 35):
        held(group, (ana, 0, 60), (ben, 0, 60), days=days)

    steps = [f.step_starts_at for f in by_class(ALL(), every=Every(unit="month", zone=UTC_ZONE))]

    assert len(steps) == 2
    assert steps == sorted(steps)


def test_teachers_figures_tell_how_they_kept_the_timetable(group, ana):
    teacher = group.teachers.get()
    held(group, (ana, 0, 60))
    late = make_sitting(group, days=1, started=12)
    make_stay(late, ana, 12, 60)
    never = make_sitting(group, days=2, zoom_settings={"join_before_host": True})
    make_stay(never, ana, 0, 60)
    unheard, cancelled = make_sitting(group, days=3, started=None), make_sitting(group, days=4, started=None)
    cancelled.status = OccurrenceStatus.CANCELLED
    cancelled.save()
    for sitting in (late, never, unheard, cancelled):
        record_attendance(occurrence_id=sitting.pk, now=sitting.ends_at)

    assert by_teacher(ALL()) == [
        TeacherFigures(
            teacher_id=teacher.pk,
            step_starts_at=None,
            held=2,
            void=1,
            unknown=1,
            no_shows=1,
            late=1,
            left_early=0,
            late_seconds=720,
            seconds=6480,
        )
    ]


def test_reports_are_about_what_one_teaches(two_hours, group, ana):
    colleague = make_teacher()
    group.teachers.add(colleague)
    people = [two_hours[0].meeting.teacher, colleague, make_admin(), make_teacher(), ana]

    assert [reported_sittings(person).count() for person in people] == [2, 2, 2, 0, 0]


def test_steps_of_time_add_up_to_the_whole(group, ana, ben):
    held(group, (ana, 0, 60), (ben, 0, 60))
    held(group, (ana, 0, 60), days=1)
    held(group, (ana, 20, 60), days=40)

    weeks = by_class(ALL(), every=Every(unit="week", zone=UTC_ZONE))

    assert len(weeks) > 1
    assert over_time(weeks) == by_class(ALL())


def test_summary_says_what_the_totals_say(two_hours):
    figures, least = totals(ALL()), summary(ALL())

    assert (least.sittings, least.ended, least.minutes, least.participants) == (
        figures.sittings,
        figures.ended,
        figures.minutes,
        figures.participants,
    )


def test_a_sitting_of_a_whole_day_is_found_until_it_is_over(group):
    sitting = make_sitting(group)
    Occurrence.objects.filter(pk=sitting.pk).update(ends_at=sitting.starts_at + timedelta(days=1))
    last_moment = sitting.starts_at + timedelta(hours=23, minutes=59)

    found = [
        list(ALL().not_over(last_moment)),
        list(ALL().between(last_moment, last_moment + timedelta(hours=1))),
        list(ALL().not_over(sitting.starts_at + timedelta(days=1))),
    ]

    assert found == [[sitting], [sitting], []]
