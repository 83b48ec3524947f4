"""Booking without an account, and what the guest's own link does. No answer says whether an address has an account."""

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from ninja import Router

from classbell.accounts.idempotency import idempotent
from classbell.accounts.permissions import allowed, anyone
from classbell.addresses import NotAnAddress
from classbell.bookings.guests import services
from classbell.bookings.guests.links import lesson_address
from classbell.bookings.kinds.errors import NoSuchKind
from classbell.bookings.models import Booking, BookingStatus, LessonKind
from classbell.bookings.queries import possible_for
from classbell.bookings.slots import TeacherNotFound
from classbell.door import guests
from classbell.door.errors import EmailUnusable
from classbell.door.guest_schemas import (
    GuestBookingAnswer,
    GuestBookingIn,
    GuestBookingOut,
    GuestCancelIn,
    GuestMoveIn,
)
from classbell.door.queries import shown_teachers
from classbell.ids import uuid7
from classbell.meetings.services import sync_now
from classbell.wire import at_offset

router = Router()
BY_LINK: Final[dict[str, Any]] = {"responses": {410: {}}}


@router.post("/bookings", auth=None, response={201: GuestBookingAnswer})
@allowed(anyone)
@idempotent
def book_as_guest(request: HttpRequest, body: GuestBookingIn) -> GuestBookingAnswer:
    """
    Book a lesson of a kind that is open to everybody. As the school has it, the time is held for some minutes until the
    guest follows the mailed link, or it counts at once. Without a `teacher` the kind's rule chooses one of those whose pages
    are shown. 400 `slot_unavailable` with `nearest` free times in its details; 404 where the door, the kind or the teacher is
    not open; 429 for too many from one network, for one e-mail or on one page.

    A kind with `is_paid_when_booked` is held for half an hour while the guest pays at `pay_url`, and no link is mailed; send
    the `price` and `currency` that they saw: 409 `price_changed` for another, 503 `payment_provider_unreachable`.
    """
    now = timezone.now()
    kind, starts_at = _kind(body.kind), at_offset(body.start_time, body.timezone, field="start_time")
    ends_at = starts_at + timedelta(minutes=body.duration or kind.minutes[0])
    if body.website:
        return _nothing(body, starts_at, ends_at)
    asked = services.Asked(
        name=body.name,
        email=body.email,
        timezone=body.timezone,
        locale=translation.get_language() or settings.LANGUAGE_CODE,
        teacher_id=_teacher(body.teacher) if body.teacher else None,
        starts_at=starts_at,
        ends_at=ends_at,
        kind=kind,
        answers=body.answers,
    )
    try:
        price = None if body.price is None else (body.price, body.currency)
        done = guests.book(request, asked, price=price, page=body.teacher or kind.address, now=now)
    except NotAnAddress as error:
        raise EmailUnusable(str(error)) from error
    return _answer(done.booking, done.token, pay_url=done.pay_url, now=now)


@router.get("/bookings/{token}", auth=None, response=GuestBookingAnswer, openapi_extra=BY_LINK)
@allowed(anyone)
def guests_booking(request: HttpRequest, token: str) -> GuestBookingAnswer:
    """A guest's booking, by the token of its link. 404 `link_unusable`, 410 `link_expired`, 400 `has_account`."""
    return _as_it_is(token)


@router.post("/bookings/{token}/confirm", auth=None, response=GuestBookingAnswer, openapi_extra=BY_LINK)
@allowed(anyone)
def confirm_as_guest(request: HttpRequest, token: str) -> GuestBookingAnswer:
    """
    Confirm it, with the token of the mailed link, which sees to it from then on. 400 `already_confirmed`, `hold_over` when
    the link was followed too late, `lesson_cancelled`, `trial_taken`, `lessons_clash`; 403 `not_the_mailed_link`.
    """
    guests.confirm(token, now=timezone.now())
    return _as_it_is(token)


