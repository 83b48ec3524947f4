"""Reports: what adds up to what, for whom, and in how many statements."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.models import Attendance, Meeting, Occurrence, OccurrenceStatus, Participation
from classbell.meetings.periods import Stay, presence, whole_seconds
from classbell.meetings.reports.occurrences import (
    OccurrenceFigures,
    PersonInOccurrence,
    Totals,
    by_occurrence,
    people_in,
    totals,
)
from classbell.meetings.reports.over_time import (
    AttendanceFigures,
    Page,
    Scope,
    TeacherFigures,
    WeekFigures,
    by_student,
    classes,
    reported_groups,
    reported_occurrences,
    students,
    teachers,
    week_by_week,
)
from tests.examples import examples
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay, minute

pytestmark = pytest.mark.django_db

UTC_ZONE = ZoneInfo("UTC")
ALL = Occurrence.objects.all
LATER = minute(0) + timedelta(days=180)
NONE = dict.fromkeys(["present", "late", "partial", "absent", "excused", "unknown"], 0)


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
    """Make a recorded session with the teacher and these (user, joined, left) in it."""
    occurrence = make_occurrence(group, days=days, **fields)
    make_stay(occurrence, group.teachers.get(), 0, 60)
    for user, joined, left in stays:
        make_stay(occurrence, user, joined, left)
    record_attendance(occurrence_id=occurrence.pk, now=occurrence.ends_at)
    return occurrence


# -- one session, from stays


def test_overlapping_stays_of_one_person_count_once(group, ana):
    occurrence = make_occurrence(group)
    for joined, left, source in ((0, 30, "webhook"), (10, 20, "webhook"), (0, 30, "report"), (40, 50, "report")):
        make_stay(occurrence, ana, joined, left, source=source)

    assert people_in(occurrence) == [
        PersonInOccurrence(user_id=ana.pk, first_joined_at=minute(0), last_left_at=minute(50), seconds=40 * 60)
    ]


def test_strangers_are_told_apart_by_email_then_by_name(group):
    occurrence = make_occurrence(group)
    make_stay(occurrence, None, 0, 10, name="iPhone", email="One@example.org")
    make_stay(occurrence, None, 5, 20, name="iPad", email="one@example.org")
    make_stay(occurrence, None, 6, 10, name="iPhone")
    make_stay(occurrence, None, 8, 12, name="IPHONE")

    assert [(p.user_id, p.seconds // 60) for p in people_in(occurrence)] == [(None, 20), (None, 6)]


def test_who_is_still_there_counts_until_the_end(group, ana):
    occurrence = make_occurrence(group, ended=45)
    make_stay(occurrence, ana, 15, None)

    assert [p.seconds // 60 for p in people_in(occurrence)] == [30]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=8))
def test_the_database_and_the_calculation_agree_on_the_union(group, ana, minutes):
    occurrence = Occurrence.objects.filter(meeting__group=group).first() or make_occurrence(group)
    Participation.objects.filter(occurrence=occurrence).delete()
    rows = [make_stay(occurrence, ana, min(pair), max(pair)) for pair in minutes]

    (person,) = people_in(occurrence)

    stays = [Stay(joined_at=row.joined_at, left_at=row.left_at) for row in rows]
    assert person.seconds == whole_seconds(presence(stays, until=occurrence.ends_at))


# -- many sessions


@pytest.fixture
def two_hours(group, ana, ben):
    """Two held hours, a day apart: Ana comes to both, Ben late to one; a stranger looks in."""
    first = held(group, (ana, 0, 60), (ben, 20, 60))
    make_stay(first, None, 0, 10, name="iPhone")
    second = held(group, (ana, 0, 60), days=1)
    return first, second


def test_each_occurrence_has_its_figures_in_the_order_of_time(two_hours):
    first, second = two_hours

    assert by_occurrence(ALL()) == [
        OccurrenceFigures(occurrence_id=first.pk, participants=4, seconds=170 * 60, expected=2, attended=2, known=2),
        OccurrenceFigures(occurrence_id=second.pk, participants=2, seconds=120 * 60, expected=2, attended=1, known=2),
    ]
    assert [figures.rate for figures in by_occurrence(ALL())] == [1.0, 0.5]


def test_totals_are_the_sum_of_the_occurrences(two_hours, group):
    make_occurrence(group, days=2, started=None)

    assert totals(ALL()) == Totals(
        occurrences=3, ended=2, minutes=120, participants=6, seconds=290 * 60, expected=4, attended=3, known=4
    )
    assert totals(ALL()).rate == 0.75


def test_what_is_not_known_lowers_no_rate(group):
    record_attendance(occurrence_id=make_occurrence(group).pk, now=minute(90))

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
    assert by_occurrence(nothing()) == []
    assert totals(nothing()) == Totals(
        occurrences=0, ended=0, minutes=0, participants=0, seconds=0, expected=0, attended=0, known=0
    )


def test_a_report_is_about_the_chosen_occurrences_only(two_hours):
    first, second = two_hours

    chosen = Occurrence.objects.between(second.starts_at, second.ends_at)

    assert [figures.occurrence_id for figures in by_occurrence(chosen)] == [second.pk]
    assert [figures.occurrence_id for figures in by_occurrence(Occurrence.objects.order_by("starts_at")[:1])] == [
        first.pk
    ]


@pytest.mark.parametrize("days", [1, 3], ids=["one-occurrence", "three-occurrences"])
def test_every_report_takes_one_statement(group, ana, days, django_assert_num_queries):
    for day in range(days):
        held(group, (ana, 0, 60), days=day)

    for report in (by_occurrence, totals, by_student):
        with django_assert_num_queries(1):
            report(ALL())
    everything = scope(make_admin())
    for ranking in (students, classes, teachers):
        with django_assert_num_queries(1):
            ranking(everything, start=0, size=50)
    with django_assert_num_queries(1):
        week_by_week(everything, zone=UTC_ZONE, now=LATER)


# -- over time


def scope(reader, **fields) -> Scope:
    """Everything that somebody answers for in the year of the tests' sessions, or a part of it."""
    values = {"starts_at": minute(0) - timedelta(days=180), "ends_at": LATER}
    return Scope(reader=reader, **values | fields)


