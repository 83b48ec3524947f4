"""Guardians: named by admins, invited, and theirs is what is asked anew each time."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import override_settings

from classbell.accounts import invitations
from classbell.accounts.guardian_models import Guardianship
from classbell.accounts.guardians.queries import guardians_of, may_act_for, wards_of
from classbell.accounts.guardians.services import NoStudent, OwnGuardian, add_guardian, remove_guardian
from classbell.accounts.models import Invitation, Role, User
from classbell.accounts.services import EmailUnusable, deactivate_person, set_role, set_roles
from classbell.errors import NotThere
from tests.api_client import ApiClient
from tests.at_once import at_once, done_at_once
from tests.factories import guard, make_admin, make_class, make_guardian, make_student, make_teacher

pytestmark = pytest.mark.django_db
Api = Callable[..., ApiClient]
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
MOTHER = {"email": "huda@home.example", "first_name": "Huda", "last_name": "Saeed", "relation": "mother"}


def path(student: User, *more: object) -> str:
    return "/".join(map(str, ("/api/people", student.pk, "guardians", *more)))


def named(student: User, email: str = "huda@home.example", **fields: Any) -> Guardianship:
    return add_guardian(student_id=student.pk, email=email, by=make_admin(), now=NOW, **fields)


def test_admin_names_a_guardian_who_is_given_an_account_and_invited(api: Api) -> None:
    student = make_student(timezone="Asia/Riyadh")

    made = api(make_admin()).post(path(student), MOTHER)

    guardian = User.objects.get(email="huda@home.example")
    assert made.status_code == 201
    since = made.json()["guardian"].pop("since")
    assert since.endswith("Z")
    assert made.json()["guardian"] == {
        "id": str(guardian.pk),
        "name": "Huda Saeed",
        "first_name": "Huda",
        "last_name": "Saeed",
        "email": "huda@home.example",
        "relation": "mother",
        "is_active": True,
        "has_password": False,
    }
    assert (guardian.roles, guardian.is_student, guardian.timezone) == ([Role.GUARDIAN], False, "Asia/Riyadh")
    assert Invitation.objects.get().user == guardian


@override_settings(EMAIL_HOST="mail.school.example")
def test_the_invitation_says_for_whom() -> None:
    student = make_student(first_name="Yusuf", last_name="Saeed")
    guardian = named(student).guardian

    invitations.mail_invitation(user_id=guardian.pk)

    (sent,) = mail.outbox
    assert sent.to == ["huda@home.example"]
    assert "Yusuf Saeed" in sent.body


def test_who_has_an_account_keeps_it_and_is_a_guardian_besides(api: Api) -> None:
    student, teacher = make_student(), make_teacher()

    made = api(make_admin()).post(path(student), {"email": teacher.email.upper(), "first_name": "Somebody"})

    teacher.refresh_from_db()
    assert made.json()["guardian"]["id"] == str(teacher.pk)
    assert (teacher.role, teacher.first_name) == (Role.TEACHER, "Teacher")
    assert not Invitation.objects.exists()
    assert list(wards_of(teacher)) == [student]


def test_naming_somebody_again_changes_nothing_but_the_relation() -> None:
    student = make_student()
    first = named(student, relation="aunt")

    again = named(student, relation="mother")

    assert again.pk == first.pk
    assert Guardianship.objects.get().relation == "mother"
    assert named(student).relation == "mother"


def test_a_student_has_several_guardians_and_a_guardian_several_students(api: Api) -> None:
    yusuf, maryam = make_student(first_name="Yusuf"), make_student(first_name="Maryam")
    mother, father = make_guardian(yusuf, maryam, relation="mother"), make_guardian(yusuf)

    assert set(guardians_of(yusuf.pk)) == {mother, father}
    assert set(guardians_of(maryam.pk)) == {mother}
    assert api(mother).get("/api/me/wards").json() == {
        "wards": [{"id": str(one.pk), "name": one.name, "relation": "mother"} for one in (maryam, yusuf)]
    }
    assert api(yusuf).get("/api/me/wards").json() == {"wards": []}


def test_only_students_have_guardians_and_nobody_their_own() -> None:
    student, learning = make_student(), make_teacher(learns=True)

    with pytest.raises(NoStudent):
        named(learning)
    with pytest.raises(OwnGuardian):
        named(student, email=student.email)
    with pytest.raises(EmailUnusable):
        named(student, email="huda at home")
    with pytest.raises(NotThere):
        add_guardian(student_id=uuid4(), email="a@b.example", by=make_admin(), now=NOW)
    assert not Guardianship.objects.exists()
    assert not User.objects.filter(role=Role.GUARDIAN).exists()


def test_only_admins_name_guardians_teachers_of_the_student_read_them(api: Api) -> None:
    teacher, other = make_teacher(), make_teacher()
    group = make_class(teacher=teacher, students=1)
    student = group.members.get()
    guardian = make_guardian(student, relation="mother")

    (seen,) = api(teacher).get(path(student)).json()["guardians"]

    assert (seen["id"], seen["relation"]) == (str(guardian.pk), "mother")
    for reader in (other, student, guardian, make_student()):
        assert api(reader).get(path(student)).status_code == 404
    for reader in (teacher, student, guardian):
        assert api(reader).post(path(student), MOTHER).status_code == 403
        assert api(reader).delete(path(student, guardian.pk)).status_code == 403


def test_removed_guardian_is_nobody_to_the_student_at_once(api: Api) -> None:
    student = make_student()
    guardian = make_guardian(student)
    before = api(guardian).get("/api/me/wards").json()

    gone = api(make_admin()).delete(path(student, guardian.pk))

    assert (len(before["wards"]), gone.status_code) == (1, 204)
    assert api(guardian).get("/api/me/wards").json() == {"wards": []}
    assert not may_act_for(guardian, student.pk)
    assert User.objects.get(pk=guardian.pk).is_active


def test_who_is_no_guardian_cannot_be_removed(api: Api) -> None:
    answer = api(make_admin()).delete(path(make_student(), make_guardian(make_student()).pk))

    assert (answer.status_code, answer.json()["error"]) == (404, "This person is no guardian of this student.")


def test_nobody_acts_for_who_is_deactivated_or_teaches_now() -> None:
    first, second, third = make_student(), make_student(), make_student()
    guardian = make_guardian(first, second, third)

    deactivate_person(user_id=first.pk)
    set_role(user_id=second.pk, role=Role.TEACHER, learns=True)

    assert list(wards_of(guardian)) == [third]
    assert [may_act_for(guardian, one.pk) for one in (first, second, third)] == [False, False, True]


def test_who_becomes_something_else_stays_a_guardian() -> None:
    student = make_student()
    guardian = make_guardian(student)

    set_roles(user_id=guardian.pk, roles=["guardian", "teacher"])

    guardian.refresh_from_db()
    assert guardian.roles == [Role.TEACHER]
    assert list(wards_of(guardian)) == [student]


def test_a_guardian_is_in_no_list_of_students() -> None:
    student = make_student()
    guardian = make_guardian(student)
    guard(make_student(), student)

    assert guardian not in User.objects.students()
    assert list(User.objects.of_role("guardian")) == [guardian]


@pytest.mark.django_db(transaction=True)
def test_named_twice_at_once_is_named_once() -> None:
    student, admin = make_student(), make_admin()

    done_at_once(
        [lambda: add_guardian(student_id=student.pk, email="huda@home.example", by=admin, now=NOW) for _ in range(2)]
    )

    assert Guardianship.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_removed_twice_at_once_is_removed_once() -> None:
    student = make_student()
    guardian = make_guardian(student)

    outcomes = at_once([lambda: remove_guardian(student_id=student.pk, guardian_id=guardian.pk) for _ in range(2)])

    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [NotThere]
    assert not Guardianship.objects.exists()
