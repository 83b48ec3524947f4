"""Who comes in by an identity provider, and as what."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from classbell.accounts.invitations import invite_people
from classbell.accounts.models import Invitation, Role, User
from classbell.accounts.services import PersonInput
from classbell.audit.labels import in_words
from classbell.audit.queries import Asked, history
from tests.accounts.sso.conftest import Configure, signed_in
from tests.accounts.sso.openid_server import OpenIDServer, sign_in
from tests.at_once import at_once
from tests.factories import make_admin, make_student, make_teacher

pytestmark = pytest.mark.django_db

AMINA = "amina@school.example"
STAFF = {"claim": "groups", "value": "staff", "role": "teacher"}
HEADS = {"claim": "groups", "value": "heads", "role": "admin"}


def said(client: Client, openid: OpenIDServer) -> str:
    """Sign in, and return what the page says to who does not come in."""
    answer = sign_in(client, openid)
    assert answer.status_code == 403
    assert signed_in(client) is None
    return answer.content.decode()


@pytest.mark.parametrize("verified", [False, None, "false", 0], ids=["no", "unsaid", "no as text", "zero"])
def test_nobody_is_found_by_an_address_that_is_not_verified(
    client: Client, openid: OpenIDServer, configure: Configure, verified: Any
) -> None:
    make_student(email=AMINA)
    configure()
    openid.claims["email_verified"] = verified
    openid.userinfo = {"sub": "subject-1"}

    assert "has not verified" in said(client, openid)


def test_nobody_gets_an_account_by_themselves(client: Client, openid: OpenIDServer, configure: Configure) -> None:
    configure()

    assert "Ask the school to invite you" in said(client, openid)
    assert not User.objects.exists()


def test_people_of_an_allowed_domain_get_an_account_where_the_provider_may_make_them(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    configure(domains="school.example", makes_accounts=True)
    openid.claims |= {"given_name": "Amina", "family_name": "Haddad"}

    sign_in(client, openid)

    user = signed_in(client)
    assert user is not None
    assert (user.email, user.name, user.role) == (AMINA, "Amina Haddad", Role.STUDENT)
    assert not user.has_usable_password()


@pytest.mark.parametrize("email", ["amina@elsewhere.example", "amina@evil-school.example", "a@sub.school.example"])
def test_people_of_other_domains_do_not_come_in(
    client: Client, openid: OpenIDServer, configure: Configure, email: str
) -> None:
    make_student(email=email)
    configure(domains="school.example", makes_accounts=True)
    openid.claims["email"] = email

    assert "is not an address of the school" in said(client, openid)


def test_a_provider_that_gives_out_the_addresses_need_not_say_that_they_are_verified(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    amina = make_student(email=AMINA)
    configure(domains="school.example", vouches=True)
    openid.claims = {"email": AMINA}

    sign_in(client, openid)

    assert signed_in(client) == amina


def test_but_what_it_says_is_not_verified_is_not(client: Client, openid: OpenIDServer, configure: Configure) -> None:
    make_student(email=AMINA)
    configure(domains="school.example", vouches=True)
    openid.claims["email_verified"] = False

    assert "has not verified" in said(client, openid)


def test_the_account_of_somebody_who_was_invited_is_theirs_from_then_on(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    invite_people([PersonInput(email=AMINA, role=Role.TEACHER)], by=make_admin(), locale="ar", now=timezone.now())
    configure()

    sign_in(client, openid)

    user = signed_in(client)
    assert user is not None
    assert user.role == Role.TEACHER
    assert Invitation.objects.get(user=user).accepted_at is not None


def test_without_rules_roles_are_left_alone(client: Client, openid: OpenIDServer, configure: Configure) -> None:
    make_teacher(email=AMINA)
    configure()
    openid.claims["role"] = "admin"

    sign_in(client, openid)

    assert User.objects.get(email=AMINA).role == Role.TEACHER


def test_the_first_rule_that_fits_gives_the_role_at_every_sign_in(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    make_student(email=AMINA)
    configure(roles=(HEADS, STAFF), may_make_admins=True)
    openid.userinfo = {"sub": "subject-1"}
    seen = []

    for groups in (["staff"], ["staff", "heads"], ["somebody else's"], None):
        openid.claims["groups"] = groups
        make_admin()  # or the last one would stay
        sign_in(client, openid)
        seen.append(User.objects.get(email=AMINA).role)

    assert seen == ["teacher", "admin", "student", "student"]
    assert signed_in(client) is not None


def test_the_history_says_by_which_provider_and_which_rule(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    make_student(email=AMINA)
    configure(roles=(STAFF,))
    openid.claims["groups"] = ["staff"]

    sign_in(client, openid)

    (entry,) = in_words(history(Asked(kind="person"), limit=5).entries)
    assert entry.actor == "School account: groups = staff"
    assert [(change.name, change.before, change.after) for change in entry.changes] == [("Role", "Student", "Teacher")]


def test_signing_in_again_writes_no_history(client: Client, openid: OpenIDServer, configure: Configure) -> None:
    make_teacher(email=AMINA)
    configure(roles=(STAFF,))
    openid.claims["groups"] = ["staff"]

    sign_in(client, openid)

    assert not history(Asked(kind="person"), limit=5).entries


def test_a_provider_without_leave_makes_no_admins_and_unmakes_none(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    make_admin()
    make_admin(email=AMINA)
    configure(roles=(STAFF,))
    openid.claims["groups"] = ["staff"]

    sign_in(client, openid)

    assert User.objects.get(email=AMINA).role == Role.ADMIN


def test_the_last_admin_stays_admin_whatever_the_groups_say(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    admin = make_admin(email=AMINA)
    configure(roles=(STAFF, HEADS), may_make_admins=True)
    openid.claims["groups"] = ["staff"]

    sign_in(client, openid)

    assert signed_in(client) == admin
    assert User.objects.get(email=AMINA).role == Role.ADMIN


def test_too_many_groups_to_be_said_change_nothing(client: Client, openid: OpenIDServer, configure: Configure) -> None:
    make_teacher(email=AMINA)
    configure(roles=(STAFF,))
    openid.claims |= {"_claim_names": {"groups": "src1"}}
    openid.userinfo = {"sub": "subject-1"}

    sign_in(client, openid)

    assert User.objects.get(email=AMINA).role == Role.TEACHER


def test_a_new_role_ends_what_was_begun_with_the_old_one(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    amina = make_teacher(email=AMINA)
    elsewhere = Client()
    elsewhere.force_login(amina)
    configure(roles=(STAFF,))
    openid.claims["groups"] = ["students"]

    sign_in(client, openid)

    assert elsewhere.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 200


@pytest.mark.parametrize(
    ("claims", "comes_in"),
    [
        ({"email": "amina@school.example", "email_verified": True, "hd": "school.example"}, True),
        ({"email": "amina@gmail.com", "email_verified": True}, True),
        ({"email": "amina@school.example", "email_verified": True}, False),
        ({"email": "amina@school.example", "email_verified": False, "hd": "school.example"}, False),
    ],
    ids=["an organisation's", "Google's own", "once confirmed by whoever had it then", "not confirmed"],
)
def test_google_stands_for_addresses_of_its_organisations_and_its_own(
    openid: OpenIDServer, claims: dict[str, Any], comes_in: bool
) -> None:
    from classbell.accounts.sso.claims import identity_of

    google = openid.provider(issuer="https://accounts.google.com")

    assert identity_of(google, claims).is_verified is comes_in


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_make_one_account(openid: OpenIDServer, configure: Configure) -> None:
    configure(domains="school.example", makes_accounts=True)

    answers = at_once([lambda: sign_in(Client(), openid).status_code] * 2)

    assert answers == [302, 302]
    assert User.objects.count() == 1


def test_rule_may_make_a_teacher_a_student_too_and_takes_that_from_nobody(
    client: Client, openid: OpenIDServer, configure: Configure
) -> None:
    tutors = {"claim": "groups", "value": "tutors", "role": "teacher+student"}
    configure(roles=(tutors, STAFF))
    person = make_student(email=AMINA)

    for groups, roles in (
        (["tutors"], [Role.TEACHER, Role.STUDENT]),
        (["staff"], [Role.TEACHER, Role.STUDENT]),
        (["pupils"], [Role.STUDENT]),
    ):
        openid.claims["groups"] = groups
        sign_in(client, openid)
        person.refresh_from_db()
        assert person.roles == roles
