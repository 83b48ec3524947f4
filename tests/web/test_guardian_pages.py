"""A student's guardians on the student's page: read by teachers, named and removed by admins."""

import pytest

from classbell.accounts.guardian_models import Guardianship
from classbell.accounts.models import User
from tests.factories import guard, make_guardian
from tests.web.conftest import School, SignIn

pytestmark = pytest.mark.django_db
MOTHER = {"guardian-email": "huda@home.example", "guardian-first_name": "Huda", "guardian-relation": "mother"}


def page_of(person: User) -> str:
    return f"/people/{person.pk}/"


def test_admin_adds_a_guardian_on_a_students_page(school: School, sign_in: SignIn) -> None:
    added = sign_in(school.admin).post(f"{page_of(school.member)}guardians", MOTHER, follow=True)

    assert "Huda" in added.text
    assert "Mother" in added.text
    assert Guardianship.objects.get().guardian.email == "huda@home.example"


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(school: School, sign_in: SignIn) -> None:
    typed = MOTHER | {"guardian-email": school.member.email}

    refused = sign_in(school.admin).post(f"{page_of(school.member)}guardians", typed)

    assert refused.status_code == 400
    assert "This is the student&#x27;s own e-mail. Write the guardian&#x27;s." in refused.text
    assert 'value="Huda"' in refused.text
    assert not Guardianship.objects.exists()


def test_admin_removes_a_guardian(school: School, sign_in: SignIn) -> None:
    guardian = make_guardian(school.member, first_name="Huda", last_name="Saeed")
    remove = f"{page_of(school.member)}guardians/{guardian.pk}/remove"
    admin = sign_in(school.admin)

    removed, again = admin.post(remove, follow=True), admin.post(remove, follow=True)

    assert "sees nothing of theirs any more" in removed.text
    assert "This person is no guardian of this student." in again.text
    assert not Guardianship.objects.exists()


def test_teacher_of_the_student_reads_who_the_guardians_are_and_changes_nothing(
    school: School, sign_in: SignIn
) -> None:
    make_guardian(school.member, first_name="Huda", last_name="Saeed")

    seen = sign_in(school.teacher).get(page_of(school.member))

    assert "Huda Saeed" in seen.text
    assert "Add a guardian" not in seen.text


def test_who_teaches_or_is_an_admin_has_no_guardians_but_may_be_one(school: School, sign_in: SignIn) -> None:
    guard(school.teacher, school.member)

    seen = sign_in(school.admin).get(page_of(school.teacher))

    assert "Add a guardian" not in seen.text
    assert "Guardian of" in seen.text
    assert school.member.name in seen.text
