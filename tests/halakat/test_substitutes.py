"""A substitute for one session: whose time it takes, and what the substitute may do."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from django.conf import settings

from classbell.meetings.models import Attendance, Claim, Occurrence
from classbell.notices.models import Notice
from tests.factories import make_student, make_teacher
from tests.factories_halakat import created, halaka_body

pytestmark = pytest.mark.usefixtures("zoom_hosts")


@pytest.fixture
def teacher():
    return make_teacher(first_name="Amina", last_name="Haddad", timezone="Asia/Riyadh")


@pytest.fixture
def substitute():
    return make_teacher(first_name="Omar", last_name="Said")


@pytest.fixture
def halaka(api, teacher):
    return created(api, teacher)


def give(api, person, halaka, occurrence, teacher_id):
    path = f"/api/v1/halaka/{halaka['id']}/sittings/{occurrence['id']}"
    return api(person).patch(path, {"teacherId": teacher_id})


def busy_at(person):
    claims = Claim.objects.filter(resource_id=person.pk, kind="teacher")
    return {claim.during.lower for claim in claims}


def begin(occurrence, *, minutes_ago=5):
    """Let a session have begun a moment ago."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=minutes_ago)
    Occurrence.objects.filter(pk=occurrence["id"]).update(
        original_starts_at=start, starts_at=start, ends_at=start + timedelta(minutes=45)
    )


def test_substitution_moves_the_claim_and_frees_the_regular_teacher(api, teacher, substitute, halaka):
    occurrence = halaka["sittings"][1]
    start = datetime.fromisoformat(occurrence["startTime"])

    answer = give(api, teacher, halaka, occurrence, str(substitute.pk))

    assert answer.status_code == 200, answer.content
    described = answer.json()["data"]["halaka"]["sittings"]
    assert [one["substitute"] and one["substitute"]["name"] for one in described[:3]] == [None, "Omar Said", None]
    assert busy_at(substitute) == {start}
    assert len(busy_at(teacher)) == 16
    assert start not in busy_at(teacher)
    other = api(teacher).post(
        "/api/v1/halaka/",
        halaka_body(title="Other", startDate=start.date().isoformat(), endDate=start.date().isoformat(), days=[2]),
    )
    assert other.status_code == 201, other.content
    assert (
        Notice.objects.get(user=substitute).path
        == f"/meetings/{Occurrence.objects.get(pk=occurrence['id']).meeting_id}/"
    )


def test_substitution_is_taken_back_with_null(api, teacher, substitute, halaka):
    occurrence = halaka["sittings"][1]
    give(api, teacher, halaka, occurrence, str(substitute.pk))

    answer = give(api, teacher, halaka, occurrence, None)

    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["halaka"]["sittings"][1]["substitute"] is None
    assert busy_at(substitute) == set()
    assert len(busy_at(teacher)) == 17
    assert not Occurrence.objects.get(pk=occurrence["id"]).is_exception


def test_busy_substitute_is_refused_without_a_word_of_what_they_have_and_nothing_changes(
    api, teacher, substitute, halaka
):
    created(api, substitute, title="حلقة أخرى")
    occurrence = halaka["sittings"][0]

    answer = give(api, teacher, halaka, occurrence, str(substitute.pk))

    assert (answer.status_code, answer.json()["code"]) == (400, "teacher_busy")
    assert answer.json()["message"] == "Omar Said already has something at that time."
    assert answer.json()["details"][0]["blocked_by"] == ""
    assert "حلقة أخرى" not in answer.content.decode()
    assert Occurrence.objects.get(pk=occurrence["id"]).substitute is None
    assert len(busy_at(teacher)) == 17


def test_taking_back_is_refused_by_name_when_the_regular_teacher_is_busy_by_now(api, teacher, substitute, halaka):
    occurrence = halaka["sittings"][0]
    give(api, teacher, halaka, occurrence, str(substitute.pk))
    day = occurrence["startTime"][:10]
    created(api, teacher, title="Other", startDate=day, endDate=day, days=[0])

    answer = give(api, teacher, halaka, occurrence, None)

    assert (answer.status_code, answer.json()["message"]) == (400, "Amina Haddad already has something at that time.")
    assert Occurrence.objects.get(pk=occurrence["id"]).substitute == substitute


def test_only_teachers_substitute(api, teacher, halaka):
    answer = give(api, teacher, halaka, halaka["sittings"][0], str(make_student().pk))

    assert (answer.status_code, answer.json()["code"]) == (400, "cannot_teach")


