"""Hours taught: one's own month, a teacher's, and all teachers of a month."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.earnings.errors import NoSuchMonth
from classbell.earnings.hours import lines_of, of_all_teachers, totals_of
from classbell.earnings.months import Month, asked_month, month_at
from classbell.earnings.permissions import reads_hours, teacher_known
from classbell.earnings.services import rules_in_force
from classbell.postgres.bounds import Read, reading
from classbell.web.earnings.presenters import (
    present_lines,
    present_teachers,
    present_totals,
    rules_in_words,
    without_rate_in_words,
)
from classbell.web.kit.requests import PersonRequest


@never_cache
@require_safe
@allowed(is_teacher_or_admin)
@reading(Read.REPORT)
def hours_taught(request: PersonRequest) -> HttpResponse:
    """Teachers: their own month, session by session. Admins: what all teachers of a month taught and are owed."""
    if not request.user.is_admin:
        return _of_teacher(request, request.user)
    now, month, status = timezone.now(), *_month(request)
    teachers = of_all_teachers(month, now=now)
    context = _context(month, status) | {
        "rows": present_teachers(teachers),
        "file": f"/api/teachers/hours?month={month.name}",
    }
    return render(request, "earnings/all.html", context, status=status)


@never_cache
@require_safe
@allowed(reads_hours)
def hours_of(request: PersonRequest, teacher_id: UUID) -> HttpResponse:
    """The teacher and admins: one teacher's month, session by session."""
    return _of_teacher(request, teacher_known(teacher_id))


def _of_teacher(request: PersonRequest, teacher: User) -> HttpResponse:
    month, status = _month(request)
    lines = lines_of(teacher.pk, month, now=timezone.now())
    totals = totals_of(lines)
    context = _context(month, status) | {
        "teacher": teacher,
        "is_own": teacher.pk == request.user.pk,
        "lines": present_lines(lines),
        "shown": present_totals(totals),
        "without_rate": without_rate_in_words(totals),
        "file": f"/api/teachers/{teacher.pk}/hours?month={month.name}",
    }
    return render(request, "earnings/teacher.html", context, status=status)


def _month(request: PersonRequest) -> tuple[Month, int]:
    """Return the month that is asked for and the status; the present one where there is no such month."""
    now = timezone.now()
    try:
        return asked_month(request.GET.get("month", ""), now=now), 200
    except NoSuchMonth as error:
        return month_at(now), error.status


def _context(month: Month, status: int) -> dict[str, object]:
    return {
        "month": month,
        "no_such_month": _("There is no such month. This is the present one.") if status != 200 else "",
        "is_present": month == month_at(timezone.now()),
        "rules": rules_in_words(rules_in_force()),
    }
