"""Making accounts, giving roles, deactivating people."""

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.accounts.models import Role, User
from classbell.accounts.services import (
    EmailTaken,
    EmailUnusable,
    LastAdmin,
    PersonInput,
    create_person,
    deactivate_person,
    ensure_people,
    set_role,
)
from classbell.errors import NotThere
from classbell.ids import uuid7
from tests.at_once import at_once, done_at_once
from tests.factories import make_admin, make_student, make_teacher

pytestmark = pytest.mark.django_db


def test_create_person_keeps_the_email_in_lower_case() -> None:
    user = create_person(PersonInput(email=" Amina@School.Example "))

    assert user.email == "amina@school.example"


def test_create_person_refuses_an_email_that_is_taken_in_another_case() -> None:
    make_student(email="amina@school.example")

    with pytest.raises(EmailTaken):
        create_person(PersonInput(email="AMINA@school.example"))


@pytest.mark.parametrize("email", ["", "amina", "amina@", "a b@school.example"])
def test_create_person_refuses_what_is_no_email(email: str) -> None:
    with pytest.raises(EmailUnusable):
        create_person(PersonInput(email=email))


def test_person_without_a_password_cannot_sign_in_with_any() -> None:
    user = create_person(PersonInput(email="amina@school.example"))

    assert not user.has_usable_password()


def test_ensure_people_creates_the_new_and_leaves_the_known() -> None:
    known = make_teacher(email="known@school.example", first_name="Old", last_name="")

    result = ensure_people(
        [
            PersonInput(email="KNOWN@school.example", first_name="New", last_name="Filled", role=Role.STUDENT),
            PersonInput(email="new@school.example", first_name="Nour", role=Role.TEACHER, timezone="Asia/Riyadh"),
        ]
    )

    new = User.objects.get(email="new@school.example")
    known.refresh_from_db()
    assert result.created == 1
    assert result.people == {"KNOWN@school.example": known, "new@school.example": new}
    assert (known.first_name, known.last_name, known.role) == ("Old", "Filled", Role.TEACHER)
    assert (new.first_name, new.role, new.timezone) == ("Nour", Role.TEACHER, "Asia/Riyadh")
    assert not new.has_usable_password()


def test_ensure_people_lets_the_first_of_several_entries_count() -> None:
    result = ensure_people(
        [PersonInput(email="a@school.example", role=Role.TEACHER), PersonInput(email="A@school.example")]
    )

    assert result.created == 1
    assert result.people["A@school.example"].role == Role.TEACHER


def test_ensure_people_twice_creates_nothing_the_second_time() -> None:
    people = [PersonInput(email=f"{n}@school.example") for n in range(3)]
    ensure_people(people)

    assert ensure_people(people).created == 0


@pytest.mark.parametrize("count", [1, 300], ids=["one", "three hundred"])
def test_ensure_people_costs_the_same_statements_however_many(count: int) -> None:
    make_student(email="known@school.example", first_name="")
    people = [PersonInput(email="known@school.example", first_name="Now")]
    people += [PersonInput(email=f"{n}@school.example") for n in range(count)]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        ensure_people(people)

    statements = [q["sql"].split()[0] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert statements == ["SELECT", "INSERT", "SELECT", "SELECT", "UPDATE"]


def test_ensure_people_names_every_unusable_email_and_creates_nobody() -> None:
    with pytest.raises(EmailUnusable) as refused:
        ensure_people([PersonInput(email=email) for email in ("good@school.example", "bad", "worse@")])

    assert refused.value.details == [{"email": "bad"}, {"email": "worse@"}]
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_people_at_once_make_each_account_once() -> None:
    people = [PersonInput(email=f"{n}@school.example") for n in range(50)]

    results = done_at_once([lambda: ensure_people(people), lambda: ensure_people(list(reversed(people)))])

    assert User.objects.count() == 50
    assert sum(result.created for result in results) == 50
    assert all(len(result.people) == 50 for result in results)


def test_set_role_opens_and_closes_the_admin_pages() -> None:
    make_admin()
    teacher = make_teacher()

    promoted = set_role(user_id=teacher.pk, role=Role.ADMIN)
    assert (promoted.role, promoted.is_staff, promoted.is_superuser) == (Role.ADMIN, True, True)

    demoted = set_role(user_id=teacher.pk, role=Role.TEACHER)
    assert (demoted.role, demoted.is_staff, demoted.is_superuser) == (Role.TEACHER, False, False)


def test_last_admin_can_neither_be_demoted_nor_deactivated() -> None:
    admin = make_admin()
    deactivate_person(user_id=make_admin().pk)

    with pytest.raises(LastAdmin):
        set_role(user_id=admin.pk, role=Role.TEACHER)
    with pytest.raises(LastAdmin):
        deactivate_person(user_id=admin.pk)


@pytest.mark.django_db(transaction=True)
def test_two_admins_cannot_deactivate_each_other_at_once() -> None:
    admins = [make_admin(), make_admin()]

    results = at_once([partial(deactivate_person, user_id=admin.pk) for admin in admins])

    assert User.objects.filter(is_active=True).count() == 1
    assert sorted(type(result).__name__ for result in results) == ["LastAdmin", "User"]


def test_deactivating_nobody_is_said() -> None:
    with pytest.raises(NotThere):
        deactivate_person(user_id=uuid7())
