import pytest
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from classbell.accounts.models import User
from classbell.web.middleware import personal_settings
from tests.web.conftest import School, SignIn
from tests.web.html import attributes


def test_chosen_language_is_kept_with_the_person(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.member)

    response = browser.post("/preferences/language", {"language": "ar", "next": "/"}, follow=True)

    school.member.refresh_from_db()
    assert school.member.locale == "ar"
    assert attributes(response, "html")[0]["dir"] == "rtl"


def test_language_of_one_reader_does_not_outlive_their_request() -> None:
    request = HttpRequest()
    request.user = User(locale="ar", timezone="Asia/Riyadh")
    with translation.override("en"):
        page = personal_settings(lambda request: HttpResponse(translation.get_language()))(request)

        assert (page.content, page.headers["Content-Language"]) == (b"ar", "ar")
        assert translation.get_language() == "en"


def test_language_we_do_not_speak_changes_nothing(school: School, sign_in: SignIn) -> None:
    sign_in(school.member).post("/preferences/language", {"language": "xx", "next": "/"})

    school.member.refresh_from_db()
    assert school.member.locale == "en"


@pytest.mark.parametrize(("theme", "expected"), [("dark", "dark"), ("light", "light"), ("auto", None), ("x", None)])
def test_chosen_theme_shows_on_the_next_page(school: School, sign_in: SignIn, theme: str, expected: str | None) -> None:
    browser = sign_in(None)
    browser.cookies["theme"] = "light"

    response = browser.post("/preferences/theme", {"theme": theme, "next": "/accounts/login/"}, follow=True)

    assert attributes(response, "html")[0].get("data-theme") == expected


@pytest.mark.parametrize("path", ["/preferences/theme", "/preferences/language"])
def test_preferences_never_lead_to_another_site(db: None, sign_in: SignIn, path: str) -> None:
    response = sign_in(None).post(path, {"theme": "dark", "language": "ar", "next": "https://evil.example/"})

    assert response.headers["Location"] == "/"


def test_page_that_a_browser_goes_back_to_puts_nothing_beside_itself(school: School, sign_in: SignIn) -> None:
    going_back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    page = sign_in(school.member).get(f"/teachers/{school.teacher.pk}/", headers=going_back)

    assert "hx-swap-oob" not in page.content.decode()
