"""My week: who sees what, what is next, and how many queries it takes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from classbell.accounts.models import User
from classbell.meetings.models import Audience, Occurrence
from classbell.meetings.occurrences import cancel_occurrence
from tests.factories import make_teacher
from tests.factories_bookings import make_booking
from tests.web.conftest import School, SignIn, make_meeting, make_running_meeting, on_zoom, set_known
from tests.web.html import links, words

# Session, person, next session, the week's sessions and holidays, children; for teachers also the requests and the
# excuses to answer, of which two statements say in which meetings they teach.
QUERIES = 7
QUERIES_OF_TEACHERS = 11


def week_of(school: School) -> str:
    """Return the address of the week in which the class first meets."""
    first = school.meeting.occurrences.order_by("starts_at")[0]
    return f"/?week={first.starts_at:%G-W%V}"


def test_visitor_is_sent_to_sign_in_and_comes_back(db: None, sign_in: SignIn) -> None:
    response = sign_in(None).get("/?week=2026-W47")

    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/login/?next=/%3Fweek%3D2026-W47")


def test_signing_in_leads_to_my_week(school: School) -> None:
    browser = Client()
    sent = {"login": school.member.email, "password": "a-long-enough-password"}

    response = browser.post("/accounts/login/", sent)

    assert (response.status_code, response.headers["Location"]) == (302, "/")


@pytest.mark.parametrize(
    ("who", "sees"),
    [("member", True), ("stranger", False), ("teacher", True), ("other_teacher", False)],
)
def test_week_holds_what_is_ones_own(school: School, sign_in: SignIn, who: str, sees: bool) -> None:
    response = sign_in(school.person(who)).get(week_of(school))

    assert (f"/meetings/{school.meeting.pk}/" in links(response)) is sees


@pytest.mark.parametrize(
    ("who", "action", "label"), [("member", "join", "Join"), ("teacher", "start", "Start the session")]
)
def test_next_occurrence_offers_the_one_thing_to_do(
    school: School, sign_in: SignIn, who: str, action: str, label: str
) -> None:
    running = on_zoom(make_running_meeting(teacher=school.teacher, group=school.group, title="Conversation"))

    response = sign_in(school.person(who)).get("/")

    assert f"/meetings/{running.pk}/{action}" in links(response)
    assert "Now ends in" in words(response)
    assert label in words(response)


def test_next_occurrence_without_a_link_says_why_and_looks_again_soon(school: School, sign_in: SignIn) -> None:
    running = make_running_meeting(teacher=school.teacher, group=school.group)
    set_known(running, sync_error_code="zoom_unavailable")

    response = sign_in(school.member).get("/")

    assert "Confirmed. Zoom is slow just now; the link will be here in a minute." in words(response)
    assert f"/meetings/{running.pk}/join" not in links(response)
    assert 'hx-trigger="every 5s"' in response.content.decode()


def test_next_occurrence_can_be_asked_for_alone(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.member).get("/", headers={"HX-Request": "true", "HX-Target": "next"})

    page = response.content.decode()
    assert "<html" not in page
    assert page.strip().startswith('<section class="next" id="next"')


def test_cancelled_occurrence_stays_with_its_reason_and_is_not_next(school: School, sign_in: SignIn) -> None:
    first, second = school.meeting.occurrences.order_by("starts_at")[:2]
    cancel_occurrence(occurrence_id=first.pk, reason="Holiday", now=timezone.now())

    week, home = sign_in(school.member).get(week_of(school)), sign_in(school.member).get("/")

    assert "Cancelled : Holiday" in words(week).replace("Cancelled:", "Cancelled :")
    assert home.context["next"].id == second.pk


def test_times_are_the_readers(school: School, sign_in: SignIn) -> None:
    school.member.timezone = "Asia/Riyadh"
    school.member.save(update_fields=["timezone"])

    page = words(sign_in(school.member).get(week_of(school)))

    assert "Times in Riyadh" in page
    assert "12:00 – 13:00" in page


@pytest.mark.parametrize("address", ["/?week=nonsense", "/?week=9999-W52", "/?week="])
def test_week_nobody_can_mean_is_this_week(school: School, sign_in: SignIn, address: str) -> None:
    assert sign_in(school.member).get(address).context["is_this_week"]


def test_empty_week_teaches_what_will_be_here(school: School, sign_in: SignIn) -> None:
    page = words(sign_in(school.stranger).get("/"))

    assert "Sessions appear here as soon as a teacher or the school has given a place in a class." in page


@pytest.mark.parametrize(("who", "queries"), [("member", QUERIES), ("teacher", QUERIES_OF_TEACHERS)])
@pytest.mark.parametrize("occurrences", [1, 3])
def test_week_takes_as_many_queries_with_three_occurrences_as_with_one(
    school: School, sign_in: SignIn, django_assert_num_queries: object, who: str, queries: int, occurrences: int
) -> None:
    for _ in range(occurrences - 1):
        starts_at = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=2)
        make_meeting(teacher=make_teacher(), starts_at=starts_at, audience=Audience.EVERYONE)
    browser, address = sign_in(school.person(who)), week_of(school)
    browser.get(address)

    with django_assert_num_queries(queries):  # type: ignore[operator]  # pytest-django's fixture has no type
        browser.get(address)


def test_week_shows_an_occurrence_that_began_the_evening_before_it(school: School, sign_in: SignIn) -> None:
    sunday = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    meeting = make_meeting(teacher=school.teacher, starts_at=sunday, rule="", audience=Audience.EVERYONE)

    response = sign_in(school.stranger).get("/?week=2026-W48")

    monday = response.context["days"][0]
    assert [occurrence.meeting_id for occurrence in monday.occurrences] == [meeting.pk]
    assert Occurrence.objects.filter(meeting=meeting).count() == 1


def test_admin_who_teaches_sees_their_own_occurrences_too(school: School, sign_in: SignIn) -> None:
    admin: User = school.admin
    mine = on_zoom(make_running_meeting(teacher=admin, title="Head's hour"))

    response = sign_in(admin).get("/week/")

    assert response.context["next"].meeting_id == mine.pk


def test_teacher_sees_at_once_who_is_here_and_who_is_missing(school: School, sign_in: SignIn) -> None:
    running = on_zoom(make_running_meeting(teacher=school.teacher, group=school.group))

    page = sign_in(school.teacher).get("/")

    assert "0 of 1 here" in words(page)
    assert f"Missing: {school.member.name}" in words(page)
    assert any(link.startswith(f"/meetings/{running.pk}/board/?occurrence=") for link in links(page))


def test_student_is_not_told_who_is_missing(school: School, sign_in: SignIn) -> None:
    on_zoom(make_running_meeting(teacher=school.teacher, group=school.group))

    assert "Missing:" not in words(sign_in(school.member).get("/"))


def test_requests_to_answer_stand_on_the_teachers_first_page(school: School, sign_in: SignIn) -> None:
    booking = make_booking(student=school.member)

    response = sign_in(booking.teacher).get("/")

    assert "1 request to answer" in words(response)
    assert f"/bookings/{booking.pk}/" in links(response)
