"""A holiday and dates that are made at the same moment: the holiday names them, or they leave it out."""

from collections.abc import Callable
from functools import partial

import pytest
from django.utils import timezone

from classbell.bookings.errors import SlotUnavailable
from classbell.bookings.models import Booking
from classbell.bookings.services import request_booking
from classbell.holiday_changes.affected import Affected
from classbell.holiday_changes.services import add
from classbell.holidays.errors import OthersAffected
from classbell.holidays.models import Effect, Holiday
from classbell.holidays.services import Whose
from classbell.meetings.models import Occurrence
from tests.at_once import at_once, done_at_once
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_bookings import make_tutor
from tests.factories_meetings import make_meeting, next_monday_at, weekly

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("zoom_hosts")]


def add_holiday() -> Affected:
    day = next_monday_at(9).date()
    _holiday, affected, _cancelled = add(
        name="Eid",
        first_day=day,
        last_day=day,
        of=Whose(),
        effect=Effect.LEAVE_OUT,
        cancels=False,
        by=make_admin(),
        now=timezone.now(),
    )
    return affected


@pytest.mark.parametrize("_round", range(4))
def test_a_booking_is_named_or_refused(_round: int) -> None:
    tutor, student = make_tutor(), make_student()
    start = next_monday_at(10)
    book = partial(
        request_booking,
        student=student,
        teacher_id=tutor.pk,
        starts_at=start,
        ends_at=start.replace(hour=11),
        now=timezone.now(),
    )

    calls: list[Callable[[], object]] = [add_holiday, book]

    affected, booked = at_once(calls)

    assert isinstance(affected, Affected), affected
    if isinstance(booked, SlotUnavailable):
        assert affected.count == 0
    else:
        assert isinstance(booked, Booking), booked
        assert [one.pk for one in affected.bookings] == [booked.pk]


@pytest.mark.parametrize("_round", range(4))
def test_what_was_not_seen_is_never_cancelled(_round: int) -> None:
    tutor, student = make_tutor(), make_student()
    start = next_monday_at(10)
    day = start.date()
    add_as_seen = partial(
        add,
        name="Eid",
        first_day=day,
        last_day=day,
        of=Whose(),
        effect=Effect.WARN,
        cancels=True,
        by=make_admin(),
        now=timezone.now(),
        seen=Affected(sessions=[], bookings=[]).fingerprint,
    )
    book = partial(
        request_booking,
        student=student,
        teacher_id=tutor.pk,
        starts_at=start,
        ends_at=start.replace(hour=11),
        now=timezone.now(),
    )

    calls: list[Callable[[], object]] = [add_as_seen, book]

    added, booked = at_once(calls)

    assert isinstance(booked, Booking), booked
    booked.refresh_from_db()
    assert booked.is_live
    assert isinstance(added, OthersAffected | tuple), added


@pytest.mark.parametrize("_round", range(4))
def test_a_series_is_named_or_leaves_the_day_out(_round: int) -> None:
    wanted = weekly(make_teacher(), count=3)

    calls: list[Callable[[], object]] = [add_holiday, partial(make_meeting, wanted)]

    affected, _meeting = at_once(calls)

    assert isinstance(affected, Affected), affected
    held = Occurrence.objects.taking_place().filter(starts_at=next_monday_at(9)).count()
    assert held == len(affected.sessions)


def test_the_same_holiday_made_twice_at_once_is_one() -> None:
    done_at_once([add_holiday, add_holiday])

    assert Holiday.objects.count() == 1
