"""A substitute counts as the teacher of their session: in what is judged, recognised and reported, and on the pages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from classbell.accounts.models import User
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.errors import OccurrenceOver
from classbell.meetings.models import MatchedBy, Meeting, Occurrence, OccurrenceOutcome
from classbell.meetings.occurrences import let_substitute
from classbell.meetings.presence.identity import Alias, Match, recognise
from classbell.meetings.reports.over_time import Scope, reported_occurrences, teachers
from classbell.meetings.services import sync_now
from tests.factories import make_admin, make_class, make_teacher
from tests.factories_attendance import make_occurrence, make_stay, minute
from tests.factories_meetings import make_meeting, weekly


@pytest.fixture
def substitute(db: None) -> User:
    return make_teacher()


@pytest.fixture
def occurrence(substitute: User) -> Occurrence:
    """A lesson that a substitute gave to one student."""
    group = make_class(students=1)
    occurrence = make_occurrence(group)
    Occurrence.objects.filter(pk=occurrence.pk).update(substitute=substitute)
    occurrence.refresh_from_db()
    make_stay(occurrence, substitute, 1, 60)
    make_stay(occurrence, group.members.get(), 2, 60)
    return occurrence


def test_substitute_is_judged_as_the_teacher(occurrence: Occurrence, substitute: User):
    record_attendance(occurrence_id=occurrence.pk, now=minute(70))

    outcome = OccurrenceOutcome.objects.get(occurrence=occurrence)
    assert (outcome.result, outcome.teacher_status) == ("held", "present")
    # Without a stay of the teacher's own, their presence would have been concluded from the meeting's start.
    assert "teacher_from_meeting" not in [reason["code"] for reason in outcome.teacher_reasons]
    assert not occurrence.attendances.filter(user=substitute).exists()


def test_lesson_counts_for_the_substitute_in_reports(occurrence: Occurrence, substitute: User):
    record_attendance(occurrence_id=occurrence.pk, now=minute(70))

    everything = Scope(reader=make_admin(), starts_at=occurrence.starts_at, ends_at=occurrence.ends_at)
    figures = teachers(everything, start=0, size=10).rows

    assert [(one.subject_id, one.held) for one in figures] == [(substitute.pk, 1)]
    assert list(reported_occurrences(substitute)) == [occurrence]


@pytest.mark.usefixtures("zoom_hosts")
def test_whoever_starts_the_meeting_with_its_licence_is_the_substitute(substitute: User):
    meeting = make_meeting(weekly())
    sync_now(meeting.pk)
    meeting = Meeting.objects.select_related("zoom_host").get()
    assert meeting.zoom_host is not None
    alias = Alias(
        name="Room 1", email="", registrant_id="", customer_key="", zoom_user_id=meeting.zoom_host.zoom_user_id
    )

    found = recognise(meeting, [alias], teacher_id=substitute.pk)

    assert found == {alias: Match(user_id=substitute.pk, by=MatchedBy.HOST)}


@pytest.mark.django_db(transaction=True)
def test_occurrence_that_has_begun_can_be_given_away_and_one_that_is_over_cannot(substitute: User):
    meeting = make_meeting(weekly())
    first = meeting.occurrences.order_by("starts_at")[0]

    let_substitute(occurrence_id=first.pk, teacher=substitute, now=first.starts_at + timedelta(minutes=5))

    assert Occurrence.objects.get(pk=first.pk).substitute == substitute
    with pytest.raises(OccurrenceOver):
        let_substitute(occurrence_id=first.pk, teacher=meeting.teacher, now=first.ends_at)


@pytest.mark.usefixtures("zoom_hosts")
@pytest.mark.parametrize(
    ("minutes_ahead", "start", "join"), [(10, 302, 302), (45, 403, 403)], ids=["about to begin", "too early"]
)
def test_page_lets_the_substitute_start_their_occurrence_in_time(
    substitute: User, minutes_ahead: int, start: int, join: int
):
    meeting = make_meeting(weekly())
    sync_now(meeting.pk)
    first = meeting.occurrences.order_by("starts_at")[0]
    soon = datetime.now(UTC) + timedelta(minutes=minutes_ahead)
    Occurrence.objects.filter(pk=first.pk).update(
        substitute=substitute, starts_at=soon, ends_at=soon + timedelta(hours=1)
    )
    client = Client()
    client.force_login(substitute)

    answers = [client.get(reverse(name, args=[meeting.pk])) for name in ("meeting-start", "meeting-join")]

    assert [answer.status_code for answer in answers] == [start, join]
    assert client.get(reverse("meeting", args=[meeting.pk])).status_code == 200
