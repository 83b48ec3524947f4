"""What each of Zoom's events does to meetings, sessions and the stays in them."""

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
from tests.examples import examples
from tests.factories import make_student
from tests.factories_meetings import make_meeting, weekly
from tests.zoom_events import Run, event, put_on_zoom, store, tell, wire

pytestmark = pytest.mark.usefixtures("webhooks")

Row = tuple[str, float, float | None]


@pytest.fixture
def occurrence(db: None) -> Occurrence:
    return put_on_zoom(make_meeting()).occurrences.get()


@pytest.fixture
def run(occurrence: Occurrence) -> Run:
    return Run(occurrence)


def at(occurrence: Occurrence, minute: float) -> datetime:
    return occurrence.starts_at + timedelta(minutes=minute)


def stays(occurrence: Occurrence) -> list[Row]:
    """Return who was there from and to which minute of a session."""

    def minutes_into(moment: datetime) -> float:
        return (moment - occurrence.starts_at) / timedelta(minutes=1)

    rows = Participation.objects.filter(occurrence=occurrence).order_by("joined_at", "connection")
    return [
        (row.connection, minutes_into(row.joined_at), minutes_into(row.left_at) if row.left_at else None)
        for row in rows
    ]


def state(occurrence: Occurrence) -> tuple[str, float | None, float | None]:
    """Return the status of a session and the minutes at which it began and ended."""
    occurrence.refresh_from_db()
    times = (occurrence.actual_starts_at, occurrence.actual_ends_at)
    began, ended = ((t - occurrence.starts_at) / timedelta(minutes=1) if t else None for t in times)
    return occurrence.status, began, ended


def queued(name: str) -> list[dict[str, object]]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name=name).order_by("id")]


# The session.


def test_start_makes_the_occurrence_live(occurrence):
    run = Run(occurrence, started_at=at(occurrence, -2))

    tell(run.started())

    assert state(occurrence) == ("live", -2, None)
    assert occurrence.zoom_instance_uuid == run.about["uuid"]


def test_end_ends_it_and_has_attendance_judged(occurrence, run):
    tell(run.started(), run.ended(at(occurrence, 58)))

    assert state(occurrence) == ("ended", 0, 58)
    assert queued("meetings.record_attendance") == [{"occurrence_id": str(occurrence.pk)}]


def test_somebody_coming_in_proves_that_it_runs(occurrence, run):
    tell(run.joined(at(occurrence, 3)))

    assert state(occurrence) == ("live", 0, None)


def test_stray_start_after_the_end_does_not_revive_it(occurrence, run):
    tell(run.ended(at(occurrence, 58)))
    ended = state(occurrence)

    tell(run.started())

    assert ended == state(occurrence) == ("ended", 0, 58)


def test_occurrence_started_again_is_live_again_and_counts_from_first_start_to_latest_end(occurrence, run):
    again = Run(occurrence, started_at=at(occurrence, 30))
    states = []

    for body in (run.started(), run.ended(at(occurrence, 20)), again.started(), again.ended(at(occurrence, 62))):
        tell(body)
        states.append(state(occurrence))

    assert states == [("live", 0, None), ("ended", 0, 20), ("live", 0, None), ("ended", 0, 62)]
    assert occurrence.zoom_instance_uuid == again.about["uuid"]


def test_end_of_the_first_run_that_comes_after_the_start_of_the_second_ends_only_the_first(occurrence, run):
    again = Run(occurrence, started_at=at(occurrence, 30))

    tell(run.started(), again.started(), run.ended(at(occurrence, 29)))

    assert state(occurrence) == ("live", 0, None)


