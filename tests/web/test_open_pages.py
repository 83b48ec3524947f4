"""The open door's pages: what a stranger sees of the school, in their language, on their clock, without JavaScript."""

from typing import Any

import pytest

from classbell.bookings.models import LessonKind
from classbell.door import services
from tests.factories import make_admin, make_teacher
from tests.factories_bookings import a_day_ahead, make_tutor
from tests.factories_door import make_open_kind, make_public, open_school
from tests.roles.headers import lacking
from tests.web.conftest import SignIn
from tests.web.html import attributes, words

OPEN = ("/open/", "/open/teachers/amina/", "/open/kinds/trial-lesson/")

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind() -> LessonKind:
    """A school that is open, with one teacher who gives trial lessons from 9 to 17 o'clock in UTC."""
    open_school(english="We teach.", arabic="نحن نعلّم.")
    teacher = make_tutor(first_name="Amina", last_name="Haddad", timezone="UTC")
    make_public(teacher, address="amina", english="Ten years.", languages=["ar"])
    return make_open_kind(teacher)


@pytest.mark.parametrize("path", [*OPEN, "/open/sitemap.xml"])
def test_nothing_is_shown_while_the_door_is_closed(kind: LessonKind, client: Any, path: str) -> None:
    services.change_school({"is_open": False})

    assert client.get(path).status_code == 404


def test_school_leads_to_its_lessons_and_teachers(kind: LessonKind, client: Any) -> None:
    page = client.get("/open/")

    assert "We teach." in words(page)
    links = [given.get("href") for given in attributes(page, "a")]
    assert {"/open/teachers/amina/", "/open/kinds/trial-lesson/"} <= set(links)


def test_teacher_says_of_themselves_what_they_want_and_leads_to_their_lessons(kind: LessonKind, client: Any) -> None:
    page = client.get("/open/teachers/amina/")

    assert "Ten years." in words(page)
    assert "Teaches in: Arabic" in words(page)
    links = [given.get("href") for given in attributes(page, "a")]
    assert "/open/kinds/trial-lesson/?teacher=amina" in links


@pytest.mark.parametrize("path", ["/open/teachers/omar/", "/open/kinds/other/", "/open/kinds/hidden/"])
def test_what_is_not_shown_is_not_there(kind: LessonKind, client: Any, path: str) -> None:
    omar = make_tutor()
    make_public(omar, address="omar", is_public=False)
    make_open_kind(omar, address="hidden")

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", OPEN)
def test_language_is_the_browsers_and_a_link_changes_it_for_good(kind: LessonKind, client: Any, path: str) -> None:
    arabic = client.get(path, headers={"Accept-Language": "ar"})
    english = client.get(f"{path}?language=en", headers={"Accept-Language": "ar"})
    odd = client.get(f"{path}?language=tlh&timezone=Mars/Base&site=https://evil.example&embed=2")

    assert (arabic.headers["Content-Language"], english.headers["Content-Language"]) == ("ar", "en")
    assert 'dir="rtl"' in arabic.content.decode()
    assert any("language=en" in (given.get("href") or "") for given in attributes(arabic, "a"))
    assert all(
        "language=" in (given["href"] or "")
        for given in attributes(english, "a")
        if "/open/" in (given.get("href") or "")
    )
    assert odd.headers["Content-Language"] == "en"
    assert all(
        "tlh" not in (given.get("href") or "") for given in attributes(odd, "a") if "/open/" in (given["href"] or "")
    )


def test_times_are_those_of_the_visitors_clock(kind: LessonKind, client: Any) -> None:
    day = f"{a_day_ahead():%Y-%m-%d}"

    guessed = client.get(f"/open/kinds/trial-lesson/?day={day}")
    chosen = client.get(f"/open/kinds/trial-lesson/?day={day}&timezone=Asia/Tokyo")
    client.cookies["device_zone"] = "Asia%2FTokyo"
    device = client.get(f"/open/kinds/trial-lesson/?day={day}")

    assert "data-guessed-zone" in guessed.content.decode()
    for page in (chosen, device):
        assert "Times in Tokyo" in words(page)
        assert "18:00" in words(page)
        assert "data-guessed-zone" not in page.content.decode()


def test_any_teacher_offers_the_times_of_all_and_one_only_theirs(kind: LessonKind, client: Any) -> None:
    late = make_tutor(opens="20:00", closes="22:00", timezone="UTC")
    make_public(late, address="omar")
    both = make_open_kind(late, *[row.teacher for row in kind.taught_by.all()], name="Both")
    day = f"?day={a_day_ahead():%Y-%m-%d}&timezone=UTC"

    union = words(client.get(f"/open/kinds/{both.address}/{day}"))
    one = words(client.get(f"/open/kinds/{both.address}/{day}&teacher=omar"))

    assert "09:00" in union
    assert "20:00" in union
    assert "09:00" not in one
    assert "20:00" in one


