"""What may be done about a booking, by whom, and which rule forbids what may not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bookings import makeup, policies
from classbell.bookings.models import Booking, BookingStatus
from classbell.errors import DomainError
from classbell.meetings.models import SyncStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """
    Something to do about a booking: done at once (`is_post`) or asked about on its own page.

    `refusal` is the sentence of the rule that forbids it now, "" when nothing does.
    """

    name: str
    label: str
    icon: str
    url: str
    is_post: bool = False
    is_primary: bool = False
    refusal: str = ""


def actions_of(booking: Booking, user: User, *, now: datetime) -> list[Action]:
    """Return what this person may do, the next thing first; what a policy forbids is there with its refusal."""
    teaches = user.is_admin or user.pk == booking.teacher_id
    has_started = booking.starts_at <= now
    actions: list[Action] = []
    if booking.awaits_payment and booking.is_live and not has_started:
        actions.append(_pay(booking))
    if booking.status == BookingStatus.PENDING and teaches and not has_started and not booking.is_held:
        actions += [
            _action(booking, "confirm", _("Confirm"), "check", is_post=True, is_primary=True),
            _action(booking, "decline", _("Decline"), "x"),
        ]
    if booking.is_live and not has_started:
        actions += _changes(booking, user, now)
    if booking.status == BookingStatus.CONFIRMED and has_started:
        actions += _outcomes(booking, user, teaches=teaches, now=now)
    if _lost_its_meeting(booking) and booking.ends_at > now:
        label = _("Create the Zoom meeting again")
        actions.append(_action(booking, "meeting", label, "rotate-cw", is_post=True))
    return actions


def move_refusal(booking: Booking, user: User, *, now: datetime) -> str:
    """Return the sentence of the rule by which this person may not move the booking now, "" when there is none."""
    policy = policies.policy_of(booking.teacher_id)
    counts = user.pk == booking.student_id and policy.reschedules_per_month is not None
    moved = policies.moves_this_month(user, [booking.teacher_id], now=now)[booking.teacher_id] if counts else 0
    return _refusal(lambda: policies.check_reschedule(booking, user, policy, moved=moved, now=now))


def cancel_refusal(booking: Booking, user: User, *, now: datetime) -> str:
    """Return the sentence of the rule by which this person may not cancel the booking now, "" when there is none."""
    policy = policies.policy_of(booking.teacher_id)
    takes_a_lesson = makeup.is_taken_by(booking)
    return _refusal(lambda: policies.check_cancel(booking, user, policy, takes_a_lesson=takes_a_lesson, now=now))


def loses_lesson(booking: Booking, user: User, *, now: datetime) -> bool:
    """Whether this person, who cancels now, loses the lesson of their balance with which it was booked."""
    policy = policies.policy_of(booking.teacher_id)
    if not policy.late_cancellation_takes_lesson or not policies.is_late(booking, user, policy, now=now):
        return False
    return makeup.is_taken_by(booking)


def no_show_refusal(booking: Booking, *, now: datetime) -> str:
    """Return the sentence of the rule by which nobody is a no-show yet, "" once it may be said."""
    policy = policies.policy_of(booking.teacher_id)
    return _refusal(lambda: policies.check_no_show(booking, policy, now=now))


def takes_back(booking: Booking, user: User) -> bool:
    """Whether cancelling it is, for this person, taking back what was only asked for."""
    return booking.status == BookingStatus.PENDING and user.pk == booking.student_id


def _pay(booking: Booking) -> Action:
    """Return the way to the purchase that pays a booking: its payer goes on from there, others see how it stands."""
    label, path = _("Payment"), reverse("purchase", args=(booking.purchase.pk,))
    return Action(name="pay", label=label, icon="calendar-clock", url=path, is_primary=True)


def _changes(booking: Booking, user: User, now: datetime) -> list[Action]:
    moves = [_action(booking, "move", _("Move"), "calendar-days", refusal=move_refusal(booking, user, now=now))]
    return [
        *(moves if not booking.awaits_payment else ()),
        _action(
            booking,
            "cancel",
            _("Take the request back") if takes_back(booking, user) else _("Cancel the lesson"),
            "ban",
            refusal=cancel_refusal(booking, user, now=now),
        ),
    ]


def _outcomes(booking: Booking, user: User, *, teaches: bool, now: datetime) -> list[Action]:
    missing = {booking.student_id: _("The teacher did not come"), booking.teacher_id: _("The student did not come")}
    label = missing.get(user.pk, _("Somebody did not come"))
    refusal = no_show_refusal(booking, now=now)
    no_show = _action(booking, "no-show", label, "circle-slash", refusal=refusal)
    if not teaches:
        return [no_show]
    return [_action(booking, "complete", _("Mark as completed"), "circle-check", is_post=True), no_show]


def _lost_its_meeting(booking: Booking) -> bool:
    if booking.status != BookingStatus.CONFIRMED:
        return False
    meeting = booking.held_in
    return meeting is None or not meeting.wanted or meeting.sync_status == SyncStatus.FAILED


def _refusal(check: Callable[[], None]) -> str:
    try:
        check()
    except DomainError as error:
        return str(error)
    return ""


def _action(
    booking: Booking,
    name: str,
    label: str,
    icon: str,
    *,
    is_post: bool = False,
    is_primary: bool = False,
    refusal: str = "",
) -> Action:
    return Action(
        name=name,
        label=label,
        icon=icon,
        url=reverse(f"booking-{name}", args=[booking.pk]),
        is_post=is_post,
        is_primary=is_primary,
        refusal=refusal,
    )
