"""What Zoom is asked for, on the nights when the clocks change too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from classbell.accounts.models import User
from classbell.holidays.queries import Holidays
from classbell.meetings.models import Meeting
from classbell.meetings.schedule import lay_out
from classbell.meetings.sync.spec import marked_meeting, marker, zoom_spec_of
from classbell.zoom.models import MeetingSummary


def meeting(starts_at: datetime, **fields) -> Meeting:
    """Return a meeting that is not saved."""
    values = {
        "teacher": User(email="t@x.example"),
        "title": "Algebra",
        "starts_at": starts_at,
        "duration_minutes": 60,
        "timezone": "Europe/Lisbon",
        "rule": "FREQ=WEEKLY;BYDAY=SU;COUNT=4",
    }
    return Meeting(**values | fields)


def wanted(what: Meeting, *, now: datetime, cancelled=None):
    return zoom_spec_of(what, lay_out(what, cancelled=cancelled or {}, holidays=Holidays([])), now=now)


def test_series_whose_next_occurrence_falls_into_the_skipped_hour_keeps_its_wall_time():
    # On 28 March 2027 Lisbon's clocks go from 01:00 to 02:00.
    what = meeting(datetime(2027, 3, 21, 1, 30, tzinfo=ZoneInfo("Europe/Lisbon")))

    spec = wanted(what, now=datetime(2027, 3, 22, tzinfo=UTC))

    assert spec.schedule_body()["start_time"] == "2027-03-28T01:30:00"
    assert spec.slots[0].starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert spec.slots[1].starts_at == datetime(2027, 4, 4, 0, 30, tzinfo=UTC)


def test_series_is_described_from_its_next_occurrence_that_takes_place():
    start = datetime(2026, 9, 6, 9, tzinfo=ZoneInfo("Europe/Lisbon"))
    cancelled = {(start + timedelta(weeks=weeks)).date(): "Holiday" for weeks in (0, 2, 3)}

    spec = wanted(meeting(start), now=datetime(2026, 9, 1, tzinfo=UTC), cancelled=cancelled)

    assert spec.recurrence == {"type": 2, "repeat_interval": 1, "end_times": 1, "weekly_days": "1"}
    assert spec.schedule_body()["start_time"] == "2026-09-13T09:00:00"


def test_single_meeting_is_sent_in_utc_with_its_timezone_to_show():
    what = meeting(datetime(2026, 11, 30, 15, tzinfo=UTC), rule="", timezone="Asia/Riyadh")

    body = wanted(what, now=datetime(2026, 11, 1, tzinfo=UTC)).create_body()

    assert (body["type"], body["start_time"], body["timezone"]) == (2, "2026-11-30T15:00:00Z", "Asia/Riyadh")
    assert "recurrence" not in body


def test_single_meeting_keeps_the_length_of_its_occurrence_while_it_runs():
    start = datetime(2026, 11, 30, 15, tzinfo=UTC)
    what = meeting(start, rule="")
    (occurrence,) = lay_out(what, cancelled={})
    occurrence.ends_at = start + timedelta(minutes=90)

    specs = [zoom_spec_of(what, [occurrence], now=start + timedelta(minutes=at)) for at in (-10, 10)]

    assert [spec and spec.duration_minutes for spec in specs] == [90, 90]


def test_nothing_is_wanted_for_once_all_is_over():
    what = meeting(datetime(2026, 9, 6, 9, tzinfo=UTC))

    assert wanted(what, now=datetime(2027, 1, 1, tzinfo=UTC)) is None


def test_marker_survives_in_the_part_of_the_agenda_that_lists_show():
    what = meeting(datetime(2026, 9, 6, 9, tzinfo=UTC), description="x" * 5000)

    agenda = str(wanted(what, now=datetime(2026, 9, 1, tzinfo=UTC)).create_body()["agenda"])

    assert len(agenda) == 2000
    assert agenda.startswith(marker(what.pk))
    assert marked_meeting(MeetingSummary(id="1", agenda=agenda[:250])) == what.pk


def test_agenda_that_people_wrote_is_nobodys_marker():
    assert marked_meeting(MeetingSummary(id="1", agenda="see [classbell:" + "a" * 32 + "]")) is None