@pytest.mark.parametrize(
    ("days", "minutes", "expected"),
    [
        pytest.param(0, 0, 0, id="on-time"),
        pytest.param(7, -20, 1, id="early"),
        pytest.param(7, 90, 1, id="after-its-time"),
        pytest.param(-30, 0, None, id="long-before-all"),
        pytest.param(3, 0, None, id="between-two-dates"),
        pytest.param(14, 0, None, id="when-one-was-cancelled"),
        pytest.param(90, 0, None, id="long-after-all"),
    ],
)
def test_run_of_a_series_belongs_to_the_session_whose_time_it_is_or_to_none(days, minutes, expected):
    meeting = put_on_zoom(make_meeting(weekly(count=4, timezone="UTC")))
    occurrences = list(meeting.occurrences.order_by("starts_at"))
    Occurrence.objects.filter(pk=occurrences[2].pk).update(status=OccurrenceStatus.CANCELLED)
    started_at = occurrences[0].starts_at + timedelta(days=days, minutes=minutes)

    tell(Run(occurrences[0], started_at=started_at).started())

    live = Occurrence.objects.filter(status=OccurrenceStatus.LIVE)
    assert [occurrence.pk for occurrence in live] == ([] if expected is None else [occurrences[expected].pk])


def test_run_of_a_cancelled_meeting_changes_nothing(occurrence, run):
    Occurrence.objects.update(status=OccurrenceStatus.CANCELLED)

    tell(run.started(), run.joined(at(occurrence, 1)))

    assert state(occurrence) == ("cancelled", None, None)
    assert stays(occurrence) == []


def test_start_and_end_are_announced_once_each(occurrence, run):
    heard: list[tuple[str, object]] = []

    def hear_start(occurrence_id: object, **_: object) -> None:
        heard.append(("started", occurrence_id))

    def hear_end(occurrence_id: object, **_: object) -> None:
        heard.append(("ended", occurrence_id))

    occurrence_started.connect(hear_start)
    occurrence_ended.connect(hear_end)

    tell(run.started(), run.joined(at(occurrence, 1)), run.ended(at(occurrence, 50)), run.left(at(occurrence, 50)))

    assert heard == [("started", occurrence.pk), ("ended", occurrence.pk)]


def test_failing_receiver_leaves_the_event_to_be_tried_again(occurrence, run):
    def fail(**_: object) -> None:
        raise RuntimeError("The receiver is broken.")

    occurrence_started.connect(fail)
    tell(run.started())
    failed = state(occurrence)
    occurrence_started.disconnect(fail)

    process_all(now=timezone.now() + timedelta(minutes=1))

    assert failed == ("scheduled", None, None)
    assert state(occurrence) == ("live", 0, None)


# The stays.


def test_stay_is_from_join_to_leave_with_its_reason(occurrence, run):
    tell(run.joined(at(occurrence, 3)), run.left(at(occurrence, 33)))

    assert stays(occurrence) == [("C1", 3, 33)]
    assert Participation.objects.get().leave_reason == "left the meeting."


def test_end_closes_the_stays_that_are_open(occurrence, run):
    tell(run.joined(at(occurrence, 3), "C1"), run.joined(at(occurrence, 4), "C2"), run.left(at(occurrence, 9), "C2"))
    before = stays(occurrence)

    tell(run.ended(at(occurrence, 60)))

    assert before == [("C1", 3, None), ("C2", 4, 9)]
    assert stays(occurrence) == [("C1", 3, 60), ("C2", 4, 9)]


def test_stay_keeps_its_id_while_more_is_heard_of_it(occurrence, run):
    tell(run.joined(at(occurrence, 3)))
    pk = Participation.objects.get().pk

    tell(run.left(at(occurrence, 9)), run.ended(at(occurrence, 60)))

    assert Participation.objects.get().pk == pk


def test_leave_that_comes_after_the_rejoin_is_put_where_it_belongs(occurrence, run):
    tell(run.joined(at(occurrence, 0)), run.joined(at(occurrence, 20)), run.left(at(occurrence, 40)))
    before = stays(occurrence)

    tell(run.left(at(occurrence, 10)))

    assert before == [("C1", 0, 40)]
    assert stays(occurrence) == [("C1", 0, 10), ("C1", 20, 40)]


def test_waiting_room_is_not_the_meeting(occurrence, run):
    waiting = "meeting.participant_joined_waiting_room"

    tell(run.person(waiting, at(occurrence, 0), date_time=wire(at(occurrence, 0))))
    before = stays(occurrence)
    tell(run.joined(at(occurrence, 5)))
    back = at(occurrence, 20)
    tell(run.person("meeting.participant_put_in_waiting_room", back, date_time=wire(back)))

    assert before == []
    assert stays(occurrence) == [("C1", 5, 20)]


