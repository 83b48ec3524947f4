"""A series longer than Zoom takes in one meeting: one meeting here and there all the same, which is shown as it goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from classbell.groups.services import enrol_students
from classbell.meetings import occurrences, tasks
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.changes import change_meeting
from classbell.meetings.joining import registration
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus
from classbell.meetings.recurrence import ZOOM_MAX_OCCURRENCES
from classbell.meetings.services import sync_now
from classbell.meetings.sync.reconcile import reconcile
from classbell.meetings.sync.spec import FEWEST_SHOWN
from tests.factories import make_admin, make_class, make_student
from tests.factories_meetings import make_meeting, next_monday_at, spec
from tests.zoom_events import Run, tell

pytestmark = pytest.mark.usefixtures("zoom_hosts")

SESSIONS = 130
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def series(zoom_hosts: Any) -> Meeting:
    """A class of 130 sessions, on every day from Sunday to Thursday, on Zoom."""
    group = make_class(students=2)
    rule = f"FREQ=WEEKLY;BYDAY=SU,MO,TU,WE,TH;COUNT={SESSIONS}"
    meeting = make_meeting(
        spec(group.teachers.get(), group=group, rule=rule, starts_at=next_monday_at(9), timezone="Africa/Cairo")
    )
    sync_now(meeting.pk)
    meeting.refresh_from_db()
    return meeting


@pytest.fixture
def night(zoom, simulator):
    """Lets a night come after so many sessions of a meeting: time passes at Zoom too, and the two are compared."""

    def come(meeting: Meeting, *, after: int) -> list[datetime]:
        last = meeting.occurrences.order_by("original_starts_at")[after - 1].ends_at if after else timezone.now()
        simulator.clock((last - timezone.now()).total_seconds() + 1)
        reconcile(meeting.pk, zoom, verify=True, clock=lambda: last + timedelta(seconds=1))
        meeting.refresh_from_db()
        assert meeting.sync_status == "synced", meeting.sync_error
        return at_zoom(simulator, meeting, since=last)

    yield come
    simulator.clock(0)


def at_zoom(simulator: Any, meeting: Meeting, *, since: datetime | None = None) -> list[datetime]:
    """Return when Zoom says that a meeting takes place."""
    shown = simulator.meeting(meeting.zoom_meeting_id)["occurrences"]
    starts = [datetime.fromisoformat(one["start_time"]) for one in shown if one["status"] == "available"]
    return [start for start in starts if since is None or start > since]


def here(meeting: Meeting) -> list[Occurrence]:
    return list(meeting.occurrences.order_by("original_starts_at"))


def writes(simulator: Any) -> dict[str, int]:
    counted = simulator.counters()["by_endpoint"]
    return {name: n for name, n in counted.items() if name.startswith(("POST /users", "PATCH", "DELETE"))}


def test_zoom_is_shown_as_many_of_the_next_sessions_as_it_takes(series, simulator):
    starts = [session.starts_at for session in here(series)]

    assert len(starts) == SESSIONS
    assert at_zoom(simulator, series) == starts[:ZOOM_MAX_OCCURRENCES]
    assert writes(simulator) == {"POST /users/{userId}/meetings": 1}


def test_it_goes_on_as_the_same_meeting_to_its_last_session(series, simulator, night):
    starts = [session.starts_at for session in here(series)]
    was = series.zoom_meeting_id, series.join_url, series.password

    for after in range(10, SESSIONS, 10):
        shown = night(series, after=after)
        assert len(shown) >= min(FEWEST_SHOWN, SESSIONS - after)
        assert shown == starts[after : after + len(shown)]

    assert (series.zoom_meeting_id, series.join_url, series.password) == was
    assert writes(simulator) == {"POST /users/{userId}/meetings": 1, "PATCH /meetings/{meetingId}": 3}


def test_zoom_is_told_nothing_while_it_shows_enough(series, simulator, night):
    night(series, after=FEWEST_SHOWN - 1)

    assert writes(simulator) == {"POST /users/{userId}/meetings": 1}


def test_sessions_beyond_what_zoom_shows_are_cancelled_and_moved_like_any(series, simulator, night):
    sessions = here(series)
    cancelled, moved = sessions[60], sessions[62]
    occurrences.cancel_occurrence(occurrence_id=cancelled.pk, reason="Feast", now=timezone.now())
    later = moved.starts_at + 3 * HOUR
    occurrences.move_occurrence(occurrence_id=moved.pk, starts_at=later, duration_minutes=None, now=timezone.now())
    sync_now(series.pk)
    assert writes(simulator) == {"POST /users/{userId}/meetings": 1}

    shown = night(series, after=40)

    expected = [session.starts_at for session in here(series)[40:90] if session.pk != cancelled.pk]
    assert shown == sorted(expected)
    assert later in shown
    assert night(series, after=41) == shown[1:]
    assert writes(simulator)["PATCH /meetings/{meetingId}"] == 2  # the series, and the one that was moved


def test_other_times_hold_for_all_sessions_on_both_sides(series, simulator, night):
    link = series.join_url
    change_meeting(
        meeting_id=series.pk, changes={"starts_at": series.starts_at + 2 * HOUR}, now=timezone.now(), soon=True
    )
    sync_now(series.pk)
    series.refresh_from_db()
    starts = [session.starts_at for session in here(series)]

    assert at_zoom(simulator, series) == starts[:ZOOM_MAX_OCCURRENCES]
    assert night(series, after=40) == starts[40:90]
    assert series.join_url == link


def test_series_made_longer_and_shorter_stays_one_meeting(series, simulator, night):
    for count in (200, 20, 130):
        rule = f"FREQ=WEEKLY;BYDAY=SU,MO,TU,WE,TH;COUNT={count}"
        change_meeting(meeting_id=series.pk, changes={"rule": rule}, now=timezone.now(), soon=True)
        sync_now(series.pk)
        assert len(at_zoom(simulator, series)) == min(count, ZOOM_MAX_OCCURRENCES)
        assert series.occurrences.taking_place().count() == count

    (only,) = [one for one in simulator.state()["meetings"] if not one["deleted"]]
    assert str(only["id"]) == series.zoom_meeting_id


def test_registered_people_keep_their_links_and_newcomers_get_theirs(series, zoom, simulator, night):
    change_meeting(meeting_id=series.pk, changes={"registration": True}, now=timezone.now(), soon=True)
    sync_now(series.pk)
    registration.register_everybody(series.pk, zoom)
    links = dict(series.registrants.values_list("user", "join_url"))
    assert all(links.values())

    night(series, after=40)
    assert series.group is not None
    late = make_student()
    enrol_students(group_id=series.group.pk, students=[late])
    registration.register_everybody(series.pk, zoom)

    now = dict(series.registrants.values_list("user", "join_url"))
    assert {user: now[user] for user in links} == links
    assert now[late.pk]
    approved = [one for one in simulator.meeting(series.zoom_meeting_id)["registrants"] if one["status"] == "approved"]
    assert len(approved) == 3


def test_attendance_is_taken_on_both_sides(webhooks, series, night):
    first, beyond = here(series)[0], here(series)[70]
    for session in (first, beyond):
        run = Run(session)
        came, left = session.starts_at + MINUTE, session.ends_at - MINUTE
        who = {"email": series.group.members.first().email}
        tell(run.started(), run.joined(came, **who), run.left(left, **who), run.ended(session.ends_at))
        session.refresh_from_db()
        assert session.status == OccurrenceStatus.ENDED
        record_attendance(occurrence_id=session.pk, now=session.ends_at + HOUR)
        verdicts = dict(session.attendances.exclude(user=series.teacher).values_list("user__email", "status"))
        assert verdicts == {email: "present" if email == who["email"] else "absent" for email in verdicts}
        assert len(verdicts) == 2


def test_it_is_planned_by_api(api, simulator):
    group = make_class(students=[make_student()])
    body = {
        "title": "Arabic",
        "startTime": next_monday_at(9).isoformat(),
        "duration": 45,
        "timezone": "UTC",
        "recurrence": "FREQ=DAILY;COUNT=365",
        "classId": str(group.pk),
        "hostId": str(group.teachers.get().pk),
    }

    answer = api(make_admin()).post("/api/zoom/meetings", body)

    assert answer.status_code == 201, answer.content
    shown = answer.json()["meeting"]
    assert (shown["sync_status"], len(shown["occurrences"])) == ("synced", 365)
    last = shown["occurrences"][-1]["id"]
    path = f"/api/zoom/meetings/{shown['id']}"
    assert api(make_admin()).delete(f"{path}?occurrence_id={last}").status_code == 200
    assert Occurrence.objects.get(pk=last).is_cancelled
    assert len(at_zoom(simulator, Meeting.objects.get())) == ZOOM_MAX_OCCURRENCES


def test_every_night_each_is_compared(series, monkeypatch):
    compared: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks, "defer_reconcile", lambda ids, **how: compared.append({"ids": list(ids), **how}))

    tasks.sweep(timestamp=int(datetime.now(UTC).timestamp()))

    assert {"ids": [series.pk], "batch": True, "verify": True} in compared
