"""Search: everybody finds what they may see, and nothing else."""

import pytest
from django.utils import timezone

from classbell.halakat.services import end_halaka, join_halaka
from tests.factories import make_class
from tests.web.conftest import School, SignIn
from tests.web.html import links, words
from tests.web.test_halaka_pages import make_circle

pytestmark = pytest.mark.django_db

# Session, person, people, groups, meetings.
QUERIES = 6


@pytest.mark.parametrize(
    ("who", "sees"),
    [("admin", True), ("teacher", True), ("member", True), ("other_teacher", False), ("stranger", False)],
)
def test_class_and_its_next_occurrence_are_found_by_those_who_belong_to_it(
    school: School, sign_in: SignIn, who: str, sees: bool
) -> None:
    found = links(sign_in(school.person(who)).get("/search/", {"q": "algeb"}))

    assert (f"/classes/{school.group.pk}/" in found) is sees
    assert (f"/meetings/{school.meeting.pk}/" in found) is sees


@pytest.mark.parametrize(
    ("who", "sees"), [("admin", True), ("teacher", True), ("other_teacher", False), ("stranger", False)]
)
def test_student_is_found_by_those_who_look_after_them(school: School, sign_in: SignIn, who: str, sees: bool) -> None:
    page = sign_in(school.person(who)).get("/search/", {"q": school.member.last_name + " " + school.member.first_name})

    assert (f"/people/{school.member.pk}/" in links(page)) is sees


def test_students_find_teachers_without_their_e_mail(school: School, sign_in: SignIn) -> None:
    page = sign_in(school.stranger).get("/search/", {"q": school.teacher.name})

    assert f"/teachers/{school.teacher.pk}/" in links(page)
    assert school.teacher.email not in page.content.decode()


def test_student_finds_a_circle_they_could_join_and_is_told_so(school: School, sign_in: SignIn) -> None:
    halaka, ended = make_circle(title="Tajwid"), make_circle(title="Tajwid of old")
    end_halaka(halaka_id=ended.pk, now=timezone.now())
    join_halaka(halaka_id=halaka.pk, student=school.member)

    pages = {who: sign_in(school.person(who)).get("/search/", {"q": "tajw"}) for who in ("stranger", "member")}
    others = sign_in(school.other_teacher).get("/search/", {"q": "tajw"})

    assert [f"/halakat/{halaka.pk}/" in links(page) for page in pages.values()] == [True, True]
    assert ["you can join" in words(page) for page in pages.values()] == [True, False]
    assert f"/halakat/{ended.pk}/" not in links(pages["stranger"])
    assert f"/halakat/{halaka.pk}/" not in links(others)


def test_a_part_of_the_page_is_answered_to_the_search_over_it(school: School, sign_in: SignIn) -> None:
    answer = sign_in(school.teacher).get("/search/", {"q": "algeb"}, headers={"HX-Request": "true"})

    assert answer.content.decode().lstrip().startswith('<div class="found" id="found"')


@pytest.mark.parametrize("q", ["", "a", " a "])
def test_too_few_letters_ask_for_more(school: School, sign_in: SignIn, q: str) -> None:
    assert "Type two letters or more" in words(sign_in(school.admin).get("/search/", {"q": q}))


def test_nothing_found_is_said(school: School, sign_in: SignIn) -> None:
    assert "Nothing is called “qqqq” here." in words(sign_in(school.admin).get("/search/", {"q": "qqqq"}))


@pytest.mark.parametrize("more", [0, 2])
def test_search_takes_as_many_queries_with_three_classes_as_with_one(
    school: School, sign_in: SignIn, django_assert_num_queries: object, more: int
) -> None:
    for number in range(more):
        make_class(teacher=school.teacher, name=f"Algebra {number}")
    browser = sign_in(school.admin)
    browser.get("/search/", {"q": "algebra"})

    with django_assert_num_queries(QUERIES):  # type: ignore[operator]  # pytest-django's fixture has no type
        browser.get("/search/", {"q": "algebra"})
