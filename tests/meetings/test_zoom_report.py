"""What Zoom says afterwards of who was there, against the simulator; and its webhooks, all the way from there to stays."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.meetings.models import (
    MatchedBy,
    Meeting,
    Occurrence,
    OccurrenceStatus,
    Participation,
    ReportFetch,
)
from classbell.meetings.presence import zoom_report
from classbell.meetings.presence.zoom_report import MOMENTS, claim_due, fetch_report, next_moment
from classbell.meetings.services import sync_now
from classbell.meetings.webhooks.inbox import process_all
from tests.factories import make_class, make_student, make_teacher
from tests.factories_meetings import make_meeting, spec
from tests.simulator import Simulator, wait_until

pytestmark = pytest.mark.usefixtures("zoom_hosts")

ENDED = datetime(2026, 11, 30, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ana(db: None):
    return make_student(email="ana@school.example")


@pytest.fixture
def meeting(ana, zoom_hosts) -> Meeting:
    """A class of an hour that began forty minutes ago, on Zoom."""
    group = make_class(students=[ana])
    starts_at = timezone.now().replace(second=0, microsecond=0) + HOUR
    meeting = make_meeting(spec(group.teachers.get(), group=group, starts_at=starts_at, timezone="UTC"))
    sync_now(meeting.pk)
    begun = starts_at - timedelta(minutes=100)
    Occurrence.objects.update(starts_at=begun, ends_at=begun + HOUR)
    meeting.refresh_from_db()
    return meeting


def a_class_walks_through(simulator: Simulator, meeting: Meeting, ana) -> None:
    """Ana stays to the end, a guest leaves and comes back."""
    number = meeting.zoom_meeting_id
    simulator.start_meeting(number)
    simulator.join(number, "Ana", customer_key=ana.pk.hex)
    guest = simulator.join(number, "iPhone")
    simulator.leave(number, guest)
    simulator.join(number, "iPhone")
    simulator.end_meeting(number)


def told_by(source: str) -> list[tuple[str, object, str]]:
    rows = Participation.objects.filter(source=source).select_related("user").order_by("name", "joined_at", "pk")
    return [(row.name, row.user, row.matched_by) for row in rows]


def told_of(meeting: Meeting, ana) -> list[tuple[str, object, str]]:
    """Return what either source tells of `a_class_walks_through`."""
    assert meeting.zoom_host
    host = meeting.zoom_host.name
    return sorted(
        [
            ("Ana", ana, MatchedBy.CUSTOMER_KEY),
            (host, meeting.teacher, MatchedBy.HOST),
            ("iPhone", None, ""),
            ("iPhone", None, ""),
        ],
        key=lambda row: row[0],
    )


@pytest.fixture
def webhooks_arrive(simulator: Simulator, live_server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator sends its webhooks to a running server of ours, which knows the secret."""
    secret = type(settings.ENVIRONMENT.zoom_webhook_secret)(simulator.webhook_secret)
    monkeypatch.setattr(
        settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"zoom_webhook_secret": secret})
    )
    simulator.send_webhooks_to(f"{live_server.url}/api/zoom/webhook")


def test_class_at_zoom_becomes_stays_and_a_report(webhooks_arrive, simulator, zoom, meeting, ana):
    simulator.webhooks(shuffle=1.0, duplicate=0.5)
    occurrence = meeting.occurrences.get()

    a_class_walks_through(simulator, meeting, ana)

    def over() -> bool:
        process_all(now=timezone.now())
        occurrence.refresh_from_db()
        people = Participation.objects.filter(occurrence=occurrence)
        return occurrence.status == OccurrenceStatus.ENDED and people.count() == 4 and not people.filter(left_at=None)

    wait_until(over, seconds=30, what="the session to be over")
    assert told_by("webhook") == told_of(meeting, ana)
    simulator.clock(120)
    assert fetch_report(occurrence.pk, zoom, now=timezone.now()) is True
    assert told_by("report") == told_of(meeting, ana)


def test_report_that_is_not_there_yet_is_asked_for_again(simulator, zoom, meeting, ana):
    occurrence = meeting.occurrences.get()
    a_class_walks_through(simulator, meeting, ana)
    now = timezone.now()

    found = fetch_report(occurrence.pk, zoom, now=now)
    first = ReportFetch.objects.get()
    simulator.clock(3600)
    found_later = fetch_report(occurrence.pk, zoom, now=now + HOUR + timedelta(seconds=5))

    fetch = ReportFetch.objects.get()
    assert (found, first.due_at is not None, first.fetched_at, first.error) == (False, True, None, "")
    assert (found_later, fetch.due_at, fetch.error) == (True, None, "")


