"""Reports for those who teach and those who answer for it: a range of days, by class, by student, by teacher."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page as PageOfMany
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from classbell.accounts.disclosure import name_of
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.groups.models import Group
from classbell.groups.people import looked_after_by
from classbell.meetings.reports import over_time
from classbell.meetings.reports.days import TooManyDays, days_of_report
from classbell.meetings.reports.over_time import AttendanceFigures, Scope, TeacherFigures, WeekFigures
from classbell.postgres.bounds import Read, reading
from classbell.postgres.replica import may_lag
from classbell.web.kit.charts.weeks import asked_day
from classbell.web.kit.presenters.tabs import Tab
from classbell.web.kit.requests import PersonRequest

USUAL_DAYS: Final = 28
ROWS_A_PAGE: Final = 50
CLASS, STUDENT, TEACHER = "class", "student", "teacher"
VIEWS: Final = {CLASS: gettext_lazy("Classes"), STUDENT: gettext_lazy("Students"), TEACHER: gettext_lazy("Teachers")}
FILES: Final = {
    CLASS: gettext_lazy("One row per class"),
    STUDENT: gettext_lazy("One row per student"),
    TEACHER: gettext_lazy("One row per teacher"),
}
READ: Final[Mapping[str, Callable[..., over_time.Page[Any]]]] = {
    CLASS: over_time.classes,
    STUDENT: over_time.students,
    TEACHER: over_time.teachers,
}

Figures = AttendanceFigures | TeacherFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One subject of a report: who or what, where more about it is ("" for nowhere), its figures, the rate in per cent."""

    name: str
    url: str
    figures: Figures
    percent: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekBar:
    """One week of the chart: how much of it was attended, in per cent, None where nothing is known; and the rest."""

    starts_on: date
    percent: int | None
    missed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """All weeks together; `percent` were attended, None where nothing is known."""

    occurrences: int
    ended: int
    minutes: int
    attended: int
    known: int
    percent: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the address asks for: days, one of the views, and the class it keeps to, if any."""

    start: date
    end: date
    by: str
    group: Group | None

    def address(self, **changes: str) -> str:
        """Return the address of this report with other words in its query; "" takes one out."""
        query = {"from": self.start.isoformat(), "to": self.end.isoformat(), "by": self.by}
        if self.group is not None:
            query["class"] = str(self.group.pk)
        return "?" + urlencode({name: value for name, value in (query | changes).items() if value})

    @property
    def all_classes(self) -> str:
        """The address of the same days for all classes."""
        return self.address(by="", **{"class": ""})

    def file(self, rows: str) -> str:
        """Return the address of the same days as a file of `rows`, but for its format."""
        query = {"rows": rows, "startDate": self.start.isoformat(), "endDate": self.end.isoformat()}
        if self.group is not None:
            query["classId"] = str(self.group.pk)
        return "/api/zoom/reports?" + urlencode(query)

    @property
    def files(self) -> list[tuple[str, str]]:
        """What can be taken along, in words, with its address but for the format; first what is looked at."""
        return [
            (str(FILES[self.by]), self.file({CLASS: "classes", STUDENT: "students", TEACHER: "teachers"}[self.by])),
            (_("Every student in every session, with the reasons"), self.file("records")),
            (_("Every session"), self.file("sessions")),
        ]


@require_safe
@allowed(is_teacher_or_admin)
@reading(Read.REPORT)
@may_lag
def reports(request: PersonRequest) -> HttpResponse:
    """Teachers what they teach, admins all: how the sessions of a range of days were attended, of all classes or of one."""
    user, now = request.user, timezone.now()
    group_id = request.GET.get("class", "")
    group = _group(user, group_id)
    asked = _asked(request, group, today=timezone.localtime(now, user.zone).date())
    try:
        days_of_report(asked.start, asked.end, today=asked.end, fields=(_("From"), _("to")))
    except TooManyDays as error:
        return render(request, "reports/page.html", {"asked": asked, "too_many_days": str(error)}, status=error.status)
    if group_id and group is None:
        return render(request, "reports/page.html", {"asked": asked, "no_such_class": True}, status=404)
    scope = Scope(
        reader=user,
        starts_at=datetime.combine(asked.start, time(), tzinfo=user.zone),
        ends_at=datetime.combine(asked.end + timedelta(days=1), time(), tzinfo=user.zone),
        group_id=group.pk if group else None,
    )
    weeks = over_time.week_by_week(scope, zone=user.zone, now=now)
    rows, page = _rows(request, asked, scope) if weeks else ([], None)
    context = {
        "asked": asked,
        "tabs": _tabs(asked, user),
        "totals": _totals(weeks),
        "weeks": [_bar(week) for week in weeks],
        "rows": rows,
        "page": page,
    }
    return render(request, "reports/page.html", context)


def _asked(request: PersonRequest, group: Group | None, *, today: date) -> Asked:
    usual = CLASS if group is None else STUDENT
    by = request.GET.get("by", usual)
    return Asked(
        start=asked_day(request.GET.get("from")) or today - timedelta(days=USUAL_DAYS),
        end=asked_day(request.GET.get("to")) or today,
        by=by if by in _views(request.user) else usual,
        group=group,
    )


def _views(user: User) -> Mapping[str, str]:
    return {by: str(word) for by, word in VIEWS.items() if by != TEACHER or user.is_admin}


def _group(user: User, group_id: str) -> Group | None:
    try:
        return over_time.reported_groups(user).filter(pk=UUID(group_id)).first()
    except ValueError:
        return None


def _tabs(asked: Asked, user: User) -> list[Tab]:
    """Return the views; that of all classes leads out of one."""
    return [
        Tab(url=asked.address(by=by, **({"class": ""} if by == CLASS else {})), word=word, is_here=by == asked.by)
        for by, word in _views(user).items()
    ]


def _totals(weeks: Sequence[WeekFigures]) -> Totals:
    attended, known = sum(week.attended for week in weeks), sum(week.known for week in weeks)
    return Totals(
        occurrences=sum(week.occurrences for week in weeks),
        ended=sum(week.ended for week in weeks),
        minutes=sum((week.ran for week in weeks), timedelta()) // timedelta(minutes=1),
        attended=attended,
        known=known,
        percent=round(100 * attended / known) if known else None,
    )


def _bar(week: WeekFigures) -> WeekBar:
    percent = _percent(week.rate)
    return WeekBar(starts_on=week.week.date(), percent=percent, missed=100 - (percent or 0))


def _rows(request: PersonRequest, asked: Asked, scope: Scope) -> tuple[list[Row], PageOfMany[int]]:
    """Return the rows of the page that is asked for, of the first when there is no such page; and where that lies."""
    text = request.GET.get("page", "")
    number = int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 7 else 1
    read = READ[asked.by]
    found = read(scope, start=max(0, number - 1) * ROWS_A_PAGE, size=ROWS_A_PAGE)
    if not found.rows and number > 1:
        number, found = 1, read(scope, start=0, size=ROWS_A_PAGE)
    page = Paginator(range(found.of_all), ROWS_A_PAGE).get_page(number)
    return _named(found.rows, asked, request.user), page


def _named(figures: Iterable[Figures], asked: Asked, user: User) -> list[Row]:
    """Put names to the figures, and ways to more: of a class its students, of a person their page."""
    of = {one.subject_id: one for one in figures}
    if asked.by == CLASS:
        names = {pk: group.name for pk, group in Group.objects.in_bulk(of).items()}
        urls = {pk: asked.address(by=STUDENT, **{"class": str(pk)}) for pk in of}
    else:
        names = {pk: name_of(person) for pk, person in User.objects.in_bulk(of).items()}
        urls = {pk: reverse("person", args=[pk]) for pk in _looked_after(user, of)}
    return [
        Row(
            name=names[pk],
            url=urls.get(pk, ""),
            figures=one,
            percent=_percent(one.rate) if isinstance(one, AttendanceFigures) else None,
        )
        for pk, one in of.items()
    ]


def _looked_after(user: User, people: Iterable[UUID]) -> Iterable[UUID]:
    """Return whose page the reader may open: `groups.people.looks_after`, for many."""
    if user.is_admin:
        return people
    return looked_after_by(user).filter(pk__in=list(people)).values_list("pk", flat=True)


def _percent(rate: float | None) -> int | None:
    return round(100 * rate) if rate is not None else None
