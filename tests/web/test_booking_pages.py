"""My bookings and one booking: who sees what, how it is said, what may be done about it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingPolicy, BookingStatus, NoShow
from classbell.bookings.outcomes import complete_booking, report_no_show
from classbell.bookings.services import cancel_booking, confirm_booking, reschedule_booking
from tests.factories_bookings import a_day_ahead, make_booking
from tests.web.conftest import SignIn, failed, set_known
from tests.web.html import links, words
from tests.web.lessons import Pair, make_pair, over

# Session and person, their make-up lessons, how many, the page; for teachers also what waits for an answer.
LIST_QUERIES = 7
LIST_QUERIES_OF_TEACHERS = 9


@pytest.fixture
def pair(db: None) -> Pair:
    return make_pair()


@pytest.mark.parametrize("path", ["/bookings/", "/bookings/{booking}/", "/bookings/{booking}/move"])
def test_visitor_is_sent_to_sign_in(pair: Pair, sign_in: SignIn, path: str) -> None:
    address = path.format(booking=pair.booking.pk)

    response = sign_in(None).get(address)

    assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/login/?next={address}")


def test_booking_that_is_none_is_not_there(pair: Pair, sign_in: SignIn) -> None:
    assert sign_in(pair.admin).get("/bookings/00000000-0000-7000-8000-000000000000/").status_code == 404


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("student", "Waiting for Amina’s answer. The time is held until"),
        ("teacher", "Yusuf waits for your answer. The time is held until"),
        ("admin", "Waiting for Amina’s answer. The time is held until"),
    ],
)
def test_request_says_who_waits_for_whom(pair: Pair, sign_in: SignIn, who: str, sentence: str) -> None:
    assert sentence in words(sign_in(getattr(pair, who)).get(pair.page))


def _slow(booking: Booking) -> None:
    assert booking.meeting is not None
    set_known(
        booking.meeting, sync_status="pending", sync_error_code="zoom_unavailable", zoom_meeting_id="", join_url=""
    )


def _failed(booking: Booking) -> None:
    assert booking.meeting is not None
    failed(booking.meeting)


@pytest.mark.parametrize(
    ("happens", "sentence", "looks_again"),
    [
        (lambda booking: None, "Confirmed. The Zoom meeting is ready.", False),
        (_slow, "Confirmed. Zoom is slow just now; the link will be here in a minute.", True),
        (_failed, "Confirmed. The Zoom link is not ready yet; your teacher sees why.", False),
    ],
    ids=["ready", "slow", "failed"],
)
def test_confirmed_booking_says_how_zoom_stands(
    pair: Pair, sign_in: SignIn, happens: Callable[[Booking], None], sentence: str, looks_again: bool
) -> None:
    happens(pair.confirmed())

    response = sign_in(pair.student).get(pair.page)

    assert sentence in words(response)
    assert ('hx-trigger="every 4s"' in response.content.decode()) is looks_again


@pytest.mark.parametrize(("who", "door"), [("student", "join"), ("teacher", "start"), ("admin", "start")])
def test_confirmed_booking_has_the_way_into_the_room(pair: Pair, sign_in: SignIn, who: str, door: str) -> None:
    booking = pair.confirmed()

    assert f"/meetings/{booking.meeting_id}/{door}" in links(sign_in(getattr(pair, who)).get(pair.page))


def test_booking_that_lost_its_meeting_can_get_another(pair: Pair, sign_in: SignIn) -> None:
    _failed(pair.confirmed())

    page = sign_in(pair.student).get(pair.page)
    sent = sign_in(pair.student).post(f"{pair.page}meeting", follow=True)

    assert "Create the Zoom meeting again" in words(page)
    assert "Trying again now." in words(sent)


def test_state_can_be_asked_for_alone(pair: Pair, sign_in: SignIn) -> None:
    response = sign_in(pair.student).get(pair.page, headers={"HX-Request": "true", "HX-Target": "lesson"})

    assert response.content.decode().strip().startswith('<div id="lesson"')


def test_cancelled_booking_says_by_whom_and_why(pair: Pair, sign_in: SignIn) -> None:
    cancel_booking(booking_id=pair.booking.pk, by=pair.teacher, reason="I am <ill>", now=datetime.now(UTC))

    page = words(sign_in(pair.student).get(pair.page))

    assert "Cancelled by Amina Haddad. The time is free again." in page
    assert "I am <ill>" in page


def test_lesson_the_teacher_missed_says_what_is_owed(pair: Pair, sign_in: SignIn) -> None:
    booking = over(pair)
    report_no_show(booking_id=booking.pk, who=NoShow.TEACHER, by=pair.student, now=booking.ends_at)

    page = words(sign_in(pair.student).get(f"/bookings/{booking.pk}/"))

    assert "The teacher did not come." in page
    assert "Yusuf has a make-up lesson for it until" in page


@pytest.mark.parametrize(("who", "leads_to"), [("teacher", "/meetings/{}/attendance/"), ("student", "/attendance/")])
def test_lesson_that_is_over_leads_to_its_attendance(pair: Pair, sign_in: SignIn, who: str, leads_to: str) -> None:
    booking, browser = over(pair), sign_in(getattr(pair, who))
    address = leads_to.format(booking.meeting_id)

    before, after = (links(browser.get(page)).count(address) for page in (pair.page, f"/bookings/{booking.pk}/"))

    assert after == before + 1


def test_moves_are_told_in_order(pair: Pair, sign_in: SignIn) -> None:
    later = pair.booking.starts_at + timedelta(days=1)
    reschedule_booking(
        booking_id=pair.booking.pk,
        by=pair.teacher,
        starts_at=later,
        ends_at=later + timedelta(hours=1),
        reason="A wedding",
        now=datetime.now(UTC),
    )

    page = words(sign_in(pair.student).get(pair.page))

    assert "You asked for it." in page
    assert "Amina Haddad moved it:" in page
    assert "A wedding" in page


def test_confirmation_is_told_to_each_by_whose_it_was(pair: Pair, sign_in: SignIn) -> None:
    sign_in(pair.teacher).post(f"{pair.page}confirm")

    assert "You confirmed it." in words(sign_in(pair.teacher).get(pair.page))
    assert "Amina Haddad confirmed it." in words(sign_in(pair.student).get(pair.page))


def test_request_that_nobody_answered_is_confirmed_by_nobody(pair: Pair, sign_in: SignIn) -> None:
    page = words(sign_in(pair.student).get(pair.page))

    assert "confirmed it" not in page
    assert "Confirmed automatically." not in page


def test_times_of_both_are_said_where_they_differ(pair: Pair, sign_in: SignIn) -> None:
    User.objects.filter(pk=pair.student.pk).update(timezone="Asia/Riyadh")
    pair.student.refresh_from_db()

    page = words(sign_in(pair.student).get(pair.page)).replace(" – ", "–")

    assert "13:00–14:00 your time · 10:00–11:00 UTC" in page


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"cancel_notice_hours": 1000}, "A lesson can be cancelled until 1000 hours before it starts."),
        ({"reschedule_notice_hours": 1000}, "A lesson can be moved until 1000 hours before it starts."),
        ({"reschedules_per_month": 0}, "Lessons can be moved 0 times a month"),
    ],
    ids=["cancel", "move", "moves-a-month"],
)
def test_what_a_policy_forbids_is_shown_with_its_rule(
    pair: Pair, sign_in: SignIn, rule: dict[str, int], sentence: str
) -> None:
    BookingPolicy.objects.create(**rule)
    pair.confirmed()

    student, teacher = (words(sign_in(person).get(pair.page)) for person in (pair.student, pair.teacher))

    assert sentence in student
    assert sentence not in teacher


@pytest.mark.parametrize(
    ("who", "labels"),
    [
        ("student", ["Move", "Take the request back"]),
        ("teacher", ["Confirm", "Decline", "Move", "Cancel the lesson"]),
        ("admin", ["Confirm", "Decline", "Move", "Cancel the lesson"]),
    ],
)
def test_request_offers_each_what_they_may_do(pair: Pair, sign_in: SignIn, who: str, labels: list[str]) -> None:
    response = sign_in(getattr(pair, who)).get(pair.page)

    assert [action.label for action in response.context["actions"]] == labels


@pytest.mark.parametrize(
    ("who", "labels"),
    [
        ("student", ["The teacher did not come"]),
        ("teacher", ["Mark as completed", "The student did not come"]),
        ("admin", ["Mark as completed", "Somebody did not come"]),
    ],
)
def test_lesson_that_is_over_offers_each_what_they_may_say(
    pair: Pair, sign_in: SignIn, who: str, labels: list[str]
) -> None:
    response = sign_in(getattr(pair, who)).get(f"/bookings/{over(pair).pk}/")

    assert [action.label for action in response.context["actions"]] == labels


@pytest.mark.parametrize(
    ("shown", "expected"),
    [("upcoming", "live"), ("past", "past"), ("cancelled", "cancelled"), ("nonsense", "live")],
)
def test_list_holds_what_the_address_asks_for(pair: Pair, sign_in: SignIn, shown: str, expected: str) -> None:
    bookings = {"live": pair.booking, "past": over(pair)}
    bookings["cancelled"] = make_booking(student=pair.student, starts_at=a_day_ahead(3))
    cancel_booking(booking_id=bookings["cancelled"].pk, by=pair.student, now=datetime.now(UTC))

    response = sign_in(pair.student).get(f"/bookings/?show={shown}")

    assert [lesson.id for lesson in response.context["lessons"]] == [bookings[expected].pk]


def test_list_is_ones_own_and_admins_see_all(pair: Pair, sign_in: SignIn) -> None:
    shown = {
        who: [lesson.id for lesson in sign_in(getattr(pair, who)).get("/bookings/").context["lessons"]]
        for who in ("student", "stranger", "admin")
    }

    assert shown == {"student": [pair.booking.pk], "stranger": [], "admin": [pair.booking.pk]}


def test_request_stands_on_top_for_its_teacher_and_not_twice(pair: Pair, sign_in: SignIn) -> None:
    response = sign_in(pair.teacher).get("/bookings/")

    assert [lesson.id for lesson in response.context["inbox"]] == [pair.booking.pk]
    assert list(response.context["lessons"]) == []
    assert "1 request to answer" in words(response)
    assert "Chapter 4" in words(response)


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("stranger", "Choose a teacher and a free time; the lesson then appears here and in the week."),
        ("teacher", "They can book in the hours that you open."),
        ("admin", "Lessons that students book with any teacher appear here."),
    ],
)
def test_empty_list_teaches_what_will_be_here(pair: Pair, sign_in: SignIn, who: str, says: str) -> None:
    cancel_booking(booking_id=pair.booking.pk, by=pair.student, now=datetime.now(UTC))

    assert says in words(sign_in(getattr(pair, who)).get("/bookings/"))


@pytest.mark.parametrize(("who", "queries"), [("student", LIST_QUERIES), ("teacher", LIST_QUERIES_OF_TEACHERS)])
@pytest.mark.parametrize("bookings", [1, 3])
def test_list_takes_as_many_queries_with_three_bookings_as_with_one(
    pair: Pair, sign_in: SignIn, django_assert_num_queries: Any, who: str, queries: int, bookings: int
) -> None:
    pair.confirmed()
    for number in range(bookings):
        confirm_booking(
            booking_id=make_booking(student=pair.student, teacher=pair.teacher, starts_at=a_day_ahead(2 + number)).pk,
            now=datetime.now(UTC),
        )
        make_booking(teacher=pair.teacher, starts_at=a_day_ahead(2 + number, hour=14))
    browser = sign_in(getattr(pair, who))

    with django_assert_num_queries(queries):
        browser.get("/bookings/")


def test_long_list_is_paged_and_keeps_its_filter(pair: Pair, sign_in: SignIn) -> None:
    Booking.objects.bulk_create(
        Booking(
            student=pair.student,
            teacher=pair.teacher,
            starts_at=a_day_ahead(-number),
            ends_at=a_day_ahead(-number) + timedelta(hours=1),
            status=BookingStatus.CANCELLED,
        )
        for number in range(2, 25)
    )

    response = sign_in(pair.student).get("/bookings/?show=cancelled")

    assert len(response.context["lessons"]) == 20
    assert "?show=cancelled&page=2" in links(response)


def test_week_leads_to_the_lesson_rather_than_to_its_meeting(pair: Pair, sign_in: SignIn) -> None:
    pair.confirmed()

    for person in (pair.student, pair.teacher):
        found = links(sign_in(person).get("/"))
        assert pair.page in found


def test_completed_lesson_asks_both_how_it_was_and_shows_teachers_what_was_said(pair: Pair, sign_in: SignIn) -> None:
    booking = over(pair)
    complete_booking(booking_id=booking.pk, now=datetime.now(UTC))
    page = f"/bookings/{booking.pk}/"

    asked = [words(sign_in(person).get(page)) for person in (pair.student, pair.teacher, pair.admin)]
    sign_in(pair.student).post(f"{page}rate", {"rating": "5", "comment": "Clear and kind"})
    sign_in(pair.teacher).post(f"{page}rate", {"rating": "2", "comment": "Never prepared"})

    assert ["How was it?" in page for page in asked] == [True, True, False]
    assert "Clear and kind" in words(sign_in(pair.teacher).get(page))
    assert "Never prepared" in words(sign_in(pair.teacher).get(page))
    assert "Never prepared" not in words(sign_in(pair.student).get(page))
