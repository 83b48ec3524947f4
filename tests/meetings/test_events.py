"""What each of Zoom's events does to meetings, sittings and the stays in them."""

import random
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.meetings.models import (
    Meeting,
    MeetingRun,
    Occurrence,
    OccurrenceStatus,
    Participation,
    Registrant,
    RegistrantStatus,
    WebhookEvent,
)
from classbell.meetings.presence import runs
from classbell.meetings.signals import occurrence_ended, occurrence_started
from classbell.meetings.webhooks.inbox import process_all
from tests.factories import make_student
from tests.factories_meetings import make_meeting, weekly
from tests.zoom_events import Run, event, put_on_zoom, store, tell, wire

pytestmark = pytest.mark.usefixtures("webhooks")

Row = tuple[str, float, float | None]


@pytest.fixture
def sitting(db: None) -> Occurrence:
    return put_on_zoom(make_meeting()).occurrences.get()


@pytest.fixture
def run(sitting: Occurrence) -> Run:
    return Run(sitting)


def at(sitting: Occurrence, minute: float) -> datetime:
    return sitting.starts_at + timedelta(minutes=minute)


def stays(sitting: Occurrence) -> list[Row]:
    """Return who was there from and to which minute of a sitting."""

    def minute(moment: datetime | None) -> float | None:
        return None if moment is None else (moment - sitting.starts_at) / timedelta(minutes=1)

    rows = Participation.objects.filter(occurrence=sitting).order_by("joined_at", "connection")
    return [(row.connection, minute(row.joined_at), minute(row.left_at)) for row in rows]


def state(sitting: Occurrence) -> tuple[str, float | None, float | None]:
    """Return the status of a sitting and the minutes at which it began and ended."""
    sitting.refresh_from_db()
    times = (sitting.actual_starts_at, sitting.actual_ends_at)
    return (sitting.status, *(t and (t - sitting.starts_at) / timedelta(minutes=1) for t in times))


def queued(name: str) -> list[dict[str, object]]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name=name).order_by("id")]


# The sitting.


def test_start_makes_the_sitting_live(sitting):
    run = Run(sitting, started_at=at(sitting, -2))

    tell(run.started())

    assert state(sitting) == ("live", -2, None)
    assert sitting.zoom_instance_uuid == run.about["uuid"]


def test_end_ends_it_and_has_attendance_judged(sitting, run):
    tell(run.started(), run.ended(at(sitting, 58)))

    assert state(sitting) == ("ended", 0, 58)
    assert queued("meetings.record_attendance") == [{"occurrence_id": str(sitting.pk)}]


def test_somebody_coming_in_proves_that_it_runs(sitting, run):
    tell(run.joined(at(sitting, 3)))

    assert state(sitting) == ("live", 0, None)


def test_stray_start_after_the_end_does_not_revive_it(sitting, run):
    tell(run.ended(at(sitting, 58)))
    ended = state(sitting)

    tell(run.started())

    assert ended == state(sitting) == ("ended", 0, 58)


def test_sitting_started_again_is_live_again_and_counts_from_first_start_to_latest_end(sitting, run):
    again = Run(sitting, started_at=at(sitting, 30))
    states = []

    for body in (run.started(), run.ended(at(sitting, 20)), again.started(), again.ended(at(sitting, 62))):
        tell(body)
        states.append(state(sitting))

    assert states == [("live", 0, None), ("ended", 0, 20), ("live", 0, None), ("ended", 0, 62)]
    assert sitting.zoom_instance_uuid == again.about["uuid"]


def test_end_of_the_first_run_that_comes_after_the_start_of_the_second_ends_only_the_first(sitting, run):
    again = Run(sitting, started_at=at(sitting, 30))

    tell(run.started(), again.started(), run.ended(at(sitting, 29)))

    assert state(sitting) == ("live", 0, None)


@pytest.mark.parametrize(
    ("days", "minutes", "expected"),
    [
        pytest.param(0, 0, 0, id="on-time"),
        pytest.param(7, -20, 1, id="early"),
        pytest.param(7, 90, 1, id="after-its-time"),
        pytest.param(-30, 0, None, id="long-before-all"),
        pytest.param(3, 0, None, id="between-two-dates"),
        pytest.param(14, 0, None, id="when-one-was-called-off"),
        pytest.param(90, 0, None, id="long-after-all"),
    ],
)
def test_run_of_a_series_belongs_to_the_session_whose_time_it_is_or_to_none(days, minutes, expected):
    meeting = put_on_zoom(make_meeting(weekly(count=4, timezone="UTC")))
    sittings = list(meeting.occurrences.order_by("starts_at"))
    Occurrence.objects.filter(pk=sittings[2].pk).update(status=OccurrenceStatus.CANCELLED)
    started_at = sittings[0].starts_at + timedelta(days=days, minutes=minutes)

    tell(Run(sittings[0], started_at=started_at).started())

    live = Occurrence.objects.filter(status=OccurrenceStatus.LIVE)
    assert [sitting.pk for sitting in live] == ([] if expected is None else [sittings[expected].pk])


