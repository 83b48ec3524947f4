"""People one by one over HTTP: made, changed, deactivated, let in again, by admins and their programs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import override_settings

from classbell.accounts.invitations import InvitationUnusable, invitation_link, invited_person
from classbell.accounts.models import Invitation, Role, User
from classbell.accounts.services import deactivate_person
from tests.api_client import ApiClient
from tests.factories import PASSWORD, make_admin, make_student, make_teacher
from tests.factories_keys import issue_key, program

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
PEOPLE = "/api/people"
NOUR = {"email": "Nour@School.example", "first_name": "Nour", "last_name": "Said", "roles": ["student"]}


def answered(answer: Any) -> tuple[int, str]:
    """Return an error's status and code."""
    return answer.status_code, answer.json()["code"]


def test_admin_makes_an_account(api: Api) -> None:
    made = api(make_admin()).post(PEOPLE, NOUR | {"timezone": "Asia/Riyadh", "locale": "ar", "external_id": "S-17"})

    user = User.objects.get(external_id="S-17")
    assert made.status_code == 201
    created_at = made.json()["person"].pop("created_at")
    assert created_at.endswith("Z")
    assert made.json()["person"] | {"created_at": None} == {
        "id": str(user.pk),
        "email": "nour@school.example",
        "first_name": "Nour",
        "last_name": "Said",
        "name": "Nour Said",
        "roles": ["student"],
        "timezone": "Asia/Riyadh",
        "locale": "ar",
        "external_id": "S-17",
        "is_active": True,
        "has_password": False,
        "created_at": None,
    }
    assert not Invitation.objects.exists()


def test_whoever_is_made_may_be_invited(api: Api) -> None:
    with override_settings(EMAIL_HOST=""):
        api(make_admin()).post(f"{PEOPLE}?invite=true", NOUR)

    assert Invitation.objects.get().user.email == "nour@school.example"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"roles": []}, "roles"),
        ({"roles": ["admin", "teacher"]}, "roles"),
        ({"roles": ["head"]}, "roles"),
        ({"timezone": "Riyadh"}, "timezone"),
        ({"locale": "fr"}, "locale"),
        ({"external_id": "x" * 65}, "external_id"),
        ({"first_name": "x" * 65}, "first_name"),
    ],
)
def test_what_is_wrong_is_named(api: Api, changed: dict[str, Any], field: str) -> None:
    refused = api(make_admin()).post(PEOPLE, NOUR | changed)

    assert answered(refused) == (400, "invalid_input")
    assert field in refused.json()["details"][0]["field"]
    assert User.objects.count() == 1


def test_teacher_who_learns_too_has_both_roles_and_is_found_by_either(api: Api) -> None:
    client = api(make_admin())
    made = client.post(PEOPLE, NOUR | {"roles": ["student", "teacher"]}).json()["person"]
    assert made["roles"] == ["teacher", "student"]
    for role in ("student", "teacher"):
        assert [one["id"] for one in client.get(PEOPLE, role=role).json()["people"]] == [made["id"]]

    changed = client.patch(f"{PEOPLE}/{made['id']}", {"roles": ["teacher"]})

    assert changed.json()["person"]["roles"] == ["teacher"]
    assert client.get(PEOPLE, role="student").json()["people"] == []


def test_address_and_external_id_are_one_persons(api: Api) -> None:
    client = api(make_admin())
    make_student(email="nour@school.example")
    make_student(external_id="S-17")

    assert answered(client.post(PEOPLE, NOUR)) == (400, "email_taken")
    assert answered(client.post(PEOPLE, NOUR | {"email": "n@school.example", "external_id": "S-17"})) == (
        400,
        "external_id_taken",
    )
    assert answered(client.post(PEOPLE, NOUR | {"email": "nour"})) == (400, "email_unusable")


def test_asking_twice_with_a_key_makes_one(api: Api) -> None:
    client = api(make_admin())

    answers = [client.post(PEOPLE, NOUR, idempotency_key="1") for _ in range(2)]

    assert answers[0].json() == answers[1].json()


def test_people_are_listed_and_found(api: Api) -> None:
    admin = make_admin()
    student, teacher, gone = make_student(external_id="S-17"), make_teacher(), make_student()
    deactivate_person(user_id=gone.pk)
    client = api(admin)

    def found(**query: Any) -> list[str]:
        return [one["id"] for one in client.get(PEOPLE, **query).json()["people"]]

    assert found() == [str(user.pk) for user in (admin, student, teacher, gone)]
    assert found(role="student", is_active="true") == [str(student.pk)]
    assert found(is_active="false") == [str(gone.pk)]
    assert found(external_id="S-17") == found(email=student.email.upper()) == [str(student.pk)]
    assert found(email="nobody@school.example") == []
    first = client.get(PEOPLE, limit=3).json()
    assert found(cursor=first["next_cursor"]) == [str(gone.pk)]


