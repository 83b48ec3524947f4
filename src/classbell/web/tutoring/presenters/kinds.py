"""Kinds of lessons as students choose among them, and their free times for the picker."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.bookings.kinds.slots import slots_of_kind
from classbell.bookings.models import Booking, LessonKind
from classbell.money import price_in_words
from classbell.web.kit.labels import listed
from classbell.web.tutoring.presenters.slot_picker import Offer, OfTeacher, Slot, slot_at


@dataclass(frozen=True, kw_only=True, slots=True)
class KindCard:
    """A kind as students read it: where it is booked, "" for who books nothing, and what is to be known before, in words."""

    kind: LessonKind
    url: str
    facts: Sequence[str]


def card_of(kind: LessonKind, teacher_id: UUID, *, can_be_booked: bool) -> KindCard:
    """Return a kind with the way to book it with a teacher, for whom there is one."""
    url = reverse("kind-book-with", args=[kind.address, teacher_id]) if can_be_booked else ""
    return KindCard(kind=kind, url=url, facts=facts_of(kind))


def facts_of(kind: LessonKind) -> list[str]:
    """Return how long it is, what it costs, for how many it is, and that a trial is booked once."""
    facts = [_("%(minutes)s min") % {"minutes": listed([str(one) for one in kind.minutes])}]
    if kind.price:
        facts.append(price_in_words(kind.price, kind.currency))
    else:
        facts.append(_("Takes a lesson of your balance") if kind.takes_a_lesson else _("Free of charge"))
    if kind.is_group:
        facts.append(ngettext("A group of up to %(n)s", "A group of up to %(n)s", kind.seats) % {"n": kind.seats})
    if kind.trial:
        facts.append(_("Trial, once per person"))
    return facts


@dataclass(frozen=True, kw_only=True, slots=True)
class OfKind:
    """
    Times of a kind of lesson, with any of these teachers. `own_claims` of a lesson that is to be moved do not count. How many
    seats are left is not everybody's to know: strangers are offered the times alone.
    """

    kind: LessonKind
    teacher_ids: Collection[UUID]
    now: datetime
    clock: ZoneInfo | None = None
    only_minutes: int | None = None
    own_claims: Collection[UUID] = ()
    shows_seats: bool = True

    @property
    def zone(self) -> ZoneInfo | None:
        """The teacher's clock, where there is one teacher."""
        return self.clock

    def lengths(self, asked: int) -> Sequence[int]:
        """Return the kind's lengths, or the one that a lesson to be moved keeps."""
        return [self.only_minutes] if self.only_minutes else self.kind.minutes

    def free(self, first: date, days: int, minutes: int, zone: ZoneInfo) -> list[Slot]:
        """Return the free times of some days. One statement."""
        found = slots_of_kind(
            self.kind,
            self.teacher_ids,
            first=first,
            days=days,
            minutes=minutes,
            zone=zone,
            now=self.now,
            own_claims=self.own_claims,
        )
        seats = self.kind.is_group and self.shows_seats
        return [slot_at(one.starts_at, minutes, one.holiday, one.seats if seats else 0) for one in found.slots]

    def fits(self, slot: Slot) -> bool:
        """Only what is offered can be booked."""
        return False

    def taught_by(self) -> Collection[UUID]:
        """Return who teaches the kind, as far as they are asked."""
        return self.teacher_ids


def offer_to_move(booking: Booking, own_claims: Collection[UUID], *, now: datetime) -> Offer:
    """Return the times to which a booking can move: of its kind with its teacher, where it has one."""
    teacher = booking.teacher
    if booking.kind is None:
        return OfTeacher(teacher=teacher, now=now, own_claims=own_claims)
    return OfKind(
        kind=booking.kind,
        teacher_ids=[teacher.pk],
        now=now,
        clock=teacher.zone,
        only_minutes=booking.duration_minutes,
        own_claims=own_claims,
    )
