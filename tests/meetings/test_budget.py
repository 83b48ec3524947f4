"""Zoom's hundred creates and updates a host and day: who has some left, and where a batch goes by that."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.utils.formats import date_format
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.meetings import tasks
from classbell.meetings.hosts.budget import (
    AFTER_MIDNIGHT,
    HOST_WRITES_KEPT_FOR_PEOPLE,
    HostBudget,
    forecast,
    next_midnight,
    pool_budget,
    turn_of,
)
from classbell.meetings.hosts.planner import Series
from classbell.meetings.hosts.spread import spread
from classbell.meetings.jobs import defer_next_attempt
from classbell.meetings.models import Claim, ClaimKind, DailyBudget, Meeting, SyncStatus, ZoomHost
from classbell.meetings.periods import Interval
from classbell.meetings.services import want_meetings
from classbell.meetings.sync import gateway
from classbell.meetings.sync.reconcile import reconcile
from classbell.zoom.client import ZoomClient
from classbell.zoom.limits import HOST_WRITES_PER_DAY, Priority
from tests.factories import make_teacher
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly

MONDAY = datetime(2026, 9, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
FOR_BATCHES = HOST_WRITES_PER_DAY - HOST_WRITES_KEPT_FOR_PEOPLE


def host(*, sent: int = 0, waiting: int = 0, limit: int | None = HOST_WRITES_PER_DAY) -> HostBudget:
    return HostBudget(
        host_id=uuid4(),
        account_id="account",
        email="host@school.example",
        sent=sent,
        waiting=waiting,
        limit=limit,
        creates_per_second=None,
    )


def singles(*starts: int) -> list[Series]:
    """Return meetings of one hour each, named by the hour they start at and their place in the list."""
    return [
        Series(key=(start, number), periods=((MONDAY + start * HOUR, MONDAY + (start + 1) * HOUR),))
        for number, start in enumerate(starts)
    ]


def spread_over(
    series: Sequence[Series],
    hosts: Mapping[Hashable, HostBudget],
    occupied: Mapping[Hashable, Sequence[Interval]] | None = None,
) -> dict[Hashable, Hashable]:
    """Spread over hosts with one seat each, named as their hosts."""
    return spread(
        series,
        list(hosts),
        occupied or {},
        host_of={name: name for name in hosts},
        day_of={name: budget.day_of for name, budget in hosts.items()},
        before={},
    )


@pytest.fixture
def two_hosts(zoom_hosts: list[ZoomHost], monkeypatch: pytest.MonkeyPatch) -> list[ZoomHost]:
    """The account has two hosts and the limits of the Pro plan."""
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"zoom_plan": "pro"}))
    ZoomHost.objects.exclude(pk__in=[one.pk for one in zoom_hosts[:2]]).update(is_active=False)
    return zoom_hosts[:2]


@pytest.fixture
def limited(two_hosts: list[ZoomHost]) -> ZoomClient:
    """A client that keeps to the plan of `two_hosts`."""
    gateway._client.cache_clear()
    return gateway.zoom_client()


def use_up(host: ZoomHost, count: int) -> None:
    DailyBudget.objects.create(key=f"host:sim-account:{host.zoom_user_id}", day=datetime.now(UTC).date(), used=count)


def take_up_jobs() -> None:
    """Do to the queue what workers do that take up every job."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def want_singles(count: int) -> list[Meeting]:
    teacher, first = make_teacher(), next_monday_at(9)
    outcomes = want_meetings(
        [spec(teacher, starts_at=first + number * timedelta(hours=2)) for number in range(count)],
        now=datetime.now(UTC),
    )
    return [outcome.meeting for outcome in outcomes if outcome.meeting is not None]


@pytest.mark.parametrize(
    ("budget", "position", "day"),
    [
        pytest.param(host(), 0, 0, id="a fresh day"),
        pytest.param(host(), FOR_BATCHES - 1, 0, id="the last of today"),
        pytest.param(host(), FOR_BATCHES, 1, id="the first of tomorrow"),
        pytest.param(host(sent=FOR_BATCHES), 0, 1, id="today is spent"),
        pytest.param(host(sent=HOST_WRITES_PER_DAY), FOR_BATCHES - 1, 1, id="people spent theirs too"),
        pytest.param(host(waiting=2 * FOR_BATCHES), 0, 2, id="others wait already"),
        pytest.param(host(sent=50, waiting=39), 1, 1, id="sent and waiting together"),
        pytest.param(host(sent=10**6, waiting=10**6, limit=None), 10**6, 0, id="no limit"),
    ],
)
def test_create_goes_out_on_the_first_day_with_room_for_it(budget: HostBudget, position: int, day: int) -> None:
    assert budget.day_of(position) == day