@pytest.mark.parametrize("leaves_main", [False, True], ids=["only-breakout-events", "with-leave-and-join-events"])
def test_breakout_room_is_the_meeting(occurrence, run, leaves_main):
    joined, left = "meeting.participant_joined_breakout_room", "meeting.participant_left_breakout_room"
    events = [
        run.joined(at(occurrence, 0)),
        run.person(joined, at(occurrence, 10), join_time=wire(at(occurrence, 10))),
        run.person(left, at(occurrence, 20), leave_time=wire(at(occurrence, 20))),
        run.left(at(occurrence, 30)),
    ]
    if leaves_main:
        events += [run.left(at(occurrence, 10)), run.joined(at(occurrence, 20))]

    tell(*events)

    there = stays(occurrence)
    assert (there[0][1], there[-1][2]) == (0, 30)
    assert sum(left - joined for _, joined, left in there if left is not None) == 30


def test_telephone_is_noted(occurrence, run):
    tell(run.joined(at(occurrence, 0), user_name="1415***0100", phone_number="1415***0100"))

    stay = Participation.objects.get()
    assert (stay.phone, stay.name) == (True, "1415***0100")


def test_name_shown_last_counts_and_empty_fields_take_nothing_away(occurrence, run):
    tell(run.joined(at(occurrence, 0), user_name="iPhone", email="ana@home.example"))
    tell(run.left(at(occurrence, 9), user_name="Ana", email=""))

    stay = Participation.objects.get()
    assert (stay.name, stay.email) == ("Ana", "ana@home.example")


def test_connection_without_a_participant_uuid_is_told_by_its_number(occurrence, run):
    tell(run.joined(at(occurrence, 0), "", user_id="16779264"), run.left(at(occurrence, 9), "", user_id="16779264"))

    assert stays(occurrence) == [("16779264", 0, 9)]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
@pytest.mark.parametrize("bare", [(0,), (1,), (0, 3), (1, 2)], ids=str)
def test_connection_told_of_by_number_in_some_events_and_by_uuid_in_others_is_one(occurrence, run, order, bare):
    told = [("joined", 0), ("left", 20), ("joined", 30), ("left", 40)]

    for index in order:
        kind, minute = told[index]
        uuid = "" if index in bare else "C1"
        tell(getattr(run, kind)(at(occurrence, minute), uuid, user_id="16779264"))

    assert stays(occurrence) == [("C1", 0, 20), ("C1", 30, 40)]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_number_that_two_connections_share_says_nothing_of_either(occurrence, run, order):
    told = [
        run.joined(at(occurrence, 0), "", user_id="1"),
        run.joined(at(occurrence, 5), "C1", user_id="1"),
        run.joined(at(occurrence, 6), "C2", user_id="1"),
    ]

    for index in order:
        tell(told[index])

    assert stays(occurrence) == [("1", 0, None), ("C1", 5, None), ("C2", 6, None)]


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
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_repetition_and_batching_gives_the_same_rows(occurrence, history, seed, batch):
    dice = random.Random(seed)

    def rows_after(told: list[tuple[str, str, int]], size: int) -> tuple[object, object]:
        WebhookEvent.objects.all().delete()
        Participation.objects.all().delete()
        MeetingRun.objects.all().delete()
        Occurrence.objects.update(status="scheduled", actual_starts_at=None, actual_ends_at=None)
        run = Run(occurrence, uuid="a-run")
        for first in range(0, len(told), size):
            for kind, who, minute in told[first : first + size]:
                moment = at(occurrence, minute)
                body = run.ended(moment) if kind == "ended" else getattr(run, kind)(moment, who)
                # Zoom does not promise the order of its keys: the same event in other bytes.
                store(dict(dice.sample(list(body.items()), len(body))))
            process_all(now=timezone.now())
        return stays(occurrence), state(occurrence)

    shuffled = dice.sample(history, len(history))

    assert rows_after(shuffled, batch) == rows_after(history, len(history) or 1)


@pytest.mark.parametrize("people", [1, 30])
def test_batch_of_one_run_takes_as_many_statements_for_thirty_as_for_one(
    occurrence, run, django_assert_max_num_queries, people
):
    tell(run.started())
    for number in range(people):
        store(run.joined(at(occurrence, 1), f"C{number}", user_name=f"Person {number}"))

    with django_assert_max_num_queries(30):
        process_all(now=timezone.now())

    assert len(stays(occurrence)) == people


