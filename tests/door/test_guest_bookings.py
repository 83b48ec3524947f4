"""Booking without an account, by API and on the guest's pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingStatus, ChosenBy, LessonKind, OpenTo
from classbell.bookings.models.kind import KindTeacher
from classbell.meetings.models import JoinClick, Meeting, Occurrence
from classbell.meetings.services import sync_now
from classbell.recordings.models import RecordingConsent, RecordingText
from tests.api_client import ApiClient
from tests.at_once import at_once
from tests.factories import make_admin, make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_door import make_public, open_school
from tests.factories_guests import EMAIL, confirmed, held, mailed
from tests.simulator import Simulator
from tests.web.html import words

pytestmark = pytest.mark.django_db
PATH = "/api/public/bookings"


def make_kind(teacher: User, **fields: Any) -> LessonKind:
    """Offer a kind to everybody, taught by one teacher."""
    values = {"address": "first-hour", "name": "First hour", "minutes": [60], "open_to": OpenTo.EVERYBODY} | fields
    kind = LessonKind.objects.create(**values)
    KindTeacher.objects.create(kind=kind, teacher=teacher)
    return kind


@pytest.fixture
def teacher() -> User:
    """A teacher whom everybody sees, with a kind for everybody."""
    found = make_tutor()
    open_school()
    make_public(found, address="amina")
    make_kind(found)
    return found


def body(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "first-hour",
        "teacher": "amina",
        "start_time": a_day_ahead().isoformat(),
        "name": "Salma Haddad",
        "email": EMAIL,
        "timezone": "Asia/Riyadh",
    } | changes


def test_a_guest_books_and_confirms_by_the_mailed_link(teacher: User) -> None:
    answer = ApiClient().post(PATH, body())

    assert answer.status_code == 201
    said = answer.json()["booking"]
    assert (said["status"], said["awaits_confirmation"], said["teacher"]) == ("PENDING", True, str(teacher.pk))
    token = mailed(Booking.objects.get())
    assert token not in answer.content.decode()
    confirmed_ = ApiClient().post(f"{PATH}/{token}/confirm").json()["booking"]
    assert (confirmed_["awaits_confirmation"], confirmed_["manage_url"].endswith(f"/guest/{token}/")) == (False, True)
    assert ApiClient().post(f"{PATH}/{token}/confirm").json()["code"] == "already_confirmed"


def test_the_manage_url_of_the_answer_confirms_nothing(teacher: User) -> None:
    seen = ApiClient().post(PATH, body()).json()["booking"]["manage_url"].rstrip("/").rpartition("/")[2]

    answer = ApiClient().post(f"{PATH}/{seen}/confirm")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_the_mailed_link")


def test_answers_are_the_same_whether_or_not_somebody_has_the_address(teacher: User) -> None:
    make_student(email=EMAIL)

    known = ApiClient().post(PATH, body())
    other = ApiClient().post(PATH, body(email="nobody@family.example", start_time=a_day_ahead(8).isoformat()))

    assert known.status_code == other.status_code == 201
    assert known.json()["booking"].keys() == other.json()["booking"].keys()


def test_the_same_key_gives_the_first_answer_again(teacher: User) -> None:
    first = ApiClient().post(PATH, body(), idempotency_key="one")
    again = ApiClient().post(PATH, body(), idempotency_key="one")

    assert again.json() == first.json()
    assert Booking.objects.count() == 1


def test_a_taken_time_is_refused_with_the_nearest(teacher: User) -> None:
    make_booking(teacher=teacher)

    answer = ApiClient().post(PATH, body())

    assert (answer.status_code, answer.json()["code"]) == (400, "slot_unavailable")
    assert answer.json()["details"][0]["nearest"]
    assert not User.objects.filter(is_guest=True).exists()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"kind": "nowhere"}, 404),
        ({"teacher": "nobody"}, 404),
        ({"email": "nobody"}, 400),
        ({"name": ""}, 400),
        ({"name": "x" * 500}, 400),
        ({"start_time": "2020-01-01T10:00:00Z"}, 400),
        ({"start_time": "soon"}, 400),
        ({"timezone": "Atlantis"}, 400),
        ({"duration": 45}, 400),
        ({"answers": {"nothing": "asked"}}, 400),
        ({"answers": ["x"]}, 400),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(teacher: User, changes: dict[str, Any], status: int) -> None:
    assert ApiClient().post(PATH, body(**changes)).status_code == status
    assert not Booking.objects.exists()
    assert not User.objects.filter(is_guest=True).exists()


def test_nothing_is_booked_while_the_door_is_closed_or_the_kind_is_not_for_guests(teacher: User) -> None:
    LessonKind.objects.update(open_to=OpenTo.SIGNED_IN)
    assert ApiClient().post(PATH, body()).status_code == 404
    LessonKind.objects.update(open_to=OpenTo.EVERYBODY)
    open_school(is_open=False)
    assert ApiClient().post(PATH, body()).status_code == 404


def test_programs_that_fill_in_everything_are_told_that_all_is_well(teacher: User) -> None:
    answer = ApiClient().post(PATH, body(website="http://spam.example"))

    assert answer.status_code == 201
    assert not Booking.objects.exists()


def test_one_e_mail_books_so_often_and_no_more(teacher: User) -> None:
    codes = [ApiClient().post(PATH, body(start_time=a_day_ahead(day).isoformat())).status_code for day in range(7, 13)]

    assert codes == [201] * 5 + [429]


def test_at_once_it_counts_as_the_school_has_it(teacher: User) -> None:
    open_school(confirms_guests_by="at_once")

    said = ApiClient().post(PATH, body()).json()["booking"]

    assert (said["awaits_confirmation"], said["can_reschedule"]) == (False, True)


@pytest.mark.parametrize("token", ["forged", "x" * 300])
@pytest.mark.parametrize("operation", ["", "/confirm", "/cancel"])
def test_forged_links_are_nowhere(token: str, operation: str) -> None:
    api = ApiClient()
    answer = api.post(f"{PATH}/{token}{operation}", {}) if operation else api.get(f"{PATH}/{token}")

    assert (answer.status_code, answer.json()["code"]) == (404, "link_unusable")


def test_guests_move_and_cancel_by_api() -> None:
    booking, token = confirmed()
    new = booking.starts_at + timedelta(days=1)

    moved = ApiClient().post(f"{PATH}/{token}/reschedule", {"start_time": new.isoformat()})
    cancelled = ApiClient().post(f"{PATH}/{token}/cancel", {"reason": "ill"})
    again = ApiClient().post(f"{PATH}/{token}/cancel", {})

    assert moved.json()["booking"]["start_time"][:16] == new.isoformat()[:16]
    assert cancelled.json()["booking"]["status"] == "CANCELLED"
    assert again.json()["code"] == "lesson_cancelled"


@pytest.mark.django_db(transaction=True)
def test_the_last_seat_is_had_by_one_of_two_guests_and_a_student() -> None:
    teacher = make_tutor()
    open_school()
    make_public(teacher, address="amina")
    kind = make_kind(teacher, seats=2)
    make_booking(teacher=teacher, kind=kind)
    student = make_student()

    def as_guest(email: str) -> int:
        return int(ApiClient().post(PATH, body(email=email)).status_code)

    outcomes = at_once(
        [
            lambda: as_guest("one@family.example"),
            lambda: as_guest("two@family.example"),
            lambda: 201 if make_booking(teacher=teacher, student=student, kind=kind) else 0,
        ]
    )

    assert sum(one == 201 for one in outcomes) == 1
    assert Booking.objects.filter(starts_at=a_day_ahead()).count() == 2


def test_the_page_confirms_by_its_button_only(client: Client) -> None:
    booking = held()
    address = reverse("guest-lesson", args=[mailed(booking)])

    page = client.get(address)
    booking.refresh_from_db()
    assert "Confirm the lesson" in words(page)
    assert booking.is_held
    # Without any a browser would name no origin with the form, which is then refused.
    assert page["Referrer-Policy"] == "same-origin"

    done = client.post(f"{address}confirm", follow=True)
    booking.refresh_from_db()
    assert not booking.is_held
    assert "Your teacher has your request" in words(done)
    assert "confirmed this lesson already" in words(client.post(f"{address}confirm", follow=True))


def test_pages_move_cancel_and_say_what_is_over(client: Client) -> None:
    booking, token = confirmed(make_tutor(settings={"auto_confirm": True}))
    address = reverse("guest-lesson", args=[token])
    slot = f"{booking.starts_at + timedelta(days=1):%Y-%m-%dT%H:%MZ}"

    assert "text/calendar" in client.get(f"{address}classbell.ics")["Content-Type"]
    assert client.get(f"{address}move").status_code == 200
    moved = client.post(f"{address}move", {"slot": slot, "length": "60"}, follow=True)
    assert "Moved to" in words(moved)
    assert "Cancel the lesson?" in words(client.get(f"{address}cancel"))
    client.post(f"{address}cancel", {"reason": "<script>ill</script>"})

    booking.refresh_from_db()
    page = client.get(address)
    assert booking.status == BookingStatus.CANCELLED
    assert b"<script>ill" not in page.content
    assert "was cancelled" in words(client.post(f"{address}cancel"))
    assert client.get(reverse("guest-lesson", args=["forged"])).status_code == 404


def test_the_door_of_a_guests_lesson_is_closed_before_its_time(client: Client) -> None:
    _booking, token = confirmed(make_tutor(settings={"auto_confirm": True}))

    answer = client.get(reverse("guest-join", args=[token]))

    assert answer.status_code in (200, 400, 503)
    assert "zoom.us" not in answer.content.decode()


@pytest.fixture
def running(simulator: Simulator, zoom_hosts: object) -> tuple[Booking, str]:
    """A guest's confirmed lesson that begins in a minute and is at Zoom, and the token of its link."""
    booking, token = confirmed(make_tutor(settings={"auto_confirm": True}))
    assert booking.meeting is not None
    sync_now(booking.meeting.pk)
    begins = timezone.now() + timedelta(minutes=1)
    ends = begins + timedelta(hours=1)
    Occurrence.objects.filter(meeting=booking.meeting).update(starts_at=begins, ends_at=ends)
    Booking.objects.filter(pk=booking.pk).update(starts_at=begins, ends_at=ends)
    return booking, token