@router.post("/bookings/{token}/reschedule", auth=None, response=GuestBookingAnswer, openapi_extra=BY_LINK)
@allowed(anyone)
def move_as_guest(request: HttpRequest, token: str, body: GuestMoveIn) -> GuestBookingAnswer:
    """Move it to a free time, by the rules that hold for students; it stays as long as it is."""
    now = timezone.now()
    _link, before = services.guests_lesson(token, now=now)
    ends_at = body.start_time + (before.ends_at - before.starts_at)
    _sync(services.move_as_guest(token, starts_at=body.start_time, ends_at=ends_at, now=now))
    return _as_it_is(token)


@router.post("/bookings/{token}/cancel", auth=None, response=GuestBookingAnswer, openapi_extra=BY_LINK)
@allowed(anyone)
def cancel_as_guest(request: HttpRequest, token: str, body: GuestCancelIn) -> GuestBookingAnswer:
    """Cancel it, by the rules that hold for students. 400 `lesson_cancelled` when it was cancelled before."""
    _sync(services.cancel_as_guest(token, reason=body.reason, now=timezone.now()))
    return _as_it_is(token)


def _as_it_is(token: str) -> GuestBookingAnswer:
    now = timezone.now()
    _link, booking = services.guests_lesson(token, now=now)
    return _answer(booking, token, now=now)


def _answer(booking: Booking, token: str, *, pay_url: str = "", now: datetime) -> GuestBookingAnswer:
    possible = possible_for([booking], booking.student, now=now)[booking.pk]
    is_held = booking.is_held and booking.is_live
    joins = booking.status == BookingStatus.CONFIRMED and booking.held_in is not None and booking.ends_at > now
    return GuestBookingAnswer(
        booking=GuestBookingOut(
            id=booking.pk,
            status=booking.status,
            awaits_confirmation=is_held and not booking.awaits_payment,
            awaits_payment=is_held and booking.awaits_payment,
            pay_url=pay_url or None,
            held_until=booking.lapses_at if is_held else None,
            start_time=booking.starts_at,
            end_time=booking.ends_at,
            teacher=booking.teacher_id,
            teacher_name=booking.teacher.name,
            kind=booking.kind.address if booking.kind is not None else "",
            can_cancel=possible.cancel,
            can_reschedule=possible.reschedule and not booking.is_held,
            join_url=urljoin(settings.ENVIRONMENT.public_url, reverse("guest-join", args=[token])) if joins else None,
            manage_url=lesson_address(token),
        )
    )


def _nothing(body: GuestBookingIn, starts_at: datetime, ends_at: datetime) -> GuestBookingAnswer:
    """Return what a program is told that fills in what people do not see: all is well, and nothing was booked."""
    return GuestBookingAnswer(
        booking=GuestBookingOut(
            id=uuid7(),
            status=BookingStatus.PENDING,
            awaits_confirmation=True,
            held_until=starts_at,
            start_time=starts_at,
            end_time=ends_at,
            teacher=None,
            teacher_name="",
            kind=body.kind,
            can_cancel=True,
            can_reschedule=False,
            manage_url=lesson_address(uuid7().hex),
        )
    )


def _kind(named: str) -> LessonKind:
    """Return the kind with this address or id that everybody may book. Raises NoSuchKind."""
    offered = LessonKind.objects.offered_to_guests()
    found = offered.filter(pk=pk).first() if (pk := _uuid(named)) is not None else offered.filter(address=named).first()
    if found is None:
        raise NoSuchKind
    return found


def _teacher(named: str) -> UUID:
    """Return the teacher whose page, shown to everybody, has this address or id. Raises TeacherNotFound."""
    shown = shown_teachers()
    pk = _uuid(named)
    found = shown.filter(pk=pk) if pk is not None else shown.filter(public_page__address=named)
    teacher_id = found.values_list("pk", flat=True).first()
    if teacher_id is None:
        raise TeacherNotFound
    return teacher_id


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _sync(booking: Booking) -> None:
    if (meeting := booking.held_in) is not None:
        sync_now(meeting.pk)
