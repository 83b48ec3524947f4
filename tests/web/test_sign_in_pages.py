"""The pages on which admins set up where people sign in."""

import json
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from classbell.accounts.invitations import mail_invitation
from classbell.accounts.models import IdentityProvider, SignInPolicy, User
from classbell.accounts.password_links import mail_password_link
from classbell.accounts.services import AlwaysIn, deactivate_person, set_role
from classbell.accounts.sso.provider import Provider
from classbell.accounts.sso.providers import add_provider, find_provider
from tests.accounts.sso import saml_idp
from tests.api_client import ApiClient
from tests.factories import PASSWORD, make_admin, make_student

pytestmark = pytest.mark.django_db

SECRET = "a client secret"
FIELDS = {
    "name": "School account",
    "slug": "school",
    "issuer": "https://login.school.example",
    "client_id": "classbell",
    "client_secret": SECRET,
    "domains": "school.example, @pupils.school.example",
    "roles": "groups = teachers: teacher, student\nrealm_access.roles = head: Admin",
    "may_make_admins": "on",
    "is_on": "on",
}
SAID: dict[str, Any] = {
    "slug": "school",
    "name": "School account",
    "issuer": "https://login.school.example",
    "client_id": "classbell",
}


@pytest.fixture
def admin(client: Client) -> User:
    admin = make_admin(email="head@school.example")
    client.force_login(admin)
    return admin


def test_an_admin_adds_a_provider(client: Client, admin: User) -> None:
    answer = client.post("/sign-in/new/openid", FIELDS, follow=True)

    page = answer.content.decode()
    assert "http://localhost:8000/accounts/oidc/school/callback" in page
    assert SECRET not in page
    kept = find_provider("school")
    assert kept is not None
    assert kept.client_secret.get_secret_value() == SECRET
    assert kept.domains == ("school.example", "pupils.school.example")
    assert [(rule.claim, rule.role) for rule in kept.roles] == [
        ("groups", "teacher+student"),
        ("realm_access.roles", "admin"),
    ]
    assert "School account" in Client().get("/accounts/login/").content.decode()


def test_the_secret_is_encrypted_in_the_database(client: Client, admin: User) -> None:
    client.post("/sign-in/new/openid", FIELDS)

    row = IdentityProvider.objects.get()
    assert SECRET.encode() not in bytes(row.secret)
    assert SECRET not in json.dumps(row.said)


def test_a_changed_provider_keeps_its_secret_unless_another_is_written(client: Client, admin: User) -> None:
    client.post("/sign-in/new/openid", FIELDS)

    client.post("/sign-in/school/", FIELDS | {"name": "New name", "client_secret": ""})

    kept = find_provider("school")
    assert kept is not None
    assert (kept.name, kept.client_secret.get_secret_value()) == ("New name", SECRET)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"issuer": "http://login.school.example"}, "begins with https://"),
        ({"issuer": "https://login.microsoftonline.com/common/v2.0"}, "your own tenant"),
        ({"domains": "school"}, "stands after the @"),
        ({"domains": "", "vouches": "on"}, "Name the domains"),
        ({"domains": "", "makes_accounts": "on"}, "Name the domains"),
        ({"roles": "groups teachers teacher"}, "is no rule"),
        ({"roles": "groups = teachers: king"}, "is no rule"),
        ({"roles": "groups = teachers: teacher, admin"}, "is no rule"),
        ({"roles": "nickname = head: teacher"}, "what people write about themselves"),
        ({"may_make_admins": ""}, "may not make any"),
        ({"slug": "School!"}, "small Latin letters"),
        ({"slug": "saml"}, "Take another short name"),
    ],
)
def test_what_does_not_do_is_said_at_its_field(
    client: Client, admin: User, changes: dict[str, str], sentence: str
) -> None:
    answer = client.post("/sign-in/new/openid", FIELDS | changes)

    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not IdentityProvider.objects.exists()


def test_two_providers_have_two_names(client: Client, admin: User) -> None:
    client.post("/sign-in/new/openid", FIELDS)

    answer = client.post("/sign-in/new/openid", FIELDS)

    assert answer.status_code == 400
    assert "has this short name" in answer.content.decode()


@pytest.mark.parametrize(
    "certificates",
    [[saml_idp.CERTIFICATE], [saml_idp.CERTIFICATE, saml_idp.NEXT_CERTIFICATE]],
    ids=["one certificate", "two, while it changes"],
)
def test_a_saml_provider_is_read_from_its_metadata(client: Client, admin: User, certificates: list[str]) -> None:
    keys = "".join(
        '<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>'
        + "".join(one.splitlines()[1:-1])
        + "</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
        for one in certificates
    )
    metadata = f"""<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{saml_idp.ENTITY}">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
 Location="{saml_idp.SSO}"/></IDPSSODescriptor></EntityDescriptor>"""

    answer = client.post(
        "/sign-in/new/saml", {"name": "School", "slug": "school", "domains": "school.example", "metadata": metadata}
    )

    assert answer.status_code == 302
    kept = find_provider("school")
    assert kept is not None
    assert (kept.entity_id, kept.sso_url, kept.certificate) == (
        saml_idp.ENTITY,
        saml_idp.SSO,
        "".join(certificates),
    )


