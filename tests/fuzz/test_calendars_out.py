"""
The calendars that we write: whatever people called things, each is read again as it was meant, by the library and by the
standard's rules for lines (RFC 5545, section 3.1).
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from dateutil import rrule
from django.utils import translation
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.holidays.models import Holiday
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.recurrence import BadRecurrence, expand, place
from classbell.notices.calendar import _day_off
from classbell.notices.events import add_sessions, events_of, new_calendar
from classbell.notices.invites import _answerable
from classbell.text import is_storable, one_line
from tests.examples import examples

WRITTEN_AT: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
# How a line may begin: a name, and values or parameters after it.
BEGINS: Final = re.compile(rb"[A-Z][A-Z0-9-]*[;:]")
# What would end a line, a value or a parameter, turn a text around, or be folded in the middle of a character.
ODD: Final = "\r\n\t\v\f\x00\x1b\x85\u2028\u2029;:,\"'\\^=\u202e\u2066\u200f\ufeff\u200dاسم👩‍👧é "
# Texts as the database may have them, also such as never came through our own door.
TEXTS: Final = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=ODD, max_size=40),
    st.text(alphabet="ab👩", min_size=60, max_size=300),
    st.sampled_from(
        (
            "Algebra\r\nATTENDEE:mailto:eve@x.example",
            "a\nEND:VEVENT\nBEGIN:VALARM",
            'x";ROLE=CHAIR:mailto:eve@x.example',
            "\\nDTSTART:20260101",
            "^n^'",
        )
    ),
).filter(is_storable)
ZONES: Final = st.sampled_from(
    ("UTC", "Europe/Lisbon", "Africa/Cairo", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
)
WALLS: Final = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31)).map(  # noqa: DTZ001 -- wall times
    lambda wall: wall.replace(second=0, microsecond=0)
)
DAYS: Final = st.sets(st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU")), min_size=1).map(
    lambda days: f";BYDAY={','.join(sorted(days))}"
)
RULES: Final = st.builds(
    "FREQ={};INTERVAL={};COUNT={}{}{}".format,
    st.sampled_from(("DAILY", "WEEKLY", "MONTHLY")),
    st.integers(1, 3),
    st.integers(1, 15),
    st.one_of(st.just(""), DAYS, st.sampled_from((";BYMONTHDAY=31", ";BYMONTHDAY=-1", ";BYDAY=2TU", ";BYDAY=-1FR"))),
    st.sampled_from(("", ";WKST=SU", ";WKST=MO")),
)


@settings(max_examples=examples(200))
@given(title=TEXTS, room=TEXTS, teacher=TEXTS, group=TEXTS, reader=TEXTS, holiday=TEXTS)
def test_any_name_is_read_again_as_one_line_and_adds_none(
    title: str, room: str, teacher: str, group: str, reader: str, holiday: str
) -> None:
    assume(not room.startswith(("http://", "https://")))
    row = session(title=title, location=room, teacher=person(teacher), group=Group(name=group))
    whoever = person(reader, email="reader@school.example")
    invited = _answerable([row], events_of([row]), whoever).content.encode()
    calendar = new_calendar("PUBLISH")
    calendar.add_component(_day_off(Holiday(pk=UUID(int=3), name=holiday, **days_of(date(2026, 4, 1)))))

    (event,), (day_off,) = read(invited), read(calendar.to_ical())

    assert event["summary"] == one_line(title)
    assert event.get("location", "") == one_line(room)
    named = [f"Teacher: {row.meeting.teacher.name}", group]
    assert str(event["description"]).split("\n") == [one_line(line) for line in named]
    assert event["attendee"] == "mailto:reader@school.example"
    assert set(event["attendee"].params) == {"CN", "PARTSTAT", "RSVP"}
    assert event["attendee"].params["CN"] == one_line(whoever.name).replace('"', "'").replace("\\", "/")
    assert day_off["summary"] == one_line(holiday)


# On 28 April 2028 the clocks of Cairo skip the hour after midnight: what begins there must not make the rest an hour late.
@example("FREQ=DAILY;INTERVAL=1;COUNT=5", "Africa/Cairo", datetime(2028, 4, 26, 0, 30), {0, 1}, 60)  # noqa: DTZ001 -- a wall time
@settings(max_examples=examples(200))
@given(
    rule=RULES, zone=ZONES, wall=WALLS, left_out=st.sets(st.integers(0, 14), max_size=6), minutes=st.integers(1, 1440)
)
def test_any_series_is_read_again_on_the_dates_that_it_has(
    rule: str, zone: str, wall: datetime, left_out: set[int], minutes: int
) -> None:
    clock = ZoneInfo(zone)
    # A meeting keeps the moment at which it begins: the clock that a change skips is the one after it.
    wall = place(wall, clock).astimezone(clock).replace(tzinfo=None)
    try:
        slots = expand(starts_at=wall, timezone=clock, rule=rule)
    except BadRecurrence:
        assume(False)
    held = [slot for number, slot in enumerate(slots) if number not in left_out]
    assume(held)
    meeting = session(starts_at=place(wall, clock), timezone=zone, rule=rule, duration_minutes=minutes).meeting
    length = timedelta(minutes=minutes)
    rows = [
        Occurrence(pk=UUID(int=number), meeting=meeting, starts_at=at, original_starts_at=at, ends_at=at + length)
        for number, at in enumerate(held)
    ]
    calendar = new_calendar("PUBLISH")
    add_sessions(calendar, rows)

    (event,) = read(calendar.to_ical())

    assert dates_of(event, clock) == held
    assert event.decoded("dtend").replace(tzinfo=None) - event.decoded("dtstart").replace(tzinfo=None) == length


def read(content: bytes) -> Sequence[Event]:
    """Return the events of what we wrote, whose lines are as the standard has them: short, ended alike, none smuggled in."""
    assert content.endswith(b"\r\n")
    lines = content[:-2].split(b"\r\n")
    assert [line for line in lines if len(line) > 75] == []
    assert [line for line in lines if b"\r" in line or b"\n" in line] == []
    assert [line for line in lines if line.decode()[:1] != " " and not BEGINS.match(line)] == []
    whole = content.replace(b"\r\n ", b"").split(b"\r\n")
    assert sum(line.startswith(b"BEGIN:VEVENT") for line in whole) == 1
    calendar = Calendar.from_ical(content)
    assert [part.errors for part in calendar.walk() if part.errors] == []
    return [event for event in calendar.walk("VEVENT") if isinstance(event, Event)]


def dates_of(event: Event, clock: ZoneInfo) -> list[datetime]:
    """Return the dates of a series as a program has them that reads its rule and knows nothing of ours."""
    first = event.decoded("dtstart").replace(tzinfo=None)
    rule: Any = event["rrule"]
    walls = rrule.rrulestr(rule.to_ical().decode(), dtstart=first)
    left_out: Any = event.get("exdate", [])
    without = {one.dt for many in (left_out if isinstance(left_out, list) else [left_out]) for one in many.dts}
    return [at for wall in walls if (at := place(wall, clock)) not in {one.astimezone(UTC) for one in without}]


def person(name: str, *, email: str = "somebody@school.example") -> User:
    """Return somebody with a first name, who is kept nowhere."""
    return User(pk=UUID(int=1), first_name=name, email=email)


def days_of(day: date) -> dict[str, date | datetime]:
    """Return a holiday's one day, and when it was written."""
    return {"first_day": day, "last_day": day, "created_at": WRITTEN_AT}


def session(**fields: object) -> Occurrence:
    """Return a session of a meeting, both kept nowhere."""
    usual = {"title": "Algebra", "teacher": person("Amina"), "starts_at": WRITTEN_AT, "timezone": "UTC"}
    meeting = Meeting(pk=UUID(int=2), updated_at=WRITTEN_AT, duration_minutes=60, revision=1)
    for name, value in {**usual, **fields}.items():
        setattr(meeting, name, value)
    ends_at = meeting.starts_at + timedelta(minutes=meeting.duration_minutes)
    with translation.override("en"):
        return Occurrence(
            pk=UUID(int=2),
            meeting=meeting,
            starts_at=meeting.starts_at,
            original_starts_at=meeting.starts_at,
            ends_at=ends_at,
        )
