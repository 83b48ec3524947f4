"""A dry run: what making or changing a circle would do, and what it costs at Zoom."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from classbell.halakat.models import Halaka
from classbell.meetings.models import Meeting
from classbell.meetings.sync import reconcile
from tests.factories import make_student, make_teacher
from tests.factories_halakat import created, halaka_body, next_sunday

pytestmark = pytest.mark.usefixtures("zoom_hosts")

CHANGING = ("POST /users/{userId}/meetings", "PATCH /meetings/{meetingId}", "DELETE /meetings/{meetingId}")


@pytest.fixture
def teacher():
    return make_teacher(timezone="Asia/Riyadh")


def rows():
    """Return how many rows each table has, but for those that signing in writes."""
    models = [
        model for model in apps.get_models() if model._meta.app_label in ("halakat", "meetings", "groups", "notices")
    ]
    counted = {model.__name__: model._default_manager.count() for model in models}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return counted | {"jobs": cursor.fetchone()[0]}


def changing_calls(simulator):
    counted = simulator.counters()["by_endpoint"]
    return sum(counted.get(endpoint, 0) for endpoint in CHANGING)


def bring_to_zoom(zoom):
    """Do the jobs of all meetings, and return how many there are."""
    meetings = Meeting.objects.all()
    for meeting in meetings:
        reconcile.reconcile(meeting.pk, zoom)
    return len(meetings)


def preview(api, teacher, halaka, body):
    answer = api(teacher).patch(f"/api/v1/halaka/{halaka['id']}?dryRun=true", body)
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "preview"
    return answer.json()["data"]


def counts(data):
    return {name: data[name] for name in ("kept", "moved", "added", "removed")}


def test_dry_run_of_a_new_circle_says_what_would_be_and_saves_nothing(api, teacher, simulator):
    client, before = api(teacher), rows()

    answer = client.post("/api/v1/halaka/?dryRun=true", halaka_body())

    assert answer.status_code == 200, answer.content
    data = answer.json()["data"]
    assert (answer.json()["status"], answer.json()["message"]) == ("preview", "17 new sessions; Zoom: 1 call")
    assert data["sittings"][0] == {
        "startTime": f"{next_sunday()}T14:00:00Z",
        "endTime": f"{next_sunday()}T14:45:00Z",
        "localDate": next_sunday().isoformat(),
        "localTime": "17:00",
        "change": "added",
        "status": "scheduled",
        "clock": None,
        "substitute": None,
        "holiday": None,
    }
    assert counts(data) == {"kept": 0, "moved": 0, "added": 17, "removed": 0}
    assert (data["zoomCalls"], data["zoomMeetings"], data["clashes"]) == (1, 1, [])
    assert rows() == before
    assert changing_calls(simulator) == 0


def test_dry_run_names_the_clashes(api, teacher):
    created(api, teacher, title="Other", days=[0])
    before = rows()

    answer = api(teacher).post("/api/v1/halaka/?dryRun=true", halaka_body(startTime="17:30"))

    clashes = answer.json()["data"]["clashes"]
    assert len(clashes) == 9
    assert clashes[0]["startTime"] == f"{next_sunday()}T14:30:00Z"
    assert clashes[0]["blockedBy"].startswith("Other ")
    assert answer.json()["message"] == "17 new sessions; 9 clashes; Zoom: 1 call"
    assert rows() == before


def test_dry_run_says_that_a_schedule_is_none(api, teacher):
    answer = api(teacher).post("/api/v1/halaka/?dryRun=true", halaka_body(endDate="2020-01-01"))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_schedule")


def test_students_get_no_preview(api):
    answer = api(make_student()).post("/api/v1/halaka/?dryRun=true", halaka_body())

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("start_time", "month", "clock"),
    [("01:30", 3, "skipped"), ("01:30", 10, "repeated"), ("09:00", 3, None)],
    ids=["a time that does not exist", "a time that comes twice", "a time that is left alone"],
)
def test_dry_run_notes_where_the_clocks_change(api, teacher, start_time, month, clock):
    year = timezone.now().year + 1
    last = date(year, month, 31)
    changes_on = last - timedelta(days=(last.weekday() + 1) % 7)
    body = halaka_body(
        startDate=(changes_on - timedelta(weeks=2)).isoformat(),
        endDate=(changes_on + timedelta(weeks=2)).isoformat(),
        days=["Sunday"],
        startTime=start_time,
        timezone="Europe/Lisbon",
    )

    answer = api(teacher).post("/api/v1/halaka/?dryRun=true", body)

    notes = {occurrence["localDate"]: occurrence["clock"] for occurrence in answer.json()["data"]["sittings"]}
    assert len(notes) == 5
    assert {day: note for day, note in notes.items() if note} == ({changes_on.isoformat(): clock} if clock else {})


def test_dry_run_of_a_change_counts_what_moves_and_saves_nothing(api, teacher, simulator):
    halaka = created(api, teacher)
    before, calls = rows(), changing_calls(simulator)
    shown = Halaka.objects.values().get()

    data = preview(api, teacher, halaka, {"startTime": "18:30", "title": "Other"})

    assert counts(data) == {"kept": 0, "moved": 17, "added": 0, "removed": 0}
    assert (data["zoomCalls"], data["zoomMeetings"]) == (1, 1)
    assert rows() == before
    assert Halaka.objects.values().get() == shown
    assert changing_calls(simulator) == calls


def test_own_occurrences_do_not_clash_with_a_change_and_others_do(api, teacher):
    halaka = created(api, teacher)
    created(api, teacher, title="Other", startTime="18:00", days=[2])

    nearer = preview(api, teacher, halaka, {"startTime": "17:10"})
    later = preview(api, teacher, halaka, {"startTime": "17:30"})

    assert nearer["clashes"] == []
    assert len(later["clashes"]) == 8


CHANGES = {
    "nothing": ({}, (0, 1), {"kept": 17, "moved": 0, "added": 0, "removed": 0}),
    "words": ({"title": "Other"}, (1, 1), {"kept": 17, "moved": 0, "added": 0, "removed": 0}),
    "another time": ({"startTime": "18:30"}, (1, 1), {"kept": 0, "moved": 17, "added": 0, "removed": 0}),
    "other days": ({"days": [1, 3]}, (1, 1), {"kept": 0, "moved": 0, "added": 16, "removed": 17}),
    "two weeks more": ({"endDate": 10}, (1, 1), {"kept": 17, "moved": 0, "added": 4, "removed": 0}),
    "two weeks less": ({"endDate": 6}, (1, 1), {"kept": 13, "moved": 0, "added": 0, "removed": 4}),
    "from the fourth week on": (
        {"startTime": "18:30", "validFrom": 4},
        (2, 2),
        {"kept": 8, "moved": 9, "added": 0, "removed": 0},
    ),
    "a holiday": ({"except": [2]}, (1, 1), {"kept": 16, "moved": 0, "added": 0, "removed": 1}),
    "times of a period": (
        {"periods": [2, 3]},
        (3, 1),
        {"kept": 14, "moved": 3, "added": 0, "removed": 0},
    ),
    "three holidays": ({"except": [2, 3, 4]}, (3, 1), {"kept": 14, "moved": 0, "added": 0, "removed": 3}),
}


@pytest.mark.parametrize(("change", "zoom_costs", "expected"), CHANGES.values(), ids=CHANGES)
def test_change_costs_the_calls_that_were_counted(api, teacher, zoom, simulator, change, zoom_costs, expected):
    def on_sunday(weeks):
        return (next_sunday() + timedelta(weeks=weeks)).isoformat()

    body = {name: on_sunday(value) if isinstance(value, int) else value for name, value in change.items()}
    if "periods" in body:
        first, last = map(on_sunday, body["periods"])
        body["periods"] = [{"name": "Ramadan", "from": first, "until": last, "startTime": "21:00", "duration": 30}]
    if "except" in body:
        body["except"] = [on_sunday(weeks) for weeks in body["except"]]
    halaka = created(api, teacher)
    calls = changing_calls(simulator)

    data = preview(api, teacher, halaka, body)
    answer = api(teacher).patch(f"/api/v1/halaka/{halaka['id']}", body)
    bring_to_zoom(zoom)

    assert answer.status_code == 200, answer.content
    assert counts(data) == expected
    assert (data["zoomCalls"], data["zoomMeetings"]) == zoom_costs
    assert answer.json()["data"]["zoomCalls"] == data["zoomCalls"]
    assert changing_calls(simulator) - calls == data["zoomCalls"]
    held = [s for s in answer.json()["data"]["halaka"]["sittings"] if s["status"] != "cancelled"]
    planned = [s["startTime"] for s in data["sittings"] if s["status"] != "cancelled"]
    assert [s["startTime"] for s in held] == planned


@pytest.mark.parametrize(
    ("changes", "zoom_calls"),
    [
        ({}, 1),
        ({"endDate": 78}, 4),
        ({"except": [0, 3, 8]}, 2),
        ({"startTime": "23:30", "frequency": "biweekly"}, 1),
        ({"frequency": "monthly", "days": [5], "endDate": 52}, 1),
    ],
    ids=["one meeting", "a chain", "holidays at both ends and between", "every other week", "every month"],
)
def test_new_circle_costs_the_calls_that_were_counted(api, teacher, zoom, simulator, changes, zoom_calls):
    end, excluded = changes.get("endDate", 8), changes.get("except", [])
    body = halaka_body(**changes) | {
        "endDate": (next_sunday() + timedelta(weeks=end)).isoformat(),
        "except": [(next_sunday() + timedelta(weeks=week)).isoformat() for week in excluded],
    }
    planned = api(teacher).post("/api/v1/halaka/?dryRun=true", body).json()["data"]

    answer = api(teacher).post("/api/v1/halaka/", body)
    bring_to_zoom(zoom)

    assert answer.status_code == 201, answer.content
    assert answer.json()["data"]["zoomCalls"] == planned["zoomCalls"] == zoom_calls
    assert changing_calls(simulator) == zoom_calls


def test_decided_occurrences_cost_a_call_each_when_the_series_is_laid_out_anew(api, teacher, zoom, simulator):
    halaka = created(api, teacher)
    path = f"/api/v1/halaka/{halaka['id']}"
    first, second, third = halaka["sittings"][:3]
    later = datetime.fromisoformat(second["startTime"]) + timedelta(hours=2)
    api(teacher).patch(f"{path}/sittings/{second['id']}", {"startTime": later.astimezone(UTC).isoformat()})
    api(teacher).patch(f"{path}/sittings/{third['id']}", {"cancelled": True})
    calls = changing_calls(simulator)

    answer = api(teacher).patch(path, {"endDate": (next_sunday() + timedelta(weeks=9)).isoformat()})
    bring_to_zoom(zoom)

    assert answer.json()["data"]["zoomCalls"] == 3
    assert changing_calls(simulator) - calls == 3
    assert first["startTime"] == answer.json()["data"]["halaka"]["sittings"][0]["startTime"]
