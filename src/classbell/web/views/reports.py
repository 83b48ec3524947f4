"""Reports for those who teach and those who answer for it: a range of days, by class, by student, by teacher."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.groups.models import Group
from classbell.meetings.reports.over_time import (
    AttendanceFigures,
    Every,
    TeacherFigures,
    by_class,
    by_student,
    by_teacher,
    over_time,
    reported_sittings,
)
from classbell.meetings.reports.sittings import summary
from classbell.web.requests import PersonRequest

USUAL_DAYS = 28
# Of classes, students and teachers each. Who needs looking at comes first.
SHOWN = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One subject of a report: who or what, its figures, and the rate in per cent."""

    name: str
    figures: AttendanceFigures
    percent: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekBar:
    """One week of the chart: how much of it was attended, in per cent, None where nothing is known; and the rest."""

    starts_on: date
    percent: int | None
    missed: int


@require_safe
@allowed(is_teacher_or_admin)
def reports(request: PersonRequest) -> HttpResponse:
    """Teachers what they teach, admins all: how the sittings of a range of days were attended."""
    today = timezone.localtime(timezone.now(), request.user.zone).date()
    start = _day(request.GET.get("from")) or today - timedelta(days=USUAL_DAYS)
    end = _day(request.GET.get("to")) or today
    begin = datetime.combine(start, time(), tzinfo=request.user.zone)
    finish = datetime.combine(end + timedelta(days=1), time(), tzinfo=request.user.zone)
    sittings = reported_sittings(request.user).filter(starts_at__gte=begin, starts_at__lt=finish)
    # The records are read twice, by week and class and by student: the rest is added up from that.
    classes = by_class(sittings, every=Every(unit="week", zone=request.user.zone))
    students = by_student(sittings)
    teachers = by_teacher(sittings) if request.user.is_admin else []
    known, attended = sum(one.known for one in students), sum(one.attended for one in students)
    of_all = over_time(classes)
    context: dict[str, Any] = {
        "start": start,
        "end": end,
        "totals": summary(sittings.filter(starts_at__lte=timezone.now())),
        "percent": round(100 * attended / known) if known else None,
        "weeks": _weeks(classes),
        "classes": _rows(Group, of_all),
        "classes_left_out": max(0, len(of_all) - SHOWN),
        "students": _rows(User, students),
        "students_left_out": max(0, len(students) - SHOWN),
        "teachers": _teachers(teachers),
        "teachers_left_out": max(0, len(teachers) - SHOWN),
        "file": "/api/zoom/reports?" + urlencode({"startDate": start, "endDate": end}),
    }
    return render(request, "reports/page.html", context)


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None


def _rows(model: type[User] | type[Group], figures: Sequence[AttendanceFigures]) -> list[Row]:
    """Return the subjects with the lowest rates, the lowest first: they are whom to look at."""
    shown = sorted(figures, key=lambda one: (one.rate is None, one.rate or 0.0))[:SHOWN]
    names = model._default_manager.in_bulk([one.subject_id for one in shown])
    rows = [
        Row(
            name=str(names[one.subject_id]),
            figures=one,
            percent=round(100 * one.rate) if one.rate is not None else None,
        )
        for one in shown
    ]
    return sorted(rows, key=lambda row: (row.percent is None, row.percent, row.name))


def _teachers(figures: Sequence[TeacherFigures]) -> list[tuple[str, TeacherFigures]]:
    """Return the teachers who stayed away or came late most often, by name."""
    shown = sorted(figures, key=lambda one: (-one.no_shows, -one.late))[:SHOWN]
    people = User.objects.in_bulk([one.teacher_id for one in shown])
    return sorted(((people[one.teacher_id].name, one) for one in shown), key=lambda row: row[0])


def _weeks(figures: Sequence[AttendanceFigures]) -> list[WeekBar]:
    """Return one bar a week, all classes together."""
    sums: dict[date, tuple[int, int]] = {}
    for one in figures:
        if one.step_starts_at is None:
            continue
        attended, known = sums.get(one.step_starts_at.date(), (0, 0))
        sums[one.step_starts_at.date()] = (attended + one.attended, known + one.known)
    rates = {day: round(100 * attended / known) if known else None for day, (attended, known) in sorted(sums.items())}
    return [WeekBar(starts_on=day, percent=rate, missed=100 - (rate or 0)) for day, rate in rates.items()]
