"""Registering students at Zoom on pages: how each stands, who was refused, trying again."""

import pytest

from classbell.meetings.joining import registration
from classbell.meetings.models import Registrant, RegistrantStatus
from classbell.meetings.services import sync_now
from classbell.zoom.client import ZoomClient
from tests.factories import make_class, make_student, make_teacher
from tests.simulator import Simulator
from tests.web.conftest import School, SignIn, make_meeting, set_known
from tests.web.html import words


def refused(school: School) -> Registrant:
    """Record that Zoom refused the school's member."""
    set_known(school.meeting, registration=True)
    return Registrant.objects.create(
        meeting=school.meeting,
        user=school.member,
        is_invited=False,
        status=RegistrantStatus.FAILED,
        error="Zoom says no (code 3038).",
    )


def test_refusal_and_its_reason_are_on_both_pages(school: School, sign_in: SignIn) -> None:
    refused(school)
    browser = sign_in(school.teacher)

    meeting, group = (
        browser.get(f"/meetings/{school.meeting.pk}/"),
        browser.get(f"/classes/{school.group.pk}/registration/"),
    )

    assert "1 person could not be registered. " in words(meeting)
    assert all("Zoom says no (code 3038)." in words(page) for page in (meeting, group))
    assert "Zoom says no" not in words(sign_in(school.member).get(f"/meetings/{school.meeting.pk}/"))


def test_everybody_is_registered_by_jobs(school: School, sign_in: SignIn) -> None:
    page = sign_in(school.admin).post(f"/classes/{school.group.pk}/registration/all", follow=True)

    school.meeting.refresh_from_db()
    assert school.meeting.registration
    assert "Everybody is being registered for 1 meeting" in words(page)


def test_student_who_is_none_cannot_be_registered(school: School, sign_in: SignIn) -> None:
    address = f"/classes/{school.group.pk}/registration/{school.other_teacher.pk}"

    assert sign_in(school.admin).post(address).status_code == 404
    assert not Registrant.objects.exists()


def test_registering_without_zoom_says_so(school: School, sign_in: SignIn) -> None:
    page = sign_in(school.admin).post(f"/classes/{school.group.pk}/registration/{school.member.pk}", follow=True)

    assert "Zoom is not connected yet." in words(page)


def test_one_student_is_registered_at_zoom_now(
    zoom: ZoomClient, zoom_hosts: object, simulator: Simulator, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    school: School = request.getfixturevalue("school")
    student, teacher = make_student(), make_teacher()
    group = make_class(teacher=teacher, students=[student])
    meeting = make_meeting(teacher=teacher, group=group, title="Geometry")
    sync_now(meeting.pk)

    page = sign_in(school.admin).post(f"/classes/{group.pk}/registration/{student.pk}", follow=True)

    meeting.refresh_from_db()
    assert "Registered for 1 meeting" in words(page)
    registrants = simulator.meeting(meeting.zoom_meeting_id)["registrants"]
    assert [one["email"] for one in registrants] == [student.email]
    assert registration.is_open(meeting)