def test_spread_stays_on_one_host_while_its_day_has_room() -> None:
    given_seats = spread_over(singles(9, 11, 13), {"a": host(), "b": host()})

    assert set(given_seats.values()) == {"a"}


def test_spread_goes_on_to_the_next_host_once_a_day_is_full() -> None:
    hosts: dict[Hashable, HostBudget] = {
        "a": host(sent=FOR_BATCHES - 2),
        "b": host(waiting=FOR_BATCHES - 1),
        "c": host(sent=FOR_BATCHES),
    }

    given_seats = spread_over(singles(9, 11, 13, 15), hosts)

    assert given_seats == {(9, 0): "a", (11, 1): "a", (13, 2): "b", (15, 3): "a"}


def test_spread_takes_a_later_day_rather_than_an_occupied_seat() -> None:
    taken = [(MONDAY + 9 * HOUR, MONDAY + 10 * HOUR)]

    given_seats = spread_over(singles(9), {"fresh": host(), "spent": host(sent=100)}, {"fresh": taken})

    assert given_seats == {(9, 0): "spent"}


@given(
    starts=st.lists(st.integers(0, 12), max_size=25),
    sent=st.lists(st.integers(FOR_BATCHES - 6, FOR_BATCHES), min_size=1, max_size=4),
)
def test_spread_never_overlaps_and_wastes_no_day(starts: list[int], sent: list[int]) -> None:
    hosts: dict[Hashable, HostBudget] = {number: host(sent=used) for number, used in enumerate(sent)}
    wanted = singles(*starts)

    given_seats = spread_over(wanted, hosts)

    held = [(seat, key[0]) for key, seat in given_seats.items() if isinstance(key, tuple)]
    assert len(set(held)) == len(held)
    assert all(count <= len(hosts) for count in _at_once(given_seats).values())
    if not any(starts.count(start) > 1 for start in starts):
        room = sum(budget.left_for_batches or 0 for budget in hosts.values())
        assert _going_today(given_seats, hosts) == min(len(wanted), room)


def _at_once(given_seats: Mapping[Hashable, Hashable]) -> dict[int, int]:
    starts = [key[0] for key in given_seats if isinstance(key, tuple)]
    return {start: starts.count(start) for start in starts}


def _going_today(given_seats: Mapping[Hashable, Hashable], hosts: Mapping[Hashable, HostBudget]) -> int:
    by_host = {name: list(given_seats.values()).count(name) for name in hosts}
    return sum(min(count, hosts[name].left_for_batches or 0) for name, count in by_host.items())


def test_batch_of_single_meetings_is_placed_where_the_day_has_room(two_hosts: list[ZoomHost]) -> None:
    use_up(two_hosts[0], FOR_BATCHES - 3)

    meetings = want_singles(8)

    by_host = [sum(1 for meeting in meetings if meeting.seat and meeting.seat.host == one) for one in two_hosts]
    assert by_host == [3, 5]
    assert forecast(meetings, now=datetime.now(UTC)).today == 8


def test_series_keep_to_one_host_whatever_its_day(two_hosts: list[ZoomHost]) -> None:
    use_up(two_hosts[0], HOST_WRITES_PER_DAY)
    teacher = make_teacher()

    outcomes = want_meetings(
        [weekly(teacher, starts_at=next_monday_at(hour)) for hour in (9, 11, 13)], now=datetime.now(UTC)
    )

    seats = [outcome.meeting.seat for outcome in outcomes if outcome.meeting]
    assert [seat and seat.host for seat in seats] == [two_hosts[0]] * 3


def test_admins_see_what_is_left_of_each_hosts_day(two_hosts: list[ZoomHost]) -> None:
    use_up(two_hosts[0], 94)
    want_singles(2)
    now = datetime.now(UTC)

    pool = pool_budget(now=now)

    assert [(one.email, one.left, one.waiting) for one in pool.hosts] == [
        (two_hosts[0].email, 6, 0),
        (two_hosts[1].email, 100, 2),
    ]
    assert (pool.left, pool.limit, pool.waiting, pool.renews_at) == (106, 200, 2, next_midnight(now))


def test_soonest_occurrences_have_the_first_turns_after_midnight(two_hosts: list[ZoomHost]) -> None:
    use_up(two_hosts[1], FOR_BATCHES + 100 * FOR_BATCHES)
    meetings = want_singles(FOR_BATCHES + 2)
    now = datetime.now(UTC)

    turns = [turn_of(meetings[place], now=now).date() for place in (0, FOR_BATCHES - 1, FOR_BATCHES)]

    tomorrow = next_midnight(now).date()
    assert turns == [tomorrow, tomorrow, tomorrow + timedelta(days=1)]


