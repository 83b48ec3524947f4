"""A guardian's pages: the children, and each child's pages, read and used by the guardian for the child."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from classbell.accounts.guardians.services import remove_guardian
from classbell.accounts.models import User
from classbell.audit.labels import in_words
from classbell.audit.queries import Asked, history
from classbell.bookings.models import Booking, BookingStatus
from classbell.excuses.models import Excuse
from classbell.groups.services import enrol_students
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.models import Attendance
from classbell.notices.models import Notice
from tests.bookings.lessons import make_lesson
from tests.factories import guard, make_guardian, make_student
from tests.factories_attendance import make_occurrence
from tests.factories_bookings import a_day_ahead, make_tutor
from tests.web.conftest import School, SignIn, make_running_meeting, on_zoom
from tests.web.html import attributes, links, words

pytestmark = pytest.mark.django_db
OWN_PAGES = (
    "week/",
    "calendar/",
    "bookings/",
    "attendance/",
    "excuses/",
    "excuses/new",
    "classes/",
    "halakat/",
    "courses/",
)


def below(child: User, path: str = "") -> str:
    return f"/children/{child.pk}/{path}"


def here(page: Any) -> list[str]:
    """Return what the navigation says one is at."""
    current = [f"{one['href']}" for one in attributes(page, "a") if "aria-current" in one]
    return [address for address in current if address.startswith("/") and "?" not in address]


@pytest.fixture
def mother(school: School) -> User:
    """The guardian of the class's member."""
    return make_guardian(school.member, first_name="Huda", last_name="Saeed", relation="mother")


def test_first_page_of_who_is_nothing_but_a_guardian_shows_the_children(
    school: School, mother: User, sign_in: SignIn
) -> None:
    other = make_student(first_name="Maryam")
    guard(mother, other)

    page = sign_in(mother).get("/")

    assert "My children" in words(page)
    assert "Maryam" in words(page)
    assert below(school.member, f"meetings/{school.meeting.pk}/") in links(page)
    assert "Nothing in the next seven days." in words(page)
    assert "My attendance" not in words(page)


def test_who_is_nobodys_guardian_is_told_what_to_do(school: School, sign_in: SignIn) -> None:
    page = sign_in(school.stranger).get("/children/")

    assert "You are nobody’s guardian here." in words(page)


@pytest.mark.parametrize("path", OWN_PAGES)
def test_a_childs_page_is_the_students_and_leads_to_the_childs_pages(
    school: School, mother: User, sign_in: SignIn, path: str
) -> None:
    own = sign_in(school.member).get(f"/{path}")

    page = sign_in(mother).get(below(school.member, path))

    assert (own.status_code, page.status_code) == (200, 200)
    assert f"What you do here you do for {school.member.name}" in words(page)
    theirs = {urlsplit(link).path for link in links(own)}
    assert here(page) == [below(school.member, address[1:]) for address in here(own)]
    # Each link of the student's page is there, below the child's.
    expected = {below(school.member, link[1:]) for link in theirs if link.startswith("/") and link != "/static/"}
    assert expected - {urlsplit(link).path for link in links(page)} <= {below(school.member, path)}


def test_what_is_the_guardians_own_stays_theirs(school: School, mother: User, sign_in: SignIn) -> None:
    browser = sign_in(mother)

    own = browser.get(below(school.member, "me/"))
    unread = browser.get(below(school.member, "notices/unread"), headers={"HX-Request": "true"})
    program = browser.get(below(school.member, "api/auth/me"))
    out = browser.post(below(school.member, "accounts/logout/"))

    assert (own.status_code, own.headers["Location"]) == (302, "/me/")
    assert unread.status_code == 200
    assert program.status_code == 404
    assert out.status_code == 302
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("path", ["", *OWN_PAGES, "children/banner", "me/"])
def test_nobody_else_opens_a_childs_pages(school: School, mother: User, sign_in: SignIn, path: str) -> None:
    stranger = make_guardian(school.stranger)

    for person in (stranger, school.stranger, school.member, school.teacher, school.admin):
        answer = sign_in(person).get(below(school.member, path))
        assert answer.status_code == 403


def test_removed_guardian_sees_and_does_nothing_more_while_signed_in(
    school: School, mother: User, sign_in: SignIn
) -> None:
    browser, page = sign_in(mother), below(school.member, f"meetings/{school.meeting.pk}/")
    before = browser.get(page)
    remove_guardian(student_id=school.member.pk, guardian_id=mother.pk)

    after = browser.get(page)
    still_open = browser.get(below(school.member, "children/banner"), headers={"HX-Request": "true"})
    told = browser.post(below(school.member, "excuses/new"), {"reason": "Ill.", "first_day": "2031-01-01"})

    assert before.status_code == 200
    assert [answer.status_code for answer in (after, still_open, told)] == [403, 403, 403]
    assert "You are not a guardian of this student. If you should be, ask the school." in words(after)
    assert not Excuse.objects.exists()


def test_times_are_on_the_guardians_clock(school: School, mother: User, sign_in: SignIn) -> None:
    mother.timezone = "Asia/Riyadh"
    mother.save()

    page = sign_in(mother).get(below(school.member, "week/"))

    assert "Asia/Riyadh" in words(page)
    school.member.refresh_from_db()
    assert school.member.timezone == "UTC"


def test_guardian_asks_for_a_lesson_for_the_child_and_it_says_so(school: School, mother: User, sign_in: SignIn) -> None:
    teacher = make_tutor()
    slot = a_day_ahead().strftime("%Y-%m-%dT%H:%M:%SZ")

    answer = sign_in(mother).post(
        below(school.member, f"teachers/{teacher.pk}/book"), {"slot": slot, "length": "60"}, follow=True
    )

    booking = Booking.objects.get()
    assert (booking.student, booking.booked_by) == (school.member, mother)
    assert answer.redirect_chain[0][0] == below(school.member, f"bookings/{booking.pk}/")
    (line,) = in_words(history(Asked(kind="booking", id=booking.pk), limit=5).entries)
    assert line.actor == f"\u2068Huda Saeed\u2069 for \u2068{school.member.name}\u2069"


