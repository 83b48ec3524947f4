"""Signing in by SAML: who comes in, and every way of coming in that is none."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.test import Client
from lxml import etree
from onelogin.saml2.constants import OneLogin_Saml2_Constants

from classbell.accounts.models import User
from tests.accounts.sso import saml_idp
from tests.accounts.sso.conftest import signed_in
from tests.accounts.sso.saml_idp import assertion, begin, bring, response, signed
from tests.factories import make_admin, make_student

pytestmark = pytest.mark.django_db

Answer = Callable[[str], str]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that sets what the settings say of the provider."""

    def set_provider(**changes: Any) -> None:
        wanted = {"sign_in_providers": (saml_idp.provider(**changes),), "public_url": "http://testserver"}
        monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=wanted))

    set_provider()
    return set_provider


@pytest.fixture
def browser(configure: Callable[..., None]) -> Client:
    """A browser, which names the host that it asks."""
    return Client(HTTP_HOST="testserver")


@pytest.fixture
def amina() -> User:
    return make_student(email="amina@school.example")


def good(question: str, **changes: Any) -> str:
    """Return an answer as the provider makes them."""
    return response(signed(assertion(answers=question, **changes)), answers=question)


def test_whoever_has_the_address_comes_in(browser: Client, amina: User) -> None:
    answer = bring(browser, good(begin(browser)))

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(browser) == amina


def test_roles_come_from_signed_attributes_by_rules(
    browser: Client, amina: User, configure: Callable[..., None]
) -> None:
    configure(roles=({"claim": "memberOf", "value": "staff", "role": "teacher"},))

    bring(browser, good(begin(browser), attributes={"memberOf": ["people", "staff"], "role": ["admin"]}))

    assert User.objects.get(pk=amina.pk).role == "teacher"


def test_the_second_time_they_are_known_by_their_name_id(browser: Client, amina: User) -> None:
    bring(browser, good(begin(browser)))
    browser.logout()

    bring(browser, good(begin(browser), id_="_assertion-2", email="amina.haddad@school.example"))

    assert signed_in(browser) == amina


def test_an_address_of_another_domain_is_refused(browser: Client) -> None:
    make_admin(email="head@other.example")

    answer = bring(browser, good(begin(browser), email="head@other.example"))

    assert answer.status_code == 403
    assert signed_in(browser) is None


def wrapped(question: str) -> str:
    """Put an assertion of one's own where it is read, and the signed one where its signature still finds it."""
    true = signed(assertion(answers=question))
    forged = assertion(answers=question, id_="_forged", email="head@school.example", subject="head")
    return response(forged, f"<samlp:Extensions>{true}</samlp:Extensions>", answers=question)


def wrapped_inside(question: str) -> str:
    """Put the signed assertion inside the signature of a forged one."""
    true = etree.fromstring(signed(assertion(answers=question)))
    forged = etree.fromstring(assertion(answers=question, id_="_forged", email="head@school.example", subject="head"))
    signature = true.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert signature is not None
    true.remove(signature)
    forged.insert(1, signature)
    etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object").append(true)
    return response(etree.tostring(forged).decode(), answers=question)


def beside(question: str) -> str:
    """Put a forged assertion beside the signed one."""
    forged = assertion(answers=question, id_="_forged", email="head@school.example", subject="head")
    return response(forged, signed(assertion(answers=question)), answers=question)


def with_entity(question: str) -> str:
    """Declare an entity that reads a file of the server."""
    xml = good(question)
    dtd = '<!DOCTYPE samlp:Response [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    return dtd + xml.replace("<saml:Issuer>", "<saml:Issuer>&file;", 1)


def with_many_entities(question: str) -> str:
    """Declare entities that grow without end."""
    dtd = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    return dtd + good(question).replace("<saml:Issuer>", "<saml:Issuer>&c;", 1)


def of_another_question(question: str) -> str:
    """Answer a question that nobody asked."""
    return good("_another")


def asked_by_another(question: str) -> str:
    """Put an assertion that answers another question into an answer to this one."""
    return response(signed(assertion(answers="_another")), answers=question)


def changed(question: str) -> str:
    """Change the address after signing."""
    return good(question).replace("amina@school.example", "head@school.example")


def by_sha1(question: str) -> str:
    """Sign with an algorithm that is broken."""
    old, digest = OneLogin_Saml2_Constants.RSA_SHA1, OneLogin_Saml2_Constants.SHA1
    return response(signed(assertion(answers=question), algorithm=old, digest=digest), answers=question)


def by_a_stranger(question: str) -> str:
    """Sign with another key, and send its certificate along."""
    key, certificate = saml_idp.STRANGERS_KEY, saml_idp.STRANGERS_CERTIFICATE
    return response(signed(assertion(answers=question), key=key, certificate=certificate), answers=question)