def figures(subject, **counts) -> AttendanceFigures:
    return AttendanceFigures(subject_id=subject.pk, **NONE | counts)


def test_students_figures_add_up_their_records_the_worst_first(two_hours, ana, ben):
    expected = [figures(ben, late=1, absent=1), figures(ana, present=2)]

    assert by_student(ALL()) == expected
    assert students(scope(make_admin()), start=0, size=50) == Page(rows=expected, of_all=2)
    assert [one.rate for one in expected] == [0.5, 1.0]


def test_of_the_same_rate_who_missed_more_comes_first(group, ana, ben):
    held(group, (ana, 0, 60), (ben, 0, 60))
    held(group, days=1)
    cleo = make_student()
    held(make_class(students=[cleo]), (cleo, 0, 60), days=2)
    alone = make_class(students=[ana])
    for day in (3, 4):
        held(alone, *[(ana, 0, 60)] * (day == 3), days=day)

    rows = students(scope(make_admin()), start=0, size=50).rows

    assert [(one.subject_id, one.absent) for one in rows] == [(ana.pk, 2), (ben.pk, 1), (cleo.pk, 0)]


def test_who_is_not_known_comes_last(group, ana, ben):
    record_attendance(occurrence_id=make_occurrence(group).pk, now=minute(90))
    cleo = make_student()
    held(make_class(students=[cleo]), (cleo, 0, 60), days=1)

    rows = students(scope(make_admin()), start=0, size=50).rows

    assert [one.subject_id for one in rows] == [cleo.pk, *sorted([ana.pk, ben.pk])]
    assert [one.rate for one in rows] == [1.0, None, None]


def test_rows_are_read_a_page_at_a_time(two_hours, ana, ben):
    everything = scope(make_admin())

    pages = [students(everything, start=start, size=1) for start in (0, 1, 2)]

    assert [[one.subject_id for one in page.rows] for page in pages] == [[ben.pk], [ana.pk], []]
    assert [page.of_all for page in pages] == [2, 2, 0]


def test_classes_figures_leave_out_meetings_without_one(two_hours, group, ana):
    private = held(group, (ana, 0, 60), days=3)
    Meeting.objects.filter(pk=private.meeting_id).update(group=None)

    assert classes(scope(make_admin()), start=0, size=50) == Page(
        rows=[figures(group, present=2, late=1, absent=1)], of_all=1
    )


def test_class_whose_records_are_gone_is_left_out(two_hours):
    Attendance.objects.all().delete()

    assert classes(scope(make_admin()), start=0, size=50) == Page(rows=[], of_all=0)


def test_weeks_follow_the_readers_calendar(group, ana, ben):
    """Eleven on Sunday evening in UTC is Monday in Riyadh."""
    occurrence = held(group, (ana, 0, 60), (ben, 0, 60))
    sunday = occurrence.starts_at - timedelta(hours=10)
    Occurrence.objects.filter(pk=occurrence.pk).update(starts_at=sunday, ends_at=sunday + timedelta(hours=1))
    monday = minute(0).date()

    def weeks(zone: str) -> list[datetime]:
        return [one.week for one in week_by_week(scope(make_admin()), zone=ZoneInfo(zone), now=LATER)]

    def midnight(day, zone: str) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))

    assert weeks("Asia/Riyadh") == [midnight(monday, "Asia/Riyadh")]
    assert weeks("UTC") == [midnight(monday - timedelta(days=7), "UTC")]


