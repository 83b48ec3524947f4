"""Holidays read from calendars as other programs write them."""

from datetime import date

import pytest

from classbell.holidays.errors import CalendarUnreadable
from classbell.holidays.ics import MOST_ENTRIES, Entry, read_calendar
from tests.holidays.factories import calendar, event

TODAY = date(2027, 3, 1)


def days_of(content: bytes) -> list[tuple[str, date, date]]:
    return [(entry.name, entry.first_day, entry.last_day) for entry in read_calendar(content, today=TODAY).entries]


def test_the_end_of_whole_days_is_the_day_after_the_last_one() -> None:
    content = calendar(event("a", date(2027, 3, 10), more="DTEND;VALUE=DATE:20270313"), name="School year")

    found = read_calendar(content, today=TODAY)

    assert found.name == "School year"
    assert found.entries == [Entry(uid="a", name="Eid", first_day=date(2027, 3, 10), last_day=date(2027, 3, 12))]


@pytest.mark.parametrize(
    "more",
    ["", "DTEND;VALUE=DATE:20270310", "DTEND;VALUE=DATE:20270311", "DURATION:P1D", "DTEND;VALUE=DATE:20270301"],
    ids=["no end", "the same day", "the next day", "a day long", "before it begins"],
)
def test_one_day_however_it_is_written(more: str) -> None:
    assert days_of(calendar(event("a", date(2027, 3, 10), more=more))) == [
        ("Eid", date(2027, 3, 10), date(2027, 3, 10))
    ]


def test_what_comes_again_each_year_is_a_holiday_each_time() -> None:
    content = calendar(event("national", date(2020, 9, 23), name="National day", more="RRULE:FREQ=YEARLY"))

    entries = read_calendar(content, today=TODAY).entries

    assert [entry.first_day for entry in entries] == [date(year, 9, 23) for year in (2027, 2028, 2029, 2030)]
    assert len({entry.uid for entry in entries}) == 4


def test_a_single_date_of_a_recurring_entry_may_be_moved_named_and_taken_out() -> None:
    content = calendar(
        event(
            "founding",
            date(2027, 2, 22),
            name="Founding day",
            more="RRULE:FREQ=YEARLY;UNTIL=20291231T235959Z\nEXDATE;VALUE=DATE:20280222",
        ),
        event("founding", date(2029, 2, 25), name="Moved", more="RECURRENCE-ID;VALUE=DATE:20290222"),
    )

    assert days_of(content) == [
        ("Founding day", date(2027, 2, 22), date(2027, 2, 22)),
        ("Moved", date(2029, 2, 25), date(2029, 2, 25)),
    ]


def test_a_moved_date_is_still_the_same_entry() -> None:
    rule = "RRULE:FREQ=YEARLY;COUNT=2"
    plain = read_calendar(calendar(event("a", date(2027, 2, 22), more=rule)), today=TODAY)
    moved = read_calendar(
        calendar(
            event("a", date(2027, 2, 22), more=rule),
            event("a", date(2028, 3, 1), more="RECURRENCE-ID;VALUE=DATE:20280222"),
        ),
        today=TODAY,
    )

    assert [entry.uid for entry in moved.entries] == [entry.uid for entry in plain.entries]


def test_meetings_with_hours_cancelled_entries_and_past_years_are_no_holidays() -> None:
    meeting = "BEGIN:VEVENT\r\nUID:m\r\nSUMMARY:Staff\r\nDTSTART:20270310T090000Z\r\nEND:VEVENT"
    content = calendar(
        meeting,
        event("c", date(2027, 3, 10), more="STATUS:CANCELLED"),
        event("old", date(2026, 12, 31)),
        event("hourly", date(2027, 3, 10), more="RRULE:FREQ=HOURLY"),
        event("by hours", date(2027, 3, 10), more="RRULE:FREQ=DAILY;BYHOUR=1,2,3"),
    )

    found = read_calendar(content, today=TODAY)

    assert (found.entries, found.with_times) == ([], 3)


def test_a_rule_that_never_comes_ends() -> None:
    content = calendar(event("never", date(2027, 2, 1), more="RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"))

    assert days_of(content) == [("Eid", date(2027, 2, 1), date(2027, 2, 1))]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name,from,until\nEid,2027-03-10,2027-03-12\n",
        b"\x00\xff\xfe",
        b"BEGIN:VCALENDAR\r\n",
        b"BEGIN:VEVENT\r\nEND:VEVENT",
    ],
    ids=["empty", "a table", "bytes", "no end", "no calendar around it"],
)
def test_what_is_no_calendar_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(CalendarUnreadable, match="no calendar"):
        read_calendar(content, today=TODAY)


@pytest.mark.parametrize("more", ["", "RRULE:FREQ=DAILY"], ids=["single entries", "one that never ends"])
def test_ten_thousand_entries_are_refused_before_anything_is_kept(more: str) -> None:
    many = 1 if more else 10_000
    content = calendar(*[event(str(number), date(2020, 1, 1), more=more) for number in range(many)])

    if more:
        assert len(days_of(content)) <= MOST_ENTRIES
    else:
        with pytest.raises(CalendarUnreadable, match="more than 2000"):
            read_calendar(content, today=TODAY)


@pytest.mark.parametrize(
    "more",
    [
        "DTEND;VALUE=DATE:20270230",
        "DURATION:P-1D",
        "DURATION:P999999999999D",
        "RDATE;VALUE=DATE:20270230",
        "EXDATE;VALUE=DATE:20270230",
        "RECURRENCE-ID:soon",
    ],
)
def test_an_entry_of_which_nobody_knows_when_it_is_costs_itself_alone(more: str) -> None:
    content = calendar(
        event("broken", date(2027, 3, 1), more=more),
        event("none", date(2027, 3, 2)).replace("20270302", "20270230"),
        event("well", date(2027, 3, 3)),
    )

    found = read_calendar(content, today=TODAY)

    assert ([entry.uid for entry in found.entries], found.with_times) == (["well"], 2)


def test_of_a_name_that_is_written_twice_the_first_is_read() -> None:
    content = calendar(event("twice", date(2027, 3, 1), more="SUMMARY:Other\nUID:other"))

    (entry,) = read_calendar(content, today=TODAY).entries

    assert (entry.uid, entry.name) == ("twice", "Eid")
