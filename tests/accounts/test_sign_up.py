"""Signing up: as the school lets people, by a link that proves the address, and with nothing said of who has an account."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone

from classbell.accounts import sign_up
from classbell.accounts.invitations import invited_person
from classbell.accounts.models import Invitation, Role, User
from classbell.accounts.sign_up import AlreadyDecided, HasAccount, SignUpLinkUnusable, approve, ask, follow, refuse
from classbell.accounts.sign_up_models import SignUpMode, SignUpRequest, SignUpRole
from classbell.accounts.sign_up_rules import DomainRefused, SignUpClosed, Wanted, set_rule
from classbell.notices.models import Notice
from tests.at_once import at_once
from tests.factories import make_admin, make_student
from tests.web.html import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_goes_out")]
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
EMAIL = "noor@family.example"


@pytest.fixture
def mail_goes_out() -> Iterator[None]:
    with override_settings(EMAIL_HOST="mail.school.example"):
        yield


def let(role: SignUpRole = SignUpRole.STUDENT, mode: SignUpMode = SignUpMode.OPEN, *domains: str) -> None:
    set_rule(role=role, mode=mode, domains=domains)


def asked(email: str = EMAIL, role: SignUpRole = SignUpRole.STUDENT) -> str:
    """Ask for an account, and return the token of the mailed link."""
    ask(Wanted(email=email, role=role, first_name="Noor", timezone="Asia/Riyadh", locale="en"), now=NOW)
    sign_up.mail_link(request_id=SignUpRequest.objects.latest("made_at", "pk").pk)
    found = re.search(r"/sign-up/confirm/(\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def test_nobody_signs_up_while_the_school_says_nothing(client: Client) -> None:
    with pytest.raises(SignUpClosed):
        ask(Wanted(email=EMAIL, role=SignUpRole.STUDENT), now=NOW)

    assert "The school makes the accounts" in words(client.get("/sign-up/"))
    assert client.post("/sign-up/", {"email": EMAIL}).status_code == 403


def test_who_follows_the_link_has_an_account_and_chooses_a_password() -> None:
    let()

    user = follow(asked(), now=NOW)

    assert user is not None
    assert (user.email, user.role, user.timezone, user.has_usable_password()) == (
        EMAIL,
        Role.STUDENT,
        "Asia/Riyadh",
        False,
    )
    assert Invitation.objects.get().user == user


@pytest.mark.parametrize("role", [SignUpRole.TEACHER, SignUpRole.GUARDIAN])
def test_one_role_being_open_opens_no_other(role: SignUpRole) -> None:
    let(SignUpRole.STUDENT)

    with pytest.raises(SignUpClosed):
        ask(Wanted(email=EMAIL, role=role), now=NOW)


@pytest.mark.parametrize("email", [EMAIL, "x@evil-school.example", "x@sub.school.example"])
def test_only_addresses_of_the_schools_domains_sign_up_where_it_says_so(email: str) -> None:
    let(SignUpRole.STUDENT, SignUpMode.OPEN, "school.example")

    with pytest.raises(DomainRefused):
        ask(Wanted(email=email, role=SignUpRole.STUDENT), now=NOW)
    ask(Wanted(email="Noor@School.example", role=SignUpRole.STUDENT), now=NOW)


def test_the_link_is_kept_as_a_digest_and_works_once() -> None:
    let()
    token = asked()

    assert token not in str(SignUpRequest.objects.values())
    follow(token, now=NOW)
    with pytest.raises(SignUpLinkUnusable):
        follow(token, now=NOW)


@pytest.mark.parametrize("token", ["", "x", "a" * 300, "../../etc/passwd"])
def test_forged_links_open_nothing(token: str) -> None:
    let()
    SignUpRequest.objects.create(email=EMAIL, role=SignUpRole.STUDENT, made_at=NOW)

    with pytest.raises(SignUpLinkUnusable):
        follow(token, now=NOW)


def test_the_link_ends_after_two_days() -> None:
    let()
    token = asked()

    with pytest.raises(SignUpLinkUnusable):
        follow(token, now=NOW + timedelta(days=2))


def test_a_link_followed_after_the_school_has_closed_makes_nothing() -> None:
    let()
    token = asked()
    let(SignUpRole.STUDENT, SignUpMode.CLOSED)

    with pytest.raises(SignUpClosed):
        follow(token, now=NOW)
    assert not User.objects.exists()


def test_who_has_an_account_is_told_so_by_mail_and_the_page_says_the_same_to_all(client: Client) -> None:
    let()
    make_student(email=EMAIL)
    form = {"role": "student", "first_name": "Noor", "timezone": "Asia/Riyadh"}

    answers = [client.post("/sign-up/", form | {"email": one}, follow=True) for one in (EMAIL, "new@family.example")]
    for request in SignUpRequest.objects.order_by("made_at"):
        sign_up.mail_link(request_id=request.pk)

    assert words(answers[0]) == words(answers[1])
    assert [message.subject for message in mail.outbox] == [
        "You have an account already",
        "Confirm your e-mail address",
    ]
    assert "/sign-up/confirm/" not in mail.outbox[0].body


def test_nothing_is_mailed_to_who_was_deactivated() -> None:
    let()
    make_student(email=EMAIL, is_active=False)
    ask(Wanted(email=EMAIL, role=SignUpRole.STUDENT), now=NOW)

    sign_up.mail_link(request_id=SignUpRequest.objects.get().pk)

    assert not mail.outbox


def test_an_account_made_meanwhile_is_kept_as_it_is() -> None:
    let(SignUpRole.TEACHER)
    token = asked(role=SignUpRole.TEACHER)
    student = make_student(email=EMAIL)

    with pytest.raises(HasAccount):
        follow(token, now=NOW)
    student.refresh_from_db()
    assert student.role == Role.STUDENT


def test_programs_that_fill_in_everything_are_answered_alike_and_write_nothing(client: Client) -> None:
    let()
    form = {"role": "student", "first_name": "Noor", "timezone": "UTC", "email": EMAIL}

    answer = client.post("/sign-up/", form | {"website": "http://spam.example"})

    assert answer["Location"] == "/sign-up/sent"
    assert not SignUpRequest.objects.exists()


def test_one_address_is_written_to_so_often_and_no_more(client: Client) -> None:
    let()
    form = {"role": "student", "first_name": "Noor", "timezone": "UTC", "email": EMAIL}

    answers = [client.post("/sign-up/", form).status_code for _time in range(6)]

    assert answers == [302] * 5 + [429]


@pytest.mark.parametrize(
    ("field", "value"), [("email", "nobody"), ("role", "admin"), ("timezone", "Atlantis"), ("first_name", "")]
)
def test_what_cannot_be_is_refused_at_its_field(client: Client, field: str, value: str) -> None:
    let()
    form = {"role": "student", "first_name": "Noor", "timezone": "UTC", "email": EMAIL} | {field: value}

    answer = client.post("/sign-up/", form)

    assert answer.status_code == 400
    assert field in answer.context["form"].errors


def test_by_approval_admins_hear_of_it_and_nobody_has_an_account_before() -> None:
    admin = make_admin()
    let(SignUpRole.STUDENT, SignUpMode.APPROVAL)

    assert follow(asked(), now=NOW) is None

    assert not User.objects.filter(email=EMAIL).exists()
    assert Notice.objects.get(user=admin).kind == "sign_up_waits"
    assert [one.email for one in sign_up.waiting()] == [EMAIL]


def test_whoever_has_not_proven_the_address_waits_for_nobody() -> None:
    let(SignUpRole.STUDENT, SignUpMode.APPROVAL)
    asked()

    assert sign_up.waiting() == []


def test_approving_makes_the_account_and_invites() -> None:
    admin = make_admin()
    let(SignUpRole.TEACHER, SignUpMode.APPROVAL)
    follow(asked(role=SignUpRole.TEACHER), now=NOW)

    approve(request_id=SignUpRequest.objects.get().pk, by=admin, now=NOW)

    account = User.objects.get(email=EMAIL)
    assert (account.role, account.invitation.invited_by) == (Role.TEACHER, admin)
    assert SignUpRequest.objects.get().account == account


def test_refusing_makes_nothing_and_says_so_with_the_schools_words() -> None:
    let(SignUpRole.STUDENT, SignUpMode.APPROVAL)
    follow(asked(), now=NOW)
    (request,) = sign_up.waiting()

    refuse(request_id=request.pk, by=make_admin(), words="We are full until May.", now=NOW)
    sign_up.mail_refusal(request_id=request.pk)

    assert "We are full until May." in mail.outbox[-1].body
    assert not User.objects.filter(email=EMAIL).exists()
    with pytest.raises(AlreadyDecided):
        approve(request_id=request.pk, by=make_admin(), now=NOW)


def test_who_asks_twice_waits_once() -> None:
    let(SignUpRole.STUDENT, SignUpMode.APPROVAL)
    first, second = asked(), asked()
    follow(first, now=NOW)
    follow(second, now=NOW)

    assert len(sign_up.waiting()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_answer_at_once_one_does() -> None:
    admin = make_admin()
    let(SignUpRole.STUDENT, SignUpMode.APPROVAL)
    follow(asked(), now=NOW)
    (request,) = sign_up.waiting()

    outcomes = at_once(
        [
            lambda: approve(request_id=request.pk, by=admin, now=NOW),
            lambda: refuse(request_id=request.pk, by=admin, now=NOW),
        ]
    )

    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyDecided", "NoneType"]


@pytest.mark.django_db(transaction=True)
def test_a_link_followed_twice_at_once_makes_one_account() -> None:
    let()
    token = asked()

    outcomes = at_once([lambda: follow(token, now=NOW)] * 2)

    assert sum(isinstance(one, User) for one in outcomes) == 1
    assert User.objects.filter(email=EMAIL).count() == 1


def test_old_requests_are_forgotten_and_those_that_wait_are_not() -> None:
    let(SignUpRole.STUDENT, SignUpMode.APPROVAL)
    follow(asked(), now=NOW)
    asked("other@family.example")

    assert sign_up.forget_requests(now=NOW + timedelta(days=31)) == 1
    assert [one.email for one in SignUpRequest.objects.all()] == [EMAIL]


def test_from_the_page_to_the_password(client: Client) -> None:
    let()

    answer = client.post(f"/sign-up/confirm/{asked_now()}")

    assert answer.status_code == 302
    token = answer["Location"].rpartition("/")[2]
    assert invited_person(token).email == EMAIL


def asked_now() -> str:
    ask(Wanted(email=EMAIL, role=SignUpRole.STUDENT), now=timezone.now())
    sign_up.mail_link(request_id=SignUpRequest.objects.get().pk)
    return mail.outbox[-1].body.partition("/sign-up/confirm/")[2].split()[0]


def test_reading_the_link_alone_makes_nothing(client: Client) -> None:
    let()

    answer = client.get(f"/sign-up/confirm/{asked_now()}")

    assert EMAIL in words(answer)
    assert not User.objects.exists()
