"""What Zoom is told of a meeting that it shows otherwise: the least that makes it right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from classbell.holidays.queries import Holidays
from classbell.meetings.meeting_settings.catalogue import merged
from classbell.meetings.models import Occurrence
from classbell.meetings.schedule import lay_out
from classbell.meetings.sync.spec import (
    FEWEST_SHOWN,
    OccurrenceChange,
    ZoomSpec,
    marker,
    meeting_changes,
    occurrence_changes,
    zoom_spec_of,
)
from classbell.zoom.models import Meeting as ZoomMeeting
from classbell.zoom.models import Occurrence as ZoomOccurrence
from tests.meetings.test_zoom_spec import meeting, wanted

START = datetime(2026, 11, 1, 15, tzinfo=UTC)
NOW = START - timedelta(days=1)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


def single() -> Any:
    return wanted(meeting(START, rule="", description="Bring your books."), now=NOW)


def series(**fields: Any) -> Any:
    return wanted(meeting(START, timezone="UTC", **fields), now=NOW)


def shown(spec: ZoomSpec, **otherwise: Any) -> ZoomMeeting:
    """Return the meeting as Zoom shows it when it has done all that it was told."""
    body = spec.create_body()
    as_told = {
        "id": "1",
        "topic": body["topic"],
        "agenda": body["agenda"],
        "timezone": body["timezone"],
        "duration": body["duration"],
        "type": body["type"],
        "settings": dict(spec.settings),
        "start_time": None if spec.recurrence else spec.starts_at.isoformat(),
        "occurrences": [session(slot) for slot in spec.slots if not slot.cancelled],
    }
    return ZoomMeeting.model_validate(as_told | otherwise)


def session(slot: Any, **otherwise: Any) -> dict[str, Any]:
    of_it = {"occurrence_id": slot.occurrence_id, "start_time": slot.starts_at.isoformat(), "status": "available"}
    return of_it | {"duration": slot.duration_minutes} | otherwise


def read(sessions: list[dict[str, Any]]) -> list[ZoomOccurrence]:
    return [ZoomOccurrence.model_validate(one) for one in sessions]


def test_what_zoom_shows_as_it_was_told_needs_nothing():
    for spec in (single(), series()):
        assert meeting_changes(spec, shown(spec)) == {}
        assert occurrence_changes(spec, shown(spec).occurrences) == []


def test_request_says_what_kind_of_meeting_it_is_and_how_it_is_held():
    assert single().create_body()["type"] == 2
    body = series().create_body()
    assert body["type"] == 8
    assert body["recurrence"] == {"type": 2, "repeat_interval": 1, "end_times": 4, "weekly_days": "1"}
    assert body["settings"]["mute_upon_entry"] == series().settings["mute_upon_entry"]


def test_marker_is_the_one_that_meetings_made_by_earlier_versions_have():
    assert marker(UUID(int=10)) == "[classbell:0000000000000000000000000000000a]"


def test_topic_agenda_and_settings_are_told_alone_where_they_differ():
    spec = single()
    (name, value), *_others = [(name, value) for name, value in spec.settings.items() if isinstance(value, bool)]

    assert meeting_changes(spec, shown(spec, topic="Other")) == {"topic": spec.topic}
    assert meeting_changes(spec, shown(spec, agenda="Other")) == {"agenda": spec.agenda}
    assert meeting_changes(spec, shown(spec, agenda=f" {spec.agenda}\n")) == {}
    odd = shown(spec, settings={**spec.settings, name: not value})
    assert meeting_changes(spec, odd) == {"settings": {name: value}}
    assert meeting_changes(spec, odd, without=[name]) == {}


@pytest.mark.parametrize(
    "otherwise",
    [{"timezone": "Asia/Riyadh"}, {"duration": 61}, {"start_time": (START + HOUR).isoformat()}],
)
def test_single_meeting_at_another_time_is_told_its_schedule(otherwise: dict[str, Any]):
    spec = single()

    assert meeting_changes(spec, shown(spec, **otherwise)) == spec.schedule_body()


def test_single_meeting_that_has_begun_is_not_moved():
    spec = wanted(meeting(START, rule=""), now=START)

    assert spec.start_is_past
    assert meeting_changes(spec, shown(spec, start_time=(START - HOUR).isoformat())) == {}


def test_last_session_of_a_series_leaves_it_the_series_it_is():
    what = meeting(START, timezone="UTC", rule="FREQ=WEEKLY;BYDAY=SU;COUNT=1")
    spec = wanted(what, now=START + timedelta(minutes=10))

    assert spec.recurrence is None
    assert meeting_changes(spec, shown(spec, type=8, start_time=None)) == {}


def test_series_that_zoom_has_as_a_single_meeting_is_told_its_rule():
    spec = series()

    assert meeting_changes(spec, shown(spec, type=2)) == spec.schedule_body()


def test_series_without_one_of_its_sessions_is_told_its_rule():
    spec = series()
    there = [session(slot) for slot in spec.slots]

    for missing in range(len(there)):
        left = [*there[:missing], *there[missing + 1 :]]
        assert meeting_changes(spec, shown(spec, occurrences=left)) == spec.schedule_body()
    gone = [{**there[0], "status": "deleted"}, *there[1:]]
    assert meeting_changes(spec, shown(spec, occurrences=gone)) == spec.schedule_body()


def test_series_with_a_session_too_many_is_told_its_rule_unless_it_is_over():
    spec = series()
    there = [session(slot) for slot in spec.slots]
    later = {**there[-1], "occurrence_id": str(int(there[-1]["occurrence_id"]) + 1)}
    between = {**there[1], "occurrence_id": str(int(there[1]["occurrence_id"]) + 1)}
    earlier = {**there[0], "occurrence_id": str(int(there[0]["occurrence_id"]) - 1)}

    assert meeting_changes(spec, shown(spec, occurrences=[*there, later])) == spec.schedule_body()
    assert meeting_changes(spec, shown(spec, occurrences=[*there, between])) == spec.schedule_body()
    assert meeting_changes(spec, shown(spec, occurrences=[*there, {**later, "status": "deleted"}])) == {}
    assert meeting_changes(spec, shown(spec, occurrences=[earlier, *there])) == {}


def test_cancelled_session_that_zoom_still_shows_is_deleted_by_itself():
    cancelled = {(START + WEEK).date(): "Holiday"}
    spec = wanted(meeting(START, timezone="UTC"), now=NOW, cancelled=cancelled)
    all_of_them = [session(slot) for slot in spec.slots]

    assert meeting_changes(spec, shown(spec, occurrences=all_of_them)) == {}
    assert meeting_changes(spec, shown(spec)) == {}
    assert occurrence_changes(spec, read(all_of_them)) == [
        OccurrenceChange(occurrence_id=spec.slots[1].occurrence_id, body=None)
    ]
    gone = [{**one, "status": "deleted"} if one is all_of_them[1] else one for one in all_of_them]
    assert occurrence_changes(spec, read(gone)) == []


def test_session_cancelled_before_the_first_is_deleted_where_zoom_still_shows_it():
    spec = wanted(meeting(START, timezone="UTC"), now=NOW, cancelled={START.date(): "Holiday"})
    (before,) = spec.cancelled_before

    assert occurrence_changes(spec, read([session(before)])) == [
        OccurrenceChange(occurrence_id=before.occurrence_id, body=None)
    ]


@pytest.mark.parametrize("otherwise", [{"start_time": (START + HOUR).isoformat()}, {"duration": 61}])
def test_session_at_another_time_is_moved_by_itself(otherwise: dict[str, Any]):
    spec = series()
    first = spec.slots[0]

    assert occurrence_changes(spec, read([session(first, **otherwise)])) == [
        OccurrenceChange(occurrence_id=first.occurrence_id, body={"start_time": "2026-11-01T15:00:00Z", "duration": 60})
    ]


def test_long_series_is_told_anew_once_it_shows_too_few():
    spec = series(rule="FREQ=DAILY;COUNT=60")
    there = [session(slot) for slot in spec.slots]

    assert spec.goes_on
    assert (len(there), FEWEST_SHOWN) == (50, 25)
    assert meeting_changes(spec, shown(spec, occurrences=there[:FEWEST_SHOWN])) == {}
    assert meeting_changes(spec, shown(spec, occurrences=there[: FEWEST_SHOWN - 1])) == spec.schedule_body()
    assert not series(rule="FREQ=DAILY;COUNT=50").goes_on
    assert not single().goes_on


def test_session_is_ahead_until_it_begins_and_then_runs_until_it_ends():
    what = meeting(START, rule="")
    assert [
        (spec.start_is_past if (spec := wanted(what, now=START + timedelta(seconds=after))) else None)
        for after in (-1, 0, 3599, 3600)
    ] == [False, True, True, None]


def test_series_goes_on_with_what_is_still_to_start():
    what = meeting(START, timezone="UTC")

    assert len(wanted(what, now=START - timedelta(seconds=1)).slots) == 4
    assert len(wanted(what, now=START).slots) == 3


def test_session_moved_into_the_past_is_not_ahead():
    what = meeting(START, timezone="UTC")
    sessions = occurrences_of(what)
    sessions[1].starts_at, sessions[1].ends_at = START - WEEK, START - WEEK + HOUR

    spec = zoom_spec_of(what, sessions, now=START + HOUR)

    assert spec is not None
    assert [slot.original_starts_at for slot in spec.slots] == [START + 2 * WEEK, START + 3 * WEEK]


def test_moved_session_is_ahead_while_both_its_times_are():
    what = meeting(START, timezone="UTC")
    for moved_by, now in ((HOUR, START), (-HOUR, START - HOUR)):
        sessions = occurrences_of(what)
        sessions[0].starts_at, sessions[0].ends_at = START + moved_by, START + moved_by + HOUR

        at_once, before = (zoom_spec_of(what, sessions, now=moment) for moment in (now, now - timedelta(seconds=1)))

        assert at_once is not None
        assert before is not None
        assert (len(at_once.slots), len(before.slots)) == (3, 4)


def test_nothing_is_wanted_of_zoom_for_what_is_held_elsewhere():
    assert wanted(meeting(START, rule="", location="Hall 2"), now=NOW) is None
    what = meeting(START, rule="")
    (session_elsewhere,) = occurrences_of(what)
    session_elsewhere.location = "Hall 2"

    assert zoom_spec_of(what, [session_elsewhere], now=NOW) is None
    assert zoom_spec_of(what, [session_elsewhere], now=START + timedelta(minutes=1)) is None


def test_what_runs_now_and_was_cancelled_is_not_wanted():
    what = meeting(START, rule="")
    now = START + timedelta(minutes=1)

    assert wanted(what, now=now) is not None
    assert wanted(what, now=now, cancelled={START.date(): "Holiday"}) is None


def test_series_that_ends_in_a_longer_session_keeps_the_length_of_its_rule():
    what = meeting(START, timezone="UTC", rule="FREQ=WEEKLY;BYDAY=SU;COUNT=1")
    (last,) = occurrences_of(what)
    last.ends_at = START + 2 * HOUR

    spec = zoom_spec_of(what, [last], now=START + timedelta(minutes=1))

    assert spec is not None
    assert spec.duration_minutes == 60


def test_passcode_is_the_one_people_know_or_what_the_rule_says():
    spec = single()
    digits = [str(replace(spec, passcode_rule="digits").create_body()["password"]) for _try in range(100)]

    assert replace(spec, passcode="secret", passcode_rule="digits").create_body()["password"] == "secret"
    assert {(len(one), one.isdigit()) for one in digits} == {(6, True)}
    none = replace(spec, passcode_rule="none").create_body()
    assert (none["password"], none["default_password"]) == ("", False)
    assert "password" not in replace(spec, passcode_rule="zoom").create_body()


def test_settings_that_are_handed_in_stand_in_place_of_its_own():
    what = meeting(START, rule="", zoom_settings={"waiting_room": True})
    own = wanted(what, now=NOW)
    instead = {**merged(what.zoom_settings), "waiting_room": False, "passcode": "digits"}
    handed = zoom_spec_of(what, occurrences_of(what), now=NOW, settings=instead)

    assert handed is not None
    assert (own.settings["waiting_room"], handed.settings["waiting_room"]) == (True, False)
    assert (own.passcode_rule, handed.passcode_rule) == (merged({})["passcode"], "digits")


def occurrences_of(what: Any) -> list[Occurrence]:
    return list(lay_out(what, cancelled={}, holidays=Holidays([])))