@pytest.mark.parametrize("metadata", ["no XML", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_is_no_metadata_is_said(client: Client, admin: User, metadata: str) -> None:
    fields = {"name": "School", "slug": "school", "domains": "school.example", "metadata": metadata}

    answer = client.post("/sign-in/new/saml", fields)

    assert answer.status_code == 400
    assert "no metadata" in answer.content.decode()


def test_an_admin_asks_who_somebody_would_be(client: Client, admin: User) -> None:
    make_student(email="amina@school.example", first_name="Amina", last_name="Haddad")
    client.post("/sign-in/new/openid", FIELDS)
    claims = {"email": "amina@school.example", "email_verified": True, "groups": ["teachers"]}

    page = client.post("/sign-in/school/test", {"claims": json.dumps(claims)}).content.decode()

    assert "Amina Haddad" in page
    assert "As: Teacher" in page
    assert User.objects.get(email="amina@school.example").role == "student"


@pytest.mark.parametrize("claims", ["no JSON", "[]", '"text"'])
def test_claims_that_are_none_are_said(client: Client, admin: User, claims: str) -> None:
    client.post("/sign-in/new/openid", FIELDS)

    answer = client.post("/sign-in/school/test", {"claims": claims})

    assert answer.status_code == 400
    assert "Write an object in JSON" in answer.content.decode()


def test_a_removed_provider_is_nowhere(client: Client, admin: User) -> None:
    client.post("/sign-in/new/openid", FIELDS)

    client.post("/sign-in/school/remove")

    assert find_provider("school") is None
    assert client.get("/sign-in/").status_code == 200


def by_password(email: str) -> tuple[bool, str]:
    """Sign in with a password; return whether that did, and what the page says."""
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": email, "password": PASSWORD})
    return "_auth_user_id" in browser.session, answer.content.decode()


def close(client: Client, admin: User) -> Any:
    """Switch passwords off for all but this admin."""
    return client.post("/sign-in/policy", {"only_providers": "on", "always_in": str(admin.pk)})


def test_passwords_are_switched_off_for_all_but_one_admin(client: Client, admin: User) -> None:
    add_provider(Provider(**SAID))
    amina, other = make_student(), make_admin()

    close(client, admin)

    assert by_password(admin.email)[0]
    for somebody in (amina, other):
        came_in, page = by_password(somebody.email)
        assert not came_in
        assert "signs in with its own accounts" in page
    answer = ApiClient().post("/api/auth/token", {"email": amina.email, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "only_providers")
    assert ApiClient().post("/api/auth/token", {"email": admin.email, "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("kind", ["invitation", "forgotten password"])
def test_no_mail_speaks_of_a_password_while_passwords_are_off(
    client: Client, admin: User, settings: Any, kind: str, language: str
) -> None:
    add_provider(Provider(**SAID))
    close(client, admin)
    settings.EMAIL_HOST = "mail.school.example"
    amina = make_student(email="amina@school.example", locale=language)

    if kind == "invitation":
        amina.set_unusable_password()
        amina.save()
        mail_invitation(user_id=amina.pk)
    else:
        mail_password_link(email=amina.email)

    (sent,) = mail.outbox
    words = f"{sent.subject} {sent.body}".lower()
    assert [word for word in ("password", "كلمة", "مرورك", "reset", "welcome") if word in words] == []
    assert SAID["name"].lower() in words
    assert "http://localhost:8000/accounts/login/" in sent.body


def test_the_admin_who_can_always_sign_in_is_sent_a_link_for_a_password_none_the_less(
    client: Client, admin: User, settings: Any
) -> None:
    add_provider(Provider(**SAID))
    close(client, admin)
    settings.EMAIL_HOST = "mail.school.example"

    mail_password_link(email=admin.email)

    assert "/password/reset/key/" in mail.outbox[0].body


def test_an_admin_makes_no_link_for_a_password_that_would_let_nobody_in(client: Client, admin: User) -> None:
    add_provider(Provider(**SAID))
    close(client, admin)
    amina = make_student()

    page = client.post(f"/people/{amina.pk}/password-link", follow=True).content.decode()

    assert "signs in with their school account, not with a password" in page
    assert "/password/reset/key/" not in page


def test_passwords_stay_while_nobody_could_sign_in_otherwise(client: Client, admin: User) -> None:
    answer = close(client, admin)

    assert answer.status_code == 400
    assert "Switch a provider on first" in answer.content.decode()


@pytest.mark.parametrize("always_in", ["nobody", "a student", "an admin without a password"])
def test_somebody_can_always_sign_in(client: Client, admin: User, always_in: str) -> None:
    add_provider(Provider(**SAID))
    without = make_admin()
    without.set_unusable_password()
    without.save()
    chosen = {"nobody": "", "a student": str(make_student().pk), "an admin without a password": str(without.pk)}

    answer = client.post("/sign-in/policy", {"only_providers": "on", "always_in": chosen[always_in]})

    assert answer.status_code == 400
    assert not SignInPolicy.objects.filter(only_providers=True).exists()


def test_passwords_come_back_when_the_last_provider_goes(client: Client, admin: User) -> None:
    add_provider(Provider(**SAID))
    close(client, admin)

    client.post("/sign-in/school/remove")

    assert by_password(make_student().email)[0]


def test_whoever_can_always_sign_in_stays_an_admin(client: Client, admin: User) -> None:
    add_provider(Provider(**SAID))
    make_admin()
    close(client, admin)

    with pytest.raises(AlwaysIn):
        deactivate_person(user_id=admin.pk)
    with pytest.raises(AlwaysIn):
        set_role(user_id=admin.pk, role="teacher")  # type: ignore[arg-type]
