"""Whom a meeting is for: who sees it, who may join, and who is expected in it."""

from datetime import UTC, datetime, timedelta

import pytest

from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.audience import expected_people
from classbell.meetings.joining.enrolment import _expect
from classbell.meetings.models import (
    Attendance,
    Audience,
    Meeting,
    Occurrence,
    OccurrenceStatus,
    Registrant,
    RegistrantStatus,
    SyncStatus,
)
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_stay
from tests.factories_meetings import make_meeting, spec

pytestmark = pytest.mark.django_db

ROLES = ("member", "outsider", "invited", "other_teacher", "teacher", "admin")
ALWAYS = {"invited", "teacher", "admin"}
OPEN_TO = {
    Audience.CLASS: ALWAYS | {"member"},
    Audience.STUDENTS: ALWAYS | {"member", "outsider"},
    Audience.TEACHERS: ALWAYS | {"other_teacher"},
    Audience.EVERYONE: ALWAYS | {"member", "outsider", "other_teacher"},
    Audience.INVITED: ALWAYS,
}
EXPECTED = {audience: {"invited"} for audience in Audience} | {Audience.CLASS: {"invited", "member"}}
EVERY_AUDIENCE = pytest.mark.parametrize("audience", list(Audience))


@pytest.fixture
def people():
    return {
        "member": make_student(first_name="Member"),
        "outsider": make_student(first_name="Outsider"),
        "invited": make_student(first_name="Invited"),
        "other_teacher": make_teacher(),
        "teacher": make_teacher(),
        "admin": make_admin(),
    }


@pytest.fixture
def make(people):
    """Return a function that makes a running meeting for an audience, on Zoom, with one invited student."""

    def making(audience: Audience) -> Meeting:
        started = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)
        group = make_class(teacher=people["teacher"], students=[people["member"]])
        meeting = make_meeting(
            spec(people["teacher"], group=group, audience=audience, starts_at=started, timezone="UTC")
        )
        Registrant.objects.create(meeting=meeting, user=people["invited"])
        Meeting.objects.filter(pk=meeting.pk).update(
            sync_status=SyncStatus.SYNCED, zoom_meeting_id="81234567890", join_url="https://zoom.example/j/1"
        )
        return meeting

    return making


@EVERY_AUDIENCE
def test_a_meeting_is_listed_and_joined_by_its_audience_only(api, people, make, audience):
    meeting = make(audience)

    listed, joined = set(), set()
    for role in ROLES:
        client = api(people[role])
        if client.get("/api/zoom/meetings").json()["meetings"]:
            listed.add(role)
        if client.get(f"/api/zoom/meetings/{meeting.pk}/join").status_code == 200:
            joined.add(role)

    assert listed == joined == OPEN_TO[audience]


@EVERY_AUDIENCE
def test_a_meeting_does_not_exist_for_others(api, people, make, audience):
    meeting = make(audience)

    statuses = {
        role: api(people[role]).get(f"/api/zoom/meetings/{meeting.pk}/join").status_code
        for role in set(ROLES) - OPEN_TO[audience]
    }

    assert set(statuses.values()) <= {404}


@EVERY_AUDIENCE
def test_only_people_named_and_the_class_of_a_class_meeting_are_expected(people, make, audience):
    meeting = make(audience)

    found = {role for role in ROLES if expected_people(meeting).filter(pk=people[role].pk).exists()}

    assert found == EXPECTED[audience]


@EVERY_AUDIENCE
def test_whoever_comes_is_seen_and_only_who_was_expected_can_be_absent(api, people, make, audience):
    meeting = make(audience)
    occurrence = ended(meeting)
    for role in ("teacher", "outsider"):
        make_stay(occurrence, people[role], 0, 60)

    record_attendance(occurrence_id=occurrence.pk, now=occurrence.ends_at)

    records = {row.user.first_name: row.status for row in Attendance.objects.filter(occurrence=occurrence)}
    seen = api(people["admin"]).get(f"/api/zoom/meetings/{meeting.pk}/participants").json()
    assert records == {people[role].first_name: "absent" for role in EXPECTED[audience]}
    assert {stay["user_id"] for stay in seen["participants"]} == {
        str(people["teacher"].pk),
        str(people["outsider"].pk),
    }


def test_a_meeting_that_expects_nobody_says_so_and_shows_who_came(api, client, people, make):
    meeting = make(Audience.STUDENTS)
    Registrant.objects.all().delete()
    occurrence = ended(meeting)
    make_stay(occurrence, people["teacher"], 0, 60)
    make_stay(occurrence, people["outsider"], 5, 45)
    record_attendance(occurrence_id=occurrence.pk, now=occurrence.ends_at)

    answer = api(people["teacher"]).get(f"/api/zoom/meetings/{meeting.pk}/attendance").json()
    client.force_login(people["teacher"], backend="django.contrib.auth.backends.ModelBackend")
    page = " ".join(client.get(f"/meetings/{meeting.pk}/attendance/").content.decode().split())

    assert (answer["records"], answer["message"]) == (
        [],
        "Nobody was expected by name; see participants for who came",
    )
    assert f"<bdi>{people['outsider'].name}</bdi> · 40 minutes" in page


@pytest.mark.parametrize(
    ("audience", "invited"),
    [
        pytest.param(Audience.CLASS, False, id="expected-with-the-class"),
        pytest.param(Audience.INVITED, True, id="class-is-not-invited"),
        pytest.param(Audience.STUDENTS, True, id="nobody-expected-by-name"),
    ],
)
def test_registering_a_member_makes_them_expected_in_meetings_that_do_not_expect_the_class(
    people, make, audience, invited
):
    meeting = make(audience)

    _expect(meeting, people["member"])

    assert expected_people(meeting).filter(pk=people["member"].pk).exists()
    assert Registrant.objects.get(meeting=meeting, user=people["member"]).is_invited == invited


def test_registering_somebody_who_left_the_class_makes_them_expected_again(people, make):
    meeting, gone = make(Audience.CLASS), people["outsider"]
    Registrant.objects.create(meeting=meeting, user=gone, is_invited=False, status=RegistrantStatus.CANCELLED)

    _expect(meeting, gone)

    assert expected_people(meeting).filter(pk=gone.pk).exists()


def ended(meeting: Meeting) -> Occurrence:
    """Let a meeting's one session have run as planned, an hour ago."""
    occurrence = meeting.occurrences.get()
    occurrence.starts_at -= timedelta(hours=2)
    occurrence.ends_at -= timedelta(hours=2)
    occurrence.actual_starts_at, occurrence.actual_ends_at = occurrence.starts_at, occurrence.ends_at
    occurrence.status = OccurrenceStatus.ENDED
    occurrence.save()
    return occurrence
