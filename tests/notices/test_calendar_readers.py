"""
The calendar feed, read by five libraries that share no reader: each finds the sessions that there are. Those that know rules
lay series out by themselves, on the clocks that the feed describes.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

import ics
import pytest
import vobject
from dateutil.rrule import rrulestr
from django.utils import timezone
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from classbell import reasons
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
calendar.getAllSubcomponents("vtimezone").forEach((zone) => ICAL.TimezoneService.register(zone));
const parts = calendar.getAllSubcomponents("vevent");
const found = [];
const tell = (event, start, end) => found.push([
  event.uid, event.summary, start.toJSDate().toISOString(), end.toJSDate().toISOString(),
  event.component.getFirstPropertyValue("status"), event.sequence,
]);
for (const part of parts.filter((one) => !one.hasProperty("recurrence-id"))) {
  const uid = part.getFirstPropertyValue("uid");
  const exceptions = parts.filter((one) => one.hasProperty("recurrence-id") && one.getFirstPropertyValue("uid") === uid);
  const event = new ICAL.Event(part, {exceptions});
  if (!event.isRecurring()) { tell(event, event.startDate, event.endDate); continue; }
  const days = event.iterator();
  for (let day = days.next(); day; day = days.next()) {
    const { item, startDate, endDate } = event.getOccurrenceDetails(day);
    tell(item, startDate, endDate);
  }
}
console.log(JSON.stringify(found));
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
    events = Calendar.from_ical(feed).walk("VEVENT")
    decided = {(str(one["uid"]), one.decoded("recurrence-id")) for one in events if "recurrence-id" in one}
    for event in events:
        start, length = event.decoded("dtstart"), event.decoded("dtend") - event.decoded("dtstart")
        starts = [start]
        if "rrule" in event:
            exdate, rule = cast("Any", event.get("exdate")), cast("Any", event["rrule"])
            left_out = {one.dt for one in exdate.dts} if exdate else set()
            days = rrulestr(rule.to_ical().decode(), dtstart=start)
            starts = [day for day in days if day not in left_out and (str(event["uid"]), day) not in decided]
        for one in starts:
            yield Seen(
                str(event["uid"]),
                str(event["summary"]),
                one,
                one + length,
                str(event["status"]),
                event.decoded("sequence"),
            )


def by_vobject(feed: str) -> Iterator[Seen]:
    events = vobject.readOne(feed).vevent_list
    decided = {(one.uid.value, one.recurrence_id.value) for one in events if hasattr(one, "recurrence_id")}
    for event in events:
        starts = [event.dtstart.value]
        if hasattr(event, "rrule"):
            # What is left out is said by the clock too, which the days reckoned on beyond a change of it do not meet.
            left_out = {day for one in getattr(event, "exdate_list", []) for day in one.value}
            laid_out = (_on_clock(day) for day in event.getrruleset())
            starts = [day for day in laid_out if (event.uid.value, day) not in decided and day not in left_out]
        for one in starts:
            yield Seen(
                event.uid.value,
                event.summary.value,
                one,
                one + (event.dtend.value - event.dtstart.value),
                event.status.value,
                int(event.sequence.value),
            )


def _on_clock(day: datetime) -> datetime:
    """Return the wall time of a moment that was reckoned from another one without minding that clocks change."""
    localize = getattr(day.tzinfo, "localize", None)  # zones of pytz are of one offset each
    wall: datetime = localize(day.replace(tzinfo=None)) if localize else day
    return wall


def by_ics(feed: str) -> Iterator[Seen]:
    """Without series: it knows no rules."""
    for event in ics.Calendar(feed).events:
        # It leaves the number to others.
        (sequence,) = (int(line.value) for line in event.extra if line.name == "SEQUENCE")
        yield Seen(event.uid, event.name, event.begin.datetime, event.end.datetime, event.status, sequence)


def by_ical(feed: str) -> Iterator[Seen]:
    for event in IcsCalendarStream.calendar_from_ics(feed).timeline_tz(UTC):
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
BY_RULE = (
    by_icalendar,
    by_vobject,
    by_ical,
    pytest.param(
        by_ical_js,
        marks=[pytest.mark.skipif(not Path(NODE).exists(), reason="There is no Node."), pytest.mark.slow],
    ),
)
each_reader = pytest.mark.parametrize("read", [*BY_RULE, by_ics])
each_reader_of_rules = pytest.mark.parametrize("read", BY_RULE)


def now() -> datetime:
    # Of a whole second, as people say times.
    return timezone.now().replace(microsecond=0)


def feed_for(meeting: Meeting) -> str:
    return feed_of(meeting.teacher, now=now()).decode()


def kept(*meetings: Meeting) -> list[Seen]:
    """Return what there is to be seen of these meetings."""
    return sorted(
        Seen(
            f"{meeting.pk if meeting.rule else session.pk}@classbell",
            " ".join(meeting.title.split()),
            session.starts_at,
            session.ends_at,
            "CANCELLED" if session.is_cancelled else "CONFIRMED",
            meeting.revision,
        )
        for meeting in Meeting.objects.filter(pk__in=[one.pk for one in meetings])
        for session in meeting.occurrences.all()
    )


@each_reader_of_rules
def test_reader_finds_every_session_of_a_series_and_none_else(read: Reader) -> None:
    teacher = make_teacher()
    series = make_meeting(weekly(teacher, title="Tajwid; part 1, again \\ “new”"))
    single = make_meeting(spec(teacher, title="حلقة القرآن", starts_at=now() + timedelta(days=2)))
    make_meeting(weekly(title="Somebody else's"))

    assert sorted(read(feed_for(series))) == kept(series, single)


@each_reader_of_rules
def test_reader_finds_what_was_moved_cancelled_and_given_to_a_substitute_under_its_number(read: Reader) -> None:
    series = make_meeting(weekly(count=4))
    first, second, third, _fourth = series.occurrences.order_by("starts_at")
    before = list(read(feed_for(series)))

    move_occurrence(occurrence_id=first.pk, starts_at=first.starts_at + timedelta(hours=5), now=now())
    cancel_occurrence(occurrence_id=second.pk, reason="Rain", now=now())
    let_substitute(occurrence_id=third.pk, teacher=make_teacher(), now=now())
    after = list(read(feed_for(series)))

    assert sorted(after) == kept(series)
    assert {one.uid for one in after} == {one.uid for one in before} == {f"{series.pk}@classbell"}
    assert min(one.sequence for one in after) > max(one.sequence for one in before)
    assert [one.status for one in after].count("CANCELLED") == 1


@each_reader_of_rules
def test_reader_finds_a_series_that_moved_under_its_number(read: Reader) -> None:
    series = make_meeting(weekly(count=3))
    before = sorted(read(feed_for(series)))

    later = series.starts_at + timedelta(hours=2)
    change_meeting(meeting_id=series.pk, changes={"starts_at": later, "duration_minutes": 45}, now=now())
    after = sorted(read(feed_for(series)))

    assert after == kept(series)
    for was, one in zip(before, after, strict=True):
        assert one.uid == was.uid
        assert one.starts_at == was.starts_at + timedelta(hours=2)
        assert one.sequence > was.sequence


@each_reader_of_rules
def test_reader_finds_no_date_that_a_series_leaves_out(read: Reader) -> None:
    starts_at = next_monday_at(9)
    days = [(starts_at + timedelta(weeks=week)).date() for week in (0, 2, 3)]
    series = make_meeting(weekly(count=5, starts_at=starts_at, cancelled=dict.fromkeys(days, reasons.LEFT_OUT)))

    found = sorted(read(feed_for(series)))

    first = starts_at.astimezone(series.zone)  # the clocks of the series may change meanwhile
    assert [one.starts_at for one in found] == [first + timedelta(weeks=week) for week in (1, 4)]


@each_reader_of_rules
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
