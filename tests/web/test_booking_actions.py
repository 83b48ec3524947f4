"""What people do about a lesson: done, refused with the rule, and nothing typed lost."""

from datetime import UTC, datetime, timedelta

import pytest

from classbell.bookings.models import BookingPolicy, BookingStatus, Feedback, NoShow
from classbell.bookings.services import cancel_booking, confirm_booking
from tests.answers import Answer
from tests.factories import make_admin, make_student
from tests.factories_bookings import a_day_ahead, make_booking
from tests.web.conftest import SignIn
from tests.web.html import attributes, words
from tests.web.lessons import Pair, make_pair, over

REASON = "I am travelling <then>"
TO_INBOX = {"HX-Request": "true", "HX-Target": "inbox"}
# Upon it the list below the inbox is read again, where what was confirmed now stands.
LOOK_AGAIN = '{"bookings-answered": {}}'


@pytest.fixture
def pair(db: None) -> Pair:
    return make_pair()


def post(sign_in: SignIn, pair: Pair, who: str, action: str, **sent: str) -> Answer:
    """Send a form of the pair's lesson as one of its people."""
    response = sign_in(getattr(pair, who)).post(f"{pair.page}{action}", sent)
    pair.booking.refresh_from_db()
    return response


@pytest.mark.parametrize("who", ["teacher", "admin"])
def test_teacher_confirms_and_lands_on_the_lesson(pair: Pair, sign_in: SignIn, who: str) -> None:
    response = post(sign_in, pair, who, "confirm")

    assert (response.status_code, response.headers["Location"]) == (302, pair.page)
    assert pair.booking.status == BookingStatus.CONFIRMED


@pytest.mark.parametrize("action", ["confirm", "decline", "complete"])
@pytest.mark.parametrize("who", ["student", "stranger"])
def test_only_the_teacher_answers(pair: Pair, sign_in: SignIn, who: str, action: str) -> None:
    assert post(sign_in, pair, who, action).status_code == 403
    assert pair.booking.status == BookingStatus.PENDING


@pytest.mark.parametrize("action", ["cancel", "move", "no-show", "meeting", "rate"])
def test_strangers_do_nothing(pair: Pair, sign_in: SignIn, action: str) -> None:
    assert post(sign_in, pair, "stranger", action).status_code == 403


@pytest.mark.parametrize("action", ["confirm", "complete", "meeting", "rate"])
def test_looking_changes_nothing(pair: Pair, sign_in: SignIn, action: str) -> None:
    assert sign_in(pair.teacher).get(f"{pair.page}{action}").status_code == 405


def test_confirming_what_was_taken_back_says_so(pair: Pair, sign_in: SignIn) -> None:
    cancel_booking(booking_id=pair.booking.pk, by=pair.student, now=datetime.now(UTC))

    response = post(sign_in, pair, "teacher", "confirm")

    assert response.status_code == 400
    assert "Only a booking that waits for an answer can be answered; this one: Cancelled." in words(response)


def test_teacher_answers_in_the_inbox_without_leaving_it(pair: Pair, sign_in: SignIn) -> None:
    other = make_booking(teacher=pair.teacher, starts_at=a_day_ahead(3))
    browser = sign_in(pair.teacher)

    confirmed = browser.post(f"{pair.page}confirm", {"inbox": "1"}, headers=TO_INBOX)
    declined = browser.post(f"/bookings/{other.pk}/decline", {"inbox": "1", "reason": REASON}, headers=TO_INBOX)
    again = browser.post(f"/bookings/{other.pk}/decline", {"inbox": "1"}, headers=TO_INBOX)

    other.refresh_from_db()
    assert confirmed.content.decode().strip().startswith('<section class="inbox" id="inbox"')
    assert [response.headers.get("HX-Trigger") for response in (confirmed, again)] == [LOOK_AGAIN, None]
    assert "Confirmed. Yusuf is told." in words(confirmed)
    assert "1 request to answer" in words(confirmed)
    assert "No request waits for your answer." in words(declined)
    assert "Only a booking that waits for an answer can be answered" in words(again)
    assert (other.status, other.cancellation_reason) == (BookingStatus.CANCELLED, REASON)


def test_list_is_read_again_alone_after_an_answer(pair: Pair, sign_in: SignIn) -> None:
    pair.confirmed()

    response = sign_in(pair.teacher).get("/bookings/", headers={"HX-Request": "true", "HX-Target": "lessons"})

    assert [div.get("id") for div in attributes(response, "div") if div.get("id")] == ["lessons"]
    assert "Yusuf Almeida" in words(response)


def test_answer_without_javascript_leads_back_to_the_inbox(pair: Pair, sign_in: SignIn) -> None:
    assert post(sign_in, pair, "teacher", "confirm", inbox="1").headers["Location"] == "/bookings/"