def test_run_of_a_cancelled_meeting_changes_nothing(sitting, run):
    Occurrence.objects.update(status=OccurrenceStatus.CANCELLED)

    tell(run.started(), run.joined(at(sitting, 1)))

    assert state(sitting) == ("cancelled", None, None)
    assert stays(sitting) == []


def test_start_and_end_are_announced_once_each(sitting, run):
    heard: list[tuple[str, object]] = []

    def hear_start(occurrence_id: object, **_: object) -> None:
        heard.append(("started", occurrence_id))

    def hear_end(occurrence_id: object, **_: object) -> None:
        heard.append(("ended", occurrence_id))

    occurrence_started.connect(hear_start)
    occurrence_ended.connect(hear_end)

    tell(run.started(), run.joined(at(sitting, 1)), run.ended(at(sitting, 50)), run.left(at(sitting, 50)))

    assert heard == [("started", sitting.pk), ("ended", sitting.pk)]


def test_failing_receiver_leaves_the_event_to_be_tried_again(sitting, run):
    def fail(**_: object) -> None:
        raise RuntimeError("The receiver is broken.")

    occurrence_started.connect(fail)
    tell(run.started())
    failed = state(sitting)
    occurrence_started.disconnect(fail)

    process_all(now=timezone.now() + timedelta(minutes=1))

    assert failed == ("scheduled", None, None)
    assert state(sitting) == ("live", 0, None)


# The stays.


def test_stay_is_from_join_to_leave_with_its_reason(sitting, run):
    tell(run.joined(at(sitting, 3)), run.left(at(sitting, 33)))

    assert stays(sitting) == [("C1", 3, 33)]
    assert Participation.objects.get().leave_reason == "left the meeting."


def test_end_closes_the_stays_that_are_open(sitting, run):
    tell(run.joined(at(sitting, 3), "C1"), run.joined(at(sitting, 4), "C2"), run.left(at(sitting, 9), "C2"))
    before = stays(sitting)

    tell(run.ended(at(sitting, 60)))

    assert before == [("C1", 3, None), ("C2", 4, 9)]
    assert stays(sitting) == [("C1", 3, 60), ("C2", 4, 9)]


def test_stay_keeps_its_id_while_more_is_heard_of_it(sitting, run):
    tell(run.joined(at(sitting, 3)))
    pk = Participation.objects.get().pk

    tell(run.left(at(sitting, 9)), run.ended(at(sitting, 60)))

    assert Participation.objects.get().pk == pk


def test_leave_that_comes_after_the_rejoin_is_put_where_it_belongs(sitting, run):
    tell(run.joined(at(sitting, 0)), run.joined(at(sitting, 20)), run.left(at(sitting, 40)))
    before = stays(sitting)

    tell(run.left(at(sitting, 10)))

    assert before == [("C1", 0, 40)]
    assert stays(sitting) == [("C1", 0, 10), ("C1", 20, 40)]


def test_waiting_room_is_not_the_meeting(sitting, run):
    waiting = "meeting.participant_joined_waiting_room"

    tell(run.person(waiting, at(sitting, 0), date_time=wire(at(sitting, 0))))
    before = stays(sitting)
    tell(run.joined(at(sitting, 5)))
    back = at(sitting, 20)
    tell(run.person("meeting.participant_put_in_waiting_room", back, date_time=wire(back)))

    assert before == []
    assert stays(sitting) == [("C1", 5, 20)]


@pytest.mark.parametrize("leaves_main", [False, True], ids=["only-breakout-events", "with-leave-and-join-events"])
def test_breakout_room_is_the_meeting(sitting, run, leaves_main):
    joined, left = "meeting.participant_joined_breakout_room", "meeting.participant_left_breakout_room"
    events = [
        run.joined(at(sitting, 0)),
        run.person(joined, at(sitting, 10), join_time=wire(at(sitting, 10))),
        run.person(left, at(sitting, 20), leave_time=wire(at(sitting, 20))),
        run.left(at(sitting, 30)),
    ]
    if leaves_main:
        events += [run.left(at(sitting, 10)), run.joined(at(sitting, 20))]

    tell(*events)

    there = stays(sitting)
    assert (there[0][1], there[-1][2]) == (0, 30)
    assert sum(left - joined for _, joined, left in there) == 30


