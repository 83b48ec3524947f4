"""A guest's lesson: held until the mailed link is followed, and from then on a lesson like any other."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import override_settings

from classbell.accounts.models import ReminderTime, User
from classbell.bookings import outcomes, services
from classbell.bookings.errors import AwaitsGuest, NoticeTooShort, SlotUnavailable
from classbell.bookings.guests import services as guests
from classbell.bookings.guests.errors import (
    AlreadyConfirmed,
    GuestLinkExpired,
    GuestLinkUnusable,
    HoldOver,
    LessonGone,
    LessonsClash,
    NotConfirmedYet,
    NotTheMailedLink,
)
from classbell.bookings.models import Booking, BookingStatus, GuestLink, LinkPurpose
from classbell.bookings.policies import change_policy
from classbell.notices.mailing import mail_of
from classbell.notices.models import Notice
from classbell.notices.preferences import change_preferences
from classbell.notices.reminders import remind_due
from tests.at_once import at_once
from tests.factories import make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_guests import EMAIL, asked, confirmed, held, mailed

pytestmark = pytest.mark.django_db
WITH_MAIL = override_settings(EMAIL_HOST="mail.school.example")


def now() -> datetime:
    return datetime.now(UTC)


def test_a_guest_is_no_account_and_holds_the_time() -> None:
    teacher = make_tutor()
    booking = held(teacher)

    guest = booking.student
    assert (guest.is_guest, guest.address, guest.contact_email, guest.name) == (True, "", EMAIL, "Salma Haddad")
    assert (booking.status, booking.is_held) == (BookingStatus.PENDING, True)
    with pytest.raises(SlotUnavailable):
        make_booking(teacher=teacher)


def test_nobody_hears_of_it_or_sees_the_guest_before_the_link_is_followed() -> None:
    teacher = make_tutor()
    booking = held(teacher)

    assert not Notice.objects.filter(user=teacher).exists()
    assert not Booking.objects.visible_to(teacher).exists()
    assert booking.student not in User.objects.students()
    assert booking.student not in User.objects.known()
    with pytest.raises(AwaitsGuest):
        services.confirm_booking(booking_id=booking.pk, now=now())


def test_the_mailed_link_asks_the_teacher() -> None:
    teacher = make_tutor()

    booking, _token = confirmed(teacher)

    assert (booking.status, booking.is_held) == (BookingStatus.PENDING, False)
    assert booking.student.is_guest
    assert User.objects.students().filter(pk=booking.student_id).exists()
    assert Notice.objects.get(user=teacher).kind == "lesson_requested"
    assert booking in Booking.objects.visible_to(teacher)


def test_with_a_teacher_who_confirms_by_rule_it_is_confirmed() -> None:
    booking, _token = confirmed(make_tutor(settings={"auto_confirm": True}))

    assert booking.status == BookingStatus.CONFIRMED
    assert booking.meeting is not None


def test_at_once_it_counts_without_a_link() -> None:
    teacher = make_tutor()

    booking, _token = guests.book_as_guest(asked(teacher), by_link=False, now=now())

    assert not booking.is_held
    assert Notice.objects.filter(user=teacher).exists()


def test_tokens_are_kept_as_digests_and_one_is_for_one_thing() -> None:
    booking, seen = guests.book_as_guest(asked(make_tutor()), by_link=True, now=now())
    token = mailed(booking)

    kept = [
        bytes(value) if isinstance(value, memoryview) else value
        for row in GuestLink.objects.values_list()
        for value in row
    ]
    assert token not in map(str, kept)
    assert seen not in map(str, kept)
    with pytest.raises(NotTheMailedLink):
        guests.confirm_as_guest(seen, now=now())


def test_after_confirming_only_the_mailed_link_sees_to_it() -> None:
    booking, seen = guests.book_as_guest(asked(make_tutor()), by_link=True, now=now())
    token = mailed(booking)
    guests.confirm_as_guest(token, now=now())

    assert guests.guests_lesson(token, now=now())[1] == booking
    with pytest.raises(GuestLinkUnusable):
        guests.guests_lesson(seen, now=now())


def test_the_link_followed_again_says_so_and_changes_nothing() -> None:
    teacher = make_tutor()
    _booking, token = confirmed(teacher)

    with pytest.raises(AlreadyConfirmed):
        guests.confirm_as_guest(token, now=now())
    assert Notice.objects.filter(user=teacher).count() == 1


def test_a_hold_that_ran_out_is_free_for_others_and_the_link_says_so() -> None:
    teacher = make_tutor()
    booking = held(teacher, now=now() - timedelta(minutes=31))

    with pytest.raises(HoldOver):
        guests.confirm_as_guest(mailed(booking), now=now())
    outcomes.lapse_requests(now=now())

    assert make_booking(teacher=teacher)
    assert not Notice.objects.filter(user=booking.student, kind="lesson_lapsed").exists()
    with pytest.raises(HoldOver):
        guests.confirm_as_guest(mailed(booking), now=now())


def test_a_cancelled_lesson_can_be_neither_confirmed_nor_changed() -> None:
    booking = held()
    token = mailed(booking)
    guests.cancel_as_guest(token, now=now())

    with pytest.raises(LessonGone):
        guests.confirm_as_guest(token, now=now())
    with pytest.raises(LessonGone):
        guests.cancel_as_guest(token, now=now())
    with pytest.raises(LessonGone):
        guests.move_as_guest(token, starts_at=a_day_ahead(8), ends_at=a_day_ahead(8, hour=11), now=now())


@pytest.mark.parametrize("token", ["", "x", "a" * 500, "\0"])
def test_forged_links_open_nothing(token: str) -> None:
    held()

    with pytest.raises(GuestLinkUnusable):
        guests.guests_lesson(token, now=now())


def test_the_link_ends_a_month_after_the_lesson() -> None:
    booking, token = confirmed()

    with pytest.raises(GuestLinkExpired):
        guests.guests_lesson(token, now=booking.ends_at + timedelta(days=30))


def test_guests_move_and_cancel_by_the_rules_of_students() -> None:
    teacher = make_tutor(settings={"auto_confirm": True})
    change_policy(teacher_id=teacher.pk, changes={"cancel_notice_hours": 24 * 30, "reschedule_notice_hours": 24 * 30})
    _booking, token = confirmed(teacher)

    with pytest.raises(NoticeTooShort):
        guests.cancel_as_guest(token, now=now())
    with pytest.raises(NoticeTooShort):
        guests.move_as_guest(token, starts_at=a_day_ahead(8), ends_at=a_day_ahead(8, hour=11), now=now())


def test_guests_move_to_free_times_only() -> None:
    teacher = make_tutor()
    _booking, token = confirmed(teacher)
    make_booking(teacher=teacher, starts_at=a_day_ahead(8))

    with pytest.raises(SlotUnavailable):
        guests.move_as_guest(token, starts_at=a_day_ahead(8), ends_at=a_day_ahead(8, hour=11), now=now())
    moved = guests.move_as_guest(token, starts_at=a_day_ahead(9), ends_at=a_day_ahead(9, hour=11), now=now())

    assert moved.starts_at == a_day_ahead(9)


def test_what_is_not_confirmed_is_not_moved() -> None:
    booking = held()

    with pytest.raises(NotConfirmedYet):
        guests.move_as_guest(mailed(booking), starts_at=a_day_ahead(8), ends_at=a_day_ahead(8, hour=11), now=now())


def test_lessons_under_one_proven_address_are_one_guests() -> None:
    first, _token = confirmed()
    second, _other = confirmed(starts_at=a_day_ahead(8), name="Salma")

    assert second.student == first.student
    assert User.objects.filter(contact_email=EMAIL).count() == 1


def test_two_lessons_at_one_time_are_said_to_who_has_proven_the_address() -> None:
    confirmed()
    second = held()

    with pytest.raises(LessonsClash):
        guests.confirm_as_guest(mailed(second), now=now())
    assert Booking.objects.get(pk=second.pk).is_held


def test_who_only_types_an_address_learns_nothing_of_it() -> None:
    make_booking(student=make_student(email=EMAIL))

    booking = held()

    assert booking.student.email != EMAIL
    assert booking.is_held


@WITH_MAIL
def test_mails_go_to_the_typed_address_with_the_guests_own_link() -> None:
    booking = held()
    (notice,) = Notice.objects.filter(user=booking.student)

    message = mail_of(notice)

    assert message.to == [EMAIL]
    assert f"/guest/{mailed(booking)}/" in str(message.body)
    assert "How you are told" not in str(message.alternatives)
    assert mailed(booking) not in str(Notice.objects.values())


@WITH_MAIL
def test_confirmed_lessons_come_with_an_invitation() -> None:
    booking, token = confirmed(make_tutor(settings={"auto_confirm": True}))
    notice = Notice.objects.get(user=booking.student, kind="lesson_confirmed")

    message = mail_of(notice)

    assert f"/guest/{token}/" in str(message.body)
    assert any("text/calendar" in str(kind) for _content, kind in message.alternatives)


@WITH_MAIL
def test_reminders_reach_guests_with_their_link() -> None:
    change_preferences(None, {"reminder_minutes": ReminderTime.HOUR})
    booking, token = confirmed(make_tutor(settings={"auto_confirm": True}))

    remind_due(now=booking.starts_at - timedelta(minutes=30))

    notice = Notice.objects.get(user=booking.student, kind="session_coming")
    assert f"/guest/{token}/" in str(mail_of(notice).body)
    assert not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_the_link_followed_twice_at_once_asks_the_teacher_once() -> None:
    teacher = make_tutor()
    token = mailed(held(teacher))

    outcomes_ = at_once([lambda: guests.confirm_as_guest(token, now=now())] * 2)

    assert sorted(type(one).__name__ for one in outcomes_) == ["AlreadyConfirmed", "Booking"]
    assert Notice.objects.filter(user=teacher).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_time_is_had_by_one_of_two_guests_and_a_student_at_once() -> None:
    teacher, student = make_tutor(), make_student()

    def as_guest(email: str) -> Booking:
        return guests.book_as_guest(asked(teacher, email=email), by_link=True, now=now())[0]

    outcomes_ = at_once(
        [
            lambda: as_guest("one@family.example"),
            lambda: as_guest("two@family.example"),
            lambda: make_booking(teacher=teacher, student=student),
        ]
    )

    assert sum(isinstance(one, Booking) for one in outcomes_) == 1
    assert sum(isinstance(one, SlotUnavailable) for one in outcomes_) == 2
    assert User.objects.filter(is_guest=True).count() <= 1


@pytest.mark.django_db(transaction=True)
def test_following_the_link_while_the_hold_lapses_is_either() -> None:
    booking = held()
    late = now() + timedelta(minutes=29)

    confirm, _lapse = at_once(
        [
            lambda: guests.confirm_as_guest(mailed(booking), now=late),
            lambda: outcomes.lapse_requests(now=late + timedelta(minutes=2)),
        ]
    )

    booking.refresh_from_db()
    assert (booking.status == BookingStatus.CANCELLED) == isinstance(confirm, HoldOver)


def test_the_account_link_is_mailed_on_demand_only() -> None:
    booking, token = confirmed()

    guests.ask_for_account(token, now=now())

    notice = Notice.objects.get(user=booking.student, kind="guest_account")
    assert f"/guest/account/{mailed(booking, LinkPurpose.ACCOUNT)}" in str(mail_of(notice).body)
