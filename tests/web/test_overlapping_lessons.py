"""Pages warn a student who books over a session of their own, and mark what is at the same time."""

import pytest

from classbell.accounts.models import User
from classbell.meetings.models import Meeting
from classbell.web.kit.charts.weeks import first_weekday, week_of
from tests.factories import make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_meetings import make_class_of
from tests.web.conftest import SignIn
from tests.web.html import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def student() -> User:
    return make_student()


@pytest.fixture
def algebra(student: User) -> Meeting:
    return make_class_of(student, starts_at=a_day_ahead())


def test_page_says_what_overlaps_and_asks_for_a_tick(student: User, algebra: Meeting, sign_in: SignIn) -> None:
    teacher, client = make_tutor(), sign_in(student)
    slot = a_day_ahead().strftime("%Y-%m-%dT%H:%MZ")
    shown = words(client.get(f"/teachers/{teacher.pk}/", {"slot": slot, "length": "60"}))
    form = {"slot": slot, "length": "60", "notes": ""}

    unticked = client.post(f"/teachers/{teacher.pk}/book", form)
    ticked = client.post(f"/teachers/{teacher.pk}/book", form | {"despite_overlap": "on"})

    assert "You are expected elsewhere at that time:" in shown
    assert "Algebra" in shown
    assert (unticked.status_code, ticked.status_code) == (400, 302)
    assert "Tick this to ask for it all the same" in words(unticked)


def test_my_week_marks_what_is_at_the_same_time(student: User, algebra: Meeting, sign_in: SignIn) -> None:
    make_booking(
        student=student,
        teacher=make_tutor(settings={"auto_confirm": True}),
        starts_at=a_day_ahead(),
        despite_overlap=True,
    )

    first = first_weekday(locale=student.locale, timezone=student.timezone)
    there = week_of(a_day_ahead().date(), first_weekday=first)
    page = words(sign_in(student).get("/week/", {"week": there.name}))

    assert page.count("At the same time:") == 2
    assert "At the same time: Algebra" in page
