"""
Lessons that a student is owed: bought, given by the school, or to make up for one that was missed or excused in time.

One is reserved when a lesson is booked with it and taken once that is held; the line `used` stands from the booking on, so
that nobody books twice with the same one. Each change locks the credit's row, changes it, and adds its line to the ledger,
in one transaction.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from classbell.accounts.models import User
from classbell.bookings import notifications
from classbell.bookings.errors import BalanceTooLow, CreditsUnclear, NoCredit
from classbell.bookings.ledger import catch_up, enter, is_there, latest_of
from classbell.bookings.models import Booking, BookingPolicy, CreditEntry, EntryKind, LessonKind, MakeUpCredit, Origin
from classbell.bookings.models.credit import MakeUpCreditQuerySet
from classbell.meetings.models import Occurrence
from classbell.rows import locked, write

# What a correction gives or takes at once.
MOST_CORRECTED: Final = 20


def grant(booking: Booking, policy: BookingPolicy, *, by: User | None = None, now: datetime) -> MakeUpCredit | None:
    """
    Give the student of a missed booking a make-up lesson, if the policy has such a thing. Once per booking. `by` is who
    reported it.
    """
    if policy.makeup_credit_days is None:
        return None
    credit, is_new = MakeUpCredit.objects.get_or_create(
        missed=booking,
        defaults={
            "student": booking.student,
            "teacher": booking.teacher,
            "expires_at": now + timedelta(days=policy.makeup_credit_days),
        },
    )
    if is_new:
        enter(credit, EntryKind.EARNED, booking=booking, by=by, now=now)
    return credit


def usable_with(booking: Booking, *, now: datetime) -> int:
    """Return how many credits the student of a booking can still use with its teacher."""
    return _for(booking, now).count()


def has_for_kind(student: User, kind: LessonKind, *, now: datetime) -> bool:
    """Whether a student's balance has a lesson that a lesson of this kind can be booked with."""
    return MakeUpCredit.objects.usable(now).filter(student=student).for_kind(kind.pk).exists()


def use(booking: Booking, *, by: User | None = None, now: datetime) -> None:
    """Spend the student's credit that expires first on this booking, as `by` asks, or the student. Raises NoCredit."""
    usable = _for(booking, now)
    if not (found := _locked(usable)):
        raise NoCredit
    credit = found[0]
    catch_up(credit, now=now)
    write(credit, {"used_by": booking})
    enter(credit, EntryKind.USED, booking=booking, by=by or booking.student, now=now)


def is_taken_by(booking: Booking) -> bool:
    """Whether a booking takes a lesson of its student's balance."""
    return MakeUpCredit.objects.filter(used_by=booking).exists()


def give_back(booking: Booking, *, by: User | None = None, now: datetime) -> None:
    """A booking that does not take place costs no credit, unless it was missed and a new credit stands in for the old."""
    if MakeUpCredit.objects.filter(missed=booking).exists():
        return
    credit = MakeUpCredit.objects.select_for_update(of=("self",)).filter(used_by=booking).first()
    if credit is None:
        return
    catch_up(credit, now=now)
    write(credit, {"used_by": None})
    enter(credit, EntryKind.RETURNED, booking=booking, by=by, now=now)


def earn(student: User, session: Occurrence, *, expires_at: datetime, now: datetime) -> MakeUpCredit:
    """
    Let a student who was excused from a session have a make-up lesson with its teachers, once; one that was taken back for
    the same session comes again. Safe to repeat.
    """
    with transaction.atomic():
        credit, is_new = MakeUpCredit.objects.get_or_create(
            session=session,
            student=student,
            defaults={
                "teacher": session.meeting.teacher,
                "group": session.meeting.group,
                "expires_at": expires_at,
            },
        )
        if not is_new:
            credit = MakeUpCredit.objects.select_for_update(of=("self",)).get(pk=credit.pk)
            if not may_come_again(credit):
                return credit
            write(credit, {"taken_back_at": None, "expires_at": expires_at})
        enter(credit, EntryKind.EARNED, now=now)
        notifications.makeup_earned(credit, now=now)
    return credit


def may_come_again(credit: MakeUpCredit) -> bool:
    """Whether a rule took it back; what an admin took away stays away."""
    latest = latest_of(credit)
    return latest is not None and latest.kind == EntryKind.TAKEN_BACK


def take_back(credit_id: UUID, *, now: datetime) -> bool:
    """
    Take an excused session's credit back that is neither used nor expired. Returns whether it was; safe to repeat. One that
    is used stays used, so no balance falls below nothing; given back, it is looked at again.
    """
    with transaction.atomic():
        credit = locked(MakeUpCredit.objects.usable(now), credit_id)
        if credit is None or not is_there(credit):
            return False
        catch_up(credit, now=now)
        write(credit, {"taken_back_at": now})
        enter(credit, EntryKind.TAKEN_BACK, now=now)
        notifications.makeup_taken_back(credit, now=now)
    return True


def give(
    *,
    student: User,
    teacher: User | None,
    count: int,
    expires_at: datetime | None,
    origin: Origin = Origin.MAKEUP,
    reason: str,
    by: User,
    now: datetime,
) -> list[CreditEntry]:
    """
    Let a student have this many more lessons, as an admin decides: with a teacher, or None for any; until a moment, or None
    for ever. Returns the lines.

    Raises CreditsUnclear for a teacher who is the student, a make-up lesson without a teacher or an end, an end that is over,
    and too many at once.
    """
    if student == teacher or (teacher is None and origin == Origin.MAKEUP):
        raise CreditsUnclear("teacher_id")
    if expires_at is None and origin == Origin.MAKEUP:
        raise CreditsUnclear("expires_at")
    if expires_at is not None and expires_at <= now:
        raise CreditsUnclear("expires_at")
    if not 1 <= count <= MOST_CORRECTED:
        raise CreditsUnclear("amount")
    with transaction.atomic():
        lines = []
        for _number in range(count):
            credit = MakeUpCredit.objects.create(student=student, teacher=teacher, expires_at=expires_at, origin=origin)
            lines.append(enter(credit, EntryKind.CORRECTED, by=by, reason=reason, now=now))
        notifications.makeup_corrected(student, reason=reason, by=by, now=now)
    return lines


