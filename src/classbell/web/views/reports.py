"""Reports for those who teach and those who answer for it: a range of days, by class, by student, by teacher."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.groups.models import Group
from classbell.meetings.reports import AttendanceFigures, Every, by_class, by_student, by_teacher, reported_sittings
from classbell.meetings.sitting_reports import totals
from classbell.web.requests import PersonRequest

USUAL_DAYS = 28
STUDENTS_SHOWN = 200


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
    together = totals(sittings.filter(starts_at__lte=timezone.now()))
    students = by_student(sittings)
    context: dict[str, Any] = {
        "start": start,
        "end": end,
        "totals": together,
        "percent": round(100 * together.rate) if together.rate is not None else None,
        "weeks": _weeks(by_class(sittings, every=Every(unit="week", zone=request.user.zone))),
        "classes": _rows(by_class(sittings), _names(Group, by_class(sittings))),
        "students": _rows(students, _names(User, students))[:STUDENTS_SHOWN],
        "students_left_out": max(0, len(students) - STUDENTS_SHOWN),
        "teachers": _teachers(sittings) if request.user.is_admin else [],
        "file": "/api/zoom/reports?" + urlencode({"startDate": start, "endDate": end}),
    }
    return render(request, "reports/page.html", context)


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None


def _names(model: type[User] | type[Group], figures: Sequence[AttendanceFigures]) -> Mapping[UUID, str]:
    found = model._default_manager.in_bulk([one.subject_id for one in figures])
    return {pk: str(one) for pk, one in found.items()}


def _rows(figures: Sequence[AttendanceFigures], names: Mapping[UUID, str]) -> list[Row]:
    """Return the subjects, those with the lowest rate first: they are whom to look at."""
    rows = [
        Row(
            name=names.get(one.subject_id, ""),
            figures=one,
            percent=round(100 * one.rate) if one.rate is not None else None,
        )
        for one in figures
    ]
    return sorted(rows, key=lambda row: (row.percent is None, row.percent, row.name))


def _teachers(sittings: Any) -> list[tuple[str, Any]]:
    figures = by_teacher(sittings)
    people = User.objects.in_bulk([one.teacher_id for one in figures])
    return sorted(((people[one.teacher_id].name, one) for one in figures), key=lambda row: row[0])


def _weeks(figures: Sequence[AttendanceFigures]) -> list[WeekBar]:
    """Return one bar a week, all classes together."""
    sums: dict[date, tuple[int, int]] = {}
    for one in figures:
        if one.step_starts_at is None:
            continue
        attended, known = sums.get(one.step_starts_at.date(), (0, 0))
        came = one.present + one.late + one.partial
        sums[one.step_starts_at.date()] = (attended + came, known + came + one.absent)
    rates = {day: round(100 * attended / known) if known else None for day, (attended, known) in sorted(sums.items())}
    return [WeekBar(starts_on=day, percent=rate, missed=100 - (rate or 0)) for day, rate in rates.items()]
