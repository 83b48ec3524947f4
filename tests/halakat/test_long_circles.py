"""A circle of 18 months as a chain of Zoom meetings, and clock changes, held against independent computations."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from classbell.halakat.answers import describe
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Frequency, Pattern, occurrences_of
from classbell.halakat.queries import circle_occurrences
from classbell.meetings.joining.entrance import present_or_next
from classbell.meetings.models import Meeting
from classbell.meetings.sync import reconcile
from classbell.web.meetings.presenters import present
from tests.factories import make_student, make_teacher
from tests.factories_halakat import created, next_sunday

SCHOOL_DAYS = (6, 0, 1, 2, 3)  # Sunday to Thursday
LENGTH = timedelta(minutes=45)
MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)


def moments(day: date, wall: time, zone: ZoneInfo) -> list[datetime]:
    """
    Return the moments at which a clock in `zone` shows `wall` on `day`, by looking at that clock from every quarter of an
    hour of UTC around; where it never does, the moment it shows that much past the gap.
    """
    shown = datetime.combine(day, wall)
    around = [shown.replace(tzinfo=UTC) + QUARTER * step for step in range(-56, 57)]
    found = [moment for moment in around if moment.astimezone(zone).replace(tzinfo=None) == shown]
    # No clock shows a time that is skipped; one that had not been changed would show it when this one shows an hour more.
    return found or moments(day, (shown + timedelta(hours=1)).time(), zone)


@pytest.fixture
def long_circle(api, zoom_hosts, zoom):
    """Five days a week for 18 months, all on Zoom. Returns (the API's answer, its teacher, first day, last day)."""
    teacher = make_teacher(timezone="Asia/Riyadh")
    first, last = next_sunday(), next_sunday() + timedelta(days=548)
    halaka = created(
        api,
        teacher,
        startDate=first.isoformat(),
        endDate=last.isoformat(),
        days=[0, 1, 2, 3, 4],
        timezone="Europe/Lisbon",
    )
    for meeting in Meeting.objects.all():
        reconcile.reconcile(meeting.pk, zoom)
    return halaka, teacher, first, last


def test_circle_of_18_months_is_complete_here_and_on_zoom(long_circle, simulator):
    halaka, _teacher, first, last = long_circle
    zone = ZoneInfo("Europe/Lisbon")
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    expected = [moments(day, time(17), zone)[0] for day in days if day.weekday() in SCHOOL_DAYS]

    state = simulator.state()

    on_zoom = sorted(o["start_time"] for meeting in state["meetings"] for o in meeting["occurrences"])
    assert [datetime.fromisoformat(s["startTime"]) for s in halaka["sittings"]] == expected
    assert on_zoom == [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in expected]
    assert (len(expected), len(state["meetings"]), halaka["zoomMeetings"]) == (393, 8, 8)
    calls = state["counters"]["by_endpoint"]
    assert calls["POST /users/{userId}/meetings"] == 8
    assert not {endpoint for endpoint in calls if endpoint.startswith(("PATCH", "DELETE"))}


@pytest.mark.slow
def test_link_is_the_right_one_a_minute_before_and_after_every_boundary_of_the_chain(long_circle, api):
    halaka, teacher, *_dates = long_circle
    student = make_student()
    api(student).post(f"/api/v1/halaka/{halaka['id']}/join")
    row = Halaka.objects.select_related("group", "teacher").get()
    meetings = [part.meeting for part in row.parts.select_related("meeting")]

    def shown(now):
        """Return the meeting that each way in leads to: the API's, the page's button, the door."""
        link = describe(row, student, now=now, with_occurrences=False).zoom_meeting.meeting_id
        coming = [one for one in circle_occurrences(row) if one.ends_at > now]
        button = present(coming[0], user=student, now=now)
        open_doors = [meeting for meeting in meetings if present_or_next(meeting, now=now)]
        return link, button.action and button.meeting_id, open_doors[0].pk

    seen = {}
    for before, after in pairwise(meetings):
        last = before.occurrences.order_by("-starts_at")[0]
        first = after.occurrences.order_by("starts_at")[0]
        # Whoever is in a session that is just over finds its door open for some minutes more.
        for name, now, right, door in (
            ("last minute of the last session", last.ends_at - MINUTE, before, before),
            ("a minute after it", last.ends_at + MINUTE, after, before),
            ("a minute before the next", first.starts_at - MINUTE, after, after),
            ("its first minute", first.starts_at + MINUTE, after, after),
        ):
            seen[before.pk, name] = (shown(now), (right.zoom_meeting_id, right.pk, door.pk))

    assert len(seen) == 7 * 4
    assert {key: found for key, (found, right) in seen.items() if found != right} == {}
    over = meetings[-1].occurrences.order_by("-starts_at")[0].ends_at + MINUTE
    assert (
        describe(row, teacher, now=over, with_occurrences=False).zoom_meeting.meeting_id == meetings[-1].zoom_meeting_id
    )


WALLS = [time(0, 30), time(1, 30), time(2, 30), time(9), time(17), time(23, 30)]


@pytest.mark.parametrize("wall", WALLS, ids=str)
@pytest.mark.parametrize("timezone", ["Europe/Lisbon", "Africa/Casablanca", "Asia/Riyadh"])
def test_wall_time_is_kept_over_a_year_of_clock_changes(timezone, wall):
    zone = ZoneInfo(timezone)
    pattern = Pattern(
        start_date=date(2027, 1, 1),
        end_date=date(2027, 12, 31),
        weekdays=(),
        frequency=Frequency.DAILY,
        start_time=wall,
        duration_minutes=45,
        timezone=timezone,
    )
    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]

    found = occurrences_of(pattern)

    assert found == [moments(day, wall, zone)[0] for day in days]


@pytest.mark.parametrize(
    ("timezone", "offsets"),
    [("Europe/Lisbon", {0, 1}), ("Africa/Casablanca", {0, 1}), ("Asia/Riyadh", {3})],
    ids=["two changes a year", "Ramadan", "never"],
)
def test_the_zones_change_their_clocks_as_supposed(timezone, offsets):
    noons = [datetime(2027, 1, 1, 12, tzinfo=ZoneInfo(timezone)) + timedelta(days=number) for number in range(365)]

    assert {(noon.utcoffset() or timedelta()) / timedelta(hours=1) for noon in noons} == offsets


@pytest.mark.usefixtures("zoom_hosts")
@pytest.mark.parametrize("timezone", ["Europe/Lisbon", "Africa/Casablanca", "Asia/Riyadh"])
def test_zoom_has_the_same_moments_over_a_year(api, zoom, simulator, timezone):
    first = next_sunday()
    halaka = created(
        api,
        make_teacher(),
        startDate=first.isoformat(),
        endDate=(first + timedelta(days=364)).isoformat(),
        days=[0, 3],
        startTime="02:30",
        timezone=timezone,
    )
    for meeting in Meeting.objects.all():
        reconcile.reconcile(meeting.pk, zoom)

    shown = [o for meeting in simulator.state()["meetings"] for o in meeting["occurrences"]]

    assert sorted(o["start_time"] for o in shown if o["status"] == "available") == [
        occurrence["startTime"] for occurrence in halaka["sittings"]
    ]
    assert len(halaka["sittings"]) == 105
