"""“Times at Zoom”: what was open there outside the times of sessions, and saying that it was one."""

from datetime import timedelta

import pytest
from django.urls import reverse

from classbell.meetings.models import MeetingRun, Occurrence
from tests.web.html import words
from tests.zoom_events import put_on_zoom


@pytest.fixture
def session(school) -> Occurrence:
    """A session to come, with a run of two days before that is none."""
    session = put_on_zoom(school.meeting).occurrences.order_by("starts_at").first()
    assert session is not None
    started_at = session.starts_at - timedelta(days=2)
    MeetingRun.objects.create(
        zoom_instance_uuid="stray",
        zoom_meeting_id=session.meeting.zoom_meeting_id,
        started_at=started_at,
        ended_at=started_at + timedelta(minutes=50),
        seen_at=started_at,
    )
    return session


def decide(client, session: Occurrence, what: str) -> tuple[Occurrence | None, str]:
    """Answer the form, and return the run's session and the session's status."""
    run = MeetingRun.objects.get()
    client.post(reverse("meeting-run", args=[session.meeting_id, run.pk]), {"session": what})
    run.refresh_from_db()
    session.refresh_from_db()
    return run.occurrence, session.status


def test_teacher_is_told_of_runs_that_are_no_session_and_a_student_is_not(school, session, sign_in):
    page, runs = reverse("meeting", args=[session.meeting_id]), reverse("meeting-runs", args=[session.meeting_id])

    assert runs in sign_in(school.teacher).get(page).content.decode()
    assert "Near no session" in sign_in(school.teacher).get(runs).content.decode()
    assert runs not in sign_in(school.member).get(page).content.decode()


def test_teacher_says_that_it_was_the_session_and_takes_it_back(school, session, sign_in):
    client = sign_in(school.teacher)

    assert decide(client, session, str(session.pk)) == (session, "ended")
    assert decide(client, session, "none") == (None, "scheduled")
    assert decide(client, session, "time") == (None, "scheduled")
    assert MeetingRun.objects.get().decided_at is None


@pytest.mark.parametrize(("status", "said"), [("live", "It is open now."), ("ended", "No end was told of.")])
def test_run_without_an_end_is_open_only_while_its_session_is(school, session, sign_in, status, said):
    MeetingRun.objects.update(occurrence=session, ended_at=None)
    Occurrence.objects.filter(pk=session.pk).update(status=status)

    page = words(sign_in(school.teacher).get(reverse("meeting-runs", args=[session.meeting_id])))

    assert [text for text in ("It is open now.", "No end was told of.") if text in page] == [said]


def test_nothing_chosen_changes_nothing(school, session, sign_in):
    assert decide(sign_in(school.teacher), session, "") == (None, "scheduled")
