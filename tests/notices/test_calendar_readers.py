"""The calendar feed, read by five libraries that share no reader: each finds the sessions that there are."""

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import ics
import pytest
import vobject
from django.utils import timezone
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from classbell.meetings.changes import change_meeting
from classbell.meetings.models import Meeting
from classbell.meetings.occurrences import cancel_occurrence, let_substitute, move_occurrence
from classbell.notices.calendar import feed_of
from tests.factories import make_student, make_teacher
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly
from tests.node import NODE, folder_with

pytestmark = pytest.mark.django_db

READ_IN_JAVASCRIPT = """
const ICAL = require(process.argv[1]);
const calendar = new ICAL.Component(ICAL.parse(require("fs").readFileSync(0, "utf8")));
const events = calendar.getAllSubcomponents("vevent").map((one) => new ICAL.Event(one));
console.log(JSON.stringify(events.map((event) => [
  event.uid, event.summary, event.startDate.toJSDate().toISOString(), event.endDate.toJSDate().toISOString(),
  event.component.getFirstPropertyValue("status"), event.sequence,
])));
"""
# As long as a title may be, in letters of two octets and of four.
LONG = "حلقة 📖 " * 25


class Seen(NamedTuple):
    """What a calendar shows of a session."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    status: str
    sequence: int


def by_icalendar(feed: str) -> Iterator[Seen]:
    for event in Calendar.from_ical(feed).walk("VEVENT"):
        start, end = event.decoded("dtstart"), event.decoded("dtend")
        yield Seen(
            str(event["uid"]), str(event["summary"]), start, end, str(event["status"]), event.decoded("sequence")
        )


def by_vobject(feed: str) -> Iterator[Seen]:
    for event in vobject.readOne(feed).vevent_list:
        yield Seen(
            event.uid.value,
            event.summary.value,
            event.dtstart.value,
            event.dtend.value,
            event.status.value,
            int(event.sequence.value),
        )


def by_ics(feed: str) -> Iterator[Seen]:
    for event in ics.Calendar(feed).events:
        # It leaves the number to others.
        (sequence,) = (int(line.value) for line in event.extra if line.name == "SEQUENCE")
        yield Seen(event.uid, event.name, event.begin.datetime, event.end.datetime, event.status, sequence)


def by_ical(feed: str) -> Iterator[Seen]:
    for event in IcsCalendarStream.calendar_from_ics(feed).events:
        assert isinstance(event.dtstart, datetime)
        assert isinstance(event.dtend, datetime)
        assert event.uid and event.summary and event.status and event.sequence is not None  # noqa: PT018 -- for the types
        yield Seen(event.uid, event.summary, event.dtstart, event.dtend, event.status.value, event.sequence)


def by_ical_js(feed: str) -> Iterator[Seen]:
    library = folder_with("ical.js", "2.2.1") / "node_modules" / "ical.js" / "dist" / "ical.es5.cjs"
    command = [NODE, "--eval", READ_IN_JAVASCRIPT, str(library)]
    done = subprocess.run(command, input=feed, capture_output=True, text=True, timeout=60, check=True)
    for uid, title, start, end, status, sequence in json.loads(done.stdout):
        yield Seen(uid, title, datetime.fromisoformat(start), datetime.fromisoformat(end), status, sequence)


Reader = Callable[[str], Iterator[Seen]]
each_reader = pytest.mark.parametrize(
    "read",
    [
        by_icalendar,
        by_vobject,
        by_ics,
        by_ical,
        pytest.param(
            by_ical_js,
            marks=[
                pytest.mark.skipif(not Path(NODE).exists(), reason="There is no Node."),
                pytest.mark.slow,
            ],
        ),
    ],
)


def now() -> datetime:
    # Of a whole second, as people say times.
    return timezone.now().replace(microsecond=0)


def feed_for(meeting: Meeting) -> str:
    return feed_of(meeting.teacher, now=now()).decode()


def kept(*meetings: Meeting) -> list[Seen]:
    """Return what there is to be seen of these meetings."""
    return sorted(
        Seen(
            f"{session.pk}@classbell",
            " ".join(meeting.title.split()),
            session.starts_at,
            session.ends_at,
            "CANCELLED" if session.is_cancelled else "CONFIRMED",
            meeting.revision,
        )
        for meeting in Meeting.objects.filter(pk__in=[one.pk for one in meetings])
        for session in meeting.occurrences.all()
    )


@each_reader
def test_reader_finds_every_session_of_a_series_and_none_else(read: Reader) -> None:
    teacher = make_teacher()
    series = make_meeting(weekly(teacher, title="Tajwid; part 1, again \\ “new”"))
    single = make_meeting(spec(teacher, title="حلقة القرآن", starts_at=now() + timedelta(days=2)))
    make_meeting(weekly(title="Somebody else's"))

    assert sorted(read(feed_for(series))) == kept(series, single)


@each_reader
def test_reader_finds_what_was_moved_cancelled_and_given_to_a_substitute_under_its_name(read: Reader) -> None:
    series = make_meeting(weekly(count=4))
    first, second, third, _fourth = series.occurrences.order_by("starts_at")
    before = {one.uid: one for one in read(feed_for(series))}

    move_occurrence(occurrence_id=first.pk, starts_at=first.starts_at + timedelta(hours=5), now=now())
    cancel_occurrence(occurrence_id=second.pk, reason="Rain", now=now())
    let_substitute(occurrence_id=third.pk, teacher=make_teacher(), now=now())
    after = {one.uid: one for one in read(feed_for(series))}

    assert sorted(after.values()) == kept(series)
    assert after.keys() == before.keys()
    assert all(after[uid].sequence > before[uid].sequence for uid in after)
    assert [one.status for one in sorted(after.values(), key=lambda one: one.starts_at)].count("CANCELLED") == 1


@each_reader
def test_reader_finds_a_series_that_moved_under_its_names(read: Reader) -> None:
    series = make_meeting(weekly(count=3))
    before = {one.uid: one for one in read(feed_for(series))}

    later = series.starts_at + timedelta(hours=2)
    change_meeting(meeting_id=series.pk, changes={"starts_at": later, "duration_minutes": 45}, now=now())
    after = {one.uid: one for one in read(feed_for(series))}

    assert sorted(after.values()) == kept(series)
    assert after.keys() == before.keys()
    for uid, one in after.items():
        assert one.starts_at == before[uid].starts_at + timedelta(hours=2)
        assert one.sequence > before[uid].sequence


@each_reader
@pytest.mark.parametrize("zone", ["Europe/Lisbon", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"])
def test_reader_finds_the_hour_of_the_wall_before_and_after_clocks_change(read: Reader, zone: str) -> None:
    at_nine = datetime.combine(next_monday_at(9), time(9), ZoneInfo(zone))
    series = make_meeting(weekly(count=40, timezone=zone, starts_at=at_nine.astimezone(UTC)))

    found = sorted(read(feed_for(series)))

    assert found == kept(series)
    assert {one.starts_at.astimezone(ZoneInfo(zone)).time() for one in found} == {time(9)}
    assert len({one.starts_at.astimezone(UTC).time() for one in found}) == 2


@each_reader
def test_reader_finds_a_long_title_whole(read: Reader) -> None:
    meeting = make_meeting(spec(title=LONG[:200], starts_at=now() + timedelta(days=1)))

    assert list(read(feed_for(meeting))) == kept(meeting)


@each_reader
def test_reader_takes_in_a_feed_in_which_nothing_is(read: Reader) -> None:
    feed = feed_of(make_student(), now=now()).decode()

    assert "VEVENT" not in feed
    if read is not by_vobject:  # It has no list of what there is none of.
        assert list(read(feed)) == []


@pytest.mark.parametrize("shift", range(4))
def test_lines_have_75_octets_at_most_and_break_no_letter(shift: int) -> None:
    meeting = make_meeting(spec(title="x" * shift + LONG[:190], starts_at=now() + timedelta(days=1)))

    lines = feed_of(meeting.teacher, now=now()).split(b"\r\n")

    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert all(line.decode() for line in lines[:-1])
