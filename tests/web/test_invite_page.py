"""Inviting many people at once, and handing out the links of those who have not come in yet."""

import csv
import io

import pytest
from django.test import Client

from classbell.accounts.models import Invitation, Role, User
from tests.factories import make_class, make_student
from tests.web.conftest import School, SignIn
from tests.web.html import words

pytestmark = pytest.mark.django_db

PATH = "/people/invite"


def invite(browser: Client, text: str, **changes: str) -> str:
    """Send the form as a browser does, and return the page that follows."""
    form = {"emails": text, "role": "student", "language": "en"}
    return words(browser.post(PATH, form | changes, follow=True))


def test_table_of_a_spreadsheet_is_invited_with_its_names(school: School, sign_in: SignIn) -> None:
    rows = "".join(f"طالب{n}\tالحربي\ts{n}@school.example\n" for n in range(150))

    page = invite(sign_in(school.admin), f"الاسم الأول\tاسم العائلة\tالبريد\n{rows}")

    assert "150 people are invited." in page
    assert Invitation.objects.count() == 150
    assert User.objects.get(email="s149@school.example").name == "طالب149 الحربي"


def test_bad_lines_stay_in_the_box_and_the_others_are_invited(school: School, sign_in: SignIn) -> None:
    page = invite(sign_in(school.admin), "Ana\tana@x.example\nBo\tbo-at-x\nCy, D <cy@x.example>\n")

    assert "2 people are invited." in page
    assert "2 Bo bo-at-x There is no e-mail address in it." in page
    assert set(Invitation.objects.values_list("user__email", flat=True)) == {"ana@x.example", "cy@x.example"}


def test_whom_the_list_calls_something_else_is_not_invited_as_that(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)

    page = invite(browser, "email,role\nt@x.example,teacher\ns@x.example,student\n")
    invite(browser, "email,role\nt@x.example,teacher\n", role="teacher")

    assert "1 person is invited." in page
    assert "2 t@x.example,teacher The list says that they are something else." in page
    assert User.objects.get(email="t@x.example").role == Role.TEACHER


def test_nobody_understood_is_refused_and_nothing_typed_is_lost(school: School, sign_in: SignIn) -> None:
    refused = sign_in(school.admin).post(PATH, {"emails": "nobody", "role": "student", "language": "en"})

    assert refused.status_code == 400
    assert "nobody: There is no e-mail address in it." in words(refused)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("text", ["name,email", ",,,", "sep=;\n"])
def test_list_of_nobody_is_refused_at_the_field(school: School, sign_in: SignIn, text: str) -> None:
    answer = sign_in(school.admin).post(PATH, {"emails": text, "role": "student", "language": "en"})

    assert answer.status_code == 400
    assert answer.context["form"].errors["emails"] == ["There is nobody in the list."]


def test_links_of_all_who_have_no_password_are_one_file_and_one_page_of_cards(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)
    invite(browser, "Ana Silva\tana@x.example\nBo B\tbo@x.example\n")

    page = words(browser.get(f"{PATH}/links"))
    answer = browser.get(f"{PATH}/links?format=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert "Ana Silva" in page
    assert "no-store" in answer["Cache-Control"]
    assert {"Bo B", "Ana Silva"} <= {row[0] for row in rows}
    link = next(row[2] for row in rows if row[1] == "ana@x.example")
    assert "You sign in with ana@x.example" in words(Client().get(link[link.index("/people/") :]))


def test_links_of_one_group_are_its_own(school: School, sign_in: SignIn) -> None:
    own, other = make_student(), make_student()
    User.objects.filter(pk__in=[own.pk, other.pk]).update(password="!none")
    group = make_class(teacher=school.teacher, students=[own])

    page = words(sign_in(school.admin).get(f"{PATH}/links?group={group.pk}"))

    assert own.email in page
    assert other.email not in page


@pytest.mark.parametrize("asked", ["x", "01900000-0000-7000-8000-000000000000"])
def test_links_of_no_group_are_not_there(school: School, sign_in: SignIn, asked: str) -> None:
    assert sign_in(school.admin).get(f"{PATH}/links?group={asked}").status_code == 404


def test_links_are_for_admins(school: School, sign_in: SignIn) -> None:
    assert sign_in(school.teacher).get(f"{PATH}/links").status_code == 403