def test_telephone_is_noted(sitting, run):
    tell(run.joined(at(sitting, 0), user_name="1415***0100", phone_number="1415***0100"))

    stay = Participation.objects.get()
    assert (stay.phone, stay.name) == (True, "1415***0100")


def test_name_shown_last_counts_and_empty_fields_take_nothing_away(sitting, run):
    tell(run.joined(at(sitting, 0), user_name="iPhone", email="ana@home.example"))
    tell(run.left(at(sitting, 9), user_name="Ana", email=""))

    stay = Participation.objects.get()
    assert (stay.name, stay.email) == ("Ana", "ana@home.example")


def test_connection_without_a_participant_uuid_is_told_by_its_number(sitting, run):
    tell(run.joined(at(sitting, 0), "", user_id="16779264"), run.left(at(sitting, 9), "", user_id="16779264"))

    assert stays(sitting) == [("16779264", 0, 9)]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
@pytest.mark.parametrize("bare", [(0,), (1,), (0, 3), (1, 2)], ids=str)
def test_connection_told_of_by_number_in_some_events_and_by_uuid_in_others_is_one(sitting, run, order, bare):
    told = [("joined", 0), ("left", 20), ("joined", 30), ("left", 40)]

    for index in order:
        kind, minute = told[index]
        uuid = "" if index in bare else "C1"
        tell(getattr(run, kind)(at(sitting, minute), uuid, user_id="16779264"))

    assert stays(sitting) == [("C1", 0, 20), ("C1", 30, 40)]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_number_that_two_connections_share_says_nothing_of_either(sitting, run, order):
    told = [
        run.joined(at(sitting, 0), "", user_id="1"),
        run.joined(at(sitting, 5), "C1", user_id="1"),
        run.joined(at(sitting, 6), "C2", user_id="1"),
    ]

    for index in order:
        tell(told[index])

    assert stays(sitting) == [("1", 0, None), ("C1", 5, None), ("C2", 6, None)]


@st.composite
def _histories(draw: st.DrawFn) -> list[tuple[str, str, int]]:
    """Two connections that come and go by whole minutes, perhaps an end; told in any order, some of it twice."""
    told = [("ended", "", 60)] if draw(st.booleans()) else []
    for who in ("C1", "C2"):
        moments = sorted(draw(st.sets(st.integers(1, 59), max_size=5)))
        told += [("joined" if number % 2 == 0 else "left", who, minute) for number, minute in enumerate(moments)]
    return told + draw(st.lists(st.sampled_from(told), max_size=3)) if told else told


@given(history=_histories(), seed=st.integers(), batch=st.integers(1, 4))
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_order_repetition_and_batching_gives_the_same_rows(sitting, history, seed, batch):
    dice = random.Random(seed)

    def rows_after(told: list[tuple[str, str, int]], size: int) -> tuple[object, object]:
        WebhookEvent.objects.all().delete()
        Participation.objects.all().delete()
        MeetingRun.objects.all().delete()
        Occurrence.objects.update(status="scheduled", actual_starts_at=None, actual_ends_at=None)
        run = Run(sitting, uuid="a-run")
        for first in range(0, len(told), size):
            for kind, who, minute in told[first : first + size]:
                moment = at(sitting, minute)
                body = run.ended(moment) if kind == "ended" else getattr(run, kind)(moment, who)
                # Zoom does not promise the order of its keys: the same event in other bytes.
                store(dict(dice.sample(list(body.items()), len(body))))
            process_all(now=timezone.now())
        return stays(sitting), state(sitting)

    shuffled = dice.sample(history, len(history))

    assert rows_after(shuffled, batch) == rows_after(history, len(history) or 1)


@pytest.mark.parametrize("people", [1, 30])
def test_batch_of_one_run_takes_as_many_statements_for_thirty_as_for_one(
    sitting, run, django_assert_max_num_queries, people
):
    tell(run.started())
    for number in range(people):
        store(run.joined(at(sitting, 1), f"C{number}", user_name=f"Person {number}"))

    with django_assert_max_num_queries(30):
        process_all(now=timezone.now())

    assert len(stays(sitting)) == people


