"""“Import a list”: first what it comes to, then doing it; nothing that was typed is lost."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from classbell.accounts.models import User
from tests.factories import make_admin, make_student

pytestmark = pytest.mark.django_db

LIST = "email,first name\nnew@s.example,Amal\nknown@s.example,Noor\n"


@pytest.fixture
def browser() -> Client:
    """An admin's browser."""
    client = Client()
    client.force_login(make_admin())
    return client


def look(browser: Client, **typed: object) -> str:
    page = browser.post(reverse("people-import"), {"language": "en"} | typed)
    assert page.status_code == 200, page.content.decode()
    return page.content.decode()


def confirmation_in(page: str) -> str:
    found = re.search(r'name="confirm" value="(\w+)"', page)
    return found[1] if found else ""


def test_looking_says_what_would_happen_and_does_nothing(browser: Client) -> None:
    make_student(email="known@s.example", first_name="Nour")

    page = look(browser, text=LIST)

    assert "This would happen" in page
    assert "new@s.example" in page
    assert "<bdi>Nour</bdi> becomes <bdi>Noor</bdi>" in page
    assert not User.objects.filter(email="new@s.example").exists()


def test_file_is_shown_and_done_as_it_was_seen(browser: Client) -> None:
    page = look(browser, file=SimpleUploadedFile("people.csv", LIST.encode()))
    (kept,) = re.findall(r'<textarea name="text" hidden readonly>\n(.*?)</textarea>', page, re.DOTALL)

    done = browser.post(reverse("people-import"), {"language": "en", "text": unescape(kept), "do": "1"}, follow=True)

    assert "2 new, 0 changed, 0 let in again, 0 deactivated." in done.content.decode()
    assert User.objects.filter(email__in=["new@s.example", "known@s.example"]).count() == 2


def test_who_is_missing_is_named_and_has_to_be_ticked(browser: Client) -> None:
    gone = make_student(first_name="Zubayda", last_name="Gone")
    typed = {"text": LIST, "missing": "student"}

    page = look(browser, **typed)
    assert "1 person is not in the list and would be deactivated" in page
    assert "Zubayda Gone" in page
    confirm = {"confirm": confirmation_in(page)}

    refused = browser.post(reverse("people-import"), {"language": "en", "do": "1"} | typed | confirm)
    assert refused.status_code == 400
    gone.refresh_from_db()
    assert gone.is_active

    browser.post(reverse("people-import"), {"language": "en", "do": "1", "sure": "on"} | typed | confirm)
    gone.refresh_from_db()
    assert not gone.is_active


def test_missing_are_not_asked_for_while_a_line_is_wrong(browser: Client) -> None:
    make_student()

    page = look(browser, text=LIST + "nobody,X\n", missing="student")

    assert "Mend them below, then look again." in page
    assert "Do it" not in page


@pytest.mark.parametrize("text", ["", "Name\nNour\n"])
def test_what_is_no_list_is_said_beside_the_form(browser: Client, text: str) -> None:
    page = browser.post(reverse("people-import"), {"language": "en", "text": text})

    assert page.status_code == 400
    assert text.strip() in page.content.decode()


def test_names_are_shown_as_text(browser: Client) -> None:
    page = look(browser, text="email,first name\nnew@s.example,<b>x</b>\n")

    assert "<b>x</b>" not in page


def test_person_page_changes_address_and_external_id(browser: Client) -> None:
    user = make_student(email="old@s.example")
    make_student(external_id="S-1")
    address = reverse("person-change", args=[user.pk])
    kept = {"role": "student", "timezone": "UTC", "locale": "en", "email": "old@s.example"}

    taken = browser.post(address, kept | {"external_id": "S-1"})
    assert taken.status_code == 400
    assert "Somebody else has the external id S-1." in taken.content.decode()

    assert browser.post(address, kept | {"email": ""}).status_code == 400
    browser.post(address, kept | {"email": "new@s.example", "external_id": "S-2"})
    user.refresh_from_db()
    assert (user.email, user.external_id) == ("new@s.example", "S-2")
