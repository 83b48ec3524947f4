"""
A guest's lesson: booked, confirmed by the mailed link, moved, cancelled, kept in an account.

It goes through the same services as a student's, with the guest as the student, so the same rules hold. Until the mailed
link is followed it holds its time and nobody of the school hears of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from classbell.accounts import guests
from classbell.accounts.models import User
from classbell.accounts.wall import proven_as
from classbell.bookings import notifications, services
from classbell.bookings.errors import AwaitsPayment, BookingStarted, check_not_held
from classbell.bookings.guests.errors import (
    AlreadyConfirmed,
    GuestLinkUsed,
    HoldOver,
    LessonGone,
    NotConfirmedYet,
    NotTheMailedLink,
)
from classbell.bookings.guests.links import LESSON, find_link, make_link
from classbell.bookings.guests.takeover import take_over
from classbell.bookings.kinds.errors import TrialTaken
from classbell.bookings.models import Booking, BookingStatus, GuestLink, LessonKind, LinkPurpose
from classbell.holidays.locks import hold_holidays
from classbell.notices.services import tell
from classbell.notices.texts import Kind

HELD: Final = (BookingStatus.PENDING, BookingStatus.CONFIRMED, BookingStatus.COMPLETED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """
    What a guest books: `timezone` is an IANA name, `locale` a language that the pages have, `teacher_id` None leaves the
    teacher of a kind open, `among` these where it is given, `answers` are by the key of the kind's questions.
    """

    name: str
    email: str
    timezone: str
    locale: str
    teacher_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    kind: LessonKind | None = None
    among: Collection[UUID] | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


def book_as_guest(
    asked: Asked, *, by_link: bool, to_be_paid_until: datetime | None = None, now: datetime
) -> tuple[Booking, str]:
    """
    Book for somebody without an account: held until they follow the mailed link, if `by_link`, else as a student's request;
    what is `to_be_paid_until` a moment is held until then, and paying is all that confirms it. Return the booking, and the
    token with which whoever booked may see to it until then.

    Whether the address has an account makes no difference. Raises NotAnAddress, and what `request_booking` does.
    """
    by_link = by_link and to_be_paid_until is None
    until = now + timedelta(minutes=settings.ENVIRONMENT.guest_hold_minutes) if by_link else to_be_paid_until
    with transaction.atomic():
        guest = guests.new_guest(name=asked.name, email=asked.email, timezone=asked.timezone, locale=asked.locale)
        proven_as(guest)
        booking = services.request_booking(
            student=guest,
            teacher_id=asked.teacher_id,
            starts_at=asked.starts_at,
            ends_at=asked.ends_at,
            kind=asked.kind,
            among=asked.among,
            answers=asked.answers,
            held_until=until,
            to_be_paid=to_be_paid_until is not None,
            now=now,
        )
        token = make_link(booking, LinkPurpose.MANAGE, now=now)
        if by_link:
            make_link(booking, LinkPurpose.CONFIRM, now=now)
            notifications.confirms_as_guest(booking, now=now)
        elif booking.status == BookingStatus.PENDING and not booking.is_held:
            notifications.asked_as_guest(booking, now=now)
    return booking, token


def confirm_as_guest(token: str, *, now: datetime) -> Booking:
    """
    Take a guest at their word who follows the mailed link: the address is theirs, and the lesson is asked for. Lessons that
    they booked before under the same address are theirs, too. The caller goes on to `sync_now`.

    Raises as `find_link`, and NotTheMailedLink, AlreadyConfirmed, LessonGone, HoldOver, BookingStarted, TrialTaken,
    LessonsClash.
    """
    with transaction.atomic():
        link, booking = _locked(token, now)
        if booking.awaits_payment:
            raise AwaitsPayment
        if link.purpose != LinkPurpose.CONFIRM:
            raise NotTheMailedLink if booking.is_held else AlreadyConfirmed
        if not booking.is_held:
            raise LessonGone if booking.status == BookingStatus.CANCELLED else AlreadyConfirmed
        if booking.status == BookingStatus.CANCELLED:
            raise HoldOver if booking.cancelled_by_id is None else LessonGone
        if booking.lapses_at is not None and booking.lapses_at <= now:
            raise HoldOver
        if booking.starts_at <= now:
            raise BookingStarted
        guests.prove(booking.student, now=now)
        # Whoever booked has known the other link; from now on there is the mailed one.
        GuestLink.objects.filter(booking=booking, purpose=LinkPurpose.MANAGE).delete()
        GuestLink.objects.filter(pk=link.pk).update(used_at=now)
        if (known := guests.known_guest(booking.student)) is not None:
            take_over(guest_id=booking.student_id, person_id=known.pk, now=now)
            booking = services.locked(booking.pk)
        _check_trial(booking)
        services.ask_teacher(booking, now=now)
        if booking.status == BookingStatus.PENDING:
            notifications.asked_as_guest(booking, now=now)
    return booking


def move_as_guest(token: str, *, starts_at: datetime, ends_at: datetime, now: datetime) -> Booking:
    """Move a lesson by students' rules. Raises as `find_link` and `reschedule_booking`, NotConfirmedYet, LessonGone."""
    with transaction.atomic():
        hold_holidays()  # before any lesson, as whoever moves one
        booking = _to_see_to(token, now)
        check_not_held(booking, NotConfirmedYet)
        services.reschedule_booking(
            booking_id=booking.pk, by=booking.student, starts_at=starts_at, ends_at=ends_at, now=now
        )
    return Booking.objects.select_related("student", "teacher", "kind").get(pk=booking.pk)


