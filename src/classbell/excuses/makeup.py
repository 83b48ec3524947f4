"""
Whoever is excused in time makes up for it, where the school wants that.

A make-up lesson follows the verdict: it is earned once the session has been held and the student is recorded as excused, and
taken back, while it is not used, when they no longer are. So it does not matter who tells, withdraws, comes or corrects what,
and in which order.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from classbell.accounts.models import User
from classbell.bookings import makeup
from classbell.bookings.models import MakeUpCredit
from classbell.courses.queries import term_of
from classbell.excuses.models import Excuse, ExcuseRules, ExcuseStatus
from classbell.excuses.rules import rules_in_force
from classbell.jobs import defer
from classbell.meetings.models import Attendance, Occurrence
from classbell.meetings.verdicts import AttendanceStatus

SETTLE: Final = "excuses.settle_makeups"


def settle_later(occurrence_id: UUID) -> None:
    """Write the job that settles a session's make-up lessons, in the transaction of the caller, where it has any."""
    if _of(occurrence_id).exists() or (rules_in_force().makes_up and _excused(occurrence_id).exists()):
        defer(SETTLE, occurrence_id=str(occurrence_id))


def settle(*, occurrence_id: UUID, now: datetime) -> None:
    """Let whoever is excused from a session have their make-up lesson, and nobody else. Safe to repeat."""
    session = Occurrence.objects.select_related("meeting__teacher", "meeting__group").filter(pk=occurrence_id).first()
    if session is None:
        return
    people = {
        *_excused(occurrence_id).values_list("user", flat=True),
        *_of(occurrence_id).values_list("student", flat=True),
    }
    for student_id in sorted(people):
        with transaction.atomic():
            # So that two sessions at once do not both have the last place of a quota.
            student = User.objects.select_for_update(no_key=True).get(pk=student_id)
            _settle_one(student, session, now)


def _settle_one(student: User, session: Occurrence, now: datetime) -> None:
    credit = _of(session.pk).filter(student=student).first()
    if not _excused(session.pk).filter(user=student).exists():
        if credit is not None:
            makeup.take_back(credit.pk, now=now)
        return
    rules = rules_in_force()
    has_to_come = credit is None or (credit.taken_back_at is not None and makeup.may_come_again(credit))
    if has_to_come and rules.makes_up and told_in_time(rules, student, session) and _has_place(rules, student, session):
        makeup.earn(student, session, expires_at=session.ends_at + timedelta(days=rules.makeup_days), now=now)


def told_in_time(rules: ExcuseRules, student: User, session: Occurrence) -> bool:
    """Whether one of a student's accepted excuses from a session was told early enough, and is of a kind that counts."""
    meeting = session.meeting
    meant = Q(meeting=None) | Q(meeting=meeting)
    hours = Q(starts_at__lt=session.ends_at, ends_at__gt=session.starts_at, occurrence=None) & meant
    hours &= Q(group=None) | Q(group=meeting.group_id) if meeting.group_id else Q(group=None)
    at_latest = session.starts_at - timedelta(hours=rules.makeup_hours_ahead or 0)
    told = Excuse.objects.filter(
        Q(occurrence=session) | hours, student=student, status=ExcuseStatus.ACCEPTED, told_at__lte=at_latest
    )
    return (told.filter(kind__in=rules.makeup_kinds) if rules.makeup_kinds else told).exists()


def _has_place(rules: ExcuseRules, student: User, session: Occurrence) -> bool:
    """Whether the month and the term of a session, on the student's clock, have a make-up lesson left for them."""
    earned = MakeUpCredit.objects.filter(student=student, session__isnull=False, taken_back_at=None)
    if rules.makeup_monthly_quota is not None:
        begins, ends = month_of(session.starts_at, student.zone)
        in_month = earned.filter(session__starts_at__gte=begins, session__starts_at__lt=ends)
        if in_month.count() >= rules.makeup_monthly_quota:
            return False
    term = term_of(session.starts_at) if rules.makeup_term_quota is not None else None
    if term is None or rules.makeup_term_quota is None:
        return True
    in_term = earned.filter(session__starts_at__gte=term[0], session__starts_at__lt=term[1])
    return in_term.count() < rules.makeup_term_quota


def month_of(moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the calendar month of a moment on a clock, as [start, end)."""
    begins = moment.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    later = begins + timedelta(days=32)
    return begins, later.replace(day=1)


def _excused(occurrence_id: UUID) -> QuerySet[Attendance]:
    return Attendance.objects.filter(occurrence=occurrence_id, status=AttendanceStatus.EXCUSED)


def _of(occurrence_id: UUID) -> QuerySet[MakeUpCredit]:
    return MakeUpCredit.objects.filter(session=occurrence_id)