def test_week_counts_what_began_and_was_not_cancelled(two_hours, group):
    make_occurrence(group, days=2, started=None)
    cancelled, ahead = make_occurrence(group, days=3), make_occurrence(group, days=4)
    Occurrence.objects.filter(pk=cancelled.pk).update(status=OccurrenceStatus.CANCELLED)

    weeks = week_by_week(scope(make_admin()), zone=UTC_ZONE, now=ahead.starts_at - timedelta(minutes=1))

    monday = datetime.combine(minute(0).date(), time(), tzinfo=UTC_ZONE)
    assert weeks == [
        WeekFigures(
            week=monday, occurrences=3, ended=2, ran=timedelta(hours=2), **NONE | {"present": 2, "late": 1, "absent": 1}
        )
    ]


def test_weeks_are_reported_apart(group, ana, ben):
    for days in (0, 35):
        held(group, (ana, 0, 60), (ben, 0, 60), days=days)

    weeks = week_by_week(scope(make_admin()), zone=UTC_ZONE, now=LATER)

    assert [one.present for one in weeks] == [2, 2]
    assert weeks[1].week - weeks[0].week == timedelta(days=35)


def test_teachers_figures_tell_how_they_kept_the_timetable(group, ana):
    teacher = group.teachers.get()
    held(group, (ana, 0, 60))
    late = make_occurrence(group, days=1, started=12)
    make_stay(late, ana, 12, 60)
    never = make_occurrence(group, days=2, zoom_settings={"join_before_host": True})
    make_stay(never, ana, 0, 60)
    unheard, cancelled = make_occurrence(group, days=3, started=None), make_occurrence(group, days=4, started=None)
    cancelled.status = OccurrenceStatus.CANCELLED
    cancelled.save()
    for occurrence in (late, never, unheard, cancelled):
        record_attendance(occurrence_id=occurrence.pk, now=occurrence.ends_at)

    assert teachers(scope(make_admin()), start=0, size=50) == Page(
        rows=[
            TeacherFigures(subject_id=teacher.pk, held=2, void=1, unknown=1, no_shows=1, late=1, left_early=0),
        ],
        of_all=1,
    )


def test_reports_are_about_what_one_teaches(two_hours, group, ana):
    colleague = make_teacher()
    group.teachers.add(colleague)
    people = [two_hours[0].meeting.teacher, colleague, make_admin(), make_teacher(), ana]

    assert [reported_occurrences(person).count() for person in people] == [2, 2, 2, 0, 0]
    assert [reported_groups(person).count() for person in people] == [1, 1, 1, 0, 0]
    assert [students(scope(person), start=0, size=50).of_all for person in people] == [2, 2, 2, 0, 0]


def test_substitute_reports_the_occurrence_they_hold(two_hours, group):
    substitute = make_teacher()
    Occurrence.objects.filter(pk=two_hours[0].pk).update(substitute=substitute)

    assert list(reported_occurrences(substitute)) == [two_hours[0]]
    assert list(reported_groups(substitute)) == [group]


def test_report_keeps_to_its_days_and_its_class(two_hours, group, ana):
    other = make_class(students=[ana])
    held(other, (ana, 0, 60), days=2)
    admin, day = make_admin(), timedelta(days=1)
    scopes = [
        scope(admin, group_id=other.pk),
        scope(admin, starts_at=minute(0) + day, ends_at=minute(0) + 2 * day),
        scope(group.teachers.get(), group_id=other.pk),
    ]

    found = [
        (students(one, start=0, size=50).of_all, classes(one, start=0, size=50).of_all, one.occurrences().count())
        for one in scopes
    ]

    assert found == [(1, 1, 1), (2, 1, 1), (0, 0, 0)]


def test_an_occurrence_of_a_whole_day_is_found_until_it_is_over(group):
    occurrence = make_occurrence(group)
    Occurrence.objects.filter(pk=occurrence.pk).update(ends_at=occurrence.starts_at + timedelta(days=1))
    last_moment = occurrence.starts_at + timedelta(hours=23, minutes=59)

    found = [
        list(ALL().not_over(last_moment)),
        list(ALL().between(last_moment, last_moment + timedelta(hours=1))),
        list(ALL().not_over(occurrence.starts_at + timedelta(days=1))),
    ]

    assert found == [[occurrence], [occurrence], []]
