"""
Whatever becomes of Zoom's webhooks on their way, the verdicts are those that its report alone would give.

Lessons are played at the simulator, whose own webhooks and report are what Classbell is told.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from classbell.accounts.models import User
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.models import (
    Attendance,
    MeetingRun,
    Occurrence,
    OccurrenceOutcome,
    OccurrenceStatus,
    Participation,
    ReportFetch,
    WebhookEvent,
)
from classbell.meetings.presence.zoom_report import fetch_report
from classbell.meetings.services import sync_now
from classbell.meetings.webhooks.inbox import process_all
from classbell.zoom.client import ZoomClient
from tests.examples import examples
from tests.factories import make_class, make_student
from tests.factories_meetings import make_meeting, spec
from tests.simulator import Simulator, wait_until
from tests.zoom_events import SECRET, store

pytestmark = pytest.mark.usefixtures("zoom_hosts")

HOUR = 3600
ROOM_EVENTS = (
    "meeting.started",
    "meeting.ended",
    "meeting.participant_joined",
    "meeting.participant_left",
)
GUEST = "guest"
PEOPLE = ("Ana", "Ben", "Cid", GUEST)

_slots = count(1)

Stays = list[tuple[int, int]]
Verdicts = dict[str, tuple[object, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What really happened, in seconds after the planned start: the run, and each person's connections with their stays."""

    started: int
    ended: int
    people: dict[str, list[Stays]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """How the webhooks arrive: in which order, which of them twice, understood in how many rounds."""

    seed: int
    repeated: int
    rounds: int


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """An hour with some people in it, on one or two devices, who come and go; somebody besides the teacher."""
    started, ended = draw(st.integers(-300, 900)), draw(st.integers(1500, HOUR + 600))

    def connection() -> Stays:
        moments = sorted(draw(st.sets(st.integers(max(started, 0), ended), min_size=2, max_size=6)))
        return list(zip(moments[::2], moments[1::2], strict=False))

    people = {name: [connection() for _ in range(draw(st.integers(0, 2)))] for name in PEOPLE}
    if not any(people.values()):
        people["Ana"] = [connection()]
    return Facts(started=started, ended=ended, people=people)


tellings = st.builds(Telling, seed=st.integers(0, 10_000), repeated=st.integers(0, 6), rounds=st.integers(1, 5))


@pytest.fixture
def students(db: None) -> dict[str, User]:
    return {name: make_student(first_name=name, email=f"{name.lower()}@school.example") for name in PEOPLE[:-1]}


@pytest.fixture
def webhooks_arrive(zoom: ZoomClient, simulator: Simulator, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator's webhooks reach the inbox of a running server; nobody understands them there by themselves."""
    secret = type(settings.ENVIRONMENT.zoom_webhook_secret)(SECRET)
    environment = settings.ENVIRONMENT.model_copy(update={"zoom_webhook_secret": secret})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)
    simulator.send_webhooks_to(f"{live_server.url}/api/zoom/webhook", SECRET)


@pytest.fixture
def play(webhooks_arrive: None, simulator: Simulator, students: dict[str, User]) -> Callable[[Facts], Occurrence]:
    """Return a function that lets a lesson take place at the simulator and returns its session, of which nothing is known."""

    def play(what: Facts) -> Occurrence:
        occurrence = planned(list(students.values()))
        number = occurrence.meeting.zoom_meeting_id

        def at(second: int) -> str:
            return (occurrence.starts_at + timedelta(seconds=second)).isoformat()

        simulator.start_meeting(number, at=at(what.started))
        for name, connections in what.people.items():
            who = {"customer_key": students[name].pk.hex} if name in students else {}
            for joined, left in (stay for stays in connections for stay in stays):
                connection = simulator.join(number, name, **who, at=at(joined))
                # Whoever is there at the end does not leave: the end of the meeting makes them.
                if left < what.ended:
                    simulator.leave(number, connection, at=at(left))
        simulator.end_meeting(number, at=at(what.ended))
        return occurrence

    return play


def planned(students: list[User]) -> Occurrence:
    """Return the session of a new class: on Zoom, of an hour, and over since yesterday."""
    group = make_class(students=students)
    starts_at = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=2 * next(_slots))
    meeting = make_meeting(spec(group.teachers.get(), group=group, starts_at=starts_at, timezone="UTC"))
    sync_now(meeting.pk)
    begun = timezone.now().replace(microsecond=0) - timedelta(days=1)
    Occurrence.objects.filter(meeting=meeting).update(starts_at=begun, ends_at=begun + timedelta(seconds=HOUR))
    return Occurrence.objects.select_related("meeting").get(meeting=meeting)


