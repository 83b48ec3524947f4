"""From guest to account: everything is kept, a clash is said, and nobody gets what is somebody else's."""

from datetime import UTC, datetime, timedelta

import pytest

from classbell.accounts.guests import NoGuest
from classbell.accounts.models import User
from classbell.bookings.guests import services as guests
from classbell.bookings.guests.errors import GuestLinkExpired, GuestLinkUnusable, GuestLinkUsed, LessonsClash
from classbell.bookings.guests.forgetting import forget_guests
from classbell.bookings.models import Booking, LinkPurpose
from classbell.bookings.outcomes import lapse_requests
from classbell.errors import DomainError
from classbell.meetings.models import Claim, Registrant
from classbell.notices.models import Notice
from tests.at_once import at_once
from tests.factories import make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_guests import EMAIL, confirmed, held, mailed

pytestmark = pytest.mark.django_db


def now() -> datetime:
    return datetime.now(UTC)


def account_link(token: str, booking: Booking) -> str:
    guests.ask_for_account(token, now=now())
    return mailed(booking, LinkPurpose.ACCOUNT)


def test_a_guest_without_an_account_becomes_one_with_everything_kept() -> None:
    booking, token = confirmed(make_tutor(settings={"auto_confirm": True}))

    account = guests.keep_in_account(account_link(token, booking), now=now())

    account.refresh_from_db()
    assert (account.pk, account.email, account.is_guest) == (booking.student_id, EMAIL, False)
    assert not account.has_usable_password()
    assert list(Booking.objects.visible_to(account)) == [booking]


def test_the_account_of_the_address_takes_over_lessons_claims_and_notices() -> None:
    account = make_student(email=EMAIL)
    booking, token = confirmed(make_tutor(settings={"auto_confirm": True}))
    guest_id = booking.student_id

    guests.keep_in_account(account_link(token, booking), now=now())

    booking.refresh_from_db()
    assert booking.student == account
    assert Claim.objects.filter(resource_id=account.pk).count() == 1
    assert not Claim.objects.filter(resource_id=guest_id).exists()
    assert Registrant.objects.get(meeting=booking.meeting).user == account
    assert Notice.objects.filter(user=account, kind="lesson_confirmed").exists()
    assert not User.objects.filter(pk=guest_id).exists()


def test_a_clash_is_said_and_changes_nothing() -> None:
    account = make_student(email=EMAIL)
    make_booking(student=account)
    booking, token = confirmed()
    link = account_link(token, booking)

    with pytest.raises(LessonsClash):
        guests.keep_in_account(link, now=now())

    booking.refresh_from_db()
    assert booking.student.is_guest
    guests.cancel_as_guest(token, now=now())
    guests.keep_in_account(link, now=now())


def test_a_teachers_account_learns_from_then_on() -> None:
    account = make_teacher(email=EMAIL)
    booking, token = confirmed()

    guests.keep_in_account(account_link(token, booking), now=now())

    account.refresh_from_db()
    assert account.learns


def test_the_account_link_works_once_and_for_a_day() -> None:
    booking, token = confirmed()
    link = account_link(token, booking)

    with pytest.raises(GuestLinkExpired):
        guests.account_waiting(link, now=now() + timedelta(days=1, minutes=1))
    guests.keep_in_account(link, now=now())
    with pytest.raises((GuestLinkUsed, NoGuest)):
        guests.keep_in_account(link, now=now())


def test_links_of_a_lesson_make_no_account_and_the_other_way_round() -> None:
    booking, token = confirmed()
    link = account_link(token, booking)

    with pytest.raises(GuestLinkUnusable):
        guests.keep_in_account(token, now=now())
    with pytest.raises(GuestLinkUnusable):
        guests.cancel_as_guest(link, now=now())


def test_a_lesson_that_is_an_accounts_is_not_seen_to_by_link_any_more() -> None:
    make_student(email=EMAIL)
    booking, token = confirmed()
    guests.keep_in_account(account_link(token, booking), now=now())

    with pytest.raises(NoGuest):
        guests.cancel_as_guest(token, now=now())


@pytest.mark.django_db(transaction=True)
def test_taking_over_at_once_with_cancelling_leaves_one_truth() -> None:
    account = make_student(email=EMAIL)
    booking, token = confirmed()
    link = account_link(token, booking)

    outcomes = at_once(
        [lambda: guests.keep_in_account(link, now=now()), lambda: guests.cancel_as_guest(token, now=now())]
    )

    booking.refresh_from_db()
    assert booking.student == account
    assert all(not isinstance(one, Exception) or isinstance(one, DomainError) for one in outcomes), outcomes
    assert (booking.status == "CANCELLED") == (not Claim.objects.filter(held_by=booking.pk).exists())


def test_guests_who_never_confirmed_are_forgotten_and_others_are_not() -> None:
    forgotten = held(now=now() - timedelta(minutes=40))
    kept, _token = confirmed(starts_at=a_day_ahead(9), email="other@family.example")
    lapse_requests(now=now())

    assert forget_guests(now=now() + timedelta(days=29)) == 0
    assert forget_guests(now=now() + timedelta(days=31)) == 1

    assert not User.objects.filter(pk=forgotten.student_id).exists()
    assert Booking.objects.filter(pk=kept.pk).exists()