def test_named_fields_change_and_others_stay(api: Api) -> None:
    user = make_student(first_name="Nour", last_name="Said", external_id="S-17")

    changed = api(make_admin()).patch(
        f"{PEOPLE}/{user.pk}", {"last_name": "Ali", "roles": ["teacher"], "locale": "ar", "external_id": ""}
    )

    user.refresh_from_db()
    assert changed.json()["person"]["roles"] == ["teacher"]
    assert (user.first_name, user.last_name, user.role, user.locale) == ("Nour", "Ali", Role.TEACHER, "ar")
    assert user.external_id is None


def test_another_address_signs_in_and_the_one_before_does_not(api: Api) -> None:
    user = make_student(email="old@school.example")
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=user, email="old@school.example", primary=True, verified=True)

    api(make_admin()).patch(f"{PEOPLE}/{user.pk}", {"email": "New@School.example"})

    statuses = [
        ApiClient().post("/api/auth/token", {"email": email, "password": PASSWORD}).status_code
        for email in ("old@school.example", "new@school.example")
    ]
    assert statuses == [401, 200]


def test_another_address_ends_the_link_that_went_to_the_one_before(api: Api) -> None:
    user = make_student(password=None)
    token = invitation_link(user).rpartition("/")[2]

    api(make_admin()).patch(f"{PEOPLE}/{user.pk}", {"email": "right@school.example"})

    with pytest.raises(InvitationUnusable):
        invited_person(token)


def test_changing_to_what_somebody_else_has_is_refused(api: Api) -> None:
    user, other = make_student(), make_student(external_id="S-17")
    client = api(make_admin())

    assert answered(client.patch(f"{PEOPLE}/{user.pk}", {"email": other.email})) == (400, "email_taken")
    assert answered(client.patch(f"{PEOPLE}/{user.pk}", {"external_id": "S-17"})) == (400, "external_id_taken")
    assert answered(client.patch(f"{PEOPLE}/{user.pk}", {"email": "no address"})) == (400, "email_unusable")


def test_deactivated_is_out_and_let_in_again(api: Api) -> None:
    client, user = api(make_admin()), make_student()
    theirs = api(user)

    gone = client.post(f"{PEOPLE}/{user.pk}/deactivate")
    assert gone.json()["person"]["is_active"] is False
    assert theirs.get("/api/auth/me").status_code == 401

    assert client.post(f"{PEOPLE}/{user.pk}/reactivate").json()["person"]["is_active"] is True
    assert theirs.get("/api/auth/me").status_code == 401
    user.refresh_from_db()
    assert api(user).get("/api/auth/me").status_code == 200


def test_nobody_deactivates_themselves_or_the_last_admin(api: Api) -> None:
    admin = make_admin()
    client = api(admin)

    assert answered(client.post(f"{PEOPLE}/{admin.pk}/deactivate")) == (400, "yourself")
    assert answered(client.patch(f"{PEOPLE}/{admin.pk}", {"roles": ["teacher"]})) == (400, "last_admin")
    assert User.objects.get().is_admin


def test_program_keeps_people_by_its_scopes() -> None:
    reads, writes = program(issue_key("people:read")), program(issue_key("people:write"))

    assert reads.get(PEOPLE).status_code == 200
    assert answered(reads.post(PEOPLE, NOUR)) == (403, "scope_missing")
    assert writes.post(PEOPLE, NOUR).status_code == 201
    assert answered(writes.get(PEOPLE)) == (403, "scope_missing")


def test_program_makes_no_admin_and_changes_none() -> None:
    client, admin, student = program(issue_key("people:write")), make_admin(), make_student()

    refused = [
        client.post(PEOPLE, NOUR | {"roles": ["admin"]}),
        client.patch(f"{PEOPLE}/{student.pk}", {"roles": ["admin"]}),
        client.patch(f"{PEOPLE}/{admin.pk}", {"email": "mine@elsewhere.example"}),
        client.post(f"{PEOPLE}/{admin.pk}/deactivate"),
        client.post(f"{PEOPLE}/{admin.pk}/reactivate"),
    ]

    assert [answered(one) for one in refused] == [(403, "not_for_keys")] * 5