@pytest.mark.parametrize(
    ("who", "action", "asks"),
    [
        ("teacher", "decline", "Decline this request?"),
        ("student", "cancel", "Take the request back?"),
        ("teacher", "cancel", "Cancel this lesson?"),
    ],
)
def test_what_cannot_be_undone_asks_and_keeps_the_reason(
    pair: Pair, sign_in: SignIn, who: str, action: str, asks: str
) -> None:
    asked = words(sign_in(getattr(pair, who)).get(f"{pair.page}{action}"))
    response = post(sign_in, pair, who, action, reason=REASON)

    assert asks in asked
    assert "The time becomes free again." in asked
    assert response.headers["Location"] == pair.page
    assert (pair.booking.status, pair.booking.cancellation_reason) == (BookingStatus.CANCELLED, REASON)


def test_cancelling_too_late_says_the_rule_before_and_after(pair: Pair, sign_in: SignIn) -> None:
    BookingPolicy.objects.create(cancel_notice_hours=1000)
    pair.confirmed()

    asked = sign_in(pair.student).get(f"{pair.page}cancel")
    sent = post(sign_in, pair, "student", "cancel", reason=REASON)

    rule = "A lesson can be cancelled until 1000 hours before it starts."
    assert rule in words(asked)
    assert attributes(asked, "textarea") == []
    assert (sent.status_code, rule in words(sent), REASON in words(sent)) == (400, True, True)
    assert pair.booking.status == BookingStatus.CONFIRMED


def test_reason_that_is_too_long_is_said_and_kept(pair: Pair, sign_in: SignIn) -> None:
    response = post(sign_in, pair, "student", "cancel", reason="x" * 501)

    assert response.status_code == 400
    assert "x" * 501 in words(response)
    assert pair.booking.status == BookingStatus.PENDING


def test_student_moves_to_a_free_time(pair: Pair, sign_in: SignIn) -> None:
    later = a_day_ahead(4, hour=12)

    picked = sign_in(pair.student).get(f"{pair.page}move?slot={later:%Y-%m-%dT%H:%MZ}")
    response = post(sign_in, pair, "student", "move", slot=f"{later:%Y-%m-%dT%H:%MZ}", length="90", reason=REASON)

    assert "Move it here?" in words(picked)
    assert response.headers["Location"] == pair.page
    assert (pair.booking.starts_at, pair.booking.duration_minutes) == (later, 90)
    assert pair.booking.reschedules.get().reason == REASON


def test_move_to_a_time_taken_meanwhile_offers_the_nearest_and_keeps_the_reason(pair: Pair, sign_in: SignIn) -> None:
    taken = a_day_ahead(4, hour=12)
    make_booking(teacher=pair.teacher, starts_at=taken)

    response = post(sign_in, pair, "student", "move", slot=f"{taken:%Y-%m-%dT%H:%MZ}", length="60", reason=REASON)

    offered = [given["value"] for given in attributes(response, "input") if given.get("type") == "radio"]
    assert response.status_code == 400
    assert "Time slot is not available" in words(response)
    assert REASON in words(response)
    assert f"{taken + timedelta(hours=1):%Y-%m-%dT%H:%MZ}" in offered


def test_teacher_moves_to_any_time_on_their_own_clock(pair: Pair, sign_in: SignIn) -> None:
    night = a_day_ahead(4, hour=22)

    response = post(
        sign_in, pair, "teacher", "move", day=f"{night:%Y-%m-%d}", time="22:00", minutes="45", reason=REASON
    )

    assert response.headers["Location"] == pair.page
    assert (pair.booking.starts_at, pair.booking.duration_minutes) == (night, 45)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"day": "2020-01-01", "time": "10:00", "minutes": "60"}, "Time slot is not available"),
        ({"day": "0001-01-01", "time": "10:00", "minutes": "60"}, "Choose a day of these years."),
        ({"day": "soon", "time": "10:00", "minutes": "60"}, "Enter a valid date."),
        ({"day": "2030-01-01", "time": "10:00", "minutes": "5"}, "greater than or equal to 15"),
    ],
    ids=["past", "year-1", "no-day", "too-short"],
)
def test_time_that_cannot_be_is_said_and_what_was_typed_kept(
    pair: Pair, sign_in: SignIn, sent: dict[str, str], says: str
) -> None:
    before = pair.booking.starts_at

    response = post(sign_in, pair, "teacher", "move", **sent, reason=REASON)

    typed = {given.get("name"): given.get("value") for given in attributes(response, "input")}
    assert response.status_code == 400
    assert says in words(response)
    assert REASON in words(response)
    assert {name: typed[name] for name in sent} == sent
    assert pair.booking.starts_at == before


