"""When a calendar says that its owner is busy: which entries count, at which times, and what no calendar may do to us."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from classbell.calendars import ics
from classbell.calendars.ics import Busy, Wanted, busy_times
from classbell.calendars.troubles import SENTENCES, CalendarTrouble, Remark, Trouble
from tests.calendars.entries import calendar, entry

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
RIYADH = ZoneInfo("Asia/Riyadh")
WANTED = Wanted(starts_at=FIRST, ends_at=FIRST + timedelta(days=366), zone=RIYADH, addresses={"amina@school.example"})


def read(*entries: str, **wanted: object) -> Busy:
    values = {name: getattr(WANTED, name) for name in WANTED.__slots__} | wanted
    return busy_times(calendar(*entries), Wanted(**values))


def said(*entries: str, **wanted: object) -> list[str]:
    return [f"{start:%d.%m. %H:%M}-{end:%d.%m. %H:%M}" for start, end in read(*entries, **wanted).periods]


def test_an_entry_makes_busy_from_its_start_to_its_end() -> None:
    assert said(entry("DTSTART:20260310T090000Z", "DTEND:20260310T103000Z")) == ["10.03. 09:00-10.03. 10:30"]
    assert said(entry("DTSTART:20260310T090000Z", "DURATION:PT45M")) == ["10.03. 09:00-10.03. 09:45"]


def test_what_overlaps_or_touches_is_one_busy_time() -> None:
    assert said(
        entry("DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", uid="1"),
        entry("DTSTART:20260310T093000Z", "DTEND:20260310T110000Z", uid="2"),
        entry("DTSTART:20260310T110000Z", "DTEND:20260310T120000Z", uid="3"),
    ) == ["10.03. 09:00-10.03. 12:00"]


@pytest.mark.parametrize(
    "line",
    [
        "STATUS:CANCELLED",
        "TRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:Amina@school.example",
    ],
)
def test_what_is_cancelled_free_or_declined_does_not_make_busy(line: str) -> None:
    assert said(entry("DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", line)) == []


def test_what_somebody_else_declined_does() -> None:
    line = "ATTENDEE;PARTSTAT=DECLINED:mailto:sami@school.example"

    assert said(entry("DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", line)) != []


@pytest.mark.parametrize(
    "line",
    [
        "STATUS:TENTATIVE",
        "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:amina@school.example",
    ],
)
def test_what_is_not_sure_makes_busy_as_its_owner_chose(line: str) -> None:
    unsure = entry("DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", line)

    assert len(said(unsure)) == 1
    assert said(unsure, tentative=False) == []


def test_a_whole_day_is_one_on_its_owners_clock_unless_they_do_not_count() -> None:
    trip = entry("DTSTART;VALUE=DATE:20260310", "DTEND;VALUE=DATE:20260312")

    assert said(trip) == ["09.03. 21:00-11.03. 21:00"]
    assert said(entry("DTSTART;VALUE=DATE:20260310")) == ["09.03. 21:00-10.03. 21:00"]
    assert said(trip, whole_days=False) == []


def test_a_time_without_a_timezone_is_on_its_owners_clock() -> None:
    assert said(entry("DTSTART:20260310T090000", "DTEND:20260310T100000")) == ["10.03. 06:00-10.03. 07:00"]


def test_a_timezone_that_nobody_knows_is_taken_for_its_owners_and_said() -> None:
    busy = read(entry("DTSTART;TZID=Mars/Olympus:20260310T090000", "DTEND;TZID=Mars/Olympus:20260310T100000"))

    assert [start.hour for start, _end in busy.periods] == [6]
    assert busy.remark == Remark.UNKNOWN_TIMEZONE


def test_timezones_of_windows_are_known() -> None:
    zone = "TZID=Arab Standard Time"
    busy = read(entry(f"DTSTART;{zone}:20260310T090000", f"DTEND;{zone}:20260310T100000"))

    assert [start.hour for start, _end in busy.periods] == [6]
    assert busy.remark == ""


def test_a_series_keeps_its_wall_time_when_clocks_change() -> None:
    zone = "TZID=Europe/Berlin"
    series = entry(
        f"DTSTART;{zone}:20260326T090000", f"DTEND;{zone}:20260326T100000", "RRULE:FREQ=WEEKLY;UNTIL=20260402T070000Z"
    )

    assert said(series) == ["26.03. 08:00-26.03. 09:00", "02.04. 07:00-02.04. 08:00"]


def test_a_series_without_end_is_followed_as_far_as_is_asked() -> None:
    series = entry("DTSTART:19900101T090000Z", "DTEND:19900101T100000Z", "RRULE:FREQ=DAILY")

    assert len(said(series)) == 366


def test_a_birthday_of_long_ago_is_found() -> None:
    assert said(entry("DTSTART;VALUE=DATE:19500401", "RRULE:FREQ=YEARLY")) == ["31.03. 21:00-01.04. 21:00"]


def test_dates_that_are_left_out_moved_or_cancelled_are_as_they_are_now() -> None:
    assert said(
        entry(
            "DTSTART:20260310T090000Z",
            "DTEND:20260310T100000Z",
            "RRULE:FREQ=DAILY;COUNT=4",
            "EXDATE:20260311T090000Z",
            "RDATE:20260320T090000Z",
        ),
        entry("RECURRENCE-ID:20260312T090000Z", "DTSTART:20260312T150000Z", "DTEND:20260312T160000Z"),
        entry(
            "RECURRENCE-ID:20260313T090000Z", "DTSTART:20260313T090000Z", "DTEND:20260313T100000Z", "STATUS:CANCELLED"
        ),
    ) == ["10.03. 09:00-10.03. 10:00", "12.03. 15:00-12.03. 16:00", "20.03. 09:00-20.03. 10:00"]


def test_an_entry_without_length_makes_nobody_busy() -> None:
    assert said(entry("DTSTART:20260310T090000Z")) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:tomorrow", "DTEND:20260310T100000Z"],
        ["DTEND:20260310T100000Z"],
        ["DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", "RRULE:FREQ=SECONDLY"],
        ["DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", "RRULE:FREQ=DAILY;BYDAY=XX"],
    ],
)
def test_an_entry_that_cannot_be_read_costs_itself_and_is_said(lines: list[str]) -> None:
    busy = read(entry(*lines), entry("DTSTART:20260311T090000Z", "DTEND:20260311T100000Z", uid="2"))

    assert [start.day for start, _end in busy.periods] == [11]
    assert busy.remark == Remark.UNREADABLE_ENTRIES


def test_what_classbell_made_itself_does_not_make_busy() -> None:
    lesson = entry("DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", uid="7@classbell")

    assert said(lesson, ours=lambda uids: uids) == []


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (b"<!doctype html><title>Sign in</title>", Trouble.PAGE),
        (b"\xef\xbb\xbf\r\n<html>", Trouble.PAGE),
        (b"{}", Trouble.NO_CALENDAR),
        (b"", Trouble.NO_CALENDAR),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", Trouble.NO_CALENDAR),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 20_001 + b"END:VCALENDAR", Trouble.TOO_MANY),
    ],
)
def test_what_is_no_calendar_is_said_to_be_none(content: bytes, trouble: Trouble) -> None:
    with pytest.raises(CalendarTrouble) as refused:
        busy_times(content, WANTED)

    assert refused.value.trouble is trouble


def test_rules_that_take_too_long_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics, "WITHIN_SECONDS", 0.0)

    with pytest.raises(CalendarTrouble) as refused:
        said(entry("DTSTART:19000101T090000Z", "DURATION:PT1H", "RRULE:FREQ=HOURLY"))

    assert refused.value.trouble is Trouble.TOO_LONG_TO_READ


def test_a_calendar_busy_more_often_than_anybody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics, "MOST_PERIODS", 100)

    with pytest.raises(CalendarTrouble) as refused:
        said(entry("DTSTART:20260310T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"))

    assert refused.value.trouble is Trouble.TOO_MANY


def test_every_trouble_has_its_own_sentence() -> None:
    assert set(SENTENCES) == {*Trouble, *Remark}
    assert len({str(sentence) for sentence in SENTENCES.values()}) == len(SENTENCES)
    assert all(re.search(r"[.]$", str(sentence)) for sentence in SENTENCES.values())
