"""What is shown to everybody is set on two pages: the school's by admins, a teacher's by themselves."""

from typing import Any

import pytest

from classbell.bookings import hours
from classbell.door import queries, services
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_door import make_public, open_school
from tests.web.conftest import SignIn
from tests.web.html import words

SCHOOL = {"name": "Nour Academy", "confirms_guests_by": "link"}
PAGE = {"address": "amina-haddad"}


def test_admin_opens_the_school_and_closes_it_again(db: None, sign_in: SignIn) -> None:
    browser = sign_in(make_admin())

    before = words(browser.get("/public-page/school"))
    opened = browser.post("/public-page/school", SCHOOL | {"is_open": "on", "english": "We teach."}, follow=True)
    school = queries.open_school()
    browser.post("/public-page/school", SCHOOL)

    assert "Nobody without an account sees anything of the school." in before
    assert "The school’s public page is saved." in words(opened)
    assert (school.name, school.english, school.confirms_guests_by) == ("Nour Academy", "We teach.", "link")
    assert not queries.school().is_open


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"is_open": "on", "name": ""}, "Write what the school is called"),
        ({"allowed_origins": "https://a.example\nschool"}, "“school” is no site"),
        ({"allowed_origins": " ".join(f"https://{n}.example" for n in range(21))}, "At most 20 sites."),
        ({"picture": "http://cdn.example/a.jpg"}, "Write the whole address of the picture"),
        ({"confirms_guests_by": "letter"}, "letter"),
        ({"english": "x" * 4001}, "4000"),
    ],
    ids=str,
)
def test_wrong_values_are_named_and_nothing_is_saved(
    db: None, sign_in: SignIn, wrong: dict[str, str], said: str
) -> None:
    response = sign_in(make_admin()).post("/public-page/school", SCHOOL | {"arabic": "أهلًا"} | wrong)

    assert response.status_code == 400
    assert said in words(response)
    assert "أهلًا" in response.content.decode()
    assert queries.school().name == ""


def test_sites_are_kept_as_origins_each_once(db: None, sign_in: SignIn) -> None:
    typed = "https://WWW.School.example/\nhttps://www.school.example, http://localhost:3000"
    sign_in(make_admin()).post("/public-page/school", SCHOOL | {"allowed_origins": typed})

    assert queries.school().allowed_origins == ["https://www.school.example", "http://localhost:3000"]


def test_teacher_switches_their_page_on(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher(first_name="Amina", last_name="Haddad")
    hours.change_settings(teacher=teacher, changes={"subjects": ["Tajweed"]})
    browser = sign_in(teacher)

    before = browser.get("/public-page/")
    typed = PAGE | {"is_public": "on", "languages": ["ar", "en"], "english": "Ten years of teaching."}
    saved = browser.post("/public-page/", typed, follow=True)

    assert 'value="amina-haddad"' in before.content.decode()
    assert "The school itself is not open to everybody yet." in words(saved)
    assert "Your subjects: Tajweed" in words(saved)
    page = queries.page_of(teacher.pk)
    assert page is not None
    assert (page.is_public, page.languages, page.english) == (True, ["ar", "en"], "Ten years of teaching.")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": ""}, "This field is required."),
        ({"address": "أمينة"}, "Use the letters a to z"),
        ({"address": "ab"}, "Use between 3 and 60 characters."),
        ({"address": "omar"}, "“omar” is the address of another teacher’s page."),
        ({"languages": ["tlh"]}, "tlh"),
        ({"picture": "javascript:alert(1)"}, "Write the whole address of the picture"),
    ],
    ids=str,
)
def test_teachers_mistake_is_named_and_loses_nothing(
    db: None, sign_in: SignIn, wrong: dict[str, Any], said: str
) -> None:
    make_public(make_teacher(), address="omar")
    teacher = make_teacher()

    response = sign_in(teacher).post("/public-page/", PAGE | {"english": "Ten years."} | wrong)

    assert response.status_code == 400
    assert said in words(response)
    assert "Ten years." in response.content.decode()
    assert queries.page_of(teacher.pk) is None


def test_admin_takes_a_page_down_and_its_teacher_reads_so(db: None, sign_in: SignIn) -> None:
    open_school()
    teacher = make_teacher(first_name="Amina", last_name="Haddad")
    make_public(teacher)
    admin = sign_in(make_admin())

    taken = admin.post(f"/public-page/{teacher.pk}/take-down", follow=True)
    theirs = sign_in(teacher).post("/public-page/", PAGE | {"is_public": "on"}, follow=True)
    hidden = list(queries.shown_teachers())
    admin.post(f"/public-page/{teacher.pk}/take-down", {"again": "1"})

    assert "Amina Haddad’s page is taken down." in words(taken)
    assert "An admin of the school has taken your page down." in words(theirs)
    assert (hidden, list(queries.shown_teachers())) == ([], [teacher])


def test_student_has_no_page_to_show(db: None, sign_in: SignIn) -> None:
    assert sign_in(make_student()).get("/public-page/").status_code == 403


def test_what_admins_see_of_teachers_pages(db: None, sign_in: SignIn) -> None:
    make_public(make_teacher(), address="amina", is_public=False)
    services.take_down(make_public(make_teacher(), address="omar").pk, is_taken_down=True)
    make_public(make_teacher(), address="sara")

    page = words(sign_in(make_admin()).get("/public-page/school"))

    assert "/amina · Not switched on" in page
    assert "/omar · Taken down" in page
    assert "/sara · Shown once the school is open" in page
