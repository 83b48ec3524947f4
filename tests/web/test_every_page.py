"""What is true of every page, whoever looks at it, in every language."""

import pytest

from classbell.bookings.hours import set_week
from classbell.bookings.models import Booking
from classbell.meetings.models import ZoomHost
from classbell.web.middleware import POLICY
from tests.factories_bookings import a_day_ahead, make_booking
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
    "inbox": ("admin", "/zoom/inbox", 200),
    "not-allowed": ("member", "/zoom/", 403),
    "teachers": ("visitor", "/teachers/", 200),
    "visitor's-choice": ("visitor", "/teachers/{teacher}/", 200),
    "student's-choice": ("member", "/teachers/{teacher}/?slot=2030-01-01T10:00Z", 200),
    "student's-bookings": ("member", "/bookings/", 200),
    "teacher's-bookings": ("teacher", "/bookings/", 200),
    "student's-booking": ("member", "/bookings/{booking}/", 200),
    "teacher's-booking": ("teacher", "/bookings/{booking}/", 200),
    "move": ("teacher", "/bookings/{booking}/move", 200),
    "cancel": ("member", "/bookings/{booking}/cancel", 200),
    "availability": ("teacher", "/availability/", 200),
    "policies": ("admin", "/policies/", 200),
    "policy": ("admin", "/policies/{teacher}/", 200),
    "notices": ("teacher", "/notices/", 200),
}


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(("who", "path", "status"), PAGES.values(), ids=PAGES.keys())
def test_page_obeys_its_policy_and_speaks_the_language(
    school: School, sign_in: SignIn, host: ZoomHost, who: str, path: str, status: int, language: str
) -> None:
    failed(school.meeting)
    booking = booked(school)
    browser = sign_in(school.person(who))
    browser.cookies["django_language"] = language

    response = browser.get(path.format(meeting=school.meeting.pk, teacher=school.teacher.pk, booking=booking.pk))

    (html,) = attributes(response, "html")
    assert response.status_code == status
    assert (html["lang"], html["dir"]) == (language, "rtl" if language == "ar" else "ltr")
    assert inline_code(response) == []
    assert response.headers["Content-Security-Policy"] == POLICY
    assert [given for given in attributes(response, "img") if "alt" not in given] == []
    assert len(attributes(response, "main")) == len(attributes(response, "h1")) == 1


def booked(school: School) -> Booking:
    """Open the teacher's hours and let the member ask for one of them."""
    set_week(teacher=school.teacher, windows={day: [(17 * 60, 24 * 60)] for day in range(7)})
    return make_booking(
        teacher=school.teacher, student=school.member, starts_at=a_day_ahead(3, hour=18), notes="Page 4"
    )


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


@pytest.mark.parametrize(
    ("who", "path", "marked"),
    [
        pytest.param("member", "/", [("/", "page")], id="home"),
        pytest.param("member", "/week/", [("/", "true")], id="another-week"),
        pytest.param("member", "/bookings/", [("/bookings/", "page")], id="list"),
        pytest.param("member", "/bookings/{booking}/", [("/bookings/", "true")], id="one-of-a-list"),
        pytest.param("member", "/me/", [], id="not-in-the-navigation"),
    ],
)
def test_navigation_says_where_one_is(
    school: School, sign_in: SignIn, who: str, path: str, marked: list[tuple[str, str]]
) -> None:
    booking = booked(school)

    response = sign_in(school.person(who)).get(path.format(booking=booking.pk))

    places = {link["href"] for link in attributes(response, "a")} & {"/", "/bookings/", "/calendar/"}
    assert [
        (link["href"], link["aria-current"])
        for link in attributes(response, "a")
        if link["href"] in places and "aria-current" in link
    ] == marked
