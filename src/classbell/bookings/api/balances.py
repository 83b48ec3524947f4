"""Lessons that students are owed, and their ledger: `/api/balances`."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.disclosure import name_of
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.bookings import makeup
from classbell.bookings.api.answers import describe_credit
from classbell.bookings.errors import CreditsUnclear, NoSuchStudent
from classbell.bookings.ledger import LedgerLine, credits_shown, lines_of, reason_of
from classbell.bookings.models import CreditEntry, Origin
from classbell.bookings.permissions import reads_balance
from classbell.bookings.policies import days_to_make_up
from classbell.bookings.queries import people_who_may_teach
from classbell.bookings.schemas.balances import BalanceAnswer, BalanceQuery, EntryIn, LedgerEntryOut
from classbell.bookings.slots import TeacherNotFound
from classbell.errors import NotAllowed
from classbell.paging import PageQuery, paginate

router = Router(tags=["Tutoring"])


@router.get("", response=BalanceAnswer)
@allowed(signed_in)
def get_balance(request: ApiRequest, query: Query[BalanceQuery]) -> BalanceAnswer:
    """
    The lessons that you, or a student of yours, are owed and can still use, and what became of each: earned when bought, when
    a teacher did not come or when excused in time; used from the booking on; returned, expired, taken back, corrected.
    """
    student_id = query.student_id or request.user.pk
    if not reads_balance(request.user, student_id):
        raise NotAllowed
    return _answer(request.user, student_id, query)


@router.post("/{uuid:student_id}/entries", response={201: BalanceAnswer})
@allowed(is_admin)
@idempotent
def correct_balance(request: ApiRequest, student_id: UUID, body: EntryIn) -> BalanceAnswer:
    """
    Give lessons (a package, a gift, make-up lessons), or take some away, those that expire first. All or none: 400
    `balance_too_low` where there are fewer to take away, `correction_unclear` where something is missing.
    """
    student = User.objects.students().filter(pk=student_id).first()
    if student is None:
        raise NoSuchStudent
    now = timezone.now()
    if not body.amount:
        raise CreditsUnclear("amount")
    teacher = _teacher(body.teacher_id) if body.teacher_id else None
    if body.amount < 0:
        makeup.take(student=student, teacher=teacher, count=-body.amount, reason=body.reason, by=request.user, now=now)
    else:
        expires_at = body.expires_at
        if expires_at is None and teacher is not None and body.origin == Origin.MAKEUP:
            expires_at = now + timedelta(days=days_to_make_up(teacher.pk))
        makeup.give(
            student=student,
            teacher=teacher,
            count=body.amount,
            origin=body.origin,
            expires_at=expires_at,
            reason=body.reason,
            by=request.user,
            now=now,
        )
    return _answer(request.user, student_id, PageQuery(limit=abs(body.amount)))


def _teacher(teacher_id: UUID) -> User:
    teacher = people_who_may_teach().filter(pk=teacher_id).first()
    if teacher is None:
        raise TeacherNotFound
    return teacher


def _answer(reader: User, student_id: UUID, page: PageQuery) -> BalanceAnswer:
    credits_ = credits_shown(student_id, reader=reader)
    usable = list(credits_.usable(timezone.now()).select_related("teacher"))
    found = paginate(lines_of(credits_), page, by="-at")
    return BalanceAnswer(
        student_id=student_id,
        balance=len(usable),
        credits=[describe_credit(credit) for credit in usable],
        entries=[_describe(line) for line in found.items],
        next_cursor=found.next_cursor,
    )


def _describe(line: LedgerLine) -> LedgerEntryOut:
    entry: CreditEntry = line
    return LedgerEntryOut(
        id=entry.pk,
        credit_id=entry.credit_id,
        kind=entry.kind,
        origin=entry.credit.origin,
        amount=entry.amount,
        balance=line.balance,
        booking_id=entry.booking_id,
        session_id=entry.credit.session_id,
        teacher_id=entry.credit.teacher_id,
        teacher_name=entry.credit.teacher.name if entry.credit.teacher else None,
        reason=reason_of(entry),
        by=name_of(entry.by) if entry.by else None,
        at=entry.at,
    )
