"""What reads things from outside takes whatever bytes there are: it reads them, or refuses them in its own words."""

import io
import json
import zipfile
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from classbell.calendars.ics import Wanted, busy_times
from classbell.calendars.troubles import CalendarTrouble
from classbell.holidays.errors import CalendarUnreadable
from classbell.holidays.ics import read_calendar
from classbell.meetings.recurrence import MOST_OCCURRENCES, BadRecurrence, expand
from classbell.meetings.webhooks.intake import WebhookUnreadable, _parsed
from classbell.names import LONGEST, split_name
from classbell.payments.providers import Forged, Unreadable
from classbell.payments.stripe_checkout import _event, _Message
from classbell.tables.limits import TableUnreadable
from classbell.tables.reading import read_table
from classbell.tables.text import read_file
from classbell.text import is_storable, one_line
from classbell.zoom.events import Event
from classbell.zoom.webhooks import WebhookRejected, sign, verify_signature
from tests.examples import examples
from tests.tables.workbooks import workbook_of

NOW: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
LISBON: Final = ZoneInfo("Europe/Lisbon")
MOMENTS: Final = (
    "20260302T080000Z",
    "20260302T080000",
    "20260302",
    "00010101",
    "99991231T235959Z",
    "20260230",
    "",
    "-1",
)
RULES: Final = st.lists(
    st.sampled_from(
        (
            *(
                f"FREQ={word}"
                for word in ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "X", "")
            ),
            *(f"INTERVAL={number}" for number in ("1", "0", "-1", "9" * 30, "1.5", "")),
            *(f"COUNT={number}" for number in ("1", "3", "0", "-5", "9" * 5000, "٣")),
            *(f"UNTIL={moment}" for moment in MOMENTS),
            *(f"BYDAY={days}" for days in ("MO", "MO,WE", "1MO", "-5SU", "99MO", "XX", ",", "")),
            *(f"BYMONTHDAY={days}" for days in ("1", "31", "-1", "0", "99", "30,31")),
            *(f"BYSETPOS={number}" for number in ("1", "-1", "0", "367")),
            "BYMONTH=2",
            "BYHOUR=25",
            "BYYEARDAY=366",
            "BYEASTER=0",
            "WKST=SU",
            "WKST=ZZ",
            "nonsense",
            "=",
        )
    ),
    max_size=6,
).map(";".join)
LINES: Final = st.one_of(
    st.sampled_from(
        (
            "BEGIN:VEVENT",
            "END:VEVENT",
            "BEGIN:VTIMEZONE",
            "END:VTIMEZONE",
            "TZID:Nowhere/Here",
            "STATUS:CANCELLED",
            "TRANSP:TRANSPARENT",
            "UID:one",
            "SUMMARY:Holiday\\, maybe",
            "DURATION:PT1H",
            "DURATION:-P999999999D",
            "ATTENDEE;PARTSTAT=DECLINED:mailto:a@b.example",
            'X;A="unclosed:1',
            ";:;",
            " folded",
        )
    ),
    st.builds(
        "{}{}:{}".format,
        st.sampled_from(("DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID")),
        st.sampled_from(("", ";VALUE=DATE", ";TZID=Europe/Lisbon", ";TZID=../../etc/passwd", ";VALUE=PERIOD")),
        st.sampled_from(MOMENTS),
    ),
    RULES.map("RRULE:{}".format),
    st.text(max_size=20),
)
CALENDARS: Final = st.one_of(
    st.binary(max_size=200),
    st.lists(LINES, max_size=25).map(
        lambda lines: "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"]).encode(
            "utf-8", "surrogatepass"
        )
    ),
)
JSON: Final = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=10),
        st.sampled_from((10**400, "2026-03-02T08:00:00Z", "\0", "\ud800", 1e308, -1)),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=examples(300))
@given(content=CALENDARS)
def test_any_calendar_says_when_its_owner_is_busy_or_what_is_wrong_with_it(content: bytes) -> None:
    wanted = Wanted(starts_at=NOW, ends_at=NOW + timedelta(days=60), zone=LISBON)

    with suppress(CalendarTrouble):
        busy = busy_times(content, wanted)

        assert all(wanted.starts_at <= start < end <= wanted.ends_at for start, end in busy.periods)
        assert all(one[1] < other[0] for one, other in zip(busy.periods, busy.periods[1:], strict=False))


@settings(max_examples=examples(300))
@given(content=CALENDARS)
def test_any_calendar_of_holidays_is_read_or_refused(content: bytes) -> None:
    with suppress(CalendarUnreadable):
        read = read_calendar(content, today=NOW.date())

        assert all(one.first_day <= one.last_day and is_storable(one.name) for one in read.entries)


