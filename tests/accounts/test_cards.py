"""Students without an address come in by a card, and nobody else does."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from django.core import mail
from django.test import Client

from classbell.accounts.cards import CardUnusable, Child, card_link, create_children, person_of_card, renew_card
from classbell.accounts.invitations import invitation_link, without_password
from classbell.accounts.models import User
from classbell.accounts.password_links import mail_password_link
from classbell.accounts.services import deactivate_person
from classbell.addresses import is_email
from classbell.config.api import api
from classbell.errors import NotThere
from classbell.groups.people import named
from classbell.wire import Output, ShownEmail
from tests.factories import make_student, make_teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def child() -> User:
    """A child whose parent has an address."""
    (one,) = create_children([Child(first_name="نور", last_name="علي", contact="parent@x.example", timezone="UTC")])
    return one


def token_of(user: User) -> str:
    """Return what stands on somebody's card."""
    return card_link(user).rpartition("/")[2]


def test_card_lets_its_student_in_by_a_click_and_not_by_being_looked_at(child: User) -> None:
    browser, path = Client(), f"/people/card/{token_of(child)}"

    looked = browser.get(path)
    before = browser.get("/me/").status_code
    came = browser.post(path)

    assert "نور علي" in looked.content.decode()
    assert before == 302
    assert came.status_code == 302
    assert browser.get("/me/").status_code == 200


def test_first_time_takes_language_and_clock_of_the_device_and_later_ones_neither(child: User) -> None:
    path = f"/people/card/{token_of(child)}"

    for language, zone in (("ar", "Asia%2FRiyadh"), ("en", "Europe%2FLisbon")):
        browser = Client(headers={"Accept-Language": language})
        browser.cookies["device_zone"] = zone
        browser.post(path)

    child.refresh_from_db()
    assert (child.locale, child.timezone) == ("ar", "Asia/Riyadh")


def test_who_comes_in_by_a_card_is_offered_no_password(child: User) -> None:
    browsers = Client(), Client()
    for browser, person in zip(browsers, (child, make_student()), strict=True):
        browser.force_login(person)

    pages = [browser.get("/me/").content.decode() for browser in browsers]

    assert ["/accounts/password/change/" in page for page in pages] == [False, True]


def test_new_card_ends_the_old_one_and_what_it_opened(child: User) -> None:
    browser, path = Client(), f"/people/card/{token_of(child)}"
    browser.post(path)

    renewed = renew_card(user_id=child.pk)

    assert browser.get("/me/").status_code == 302
    assert browser.post(path).status_code == 410
    assert person_of_card(token_of(renewed)) == child


def test_locked_account_is_not_opened_by_its_card(child: User) -> None:
    deactivate_person(user_id=child.pk)

    with pytest.raises(CardUnusable):
        person_of_card(token_of(child))


@pytest.mark.parametrize("make", [make_student, make_teacher])
def test_nobody_with_an_address_has_a_card(make: type) -> None:
    person = make()

    with pytest.raises(CardUnusable):
        person_of_card(token_of(person))
    with pytest.raises(NotThere):
        renew_card(user_id=person.pk)


@pytest.mark.parametrize("wrong", ["x", "a:b:c"])
def test_forged_card_opens_nothing(wrong: str) -> None:
    assert Client().post(f"/people/card/{wrong}").status_code == 410


def test_invitation_is_no_card_and_a_card_no_invitation(child: User) -> None:
    invitation = invitation_link(child).rpartition("/")[2]

    assert Client().get(f"/people/card/{invitation}").status_code == 410
    assert Client().get(f"/people/welcome/{token_of(child)}").status_code == 410


def test_child_is_written_to_at_the_contact_and_counts_as_without_a_password(child: User) -> None:
    assert (child.has_address, child.written_to) == (False, "parent@x.example")
    assert list(without_password(User.objects.all())) == [child]
    assert not mail.outbox


def test_address_that_stands_for_none_is_nobodys_to_type_find_or_be_sent_a_link_at(child: User) -> None:
    mail_password_link(email=child.email)
    found = [
        list(named(User.objects.all(), typed)) for typed in (child.email, "no-address", child.email[:6], "parent@x")
    ]

    assert not mail.outbox
    assert (child.address, is_email(child.email), User.objects.by_email([child.email])) == ("", False, {})
    assert found == [[], [], [], [child]]


def test_child_without_a_name_is_not_called_by_an_address(child: User) -> None:
    child.first_name = child.last_name = child.contact_email = ""

    assert child.name == "No name"


def test_every_answer_that_has_an_email_leaves_out_the_one_that_stands_for_none() -> None:
    """Answers are made of many models; their fields for e-mail are of the one type that knows."""
    assert api.get_openapi_schema()["components"]  # all modules with operations are loaded
    models = [model for model in _below(Output) if model.__module__.startswith("classbell.")]
    fields = {
        f"{model.__name__}.{name}": field
        for model in models
        for name, field in model.model_fields.items()
        if name in {"email", "user_email"}
    }
    assert len(fields) > 5
    assert [name for name, field in fields.items() if not _knows(field)] == []


def _below(model: type[Any]) -> Iterator[type[Any]]:
    for one in model.__subclasses__():
        yield one
        yield from _below(one)


def _knows(field: Any) -> bool:
    parts = [
        *field.metadata,
        *(one for part in get_args(field.annotation) for one in getattr(part, "__metadata__", ())),
    ]
    return any(one in parts for one in get_args(ShownEmail)[1:])
