"""Lessons that students share: as many seats as the kind has, one meeting, and nobody left over when the last one goes."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from classbell.accounts.models import Role, User
from classbell.accounts.services import set_role
from classbell.bookings import services
from classbell.bookings.errors import SlotUnavailable, StudentBusy
from classbell.bookings.group_lessons import cancel_group_lesson, reschedule_group_lesson
from classbell.bookings.kinds.errors import NotTaughtBy, SeatTakersBusy
from classbell.bookings.kinds.slots import slots_of_kind
from classbell.bookings.models import Booking, BookingStatus, GroupLesson
from classbell.bookings.outcomes import complete_after_meeting
from classbell.meetings.audience import expected_people
from classbell.meetings.models import Claim, ClaimKind, Meeting
from tests.at_once import at_once
from tests.factories import make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_group_kind, make_tutor, take_seat

pytestmark = pytest.mark.django_db
HALF = timedelta(minutes=30)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def tutor() -> User:
    return make_tutor(settings={"auto_confirm": True, "slot_interval_minutes": 30})


def taken(teacher: User) -> int:
    return Claim.objects.filter(resource_id=teacher.pk, kind=ClaimKind.TEACHER).count()


def test_students_share_one_lesson_and_its_meeting(tutor: User) -> None:
    kind = make_group_kind(tutor)

    first, second = take_seat(kind, tutor), take_seat(kind, tutor)

    lesson = GroupLesson.objects.get()
    assert {first.group_lesson_id, second.group_lesson_id} == {lesson.pk}
    assert first.held_in == second.held_in == lesson.meeting
    assert lesson.meeting is not None
    assert set(expected_people(lesson.meeting)) == {first.student, second.student}
    assert taken(tutor) == 1


def test_who_comes_after_the_last_seat_is_told_what_is_nearest(tutor: User) -> None:
    kind = make_group_kind(tutor)
    take_seat(kind, tutor)
    take_seat(kind, tutor)

    with pytest.raises(SlotUnavailable) as refused:
        take_seat(kind, tutor)

    assert a_day_ahead() + HALF in refused.value.nearest


def test_who_teaches_no_more_has_no_seats_to_give(tutor: User) -> None:
    colleague = make_tutor(opens="20:00", closes="21:00")
    kind = make_group_kind(tutor, colleague)
    lesson = take_seat(kind, tutor)
    set_role(user_id=tutor.pk, role=Role.STUDENT)

    found = slots_of_kind(
        kind,
        [tutor.pk, colleague.pk],
        first=lesson.starts_at.date(),
        minutes=30,
        zone=ZoneInfo("UTC"),
        now=now(),
    )

    assert found.slots, "the colleague's"
    assert lesson.starts_at not in [slot.starts_at for slot in found.slots]
    with pytest.raises(NotTaughtBy):
        take_seat(kind, tutor)
    with pytest.raises(SlotUnavailable):
        take_seat(kind)


def test_nobody_has_two_seats(tutor: User) -> None:
    kind, student = make_group_kind(tutor), make_student()
    take_seat(kind, tutor, student)

    with pytest.raises(StudentBusy):
        take_seat(kind, tutor, student)


@pytest.mark.django_db(transaction=True)
def test_crowd_after_the_seats_takes_each_of_them_once(tutor: User) -> None:
    kind = make_group_kind(tutor, seats=3)
    students = [make_student() for _number in range(9)]

    outcomes = at_once([partial(take_seat, kind, tutor, student) for student in students])

    assert sorted(type(one).__name__ for one in outcomes) == ["Booking"] * 3 + ["SlotUnavailable"] * 6
    assert GroupLesson.objects.count() == Meeting.objects.count() == 1


def test_yes_to_one_seat_is_yes_to_the_lesson() -> None:
    asked = make_tutor()
    kind = make_group_kind(asked, seats=3)
    first, second = take_seat(kind, asked), take_seat(kind, asked)
    assert (first.status, second.status, taken(asked)) == (BookingStatus.PENDING, BookingStatus.PENDING, 1)

    services.confirm_booking(booking_id=first.pk, now=now())
    third = take_seat(kind, asked)

    assert set(Booking.objects.values_list("status", flat=True)) == {BookingStatus.CONFIRMED}
    assert third.held_in is not None
    assert expected_people(third.held_in).count() == 3
    assert taken(asked) == 1


def test_seat_that_is_given_back_can_be_taken_by_others(tutor: User) -> None:
    kind = make_group_kind(tutor)
    first, second = take_seat(kind, tutor), take_seat(kind, tutor)

    services.cancel_booking(booking_id=first.pk, by=first.student, now=now())
    third = take_seat(kind, tutor)

    assert third.held_in is not None
    assert third.held_in.wanted
    assert set(expected_people(third.held_in)) == {second.student, third.student}


def test_last_seat_that_is_given_back_cancels_the_lesson(tutor: User) -> None:
    booking = take_seat(make_group_kind(tutor), tutor)

    services.cancel_booking(booking_id=booking.pk, by=booking.student, now=now())

    lesson = GroupLesson.objects.get()
    assert lesson.cancelled_at is not None
    assert lesson.meeting is not None
    assert not lesson.meeting.wanted
    assert taken(tutor) == 0
    take_seat(lesson.kind, tutor)
    assert GroupLesson.objects.count() == 2


def test_seat_moves_to_another_group_lesson_or_to_a_free_time(tutor: User) -> None:
    kind = make_group_kind(tutor)
    later = a_day_ahead() + HALF
    first, second, other = take_seat(kind, tutor), take_seat(kind, tutor), take_seat(kind, tutor, starts_at=later)

    services.reschedule_booking(booking_id=first.pk, by=first.student, starts_at=later, ends_at=later + HALF, now=now())
    free = later + 4 * HALF
    services.reschedule_booking(booking_id=second.pk, by=second.student, starts_at=free, ends_at=free + HALF, now=now())

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.group_lesson == other.group_lesson
    assert first.status == second.status == BookingStatus.CONFIRMED
    assert second.group_lesson is not None
    assert second.group_lesson.starts_at == free
    assert GroupLesson.objects.filter(cancelled_at=None).count() == 2
    assert taken(tutor) == 2
    with pytest.raises(SlotUnavailable):
        services.reschedule_booking(
            booking_id=second.pk, by=second.student, starts_at=later, ends_at=later + HALF, now=now()
        )


def test_teacher_moves_the_lesson_for_all(tutor: User) -> None:
    kind = make_group_kind(tutor)
    booked = [take_seat(kind, tutor), take_seat(kind, tutor)]
    later = a_day_ahead(9)

    lesson = reschedule_group_lesson(
        lesson_id=GroupLesson.objects.get().pk, by=tutor, starts_at=later, ends_at=later + HALF, now=now()
    )

    for booking in booked:
        booking.refresh_from_db()
        assert (booking.starts_at, booking.status) == (later, BookingStatus.CONFIRMED)
    assert lesson.meeting is not None
    lesson.meeting.refresh_from_db()
    assert lesson.meeting.starts_at == later
    assert taken(tutor) == 1


def test_who_cannot_come_then_is_named_and_nothing_moves(tutor: User) -> None:
    booking = take_seat(make_group_kind(tutor), tutor)
    later = a_day_ahead(9)
    make_booking(student=booking.student, starts_at=later)

    with pytest.raises(SeatTakersBusy) as refused:
        reschedule_group_lesson(
            lesson_id=GroupLesson.objects.get().pk, by=tutor, starts_at=later, ends_at=later + HALF, now=now()
        )

    assert refused.value.details == [{"names": [booking.student.name]}]
    assert GroupLesson.objects.get().starts_at == booking.starts_at


def test_teacher_cancels_the_lesson_for_all(tutor: User) -> None:
    kind = make_group_kind(tutor)
    take_seat(kind, tutor)
    take_seat(kind, tutor)

    cancel_group_lesson(lesson_id=GroupLesson.objects.get().pk, by=tutor, reason="Ill", now=now())

    assert set(Booking.objects.values_list("status", "cancellation_reason")) == {(BookingStatus.CANCELLED, "Ill")}
    assert not Meeting.objects.get().wanted
    assert taken(tutor) == 0


def test_all_seats_are_completed_when_the_meeting_has_ended(tutor: User) -> None:
    kind = make_group_kind(tutor)
    booking = take_seat(kind, tutor)
    take_seat(kind, tutor)
    session = booking.session
    assert session is not None

    complete_after_meeting(occurrence_id=session.pk, now=booking.ends_at)

    assert set(Booking.objects.values_list("status", flat=True)) == {BookingStatus.COMPLETED}


def test_any_teacher_fills_a_lesson_that_has_begun_first() -> None:
    tutors = [make_tutor(settings={"auto_confirm": True}) for _number in range(2)]
    kind = make_group_kind(*tutors)

    teachers = [take_seat(kind).teacher for _number in range(4)]

    assert teachers[0] == teachers[1] != teachers[2] == teachers[3]