def test_event_of_a_run_whose_other_events_may_be_deleted_changes_nothing(sitting, run):
    tell(run.joined(at(sitting, 1)))
    there = stays(sitting)
    WebhookEvent.objects.update(processed_at=None, happened_at=timezone.now() - timedelta(days=61), connection="C2")

    process_all(now=timezone.now())

    assert WebhookEvent.objects.filter(processed_at=None).count() == 0
    assert stays(sitting) == there


# Meetings that we do not know, or not yet.


def test_run_of_an_unknown_meeting_finds_its_sitting_when_the_meeting_turns_up(sitting, run):
    zoom_meeting_id = sitting.meeting.zoom_meeting_id
    Meeting.objects.update(zoom_meeting_id="")
    tell(run.started(), run.joined(at(sitting, 1)))
    before = (state(sitting), stays(sitting), runs.adopt_orphans(now=timezone.now()))

    put_on_zoom(sitting.meeting, zoom_meeting_id)
    adopted = runs.adopt_orphans(now=timezone.now())

    assert before == (("scheduled", None, None), [], 0)
    assert adopted == 1
    assert (state(sitting), stays(sitting)) == (("live", 0, None), [("C1", 1, None)])


def test_meeting_made_elsewhere_is_let_run(sitting, run):
    run.about["id"] = "99"

    tell(run.started(), run.joined(at(sitting, 1)), run.ended(at(sitting, 9)))

    assert WebhookEvent.objects.filter(processed_at=None).count() == 0
    assert state(sitting) == ("scheduled", None, None)


# Meetings and registrations changed at Zoom.


@pytest.mark.parametrize("name", ["meeting.updated", "meeting.deleted", "meeting.recovered"])
def test_change_made_at_zoom_has_the_meeting_compared_with_its_wish(sitting, name):
    before = len(queued("meetings.reconcile"))

    tell(event(name, timezone.now(), id=int(sitting.meeting.zoom_meeting_id), topic="Changed"))

    jobs = queued("meetings.reconcile")[before:]
    assert jobs == [{"meeting_id": str(sitting.meeting_id), "batch": True, "verify": True}]


@pytest.mark.parametrize(
    ("name", "minutes_after_sync"),
    [("meeting.updated", -1), ("meeting.created", 1)],
    ids=["our-own-update", "our-own-create"],
)
def test_echo_of_our_own_change_asks_for_nothing(sitting, name, minutes_after_sync):
    now = timezone.now()
    Meeting.objects.update(synced_at=now)
    before = len(queued("meetings.reconcile"))

    tell(event(name, now + timedelta(minutes=minutes_after_sync), id=int(sitting.meeting.zoom_meeting_id)))

    assert len(queued("meetings.reconcile")) == before


def test_change_of_a_meeting_made_elsewhere_asks_for_nothing(sitting):
    before = len(queued("meetings.reconcile"))

    tell(event("meeting.updated", timezone.now(), id=99))

    assert len(queued("meetings.reconcile")) == before


@pytest.mark.parametrize(
    ("name", "known_as", "status", "expected"),
    [
        ("registration_created", "", "approved", ("approved", "R1", "https://zoom.example/w/1")),
        ("registration_created", "", "pending", ("pending", "", "")),
        ("registration_approved", "R1", "approved", ("approved", "R1", "https://zoom.example/w/1")),
        ("registration_cancelled", "R1", "", ("cancelled", "", "")),
        ("registration_denied", "R1", "", ("cancelled", "", "")),
        ("registration_cancelled", "R2", "", ("pending", "R2", "")),
    ],
    ids=["created", "waits-for-approval", "approved", "cancelled", "denied", "an-older-registration"],
)
def test_registration_at_zoom_is_noted(sitting, name, known_as, status, expected):
    student = make_student(email="ana@school.example")
    row = Registrant.objects.create(
        meeting=sitting.meeting, user=student, status=RegistrantStatus.PENDING, zoom_registrant_id=known_as
    )
    link = {"join_url": "https://zoom.example/w/1"} if status == "approved" else {}
    registrant = {"id": "R1", "email": "Ana@School.example", "status": status} | link

    tell(event(f"meeting.{name}", timezone.now(), id=int(sitting.meeting.zoom_meeting_id), registrant=registrant))

    row.refresh_from_db()
    assert (row.status, row.zoom_registrant_id, row.join_url) == expected


def test_whoever_registers_of_their_own_accord_is_not_ours(sitting):
    make_student(email="ana@school.example")
    registrant = {"id": "R1", "email": "ana@school.example", "status": "approved"}

    tell(
        event("meeting.registration_created", timezone.now(), id=sitting.meeting.zoom_meeting_id, registrant=registrant)
    )

    assert Registrant.objects.count() == 0
