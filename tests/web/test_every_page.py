"""What is true of every page, whoever looks at it, in every language."""

import pytest

from classbell.meetings.models import ZoomHost
from classbell.web.middleware import POLICY
from tests.web.conftest import School, SignIn, failed
from tests.web.html import attributes, inline_code, words

PAGES = {
    "sign-in": ("visitor", "/accounts/login/", 200),
    "password-reset": ("visitor", "/accounts/password/reset/", 200),
    "password-reset-sent": ("visitor", "/accounts/password/reset/done/", 200),
    "not-there": ("visitor", "/nowhere", 404),
    "sign-out": ("member", "/accounts/logout/", 200),
    "password-change": ("member", "/accounts/password/change/", 200),
    "student's-week": ("member", "/", 200),
    "teacher's-week": ("teacher", "/", 200),
    "admin's-week": ("admin", "/", 200),
    "student's-meeting": ("member", "/meetings/{meeting}/", 200),
    "teacher's-meeting": ("teacher", "/meetings/{meeting}/", 200),
    "not-ready": ("member", "/meetings/{meeting}/join", 503),
    "zoom": ("admin", "/zoom/", 200),
    "not-allowed": ("member", "/zoom/", 403),
}


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(("who", "path", "status"), PAGES.values(), ids=PAGES.keys())
def test_page_obeys_its_policy_and_speaks_the_language(
    school: School, sign_in: SignIn, host: ZoomHost, who: str, path: str, status: int, language: str
) -> None:
    failed(school.meeting)
    browser = sign_in(school.person(who))
    browser.cookies["django_language"] = language

    response = browser.get(path.format(meeting=school.meeting.pk))

    (html,) = attributes(response, "html")
    assert response.status_code == status
    assert (html["lang"], html["dir"]) == (language, "rtl" if language == "ar" else "ltr")
    assert inline_code(response) == []
    assert response.headers["Content-Security-Policy"] == POLICY
    assert [given for given in attributes(response, "img") if "alt" not in given] == []
    assert len(attributes(response, "main")) == len(attributes(response, "h1")) == 1


def test_pages_follow_the_person_who_reads_arabic(school: School, sign_in: SignIn) -> None:
    school.member.locale = "ar"
    school.member.save(update_fields=["locale"])

    response = sign_in(school.member).get("/")

    assert attributes(response, "html")[0]["dir"] == "rtl"
    assert "أسبوعي" in words(response)


def test_times_of_one_person_do_not_leak_into_the_next_request(school: School, sign_in: SignIn) -> None:
    school.member.timezone = "Asia/Riyadh"
    school.member.save(update_fields=["timezone"])

    riyadh = words(sign_in(school.member).get(f"/meetings/{school.meeting.pk}/"))
    utc = words(sign_in(school.teacher).get(f"/meetings/{school.meeting.pk}/"))

    assert "12:00–13:00 your time · 09:00–10:00 UTC" in riyadh.replace(" – ", "–")
    assert "your time" not in utc