def test_students_cannot_type_any_time(pair: Pair, sign_in: SignIn) -> None:
    night = a_day_ahead(4, hour=22)

    response = post(sign_in, pair, "student", "move", day=f"{night:%Y-%m-%d}", time="22:00", minutes="60")

    assert response.status_code == 200
    assert pair.booking.starts_at != night


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (BookingStatus.CANCELLED, "This booking can no longer be changed: Cancelled."),
        (BookingStatus.COMPLETED, "This booking can no longer be changed: Completed."),
    ],
)
def test_move_of_what_is_over_says_why_not(pair: Pair, sign_in: SignIn, status: str, says: str) -> None:
    type(pair.booking).objects.filter(pk=pair.booking.pk).update(status=status)

    assert says in words(sign_in(pair.teacher).get(f"{pair.page}move"))


def test_teacher_completes_what_has_begun(pair: Pair, sign_in: SignIn) -> None:
    booking = over(pair)

    sign_in(pair.teacher).post(f"/bookings/{booking.pk}/complete")

    booking.refresh_from_db()
    assert booking.status == BookingStatus.COMPLETED


def test_completing_too_early_says_the_rule(pair: Pair, sign_in: SignIn) -> None:
    pair.confirmed()

    response = post(sign_in, pair, "teacher", "complete")

    assert (response.status_code, pair.booking.status) == (400, BookingStatus.CONFIRMED)
    assert "A booking can be completed once it has started." in words(response)


@pytest.mark.parametrize(
    ("who", "sent", "missed", "status"),
    [
        ("student", {}, NoShow.TEACHER, BookingStatus.CANCELLED),
        ("teacher", {}, NoShow.STUDENT, BookingStatus.COMPLETED),
        ("admin", {"who": "student"}, NoShow.STUDENT, BookingStatus.COMPLETED),
    ],
)
def test_each_reports_the_other_and_admins_say_who(
    pair: Pair, sign_in: SignIn, who: str, sent: dict[str, str], missed: str, status: str
) -> None:
    booking = over(pair)
    browser = sign_in(getattr(pair, who))

    asked = browser.get(f"/bookings/{booking.pk}/no-show")
    browser.post(f"/bookings/{booking.pk}/no-show", sent)

    booking.refresh_from_db()
    assert "Report it" in words(asked)
    assert (booking.no_show, booking.status) == (missed, status)


def test_report_without_saying_who_is_asked_again(pair: Pair, sign_in: SignIn) -> None:
    booking = over(pair)

    response = sign_in(pair.admin).post(f"/bookings/{booking.pk}/no-show", {})

    booking.refresh_from_db()
    assert (response.status_code, booking.no_show) == (400, NoShow.NOBODY)


def test_report_too_early_says_the_rule_and_has_no_button(pair: Pair, sign_in: SignIn) -> None:
    pair.confirmed()

    asked = sign_in(pair.student).get(f"{pair.page}no-show")

    assert "Wait until 15 minutes after the start" in words(asked)
    assert "Report it" not in words(asked)


@pytest.mark.parametrize("rating", ["0", "6", "", "many"])
def test_rating_that_is_none_is_said_and_the_words_kept(pair: Pair, sign_in: SignIn, rating: str) -> None:
    booking = over(pair)
    type(booking).objects.filter(pk=booking.pk).update(status=BookingStatus.COMPLETED)

    response = sign_in(pair.student).post(f"/bookings/{booking.pk}/rate", {"rating": rating, "comment": REASON})

    assert response.status_code == 400
    assert REASON in words(response)
    assert not Feedback.objects.exists()


def test_second_rating_is_refused(pair: Pair, sign_in: SignIn) -> None:
    booking = over(pair)
    type(booking).objects.filter(pk=booking.pk).update(status=BookingStatus.COMPLETED)
    browser = sign_in(pair.student)

    first, second = (browser.post(f"/bookings/{booking.pk}/rate", {"rating": "5"}) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 400)
    assert "There is feedback on this booking already." in words(second)


def test_admins_and_others_do_not_rate(pair: Pair, sign_in: SignIn) -> None:
    booking = over(pair)

    assert sign_in(make_admin()).post(f"/bookings/{booking.pk}/rate", {"rating": "5"}).status_code == 403
    assert sign_in(make_student()).post(f"/bookings/{booking.pk}/rate", {"rating": "5"}).status_code == 403


def test_meeting_of_a_request_cannot_be_made_again(pair: Pair, sign_in: SignIn) -> None:
    response = post(sign_in, pair, "student", "meeting")

    assert response.status_code == 400
    assert "This needs a confirmed booking; this one: Waiting for an answer." in words(response)


def test_confirmed_lesson_is_cancelled_by_its_teacher_and_its_meeting_goes(pair: Pair, sign_in: SignIn) -> None:
    confirm_booking(booking_id=pair.booking.pk, now=datetime.now(UTC))

    asked = sign_in(pair.teacher).get(f"{pair.page}cancel")
    post(sign_in, pair, "teacher", "cancel", reason=REASON)

    assert "The Zoom meeting is deleted; its link stops working." in words(asked)
    assert pair.booking.meeting is not None
    assert not pair.booking.meeting.wanted
