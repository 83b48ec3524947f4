"""What pages answer to what nobody means: a sentence, never a crash, and nothing is kept of it."""

from uuid import uuid4

import pytest
from django.test import Client

from classbell.accounts.models import User
from tests.factories import make_admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make_admin()


@pytest.fixture
def browser(admin: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_made_up_cursor_of_the_history_is_refused_with_a_sentence(browser: Client) -> None:
    answer = browser.get("/audit/", {"before": "x"})

    assert answer.status_code == 400
    assert "This cursor does not belong to this list." in answer.content.decode()


@pytest.mark.parametrize("action", ["let-in", "lock-out", "change"])
def test_nobody_is_let_in_or_out_who_is_not_there(browser: Client, action: str) -> None:
    assert browser.post(f"/people/{uuid4()}/{action}").status_code == 404


@pytest.mark.parametrize(
    ("sent_to", "page"),
    [
        ("/availability/settings", "/availability/"),
        ("/availability/dates", "/availability/"),
        ("/availability/time-off", "/availability/"),
        ("/people/{person}/change", "/people/{person}/"),
        ("/people/{person}/password-link", "/people/{person}/"),
    ],
)
def test_address_that_showed_a_refusal_leads_to_its_page_when_read_again(
    browser: Client, admin: User, sent_to: str, page: str
) -> None:
    answer = browser.get(sent_to.format(person=admin.pk))

    assert (answer.status_code, answer.headers["Location"]) == (302, page.format(person=admin.pk))


@pytest.mark.parametrize("language", ["ar-aaaaaaaa", "fr", "x" * 500, "\u0661"])
def test_language_that_no_page_has_is_not_kept(browser: Client, admin: User, language: str) -> None:
    assert browser.post("/preferences/language", {"language": language}).status_code == 302

    admin.refresh_from_db()
    assert admin.locale == "en"


def test_unreadable_address_is_answered_with_a_page(browser: Client) -> None:
    answer = browser.get("/people/?q=a%00b")

    assert answer.status_code == 400
    assert "This request cannot be read." in answer.content.decode()


@pytest.mark.parametrize(("language", "said"), [("en", "That could not be sent."), ("ar", "تعذّر الإرسال.")])
def test_every_page_can_say_that_something_never_arrived(browser: Client, language: str, said: str) -> None:
    browser.cookies["django_language"] = language

    page = browser.get("/people/").content.decode()

    assert said in page.partition('<template id="unsent">')[2].partition("</template>")[0]


@pytest.mark.parametrize(("language", "said"), [("en", "You are no longer signed in."), ("ar", "انتهى تسجيل دخولك.")])
def test_every_page_can_say_that_one_is_no_longer_signed_in(browser: Client, language: str, said: str) -> None:
    browser.cookies["django_language"] = language

    page = browser.get("/people/").content.decode()

    assert said in page.partition('<template id="signed-out">')[2].partition("</template>")[0]
