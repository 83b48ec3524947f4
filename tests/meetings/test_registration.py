"""Registering people at Zoom, against the simulator."""

from datetime import UTC, datetime
from itertools import product

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.cards import Child, create_children
from classbell.accounts.models import Role, User
from classbell.accounts.services import deactivate_person
from classbell.groups.models import Membership
from classbell.groups.services import enrol_students, join_group, remove_students, take_out
from classbell.meetings import tasks
from classbell.meetings.audience import expected_people
from classbell.meetings.joining import registration
from classbell.meetings.models import Audience, Registrant, RegistrantStatus
from classbell.meetings.services import MeetingSpec, sync_now, want_meeting
from classbell.meetings.sync import sweeps
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_bookings import a_day_ahead

pytestmark = pytest.mark.usefixtures("zoom_hosts")


def class_meeting(group, *, rule="", registration_on=True, audience=Audience.CLASS):
    meeting = want_meeting(
        MeetingSpec(
            teacher=group.teachers.get(),
            group=group,
            title="Algebra",
            starts_at=a_day_ahead(),
            duration_minutes=45,
            timezone="UTC",
            rule=rule,
            registration=registration_on,
            audience=audience,
        ),
        now=datetime.now(UTC),
    )
    sync_now(meeting.pk)
    meeting.refresh_from_db()
    return meeting


def at_zoom(simulator, meeting):
    """Return the e-mails that Zoom has as approved registrants."""
    registrants = simulator.meeting(meeting.zoom_meeting_id)["registrants"]
    return sorted(one["email"] for one in registrants if one["status"] == "approved")


@pytest.mark.parametrize(
    ("rule", "endpoint"),
    [("", "batch_registrants"), ("FREQ=WEEKLY;COUNT=3", "registrants")],
    ids=["single meeting in batches", "series one by one"],
)
def test_members_are_registered_with_links_of_their_own(zoom, simulator, rule, endpoint):
    group = make_class(students=35)
    meeting = class_meeting(group, rule=rule)

    outcome = registration.register_everybody(meeting.pk, zoom)

    assert (len(outcome.registered), outcome.failed) == (35, {})
    assert at_zoom(simulator, meeting) == sorted(group.members.values_list("email", flat=True))
    links = set(Registrant.objects.filter(meeting=meeting).values_list("join_url", flat=True))
    assert len(links) == 35
    calls = simulator.counters()["by_endpoint"]
    expected_calls = {"batch_registrants": 2, "registrants": 35}[endpoint]
    assert calls[f"POST /meetings/{{meetingId}}/{endpoint}"] == expected_calls


def test_second_run_adds_nobody(zoom, simulator):
    meeting = class_meeting(make_class(students=3))
    registration.register_everybody(meeting.pk, zoom)
    before = simulator.counters()["by_endpoint"]

    registration.register_everybody(meeting.pk, zoom)

    after = simulator.counters()["by_endpoint"]
    assert {name for name in after if after[name] != before.get(name)} == {
        "GET /meetings/{meetingId}/registrants",
    }


def test_hosts_are_left_out(zoom, simulator):
    teacher = make_teacher()
    group = make_class(teacher=teacher, students=1)
    meeting = class_meeting(group)
    Registrant.objects.create(meeting=meeting, user=make_admin())

    registration.register_everybody(meeting.pk, zoom)

    assert at_zoom(simulator, meeting) == list(group.members.values_list("email", flat=True))


def test_late_member_is_added_and_leaver_taken_out(zoom, simulator):
    group = make_class(students=2)
    meeting = class_meeting(group)
    registration.register_everybody(meeting.pk, zoom)
    leaver, late = group.members.all()[0], make_student()

    remove_students(group_id=group.pk, students=[leaver])
    enrol_students(group_id=group.pk, students=[late])
    assert sweeps.meetings_lacking_registrants(now=datetime.now(UTC)) == [meeting.pk]
    registration.register_everybody(meeting.pk, zoom)

    assert at_zoom(simulator, meeting) == sorted(group.members.values_list("email", flat=True))
    assert Registrant.objects.get(meeting=meeting, user=leaver).status == RegistrantStatus.CANCELLED
    assert sweeps.meetings_lacking_registrants(now=datetime.now(UTC)) == []


