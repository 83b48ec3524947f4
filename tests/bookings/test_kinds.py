"""Lessons of a kind: as long as the school says, for those whom it lets, a trial once, and by whom they are taught."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from classbell.accounts.models import User
from classbell.bookings import services
from classbell.bookings.errors import SlotUnavailable
from classbell.bookings.kinds.errors import (
    AnswersRefused,
    KindNotOpen,
    KindRefused,
    LengthNotOffered,
    NoSuchKind,
    NotTaughtBy,
    TrialTaken,
)
from classbell.bookings.kinds.services import KindChanges, change_kind, create_kind, remove_kind
from classbell.bookings.kinds.slots import slots_of_kind
from classbell.bookings.models import Booking, BookingStatus, ChosenBy, LessonKind, OpenTo
from classbell.holidays.models import Effect
from classbell.meetings.claims import NewClaim, take
from classbell.meetings.models import ClaimKind
from tests.at_once import at_once
from tests.factories import make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.holidays.factories import make_holiday

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def make_kind(*teachers: User, **values: Any) -> LessonKind:
    """Offer a kind of lessons of half an hour, taught by these."""
    begin: KindChanges = {"name": "Recitation", "minutes": [30], "teachers": [one.pk for one in teachers]}
    return create_kind(begin | cast("KindChanges", values))


def book(kind: LessonKind, teacher: User | None = None, student: User | None = None, **more: Any) -> Booking:
    starts_at = more.pop("starts_at", a_day_ahead())
    return services.request_booking(
        student=student or make_student(),
        teacher_id=teacher.pk if teacher else None,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=more.pop("minutes", 30)),
        kind=kind,
        now=datetime.now(UTC),
        **more,
    )


def test_lesson_of_a_kind_keeps_its_kind_and_the_answers() -> None:
    tutor = make_tutor()
    questions: list[Any] = [{"text": "Level?", "kind": "choice", "choices": ["A", "B"], "required": True}]
    kind = make_kind(tutor, questions=questions)

    booking = book(kind, tutor, answers={"q1": " A "})

    assert (booking.kind, booking.answers, booking.status) == (kind, {"q1": "A"}, BookingStatus.PENDING)


@pytest.mark.parametrize("answers", [{}, {"q1": ""}, {"q1": "C"}, {"q1": 3}, {"q1": "A", "q9": "x"}])
def test_questions_that_are_not_answered_are_named(answers: dict[str, Any]) -> None:
    tutor = make_tutor()
    questions: list[Any] = [{"text": "Level?", "kind": "choice", "choices": ["A", "B"], "required": True}]

    with pytest.raises(AnswersRefused) as refused:
        book(make_kind(tutor, questions=questions), tutor, answers=answers)

    named = "answers.q9" if "q9" in answers else "answers.q1"
    assert refused.value.details[0]["field"] == named
    assert not Booking.objects.exists()


def test_a_kind_is_as_long_as_it_says() -> None:
    tutor = make_tutor()

    with pytest.raises(LengthNotOffered) as refused:
        book(make_kind(tutor, minutes=[30, 45]), tutor, minutes=60)

    assert refused.value.details == [{"field": "duration", "offered": [30, 45]}]


def test_who_does_not_teach_it_is_not_booked_for_it() -> None:
    with pytest.raises(NotTaughtBy):
        book(make_kind(make_tutor()), make_tutor())


def test_only_those_for_whom_it_is_open_book_it() -> None:
    tutor = make_tutor()
    with pytest.raises(KindNotOpen):
        book(make_kind(tutor, open_to=OpenTo.NOBODY), tutor)
    with pytest.raises(NoSuchKind):
        book(make_kind(tutor, is_active=False), tutor)


def test_notice_and_buffer_are_the_kinds_own_where_it_has_some() -> None:
    tutor = make_tutor(settings={"min_notice_minutes": 0, "buffer_minutes": 0})
    start = a_day_ahead(2)
    with pytest.raises(SlotUnavailable):
        book(make_kind(tutor, min_notice_minutes=60 * 24 * 5), tutor, starts_at=start)

    kind = make_kind(tutor, buffer_minutes=15)
    book(kind, tutor, starts_at=start)
    with pytest.raises(SlotUnavailable):
        book(kind, tutor, starts_at=start + timedelta(minutes=30))
    book(kind, tutor, starts_at=start + timedelta(minutes=45))


@pytest.mark.parametrize(("first", "then"), [(30, 0), (0, 30), (30, None), (None, 30), (None, 0), (0, None)])
def test_two_lessons_are_as_far_apart_as_the_one_that_asks_for_more_whichever_was_booked_first(
    first: int | None, then: int | None
) -> None:
    tutor = make_tutor(settings={"buffer_minutes": 10})
    start = a_day_ahead(3, hour=11)
    book(make_kind(tutor, buffer_minutes=first), tutor, starts_at=start)
    other, apart = make_kind(tutor, buffer_minutes=then), 30 if 30 in (first, then) else 10
    after, before = start + timedelta(minutes=30 + apart), start - timedelta(minutes=30 + apart)
    minute = timedelta(minutes=1)

    for too_close in (after - minute, before + minute):
        with pytest.raises(SlotUnavailable):
            book(other, tutor, starts_at=too_close)
    for far_enough in (after, before):
        assert book(other, tutor, starts_at=far_enough).starts_at == far_enough


@pytest.mark.parametrize("others_ask_for", [0, 90])
def test_lesson_that_moves_does_not_stand_in_its_own_way_with_its_buffer(others_ask_for: int) -> None:
    tutor, student = make_tutor(settings={"slot_interval_minutes": 15}), make_student()
    kind = make_kind(tutor, buffer_minutes=60)
    make_kind(buffer_minutes=others_ask_for)
    booking = book(kind, tutor, student)
    book(kind, tutor, starts_at=booking.starts_at + timedelta(days=1))
    later = booking.starts_at + timedelta(minutes=15)

    services.reschedule_booking(
        booking_id=booking.pk,
        by=student,
        starts_at=later,
        ends_at=later + timedelta(minutes=30),
        now=datetime.now(UTC),
    )

    booking.refresh_from_db()
    assert booking.starts_at == later


def test_class_beside_a_lesson_asks_for_no_buffer_of_its_own() -> None:
    tutor = make_tutor(settings={"buffer_minutes": 10})
    start = a_day_ahead(3, hour=11)
    ends = start + timedelta(hours=1)
    take([NewClaim(kind=ClaimKind.TEACHER, resource_id=tutor.pk, starts_at=start, ends_at=ends, held_by=uuid4())])

    # What another teacher's lesson at that time asks for is for them.
    other = make_tutor()
    book(make_kind(other, buffer_minutes=60), other, starts_at=start)

    assert book(make_kind(tutor, buffer_minutes=0), tutor, starts_at=ends).starts_at == ends


def test_lesson_without_a_kind_asks_for_its_teachers_buffer() -> None:
    tutor = make_tutor(settings={"buffer_minutes": 10})
    lesson = make_booking(teacher=tutor, starts_at=a_day_ahead(3, hour=11))
    kind = make_kind(tutor, buffer_minutes=0)

    with pytest.raises(SlotUnavailable):
        book(kind, tutor, starts_at=lesson.ends_at + timedelta(minutes=9))
    book(kind, tutor, starts_at=lesson.ends_at + timedelta(minutes=10))


def test_of_all_kinds_the_one_that_asks_for_the_most_counts() -> None:
    tutor = make_tutor(settings={"buffer_minutes": 10})
    first, other = make_kind(tutor, buffer_minutes=30), make_kind(tutor)
    make_kind(tutor, buffer_minutes=5)
    lesson = book(first, tutor, starts_at=a_day_ahead(3, hour=11))

    with pytest.raises(SlotUnavailable):
        book(other, tutor, starts_at=lesson.ends_at + timedelta(minutes=29))


def test_holiday_that_warns_is_named_where_it_does_so_for_all_who_are_free() -> None:
    off, there = make_tutor(timezone="UTC"), make_tutor(timezone="UTC")
    kind = make_kind(off, there, seats=2)
    day = a_day_ahead(5)
    book(kind, off, starts_at=day + timedelta(minutes=5))

    def named(*teachers: User, days: int = 0) -> set[str]:
        found = slots_of_kind(
            kind,
            [one.pk for one in teachers],
            first=(day + timedelta(days=days)).date(),
            minutes=30,
            zone=ZoneInfo("UTC"),
            now=datetime.now(UTC),
        )
        return {slot.holiday for slot in found.slots}

    make_holiday(day.date(), teacher=off, effect=Effect.WARN)
    assert named(off) == {"The teacher’s holiday"}
    assert "" in named(off, there)
    assert named(there) == {""}

    make_holiday(day.date(), name="National day", effect=Effect.WARN)
    assert named(off, there) == {"National day"}
    assert named(off, there, days=1) == {""}


def test_who_comes_too_late_is_told_what_is_nearest() -> None:
    tutor = make_tutor(settings={"slot_interval_minutes": 30})
    kind = make_kind(tutor)
    start = a_day_ahead(3)
    book(kind, tutor, starts_at=start)

    with pytest.raises(SlotUnavailable) as refused:
        book(kind, tutor, starts_at=start)

    half = timedelta(minutes=30)
    assert start - half in refused.value.nearest
    assert start + half in refused.value.nearest
    assert start not in refused.value.nearest


def test_trial_is_booked_once_by_each_person_and_again_when_it_was_cancelled() -> None:
    tutor, student = make_tutor(), make_student()
    trial = make_kind(tutor, trial=True)
    first = book(trial, tutor, student)
    with pytest.raises(TrialTaken):
        book(trial, tutor, student, starts_at=a_day_ahead(9))

    services.cancel_booking(booking_id=first.pk, by=student, now=datetime.now(UTC))
    book(trial, tutor, student, starts_at=a_day_ahead(9))
    book(trial, tutor, make_student(), starts_at=a_day_ahead(10))


@pytest.mark.django_db(transaction=True)
def test_two_trials_asked_for_at_once_are_one() -> None:
    tutors, student = [make_tutor(), make_tutor()], make_student()
    trial = make_kind(*tutors, trial=True)

    outcomes = at_once(
        [
            partial(book, trial, tutor, student, starts_at=a_day_ahead(day))
            for tutor, day in zip(tutors, (4, 5), strict=True)
        ]
    )

    assert sorted(type(one).__name__ for one in outcomes) == ["Booking", "TrialTaken"]


def test_meeting_has_the_settings_of_the_kind() -> None:
    tutor = make_tutor(settings={"auto_confirm": True})

    booking = book(make_kind(tutor, meeting_settings={"waiting_room": False, "join_before_host": True}), tutor)

    assert booking.meeting is not None
    assert booking.meeting.zoom_settings == {"waiting_room": False, "join_before_host": True}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"minutes": []}, "minutes"),
        ({"minutes": [10]}, "minutes"),
        ({"price": 5000}, "currency"),
        ({"currency": "euro"}, "currency"),
        ({"price": -1}, "price"),
        ({"seats": 0}, "seats"),
        ({"address": "Über uns"}, "address"),
        ({"colour": "blue"}, "colour"),
        ({"open_to": "whoever"}, "open_to"),
        ({"questions": [{"text": ""}]}, "questions.0"),
        ({"questions": [{"text": "Which?", "kind": "choice", "choices": ["one"]}]}, "questions.0"),
        ({"meeting_settings": {"waiting_rooom": True}}, "meeting_settings.waiting_rooom"),
    ],
)
def test_what_a_kind_cannot_be_is_named_by_its_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(KindRefused) as refused:
        make_kind(make_tutor(), **values)

    assert list(refused.value.refused) == [field]
    assert not LessonKind.objects.exists()


def test_address_is_made_of_the_name_and_nobody_elses() -> None:
    kinds = [make_kind(), make_kind(), make_kind(name="تلاوة")]

    assert [kind.address for kind in kinds] == ["recitation", "recitation-2", "lesson"]
    with pytest.raises(KindRefused) as refused:
        change_kind(kind_id=kinds[0].pk, changes={"address": "lesson"})
    assert list(refused.value.refused) == ["address"]


def test_students_teach_no_kind() -> None:
    with pytest.raises(KindRefused) as refused:
        make_kind(make_student())
    assert list(refused.value.refused) == ["teachers"]


def test_teachers_keep_the_order_in_which_they_were_named() -> None:
    first, second = make_tutor(), make_tutor()
    kind = make_kind(first, second)

    change_kind(kind_id=kind.pk, changes={"teachers": [second.pk, first.pk]})

    assert [one.teacher_id for one in kind.taught_by.all()] == [second.pk, first.pk]


def test_kind_of_which_there_were_lessons_stays_for_their_sake() -> None:
    tutor = make_tutor()
    kind, other = make_kind(tutor), make_kind(tutor)
    booking = book(kind, tutor)

    remove_kind(kind_id=kind.pk)
    remove_kind(kind_id=other.pk)

    assert list(LessonKind.objects.values_list("pk", "is_active")) == [(kind.pk, False)]
    booking.refresh_from_db()
    assert booking.kind == kind


@pytest.mark.parametrize("rule", ChosenBy)
def test_any_teacher_is_chosen_by_the_kinds_rule(rule: ChosenBy) -> None:
    first, second = make_tutor(), make_tutor()
    kind = make_kind(first, second, chosen_by=rule)
    days = range(3, 7)

    chosen = [book(kind, starts_at=a_day_ahead(day)).teacher for day in days]

    expected = [first] * 4 if rule == ChosenBy.PRIORITY else [first, second] * 2
    assert chosen == expected


def test_next_teacher_is_asked_when_the_first_is_taken() -> None:
    first, second = make_tutor(), make_tutor()
    kind = make_kind(first, second, chosen_by=ChosenBy.PRIORITY)

    chosen = [book(kind).teacher for _number in range(2)]

    assert chosen == [first, second]
    with pytest.raises(SlotUnavailable):
        book(kind)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rule", [ChosenBy.LEAST_BOOKED, ChosenBy.IN_TURN])
def test_crowd_after_any_teacher_takes_each_of_them_once(rule: ChosenBy) -> None:
    tutors = [make_tutor() for _number in range(4)]
    students = [make_student() for _number in range(8)]
    kind = make_kind(*tutors, chosen_by=rule)

    outcomes = at_once([partial(book, kind, student=student) for student in students])

    booked = [one.teacher_id for one in outcomes if isinstance(one, Booking)]
    assert sorted(booked) == sorted(one.pk for one in tutors)
    assert sum(isinstance(one, SlotUnavailable) for one in outcomes) == 4