def add_bought(
    *,
    student: User,
    teacher: User | None,
    kind: LessonKind | None = None,
    count: int,
    expires_at: datetime | None,
    origin: Origin,
    by: User | None,
    reason: str,
    now: datetime,
) -> list[MakeUpCredit]:
    """
    Let a student have lessons that were paid for; `reason` says for what, as the statement shows it. Who calls has made sure
    that it happens once, and tells whoever paid.
    """
    with transaction.atomic():
        bought = []
        for _number in range(count):
            credit = MakeUpCredit.objects.create(
                student=student, teacher=teacher, kind=kind, expires_at=expires_at, origin=origin
            )
            enter(credit, EntryKind.EARNED, by=by, reason=reason, now=now)
            bought.append(credit)
    return bought


def withdraw(credit_ids: Collection[UUID], *, most: int, reason: str, by: User | None, now: datetime) -> int:
    """
    Take back at most this many of some credits that nobody has used, as when they are refunded, expired ones too. Returns how
    many there were; safe to repeat.
    """
    with transaction.atomic():
        there = MakeUpCredit.objects.filter(pk__in=credit_ids, used_by=None, taken_back_at=None).order_by("pk")
        found = list(there.select_for_update(of=("self",)))[:most]
        for credit in found:
            catch_up(credit, now=now)
            write(credit, {"taken_back_at": now})
            if is_there(credit):
                enter(credit, EntryKind.TAKEN_BACK, by=by, reason=reason, now=now)
    return len(found)


def put_back(credit_ids: Collection[UUID], *, reason: str, by: User | None, now: datetime) -> int:
    """
    Let a student have lessons again that `withdraw` took, as when they were not refunded after all. Returns how many came;
    safe to repeat.
    """
    with transaction.atomic():
        gone = MakeUpCredit.objects.filter(pk__in=credit_ids, taken_back_at__isnull=False).order_by("pk")
        found = list(gone.select_for_update(of=("self",)))
        for credit in found:
            write(credit, {"taken_back_at": None})
            if not is_there(credit):
                enter(credit, EntryKind.RETURNED, by=by, reason=reason, now=now)
    return len(found)


def take(
    *, student: User, teacher: User | None = None, count: int, reason: str, by: User, now: datetime
) -> list[CreditEntry]:
    """
    Take this many lessons away that can still be used, with one teacher or with any, the first to expire first, as
    an admin decides. Returns the lines.

    Raises BalanceTooLow, and then takes none. Raises CreditsUnclear for too many at once.
    """
    if not 1 <= count <= MOST_CORRECTED:
        raise CreditsUnclear("amount")
    with transaction.atomic():
        usable = MakeUpCredit.objects.usable(now).filter(student=student)
        usable = usable.with_teacher(teacher) if teacher else usable
        found = _locked(usable)[:count]
        if len(found) < count:
            raise BalanceTooLow(len(found))
        lines = []
        for credit in found:
            catch_up(credit, now=now)
            write(credit, {"taken_back_at": now})
            lines.append(enter(credit, EntryKind.CORRECTED, by=by, reason=reason, now=now))
        notifications.makeup_corrected(student, reason=reason, by=by, now=now)
    return lines


def expire(*, now: datetime) -> int:
    """
    Note in the ledger which credits have expired, and whatever the version before did without noting it. Returns how many
    lines were added for expired ones; safe to repeat. Nobody waits for it: `usable` looks at the time itself.
    """
    expired = 0
    for credit_id in _unsettled(now).values_list("pk", flat=True).iterator():
        with transaction.atomic():
            credit = MakeUpCredit.objects.select_for_update(of=("self",)).get(pk=credit_id)
            catch_up(credit, now=now)
            latest = latest_of(credit)
            is_over = credit.expires_at is not None and credit.expires_at <= now
            if latest is not None and latest.amount > 0 and is_over:
                enter(credit, EntryKind.EXPIRED, now=now)
                expired += 1
    return expired


def _for(booking: Booking, now: datetime) -> MakeUpCreditQuerySet:
    """Return the credits that can be used for a booking, the first to expire first."""
    theirs = MakeUpCredit.objects.usable(now).filter(student=booking.student_id)
    return theirs.with_teacher(booking.teacher).for_kind(booking.kind_id)


def _locked(usable: MakeUpCreditQuerySet) -> list[MakeUpCredit]:
    # All of them: with a bound, one that somebody else just spent would leave a gap though others are there. Without those
    # that another machine, whose clock is ahead of ours, has noted as expired.
    return [credit for credit in usable.select_for_update(of=("self",)) if is_there(credit)]


def _unsettled(now: datetime) -> MakeUpCreditQuerySet:
    """Return the credits of which the ledger says something else than they do."""
    latest = CreditEntry.objects.filter(credit=OuterRef("pk")).order_by("-number")
    told = MakeUpCredit.objects.annotate(
        latest_kind=Subquery(latest.values("kind")[:1]), latest_amount=Subquery(latest.values("amount")[:1])
    )
    unknown = (
        Q(latest_kind=None) | Q(latest_amount=1, used_by__isnull=False) | Q(latest_kind=EntryKind.USED, used_by=None)
    )
    return told.filter(unknown | Q(latest_amount=1, expires_at__lte=now)).order_by("pk")