def by_the_next_key(question: str) -> str:
    """Sign with the key that the provider changes to."""
    key, certificate = saml_idp.NEXT_KEY, saml_idp.NEXT_CERTIFICATE
    return response(signed(assertion(answers=question), key=key, certificate=certificate), answers=question)


BAD_ANSWERS: dict[str, Answer] = {
    "unsigned": lambda question: response(assertion(answers=question), answers=question),
    "only the response is signed": lambda question: signed(response(assertion(answers=question), answers=question)),
    "signed by a stranger": by_a_stranger,
    "signed with SHA-1": by_sha1,
    "changed after signing": changed,
    "signature wrapped": wrapped,
    "signature wrapped inside": wrapped_inside,
    "forged beside": beside,
    "external entity": with_entity,
    "growing entities": with_many_entities,
    "another audience": lambda question: good(question, audience="https://other.example/metadata"),
    "another recipient": lambda question: good(question, recipient="https://other.example/acs"),
    "another issuer": lambda question: good(question, issuer="https://elsewhere.example"),
    "expired": lambda question: good(question, valid_minutes=-10),
    "another destination": lambda question: response(
        signed(assertion(answers=question)), answers=question, destination="https://other.example/acs"
    ),
    "answers nothing": lambda question: good(""),
    "answers another question": of_another_question,
    "holds an answer to another question": asked_by_another,
    "no XML": lambda question: "not XML",
    "nothing": lambda question: "",
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_bad_answer_lets_nobody_in(browser: Client, amina: User, answer: Answer) -> None:
    make_admin(email="head@school.example")

    page = bring(browser, answer(begin(browser)))

    assert page.status_code == 401
    assert signed_in(browser) is None
    assert not SocialAccount.objects.exists()


BOTH = {
    "the next first": saml_idp.NEXT_CERTIFICATE + saml_idp.CERTIFICATE,
    "the next last": saml_idp.CERTIFICATE + saml_idp.NEXT_CERTIFICATE,
}


@pytest.mark.parametrize("certificates", BOTH.values(), ids=BOTH)
@pytest.mark.parametrize("answer", [good, by_the_next_key])
def test_while_the_certificate_changes_either_signs(
    browser: Client, amina: User, configure: Callable[..., None], certificates: str, answer: Answer
) -> None:
    configure(certificate=certificates)

    bring(browser, answer(begin(browser)))

    assert signed_in(browser) == amina


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_bad_answer_lets_nobody_in_while_the_certificate_changes(
    browser: Client, amina: User, configure: Callable[..., None], answer: Answer
) -> None:
    configure(certificate=BOTH["the next first"])
    make_admin(email="head@school.example")

    assert bring(browser, answer(begin(browser))).status_code == 401
    assert signed_in(browser) is None


def test_the_next_certificate_signs_nothing_before_it_is_named(browser: Client, amina: User) -> None:
    assert bring(browser, by_the_next_key(begin(browser))).status_code == 401
    assert signed_in(browser) is None


def test_an_answer_is_good_once(browser: Client, amina: User) -> None:
    answer = good(begin(browser))
    assert bring(browser, answer).status_code == 302
    browser.logout()

    assert bring(browser, answer).status_code == 401
    assert signed_in(browser) is None


def test_an_assertion_is_good_once_also_in_answer_to_a_new_question(browser: Client, amina: User) -> None:
    true = signed(assertion(answers=""))
    assert bring(browser, response(true, answers=begin(browser))).status_code in {302, 401}
    browser.logout()

    assert bring(browser, response(true, answers=begin(browser))).status_code == 401
    assert signed_in(browser) is None


def test_another_browsers_answer_is_not_ours(browser: Client, amina: User) -> None:
    answer = good(begin(browser))
    attacked = Client(HTTP_HOST="testserver")

    assert bring(attacked, answer).status_code == 401
    assert signed_in(attacked) is None


def test_a_comment_does_not_cut_an_address(browser: Client, configure: Callable[..., None]) -> None:
    head = make_admin(email="head@school.example")

    bring(browser, good(begin(browser), email="head@school.example<!-- -->.attacker.example"))

    assert signed_in(browser) != head


def test_our_metadata_says_where_answers_go_and_that_they_are_signed(browser: Client) -> None:
    metadata = browser.get("/accounts/saml/school/metadata").content.decode()

    assert f'entityID="{saml_idp.SP}"' in metadata
    assert f'Location="{saml_idp.ACS}"' in metadata
    assert 'WantAssertionsSigned="true"' in metadata
    assert "SingleLogoutService" not in metadata
