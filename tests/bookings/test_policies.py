"""An academy's rules: how late, how often, how long, and what a missed lesson is worth."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format

from classbell.accounts.models import User
from classbell.bookings import outcomes, services
from classbell.bookings.errors import NoticeTooShort, TooManyReschedules
from classbell.bookings.models import Booking, BookingPolicy, BookingStatus, Reschedule
from classbell.bookings.policies import policy_of
from classbell.meetings.models import Claim
from classbell.notices.models import Notice
from tests.api_client import ApiClient
from tests.bookings.lessons import make_lesson
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
POLICIES = "/api/bookings/policies/"
CONFIRMED, PENDING = BookingStatus.CONFIRMED, BookingStatus.PENDING
HOUR = timedelta(hours=1)
TEN = a_day_ahead(hour=10)


def move(booking: Booking, by: User, starts_at: datetime, now: datetime) -> None:
    """Move a booking to another hour, at a moment of our choice."""
    services.reschedule_booking(booking_id=booking.pk, by=by, starts_at=starts_at, ends_at=starts_at + HOUR, now=now)


@pytest.mark.parametrize(
    ("rule", "action", "sentence"),
    [
        pytest.param("cancel_notice_hours", "cancel", "A lesson can be cancelled until 24 hours before", id="cancel"),
        pytest.param("reschedule_notice_hours", "reschedule", "A lesson can be moved until 24 hours before", id="move"),
    ],
)
def test_notice_binds_the_student_of_a_lesson_and_says_the_rule(
    api: Api, rule: str, action: str, sentence: str
) -> None:
    BookingPolicy.objects.create(**{rule: 24})
    booking = make_lesson(CONFIRMED, starts_in=23 * HOUR)
    path, body = f"/api/bookings/bookings/{booking.pk}", {"start_time": a_day_ahead(days=9).isoformat()}

    answer = api(booking.student).post(f"{path}/{action}/", body if action == "reschedule" else None)

    assert (answer.status_code, answer.json()["code"]) == (400, "notice_too_short")
    assert answer.json()["error"].startswith(sentence)
    assert answer.json()["details"] == [{"hours": 24, "starts_at": f"{booking.starts_at:%Y-%m-%dT%H:%M:%SZ}"}]
    may = {"cancel": "can_cancel", "reschedule": "can_reschedule"}
    shown = api(booking.student).get(path).json()
    assert [shown[may[one]] for one in may] == [one != action for one in may]
    assert api(booking.teacher).get(path).json()[may[action]]


@pytest.mark.parametrize("who", ["teacher", "admin"])
@pytest.mark.parametrize("action", ["cancel", "reschedule"])
def test_notice_does_not_bind_teachers_and_admins(api: Api, who: str, action: str) -> None:
    BookingPolicy.objects.create(cancel_notice_hours=24, reschedule_notice_hours=24, reschedules_per_month=0)
    booking = make_lesson(CONFIRMED, starts_in=23 * HOUR)
    person = booking.teacher if who == "teacher" else make_admin()

    answer = api(person).post(
        f"/api/bookings/bookings/{booking.pk}/{action}/", {"start_time": a_day_ahead(days=9).isoformat()}
    )

    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("action", ["cancel", "reschedule"])
def test_request_can_be_taken_back_or_moved_at_any_time(api: Api, action: str) -> None:
    BookingPolicy.objects.create(cancel_notice_hours=24, reschedule_notice_hours=24, reschedules_per_month=0)
    booking = make_lesson(PENDING, starts_in=2 * HOUR)

    answer = api(booking.student).post(
        f"/api/bookings/bookings/{booking.pk}/{action}/", {"start_time": a_day_ahead(days=9).isoformat()}
    )

    assert answer.status_code == 200, answer.content


def test_notice_is_kept_to_the_moment() -> None:
    BookingPolicy.objects.create(cancel_notice_hours=24)
    booking = make_lesson(CONFIRMED)
    last_moment = booking.starts_at - 24 * HOUR

    with pytest.raises(NoticeTooShort):
        services.cancel_booking(booking_id=booking.pk, by=booking.student, now=last_moment + timedelta(microseconds=1))
    services.cancel_booking(booking_id=booking.pk, by=booking.student, now=last_moment)

    assert Booking.objects.get(pk=booking.pk).status == BookingStatus.CANCELLED


def test_who_asks_twice_moves_once(api: Api) -> None:
    BookingPolicy.objects.create(reschedules_per_month=2)
    booking, now = make_booking(starts_at=TEN), datetime.now(UTC)
    services.confirm_booking(booking_id=booking.pk, now=now)
    told = Notice.objects.filter(user=booking.teacher, kind="lesson_moved")

    for _ in range(5):
        move(booking, booking.student, TEN + timedelta(days=1), now)

    assert (Reschedule.objects.count(), told.count()) == (1, 1)
    assert api(booking.student).get(f"/api/bookings/bookings/{booking.pk}/").json()["can_reschedule"]


def test_student_moves_lessons_so_often_a_month(api: Api) -> None:
    BookingPolicy.objects.create(reschedules_per_month=1)
    teacher, student, now = make_tutor(), make_student(), datetime.now(UTC)
    lesson, other = (make_booking(teacher=teacher, student=student, starts_at=TEN + number * HOUR) for number in (0, 2))
    elsewhere = make_booking(student=student, starts_at=TEN + 4 * HOUR)
    for booking in (lesson, other, elsewhere):
        services.confirm_booking(booking_id=booking.pk, now=now)
    # What the teacher moves, what is moved before it is confirmed, and other teachers' lessons do not count.
    move(lesson, teacher, TEN + timedelta(days=1), now)
    move(make_booking(teacher=teacher, student=student, starts_at=TEN + 5 * HOUR), student, TEN + 6 * HOUR, now)
    move(elsewhere, student, TEN + timedelta(days=2), now)

    move(lesson, student, TEN + timedelta(days=3), now)
    answer = api(student).post(
        f"/api/bookings/bookings/{other.pk}/reschedule/", {"start_time": (TEN + timedelta(days=4)).isoformat()}
    )

    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (
        400,
        "too_many_reschedules",
        [{"reschedules_per_month": 1}],
    )
    assert answer.json()["error"] == "Lessons can be moved 1 time a month, and you have done so. Ask your teacher."
    assert not api(student).get(f"/api/bookings/bookings/{other.pk}/").json()["can_reschedule"]


@pytest.mark.parametrize(
    ("zone", "may"),
    [
        pytest.param("Pacific/Auckland", True, id="January has begun in Auckland"),
        pytest.param("UTC", False, id="it is still December in Greenwich"),
    ],
)
def test_month_is_that_of_the_students_clock(zone: str, may: bool) -> None:
    BookingPolicy.objects.create(reschedules_per_month=1)
    december = datetime(2026, 12, 31, 10, 30, tzinfo=UTC)
    student, start = make_student(timezone=zone), december + timedelta(days=20, minutes=30)
    booking = make_booking(student=student, starts_at=start, now=december)
    services.confirm_booking(booking_id=booking.pk, now=december)
    move(booking, student, start + HOUR, december)

    if may:
        move(booking, student, start + 2 * HOUR, december + HOUR)
    else:
        with pytest.raises(TooManyReschedules):
            move(booking, student, start + 2 * HOUR, december + HOUR)


@pytest.mark.parametrize(
    ("starts_in", "lapses_in"),
    [
        pytest.param(timedelta(days=7), 36 * HOUR, id="after the policy's hours"),
        pytest.param(5 * HOUR, 5 * HOUR, id="at its start at the latest"),
    ],
)
def test_unanswered_request_lapses(starts_in: timedelta, lapses_in: timedelta) -> None:
    BookingPolicy.objects.create(request_lapses_after_hours=36)
    asked_at = a_day_ahead(days=1)
    teacher = make_tutor(opens="00:00", closes="24:00")
    booking = make_booking(teacher=teacher, starts_at=asked_at + starts_in, now=asked_at)
    asked = booking.lapses_at

    too_early = outcomes.lapse_requests(now=asked_at + lapses_in - timedelta(seconds=1))
    lapsed = [outcomes.lapse_requests(now=asked_at + lapses_in) for _ in range(2)]

    booking.refresh_from_db()
    assert asked == asked_at + lapses_in
    assert (too_early, lapsed) == (0, [1, 0])
    assert (booking.status, booking.lapses_at, booking.cancelled_by) == (BookingStatus.CANCELLED, None, None)
    assert not Claim.objects.exists()


def test_student_is_told_of_a_lapse_in_their_language_and_timezone() -> None:
    student = make_student(locale="ar", timezone="Asia/Riyadh")
    booking = make_booking(student=student, teacher=make_tutor(first_name="Maria"), starts_at=TEN)

    outcomes.lapse_requests(now=TEN)

    notice = Notice.objects.filter(user=student).latest("created_at")
    with translation.override("ar"), timezone.override(student.zone):
        told = translation.gettext("Your request for %(when)s was not answered")
        day = date_format(timezone.localtime(TEN), "l j F")
        subject = notice.words.subject
    beginning, _, end = told.partition("%(when)s")
    assert subject.startswith(f"{beginning}{day}")
    assert subject.endswith(end)
    assert f"{TEN + 3 * HOUR:%H:%M} (بتوقيت الرياض)" in subject
    assert day not in {f"{TEN:%A %-d %B}", ""}
    assert notice.path == f"/bookings/{booking.pk}/"


def test_answered_request_does_not_lapse() -> None:
    booking = make_lesson(CONFIRMED)

    assert outcomes.lapse_requests(now=booking.starts_at) == 0
    assert Booking.objects.get(pk=booking.pk).status == CONFIRMED


def test_request_moved_to_later_waits_as_long_as_any_other() -> None:
    BookingPolicy.objects.create(request_lapses_after_hours=36)
    booking, now = make_lesson(PENDING, starts_in=5 * HOUR), datetime.now(UTC)
    assert booking.lapses_at == booking.starts_at

    move(booking, booking.student, booking.starts_at + timedelta(days=7), now)
    later = Booking.objects.get(pk=booking.pk).lapses_at
    move(booking, booking.student, booking.starts_at + HOUR, now)
    sooner = Booking.objects.get(pk=booking.pk).lapses_at

    assert later == booking.created_at + 36 * HOUR
    assert sooner == booking.starts_at + HOUR


@pytest.mark.parametrize(
    ("own", "for_all", "expected"),
    [
        pytest.param(None, None, 48, id="the defaults"),
        pytest.param(None, 12, 12, id="for all"),
        pytest.param(6, 12, 6, id="the teacher's own"),
        pytest.param(6, None, 6, id="the teacher's own alone"),
    ],
)
def test_teachers_own_rules_stand_before_those_for_all(
    api: Api, own: int | None, for_all: int | None, expected: int
) -> None:
    teacher, admin = make_teacher(), make_admin()
    BookingPolicy.objects.create(teacher=make_teacher(), request_lapses_after_hours=99)
    for path, hours in ((f"{POLICIES}{teacher.pk}/", own), (POLICIES, for_all)):
        if hours is not None:
            assert api(admin).put(path, {"request_lapses_after_hours": hours}).status_code == 200

    assert policy_of(teacher.pk).request_lapses_after_hours == expected
    shown = api(make_student()).get(f"{POLICIES}{teacher.pk}/").json()
    assert shown["request_lapses_after_hours"] == expected
    if own is not None:
        assert api(admin).delete(f"{POLICIES}{teacher.pk}/").status_code == 204
        assert policy_of(teacher.pk).request_lapses_after_hours == (for_all or 48)


def test_policies_are_listed_with_those_for_all_first(api: Api) -> None:
    admin, teacher = make_admin(), make_teacher()
    api(admin).put(f"{POLICIES}{teacher.pk}/", {"cancel_notice_hours": 12})
    api(admin).put(POLICIES, {"cancel_notice_hours": 24})
    api(admin).put(POLICIES, {"cancel_notice_hours": 48, "makeup_credit_days": None})

    listed = api(admin).get(POLICIES).json()["policies"]

    defaults: dict[str, Any] = {
        "reschedule_notice_hours": None,
        "reschedules_per_month": None,
        "open_requests_with_teacher": 10,
        "open_requests_in_all": 30,
        "request_lapses_after_hours": 48,
        "no_show_after_minutes": 15,
        "late_cancellation_takes_lesson": False,
        "no_show_returns_lesson": False,
    }
    assert listed == [
        defaults | {"teacher_id": None, "cancel_notice_hours": 48, "makeup_credit_days": None},
        defaults | {"teacher_id": str(teacher.pk), "cancel_notice_hours": 12, "makeup_credit_days": 30},
    ]