def test_own_link_at_zoom_of_who_is_deactivated_ends_with_the_next_sweep(zoom, simulator):
    group = make_class(students=2)
    meeting = class_meeting(group)
    registration.register_everybody(meeting.pk, zoom)
    gone, stays = group.members.all()

    deactivate_person(user_id=gone.pk)
    assert sweeps.meetings_lacking_registrants(now=datetime.now(UTC)) == [meeting.pk]
    registration.register_everybody(meeting.pk, zoom)

    assert at_zoom(simulator, meeting) == [stays.email]
    assert sweeps.meetings_lacking_registrants(now=datetime.now(UTC)) == []


def test_meeting_that_cannot_be_registered_for_now_has_one_job(zoom, simulator):
    class_meeting(make_class(students=2))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

    for _quarter_of_a_minute in range(3):
        tasks.register_missing(timestamp=0)

    assert ProcrastinateJob.objects.filter(task_name="meetings.register_people").count() == 1


def test_who_is_put_back_is_registered_again(zoom, simulator):
    group = make_class(students=2)
    meeting = class_meeting(group)
    registration.register_everybody(meeting.pk, zoom)
    leaver = group.members.all()[0]
    joined_at = take_out(group_id=group.pk, student=leaver)
    registration.register_everybody(meeting.pk, zoom)

    assert joined_at
    join_group(group_id=group.pk, student=leaver, since=joined_at)
    assert sweeps.meetings_lacking_registrants(now=datetime.now(UTC)) == [meeting.pk]
    registration.register_everybody(meeting.pk, zoom)

    assert at_zoom(simulator, meeting) == sorted(group.members.values_list("email", flat=True))
    assert Registrant.objects.get(meeting=meeting, user=leaver).status == RegistrantStatus.APPROVED


def lacking():
    return sweeps.meetings_lacking_registrants(now=datetime.now(UTC))


def test_meeting_of_a_class_for_invited_people_lacks_nobody_else(zoom, simulator):
    group, guest = make_class(students=3), make_student()
    meeting = class_meeting(group, audience=Audience.INVITED)
    Registrant.objects.create(meeting=meeting, user=guest)
    assert lacking() == [meeting.pk]

    registration.register_everybody(meeting.pk, zoom)

    assert at_zoom(simulator, meeting) == [guest.email]
    assert lacking() == []


@pytest.mark.parametrize("is_invited", [False, True], ids=["member", "invited"])
@pytest.mark.parametrize("is_registered", [False, True], ids=["not yet registered", "registered"])
def test_who_becomes_an_admin_needs_no_registration(zoom, simulator, is_invited, is_registered):
    group, person = make_class(students=1), make_student()
    meeting = class_meeting(group)
    if is_invited:
        Registrant.objects.create(meeting=meeting, user=person)
    else:
        enrol_students(group_id=group.pk, students=[person])
    others = sorted(group.members.exclude(pk=person.pk).values_list("email", flat=True))
    if is_registered:
        registration.register_everybody(meeting.pk, zoom)
    User.objects.filter(pk=person.pk).update(role=Role.ADMIN)
    assert lacking() == [meeting.pk]

    registration.register_everybody(meeting.pk, zoom)

    assert at_zoom(simulator, meeting) == others
    assert lacking() == []
    assert expected_people(meeting).filter(pk=person.pk).exists()


@pytest.mark.parametrize("audience", Audience)
def test_what_is_found_lacking_is_settled_by_one_registration(zoom, audience):
    """Members, guests, teachers, admins, people who were shut out or refused: no mixture is asked for again and again."""
    roles = (Role.STUDENT, Role.TEACHER, Role.ADMIN)
    group = make_class()
    for role, is_active in product(roles, (True, False)):
        Membership.objects.create(group=group, user=make_student(role=role, is_active=is_active))
    meeting = class_meeting(group, audience=audience)
    for status, role, is_invited in product(RegistrantStatus, roles, (True, False)):
        Registrant.objects.create(meeting=meeting, user=make_student(role=role), status=status, is_invited=is_invited)

    registration.register_everybody(meeting.pk, zoom)

    assert lacking() == []


