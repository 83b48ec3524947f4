"""Lessons to which somebody did not come, and the make-up lessons that follow from them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.bookings import outcomes, services
from classbell.bookings.models import Booking, BookingPolicy, BookingStatus, MakeUpCredit, NoShow
from classbell.meetings.models import Claim, Occurrence
from classbell.notices.models import Notice
from tests.api_client import ApiClient
from tests.bookings.lessons import make_lesson
from tests.factories import make_admin, make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
BOOKINGS = "/api/bookings/bookings/"
CONFIRMED = BookingStatus.CONFIRMED
HALF_AN_HOUR_AGO = timedelta(minutes=-30)


def report(api: Api, booking: Booking, by: User, who: str) -> Any:
    return api(by).post(f"{BOOKINGS}{booking.pk}/no_show/", {"who": who})


def missed_by_teacher(
    *, student: User | None = None, teacher: User | None = None, starts_in: timedelta = HALF_AN_HOUR_AGO
) -> Booking:
    """Return a lesson to which the teacher did not come, as the student reported."""
    booking = make_lesson(CONFIRMED, starts_in=starts_in, student=student, teacher=teacher)
    return outcomes.report_no_show(booking_id=booking.pk, who=NoShow.TEACHER, by=booking.student, now=datetime.now(UTC))


def ask_with_credit(booking: Booking, *, days: int = 7) -> Booking:
    """Ask the teacher of a missed lesson for another, to be paid by what is owed."""
    return make_booking(teacher=booking.teacher, student=booking.student, starts_at=a_day_ahead(days), use_credit=True)


def subjects(person: User) -> list[str]:
    return [notice.words.subject.partition(" on ")[0] for notice in Notice.objects.filter(user=person)]


def test_student_who_did_not_come_has_had_the_lesson(api: Api) -> None:
    booking = make_lesson(CONFIRMED, starts_in=HALF_AN_HOUR_AGO)

    answer = report(api, booking, booking.teacher, "student")

    shown = answer.json()["booking"]
    assert (answer.status_code, shown["status"], shown["no_show"]) == (200, "COMPLETED", "student")
    assert subjects(booking.student)[0] == "You missed your lesson"
    assert not MakeUpCredit.objects.exists()


def test_teacher_who_did_not_come_owes_a_lesson(api: Api) -> None:
    BookingPolicy.objects.create(makeup_credit_days=10)
    booking = make_lesson(CONFIRMED, starts_in=HALF_AN_HOUR_AGO)
    before = datetime.now(UTC)

    answer = report(api, booking, booking.student, "teacher")

    shown, credit = answer.json()["booking"], MakeUpCredit.objects.get()
    assert (answer.status_code, shown["status"], shown["no_show"]) == (200, "CANCELLED", "teacher")
    assert (credit.student, credit.teacher, credit.missed) == (booking.student, booking.teacher, booking)
    assert credit.expires_at is not None
    assert timedelta(0) <= credit.expires_at - before - timedelta(days=10) < timedelta(minutes=1)
    assert {subjects(person)[0] for person in (booking.student, booking.teacher)} == {"The lesson"}
    assert api(booking.student).get(f"{BOOKINGS}credits/").json() == {
        "credits": [
            {
                "id": str(credit.pk),
                "origin": "makeup",
                "teacher_id": str(booking.teacher_id),
                "teacher_name": booking.teacher.name,
                "group_id": None,
                "missed_booking_id": str(booking.pk),
                "session_id": None,
                "expires_at": credit.expires_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            }
        ]
    }
    assert api(booking.teacher).get(f"{BOOKINGS}credits/").json() == {"credits": []}


def test_academy_without_make_up_lessons_grants_none(api: Api) -> None:
    BookingPolicy.objects.create(makeup_credit_days=None)
    booking = make_lesson(CONFIRMED, starts_in=HALF_AN_HOUR_AGO)

    assert report(api, booking, booking.student, "teacher").json()["booking"]["status"] == "CANCELLED"
    assert not MakeUpCredit.objects.exists()


@pytest.mark.parametrize("who", ["student", "teacher"])
def test_nobody_is_missing_before_the_time_that_the_policy_gives(who: str, api: Api) -> None:
    BookingPolicy.objects.create(no_show_after_minutes=45)
    booking = make_lesson(CONFIRMED, starts_in=HALF_AN_HOUR_AGO)

    answer = report(api, booking, booking.student if who == "teacher" else booking.teacher, who)

    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (
        400,
        "too_early_for_no_show",
        [{"no_show_after_minutes": 45}],
    )


@pytest.mark.parametrize("who", ["student", "teacher"])
def test_nobody_reports_themselves(api: Api, who: str) -> None:
    booking = make_lesson(CONFIRMED, starts_in=HALF_AN_HOUR_AGO)

    assert report(api, booking, getattr(booking, who), who).status_code == 403


@pytest.mark.parametrize(
    "body", [{"who": "nobody"}, {"who": ""}, {}], ids=["a stranger", "nobody in particular", "nothing"]
)
def test_report_says_who(api: Api, body: dict[str, str]) -> None:
    booking = make_lesson(CONFIRMED, starts_in=HALF_AN_HOUR_AGO)

    answer = api(booking.teacher).post(f"{BOOKINGS}{booking.pk}/no_show/", body)

    assert (answer.status_code, [detail["field"] for detail in answer.json()["details"]]) == (400, ["who"])


def test_student_is_not_believed_against_zoom_but_an_admin_is(api: Api) -> None:
    booking = make_lesson(CONFIRMED, starts_in=HALF_AN_HOUR_AGO)
    Occurrence.objects.filter(meeting=booking.meeting).update(actual_starts_at=booking.starts_at)

    refused = report(api, booking, booking.student, "teacher")
    decided = report(api, booking, make_admin(), "teacher")

    assert (refused.status_code, refused.json()["code"]) == (400, "teacher_was_there")
    assert (decided.status_code, decided.json()["booking"]["status"]) == (200, "CANCELLED")


def test_make_up_lesson_is_spent_once(api: Api) -> None:
    booking = missed_by_teacher()
    body = {"teacher_id": str(booking.teacher_id), "use_credit": True}

    first, second = (
        api(booking.student).post(BOOKINGS, body | {"start_time": a_day_ahead(days).isoformat()}) for days in (7, 8)
    )

    assert (first.status_code, second.status_code, second.json()["code"]) == (201, 400, "no_makeup_credit")
    assert str(MakeUpCredit.objects.get().used_by_id) == first.json()["id"]
    assert api(booking.student).get(f"{BOOKINGS}credits/").json() == {"credits": []}
    # What was refused holds nothing.
    assert Claim.objects.filter(during__startswith=a_day_ahead(8)).count() == 0


def test_make_up_lesson_is_for_its_teacher_until_it_expires(api: Api) -> None:
    booking = missed_by_teacher()
    start = a_day_ahead().isoformat()

    elsewhere = api(booking.student).post(
        BOOKINGS, {"teacher_id": str(make_tutor().pk), "start_time": start, "use_credit": True}
    )
    other_student = api(make_student()).post(
        BOOKINGS, {"teacher_id": str(booking.teacher_id), "start_time": start, "use_credit": True}
    )
    MakeUpCredit.objects.update(expires_at=datetime.now(UTC))
    expired = api(booking.student).post(
        BOOKINGS, {"teacher_id": str(booking.teacher_id), "start_time": start, "use_credit": True}
    )

    assert [(answer.status_code, answer.json()["code"]) for answer in (elsewhere, other_student, expired)] == [
        (400, "no_makeup_credit")
    ] * 3
    assert api(booking.student).get(f"{BOOKINGS}credits/").json() == {"credits": []}


def test_credit_that_expires_first_is_spent_first() -> None:
    student, teacher = make_student(), make_tutor(opens="00:00", closes="24:00")
    later = missed_by_teacher(student=student, teacher=teacher)
    MakeUpCredit.objects.update(expires_at=datetime.now(UTC) + timedelta(days=60))
    sooner = missed_by_teacher(student=student, teacher=teacher, starts_in=timedelta(hours=-3))

    spent_on = ask_with_credit(later)

    assert MakeUpCredit.objects.get(missed=sooner).used_by == spent_on
    assert MakeUpCredit.objects.get(missed=later).used_by is None


@pytest.mark.parametrize("how", ["cancelled", "declined", "lapsed"])
def test_booking_that_does_not_take_place_gives_its_credit_back(how: str) -> None:
    booking = ask_with_credit(missed_by_teacher())
    now = datetime.now(UTC)
    match how:
        case "cancelled":
            services.cancel_booking(booking_id=booking.pk, by=booking.student, now=now)
        case "declined":
            services.decline_booking(booking_id=booking.pk, by=booking.teacher, reason="", now=now)
        case "lapsed":
            outcomes.lapse_requests(now=booking.starts_at)

    assert MakeUpCredit.objects.usable(now).get().used_by is None


def test_make_up_lesson_that_the_teacher_misses_too_is_owed_once() -> None:
    make_up = ask_with_credit(missed_by_teacher(), days=1)
    services.confirm_booking(booking_id=make_up.pk, now=datetime.now(UTC))
    later = make_up.starts_at + timedelta(minutes=30)

    outcomes.report_no_show(booking_id=make_up.pk, who=NoShow.TEACHER, by=make_up.student, now=later)

    owed = MakeUpCredit.objects.usable(later)
    assert [credit.missed_id for credit in owed] == [make_up.pk]


def test_make_up_lesson_missed_without_a_new_credit_gives_the_old_one_back() -> None:
    missed = missed_by_teacher()
    make_up = ask_with_credit(missed, days=1)
    services.confirm_booking(booking_id=make_up.pk, now=datetime.now(UTC))
    BookingPolicy.objects.create(makeup_credit_days=None)
    later = make_up.starts_at + timedelta(minutes=30)

    outcomes.report_no_show(booking_id=make_up.pk, who=NoShow.TEACHER, by=make_up.student, now=later)

    assert [credit.missed_id for credit in MakeUpCredit.objects.usable(later)] == [missed.pk]


def test_lessons_that_ended_are_completed_once_and_students_asked_how_it_was() -> None:
    ended = make_lesson(CONFIRMED, starts_in=timedelta(hours=-2))
    running = make_lesson(CONFIRMED, starts_in=HALF_AN_HOUR_AGO)
    now = datetime.now(UTC)

    done = [outcomes.complete_ended(now=now) for _ in range(2)]

    assert done == [1, 0]
    assert Booking.objects.get(pk=ended.pk).status == BookingStatus.COMPLETED
    assert Booking.objects.get(pk=running.pk).status == CONFIRMED
    assert [subject.startswith("How was your lesson") for subject in subjects(ended.student)].count(True) == 1