def test_meeting_whose_hosts_day_is_spent_waits_for_midnight_and_has_not_failed(
    two_hosts: list[ZoomHost], limited: ZoomClient
) -> None:
    use_up(two_hosts[0], FOR_BATCHES)
    use_up(two_hosts[1], FOR_BATCHES)
    (meeting,) = want_singles(1)

    status = reconcile(meeting.pk, limited.with_options(priority=Priority.BATCH))

    meeting.refresh_from_db()
    midnight = next_midnight(datetime.now(UTC))
    assert (status, meeting.sync_failures) == (SyncStatus.PENDING, 0)
    assert meeting.next_attempt_at == midnight + AFTER_MIDNIGHT
    assert meeting.sync_error_in_words == (
        "Zoom takes no more changes of this meeting today; the latest is sent after midnight UTC on "
        f"{date_format(midnight, 'j F')}."
    )


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("batch", [True, False], ids=["a batch", "people"])
def test_meeting_that_waits_for_midnight_has_one_job_however_often_it_was_changed(
    two_hosts: list[ZoomHost], batch: bool
) -> None:
    for one in two_hosts:
        use_up(one, HOST_WRITES_PER_DAY)
    (meeting,) = want_singles(1)
    take_up_jobs()

    for _change in range(3):
        tasks.reconcile_meeting(meeting_id=str(meeting.pk), batch=batch)

    meeting.refresh_from_db()
    (job,) = ProcrastinateJob.objects.filter(task_name="meetings.reconcile")
    assert (job.args["batch"], job.scheduled_at) == (batch, meeting.next_attempt_at)


@pytest.mark.usefixtures("two_hosts")
@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        pytest.param({"batch": True}, {"batch": True}, 1, id="the same"),
        pytest.param({"batch": True, "verify": True}, {"batch": True}, 1, id="one that does more waits"),
        pytest.param({"batch": False}, {"batch": True}, 1, id="one that goes first waits"),
        pytest.param({"batch": True}, {"batch": False}, 2, id="one for people comes"),
        pytest.param({"batch": True}, {"batch": True, "verify": True}, 2, id="one that looks again comes"),
    ],
)
def test_job_that_waits_stands_for_one_that_does_no_more(
    first: dict[str, bool], second: dict[str, bool], count: int
) -> None:
    (meeting,), at = want_singles(1), next_midnight(datetime.now(UTC))
    take_up_jobs()

    defer_next_attempt(meeting.pk, batch=first["batch"], verify=first.get("verify", False), at=at)
    defer_next_attempt(meeting.pk, batch=second["batch"], verify=second.get("verify", False), at=at + HOUR)

    assert ProcrastinateJob.objects.filter(task_name="meetings.reconcile").count() == count


@pytest.mark.usefixtures("two_hosts")
def test_attempt_that_comes_sooner_than_the_one_that_waits_is_written() -> None:
    (meeting,), at = want_singles(1), next_midnight(datetime.now(UTC))
    take_up_jobs()

    defer_next_attempt(meeting.pk, batch=True, at=at)
    defer_next_attempt(meeting.pk, batch=True, at=at - HOUR)

    assert ProcrastinateJob.objects.filter(task_name="meetings.reconcile").count() == 2


@pytest.mark.parametrize(
    ("sent", "host", "status"),
    [
        pytest.param((FOR_BATCHES, FOR_BATCHES), 0, SyncStatus.SYNCED, id="what is kept for people"),
        pytest.param((HOST_WRITES_PER_DAY, FOR_BATCHES), 1, SyncStatus.SYNCED, id="another host"),
        pytest.param((HOST_WRITES_PER_DAY, HOST_WRITES_PER_DAY), 0, SyncStatus.PENDING, id="nobody has any left"),
    ],
)
@pytest.mark.usefixtures("limited")
def test_occurrence_before_midnight_goes_first(
    two_hosts: list[ZoomHost], sent: tuple[int, int], host: int, status: SyncStatus
) -> None:
    meeting = make_meeting(spec(starts_at=datetime.now(UTC) + timedelta(minutes=5)))
    for one, used in zip(two_hosts, sent, strict=True):
        use_up(one, used)

    tasks.reconcile_meeting(meeting_id=str(meeting.pk), batch=True)

    meeting.refresh_from_db()
    assert (meeting.sync_status, meeting.seat and meeting.seat.host) == (status, two_hosts[host])
    seats = Claim.objects.filter(kind=ClaimKind.SEAT, occurrence__meeting=meeting).values_list("resource_id", flat=True)
    assert list(seats) == [meeting.seat_id]


def test_days_are_utc_days() -> None:
    late_in_samoa = datetime.fromisoformat("2026-11-21T13:30:00-11:00")

    assert next_midnight(late_in_samoa) == datetime(2026, 11, 23, tzinfo=UTC)
    assert next_midnight(late_in_samoa, days=2).date() == date(2026, 11, 24)
