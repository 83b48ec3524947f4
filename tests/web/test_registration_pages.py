"""Registering students at Zoom on pages: how each stands, who was refused, trying again."""

import pytest

from classbell.meetings.joining import registration
from classbell.meetings.models import Registrant, RegistrantStatus
from classbell.meetings.services import sync_now
from classbell.reasons import kept, of_zoom
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError, ZoomInvalid, ZoomUnavailable
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


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param("Zoom says no (code 3038).", "Zoom refused it. Someone has to look at it", id="kept-formerly"),
        pytest.param(ZoomInvalid("No (code 300)"), "Zoom does not accept what it was sent.", id="refused"),
        pytest.param(ZoomUnavailable("Timed out"), "Zoom does not answer just now.", id="no-answer"),
    ],
)
def test_refusal_and_its_reason_are_on_both_pages_and_zooms_own_words_for_admins(
    school: School, sign_in: SignIn, error: ZoomError | str, sentence: str
) -> None:
    row = refused(school)
    row.error, row.error_facts = kept(of_zoom(error) if isinstance(error, ZoomError) else error)
    row.save()
    addresses = f"/meetings/{school.meeting.pk}/", f"/classes/{school.group.pk}/registration/"

    for_teacher, for_admin = ([sign_in(who).get(page) for page in addresses] for who in (school.teacher, school.admin))

    assert "1 person could not be registered. " in words(for_teacher[0])
    assert all(sentence in words(page) for page in (*for_teacher, *for_admin))
    said = f'lang="en" dir="ltr">{error}</p>'
    assert [said in page.content.decode() for page in (*for_teacher, *for_admin)] == [False, False, True, True]
    assert "could not be registered" not in words(sign_in(school.member).get(addresses[0]))


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
