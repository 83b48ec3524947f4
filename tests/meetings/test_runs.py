"""A run is not a session: what each kind of run at Zoom does to the session it is near. See docs/runs.md."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.meetings import occurrences
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.joining.entrance import DoorClosed, check_door, present_or_next
from classbell.meetings.models import (
    Attendance,
    MeetingRun,
    Occurrence,
    OccurrenceOutcome,
    OccurrenceStatus,
    Participation,
    ReportFetch,
)
from classbell.meetings.periods import Period
from classbell.meetings.presence import decisions, runs
from classbell.meetings.presence.belonging import Limits, RunTimes, session_of
from classbell.notices.reminders import remind_due
from tests.examples import examples
from tests.factories import make_class, make_student
from tests.factories_meetings import make_meeting, spec, weekly
from tests.zoom_events import Run, put_on_zoom, tell

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
LIMITS = Limits(early=60 * MINUTE, late=30 * MINUTE)
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def session(webhooks: None, db: None) -> Occurrence:
    """An hour of a class with a student who never comes."""
    group = make_class(students=[make_student()])
    return put_on_zoom(make_meeting(spec(group.teachers.get(), group=group))).occurrences.get()


def at(session: Occurrence, minute: float) -> datetime:
    return session.starts_at + minute * MINUTE


def run_of(session: Occurrence, started: float, ended: float | None = None, *seen: float) -> None:
    """Let a run go on from and to these minutes of a session, with somebody coming in at others."""
    run = Run(session, started_at=at(session, started))
    tell(run.started(), *(run.joined(at(session, minute)) for minute in seen))
    if ended is not None:
        tell(run.ended(at(session, ended)))
    session.refresh_from_db()


def ran(session: Occurrence) -> tuple[str, float | None, float | None]:
    """Return what a session says of itself: its status, and the minutes from and to which it ran."""
    session.refresh_from_db()
    times = (session.actual_starts_at, session.actual_ends_at)
    began, ended = ((moment - session.starts_at) / MINUTE if moment else None for moment in times)
    return session.status, began, ended


def door_is_open(session: Occurrence, minute: float) -> bool:
    try:
        check_door(session.meeting, is_host=False, now=at(session, minute))
    except DoorClosed:
        return False
    return True


def judged_at(session: Occurrence) -> list[float]:
    """Return the minutes of a session at which it is to be judged; one that is to be judged now is at -1."""
    jobs = ProcrastinateJob.objects.filter(task_name="meetings.record_attendance", status="todo")
    return [
        -1 if job.scheduled_at < session.starts_at else (job.scheduled_at - session.starts_at) / MINUTE for job in jobs
    ]


NEVER_RAN = ("scheduled", None, None)


@pytest.mark.parametrize(
    ("started", "ended", "seen", "expected"),
    [
        pytest.param(-3 * 1440, -3 * 1440 + 20, [-3 * 1440 + 1], NEVER_RAN, id="rehearsal-days-before"),
        pytest.param(-1440, None, [-1439], NEVER_RAN, id="host-alone-the-day-before-end-unheard"),
        pytest.param(-40, -5, [-30], NEVER_RAN, id="rehearsal-over-before-the-start"),
        pytest.param(-61, None, [], NEVER_RAN, id="too-early-so-far"),
        pytest.param(-40, None, [], ("live", -40, None), id="opened-early"),
        pytest.param(-40, 58, [], ("ended", -40, 58), id="opened-early-and-held"),
        pytest.param(-150, None, [-2], ("live", -150, None), id="opened-long-before-and-still-going-on"),
        pytest.param(-150, 60, [], ("ended", -150, 60), id="long-before-until-its-end"),
        pytest.param(0, 10, [], ("ended", 0, 10), id="ended-after-ten-minutes"),
        pytest.param(55, 110, [], ("ended", 55, 110), id="very-late"),
        pytest.param(80, 130, [], ("ended", 80, 130), id="begun-after-its-planned-end"),
        pytest.param(91, 150, [], NEVER_RAN, id="later-than-the-limit"),
    ],
)
def test_run_is_a_sessions_by_its_time_alone(session, started, ended, seen, expected):
    run_of(session, started, ended, *seen)

    assert ran(session) == expected
    assert MeetingRun.objects.count() == 1
    assert Participation.objects.exists() == (bool(seen) and expected != NEVER_RAN)


@pytest.mark.parametrize(
    ("started", "ended"),
    [(-3 * 1440, -3 * 1440 + 20), (-40, -5), (-40, None), (0, 10), (0, 58), (-150, 20)],
    ids=["days-before", "rehearsal", "opened-early", "ended-too-soon", "held", "opened-long-before"],
)
def test_door_is_open_until_the_planned_end_and_some_grace_whatever_ran(session, started, ended):
    run_of(session, started, ended)

    assert [door_is_open(session, minute) for minute in (-30, 0, 30, 59, 74)] == [True] * 5


def test_door_is_closed_after_the_grace_but_not_while_it_still_goes_on(session):
    run_of(session, 0, 58)
    after = door_is_open(session, 76)

    run_of(session, 59)

    assert (after, door_is_open(session, 76), door_is_open(session, 60 + 6 * 60 + 1)) == (False, True, False)


def test_session_whose_end_was_never_told_does_not_stand_before_the_next(webhooks, db):
    meeting = put_on_zoom(make_meeting(weekly(count=2, timezone="UTC")))
    first, second = meeting.occurrences.order_by("starts_at")
    run_of(first, 0)

    assert present_or_next(meeting, now=first.ends_at + MINUTE) == first
    assert present_or_next(meeting, now=second.starts_at + MINUTE) == second


@pytest.mark.parametrize(
    ("started", "ended", "moments"),
    [
        pytest.param(0, 58, [-1], id="held"),
        pytest.param(0, 10, [60], id="an-early-end-may-be-a-break"),
        pytest.param(-40, -5, [], id="rehearsal"),
    ],
)
def test_session_is_judged_when_it_was_held(session, started, ended, moments):
    # Told of at once, a rehearsal has never been live, so nothing has to be taken back.
    run = Run(session, started_at=at(session, started))
    tell(run.ended(at(session, ended)))

    assert judged_at(session) == moments


@pytest.mark.parametrize("day", [-3, -1])
def test_session_that_is_ahead_is_not_judged_whoever_asks(session, day):
    run_of(session, day * 1440, day * 1440 + 30, day * 1440 + 2)

    judgement = record_attendance(occurrence_id=session.pk, now=at(session, -10))

    assert judgement is None
    assert (OccurrenceOutcome.objects.count(), Attendance.objects.count()) == (0, 0)


def test_rehearsal_judges_nobody_when_the_session_is_never_held(session):
    run_of(session, -1440, -1400, -1439)

    record_attendance(occurrence_id=session.pk, now=at(session, 61))

    assert OccurrenceOutcome.objects.get().result == "unknown"
    assert [record.status for record in Attendance.objects.all()] == ["unknown"]


def test_run_that_turns_out_to_be_a_rehearsal_takes_back_what_followed_from_it(session):
    run = Run(session, started_at=at(session, -30))
    tell(run.started(), run.joined(at(session, -29)))
    before = (ran(session), Participation.objects.count())

    tell(run.ended(at(session, -10)))

    assert before == (("live", -30, None), 1)
    assert (ran(session), Participation.objects.count()) == (NEVER_RAN, 0)


def test_host_who_left_by_mistake_makes_it_live_again(session):
    run_of(session, 0, 20)

    run_of(session, 22)

    assert ran(session) == ("live", 0, None)


def test_room_opened_again_after_a_session_was_held_does_not_lengthen_it(session):
    run_of(session, 0, 40)

    run_of(session, 70, 75)

    assert ran(session) == ("ended", 0, 40)


def test_run_of_a_session_that_is_moved_is_freed_and_found_again(session):
    run_of(session, -30, None, -29)
    was = session.starts_at

    move(session, was + 7 * DAY)
    freed = (runs.free_strays(now=was), ran(session), Participation.objects.count())
    Occurrence.objects.update(starts_at=was, ends_at=was + HOUR)
    runs.adopt_orphans(now=MeetingRun.objects.get().seen_at)

    assert freed == (1, NEVER_RAN, 0)
    assert (ran(session), Participation.objects.count()) == (("live", -30, None), 1)


def move(session: Occurrence, starts_at: datetime) -> None:
    occurrences.move_occurrence(
        occurrence_id=session.pk, starts_at=starts_at, duration_minutes=60, now=session.starts_at - HOUR
    )


def test_run_of_a_session_that_is_cancelled_is_freed(session):
    run_of(session, -30, None, -29)

    occurrences.cancel_occurrence(occurrence_id=session.pk, reason="Snow", now=session.starts_at - 20 * MINUTE)

    assert runs.free_strays(now=session.starts_at) == 1
    assert ran(session) == ("cancelled", None, None)


def test_what_an_older_rule_attached_to_a_coming_session_is_freed(session):
    old = MeetingRun.objects.create(
        zoom_instance_uuid="old",
        zoom_meeting_id=session.meeting.zoom_meeting_id,
        occurrence=session,
        started_at=session.starts_at - 9 * DAY,
        ended_at=session.starts_at - 9 * DAY + HOUR,
        seen_at=session.starts_at - 9 * DAY,
    )
    runs.settle(session.pk)
    ended = ran(session)[0]

    runs.free_strays(now=session.starts_at - HOUR)

    old.refresh_from_db()
    assert (ended, ran(session), old.occurrence) == ("ended", NEVER_RAN, None)


# What a person says of a run stands above what its time says, and can be taken back.


def say(session: Occurrence, occurrence: Occurrence | None) -> MeetingRun:
    run = MeetingRun.objects.get()
    teacher = session.meeting.teacher
    return decisions.say(
        meeting=session.meeting,
        run_id=run.pk,
        occurrence_id=occurrence.pk if occurrence else None,
        by=teacher,
        now=session.starts_at - DAY,
    )


def test_session_held_at_another_time_on_purpose_is_what_a_person_says_it_was(session):
    run_of(session, -2880, -2830, -2878)
    strays = decisions.strays_of(session.meeting).count()

    say(session, session)

    assert strays == 1
    assert (ran(session), Participation.objects.count()) == (("ended", -2880, -2830), 1)
    assert present_or_next(session.meeting, now=session.starts_at - MINUTE) is None
    assert ReportFetch.objects.get().due_at == session.starts_at - DAY
    judgement = record_attendance(occurrence_id=session.pk, now=session.starts_at - DAY)
    assert judgement is not None
    assert judgement.result == "held"


def test_word_of_a_person_is_left_alone_by_the_sweeps_and_can_be_taken_back(session):
    run_of(session, -2880, -2830)
    say(session, session)
    swept = runs.free_strays(now=session.starts_at - DAY)

    decisions.unsay(meeting=session.meeting, run_id=MeetingRun.objects.get().pk, now=session.starts_at - DAY)

    assert swept == 0
    assert ran(session) == NEVER_RAN
    assert present_or_next(session.meeting, now=session.starts_at - MINUTE) == session


def test_run_that_a_person_says_was_none_changes_nothing_whatever_its_time(session):
    run_of(session, 0, None, 5)

    say(session, None)
    run_of(session, 200)

    assert (ran(session), Participation.objects.count()) == (NEVER_RAN, 0)


def test_session_that_was_cancelled_or_of_another_meeting_was_no_run_of_this_one(session):
    run_of(session, -2880, -2830)
    other = put_on_zoom(make_meeting()).occurrences.get()

    with pytest.raises(NotThere):
        say(session, other)
    Occurrence.objects.filter(pk=session.pk).update(status=OccurrenceStatus.CANCELLED)
    with pytest.raises(decisions.SessionNotHeld):
        say(session, session)


# What holds for any run and any plan.

PLAN = [
    (number, Period(starts_at=NINE + number * 3 * HOUR, ends_at=NINE + (number * 3 + 1) * HOUR)) for number in (0, 1)
]
TIMES = st.integers(-3000, 3000)


def reminded(session: Occurrence, minute: float = -30) -> int:
    """Return how many reminders go out at this minute of a session: its student asked for one an hour before."""
    User.objects.filter(member_groups=session.meeting.group).update(reminder_minutes=60)
    return remind_due(now=at(session, minute))


@pytest.mark.parametrize(
    ("started", "ended", "seen"),
    [
        pytest.param(-3 * 1440, -3 * 1440 + 20, [-3 * 1440 + 1], id="rehearsal-days-before"),
        pytest.param(-1440, None, [-1439], id="host-alone-the-day-before"),
        pytest.param(-50, -40, [-45], id="over-before-the-start"),
        pytest.param(-50, None, [-45], id="opened-early"),
        pytest.param(-150, None, [-40], id="opened-long-before-and-still-going-on"),
    ],
)
def test_no_run_before_a_session_keeps_its_reminders_from_going_out(session, started, ended, seen):
    run_of(session, started, ended, *seen)

    assert reminded(session) == 1


def test_run_between_two_dates_of_a_series_keeps_no_reminder_from_going_out(webhooks, db):
    group = make_class(students=[make_student()])
    series = put_on_zoom(make_meeting(weekly(group.teachers.get(), group=group)))
    first, second = series.occurrences.order_by("starts_at")[:2]
    run_of(first, 3 * 1440, 3 * 1440 + 60)

    assert (reminded(first), reminded(second)) == (1, 1)


def test_session_that_a_person_says_was_held_reminds_nobody_until_that_is_taken_back(session):
    run_of(session, -3 * 1440, -3 * 1440 + 60)
    run = say(session, session)
    session.refresh_from_db()
    while_held = reminded(session)

    decisions.unsay(meeting=session.meeting, run_id=run.pk, now=at(session, -1440))

    # Whose time had come before is looked at again within a quarter of an hour.
    assert (while_held, reminded(session, -15)) == (0, 1)


def test_run_that_a_person_says_was_none_keeps_no_reminder_from_going_out(session):
    run_of(session, -50, None)
    say(session, None)

    assert reminded(session) == 1


def test_session_that_ran_and_is_then_moved_reminds_at_its_new_time_and_one_cancelled_never(session):
    run_of(session, -50, -40, -45)
    move(session, session.starts_at + DAY)
    session.refresh_from_db()
    moved = (reminded(session, -1440 - 30), reminded(session))
    occurrences.cancel_occurrence(occurrence_id=session.pk, reason="Snow", now=at(session, -60))

    assert moved == (0, 1)
    assert reminded(session, -10) == 0


@st.composite
def _runs(draw: st.DrawFn) -> RunTimes:
    started, heard = draw(TIMES), draw(st.integers(0, 2000))
    ended = draw(st.none() | st.integers(0, 2000))
    began = NINE + started * MINUTE
    return RunTimes(
        started_at=began,
        heard_until=began + heard * MINUTE,
        ended_at=None if ended is None else began + ended * MINUTE,
    )


@given(run=_runs(), plan=st.permutations(PLAN))
def test_no_run_that_is_over_before_a_session_begins_is_that_session(run, plan):
    found = session_of(run, plan, LIMITS)

    assert found == session_of(run, PLAN, LIMITS)
    if found is not None:
        planned = dict(PLAN)[found]
        assert run.ended_at is None or run.ended_at > planned.starts_at
        assert run.started_at <= planned.ends_at + LIMITS.late
        assert run.known.ends_at >= planned.starts_at - LIMITS.early


@given(run=_runs())
def test_run_that_took_some_of_the_planned_time_belongs_to_a_session(run):
    took: Sequence[int] = [
        key for key, planned in PLAN if run.started_at < planned.ends_at and run.known.ends_at > planned.starts_at
    ]

    assert not took or session_of(run, PLAN, LIMITS) in took


# -- whatever runs there were before a session, and in whatever order they are told


@st.composite
def _told_until(draw):
    """Return a minute before the session's planned end, and what Zoom had to tell of runs by then, in any order."""
    now = draw(st.integers(-3 * 1440, 59))
    told = []
    for number in range(draw(st.integers(1, 3))):
        started = draw(st.integers(-4 * 1440, now))
        ended = draw(st.none() | st.integers(started, now))
        seen = draw(st.lists(st.integers(started, now if ended is None else ended), max_size=2))
        told.append((number, started, "started", started))
        told += [(number, started, "joined", minute) for minute in seen]
        told += [] if ended is None else [(number, started, "ended", ended)]
    return now, told, draw(st.permutations(told))


def _tell_in_order(session, told):
    for number, started, what, minute in told:
        run = Run(session, uuid=f"run-{number}", started_at=at(session, started))
        tell(run.started() if what == "started" else getattr(run, what)(at(session, minute)))
    return ran(session)


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=_told_until())
def test_no_runs_in_any_order_close_the_door_of_a_session_that_is_not_over(session, case):
    now, in_time, in_any_order = case
    results = []
    for told in (in_time, in_any_order):
        with transaction.atomic():
            results.append(_tell_in_order(session, told))
            assert door_is_open(session, now)
            assert door_is_open(session, 0)
            assert door_is_open(session, 59)
            if results[-1][1] is None:
                assert record_attendance(occurrence_id=session.pk, now=at(session, now)) is None
                assert not Attendance.objects.exists()
            transaction.set_rollback(True)

    assert results[0] == results[1]