def test_a_guest_joins_the_room_of_the_lesson_and_that_they_pressed_is_kept(
    running: tuple[Booking, str], simulator: Simulator, client: Client
) -> None:
    booking, token = running
    meeting = Meeting.objects.get(booking=booking)

    answer = client.get(reverse("guest-join", args=[token]))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{simulator.url}/j/{meeting.zoom_meeting_id}")
    assert answer["X-Robots-Tag"] == "noindex"
    (press,) = JoinClick.objects.all()
    assert (press.user, press.meeting) == (booking.student, meeting)


def test_a_guest_agrees_to_recording_first_where_the_school_asks_it(
    running: tuple[Booking, str], simulator: Simulator, client: Client
) -> None:
    booking, token = running
    address = reverse("guest-join", args=[token])
    text = RecordingText.write(
        english="You are recorded.", arabic="", is_asked=True, by=make_admin(), now=timezone.now()
    )

    asked = client.get(address)
    joined = client.post(address, {"version": text.version})
    again = client.get(address)

    assert "You are recorded." in words(asked)
    assert simulator.url not in asked.content.decode()
    for answer in (joined, again):
        assert answer.headers["Location"].startswith(simulator.url)
    assert [one.person for one in RecordingConsent.objects.all()] == [booking.student]


def test_a_guest_is_let_into_no_lesson_that_was_cancelled_or_is_not_ready(
    running: tuple[Booking, str], simulator: Simulator, client: Client
) -> None:
    booking, token = running
    address = reverse("guest-join", args=[token])
    Meeting.objects.filter(booking=booking).update(join_url="")

    not_ready = client.get(address)
    Booking.objects.filter(pk=booking.pk).update(status=BookingStatus.CANCELLED)
    cancelled = client.get(address)

    assert not_ready.status_code == 503
    assert "not ready yet" in words(not_ready)
    assert cancelled.headers["Location"] == reverse("guest-lesson", args=[token])
    assert not JoinClick.objects.exists()