def test_guardian_cancels_for_the_child_and_both_others_are_told(school: School, mother: User, sign_in: SignIn) -> None:
    booking = make_lesson(student=school.member)

    sign_in(mother).post(below(school.member, f"bookings/{booking.pk}/cancel"), {"reason": "Ill"})

    booking.refresh_from_db()
    assert (booking.status, booking.cancelled_by) == (BookingStatus.CANCELLED, mother)
    told = Notice.objects.filter(kind="lesson_cancelled")
    assert {notice.user for notice in told} == {booking.teacher, school.member}
    # Whoever is told opens the lesson as their own.
    assert {notice.path for notice in told} == {f"/bookings/{booking.pk}/"}


def test_guardian_tells_an_absence_for_the_child_by_an_address_that_teachers_can_open(
    school: School, mother: User, sign_in: SignIn
) -> None:
    session = school.meeting.occurrences.order_by("starts_at")[0]

    sign_in(mother).post(below(school.member, f"excuses/new?occurrence={session.pk}"), {"reason": "Ill."})

    excuse = Excuse.objects.get()
    assert (excuse.student, excuse.told_by) == (school.member, mother)
    assert Notice.objects.get(user=school.teacher).path == f"/excuses/{excuse.pk}/"
    assert "Told by Huda Saeed" in words(sign_in(school.teacher).get(f"/excuses/{excuse.pk}/"))


def test_guardian_objects_for_the_child(school: School, mother: User, sign_in: SignIn) -> None:
    held = make_occurrence(school.group)
    record_attendance(occurrence_id=held.pk, now=datetime.now(UTC))

    sign_in(mother).post(below(school.member, f"attendance/{held.pk}/object"), {"objection": "She was there."})

    assert Attendance.objects.get(user=school.member).objection == "She was there."


@pytest.mark.parametrize("shown", ["initial", "none"])
def test_other_students_are_named_to_guardians_as_to_the_student(
    school: School, mother: User, sign_in: SignIn, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fellow = make_student(first_name="Zaynab", last_name="Unmistakable")
    enrol_students(group_id=school.group.pk, students=[fellow])
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"students_names": shown}))

    page = sign_in(mother).get(below(school.member, f"classes/{school.group.pk}/"))

    assert page.status_code == 200
    assert "Unmistakable" not in page.text
    assert fellow.email not in page.text


@pytest.mark.parametrize("joins", [True, False])
def test_guardians_join_where_the_school_lets_them(
    school: School, mother: User, sign_in: SignIn, joins: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"guardians_join": joins}))
    running = on_zoom(make_running_meeting(teacher=school.teacher, group=school.group))
    browser, page = sign_in(mother), below(school.member, f"meetings/{running.pk}/")

    shown, joined = browser.get(page), browser.get(f"{page}join")

    assert joins or running.join_url not in shown.text
    assert joined.status_code == (302 if joins else 403)
    assert ("let your child open it" in joined.text) is not joins
    # It binds nobody else.
    assert sign_in(school.member).get(f"/meetings/{running.pk}/join").status_code == 302


@pytest.mark.parametrize("person", ["teacher", "stranger", "admin"])
def test_whoever_has_children_finds_them_from_every_page(school: School, sign_in: SignIn, person: str) -> None:
    guardian = school.person(person)
    assert guardian is not None
    browser = sign_in(guardian)
    before = links(browser.get("/calendar/"))
    guard(guardian, school.member)

    after = links(browser.get("/calendar/"))

    assert "/children/" not in before
    assert "/children/" in after
    assert school.member.name in words(browser.get("/children/"))


# What is the guardian's own on a child's page: their clock, their devices, what they type.
OF_THE_GUARDIAN = (
    "You see what",
    "What you do here you do for",
    "your time",
    "Your time",
    "on your clock",
    "Have it on your phone",
    "All sessions in your own calendar",
    "You may leave it empty.",
    "reads your reason",
    "My children",
    "Your account",
    "We tell you when there is a place.",
)
TO_A_STUDENT = re.compile(r"(?:\S+ ){0,6}\b(?:you|your|yours|my|mine|I|me)\b(?: \S+){0,4}", re.IGNORECASE)


def test_a_childs_pages_speak_of_the_child_and_not_to_it(school: School, mother: User, sign_in: SignIn) -> None:
    child, teacher = school.member, make_tutor(opens="00:00", closes="24:00")
    occurrence = make_occurrence(school.group)
    record_attendance(occurrence_id=occurrence.pk, now=occurrence.ends_at)
    lesson = make_lesson(BookingStatus.CONFIRMED, teacher=teacher, student=child)
    pages = [
        *OWN_PAGES,
        f"classes/{school.group.pk}/",
        f"meetings/{school.meeting.pk}/",
        f"bookings/{lesson.pk}/",
        f"bookings/{lesson.pk}/cancel",
        f"teachers/{teacher.pk}/",
        f"teachers/{teacher.pk}/?slot={a_day_ahead().strftime('%Y-%m-%dT%H:%M:%SZ')}&length=60",
        "makeups/",
    ]
    browser = sign_in(mother)

    said = {path: words(browser.get(below(child, path))) for path in pages}

    for path, text in said.items():
        body = text.partition("and it says so.")[2].partition("That could not be sent.")[0]
        assert TO_A_STUDENT.findall(re.sub("|".join(OF_THE_GUARDIAN), "", body)) == [], path
