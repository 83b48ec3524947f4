"""Inviting people: one account, one link, used once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings

from classbell.accounts import invitations
from classbell.accounts.invitations import InvitationUnusable, accept_invitation, invitation_link, invite_people
from classbell.accounts.models import Invitation, Role, User
from classbell.accounts.services import EmailUnusable, PersonInput, deactivate_person
from tests.at_once import at_once
from tests.factories import make_admin, make_teacher

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
PASSWORD = "three-words-of-nobody"


def invited(email: str = "rana@school.example", **fields: Any) -> User:
    """Invite somebody and return their account."""
    people = [PersonInput(email=email, role=Role.TEACHER, **fields)]
    (user,) = invite_people(people, by=make_admin(), locale="ar", now=NOW).sent
    user.refresh_from_db()
    return user


def token_of(user: User) -> str:
    return invitation_link(user).rpartition("/")[2]


def accept(token: str, *, password: str = PASSWORD) -> User:
    return accept_invitation(
        token, password=password, first_name="Rana", last_name="Saeed", timezone="Asia/Riyadh", now=NOW
    )


def test_invitation_makes_an_account_that_nobody_can_sign_in_with_yet() -> None:
    user = invited()

    assert (user.role, user.locale, user.has_usable_password()) == (Role.TEACHER, "ar", False)
    assert Invitation.objects.get().accepted_at is None


def test_accepted_invitation_sets_password_name_and_place() -> None:
    user = accept(token_of(invited()))

    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert (user.name, user.timezone) == ("Rana Saeed", "Asia/Riyadh")
    assert Invitation.objects.get().accepted_at == NOW


def test_invitation_link_works_once() -> None:
    token = token_of(invited())
    accept(token)

    with pytest.raises(InvitationUnusable):
        accept(token, password="another-three-words")


@pytest.mark.parametrize("token", ["", "x", "eyJ1c2VyIjoiMDEifQ:1xUjqv:forged"], ids=["empty", "noise", "forged"])
def test_forged_invitation_link_is_refused(token: str) -> None:
    with pytest.raises(InvitationUnusable):
        accept(token)


def test_invitation_link_ends_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(invited())
    monkeypatch.setattr(invitations, "VALID_FOR", timedelta(seconds=-1))

    with pytest.raises(InvitationUnusable):
        accept(token)


def test_deactivated_person_cannot_use_the_link() -> None:
    user = invited()
    token = token_of(user)
    deactivate_person(user_id=user.pk)

    with pytest.raises(InvitationUnusable):
        accept(token)


def test_whoever_can_sign_in_already_is_not_invited_and_keeps_their_role() -> None:
    teacher = make_teacher()
    teacher.set_password(PASSWORD)
    teacher.save()

    found = invite_people(
        [PersonInput(email=teacher.email.upper(), role=Role.ADMIN)], by=make_admin(), locale="en", now=NOW
    )

    teacher.refresh_from_db()
    assert (found.sent, found.not_needed) == ([], [teacher])
    assert teacher.role == Role.TEACHER


def test_one_unusable_address_invites_nobody() -> None:
    people = [PersonInput(email="good@school.example"), PersonInput(email="not-an-address")]

    with pytest.raises(EmailUnusable):
        invite_people(people, by=make_admin(), locale="en", now=NOW)

    assert not User.objects.filter(email="good@school.example").exists()


@override_settings(EMAIL_HOST="mail.school.example")
def test_invitation_mail_carries_the_link_in_the_language_chosen_for_it() -> None:
    user = invited()

    invitations.mail_invitation(user_id=user.pk)

    (sent,) = mail.outbox
    assert sent.to == ["rana@school.example"]
    assert "/people/welcome/" in sent.body


@pytest.mark.parametrize("host", ["", "mail.school.example"], ids=["no mail server", "has a password"])
def test_invitation_mail_is_not_sent_in_vain(host: str) -> None:
    user = invited()
    if host:
        accept(token_of(user))

    with override_settings(EMAIL_HOST=host):
        invitations.mail_invitation(user_id=user.pk)

    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_of_one_link_at_once_one_succeeds() -> None:
    token = token_of(invited())

    outcomes = at_once([lambda: accept(token), lambda: accept(token, password="another-three-words")])

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvitationUnusable", "User"]