def cancel_as_guest(token: str, *, reason: str = "", now: datetime) -> Booking:
    """Cancel a guest's lesson by students' rules. Raises as `find_link` and `cancel_booking`, LessonGone."""
    with transaction.atomic():
        booking = _to_see_to(token, now)
        return services.cancel_booking(booking_id=booking.pk, by=booking.student, reason=reason, now=now)


def ask_for_account(token: str, *, now: datetime) -> None:
    """Mail a guest the link that turns them into an account. Raises as `find_link`, NotConfirmedYet."""
    with transaction.atomic():
        _link, booking = _locked(token, now)
        check_not_held(booking, NotConfirmedYet)
        GuestLink.objects.filter(booking=booking, purpose=LinkPurpose.ACCOUNT).delete()
        make_link(booking, LinkPurpose.ACCOUNT, now=now)
        link = GuestLink.objects.get(booking=booking, purpose=LinkPurpose.ACCOUNT)
        facts = {"teacher": booking.teacher.name, "when": booking.starts_at.isoformat()}
        tell(booking.student, Kind.GUEST_ACCOUNT, facts, path=f"/guest/account/{link.pk}", now=now)


def account_waiting(token: str, *, now: datetime) -> tuple[GuestLink, User | None]:
    """
    Return the link that turns a guest into an account, and the account that has their address already. Whoever holds it has
    read their mail. Raises as `find_link`, GuestLinkUsed.
    """
    link = find_link(token, LinkPurpose.ACCOUNT, now=now)
    if link.used_at is not None:
        raise GuestLinkUsed
    return link, guests.account_at(link.booking.student)


def keep_in_account(token: str, *, now: datetime) -> User:
    """
    Turn a guest into an account, or let the account that has their address take over what is theirs; return it.

    Raises as `account_waiting`, LessonsClash, NoGuest, EmailTaken.
    """
    with transaction.atomic():
        link, account = account_waiting(token, now=now)
        booking = services.locked(link.booking_id)
        link = GuestLink.objects.select_for_update().get(pk=link.pk)
        if link.used_at is not None:
            raise GuestLinkUsed
        guests.prove(booking.student, now=now)
        GuestLink.objects.filter(pk=link.pk).update(used_at=now)
        others = guests.same_guests(booking.student)
        account = account or guests.make_account(guest_id=booking.student_id)
        if account.pk != booking.student_id:
            take_over(guest_id=booking.student_id, person_id=account.pk, now=now)
        for other in others:
            take_over(guest_id=other, person_id=account.pk, now=now)
    return account


def guests_lesson(token: str, *, now: datetime) -> tuple[GuestLink, Booking]:
    """Return a guest's link and the lesson that it sees to. Raises as `find_link`."""
    link = find_link(token, *LESSON, now=now)
    return link, link.booking


def _to_see_to(token: str, now: datetime) -> Booking:
    """Return the lesson of a link, locked: whose it is does not change any more. Raises as `find_link`, LessonGone."""
    _link, booking = _locked(token, now)
    if booking.status == BookingStatus.CANCELLED:
        raise LessonGone
    return booking


def _locked(token: str, now: datetime) -> tuple[GuestLink, Booking]:
    """Return a link and its lesson, the lesson's row locked: the link is read once nobody else can use it."""
    booking = services.locked(find_link(token, *LESSON, now=now).booking_id)
    return find_link(token, *LESSON, now=now), booking


def _check_trial(booking: Booking) -> None:
    """Raise TrialTaken for a second trial of one person, whichever name they gave."""
    if booking.kind is None or not booking.kind.trial:
        return
    others = Booking.objects.filter(student=booking.student, kind=booking.kind, status__in=HELD, is_held=False)
    if others.exclude(pk=booking.pk).exists():
        raise TrialTaken
