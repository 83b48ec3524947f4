"""What is counted of days: their sessions, and the most at one time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from classbell.meetings.hosts.pool import set_seats
from classbell.meetings.models import (
    ForeignMeeting,
    Meeting,
    Occurrence,
    OccurrenceStatus,
    SyncStatus,
    ZoomAccount,
    ZoomHost,
)
from classbell.meetings.reports.at_once import HostsAtOnce, Peak, SchoolDay, hosts_at_once, school_days
from tests.factories import make_teacher

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)
UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture
def host() -> ZoomHost:
    account = ZoomAccount.objects.create(account_id="an-account")
    host = ZoomHost.objects.create(account=account, zoom_user_id="host-1", email="host@zoom.example")
    set_seats(host, 1)
    return host


def at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def sessions(*periods: tuple[datetime, datetime], host: ZoomHost | None = None, **fields: object) -> None:
    """Make a session in each of these periods, of a meeting of its own; `fields` are the sessions'."""
    for start, end in periods:
        meeting = Meeting.objects.create(
            teacher=make_teacher(),
            title="Algebra",
            starts_at=start,
            duration_minutes=60,
            timezone="UTC",
            sync_status=SyncStatus.SYNCED,
            seat=host.seats.first() if host else None,
        )
        Occurrence.objects.create(meeting=meeting, original_starts_at=start, starts_at=start, ends_at=end, **fields)


def counted(day: date = DAY, zone: ZoneInfo = UTC_ZONE) -> SchoolDay:
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    (only,) = school_days([day], start, start + timedelta(days=1), zone=zone)
    return only


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param([(at(9), at(10)), (at(10), at(11))], Peak(count=1, starts_at=at(9), ends_at=at(10)), id="in-turn"),
        pytest.param(
            [(at(9), at(11)), (at(10), at(12)), (at(14), at(15)), (at(14, 30), at(15))],
            Peak(count=2, starts_at=at(10), ends_at=at(11)),
            id="overlapping-twice",
        ),
        pytest.param(
            [(at(9), at(10)), (at(9), at(10)), (at(10), at(11)), (at(10), at(12))],
            Peak(count=2, starts_at=at(9), ends_at=at(10)),
            id="as-many-go-as-come",
        ),
    ],
)
def test_the_most_at_one_time_is_when_it_first_is(
    periods: list[tuple[datetime, datetime]], expected: Peak | None
) -> None:
    sessions(*periods)

    assert counted().peak == expected
    assert counted().held == len(periods)


def test_a_session_belongs_to_the_local_day_on_which_it_begins() -> None:
    sessions((at(23, 30), at(1, day=21)))

    assert counted().held == 1
    assert counted(date(2026, 11, 21), ZoneInfo("Asia/Tokyo")).held == 1
    assert counted(DAY, ZoneInfo("Asia/Tokyo")).held == 0
    # A week that begins while it runs counts it on its first day.
    assert counted(date(2026, 11, 21)).held == 1


def test_cancelled_sessions_are_counted_by_themselves() -> None:
    sessions((at(9), at(10)))
    sessions((at(9), at(10)), (at(12), at(13)), status=OccurrenceStatus.CANCELLED)

    assert counted() == SchoolDay(
        date=DAY, held=1, cancelled=2, not_on_zoom=0, peak=Peak(count=1, starts_at=at(9), ends_at=at(10))
    )


def test_sessions_whose_meeting_is_not_yet_true_at_zoom_are_counted() -> None:
    sessions((at(9), at(10)))
    Meeting.objects.update(sync_status=SyncStatus.FAILED)

    assert counted().not_on_zoom == 1


def test_hosts_are_busy_with_meetings_made_elsewhere_too(host: ZoomHost) -> None:
    sessions((at(9), at(11)), host=host)
    sessions((at(9), at(11)))
    ForeignMeeting.objects.create(
        host=host, zoom_meeting_id="1", topic="Board", starts_at=at(10), ends_at=at(12), seen_at=at(1)
    )

    whole_day = hosts_at_once(at(0), at(0, day=21))
    ZoomHost.objects.update(is_active=False)

    assert whole_day == HostsAtOnce(peak=Peak(count=2, starts_at=at(10), ends_at=at(11)), busy=1)
    assert hosts_at_once(at(0), at(0, day=21)).busy == 0, "of those in use"
    assert hosts_at_once(at(13), at(14)) == HostsAtOnce(peak=None, busy=0)
