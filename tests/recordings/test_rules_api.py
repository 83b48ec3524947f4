"""Consent and the rules for recordings, by API."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from classbell.accounts.models import User
from classbell.recordings.models import RecordingConsent, RecordingRules, RecordingText, WatchRule
from classbell.recordings.rules import watch_rule_of
from tests.api_client import ApiClient

Api = Callable[[User], ApiClient]


def ask(school, english: str = "You are recorded.") -> int:
    return RecordingText.write(english=english, arabic="", is_asked=True, by=school.admin, now=timezone.now()).version


@pytest.fixture
def coming(school):
    """The class's session is ahead."""
    now = timezone.now()
    school.meeting.occurrences.update(starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(minutes=50))
    return school


def test_no_link_is_handed_out_before_the_text_was_agreed_to(coming, api: Api) -> None:
    version, student = ask(coming), api(coming.student)
    meeting = f"/api/zoom/meetings/{coming.meeting.pk}"

    refused = student.get(f"{meeting}/join")
    before = student.get(meeting).json()["meeting"]
    asked = student.get("/api/recordings/consent").json()["consent"]
    agreed = student.post("/api/recordings/consent", {"version": version})
    after = student.get(meeting).json()["meeting"]

    assert (refused.status_code, refused.json()["code"]) == (403, "consent_needed")
    (told,) = refused.json()["details"]
    assert told == asked == {"version": version, "text": "You are recorded.", "language": "en"}
    assert (before["join_url"], before["password"], before["zoom_meeting_id"]) == (None, None, None)
    assert agreed.status_code == 200
    assert after["join_url"]
    assert student.get(f"{meeting}/join").json()["joinUrl"]
    assert student.get("/api/recordings/consent").json() == {"consent": None}


def test_who_holds_the_session_is_not_asked(coming, api: Api) -> None:
    ask(coming)

    assert api(coming.teacher).get(f"/api/zoom/meetings/{coming.meeting.pk}/join").json()["joinUrl"]


def test_guardian_agrees_for_the_child(coming, api: Api) -> None:
    version = ask(coming)

    answer = api(coming.guardian).post(f"/api/recordings/consent?student_id={coming.student.pk}", {"version": version})

    assert answer.status_code == 200
    kept = RecordingConsent.objects.get()
    assert (kept.person, kept.given_by) == (coming.student, coming.guardian)


def test_another_version_is_refused_and_agreeing_twice_is_one(coming, api: Api) -> None:
    old = ask(coming)
    new, student = ask(coming, "You are recorded, and kept."), api(coming.student)

    assert student.post("/api/recordings/consent", {"version": old}).json()["code"] == "text_changed"
    assert student.post("/api/recordings/consent", {"version": 0}).status_code in (400, 422)
    assert [student.post("/api/recordings/consent", {"version": new}).status_code for _time in range(2)] == [200, 200]
    assert RecordingConsent.objects.count() == 1


def test_admin_reads_and_changes_the_schools_rules(school, api: Api) -> None:
    admin = api(school.admin)

    changed = admin.patch("/api/recordings/rules", {"watchers": "students", "keep_days": 90}).json()["rules"]
    forever = admin.patch("/api/recordings/rules", {"keep_days": None}).json()["rules"]

    assert (changed["watchers"], changed["keep_days"], changed["notice_days"]) == ("students", 90, 7)
    assert (forever["watchers"], forever["keep_days"]) == ("students", None)
    assert RecordingRules.objects.get().watchers == "students"


@pytest.mark.parametrize("body", [{"watchers": "everybody"}, {"keep_days": 0}, {"notice_days": 61}])
def test_rules_that_cannot_be_name_their_field_and_change_nothing(school, api: Api, body: dict[str, object]) -> None:
    before = RecordingRules.objects.values().first()

    answer = api(school.admin).patch("/api/recordings/rules", body)

    assert answer.status_code in (400, 422)
    assert next(iter(body)) in answer.content.decode()
    assert RecordingRules.objects.values().first() == before


def test_group_and_meeting_have_rules_of_their_own_and_give_them_back(school, api: Api) -> None:
    admin = api(school.admin)
    group, meeting = f"groups/{school.group.pk}", f"meetings/{school.meeting.pk}"

    for path, watchers in ((group, "students"), (meeting, "nobody")):
        given = admin.put(f"/api/recordings/rules/{path}", {"watchers": watchers}).json()["rule"]
        assert (given["watchers"], given["may_download"]) == (watchers, False)
    assert watch_rule_of(school.meeting).watchers == "nobody"
    assert len(admin.get("/api/recordings/rules").json()["rules"]["own"]) == 2
    for path in (meeting, group):
        assert admin.delete(f"/api/recordings/rules/{path}").status_code == 200
        assert admin.get(f"/api/recordings/rules/{path}").json() == {"rule": None}
    assert not WatchRule.objects.exists()


def test_nobody_but_admins_changes_rules_and_unknown_ones_are_not_there(school, api: Api) -> None:
    path = f"/api/recordings/rules/meetings/{school.meeting.pk}"

    assert api(school.teacher).put(path, {"watchers": "nobody"}).status_code == 403
    assert api(school.admin).put(f"/api/recordings/rules/groups/{uuid4()}", {"watchers": "nobody"}).status_code == 404
