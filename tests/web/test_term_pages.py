"""Bringing a term in on pages: two files, what they would do, and a school that has it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from classbell.courses.models import Section, TermDraft
from tests.answers import Answer
from tests.courses.timetable.terms import ENROLMENTS, handed_in, next_monday, timetable
from tests.factories import make_admin
from tests.tables.workbooks import workbook_of
from tests.web.conftest import School, SignIn
from tests.web.html import links, words

pytestmark = pytest.mark.django_db

AT_NINE = "A,Algebra,t1@ist.example,mon,09:00,10:30,0"


def hand_in(browser: Client, *rows: str, **changes: Any) -> Answer:
    """Send the form as a browser does."""
    form = {
        "timetable": SimpleUploadedFile("timetable.csv", timetable(*rows).encode()),
        "enrolments": SimpleUploadedFile("enrolments.csv", f"{ENROLMENTS}s1@ist.example,A\n".encode()),
        "starts_on": next_monday(timezone.now()).isoformat(),
        "weeks": "4",
        "timezone": "Europe/Lisbon",
        "holidays": "",
        "gap_minutes": "0",
    }
    return browser.post("/classes/term", form | changes)


def test_admin_finds_it_on_the_page_of_classes(school: School, sign_in: SignIn) -> None:
    assert "/classes/term" in links(sign_in(school.admin).get("/classes/"))
    assert "/classes/term" not in links(sign_in(school.teacher).get("/classes/"))


def test_term_is_seen_and_then_brought_in(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)

    handed = hand_in(browser, AT_NINE)
    seen = words(browser.get(handed["Location"]))
    before = Section.objects.count()
    done = browser.post(handed["Location"], follow=True)

    assert "1 class would be made, with a weekly Zoom meeting." in seen
    assert "2 people get accounts." in seen
    assert before == 0
    assert Section.objects.get().code == "A"
    assert "The term is imported: 1 class." in words(done)
    assert done.redirect_chain[0][0].startswith("/?day=")


def test_sections_with_more_students_than_places_are_named_before_and_after(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)
    two = SimpleUploadedFile("enrolments.csv", f"{ENROLMENTS}s1@ist.example,A\ns2@ist.example,A\n".encode())

    handed = hand_in(browser, "A,Algebra,t1@ist.example,mon,09:00,10:30,1", enrolments=two)
    seen = words(browser.get(handed["Location"]))
    done = words(browser.post(handed["Location"], follow=True))

    assert "1 section has more students than places" in seen
    assert "1 class has more students than places; all of them are in it." in done


def test_sheets_that_are_not_read_are_named_before_the_term_is_brought_in(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)
    book = workbook_of({"Autumn": timetable(AT_NINE).splitlines(), "Spring": timetable(AT_NINE).splitlines()})

    handed = hand_in(browser, timetable=SimpleUploadedFile("terms.xlsx", book))

    assert "terms.xlsx: Of the workbook only the sheet “Autumn” was read, not: Spring." in words(
        browser.get(handed["Location"])
    )


def test_what_stays_out_is_named_on_the_page(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)
    rows = (AT_NINE, "B,Botany,t1@ist.example,mon,10:00,11:00,0", "C,Chess,nobody,mon,09:00,10:00,0")

    address = hand_in(browser, *rows)["Location"]
    seen = words(browser.get(address))
    done = words(browser.post(address, follow=True))

    assert "1 section stays out: its teacher has something else then" in seen
    assert "timetable.csv, 4 “nobody” is no e-mail address" in seen
    assert "The term is imported: 1 class. Its Zoom meetings follow. 2 sections and lines stayed out" in done


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"timetable": SimpleUploadedFile("t.csv", b"a,b\n1,2\n")},
            "timetable.csv: The first line must name the columns; there is none for section, teacher, weekday.",
        ),
        ({"timetable": SimpleUploadedFile("t.csv", b"\xff\xfea")}, "The file’s characters cannot be read."),
        ({"weeks": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"timezone": "Mars/Olympus"}, "Select a valid choice."),
        ({"holidays": "someday"}, "“someday” is no date. Write 2026-12-25."),
        ({"starts_on": "1066-10-14"}, "Choose a day of these years."),
    ],
)
def test_what_cannot_be_read_is_said(school: School, sign_in: SignIn, changes: dict[str, Any], says: str) -> None:
    refused = hand_in(sign_in(school.admin), **changes)

    assert refused.status_code == 400
    assert says in words(refused)
    assert not TermDraft.objects.exists()


def test_draft_is_its_admins_own_and_gone_once_it_is_in(school: School, sign_in: SignIn) -> None:
    address = f"/classes/term/{handed_in(make_admin(), now=timezone.now()).pk}"

    assert sign_in(school.admin).get(address).status_code == 404


def test_term_is_brought_in_again_with_its_days_off_as_before(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)
    monday = next_monday(timezone.now()) + timedelta(days=7)
    off = f"{monday} – {monday + timedelta(days=1)}"
    browser.post(hand_in(browser, AT_NINE, holidays=off)["Location"])

    form = browser.get("/classes/term")
    seen = words(browser.get(hand_in(browser, AT_NINE, holidays="")["Location"]))

    assert off in words(form)
    assert "The holidays are those of the term" in words(form)
    assert "In 1 of the changed classes only the holidays differ." in seen
    days = " – ".join(date_format(day, "j F") for day in (monday, monday + timedelta(days=1)))
    assert f"Holidays before that have sessions again: {days}" in seen
