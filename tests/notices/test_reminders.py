"""Who is reminded of which session, when, and how often."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.guardians.services import remove_guardian
from classbell.accounts.models import ReminderTime, User
from classbell.groups.services import enrol_students, take_out
from classbell.meetings.changes import change_meeting
from classbell.meetings.invitations import schedule_meeting
from classbell.meetings.models import Audience, Meeting
from classbell.meetings.occurrences import cancel_occurrence, let_substitute, move_occurrence
from classbell.meetings.recurrence import weekly_rule
from classbell.notices.mailing import mail_notice
from classbell.notices.models import Notice
from classbell.notices.preferences import change_preferences
from classbell.notices.reminders import remind_due
from classbell.notices.texts import Kind
from classbell.notices.topics import Topic
from tests.examples import examples
from tests.factories import make_class, make_guardian, make_student, make_teacher
from tests.factories_meetings import make_meeting, spec, weekly
from tests.query_plans import plan_of_one, steps

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC).replace(microsecond=0)
STARTS_AT = NOW + timedelta(days=3)


@pytest.fixture
def student() -> User:
    """Somebody in Riyadh who wants to be reminded an hour before."""
    return make_student(timezone="Asia/Riyadh", reminder_minutes=ReminderTime.HOUR)


@pytest.fixture
def meeting(student: User) -> Meeting:
    """One session of a class with that student; its teacher wants no reminders."""
    group = make_class(students=[student])
    return make_meeting(spec(group.teachers.get(), group=group, starts_at=STARTS_AT))


def before(**length: int) -> datetime:
    """Return a moment so long before the session."""
    return STARTS_AT - timedelta(**length)


def told(person: User) -> int:
    return Notice.objects.filter(user=person, kind=Kind.SESSION_COMING).count()


@pytest.mark.parametrize("time", [ReminderTime.QUARTER, ReminderTime.HOUR, ReminderTime.DAY])
def test_reminder_comes_as_long_before_as_was_chosen_and_once(
    meeting: Meeting, student: User, time: ReminderTime
) -> None:
    User.objects.filter(pk=student.pk).update(reminder_minutes=time)

    counts = [remind_due(now=before(minutes=time + shift)) for shift in (1, 0, -1, -10)]

    assert counts == [0, 1, 0, 0]
    assert told(student) == 1


def test_reminder_says_when_on_the_readers_clock_and_leads_to_the_page(meeting: Meeting, student: User) -> None:
    remind_due(now=before(minutes=30))

    notice = Notice.objects.get(user=student)
    when = f"{STARTS_AT.astimezone(student.zone):%A %-d %B, %H:%M} (Riyadh time)"
    with timezone.override(student.zone):
        assert notice.words == (
            f"Reminder: “Algebra”, {when}",
            f"“Algebra” begins on {when} and you are expected. The way in is on its page.",
        )
    assert notice.path == f"/meetings/{meeting.pk}/"


def test_nobody_is_reminded_who_did_not_ask_for_it(meeting: Meeting, student: User) -> None:
    User.objects.filter(pk=student.pk).update(reminder_minutes=ReminderTime.NEVER)

    assert remind_due(now=before(minutes=5)) == 0


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=1)], ids=["as it begins", "afterwards"])
def test_nobody_is_reminded_once_it_has_begun(meeting: Meeting, late: timedelta) -> None:
    assert remind_due(now=STARTS_AT + late) == 0


def test_teacher_is_reminded_and_a_substitute_in_their_place(meeting: Meeting) -> None:
    stand_in = make_teacher()
    User.objects.filter(pk__in=[meeting.teacher_id, stand_in.pk]).update(reminder_minutes=ReminderTime.HOUR)
    let_substitute(occurrence_id=meeting.occurrences.get().pk, teacher=stand_in, now=NOW)

    remind_due(now=before(minutes=30))

    assert (told(meeting.teacher), told(stand_in)) == (0, 1)


def test_cancelled_occurrence_reminds_nobody(meeting: Meeting, student: User) -> None:
    cancel_occurrence(occurrence_id=meeting.occurrences.get().pk, reason="", now=NOW)

    assert remind_due(now=before(minutes=30)) == 0


def test_moved_occurrence_reminds_anew_at_its_new_time(meeting: Meeting, student: User) -> None:
    remind_due(now=before(minutes=30))
    later = STARTS_AT + timedelta(hours=5)
    move_occurrence(
        occurrence_id=meeting.occurrences.get().pk, starts_at=later, duration_minutes=60, now=before(minutes=20)
    )

    counts = [remind_due(now=moment) for moment in (before(minutes=10), later - timedelta(minutes=30))]

    assert counts == [0, 1]
    assert told(student) == 2


def test_series_that_is_laid_out_anew_does_not_remind_again_of_the_same_start(student: User) -> None:
    group = make_class(students=[student])
    first = weekly(group.teachers.get(), group=group)
    meeting = make_meeting(first)
    soon = first.starts_at - timedelta(minutes=30)
    remind_due(now=soon)

    change_meeting(meeting_id=meeting.pk, changes={"rule": weekly_rule([0], count=3)}, now=soon)

    assert remind_due(now=soon + timedelta(minutes=1)) == 0


def test_who_left_is_not_reminded_and_who_came_is(meeting: Meeting, student: User) -> None:
    assert meeting.group is not None
    newcomer = make_student(reminder_minutes=ReminderTime.DAY)
    take_out(group_id=meeting.group.pk, student=student)
    enrol_students(group_id=meeting.group.pk, students=[newcomer])

    remind_due(now=before(minutes=30))

    assert (told(student), told(newcomer)) == (0, 1)


def test_locked_out_people_are_not_reminded(meeting: Meeting, student: User) -> None:
    User.objects.filter(pk=student.pk).update(is_active=False)

    assert remind_due(now=before(minutes=30)) == 0


@pytest.mark.parametrize("audience", [Audience.STUDENTS, Audience.EVERYONE, Audience.INVITED])
def test_meeting_for_all_reminds_only_those_it_expects_by_name(student: User, audience: Audience) -> None:
    guest = make_student(reminder_minutes=ReminderTime.HOUR)
    schedule_meeting(spec(starts_at=STARTS_AT, audience=audience), invited=[guest], now=NOW)

    remind_due(now=before(minutes=30))

    assert (told(student), told(guest)) == (0, 1)


def test_mail_that_could_not_be_sent_in_time_is_not_sent(
    meeting: Meeting, student: User, settings: Callable[..., None]
) -> None:
    settings.EMAIL_HOST = "mail.example"  # type: ignore[attr-defined]
    remind_due(now=before(minutes=30))
    notice = Notice.objects.get(user=student)

    mail_notice(notice_id=notice.pk, now=STARTS_AT)
    late = len(mail.outbox)
    mail_notice(notice_id=notice.pk, now=before(minutes=29))

    assert (late, len(mail.outbox)) == (0, 1)
    assert ProcrastinateJob.objects.filter(task_name="notices.mail_notice").count() == 1


def test_sweep_takes_three_statements_when_nobody_is_due(meeting: Meeting) -> None:
    remind_due(now=before(days=2, minutes=1))

    with CaptureQueriesContext(connection) as queries:
        remind_due(now=before(days=2))

    asked = [query["sql"].split()[0] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert asked == ["SELECT", "WITH", "UPDATE"], "until when people were reminded, whose time has come, until when now"


def test_who_came_late_is_reminded_within_a_quarter_of_an_hour(meeting: Meeting, student: User) -> None:
    assert meeting.group is not None
    newcomer = make_student(reminder_minutes=ReminderTime.HOUR)
    remind_due(now=before(minutes=59))
    enrol_students(group_id=meeting.group.pk, students=[newcomer])

    counts = [remind_due(now=before(minutes=minutes)) for minutes in range(58, 43, -1)]

    assert counts == [0] * 14 + [1]
    assert (told(student), told(newcomer)) == (1, 1)


def test_clock_that_was_put_back_loses_nobody(meeting: Meeting, student: User) -> None:
    remind_due(now=STARTS_AT + timedelta(days=1))

    assert remind_due(now=before(minutes=30)) == 1


def test_sessions_of_a_day_are_not_looked_at_each_minute() -> None:
    teacher = make_teacher(reminder_minutes=ReminderTime.HOUR)
    for hour in range(1, 25):
        make_meeting(spec(teacher, starts_at=STARTS_AT + timedelta(hours=hour), duration_minutes=30))
    remind_due(now=STARTS_AT - timedelta(minutes=1))

    with CaptureQueriesContext(connection) as queries:
        assert remind_due(now=STARTS_AT) == 1

    plan = plan_of_one(queries, with_text="WITH coming")
    coming = next(step for step in steps(plan) if step.get("Subplan Name") == "CTE coming")
    assert coming["Actual Rows"] == 2, "that in an hour and that in a day, of 24"


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.sets(st.integers(-30, 26 * 60), max_size=12))
def test_everybody_is_reminded_by_the_first_run_after_their_time(runs: set[int]) -> None:
    people = {lead: make_student(reminder_minutes=lead) for lead in ReminderTime if lead}
    group = make_class(students=list(people.values()))
    make_meeting(spec(group.teachers.get(), group=group, starts_at=STARTS_AT))

    for minutes in sorted(runs, reverse=True):
        remind_due(now=before(minutes=minutes))

    for lead, person in people.items():
        in_time = [before(minutes=minutes) for minutes in runs if 0 < minutes <= lead]
        told_at = list(Notice.objects.filter(user=person).values_list("created_at", flat=True))
        assert told_at == ([min(in_time)] if in_time else [])


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minutes=st.sampled_from([time for time in ReminderTime if time]),
    sweeps=st.lists(st.integers(-90, 3 * 1440), min_size=1, max_size=8),
    moves=st.lists(st.integers(30, 2 * 1440), max_size=3),
)
def test_never_twice_of_one_start_and_never_after_it(minutes: int, sweeps: list[int], moves: list[int]) -> None:
    student = make_student(reminder_minutes=minutes)
    group = make_class(students=[student])
    occurrence = make_meeting(spec(group.teachers.get(), group=group, starts_at=STARTS_AT)).occurrences.get()
    starts = STARTS_AT

    for at in sorted(sweeps, reverse=True):
        now = STARTS_AT - timedelta(minutes=at)
        if moves and starts > now:
            starts = now + timedelta(minutes=moves.pop())
            move_occurrence(occurrence_id=occurrence.pk, starts_at=starts, duration_minutes=60, now=now)
        remind_due(now=now)

    reminded = list(Notice.objects.filter(user=student).values_list("stale_at", "created_at"))
    assert len({start for start, _now in reminded}) == len(reminded)
    assert all(start - timedelta(minutes=minutes) <= now < start for start, now in reminded if start)


def test_guardians_are_reminded_of_their_childs_sessions_as_long_before_as_they_chose(
    meeting: Meeting, student: User
) -> None:
    mother = make_guardian(student, reminder_minutes=ReminderTime.DAY)
    father = make_guardian(student, reminder_minutes=0)

    remind_due(now=before(hours=23))
    remind_due(now=before(minutes=50))

    assert (told(mother), told(father), told(student)) == (1, 0, 1)
    notice = Notice.objects.get(user=mother, kind=Kind.SESSION_COMING)
    assert notice.path == f"/children/{student.pk}/meetings/{meeting.pk}/"
    with translation.override("en"):
        assert student.name in notice.words.text
        assert "you" not in notice.words.text.lower()


def test_guardian_of_two_children_hears_of_each_once_and_of_whom_they_want(student: User) -> None:
    other = make_student()
    group = make_class(students=[student, other])
    make_meeting(spec(group.teachers.get(), group=group, starts_at=STARTS_AT))
    both = make_guardian(student, other, reminder_minutes=ReminderTime.HOUR)
    one = make_guardian(student, other, reminder_minutes=ReminderTime.HOUR)
    change_preferences(one, {"children": {str(other.pk): {Topic.REMINDERS: False}}})

    for _time in range(2):
        remind_due(now=before(minutes=30))

    assert (told(both), told(one)) == (2, 1)


def test_who_is_no_guardian_any_more_is_not_reminded(meeting: Meeting, student: User) -> None:
    former = make_guardian(student, reminder_minutes=ReminderTime.HOUR)
    remove_guardian(student_id=student.pk, guardian_id=former.pk)

    remind_due(now=before(minutes=30))

    assert told(former) == 0
