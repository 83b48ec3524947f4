"""Another secret key signs nobody out and ends no link, as long as the one before it is named and its day is not over."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client, RequestFactory
from django.urls import reverse

from classbell.accounts.cards import CardUnusable, Child, card_link, create_children, person_of_card
from classbell.accounts.invitations import InvitationUnusable, invitation_link, invited_person
from classbell.accounts.models import User
from classbell.accounts.password_links import password_link
from classbell.accounts.sign_in import authenticate
from classbell.accounts.tokens import (
    InvalidRefreshToken,
    issue_tokens,
    refresh_tokens,
    revoke_tokens,
    user_of_access_token,
)
from classbell.notices.feeds import token_of
from classbell.notices.models import CalendarFeed
from classbell.paging import PageQuery, paginate
from tests.factories import PASSWORD, make_student, make_teacher
from tests.secret_keys import secret_keys

pytestmark = pytest.mark.django_db

OLD, NEW = "the-key-of-before-long-enough-to-sign", "the-key-of-now-long-enough-to-sign-too"
KNOWN: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "without a day": lambda: secret_keys(NEW, OLD),
    "before its day": lambda: secret_keys(NEW, f"2999-12-31:{OLD}"),
}
UNKNOWN: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "not named": lambda: secret_keys(NEW),
    "its day is over": lambda: secret_keys(NEW, f"2020-12-31:{OLD}"),
}
still = pytest.mark.parametrize("keys", KNOWN.values(), ids=KNOWN)
no_more = pytest.mark.parametrize("keys", UNKNOWN.values(), ids=UNKNOWN)
Keys = Callable[[], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def _old_key() -> Iterator[None]:
    """Begin each test with the key of before."""
    with secret_keys(OLD):
        yield


@pytest.fixture
def teacher() -> User:
    return make_teacher()


@pytest.fixture
def child() -> User:
    (one,) = create_children([Child(first_name="Nour", last_name="Ali", contact="", timezone="UTC")])
    return one


def unasked() -> User:
    """Return somebody who has chosen no password yet."""
    person = make_student()
    person.set_unusable_password()
    person.save()
    return person


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def last_part(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


@still
def test_who_is_signed_in_stays_so_under_the_same_name_of_the_session(teacher: User, keys: Keys) -> None:
    browser, name = signed_in(teacher), Session.objects.values_list("pk", flat=True)
    before = list(name)

    with keys():
        answers = [browser.get("/me/").status_code for _twice in range(2)]

    assert answers == [200, 200]
    assert list(name) == before
    with secret_keys(NEW):
        assert browser.get("/me/").status_code == 200


@no_more
def test_a_session_ends_with_its_key(teacher: User, keys: Keys) -> None:
    browser = signed_in(teacher)

    with keys():
        assert browser.get("/me/").status_code == 302


@still
def test_a_new_password_ends_a_session_of_the_key_before_too(teacher: User, keys: Keys) -> None:
    browser = signed_in(teacher)

    with keys():
        teacher.set_password("another long password")
        teacher.save()

        assert browser.get("/me/").status_code == 302


@still
def test_a_new_password_of_ones_own_gives_the_session_another_name(teacher: User, keys: Keys) -> None:
    browser = signed_in(teacher)
    before = browser.cookies["sessionid"].value

    with keys():
        answer = browser.post(
            reverse("account_change_password"),
            {"oldpassword": PASSWORD, "password1": "correct horse 5", "password2": "correct horse 5"},
        )

        assert answer.status_code == 302
        assert browser.cookies["sessionid"].value != before


@still
def test_an_access_token_is_good(teacher: User, keys: Keys) -> None:
    token = issue_tokens(teacher).access_token

    with keys():
        assert user_of_access_token(token) == teacher
        teacher.set_password("another long password")
        teacher.save()
        assert user_of_access_token(token) is None


@no_more
def test_an_access_token_ends_with_its_key(teacher: User, keys: Keys) -> None:
    token = issue_tokens(teacher).access_token

    with keys():
        assert user_of_access_token(token) is None


@still
def test_a_refresh_token_is_good_once_and_leaves_access_tokens_good(teacher: User, keys: Keys) -> None:
    first = issue_tokens(teacher)

    with keys():
        second = refresh_tokens(first.refresh_token)
        assert user_of_access_token(first.access_token) == teacher
        with pytest.raises(InvalidRefreshToken):
            refresh_tokens(first.refresh_token)
        assert user_of_access_token(second.access_token) is None, "the sign-in of a copied token goes on"


@still
def test_what_a_refresh_token_brings_needs_the_key_before_no_more(teacher: User, keys: Keys) -> None:
    first = issue_tokens(teacher)

    with keys():
        second = refresh_tokens(first.refresh_token)

    with secret_keys(NEW):
        assert user_of_access_token(second.access_token) == teacher
        assert refresh_tokens(second.refresh_token)


@still
def test_signing_out_by_a_refresh_token(teacher: User, keys: Keys) -> None:
    first = issue_tokens(teacher)

    with keys():
        revoke_tokens(first.refresh_token)
        assert user_of_access_token(first.access_token) is None


@no_more
def test_a_refresh_token_ends_with_its_key(teacher: User, keys: Keys) -> None:
    first = issue_tokens(teacher)

    with keys(), pytest.raises(InvalidRefreshToken):
        refresh_tokens(first.refresh_token)


@still
def test_a_card_lets_in_until_there_is_a_newer_one(child: User, keys: Keys) -> None:
    card = last_part(card_link(child))

    with keys():
        assert person_of_card(card) == child
        child.set_unusable_password()
        child.save()
        with pytest.raises(CardUnusable):
            person_of_card(card)


@no_more
def test_a_card_ends_with_its_key(child: User, keys: Keys) -> None:
    card = last_part(card_link(child))

    with keys(), pytest.raises(CardUnusable):
        person_of_card(card)


@still
def test_an_invitation_is_good_until_it_is_used(keys: Keys) -> None:
    invited = unasked()
    link = last_part(invitation_link(invited))

    with keys():
        assert invited_person(link) == invited
        invited.set_password(PASSWORD)
        invited.save()
        with pytest.raises(InvitationUnusable):
            invited_person(link)


@no_more
def test_an_invitation_ends_with_its_key(keys: Keys) -> None:
    link = last_part(invitation_link(unasked()))

    with keys(), pytest.raises(InvitationUnusable):
        invited_person(link)


@pytest.mark.parametrize("keys", [*KNOWN.values(), *UNKNOWN.values()], ids=[*KNOWN, *UNKNOWN])
def test_a_link_for_a_new_password_is_good_with_its_key_and_not_without(teacher: User, keys: Keys) -> None:
    link = password_link(teacher)

    with keys():
        answer = Client().get(link)

    assert (answer.status_code == 302) is (keys in KNOWN.values())


@still
def test_a_place_in_a_list_and_undoing_are_good(keys: Keys) -> None:
    for _number in range(3):
        make_student()
    page = paginate(User.objects.all(), PageQuery(limit=2, cursor=None), by="email")
    undo = signing.dumps("was", salt="/path")

    with keys():
        rest = paginate(User.objects.all(), PageQuery(limit=2, cursor=page.next_cursor), by="email")
        assert len(rest.items) == 1
        assert signing.loads(undo, salt="/path") == "was"


@pytest.mark.parametrize("keys", [*KNOWN.values(), UNKNOWN["its day is over"]])
def test_second_steps_and_recovery_codes_go_on_as_long_as_the_key_is_named(teacher: User, keys: Keys) -> None:
    secret = generate_totp_secret()
    TOTP.activate(teacher, secret)
    codes = RecoveryCodes.activate(teacher)
    known = codes.get_unused_codes()

    with keys():
        assert RecoveryCodes(codes.instance).get_unused_codes() == known
        request = RequestFactory().post("/")
        assert authenticate(request, email=teacher.email, password=PASSWORD, code=known[0]) == teacher


def test_addresses_of_calendars_hang_on_no_key(teacher: User) -> None:
    browser = signed_in(teacher)
    browser.post(reverse("calendar-feed-open"))
    address = f"/api/calendar/{token_of(CalendarFeed.objects.get(user=teacher))}.ics"

    with secret_keys(NEW):
        assert Client().get(address).status_code == 200
