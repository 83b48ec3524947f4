"""One account that teaches and learns: what it may follows from what it is for the thing at hand."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest

from classbell.accounts.models import Role, User
from classbell.accounts.services import RolesTogether, lead_of, set_role, set_roles
from classbell.bookings.errors import SlotUnavailable, StudentBusy, StudentTeaches
from classbell.bookings.models import Booking
from classbell.groups.people import looked_after_by
from classbell.groups.services import (
    NotStudents,
    TeachesAndLearns,
    add_teacher,
    enrol_student,
    enrol_students,
    set_teachers,
)
from classbell.meetings.models import Audience, Meeting
from classbell.meetings.occurrences import CannotTeach, change_occurrence
from classbell.meetings.services import want_meeting
from tests.api_client import ApiClient
from tests.at_once import at_once
from tests.factories import make_admin, make_class, make_student, make_teacher, make_teacher_who_learns
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_halakat import created
from tests.factories_meetings import spec

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
BOOKINGS = "/api/bookings/bookings"


@pytest.mark.parametrize(
    ("roles", "lead"),
    [
        (["student"], (Role.STUDENT, False)),
        (["teacher"], (Role.TEACHER, False)),
        (["student", "teacher"], (Role.TEACHER, True)),
        (["admin", "student", "student"], (Role.ADMIN, True)),
    ],
)
def test_what_leads_of_several_roles(roles: list[str], lead: tuple[Role, bool]) -> None:
    assert lead_of(roles) == lead


@pytest.mark.parametrize("roles", [[], ["teacher", "admin"], ["student", "teacher", "admin"], ["parent"]])
def test_roles_that_do_not_go_together(roles: list[str]) -> None:
    with pytest.raises(RolesTogether):
        lead_of(roles)


def test_one_role_is_taken_away_and_the_other_stays() -> None:
    make_admin()
    person = make_teacher()

    both = set_roles(user_id=person.pk, roles=["student", "teacher"])
    assert (both.roles, both.is_student, both.is_teacher) == ([Role.TEACHER, Role.STUDENT], True, True)
    assert User.objects.students().get() == both
    assert set_role(user_id=person.pk, role=Role.ADMIN).roles == [Role.ADMIN, Role.STUDENT]
    assert set_roles(user_id=person.pk, roles=["student"]).roles == [Role.STUDENT]
    assert not User.objects.get(pk=person.pk).learns


def test_teacher_who_learns_asks_another_teacher_for_a_lesson(api: Api) -> None:
    learner, teacher = make_tutor(learns=True), make_tutor()
    asked = {"teacher_id": str(teacher.pk), "start_time": a_day_ahead().isoformat()}

    booked = api(learner).post(f"{BOOKINGS}/", asked)
    make_booking(teacher=learner, starts_at=a_day_ahead(8))

    assert booked.status_code == 201, booked.content
    mine = {
        role: api(learner).get(f"{BOOKINGS}/my/", role=role).json()["bookings"] for role in ("student", "teacher", "")
    }
    assert [one["id"] for one in mine["student"]] == [booked.json()["id"]]
    assert [one["student"] == str(learner.pk) for one in mine["teacher"]] == [False]
    assert len(mine[""]) == 2
    assert api(learner).post(f"{BOOKINGS}/{booked.json()['id']}/confirm/").status_code == 403
    assert api(teacher).post(f"{BOOKINGS}/{booked.json()['id']}/confirm/").status_code == 200


def test_teacher_who_does_not_learn_asks_for_no_lesson(api: Api) -> None:
    asked = {"teacher_id": str(make_tutor().pk), "start_time": a_day_ahead().isoformat()}

    assert api(make_teacher()).post(f"{BOOKINGS}/", asked).status_code == 403


def test_nobody_books_a_lesson_with_themselves(api: Api) -> None:
    learner = make_tutor(learns=True)

    answer = api(learner).post(f"{BOOKINGS}/", {"teacher_id": str(learner.pk), "start_time": a_day_ahead().isoformat()})

    assert (answer.status_code, answer.json()["code"]) == (400, "own_lesson")
    assert not Booking.objects.exists()


def test_lesson_taken_and_lesson_given_at_one_time_clash() -> None:
    learner, teacher = make_tutor(learns=True), make_tutor()
    make_booking(teacher=teacher, student=learner, starts_at=a_day_ahead(7))
    make_booking(teacher=learner, starts_at=a_day_ahead(8))

    with pytest.raises(SlotUnavailable):
        make_booking(teacher=learner, starts_at=a_day_ahead(7))
    with pytest.raises(StudentTeaches, match="teaches at that time"):
        make_booking(teacher=teacher, student=learner, starts_at=a_day_ahead(8))


def test_class_one_teaches_is_no_time_for_a_lesson_whatever_one_says() -> None:
    learner, start = make_teacher_who_learns(), a_day_ahead()
    want_meeting(
        spec(learner, group=make_class(teacher=learner), starts_at=start, timezone="UTC"), now=datetime.now(UTC)
    )

    with pytest.raises(StudentTeaches):
        make_booking(student=learner, starts_at=start, despite_overlap=True)


@pytest.mark.django_db(transaction=True)
def test_lesson_taken_and_lesson_given_asked_for_at_once_are_one() -> None:
    learner, start = make_tutor(learns=True), a_day_ahead()
    other, student = make_tutor(), make_student()

    answers = at_once(
        [
            partial(make_booking, teacher=other, student=learner, starts_at=start),
            partial(make_booking, teacher=learner, student=student, starts_at=start),
        ]
    )

    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 1, answers
    assert isinstance(refused[0], SlotUnavailable | StudentBusy | StudentTeaches)
    assert Booking.objects.count() == 1


def test_teacher_who_learns_joins_a_circle_but_not_their_own(api: Api) -> None:
    learner = make_teacher_who_learns()
    theirs, own = created(api, make_teacher())["id"], created(api, learner, days=["Monday"])["id"]

    joined = api(learner).post(f"/api/v1/halaka/{theirs}/join")
    refused = api(learner).post(f"/api/v1/halaka/{own}/join")

    assert joined.status_code == 200, joined.content
    assert (refused.status_code, refused.json()["code"]) == (400, "teaches_and_learns")
    assert api(make_teacher()).post(f"/api/v1/halaka/{theirs}/join").status_code == 403


def test_nobody_teaches_the_group_they_learn_in() -> None:
    learner = make_teacher_who_learns()
    group = make_class(students=[learner])
    own = make_class(teacher=learner)

    for refused in (
        partial(add_teacher, group_id=group.pk, teacher=learner),
        partial(set_teachers, group_id=group.pk, teachers=[learner]),
        partial(enrol_students, group_id=own.pk, students=[make_student(), learner]),
    ):
        with pytest.raises(TeachesAndLearns):
            refused()
    with pytest.raises(NotStudents):
        enrol_student(group_id=group.pk, student=make_teacher())
    assert not own.memberships.exists()


def test_nobody_holds_a_session_of_the_group_they_learn_in() -> None:
    learner = make_teacher_who_learns()
    meeting = want_meeting(spec(make_teacher(), group=make_class(students=[learner])), now=datetime.now(UTC))

    with pytest.raises(CannotTeach, match="learns in this group"):
        change_occurrence(occurrence_id=meeting.occurrences.get().pk, teacher=learner, now=datetime.now(UTC))


def test_colleagues_look_after_who_learns_with_them_and_nobody_else() -> None:
    learner, colleague = make_teacher_who_learns(), make_teacher()
    make_class(teacher=colleague, students=[learner])

    assert list(looked_after_by(colleague)) == [learner]
    assert list(looked_after_by(make_teacher())) == []
    assert list(looked_after_by(make_student())) == []


def test_meetings_for_all_students_and_for_all_teachers_are_theirs_too() -> None:
    learner, host = make_teacher_who_learns(), make_teacher()
    for days, audience in ((7, Audience.STUDENTS), (8, Audience.TEACHERS)):
        want_meeting(spec(host, audience=audience, starts_at=a_day_ahead(days)), now=datetime.now(UTC))

    seen = Meeting.objects.visible_to(learner)

    assert {meeting.audience for meeting in seen} == {Audience.STUDENTS, Audience.TEACHERS}
    assert Meeting.objects.visible_to(make_student()).get().audience == Audience.STUDENTS
