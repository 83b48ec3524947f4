"""What the demo's students booked: every state, twice without doubling anything, and refreshed when time has passed."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from classbell.bookings.models import Booking, BookingSeries, BookingStatus, Feedback, MakeUpCredit
from classbell.demo.people import People, make_people
from classbell.demo.tutoring import seed_tutoring

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def people(db: None) -> People:
    """The demo's people, without their classes."""
    return make_people()


def states() -> Counter[str]:
    """Count the bookings by state."""
    return Counter(Booking.objects.values_list("status", flat=True))


def test_demo_has_a_lesson_in_every_state_and_none_twice(people: People) -> None:
    seed_tutoring(people, now=NOW)
    first = set(Booking.objects.values_list("pk", flat=True))
    seed_tutoring(people, now=NOW + timedelta(minutes=5))

    assert set(Booking.objects.values_list("pk", flat=True)) == first
    assert set(states()) == set(BookingStatus)
    assert Feedback.objects.count() == 3
    assert MakeUpCredit.objects.usable(NOW).filter(student=people["student"]).count() == 1


def test_demo_has_lessons_for_weeks_agreed_and_asked_for(people: People) -> None:
    seed_tutoring(people, now=NOW)

    states_of = {series.student: set(series.dates.values_list("status", flat=True)) for series in series_in_demo()}

    assert states_of == {people["tomas"]: {BookingStatus.CONFIRMED}, people["maryam"]: {BookingStatus.PENDING}}


def series_in_demo() -> list[BookingSeries]:
    return list(BookingSeries.objects.select_related("student"))


def test_later_run_brings_new_requests_in_place_of_those_that_passed(people: People) -> None:
    seed_tutoring(people, now=NOW)
    waiting = Booking.objects.filter(status=BookingStatus.PENDING)
    before = set(waiting.values_list("pk", flat=True))

    later = NOW + timedelta(days=20)
    waiting.update(status=BookingStatus.CANCELLED)
    seed_tutoring(people, now=later)

    assert waiting.filter(starts_at__gt=later).count() == len(before)
