"""Django's admin pages about people."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from classbell.accounts.models import Role, User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, make_admin, make_student, make_teacher

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


@pytest.fixture
def admin() -> User:
    return make_admin()


@pytest.fixture
def pages(admin: User) -> Client:
    """A browser in which an admin is signed in."""
    client = Client()
    client.force_login(admin)
    return client


def test_teacher_has_no_admin_pages() -> None:
    client = Client()
    client.force_login(make_teacher())

    assert client.get(LIST).status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
def test_admin_pages_have_no_sign_in_of_their_own(method: str, admin: User) -> None:
    form = {"username": admin.email, "password": PASSWORD, "next": "/admin/"}
    client = Client()

    answer = getattr(client, method)("/admin/login/", form)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=%2Fadmin%2F")
    assert "sessionid" not in client.cookies


def test_admin_pages_ask_an_account_with_a_second_step_for_it(admin: User) -> None:
    TOTP.activate(admin, generate_totp_secret())
    client = Client()

    answer = client.post("/accounts/login/?next=/admin/", {"login": admin.email, "password": PASSWORD})

    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get(LIST).status_code == 302


def test_failures_to_sign_in_add_up_over_all_doors(admin: User) -> None:
    wrong, right = "not the password", {"email": admin.email, "password": PASSWORD}
    client = Client()

    for _ in range(2):
        client.post("/accounts/login/?next=/admin/", {"login": admin.email, "password": wrong})
    for _ in range(3):
        ApiClient().post("/api/auth/token", {"email": admin.email, "password": wrong})

    assert ApiClient().post("/api/auth/token", right).status_code == 429
    assert client.post("/accounts/login/", {"login": admin.email, "password": PASSWORD}).status_code != 302


def test_people_are_found_by_name_and_email(pages: Client) -> None:
    make_student(first_name="Zaynab")

    assert "Zaynab" in pages.get(LIST, {"q": "zayn"}).content.decode()


def test_person_is_added_in_lower_case_and_once(pages: Client) -> None:
    form = {"email": "New@School.Example", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}

    first, second = pages.post(f"{LIST}add/", form), pages.post(f"{LIST}add/", form)

    assert (first.status_code, second.status_code) == (302, 200)
    assert User.objects.filter(email="new@school.example").count() == 1
    assert "already has an account" in second.content.decode()


def test_person_is_changed_but_neither_email_nor_role(pages: Client) -> None:
    user = make_student()
    form = {"first_name": "Changed", "last_name": "", "timezone": "UTC", "locale": "ar", "avatar": "", "zoom_user": ""}

    answer = pages.post(
        reverse("admin:accounts_user_change", args=[user.pk]), form | {"email": "x@x.example", "role": "admin"}
    )

    changed = User.objects.get(pk=user.pk)
    assert answer.status_code == 302
    assert (changed.first_name, changed.locale) == ("Changed", "ar")
    assert (changed.email, changed.role) == (user.email, Role.STUDENT)


def test_timezone_that_there_is_not_is_refused(pages: Client) -> None:
    user = make_student()
    form = {"first_name": "A", "last_name": "", "timezone": "Europe", "locale": "ar", "avatar": "", "zoom_user": ""}

    answer = pages.post(reverse("admin:accounts_user_change", args=[user.pk]), form)

    assert "Write an IANA timezone" in answer.content.decode()


@pytest.mark.parametrize(
    ("action", "role", "is_active"),
    [
        ("make_student", Role.STUDENT, True),
        ("make_teacher", Role.TEACHER, True),
        ("make_admin", Role.ADMIN, True),
        ("deactivate", Role.TEACHER, False),
    ],
)
def test_action_changes_the_role_or_locks_out(pages: Client, action: str, role: Role, is_active: bool) -> None:
    user = make_teacher()

    pages.post(LIST, {"action": action, "_selected_action": [str(user.pk)]})

    user.refresh_from_db()
    assert (user.role, user.is_active) == (role, is_active)


def test_action_that_would_remove_the_last_admin_says_why_not(pages: Client, admin: User) -> None:
    answer = pages.post(LIST, {"action": "deactivate", "_selected_action": [str(admin.pk)]})

    admin.refresh_from_db()
    assert admin.is_active
    assert "the only admin" in str(next(iter(get_messages(answer.wsgi_request))))


def test_nobody_is_deleted(pages: Client) -> None:
    assert pages.post(reverse("admin:accounts_user_delete", args=[make_student().pk])).status_code == 403
