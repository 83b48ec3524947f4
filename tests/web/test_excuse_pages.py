"""Absences on pages: told on a phone, listed with their states, decided, taken back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from classbell.accounts.models import User
from classbell.excuses.models import Excuse, ExcuseDocument
from classbell.excuses.rules import change_rules, rules_in_force
from classbell.excuses.services import Absence, tell_excuse
from classbell.meetings.models import Occurrence
from tests.factories import make_class, make_student
from tests.factories_meetings import make_meeting, spec
from tests.web.conftest import School, SignIn
from tests.web.html import inline_code, words

NEW, LIST = "/excuses/new", "/excuses/"
# Four of them ask who a teacher’s own people are.
STATEMENTS = {LIST: 12, "/week/": 15}


def first_session(school: School) -> Occurrence:
    return school.meeting.occurrences.order_by("starts_at")[0]


def tell(school: School, *, by: User | None = None) -> Excuse:
    absence = Absence(reason="At the dentist's.", occurrence_id=first_session(school).pk)
    return tell_excuse(student_id=school.member.pk, by=by or school.member, absence=absence, now=datetime.now(UTC))


def page_of(excuse: Excuse) -> str:
    return reverse("excuse", args=[excuse.pk])


def test_a_session_leads_to_telling_that_one_cannot_come(school: School, sign_in: SignIn) -> None:
    browser, address = sign_in(school.member), f"{NEW}?occurrence={first_session(school).pk}"

    assert address in browser.get(reverse("meeting", args=[school.meeting.pk])).content.decode()
    page = browser.get(address)
    assert school.meeting.title in words(page)
    assert "First day" not in words(page)
    assert inline_code(page) == []
    paper = SimpleUploadedFile("note.pdf", b"%PDF-1.7")
    answer = browser.post(address, {"reason": "Ill.", "document": paper}, follow=True)
    assert "It is told. You hear here, and by mail, what is answered." in words(answer)
    excuse = Excuse.objects.get()
    assert (excuse.student, excuse.occurrence, excuse.reason) == (school.member, first_session(school), "Ill.")
    assert ExcuseDocument.objects.get().excuse == excuse


def test_days_are_told_whole_and_on_the_readers_clock(school: School, sign_in: SignIn) -> None:
    school.member.timezone = "Asia/Riyadh"
    school.member.save()
    session = first_session(school)
    day = session.starts_at.astimezone(school.member.zone).date()
    typed = {"first_day": f"{day}", "reason": "Away.", "group": str(school.group.pk)}
    sign_in(school.member).post(NEW, typed)

    excuse = Excuse.objects.get()
    begins = datetime(day.year, day.month, day.day, tzinfo=school.member.zone)
    assert (excuse.starts_at, excuse.ends_at) == (begins, begins + timedelta(days=1))
    assert excuse.group == school.group


@pytest.mark.parametrize("days", [1, 3])
def test_whole_days_are_said_without_hours(school: School, sign_in: SignIn, days: int) -> None:
    day = first_session(school).starts_at.astimezone(school.member.zone).date()
    last = day + timedelta(days=days - 1)
    typed = {"first_day": f"{day}", "last_day": f"{last}", "reason": "Away."}

    said = words(sign_in(school.member).post(NEW, typed, follow=True))

    in_words = [f"{one:%A} {one.day} {one:%B}" for one in (day, last)]
    assert (in_words[0] if days == 1 else " to ".join(in_words)) in said
    assert "00:00" not in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"first_day": ""}, "This field is required."),
        ({"reason": " "}, "This field is required."),
        ({"first_day": "2020-01-01"}, "there is no session of yours"),
        ({"last_day": "2000-01-01"}, "The end must be after the beginning."),
        ({"document": SimpleUploadedFile("x.pdf", b"<html>")}, "A document must be a PDF"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    school: School, sign_in: SignIn, typed: dict[str, object], said: str
) -> None:
    day = first_session(school).starts_at.astimezone(school.member.zone).date()
    answer = sign_in(school.member).post(NEW, {"first_day": f"{day}", "reason": "A long story."} | typed)

    assert answer.status_code == 400
    assert said in words(answer)
    assert "reason" in typed or "A long story." in words(answer)
    assert not Excuse.objects.exists()


def test_a_teacher_tells_it_for_their_student_and_nobody_for_strangers(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.teacher)
    address = f"{NEW}?student={school.member.pk}&occurrence={first_session(school).pk}"

    browser.post(address, {"reason": "His mother rang."})
    excuse = Excuse.objects.get()
    assert (excuse.student, excuse.told_by) == (school.member, school.teacher)
    assert browser.get(f"{NEW}?student={make_student().pk}").status_code == 403
    assert sign_in(school.stranger).get(f"{NEW}?student={school.member.pk}").status_code == 403
    assert sign_in(school.member).get(f"{NEW}?student=nobody").status_code == 404


def test_the_list_shows_ones_own_with_their_states(school: School, sign_in: SignIn) -> None:
    tell(school)

    assert "Waits for an answer" in words(sign_in(school.member).get(LIST))
    empty = words(sign_in(school.stranger).get(LIST))
    assert "No absence has been told." in empty


def test_who_can_answer_finds_it_on_their_first_page_and_in_the_list(school: School, sign_in: SignIn) -> None:
    excuse = tell(school)

    for person in (school.teacher, school.admin):
        assert "1 told absence waits for an answer." in words(sign_in(person).get("/"))
        listed = sign_in(person).get(LIST)
        assert "At the dentist's." in words(listed)
        assert reverse("excuse-decide", args=[excuse.pk]) in listed.content.decode()
    assert "At the dentist's." not in words(sign_in(school.other_teacher).get(LIST))
    assert "told absence waits" not in words(sign_in(school.other_teacher).get("/"))


def test_what_several_teachers_would_have_to_answer_waits_for_an_admin(school: School, sign_in: SignIn) -> None:
    other = make_class(teacher=school.other_teacher, students=[school.member])
    starts_at = first_session(school).starts_at
    make_meeting(spec(school.other_teacher, group=other, starts_at=starts_at))
    absence = Absence(reason="Away.", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    tell_excuse(student_id=school.member.pk, by=school.member, absence=absence, now=datetime.now(UTC))

    assert "told absence waits" not in words(sign_in(school.teacher).get("/"))
    assert "No excuse waits for your answer." in words(sign_in(school.teacher).get(LIST))
    assert "1 told absence waits for an answer." in words(sign_in(school.admin).get("/"))


def test_an_answer_is_given_once(school: School, sign_in: SignIn) -> None:
    excuse = tell(school)
    decide = reverse("excuse-decide", args=[excuse.pk])

    no_answer = sign_in(school.teacher).post(decide, {}, follow=True)
    first = sign_in(school.teacher).post(decide, {"answer": "yes", "note": "Get well.", "list": "1"}, follow=True)
    second = sign_in(school.admin).post(decide, {"answer": "no"}, follow=True)

    assert "Choose an answer." in words(no_answer)
    assert "Accepted; the student is told." in words(first)
    assert "This excuse is not waiting for an answer any more: Accepted." in words(second)
    shown = words(sign_in(school.member).get(page_of(excuse)))
    assert f"Answered by {school.teacher.name}" in shown
    assert "Get well." in shown


def test_taking_back_asks_first(school: School, sign_in: SignIn) -> None:
    excuse = tell(school)
    page = sign_in(school.member).get(page_of(excuse))
    answer = sign_in(school.member).post(reverse("excuse-withdraw", args=[excuse.pk]), follow=True)

    assert "It cannot be brought back, only told again." in words(page)
    assert "Withdrawn. Attendance counts as if it had not been told." in words(answer)
    assert "Withdraw it" not in words(answer)


def test_others_do_not_find_it(school: School, sign_in: SignIn) -> None:
    address = page_of(tell(school))

    assert [sign_in(one).get(address).status_code for one in (school.stranger, school.other_teacher)] == [404, 404]


def test_admins_change_the_rules_and_students_read_them(school: School, sign_in: SignIn) -> None:
    typed = {
        "accepts_at_once": "on",
        "hours_ahead": "6",
        "kinds_at_once": "Illness\nIllness\n\n Family ",
        "kinds_decided": "",
        "makeup_days": "30",
    }
    answer = sign_in(school.admin).post("/attendance/policies/excuses", typed, follow=True)

    assert "What is told 6 hours before the first session or earlier is accepted at once." in words(answer)
    assert rules_in_force().kinds_at_once == ["Illness", "Family"]
    page = sign_in(school.member).get(NEW)
    assert "Illness" in words(page)
    told = sign_in(school.member).post(
        f"{NEW}?occurrence={first_session(school).pk}", {"reason": "Fever.", "kind": "Illness"}, follow=True
    )
    assert "You are excused: the school's rules accept it." in words(told)


def test_a_kind_in_both_lists_is_refused_beside_its_field(school: School, sign_in: SignIn) -> None:
    change_rules({"kinds_at_once": ["Illness"]})
    typed = {"hours_ahead": "24", "kinds_at_once": "Illness", "kinds_decided": "Illness", "makeup_days": "30"}
    answer = sign_in(school.admin).post("/attendance/policies/excuses", typed)

    assert answer.status_code == 400
    assert "“Illness” stands in both lists; take it out of one." in words(answer)


@pytest.mark.parametrize("page", [LIST, "/week/"])
@pytest.mark.parametrize("count", [1, 20])
def test_pages_take_the_same_number_of_statements_however_many_wait(
    school: School, sign_in: SignIn, django_assert_num_queries: Callable[..., Any], page: str, count: int
) -> None:
    browser = sign_in(school.teacher)
    session = first_session(school)
    for _each in range(count):
        student = make_student()
        school.group.memberships.create(user=student)
        absence = Absence(reason="Ill.", starts_at=session.starts_at, ends_at=session.ends_at)
        tell_excuse(student_id=student.pk, by=student, absence=absence, now=datetime.now(UTC))

    with django_assert_num_queries(STATEMENTS[page]):
        assert browser.get(page).status_code == 200
