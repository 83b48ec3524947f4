"""The people of the school: who finds whom, and what admins change."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.accounts.models import Role, User
from classbell.meetings.models import Attendance
from classbell.meetings.verdicts import AttendanceStatus
from tests.factories import make_class, make_student
from tests.factories_attendance import make_occurrence
from tests.web.conftest import School, SignIn
from tests.web.html import links, words

pytestmark = pytest.mark.django_db

# Session, person, count, rows.
QUERIES_OF_LIST = 5


def page_of(person: User) -> str:
    return f"/people/{person.pk}/"


@pytest.mark.parametrize(("who", "sees"), [("admin", True), ("teacher", False)])
def test_teachers_find_their_students_and_admins_everybody(
    school: School, sign_in: SignIn, who: str, sees: bool
) -> None:
    page = sign_in(school.person(who)).get("/people/")

    assert page_of(school.member) in links(page)
    assert (page_of(school.stranger) in links(page)) is sees


def test_students_have_no_directory(school: School, sign_in: SignIn) -> None:
    assert sign_in(school.member).get("/people/").status_code == 403


def test_every_word_of_a_search_must_be_found(school: School, sign_in: SignIn) -> None:
    found = make_student(first_name="Maryam", last_name="Al-Farsi")
    other = make_student(first_name="Maryam", last_name="Benali")

    page = sign_in(school.admin).get("/people/", {"q": "farsi maryam"})

    assert (page_of(found) in links(page), page_of(other) in links(page)) == (True, False)


def test_search_that_finds_nobody_says_what_to_do(school: School, sign_in: SignIn) -> None:
    assert "Nobody found Try fewer letters" in words(sign_in(school.admin).get("/people/", {"q": "qqqq"}))


def test_only_admins_see_where_a_student_has_to_be(school: School, sign_in: SignIn) -> None:
    assert "Coming up" in words(sign_in(school.admin).get(page_of(school.member)))
    assert "Coming up" not in words(sign_in(school.teacher).get(page_of(school.member)))


def test_admin_changes_what_the_school_keeps(school: School, sign_in: SignIn) -> None:
    asked = {
        "first_name": "Layla",
        "last_name": "Benali",
        "email": school.member.email,
        "role": "teacher",
        "timezone": "Asia/Riyadh",
        "locale": "ar",
        "external_id": "S-17",
        "zoom_user": "layla@zoom.example",
    }

    response = sign_in(school.admin).post(page_of(school.member) + "change", asked)

    kept = User.objects.get(pk=school.member.pk)
    assert response.status_code == 302
    assert {name: getattr(kept, name) for name in asked} == asked


def test_the_last_admin_stays_one(school: School, sign_in: SignIn) -> None:
    asked = {"first_name": "A", "last_name": "B", "role": "student", "timezone": "UTC", "zoom_user": ""}

    response = sign_in(school.admin).post(page_of(school.admin) + "change", asked)

    assert response.status_code == 400
    assert User.objects.get(pk=school.admin.pk).role == Role.ADMIN


def test_timezone_nobody_knows_is_refused_beside_its_field(school: School, sign_in: SignIn) -> None:
    asked = {"first_name": "A", "last_name": "B", "role": "student", "timezone": "Atlantis", "zoom_user": ""}

    response = sign_in(school.admin).post(page_of(school.member) + "change", asked)

    assert response.status_code == 400
    assert "No such city is known here." in words(response)
    assert 'value="Atlantis"' in response.content.decode()


def test_locked_out_and_let_in_again(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)

    browser.post(page_of(school.member) + "lock-out")
    locked = User.objects.get(pk=school.member.pk).is_active
    listed = page_of(school.member) in links(browser.get("/people/", {"show": "locked-out"}))
    browser.post(page_of(school.member) + "let-in")

    assert (locked, listed, User.objects.get(pk=school.member.pk).is_active) == (False, True, True)


@pytest.mark.parametrize("more", [0, 2])
def test_directory_takes_as_many_queries_with_three_more_people(
    school: School, sign_in: SignIn, django_assert_num_queries: object, more: int
) -> None:
    for _ in range(more):
        make_student()
    browser = sign_in(school.admin)
    browser.get("/people/")

    with django_assert_num_queries(QUERIES_OF_LIST):  # type: ignore[operator]  # pytest-django's fixture has no type
        browser.get("/people/")


@pytest.mark.parametrize(
    ("came", "said"), [(9, "Came to 9 of 16 sessions (56 %)."), (1, "Came to 1 of 16 sessions (6 %).")]
)
def test_page_of_a_student_says_how_often_they_came(school: School, sign_in: SignIn, came: int, said: str) -> None:
    group = make_class(students=[school.member])
    for number in range(16):
        occurrence = make_occurrence(group, days=-7 * number)
        status = AttendanceStatus.PRESENT if number < came else AttendanceStatus.ABSENT
        Attendance.objects.create(occurrence=occurrence, user=school.member, computed_status=status)

    assert said in words(sign_in(school.admin).get(page_of(school.member)))


def test_teachers_page_of_a_student_takes_as_many_statements_for_two_sessions_as_for_ten(
    school: School, sign_in: SignIn
) -> None:
    browser, asked = sign_in(school.teacher), []
    for days in (range(2), range(2, 10)):
        for number in days:
            session = make_occurrence(school.group, days=-7 * number)
            Attendance.objects.create(occurrence=session, user=school.member, computed_status=AttendanceStatus.PRESENT)
        with CaptureQueriesContext(connection) as statements:
            assert browser.get(page_of(school.member)).status_code == 200
        asked.append(len(statements))

    assert asked[0] == asked[1]
