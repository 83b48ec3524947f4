"""What is kept of a session, what people change about it, and who may."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.errors import NotThere
from classbell.groups.services import enrol_students, remove_students
from classbell.meetings.attendance import services
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.models import (
    Attendance,
    Meeting,
    MeetingRun,
    OccurrenceOutcome,
    OccurrenceStatus,
    Registrant,
    SettingDefaults,
    SettingsOf,
    WebhookEvent,
)
from classbell.meetings.permissions import can_keep_attendance, keeps_attendance
from classbell.meetings.presence.board import live_board
from classbell.meetings.signals import attendance_changed
from classbell.meetings.verdicts import AttendanceStatus
from tests.at_once import at_once
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay, minute

pytestmark = pytest.mark.django_db

AFTER = minute(90)


def record(occurrence):
    return record_attendance(occurrence_id=occurrence.pk, now=AFTER)


def statuses(occurrence) -> dict[str, str]:
    return {row.user.first_name: row.status for row in Attendance.objects.filter(occurrence=occurrence)}


@pytest.fixture
def ana():
    return make_student(first_name="Ana")


@pytest.fixture
def ben():
    return make_student(first_name="Ben")


@pytest.fixture
def group(ana, ben):
    return make_class(students=[ana, ben])


@pytest.fixture
def occurrence(group, ana):
    """An hour in which Ana came late and of which nobody saw Ben."""
    occurrence = make_occurrence(group)
    make_stay(occurrence, group.teachers.get(), 0, 60)
    make_stay(occurrence, ana, 12, 60)
    return occurrence


def test_recording_keeps_a_verdict_for_everybody_expected(occurrence, ana):
    record(occurrence)

    assert statuses(occurrence) == {"Ana": "late", "Ben": "absent"}
    kept = Attendance.objects.get(occurrence=occurrence, user=ana)
    assert (kept.seconds, kept.counted_seconds, kept.source) == (48 * 60, 3600, "webhook")
    assert (kept.first_joined_at, kept.last_left_at) == (minute(12), minute(60))
    assert kept.reasons == [
        {"code": "came_late", "minutes": 12, "allowed": 10},
        {"code": "there_enough", "minutes": 48, "of": 60, "percent": 80},
        {"code": "counted_with_grace", "minutes": 5, "counts": 53, "percent": 88},
    ]


def test_recording_keeps_what_became_of_the_occurrence_and_by_which_rules(occurrence):
    record(occurrence)

    outcome = OccurrenceOutcome.objects.get(occurrence=occurrence)
    assert (outcome.result, outcome.teacher_status, outcome.teacher_seconds) == ("held", "present", 3600)
    assert (outcome.counted_from, outcome.counted_until, outcome.computed_at) == (minute(0), minute(60), AFTER)
    assert outcome.policy["late_after_minutes"] == 10


def test_time_in_which_the_room_was_closed_counts_against_nobody(occurrence, ben):
    for run, (started, ended) in enumerate([(0, 20), (35, 60)]):
        MeetingRun.objects.create(
            zoom_instance_uuid=f"run-{run}",
            occurrence=occurrence,
            started_at=minute(started),
            ended_at=minute(ended),
            seen_at=minute(ended),
        )
        make_stay(occurrence, ben, started, ended)

    record(occurrence)

    kept = Attendance.objects.get(occurrence=occurrence, user=ben)
    assert (kept.status, kept.seconds, kept.counted_seconds) == ("present", 45 * 60, 45 * 60)
    assert {"code": "closed_between", "minutes": 15} in OccurrenceOutcome.objects.get(occurrence=occurrence).reasons


def test_recording_again_changes_nothing_and_adds_no_rows(occurrence):
    record(occurrence)
    before = list(Attendance.objects.order_by("pk").values())

    record(occurrence)

    assert list(Attendance.objects.order_by("pk").values()) == before
    assert OccurrenceOutcome.objects.count() == 1


def test_recording_again_takes_up_what_was_heard_since(occurrence, ben):
    record(occurrence)
    make_stay(occurrence, ben, 0, 60, source="report")

    record(occurrence)

    assert statuses(occurrence) == {"Ana": "late", "Ben": "present"}
    assert Attendance.objects.get(user=ben).source == "report"
    outcome = OccurrenceOutcome.objects.get()
    assert {d["user"] for d in outcome.differences} >= {str(ben.pk)}


def test_the_report_corrects_a_leaving_that_was_only_assumed(occurrence, ben):
    make_stay(occurrence, ben, 0, 60)
    make_stay(occurrence, ben, 0, 20, source="report")

    record(occurrence)

    assert Attendance.objects.get(user=ben).seconds == 1200
    assert OccurrenceOutcome.objects.get().differences[-1] == {
        "user": str(ben.pk),
        "webhook_seconds": 3600,
        "report_seconds": 1200,
    }


@pytest.mark.django_db(transaction=True)
def test_recording_twice_at_once_keeps_one_record_each(occurrence):
    outcomes = at_once([lambda: record(occurrence).result] * 2)

    assert outcomes == ["held", "held"]
    assert statuses(occurrence) == {"Ana": "late", "Ben": "absent"}
    assert Attendance.objects.count() == 2


@pytest.mark.parametrize("students", [1, 30], ids=["one", "thirty"])
def test_recording_takes_the_same_statements_for_any_number_of_people(students):
    group = make_class(students=students)
    occurrence = make_occurrence(group)
    for student in group.members.all():
        make_stay(occurrence, student, 0, 60)

    with CaptureQueriesContext(connection) as first:
        record(occurrence)
    with CaptureQueriesContext(connection) as again:
        record(occurrence)

    # Nothing is read again to know what changed: whether a webhook wants to be told is asked once, the first time.
    # Whether anybody makes up for it is asked then, too, by two statements.
    assert (len(first), len(again)) == (23, 18)
    assert [sum('"hooks_webhook"' in one["sql"] for one in recorded) for recorded in (first, again)] == [1, 0]


def test_nobody_is_absent_when_nothing_was_heard(group):
    occurrence = make_occurrence(group, started=None)

    record(occurrence)

    assert statuses(occurrence) == {"Ana": "unknown", "Ben": "unknown"}
    assert OccurrenceOutcome.objects.get().result == "unknown"


def test_a_start_alone_makes_nobody_absent(group):
    record(make_occurrence(group))

    assert set(Attendance.objects.values_list("status", "source")) == {("unknown", "")}
    assert OccurrenceOutcome.objects.get().teacher_status == "present"


@pytest.mark.parametrize(
    ("waited_at", "result"),
    [
        pytest.param(minute(2), "void", id="then"),
        pytest.param(minute(-45), "unknown", id="long-before"),
        pytest.param(minute(60), "unknown", id="after"),
    ],
)
def test_students_before_a_closed_door_tell_that_the_teacher_did_not_come(group, waited_at, result):
    occurrence = make_occurrence(group, started=None)
    Meeting.objects.filter(pk=occurrence.meeting_id).update(zoom_meeting_id="85240173966")
    WebhookEvent.objects.create(
        event="meeting.participant_jbh_waiting",
        digest=b"1",
        body={},
        zoom_meeting_id="85240173966",
        happened_at=waited_at,
    )

    record(occurrence)

    assert OccurrenceOutcome.objects.get().result == result


def test_a_void_occurrence_leaves_no_records_behind(occurrence):
    record(occurrence)
    occurrence.status = OccurrenceStatus.CANCELLED
    occurrence.save()

    record(occurrence)

    outcome = OccurrenceOutcome.objects.get()
    assert (outcome.result, outcome.reasons, outcome.counted_from) == ("void", [{"code": "cancelled"}], None)
    assert not Attendance.objects.exists()


def test_a_void_occurrence_keeps_what_people_said(occurrence, ana, ben):
    record(occurrence)
    services.object_to(occurrence_id=occurrence.pk, student=ben, objection="I was there", now=AFTER)
    overrule(occurrence, ana)
    occurrence.status = OccurrenceStatus.CANCELLED
    occurrence.save()

    record(occurrence)

    assert {(a.user, a.computed_status, a.status) for a in Attendance.objects.all()} == {
        (ana, "unknown", "present"),
        (ben, "unknown", "unknown"),
    }


def test_who_joins_the_class_later_was_not_absent_before(occurrence, group):
    record(occurrence)
    enrol_students(group_id=group.pk, students=[make_student(first_name="Cid")])

    record(occurrence)

    assert statuses(occurrence) == {"Ana": "late", "Ben": "absent"}


def test_who_was_there_and_is_enrolled_later_gets_a_record(occurrence, group):
    cid = make_student(first_name="Cid")
    make_stay(occurrence, cid, 0, 60)
    record(occurrence)
    enrol_students(group_id=group.pk, students=[cid])

    record(occurrence)

    assert statuses(occurrence) == {"Ana": "late", "Ben": "absent", "Cid": "present"}


def test_who_leaves_the_class_keeps_their_record(occurrence, group, ana):
    record(occurrence)
    remove_students(group_id=group.pk, students=[ana])

    record(occurrence)

    assert statuses(occurrence) == {"Ana": "late", "Ben": "absent"}


def test_invited_people_are_expected_and_the_teacher_is_not(occurrence, group):
    for person in (make_student(first_name="Dia"), group.teachers.get()):
        Registrant.objects.create(meeting=occurrence.meeting, user=person)

    record(occurrence)

    assert statuses(occurrence) == {"Ana": "late", "Ben": "absent", "Dia": "absent"}


@pytest.mark.parametrize(
    ("settings", "result"),
    [
        pytest.param({"join_before_host": True}, "void", id="students-could-open-it"),
        pytest.param({}, "held", id="only-the-teacher-could"),
    ],
)
@pytest.mark.parametrize("asked_by", ["the meeting", "its class"])
def test_a_meeting_proves_its_teacher_only_where_nobody_else_can_open_it(group, ana, settings, result, asked_by):
    occurrence = make_occurrence(group, zoom_settings=settings if asked_by == "the meeting" else {})
    if asked_by == "its class":
        SettingDefaults.objects.create(scope=SettingsOf.GROUP, group=group, settings=settings)
    make_stay(occurrence, ana, 0, 60)

    record(occurrence)

    assert OccurrenceOutcome.objects.get().result == result


# -- overruling


def overrule(occurrence, student, **fields):
    values: dict[str, Any] = {
        "status": AttendanceStatus.PRESENT,
        "reason": "Phoned in",
        "by": make_admin(),
        "now": AFTER,
    }
    return services.override_attendance(occurrence_id=occurrence.pk, student_id=student.pk, **values | fields)


def test_an_override_counts_and_leaves_the_calculated_verdict_visible(occurrence, ben):
    record(occurrence)
    teacher = occurrence.meeting.teacher

    overrule(occurrence, ben, by=teacher)

    kept = Attendance.objects.get(user=ben)
    assert (kept.status, kept.computed_status, kept.decided_by) == ("present", "absent", "manual")
    assert (kept.override_reason, kept.overridden_by, kept.overridden_at) == ("Phoned in", teacher, AFTER)
    assert kept.reasons == [{"code": "never_came"}]


def test_an_override_outlives_a_new_calculation(occurrence, ben):
    record(occurrence)
    overrule(occurrence, ben)
    make_stay(occurrence, ben, 30, 60)

    record(occurrence)

    kept = Attendance.objects.get(user=ben)
    assert (kept.status, kept.computed_status, kept.seconds) == ("present", "partial", 1800)


def test_a_lifted_override_lets_the_calculation_count_again(occurrence, ben):
    record(occurrence)
    overrule(occurrence, ben)

    services.lift_override(occurrence_id=occurrence.pk, student_id=ben.pk)

    kept = Attendance.objects.get(user=ben)
    assert (kept.status, kept.override_reason, kept.overridden_by) == ("absent", "", None)


def test_an_override_needs_no_calculation_before_it(occurrence, ben):
    overrule(occurrence, ben)
    record(occurrence)

    assert statuses(occurrence) == {"Ana": "late", "Ben": "present"}


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        pytest.param({"reason": "  "}, services.TextMissing, id="no-reason"),
        pytest.param({"now": minute(-1)}, services.OccurrenceNotStarted, id="too-soon"),
    ],
)
def test_an_override_is_refused(occurrence, ben, fields, refusal):
    with pytest.raises(refusal):
        overrule(occurrence, ben, **fields)

    assert not Attendance.objects.exists()


def test_nobody_is_made_present_where_they_were_not_expected(occurrence):
    with pytest.raises(services.NotExpectedThere):
        overrule(occurrence, make_student())


# -- objecting


def test_an_objection_waits_for_its_answer(occurrence, ben):
    record(occurrence)
    teacher = occurrence.meeting.teacher

    services.object_to(occurrence_id=occurrence.pk, student=ben, objection=" I was there ", now=AFTER)
    services.answer_objection(
        occurrence_id=occurrence.pk, student_id=ben.pk, answer="Under which name?", by=teacher, now=AFTER
    )

    kept = Attendance.objects.get(user=ben)
    assert (kept.objection, kept.objected_at) == ("I was there", AFTER)
    assert (kept.objection_answer, kept.answered_by, kept.answered_at) == ("Under which name?", teacher, AFTER)
    assert kept.status == "absent"


def test_one_objects_once(occurrence, ben):
    record(occurrence)
    services.object_to(occurrence_id=occurrence.pk, student=ben, objection="I was there", now=AFTER)

    with pytest.raises(services.ObjectionNotOpen):
        services.object_to(occurrence_id=occurrence.pk, student=ben, objection="Really", now=AFTER)


def test_an_answer_needs_an_open_objection(occurrence, ben):
    record(occurrence)

    with pytest.raises(services.ObjectionNotOpen):
        services.answer_objection(
            occurrence_id=occurrence.pk, student_id=ben.pk, answer="What?", by=make_admin(), now=AFTER
        )


def test_one_cannot_object_to_what_is_not_about_oneself(occurrence):
    record(occurrence)

    with pytest.raises(services.NotExpectedThere):
        services.object_to(occurrence_id=occurrence.pk, student=make_student(), objection="Hm", now=AFTER)


# -- who may


def test_attendance_is_kept_by_host_class_teachers_and_admins(occurrence, group, ana):
    colleague, stranger = make_teacher(), make_teacher()
    group.teachers.add(colleague)
    people = [occurrence.meeting.teacher, colleague, make_admin(), stranger, ana]

    assert [can_keep_attendance(person, occurrence.meeting) for person in people] == [True, True, True, False, False]


def test_rule_of_keeping_attendance_hides_meetings_one_cannot_see(occurrence, ana):
    assert keeps_attendance(occurrence.meeting.teacher, occurrence.meeting_id)
    assert not keeps_attendance(ana, occurrence.meeting_id)
    with pytest.raises(NotThere):
        keeps_attendance(make_student(), occurrence.meeting_id)


def test_students_see_their_own_records_teachers_those_they_teach(occurrence, ana):
    record(occurrence)

    seen = [Attendance.objects.visible_to(p).count() for p in (ana, occurrence.meeting.teacher, make_admin())]

    assert seen == [1, 2, 2]
    assert not Attendance.objects.visible_to(make_teacher()).exists()


# -- now


def test_the_board_shows_who_is_here_gone_missing_and_unknown(group, ana, ben):
    occurrence = make_occurrence(group, ended=None)
    cid = make_student(first_name="Cid")
    enrol_students(group_id=group.pk, students=[cid])
    make_stay(occurrence, ana, 0, 5)
    make_stay(occurrence, ana, 8, None)
    make_stay(occurrence, ben, 2, 12)
    make_stay(occurrence, None, 3, None, name="iPhone")

    board = live_board(occurrence, now=minute(20))

    assert [(a.user, a.since, a.left_at, a.seconds) for a in board.here] == [(ana, minute(8), None, 17 * 60)]
    assert [(a.user, a.since, a.left_at, a.seconds) for a in board.left] == [(ben, minute(2), minute(12), 600)]
    assert board.missing == [cid]
    assert [(s.name, s.joined_at, s.left_at) for s in board.unmatched] == [("iPhone", minute(3), None)]


@pytest.mark.parametrize("students", [1, 3], ids=["one", "three"])
def test_the_board_takes_two_statements(students, django_assert_num_queries):
    group = make_class(students=students)
    occurrence = make_occurrence(group, ended=None)
    for student in group.members.all():
        make_stay(occurrence, student, 0, None)

    with django_assert_num_queries(2):
        live_board(occurrence, now=minute(20))


def test_those_of_whom_something_else_counts_are_announced_and_nobody_else(group, occurrence, ana, ben):
    told = []

    def listen(user_ids, **_kwargs):
        told.append(user_ids)

    record(occurrence)
    services.override_attendance(
        occurrence_id=occurrence.pk,
        student_id=ben.pk,
        status=AttendanceStatus.PRESENT,
        reason="Was ill.",
        by=make_admin(),
        now=AFTER,
    )
    attendance_changed.connect(listen)
    try:
        for person in (ana, ben):  # Ben's record says already what a person said.
            make_stay(occurrence, person, 0, 60)
        record(occurrence)
        record(occurrence)
        occurrence.status = OccurrenceStatus.CANCELLED
        occurrence.save()
        record(occurrence)
    finally:
        attendance_changed.disconnect(listen)

    # First when she came, then when the session is void and her verdict with it.
    assert told == [[ana.pk], [ana.pk]]
    assert statuses(occurrence) == {"Ben": "present"}
