"""Times on the clock of the reader's place: as their device says, as they chose, and never as somebody forged it."""

import pytest

from classbell.accounts.models import User
from tests.factories import make_student
from tests.factories_bookings import make_tutor
from tests.web.conftest import School, SignIn
from tests.web.html import words

FORGED = ["Mars/Olympus", "../etc/passwd", "Europe", "x" * 5000, "%00"]


def test_a_line_offers_the_devices_timezone_and_uses_it(db: None, sign_in: SignIn) -> None:
    reader = make_student()
    browser = sign_in(reader)
    browser.cookies["device_zone"] = "Asia%2FRiyadh"

    before = words(browser.get("/week/"))
    browser.post("/preferences/timezone", {"timezone": "Asia/Riyadh", "next": "/week/"})
    after = words(browser.get("/week/"))

    assert "Your device is on Riyadh time; times here are in UTC time." in before
    assert User.objects.get(pk=reader.pk).timezone == "Asia/Riyadh"
    assert "Your device" not in after


def test_who_keeps_their_timezone_is_not_asked_again(db: None, sign_in: SignIn) -> None:
    reader = make_student()
    browser = sign_in(reader)
    browser.cookies["device_zone"] = "Asia%2FRiyadh"

    browser.post("/preferences/timezone", {"timezone": "Asia/Riyadh", "keep": "1", "next": "/week/"})

    assert User.objects.get(pk=reader.pk).timezone == "UTC"
    assert "Your device" not in words(browser.get("/week/"))


@pytest.mark.parametrize("zone", FORGED)
def test_what_is_no_timezone_changes_nothing(db: None, sign_in: SignIn, zone: str) -> None:
    reader = make_student()
    browser = sign_in(reader)
    browser.cookies["device_zone"] = zone

    chosen = browser.post("/preferences/timezone", {"timezone": zone, "next": "/week/"})

    assert chosen.status_code == 302
    assert User.objects.get(pk=reader.pk).timezone == "UTC"
    assert browser.get("/week/").status_code == 200


def test_visitors_read_a_teachers_times_on_their_own_clock(db: None, sign_in: SignIn) -> None:
    tutor = make_tutor()
    browser = sign_in(None)

    guessed = words(browser.get(f"/teachers/{tutor.pk}/"))
    browser.cookies["device_zone"] = "Asia%2FKolkata"
    device = words(browser.get(f"/teachers/{tutor.pk}/"))
    browser.post("/preferences/timezone", {"timezone": "Asia/Tokyo", "next": "/teachers/"})
    chosen = words(browser.get(f"/teachers/{tutor.pk}/"))

    assert "Times are those of each teacher’s place" in guessed
    assert "Times in Kolkata time" in device
    assert "Times in Tokyo time" in chosen


def test_teachers_who_can_be_booked_come_first_and_others_have_no_button(db: None, sign_in: SignIn) -> None:
    free = make_tutor(first_name="Zoe", last_name="Zed")
    other = make_tutor(first_name="Abe", last_name="Abel")
    other.availability.all().delete()

    page = words(sign_in(None).get("/teachers/"))

    assert page.index(free.name) < page.index("No free hour in the next two weeks") < page.index(other.name)
    assert f"Free times : {free.name}" in page or f"Free times: {free.name}" in page
    assert f"Free times: {other.name}" not in page


def test_an_admin_reaches_their_own_week_and_hours(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)

    overview = words(browser.get("/"))

    assert "My hours" in overview
    assert [browser.get(path).status_code for path in ("/week/", "/availability/")] == [200, 200]