def test_event_of_a_run_whose_other_events_may_be_deleted_changes_nothing(occurrence, run):
    tell(run.joined(at(occurrence, 1)))
    there = stays(occurrence)
    WebhookEvent.objects.update(processed_at=None, happened_at=timezone.now() - timedelta(days=61), connection="C2")

    process_all(now=timezone.now())

    assert WebhookEvent.objects.filter(processed_at=None).count() == 0
    assert stays(occurrence) == there


# Meetings that we do not know, or not yet.


def test_run_of_an_unknown_meeting_finds_its_occurrence_when_the_meeting_turns_up(occurrence, run):
    zoom_meeting_id = occurrence.meeting.zoom_meeting_id
    Meeting.objects.update(zoom_meeting_id="")
    tell(run.started(), run.joined(at(occurrence, 1)))
    before = (state(occurrence), stays(occurrence), runs.adopt_orphans(now=timezone.now()))

    put_on_zoom(occurrence.meeting, zoom_meeting_id)
    adopted = runs.adopt_orphans(now=timezone.now())

    assert before == (("scheduled", None, None), [], 0)
    assert adopted == 1
    assert (state(occurrence), stays(occurrence)) == (("live", 0, None), [("C1", 1, None)])


def test_meeting_made_elsewhere_is_let_run(occurrence, run):
    run.about["id"] = "99"

    tell(run.started(), run.joined(at(occurrence, 1)), run.ended(at(occurrence, 9)))

    assert WebhookEvent.objects.filter(processed_at=None).count() == 0
    assert state(occurrence) == ("scheduled", None, None)


# Meetings and registrations changed at Zoom.


@pytest.mark.parametrize("name", ["meeting.updated", "meeting.deleted", "meeting.recovered"])
def test_change_made_at_zoom_has_the_meeting_compared_with_its_spec(occurrence, name):
    before = len(queued("meetings.reconcile"))

    tell(event(name, timezone.now(), id=int(occurrence.meeting.zoom_meeting_id), topic="Changed"))

    jobs = queued("meetings.reconcile")[before:]
    assert jobs == [{"meeting_id": str(occurrence.meeting_id), "batch": True, "verify": True}]


@pytest.mark.parametrize(
    ("name", "minutes_after_sync"),
    [("meeting.updated", -1), ("meeting.created", 1)],
    ids=["our-own-update", "our-own-create"],
)
def test_echo_of_our_own_change_asks_for_nothing(occurrence, name, minutes_after_sync):
    now = timezone.now()
    Meeting.objects.update(synced_at=now)
    before = len(queued("meetings.reconcile"))

    tell(event(name, now + timedelta(minutes=minutes_after_sync), id=int(occurrence.meeting.zoom_meeting_id)))

    assert len(queued("meetings.reconcile")) == before


def test_change_of_a_meeting_made_elsewhere_asks_for_nothing(occurrence):
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
def test_registration_at_zoom_is_noted(occurrence, name, known_as, status, expected):
    student = make_student(email="ana@school.example")
    row = Registrant.objects.create(
        meeting=occurrence.meeting, user=student, status=RegistrantStatus.PENDING, zoom_registrant_id=known_as
    )
    link = {"join_url": "https://zoom.example/w/1"} if status == "approved" else {}
    registrant = {"id": "R1", "email": "Ana@School.example", "status": status} | link

    tell(event(f"meeting.{name}", timezone.now(), id=int(occurrence.meeting.zoom_meeting_id), registrant=registrant))

    row.refresh_from_db()
    assert (row.status, row.zoom_registrant_id, row.join_url) == expected


def test_whoever_registers_of_their_own_accord_is_not_ours(occurrence):
    make_student(email="ana@school.example")
    registrant = {"id": "R1", "email": "ana@school.example", "status": "approved"}

    tell(
        event(
            "meeting.registration_created", timezone.now(), id=occurrence.meeting.zoom_meeting_id, registrant=registrant
        )
    )

    assert Registrant.objects.count() == 0