def test_moved_occurrence_keeps_its_substitute_and_takes_the_substitutes_time(api, teacher, substitute, halaka):
    occurrence = halaka["sittings"][0]
    later = datetime.fromisoformat(occurrence["startTime"]) + timedelta(hours=3)
    give(api, teacher, halaka, occurrence, str(substitute.pk))

    answer = api(teacher).patch(
        f"/api/v1/halaka/{halaka['id']}/sittings/{occurrence['id']}", {"startTime": later.isoformat()}
    )

    assert answer.status_code == 200, answer.content
    assert busy_at(substitute) == {later}


def test_substitute_sees_that_occurrence_only(api, teacher, substitute, halaka):
    occurrence = halaka["sittings"][1]
    meeting_id = Occurrence.objects.get(pk=occurrence["id"]).meeting_id
    before = api(substitute).get(f"/api/zoom/meetings/{meeting_id}").status_code
    give(api, teacher, halaka, occurrence, str(substitute.pk))

    answer = api(substitute).get(f"/api/zoom/meetings/{meeting_id}")

    assert (before, answer.status_code) == (404, 200)
    seen = answer.json()["meeting"]
    assert [one["id"] for one in seen["occurrences"]] == [occurrence["id"]]
    assert {seen.get(name) for name in ("startUrl", "joinUrl", "password")} == {None}


@pytest.mark.usefixtures("sdk_keys")
def test_substitute_starts_their_own_occurrence(api, teacher, substitute, halaka):
    occurrence, number = halaka["sittings"][0], halaka["zoomMeeting"]["meetingId"]
    give(api, teacher, halaka, occurrence, str(substitute.pk))
    begin(occurrence)
    host = Occurrence.objects.select_related("meeting__zoom_host").get(pk=occurrence["id"]).meeting.zoom_host
    assert host

    signed = api(substitute).post("/api/v1/zoom/signature", {"meetingNumber": number, "role": 1})
    entrance = api(substitute).get(f"/api/zoom/meetings/{number}/join")
    zak = api(substitute).post("/api/v1/zoom/zak-token", {"userId": host.email})

    assert signed.status_code == 201, signed.content
    secret = settings.ENVIRONMENT.zoom_sdk_secret.get_secret_value()
    assert jwt.decode(signed.json()["data"]["signature"], secret, algorithms=["HS256"])["role"] == 1
    assert entrance.json()["isHost"] is True
    assert "zak=" in entrance.json()["startUrl"]
    assert (zak.status_code, bool(zak.json()["zak"])) == (200, True)


@pytest.mark.usefixtures("sdk_keys")
def test_substitute_of_another_occurrence_is_kept_out(api, teacher, substitute, halaka):
    first, second = halaka["sittings"][:2]
    number = halaka["zoomMeeting"]["meetingId"]
    give(api, teacher, halaka, second, str(substitute.pk))
    begin(first)
    host = Occurrence.objects.select_related("meeting__zoom_host").get(pk=first["id"]).meeting.zoom_host
    assert host

    answers = {
        "role 1": api(substitute).post("/api/v1/zoom/signature", {"meetingNumber": number, "role": 1}),
        "role 0": api(substitute).post("/api/v1/zoom/signature", {"meetingNumber": number, "role": 0}),
        "join": api(substitute).get(f"/api/zoom/meetings/{number}/join"),
        "zak": api(substitute).post("/api/v1/zoom/zak-token", {"userId": host.email}),
    }

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 403)


def test_substitute_takes_attendance_of_their_occurrence_only(api, teacher, substitute, halaka):
    first, second = halaka["sittings"][:2]
    student = make_student()
    api(student).post(f"/api/v1/halaka/{halaka['id']}/join")
    give(api, teacher, halaka, second, str(substitute.pk))
    begin(first, minutes_ago=120)
    begin(second)
    for occurrence in (first, second):
        Attendance.objects.create(occurrence_id=occurrence["id"], user=student, computed_status="absent")
    path = f"/api/zoom/meetings/{Occurrence.objects.get(pk=second['id']).meeting_id}/attendance"
    overruled = {"status": "present", "reason": "Was there."}

    own = api(substitute).get(f"{path}?occurrence={second['id']}")
    changed = api(substitute).patch(f"{path}/{student.pk}?occurrence={second['id']}", overruled)
    other = api(substitute).get(f"{path}?occurrence={first['id']}")
    not_changed = api(substitute).patch(f"{path}/{student.pk}?occurrence={first['id']}", overruled)

    assert [record["student_id"] for record in own.json()["records"]] == [str(student.pk)]
    assert (changed.status_code, changed.json()["status"]) == (200, "present")
    assert (other.status_code, not_changed.status_code) == (404, 404)
    assert Attendance.objects.get(occurrence=first["id"]).status == "absent"