def test_one_refused_student_does_not_stop_the_rest(zoom, simulator, settings):
    group = make_class(students=[make_student(email="a@campus.example"), make_student(email="b@elsewhere.example")])
    meeting = class_meeting(group)
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"student_email_domains": "campus.example"})

    outcome = registration.register_everybody(meeting.pk, zoom)

    assert at_zoom(simulator, meeting) == ["a@campus.example"]
    (reason,) = outcome.failed.values()
    assert "b@elsewhere.example" in reason
    assert Registrant.objects.get(user__email="b@elsewhere.example").error_in_words == reason


def test_lost_answer_registers_nobody_twice(zoom, simulator):
    meeting = class_meeting(make_class(students=2), rule="FREQ=WEEKLY;COUNT=3")
    simulator.fault(
        kind="drop_response", method="POST", path=f"/v2/meetings/{meeting.zoom_meeting_id}/registrants", times=1
    )

    outcome = registration.register_everybody(meeting.pk, zoom)

    assert len(outcome.registered) == 2
    posts = simulator.counters()["by_endpoint"]["POST /meetings/{meetingId}/registrants"]
    assert posts == 2


def test_admin_registers_a_student_for_all_coming_meetings(api, simulator):
    group, student = make_class(students=1), make_student()
    enrol_students(group_id=group.pk, students=[student])
    meetings = [class_meeting(group, registration_on=False)]

    answer = api(make_admin()).post(
        "/api/zoom/meetings/register-student", {"studentId": str(student.pk), "classId": str(group.pk)}
    )

    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["message"], body["registered"], body["failed"]) == ("Registered for 1 meeting", 1, [])
    assert body["meetingIds"] == [str(meetings[0].pk)]
    assert student.email in at_zoom(simulator, meetings[0])


def child(name, contact):
    (one,) = create_children([Child(first_name=name, last_name="Ali", contact=contact, timezone="UTC")])
    return one


def test_child_without_an_address_is_registered_with_the_one_that_is_written_to(zoom, simulator):
    nour, member = child("Nour", "parent@x.example"), make_student()
    meeting = class_meeting(make_class(students=[nour, member]))

    registration.register_everybody(meeting.pk, zoom)

    assert at_zoom(simulator, meeting) == sorted(["parent@x.example", member.email])
    assert Registrant.objects.get(meeting=meeting, user=nour).join_url


def test_nobody_is_registered_with_an_address_that_is_not_theirs_alone(zoom, simulator):
    sara, omar = child("Sara", "parent@x.example"), child("Omar", "parent@x.example")
    of_member, alone, member = child("Nour", "m@x.example"), child("Zoe", ""), make_student(email="m@x.example")
    meeting = class_meeting(make_class(students=[sara, omar, of_member, alone, member]))

    outcome = registration.register_everybody(meeting.pk, zoom)

    assert at_zoom(simulator, meeting) == ["m@x.example"]
    assert outcome.registered == [member.pk]
    assert outcome.failed == {
        sara.pk: "Others of this meeting have parent@x.example too, and Zoom registers each address once.",
        omar.pk: "Others of this meeting have parent@x.example too, and Zoom registers each address once.",
        of_member.pk: "Others of this meeting have m@x.example too, and Zoom registers each address once.",
        alone.pk: "They have no e-mail address, and Zoom registers nobody without one.",
    }


def test_who_gets_another_address_is_registered_anew_and_the_old_one_taken_out(zoom, simulator):
    nour = child("Nour", "parent@x.example")
    meeting = class_meeting(make_class(students=[nour]))
    registration.register_everybody(meeting.pk, zoom)

    nour.contact_email = "other@x.example"
    nour.save(update_fields=["contact_email"])
    registration.register_everybody(meeting.pk, zoom)

    assert at_zoom(simulator, meeting) == ["other@x.example"]
    assert Registrant.objects.get(meeting=meeting, user=nour).status == RegistrantStatus.APPROVED
