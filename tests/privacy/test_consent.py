"""A text that people are asked to agree to: in versions, at sign-in, kept with its time, and taken back."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from classbell.accounts.models import User
from classbell.asked_texts import NoText, TextChanged
from classbell.notices.models import Notice
from classbell.privacy import consent
from classbell.privacy.erasure import ask_erasure, erase
from classbell.privacy.export import made_export
from classbell.privacy.models import Consent, ConsentText
from tests.at_once import at_once
from tests.factories import PASSWORD, make_admin, make_student

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ENGLISH, ARABIC = "May we keep your picture?", "هل تسمح لنا بالاحتفاظ بصورتك؟"


def write(english: str = ENGLISH, arabic: str = ARABIC, *, is_asked: bool = True) -> ConsentText:
    return ConsentText.write(english=english, arabic=arabic, is_asked=is_asked, by=make_admin(), now=NOW)


def signed_in(person: User) -> Client:
    """Return a browser in which somebody has signed in by their password."""
    client = Client()
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def test_who_signs_in_is_asked_first_and_goes_on_where_they_were_going() -> None:
    write()
    student = make_student()
    client = signed_in(student)

    asked = client.get("/calendar/?view=month")
    assert asked["Location"] == "/consent/?next=%2Fcalendar%2F%3Fview%3Dmonth"
    page = client.get(asked["Location"]).content.decode()
    assert ENGLISH in page
    agreed = client.post("/consent/", {"version": "1", "next": "/calendar/?view=month"})

    assert agreed["Location"] == "/calendar/?view=month"
    assert client.get("/calendar/").status_code == 200
    (given,) = Consent.objects.filter(person=student)
    assert (given.version, given.withdrawn_at) == (1, None)
    assert signed_in(student).get("/calendar/").status_code == 200, "once is enough"


def test_who_does_not_agree_goes_on_and_is_asked_when_they_next_sign_in() -> None:
    write()
    student = make_student()
    client = signed_in(student)

    assert client.post("/consent/", {"next": "https://elsewhere.example/"})["Location"] == "/"
    assert client.get("/calendar/").status_code == 200
    assert not Consent.objects.exists()
    assert signed_in(student).get("/calendar/").status_code == 302


def test_nobody_is_asked_while_there_is_no_text_or_it_is_switched_off() -> None:
    student = make_student()
    assert signed_in(student).get("/calendar/").status_code == 200

    write(is_asked=False)
    assert signed_in(student).get("/calendar/").status_code == 200


def test_another_text_is_another_version_and_asked_anew_and_the_same_only_switches() -> None:
    student = make_student()
    write()
    consent.agree(student, version=1, now=NOW)
    assert consent.text_to_ask(student) is None

    assert write(is_asked=False).version == 1
    assert write("May we keep your voice?").version == 2
    assert consent.text_to_ask(student) == ConsentText.objects.get(version=2)
    assert ConsentText.objects.get(version=1).english == ENGLISH
    with pytest.raises(TextChanged):
        consent.agree(student, version=1, now=NOW)


def test_text_is_shown_in_the_readers_language_or_in_the_one_there_is() -> None:
    assert write().said_in("ar") == (ARABIC, "ar")
    assert write(arabic="").said_in("ar") == (ENGLISH, "en")
    with pytest.raises(NoText):
        write("", "")


def test_who_takes_it_back_is_not_asked_again_and_the_admins_are_told() -> None:
    admin, student = make_admin(), make_student(first_name="Layla", last_name="Haddad")
    write()
    client = signed_in(student)
    client.post("/consent/", {"version": "1"})
    assert "Withdraw my consent" in client.get(reverse("my-data")).content.decode()

    for _ in range(2):
        client.post(reverse("consent-withdraw"))

    (told,) = Notice.objects.filter(user=admin)
    assert (told.kind, told.facts, told.path) == (
        "consent_withdrawn",
        {"person": "Layla Haddad"},
        reverse("person-data", args=[student.pk]),
    )
    assert "took it back" in client.get(reverse("my-data")).content.decode()
    assert consent.text_to_ask(student) is None
    consent.agree(student, version=1, now=NOW + timedelta(days=1))
    assert [one.withdrawn_at is None for one in consent.consents_of(student)].count(True) == 1


def test_admins_write_it_and_read_how_many_agree() -> None:
    admin, agreeing, late = make_admin(), make_student(), make_student()
    browser = Client()
    browser.force_login(admin)
    fields = {"english": ENGLISH, "arabic": "", "is_asked": "on"}

    assert browser.post(reverse("consent-text"), {"english": "", "arabic": ""}).status_code == 400
    browser.post(reverse("consent-text"), fields)
    consent.agree(late, version=1, now=NOW)
    browser.post(reverse("consent-text"), fields | {"english": "Another text"})
    consent.agree(agreeing, version=2, now=NOW)

    assert consent.figures(2) == consent.Figures(agree=1, earlier=1, withdrawn=0, silent=1)
    assert "Version 2" in browser.get(reverse("consent-text")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_who_write_and_one_who_agrees_twice_at_once() -> None:
    admin, student = make_admin(), make_student()

    def saved(text: str) -> int:
        return ConsentText.write(english=text, arabic="", is_asked=True, by=admin, now=NOW).version

    assert set(at_once([lambda: saved("One"), lambda: saved("Two")])) == {1, 2}
    at_once([lambda: consent.agree(student, version=2, now=NOW)] * 2)
    assert Consent.objects.count() == 1


def test_it_is_in_the_copy_of_what_is_kept_and_goes_with_the_person() -> None:
    student = make_student()
    write()
    consent.agree(student, version=1, now=NOW)

    with zipfile.ZipFile(io.BytesIO(made_export(student, now=NOW))) as archive:
        assert '"version": 1' in archive.read("everything.json").decode()
    asked = ask_erasure(person_id=student.pk, confirm=student.email, by=make_admin(), now=NOW)
    erase(erased_id=asked.pk, now=NOW)
    assert not Consent.objects.exists()