def test_occurrence_that_no_event_told_of_is_found_afterwards(simulator, zoom, meeting, ana):
    occurrence = meeting.occurrences.get()
    a_class_walks_through(simulator, meeting, ana)
    simulator.clock(120)

    fetch_report(occurrence.pk, zoom, now=timezone.now())

    occurrence.refresh_from_db()
    assert occurrence.status == OccurrenceStatus.ENDED
    assert occurrence.actual_starts_at is not None
    assert told_by("report") == told_of(meeting, ana)
    assert [job.args for job in ProcrastinateJob.objects.filter(task_name="meetings.record_attendance")] == [
        {"occurrence_id": str(occurrence.pk)}
    ]


def test_better_report_replaces_the_first(simulator, zoom, meeting, ana):
    occurrence = meeting.occurrences.get()
    a_class_walks_through(simulator, meeting, ana)
    simulator.clock(120)
    fetch_report(occurrence.pk, zoom, now=timezone.now())
    Participation.objects.filter(name="Ana").update(left_at=timezone.now() + DAY)
    Participation.objects.filter(matched_by=MatchedBy.HOST).update(connection="gone")

    fetch_report(occurrence.pk, zoom, now=timezone.now())

    assert told_by("report") == told_of(meeting, ana)
    assert not Participation.objects.filter(left_at__gt=timezone.now() + HOUR).exists()


def test_outage_is_noted_and_asked_through(simulator, zoom, meeting):
    simulator.fault(kind="status", path="/past_meetings", status=500)
    occurrence = meeting.occurrences.get()

    fetch_report(occurrence.pk, zoom, now=timezone.now())

    fetch = ReportFetch.objects.get()
    assert fetch.due_at is not None
    assert fetch.error != ""


def test_occurrence_that_never_ran_is_asked_about_and_left(zoom, meeting):
    occurrence = meeting.occurrences.get()

    found = fetch_report(occurrence.pk, zoom, now=timezone.now() + 8 * DAY)

    assert (found, ReportFetch.objects.get().due_at, ReportFetch.objects.get().error) == (False, None, "")


@pytest.mark.parametrize(
    ("since", "found", "expected"),
    [
        pytest.param(timedelta(), False, MOMENTS[0], id="at-first"),
        pytest.param(MOMENTS[0], False, MOMENTS[1], id="not-there-yet"),
        pytest.param(MOMENTS[0], True, HOUR, id="there-may-be-more"),
        pytest.param(HOUR, True, None, id="complete"),
        pytest.param(2 * HOUR, False, DAY, id="late"),
        pytest.param(8 * DAY, False, None, id="given-up"),
    ],
)
def test_moments_of_asking(since, found, expected):
    assert next_moment(ENDED, found, ENDED + since) == (expected and ENDED + expected)


@pytest.mark.parametrize(
    ("minutes_over", "status", "taken"),
    [
        (1, "ended", False),
        (6, "ended", True),
        (6, "scheduled", True),
        (6, "live", False),
        (61, "live", True),
        (6, "cancelled", False),
        (8 * 24 * 60, "ended", False),
    ],
)
def test_occurrences_that_are_over_are_taken_up_once(meeting, minutes_over, status, taken):
    now = meeting.occurrences.get().ends_at + timedelta(minutes=minutes_over)
    Occurrence.objects.update(status=status)

    claimed = claim_due(now=now)

    assert bool(claimed) is taken
    assert claim_due(now=now) == []
    assert not taken or claim_due(now=now + zoom_report.LEASE) == claimed


def test_occurrence_of_a_meeting_that_is_not_on_zoom_is_not_asked_about(meeting):
    Meeting.objects.update(zoom_meeting_id="")

    assert claim_due(now=meeting.occurrences.get().ends_at + HOUR) == []


def test_teacher_is_recognised_whoever_owns_the_licence(webhooks_arrive, simulator, meeting):
    make_teacher(email=meeting.zoom_host.email)

    simulator.start_meeting(meeting.zoom_meeting_id)

    def host_is_in() -> bool:
        process_all(now=timezone.now())
        return Participation.objects.exists()

    wait_until(host_is_in, seconds=30, what="the host's stay")
    stay = Participation.objects.get()
    assert (stay.user, stay.matched_by) == (meeting.teacher, MatchedBy.HOST)
