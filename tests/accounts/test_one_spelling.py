"""An address has one spelling, wherever somebody shows up with it."""

import pytest
from django.core import mail
from django.test import Client

from classbell.accounts.models import User
from classbell.accounts.services import EmailUnusable, PersonInput, ensure_people
from tests.api_client import ApiClient
from tests.factories import make_student

pytestmark = pytest.mark.django_db

PASSWORD = "three words of nobody"
LOOK_ALIKE = "\N{KELVIN SIGN}halid@school.example"


@pytest.fixture
def khalid() -> User:
    user = make_student(email="khalid@school.example")
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


@pytest.mark.parametrize(
    ("email", "status"),
    [
        pytest.param("\u202aKhalid@School.example\u202c ", 200, id="hidden characters around it"),
        pytest.param(LOOK_ALIKE, 401, id="a letter that only looks like k"),
    ],
)
def test_app_signs_in_with_an_address_as_it_is_kept(khalid: User, email: str, status: int) -> None:
    assert ApiClient().post("/api/auth/token", {"email": email, "password": PASSWORD}).status_code == status


def test_page_signs_nobody_in_with_a_look_alike(khalid: User) -> None:
    client = Client()

    client.post("/accounts/login/", {"login": LOOK_ALIKE, "password": PASSWORD})

    assert "_auth_user_id" not in client.session


def test_page_signs_in_with_hidden_characters_around_an_address(khalid: User) -> None:
    client = Client()

    client.post("/accounts/login/", {"login": "\u200bKhalid@school.example\u202c", "password": PASSWORD})

    assert client.session["_auth_user_id"] == str(khalid.pk)


def test_nobody_asks_for_a_new_password_with_a_look_alike(khalid: User) -> None:
    assert Client().post("/accounts/password/reset/", {"email": LOOK_ALIKE}).status_code == 200
    assert mail.outbox == []


def test_invitation_to_a_look_alike_is_refused(khalid: User) -> None:
    with pytest.raises(EmailUnusable):
        ensure_people([PersonInput(email=LOOK_ALIKE)])


def test_nobody_is_found_by_a_look_alike(khalid: User) -> None:
    assert User.objects.by_email([LOOK_ALIKE]) == {}
    assert User.objects.by_email(["\ufeffKHALID@school.example"]) == {"khalid@school.example": khalid}
