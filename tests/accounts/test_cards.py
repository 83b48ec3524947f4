"""Students without an address come in by a card, and nobody else does."""

import pytest
from django.core import mail
from django.test import Client

from classbell.accounts.cards import CardUnusable, Child, card_link, create_children, person_of_card, renew_card
from classbell.accounts.invitations import invitation_link, without_password
from classbell.accounts.models import User
from classbell.accounts.services import deactivate_person
from classbell.errors import NotThere
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