@settings(max_examples=examples(300))
@given(rule=st.one_of(RULES, st.text(max_size=40)), day=st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_any_rule_has_sessions_in_order_or_is_refused(rule: str, day: date) -> None:
    begins = datetime(day.year, day.month, day.day, 8)  # noqa: DTZ001 -- a wall time

    with suppress(BadRecurrence):
        starts = expand(starts_at=begins, timezone=LISBON, rule=rule)

        assert starts == sorted(set(starts))
        assert len(starts) <= MOST_OCCURRENCES


@given(text=st.one_of(st.text(), st.text(alphabet="ab ,()،\u200f\u202e\0\ud800.'-أبو عبد")))
def test_any_text_makes_a_name_that_can_be_kept_and_read_again(text: str) -> None:
    first, last = split_name(text)

    assert all(is_storable(part) and part == one_line(part) for part in (first, last))
    assert all(len(part) <= max(len(one_line(text)), LONGEST) for part in (first, last))


@settings(max_examples=examples(200))
@given(raw=st.one_of(st.binary(max_size=300), st.text(alphabet='ab,;\t"\n\r\0é\ufeff=@', max_size=200).map(str.encode)))
def test_any_file_is_a_table_or_is_refused(raw: bytes) -> None:
    read_or_refused(raw)


@settings(max_examples=examples(60))
@given(
    part=st.sampled_from(
        ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml")
    ),
    at=st.floats(0, 1),
    put=st.one_of(
        st.binary(max_size=30), st.sampled_from((b"<", b"&x;", b"\0", b'r="ZZZZZ999999999"', b"1e999", b"s"))
    ),
    cut=st.integers(0, 60),
)
def test_a_workbook_that_is_damaged_anywhere_is_a_table_or_is_refused(
    part: str, at: float, put: bytes, cut: int
) -> None:
    read_or_refused(rebuilt(WORKBOOK, part, lambda old: spliced(old, at, put, cut)))


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(lambda: b"<a>" * 11_000_000, id="one element within the other"),
        pytest.param(lambda: b" " * 200_000_000, id="blanks"),
        pytest.param(
            lambda: (
                b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
                + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
                + b"]><worksheet>&m;</worksheet>"
            ),
            id="a billion laughs",
        ),
    ],
)
def test_a_workbook_that_unpacks_into_too_much_is_refused(bomb: Any) -> None:
    raw = rebuilt(WORKBOOK, "xl/worksheets/sheet1.xml", lambda _old: bomb())

    assert len(raw) < 1_000_000
    with pytest.raises(TableUnreadable):
        read_file(raw)


@given(raw=st.one_of(st.binary(max_size=200), JSON.map(json.dumps).map(str.encode)))
def test_any_signed_body_is_an_event_that_can_be_kept_or_is_refused(raw: bytes) -> None:
    with suppress(WebhookUnreadable):
        body = _parsed(raw)

        assert isinstance(body["event"], str)
        assert "\\u0000" not in json.dumps(body)
        json.dumps(body, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"event":"x","payload":' + b"9" * 5000 + b"}",
        b'{"event":"x","n":NaN}',
        b'{"event":"x","n":1e999}',
        b'{"event":"x","n":"\\ud800"' + b"}" * 10_000,
    ],
)
def test_bodies_that_are_made_to_break_a_parser_are_refused(raw: bytes) -> None:
    with pytest.raises(WebhookUnreadable):
        _parsed(raw)


@given(payload=JSON, moment=JSON)
def test_any_event_of_zooms_is_understood_or_invalid(payload: Any, moment: Any) -> None:
    with suppress(ValidationError, OverflowError):
        event = Event.model_validate({"event": "meeting.started", "event_ts": moment, "payload": {"object": payload}})

        assert is_storable(event.payload.object.id)


@given(thing=JSON, kind=st.sampled_from(("checkout.session.completed", "charge.refunded", "refund.failed", "x")))
def test_any_message_of_the_provider_of_payments_is_understood_or_unreadable(thing: Any, kind: str) -> None:
    body = json.dumps({"id": "evt", "type": kind, "data": {"object": thing}})

    with suppress(ValueError, Forged, Unreadable):
        _event(_Message.model_validate_json(body))


@given(timestamp=st.text(max_size=30), signature=st.text(max_size=80), body=st.binary(max_size=50))
def test_no_signature_is_right_by_luck_and_none_breaks_the_check(timestamp: str, signature: str, body: bytes) -> None:
    with pytest.raises(WebhookRejected):
        verify_signature(secrets=["one", "two"], timestamp=timestamp, signature=signature, body=body, now=NOW)


@given(timestamp=st.one_of(st.text(alphabet="0123456789-+_.e ٣", max_size=30), st.just("9" * 5000)))
def test_signed_times_are_ours_or_refused(timestamp: str) -> None:
    signature = sign("secret", timestamp, b"{}")

    with suppress(WebhookRejected):
        verify_signature(secrets=["secret"], timestamp=timestamp, signature=signature, body=b"{}", now=NOW)

        assert abs(int(timestamp) - NOW.timestamp()) < 2 * 24 * 3600


WORKBOOK: Final = workbook_of({"People": ["email,first name", "a@b.example,Amal", "c@d.example,3"]})


def read_or_refused(raw: bytes) -> None:
    """Read a file as one with people in it; refuse it is all else that it may."""
    with suppress(TableUnreadable):
        table = read_table(read_file(raw).text, {"email": ["email"]}, needs=["email"], most_rows=100)

        assert all(isinstance(row["email"], str) for row in table.rows)


def rebuilt(workbook: bytes, part: str, change: Any) -> bytes:
    """Return a workbook with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return out.getvalue()


def spliced(old: bytes, at: float, put: bytes, cut: int) -> bytes:
    """Return a part with something put in the place of something else."""
    start = int(at * len(old))
    return old[:start] + put + old[start + cut :]