def test_times_of_a_guests_page_are_said_to_be_where_the_guest_is(client: Client) -> None:
    _booking, token = confirmed(make_tutor(timezone="Europe/Lisbon"))

    page = words(client.get(reverse("guest-lesson", args=[token])))

    assert "Times in Riyadh time" in page
    assert "each teacher" not in page


def test_who_leaves_the_teacher_open_is_given_none_without_a_page(teacher: User) -> None:
    hidden = make_tutor()
    kind = LessonKind.objects.get()
    KindTeacher.objects.filter(kind=kind).update(priority=1)
    KindTeacher.objects.create(kind=kind, teacher=hidden, priority=0)
    kind.chosen_by = ChosenBy.PRIORITY
    kind.save()

    first = ApiClient().post(PATH, body(teacher=""))
    second = ApiClient().post(PATH, body(teacher="", email="other@family.example"))

    assert first.status_code == 201
    assert [one.teacher for one in Booking.objects.all()] == [teacher]
    assert (second.status_code, second.json()["code"]) == (400, "slot_unavailable")
    assert ApiClient().post(PATH, body(teacher=str(hidden.pk))).status_code == 404


def test_a_kind_that_nobody_with_a_page_teaches_is_not_there(teacher: User) -> None:
    make_kind(make_tutor(), address="hidden", name="Hidden")

    assert ApiClient().post(PATH, body(kind="hidden", teacher="")).status_code == 404
    assert not Booking.objects.exists()
