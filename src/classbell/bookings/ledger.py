"""The ledger of the lessons that students are owed: adding lines, and reading them with the balance after each."""

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _
from django_stubs_ext import WithAnnotations

from classbell.accounts.guardians.queries import may_act_for
from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingStatus, CreditEntry, EntryKind, MakeUpCredit, NoShow
from classbell.bookings.models.credit import MakeUpCreditQuerySet
from classbell.groups.models import Group


class _After(TypedDict):
    """The balance of the student once this line was added."""

    balance: int


if TYPE_CHECKING:
    LedgerLine = WithAnnotations[CreditEntry, _After]
else:
    LedgerLine = CreditEntry


def enter(
    credit: MakeUpCredit,
    kind: EntryKind,
    *,
    booking: Booking | None = None,
    by: User | None = None,
    reason: str = "",
    now: datetime,
) -> CreditEntry:
    """
    Add the line that says what just became of a credit, whose row is locked: it comes if it was away, and goes otherwise.
    Call `catch_up` before the change itself.
    """
    latest = latest_of(credit)
    number = latest.number + 1 if latest else 1
    return CreditEntry.objects.create(
        credit=credit,
        number=number,
        kind=kind,
        amount=1 if number % 2 else -1,
        booking=booking,
        by=by,
        reason=reason,
        at=now,
    )


def catch_up(credit: MakeUpCredit, *, now: datetime) -> None:
    """Add what the version before, which knows of no ledger, did with a credit; its row is locked. Safe to repeat."""
    latest = latest_of(credit)
    if latest is None:
        latest = enter(credit, EntryKind.EARNED, booking=credit.missed, now=credit.created_at)
    if credit.used_by_id is not None and latest.amount > 0:
        enter(credit, EntryKind.USED, booking=credit.used_by, now=now)
    elif credit.used_by_id is None and latest.kind == EntryKind.USED:
        enter(credit, EntryKind.RETURNED, booking=latest.booking, now=now)


def is_there(credit: MakeUpCredit) -> bool:
    """Whether the ledger has a credit as one that came and has not gone; its row is locked."""
    latest = latest_of(credit)
    return latest is None or latest.amount > 0


def latest_of(credit: MakeUpCredit) -> CreditEntry | None:
    """Return the last line of a credit, None for one that the version before made."""
    return credit.entries.order_by("-number").first()


def credits_shown(student_id: UUID, *, reader: User) -> MakeUpCreditQuerySet:
    """
    Return the credits of a student, however they stand, of which `reader` may know: the student, their guardians and admins
    all, teachers those for lessons with them.
    """
    theirs = MakeUpCredit.objects.filter(student=student_id)
    if reader.is_admin or may_act_for(reader, student_id):
        return theirs
    return theirs.with_teacher(reader) if reader.is_teacher else theirs.none()


def lines_of(credits_: QuerySet[MakeUpCredit]) -> QuerySet[LedgerLine]:
    """Return the lines of some credits of one student, each with the balance after it as `balance`; in no order."""
    shown = CreditEntry.objects.filter(credit__in=credits_.order_by().values("pk"))
    earlier = shown.filter(Q(at__lt=OuterRef("at")) | Q(at=OuterRef("at"), pk__lte=OuterRef("pk")))
    balance = earlier.order_by().annotate(one=F("number") * 0).values("one").annotate(sum=Sum("amount")).values("sum")
    return shown.annotate(balance=Subquery(balance)).select_related(
        "by", "booking", "credit__teacher", "credit__missed", "credit__session__meeting"
    )


def taught_with(credit: MakeUpCredit) -> list[User]:
    """Return with whom a credit is for a lesson: its teacher first, then the others of its group; nobody: with anybody."""
    others = Group.teachers.through.objects.filter(group=credit.group_id).values("user") if credit.group_id else None
    rest = User.objects.filter(pk__in=others, is_active=True) if others else ()
    first = [credit.teacher] if credit.teacher else []
    return [*first, *(one for one in rest if one not in first)]


def reason_of(entry: CreditEntry) -> str:
    """Return why a line was added, in the reader's language: what a person wrote, or what the rule was."""
    if entry.reason:
        return entry.reason
    credit = entry.credit
    if entry.kind in (EntryKind.EARNED, EntryKind.TAKEN_BACK) and credit.session is not None:
        text = (
            _("Excused in time from “%(title)s”.")
            if entry.kind == EntryKind.EARNED
            else _("Not excused from “%(title)s” any more.")
        )
        return text % {"title": credit.session.meeting.title}
    by_rule = {
        EntryKind.EARNED: _("The teacher did not come."),
        EntryKind.USED: _used(entry),
        EntryKind.RETURNED: _("The lesson that it was used for is not held."),
        EntryKind.EXPIRED: _("Not used in time."),
    }
    return by_rule.get(EntryKind(entry.kind), "")


def _used(entry: CreditEntry) -> str:
    """Say what became of the booking for which a lesson was reserved, as it stands now."""
    booking = entry.booking
    if booking is None or booking.pk != entry.credit.used_by_id:
        return _("For a lesson.")
    if booking.status == BookingStatus.CANCELLED:
        return _("Lost: the lesson was cancelled too late.")
    if booking.no_show == NoShow.STUDENT:
        return _("Lost: the student did not come.")
    return _("Taken by the lesson.") if booking.status == BookingStatus.COMPLETED else _("Reserved for the lesson.")


def sessions_given_back_by(booking: Booking) -> list[UUID]:
    """Return the excused sessions of the credits that a booking gave back. One statement."""
    returned = CreditEntry.objects.filter(
        credit__student=booking.student_id, credit__session__isnull=False, booking=booking, kind=EntryKind.RETURNED
    )
    return list(returned.order_by().values_list("credit__session", flat=True).distinct())