def test_links_of_the_picker_carry_on_how_the_page_is_read(kind: LessonKind, client: Any) -> None:
    path = "/open/kinds/trial-lesson/?teacher=amina&timezone=Asia/Tokyo&language=en"

    page = client.get(path)

    slots = [given["href"] for given in attributes(page, "a") if "slot=" in (given.get("href") or "")]
    assert slots
    assert all("teacher=amina&language=en&timezone=Asia%2FTokyo" in (href or "") for href in slots)


def test_page_can_be_shared_and_is_listed_only_where_the_school_wants_it(kind: LessonKind, client: Any) -> None:
    hidden = {path: client.get(path) for path in OPEN}
    no_map = client.get("/open/sitemap.xml")
    nothing = client.get("/robots.txt").content.decode()
    services.change_school({"indexable": True})
    school, teacher = client.get("/open/"), client.get("/open/teachers/amina/")
    services.change_teacher_page(kind.taught_by.get().teacher, {"indexable": True})
    listed = client.get("/open/teachers/amina/")
    framed = client.get("/open/?embed=1")
    names = client.get("/open/sitemap.xml").content.decode()
    allowed = client.get("/robots.txt").content.decode()

    for page in (*hidden.values(), teacher, framed):
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in page.content.decode()
    for page in (school, listed):
        assert "X-Robots-Tag" not in page.headers
        assert "noindex" not in page.content.decode()
    assert '<meta property="og:title" content="Amina Haddad">' in listed.content.decode()
    assert '<meta property="og:description" content="Ten years.">' in listed.content.decode()
    assert no_map.status_code == 404
    assert "<loc>http://localhost:8000/open/teachers/amina/</loc>" in names
    assert nothing == "User-agent: *\nDisallow: /\n"
    assert "Allow: /open/\n" in allowed
    assert "Sitemap: http://localhost:8000/open/sitemap.xml\n" in allowed


@pytest.mark.parametrize(("path", "statements"), [(OPEN[0], 5), (OPEN[1], 3), (OPEN[2], 3)])
def test_page_costs_a_few_statements_however_many_teachers_there_are(
    kind: LessonKind, client: Any, django_assert_num_queries: Any, path: str, statements: int
) -> None:
    for number in range(3):
        make_public(make_teacher(), address=f"other-{number}")

    with django_assert_num_queries(statements):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", OPEN)
def test_only_sites_of_the_school_may_hold_an_open_page(kind: LessonKind, client: Any, path: str) -> None:
    alone = client.get(path)
    services.change_school({"allowed_origins": ["https://www.school.example", "https://b.example"]})
    shared = client.get(path)

    assert lacking(alone, is_personal=False) == []
    policy = shared.headers["Content-Security-Policy"]
    assert "frame-ancestors https://www.school.example https://b.example;" in policy
    assert "default-src 'self'" in policy
    assert "X-Frame-Options" not in shared.headers


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/teachers/", "/open/teachers/nobody/", "/public-page/"])
def test_nothing_else_may_be_held_in_a_frame(kind: LessonKind, client: Any, path: str) -> None:
    services.change_school({"allowed_origins": ["https://www.school.example"]})

    answer = client.get(path)

    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_signed_in_reader_sees_the_same_on_their_own_clock(kind: LessonKind, sign_in: SignIn) -> None:
    page = sign_in(make_teacher(timezone="Asia/Tokyo")).get("/open/kinds/trial-lesson/")

    assert "Times in Tokyo" in words(page)


@pytest.mark.parametrize("path", OPEN)
def test_only_a_named_site_is_told_what_happens(kind: LessonKind, client: Any, path: str) -> None:
    services.change_school({"allowed_origins": ["https://www.school.example"]})

    named = client.get(f"{path}?embed=1&site=https://www.school.example").content.decode()
    others = [
        client.get(f"{path}?embed=1&site={site}").content.decode()
        for site in (
            "https://evil.example",
            "https://www.school.example.evil.example",
            "*",
            "https://www.school.example/",
        )
    ]

    assert 'data-site="https://www.school.example"' in named
    assert "framed.js" in named
    for page in others:
        assert "data-site" not in page
        assert "framed.js" not in page


def test_script_for_other_sites_has_a_version(client: Any) -> None:
    first, unversioned, later = (client.get(f"/embed.js{query}") for query in ("?v=1", "", "?v=2"))

    assert first.headers["Content-Type"].startswith("text/javascript")
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert first.content == unversioned.content
    assert later.status_code == 404


def test_admin_is_given_the_lines_for_their_site(kind: LessonKind, sign_in: SignIn) -> None:
    browser = sign_in(make_admin())

    before = words(browser.get("/public-page/school"))
    services.change_school({"allowed_origins": ["https://www.school.example"]})
    page = words(browser.get("/public-page/school"))

    assert "On your own site" not in before
    assert '<script src="http://localhost:8000/embed.js?v=1" async></script>' in page
    assert '<div data-classbell="/open/kinds/trial-lesson/"></div>' in page