def received(occurrence: Occurrence, what: Facts) -> list[dict[str, Any]]:
    """Wait for all webhooks of a lesson and return their bodies; the inbox forgets them."""
    events = WebhookEvent.objects.filter(zoom_meeting_id=occurrence.meeting.zoom_meeting_id, event__in=ROOM_EVENTS)
    stays = 1 + sum(len(stays) for connections in what.people.values() for stays in connections)
    wait_until(lambda: events.count() == 2 + 2 * stays, seconds=20, what="the webhooks")
    bodies = list(events.order_by("received_at").values_list("body", flat=True))
    WebhookEvent.objects.all().delete()
    return bodies


def told_by_webhooks(occurrence: Occurrence, bodies: list[dict[str, Any]], telling: Telling) -> Verdicts:
    """Return the verdicts from webhooks alone, however they come."""
    dice = random.Random(telling.seed)
    told = dice.sample(bodies, len(bodies)) + dice.choices(bodies, k=telling.repeated)
    dice.shuffle(told)
    size = -(-len(told) // telling.rounds)
    for first in range(0, len(told), size):
        for body in told[first : first + size]:
            # Zoom does not promise the order of its keys: what is told twice comes in other bytes.
            store(dict(dice.sample(list(body.items()), len(body))))
        process_all(now=timezone.now())
    return judged(occurrence)


def told_by_report(occurrence: Occurrence, zoom: ZoomClient) -> Verdicts:
    """Return the verdicts from Zoom's report alone, of a lesson of which no event was heard."""
    for model in (WebhookEvent, Participation, MeetingRun, OccurrenceOutcome, Attendance, ReportFetch):
        model.objects.all().delete()
    Occurrence.objects.update(
        status=OccurrenceStatus.SCHEDULED, actual_starts_at=None, actual_ends_at=None, zoom_instance_uuid=""
    )
    assert fetch_report(occurrence.pk, zoom, now=timezone.now()) is True
    return judged(occurrence)


def judged(occurrence: Occurrence) -> Verdicts:
    record_attendance(occurrence_id=occurrence.pk, now=timezone.now())
    outcome = OccurrenceOutcome.objects.get(occurrence=occurrence)
    records = Attendance.objects.filter(occurrence=occurrence).select_related("user")
    people: Verdicts = {
        row.user.first_name: (row.status, row.seconds, row.first_joined_at, row.last_left_at, row.reasons)
        for row in records
    }
    return people | {"": (outcome.result, outcome.counted_from, outcome.counted_until, outcome.teacher_status)}


@given(what=facts(), telling=tellings)
@hypothesis_settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_verdicts_are_the_same_by_any_telling_of_webhooks_and_by_the_report_alone(play, zoom, what, telling):
    occurrence = play(what)

    by_webhooks = told_by_webhooks(occurrence, received(occurrence, what), telling)
    by_report = told_by_report(occurrence, zoom)

    assert set(by_report) == {"", "Ana", "Ben", "Cid"}
    assert by_webhooks == by_report


def test_report_that_follows_the_webhooks_contradicts_nothing(play, zoom):
    what = Facts(started=0, ended=HOUR, people={"Ana": [[(0, HOUR)], [(600, 1800)]], "Ben": [[(900, 2400)]]})
    occurrence = play(what)
    before = told_by_webhooks(occurrence, received(occurrence, what), Telling(seed=1, repeated=3, rounds=2))

    fetch_report(occurrence.pk, zoom, now=timezone.now())

    assert judged(occurrence) == before
    assert OccurrenceOutcome.objects.get(occurrence=occurrence).differences == []
    assert set(Attendance.objects.filter(user__first_name__in=["Ana", "Ben"]).values_list("source")) == {("report",)}
