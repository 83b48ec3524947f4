"""Series over HTTP: occurrences are listed, moved, deleted, laid out anew."""

from datetime import datetime, timedelta

import pytest

from tests.zoomsim.conftest import in_utc
from tests.zoomsim.test_meetings import errors_of

DAILY = {"type": 1, "repeat_interval": 1, "end_times": 4}
DAY_MS = 86_400_000


@pytest.fixture
def series(schedule):
    """Four daily sessions from tomorrow on."""
    return schedule(type=8, recurrence=DAILY, duration=30, timezone="UTC")


def got(v2, meeting, **params):
    """Return the meeting as it is now."""
    return v2.get(f"/meetings/{meeting['id']}", params=params).json()


def starts(meeting):
    """Return the starts of a meeting's sessions."""
    return [one["start_time"] for one in meeting["occurrences"]]


def shifted(text, **by):
    """Return a time of Zoom's, moved."""
    return (datetime.fromisoformat(text) + timedelta(**by)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_occurrence_id_is_its_first_start_in_milliseconds(series):
    first = datetime.fromisoformat(series["start_time"])

    ids = [int(one["occurrence_id"]) for one in series["occurrences"]]

    assert ids == [int(first.timestamp()) * 1000 + n * DAY_MS for n in range(4)]
    assert {type(one["occurrence_id"]) for one in series["occurrences"]} == {str}


def test_recurrence_comes_back_with_zooms_defaults(schedule):
    weekly = schedule(type=8, recurrence={"type": 2})["recurrence"]
    monthly = schedule(type=8, recurrence={"type": 3, "end_times": 2})["recurrence"]

    assert weekly == {"type": 2, "repeat_interval": 1, "weekly_days": "1", "end_times": 1}
    assert monthly == {"type": 3, "repeat_interval": 1, "monthly_day": 1, "end_times": 2}


@pytest.mark.parametrize(
    ("recurrence", "field"),
    [
        pytest.param({}, "type", id="no type"),
        pytest.param({"type": 4}, "type", id="unknown type"),
        pytest.param({"type": 1, "repeat_interval": 100}, "repeat_interval", id="every 100 days"),
        pytest.param({"type": 2, "repeat_interval": 51}, "repeat_interval", id="every 51 weeks"),
        pytest.param({"type": 3, "repeat_interval": 11}, "repeat_interval", id="every 11 months"),
        pytest.param({"type": 1, "end_times": 61}, "end_times", id="61 times"),
        pytest.param({"type": 2, "weekly_days": "0,8"}, "weekly_days", id="weekdays"),
        pytest.param({"type": 3, "monthly_day": 32}, "monthly_day", id="day 32"),
        pytest.param({"type": 3, "monthly_week": 5, "monthly_week_day": 1}, "monthly_week", id="fifth week"),
        pytest.param({"type": 3, "monthly_week": 1}, "monthly_week_day", id="week without day"),
        pytest.param({"type": 1, "end_date_time": "2020-01-01T00:00:00Z"}, "end_date_time", id="ends before it starts"),
        pytest.param(
            {"type": 1, "end_times": 3, "end_date_time": "2031-01-01T00:00:00Z"}, "end_date_time", id="ends twice"
        ),
    ],
)
def test_impossible_recurrence_is_refused(v2, recurrence, field):
    answer = v2.post(
        "/users/me/meetings",
        json={"type": 8, "start_time": "2030-01-07T10:00:00Z", "recurrence": recurrence},
    )

    assert f"recurrence.{field}" in errors_of(answer)


def test_sixty_occurrences_are_accepted(schedule):
    assert len(schedule(type=8, recurrence={"type": 1, "end_times": 60})["occurrences"]) == 60


def test_deleted_occurrence_stays_listed_and_cannot_be_deleted_again(v2, series):
    path, second = f"/meetings/{series['id']}", series["occurrences"][1]["occurrence_id"]

    answers = [v2.delete(path, params={"occurrence_id": second}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 404]
    statuses = [one["status"] for one in got(v2, series)["occurrences"]]
    assert statuses == ["available", "deleted", "available", "available"]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_unknown_occurrence_is_refused(v2, series, method):
    answer = v2.request(method, f"/meetings/{series['id']}", params={"occurrence_id": "123"}, content=b"{}")

    assert (answer.status_code, answer.json()["code"]) == (400, 300)


def test_moved_occurrence_keeps_its_id_and_only_some_fields_change(v2, series):
    first = series["occurrences"][0]
    later = shifted(first["start_time"], hours=5)

    answer = v2.patch(
        f"/meetings/{series['id']}",
        params={"occurrence_id": first["occurrence_id"]},
        json={"start_time": later, "duration": 45, "topic": "Ignored", "settings": {"host_video": False}},
    )

    after = got(v2, series)
    assert answer.status_code == 204
    assert after["occurrences"][0] == first | {"start_time": later, "duration": 45}
    assert after["occurrences"][1:] == series["occurrences"][1:]
    assert (after["topic"], after["settings"]["host_video"]) == (series["topic"], True)
    one = got(v2, series, occurrence_id=first["occurrence_id"])
    assert (one["start_time"], one["duration"], one["settings"]["host_video"]) == (later, 45, False)


def test_new_rule_lays_the_coming_occurrences_out_anew_and_keeps_id_and_link(v2, series):
    v2.delete(f"/meetings/{series['id']}", params={"occurrence_id": series["occurrences"][1]["occurrence_id"]})

    v2.patch(f"/meetings/{series['id']}", json={"recurrence": {"type": 1, "repeat_interval": 2, "end_times": 3}})

    after = got(v2, series)
    assert starts(after) == [shifted(series["start_time"], days=2 * n) for n in range(3)]
    assert {one["status"] for one in after["occurrences"]} == {"available"}
    assert [after[name] for name in ("id", "join_url", "password")] == [
        series[name] for name in ("id", "join_url", "password")
    ]


def test_new_start_moves_all_coming_occurrences(v2, series):
    later = shifted(series["start_time"], days=1, hours=2)

    v2.patch(f"/meetings/{series['id']}", json={"start_time": later})

    assert starts(got(v2, series)) == [shifted(later, days=n) for n in range(4)]


def test_new_duration_or_topic_leaves_deletions_alone(v2, series):
    v2.delete(f"/meetings/{series['id']}", params={"occurrence_id": series["occurrences"][1]["occurrence_id"]})

    v2.patch(f"/meetings/{series['id']}", json={"duration": 15, "topic": "Shorter"})

    after = got(v2, series)
    assert [(one["status"], one["duration"]) for one in after["occurrences"]] == [
        ("available", 15),
        ("deleted", 15),
        ("available", 15),
        ("available", 15),
    ]


def test_past_occurrences_are_shown_only_on_request_and_survive_a_new_rule(v2, schedule, simulator):
    series = schedule(type=8, recurrence=DAILY, start_time=in_utc(minutes=5), timezone="UTC")
    simulator.clock(86_400)
    fresh = {"Authorization": f"Bearer {simulator.access_token()}"}
    v2.headers.update(fresh)

    coming = starts(got(v2, series))
    v2.patch(f"/meetings/{series['id']}", json={"recurrence": DAILY | {"end_times": 3}})

    assert coming == starts(series)[1:]
    assert starts(got(v2, series)) == starts(series)[1:3]
    assert starts(got(v2, series, show_previous_occurrences="true")) == starts(series)[:3]


def test_delete_without_an_occurrence_deletes_the_whole_series(v2, series):
    assert v2.delete(f"/meetings/{series['id']}").status_code == 204
    assert v2.get(f"/meetings/{series['id']}").status_code == 404


def test_series_without_an_end_is_laid_out_for_two_years(schedule):
    weekly = schedule(type=8, recurrence={"type": 2, "weekly_days": "2", "end_times": 0})
    monthly = schedule(type=8, recurrence={"type": 3, "monthly_day": 3, "end_times": 0})

    assert 105 <= len(weekly["occurrences"]) <= 111
    assert 58 <= len(monthly["occurrences"]) <= 61


def test_series_without_an_end_is_extended_by_a_later_change(v2, schedule, simulator):
    series = schedule(type=8, recurrence={"type": 2, "weekly_days": "2", "end_times": 0})
    simulator.clock(10 * 7 * 86_400)
    v2.headers["Authorization"] = f"Bearer {simulator.access_token()}"

    v2.patch(f"/meetings/{series['id']}", json={"topic": "Goes on"})

    everything = got(v2, series, show_previous_occurrences="true")
    assert starts(everything)[: len(series["occurrences"])] == starts(series)
    assert len(everything["occurrences"]) == len(series["occurrences"]) + 10


def test_type_can_change_and_id_and_link_stay(v2, schedule):
    meeting = schedule(type=3)

    v2.patch(
        f"/meetings/{meeting['id']}",
        json={"type": 8, "start_time": in_utc(days=1), "recurrence": DAILY, "timezone": "UTC"},
    )

    after = got(v2, meeting)
    assert (after["type"], len(after["occurrences"])) == (8, 4)
    assert [after[name] for name in ("id", "join_url")] == [meeting[name] for name in ("id", "join_url")]


def test_series_ends_with_its_date(schedule):
    until = in_utc(days=3, minutes=1)

    series = schedule(type=8, recurrence={"type": 1, "end_date_time": until}, timezone="UTC")

    assert len(series["occurrences"]) == 3
    assert series["recurrence"] == {"type": 1, "repeat_interval": 1, "end_date_time": until}


def test_wall_time_is_kept_when_the_clocks_change(schedule):
    series = schedule(
        type=8,
        start_time="2027-03-21T09:00:00",
        timezone="Europe/Lisbon",
        recurrence={"type": 2, "weekly_days": "1", "end_times": 3},
    )

    assert starts(series) == ["2027-03-21T09:00:00Z", "2027-03-28T08:00:00Z", "2027-04-04T08:00:00Z"]
