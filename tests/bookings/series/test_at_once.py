"""Two at the same moment: nobody is booked twice, a series is all or nothing, and its meeting is one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from classbell.bookings import services as bookings
from classbell.bookings.errors import BookingClosed, BookingNotPending, SlotUnavailable
from classbell.bookings.models import Booking, BookingSeries, BookingStatus
from classbell.bookings.series import services
from classbell.bookings.series.errors import DatesUnavailable, NothingToCome, NothingWaits
from classbell.meetings.models import Claim, Meeting
from tests.at_once import at_once
from tests.bookings.series.school import a_tuesday, asked_series, dates, draft, open_tutor
from tests.factories import make_student

pytestmark = pytest.mark.django_db(transaction=True)


def the_clock() -> datetime:
    return datetime.now(UTC)


def test_two_series_for_the_same_time_leave_one() -> None:
    teacher = open_tutor()
    start = a_tuesday()
    # The second one meets the first on its third date only.
    wanted = [draft(teacher, make_student(), starts_at=start + timedelta(weeks=weeks)) for weeks in (0, 2)]

    answers = at_once([partial(services.request_series, one, now=the_clock()) for one in wanted])

    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], DatesUnavailable)
    assert BookingSeries.objects.count() == 1
    assert Booking.objects.count() == 5
    assert Claim.objects.filter(kind="teacher").count() == 5


def test_a_series_and_a_single_lesson_for_one_of_its_times_leave_one() -> None:
    teacher, start = open_tutor(), a_tuesday()
    third = start + timedelta(weeks=2)
    single: Callable[[], object] = partial(
        bookings.request_booking,
        student=make_student(),
        teacher_id=teacher.pk,
        starts_at=third,
        ends_at=third + timedelta(hours=1),
        now=the_clock(),
    )

    series: Callable[[], object] = partial(
        services.request_series, draft(teacher, make_student(), starts_at=start), now=the_clock()
    )

    answers = at_once([series, single])

    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], DatesUnavailable | SlotUnavailable)
    assert Booking.objects.filter(starts_at=third).count() == 1
    assert Booking.objects.count() in {1, 5}


def test_one_student_who_asks_two_teachers_at_once_gets_one() -> None:
    student = make_student()

    answers = at_once(
        [partial(services.request_series, draft(open_tutor(), student), now=the_clock()) for _teacher in range(2)]
    )

    assert len([answer for answer in answers if isinstance(answer, DatesUnavailable)]) == 1


def test_two_dates_that_are_confirmed_at_once_share_one_meeting() -> None:
    series = asked_series()
    first, second, *_others = dates(series)

    answers = at_once(
        [partial(bookings.confirm_booking, booking_id=one.pk, now=the_clock()) for one in (first, second)]
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Meeting.objects.count() == 1
    assert [one.status for one in dates(series)] == ["CONFIRMED"] * 2 + ["PENDING"] * 3


def test_confirming_all_and_cancelling_one_and_declining_all_at_once_end_in_a_legal_state() -> None:
    series = asked_series()
    first = dates(series)[0]

    calls: list[Callable[[], object]] = [
        partial(services.confirm_series, series_id=series.pk, by=series.teacher, now=the_clock()),
        partial(bookings.cancel_booking, booking_id=first.pk, by=series.student, now=the_clock()),
        partial(services.decline_series, series_id=series.pk, by=series.teacher, reason="", now=the_clock()),
    ]

    answers = at_once(calls)

    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(one, NothingWaits | BookingClosed | BookingNotPending) for one in refused), refused
    live = [one for one in dates(series) if one.status != BookingStatus.CANCELLED]
    assert {one.status for one in live} <= {"CONFIRMED"}
    assert Claim.objects.filter(kind="teacher").count() == Claim.objects.filter(kind="student").count() == len(live)


def test_two_who_cancel_the_rest_at_once_cancel_it_once() -> None:
    series = asked_series()

    answers = at_once(
        [
            partial(services.cancel_series, series_id=series.pk, by=by, now=the_clock())
            for by in (series.teacher, series.student)
        ]
    )

    assert len([answer for answer in answers if isinstance(answer, NothingToCome)]) == 1
    assert not Claim.objects.exists()
