"""Reports: one meeting, or a range of days; as JSON, CSV or a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.errors import DomainError, NotAllowed
from classbell.meetings.api.answers import describe_class, describe_host, describe_stay, find_meeting, status_of
from classbell.meetings.api.attendance import find_sitting
from classbell.meetings.attendance.schemas import MeetingReport, RangeReport, ReportQuery
from classbell.meetings.models import Occurrence, Participation
from classbell.meetings.models.occurrence import OccurrenceQuerySet
from classbell.meetings.permissions import can_keep_attendance
from classbell.meetings.reports.over_time import reported_sittings
from classbell.meetings.reports.sittings import SittingFigures, by_sitting, totals

router = Router()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Spreadsheets run what begins like this as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class NoSuchDay(DomainError):
    """A date cannot be read."""

    code = "invalid_input"

    def __init__(self, name: str) -> None:
        super().__init__(_("%(name)s must be a date such as 2026-03-01") % {"name": name})


@router.get("/reports", response=MeetingReport | RangeReport, by_alias=True)
@allowed(is_teacher_or_admin)
def report(request: ApiRequest, asked: Query[ReportQuery]) -> Any:
    """
    With `meetingId` one meeting and everybody who was seen in it; else all sittings of a range of days (both included, on
    your clock; without dates all). Teachers get what they teach. `format=csv` or `xlsx` for a file.
    """
    now = timezone.now()
    if asked.meeting_id is not None:
        return _one_meeting(request.user, asked, now=now)
    sittings = _narrowed(reported_sittings(request.user), asked, request.user).filter(starts_at__lte=now)
    rows = _rows(sittings, now=now)
    if asked.format != "json":
        return _file(_table(rows, request.user), asked.format, "report")
    together = totals(sittings)
    return {
        "meetings": rows,
        "stats": {
            "total_meetings": together.sittings,
            "completed_meetings": together.ended,
            "total_participants": together.participants,
            "total_attendees": together.attended,
            "avg_attendance_rate": _percent(together.rate),
            "total_meeting_minutes": together.minutes,
        },
        "message": None if rows else _why_empty(request.user, asked),
    }


def _one_meeting(user: User, asked: ReportQuery, *, now: datetime) -> Any:
    meeting = find_meeting(user, asked.meeting_id or "")
    if not can_keep_attendance(user, meeting):
        raise NotAllowed
    sitting = find_sitting(meeting, None, user=user, now=now)
    sittings = Occurrence.objects.filter(meeting=meeting, starts_at__lte=now)
    stays = Participation.objects.filter(occurrence__in=sittings).order_by("joined_at", "pk")
    described = [describe_stay(stay, now=now) for stay in stays]
    if asked.format != "json":
        return _file(_stays_table(described, user), asked.format, "meeting")
    together = totals(sittings)
    return {
        "meeting": {
            "id": meeting.pk,
            "title": meeting.title,
            "start_time": sitting.starts_at,
            "status": status_of(meeting, list(meeting.occurrences.all()), now=now),
            "host": describe_host(meeting.teacher),
            "class_": describe_class(meeting),
            "participants": described,
        },
        "stats": {
            "total_invited": together.expected,
            "total_joined": together.attended or together.participants,
            "attendance_rate": _percent(together.rate),
            "total_duration_seconds": together.seconds,
            "avg_duration_seconds": round(together.seconds / together.participants) if together.participants else 0,
        },
    }


def _narrowed(sittings: OccurrenceQuerySet, asked: ReportQuery, user: User) -> OccurrenceQuerySet:
    start, end = _day(asked.start_date, "startDate", user), _day(asked.end_date, "endDate", user)
    if start is not None:
        sittings = sittings.filter(starts_at__gte=start)
    if end is not None:
        sittings = sittings.filter(starts_at__lt=end + timedelta(days=1))
    if asked.class_id is not None:
        sittings = sittings.filter(meeting__group=asked.class_id)
    return sittings


def _day(text: str | None, name: str, user: User) -> datetime | None:
    """Return the begin of a day on the reader's clock; a moment counts as the day it lies in."""
    if not text:
        return None
    try:
        day = parse_date(text[:10])
    except ValueError:
        day = None
    if day is None:
        raise NoSuchDay(name)
    return datetime.combine(day, time(), tzinfo=user.zone)


def _rows(sittings: OccurrenceQuerySet, *, now: datetime) -> list[dict[str, Any]]:
    figures = {row.occurrence_id: row for row in by_sitting(sittings)}
    found = sittings.select_related("meeting__teacher", "meeting__group").order_by("starts_at", "pk")
    return [_row(sitting, figures[sitting.pk], now=now) for sitting in found if sitting.pk in figures]


def _row(sitting: Occurrence, figures: SittingFigures, *, now: datetime) -> dict[str, Any]:
    meeting = sitting.meeting
    return {
        "id": sitting.pk,
        "meeting_id": meeting.pk,
        "title": meeting.title,
        "start_time": sitting.starts_at,
        "status": status_of(meeting, [sitting], now=now),
        "host": describe_host(meeting.teacher),
        "class_": describe_class(meeting),
        "participant_count": figures.participants,
        "attendee_count": figures.attended,
    }


def _why_empty(user: User, asked: ReportQuery) -> str:
    if asked.start_date or asked.end_date:
        return _("No sitting of yours took place on these days. Choose others.")
    if user.is_admin:
        return _("No meeting has taken place yet.")
    return _("No meeting that you teach has taken place yet.")


def _table(rows: Sequence[dict[str, Any]], user: User) -> list[list[object]]:
    head: list[object] = [_("Start"), _("Meeting"), _("Class"), _("Teacher"), _("Status"), _("Seen"), _("Attended")]
    return [
        head,
        *(
            [
                row["start_time"].astimezone(user.zone).strftime("%Y-%m-%d %H:%M"),
                row["title"],
                row["class_"].name if row["class_"] else "",
                row["host"].name,
                str(row["status"]),
                row["participant_count"],
                row["attendee_count"],
            ]
            for row in rows
        ),
    ]


def _stays_table(stays: Sequence[dict[str, Any]], user: User) -> list[list[object]]:
    def local(moment: datetime | None) -> str:
        return moment.astimezone(user.zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""

    head: list[object] = [_("Name"), _("E-mail"), _("Came"), _("Left"), _("Seconds")]
    return [
        head,
        *(
            [stay["name"], stay["email"], local(stay["join_time"]), local(stay["leave_time"]), stay["duration"]]
            for stay in stays
        ),
    ]


def _file(table: Sequence[Sequence[object]], kind: str, name: str) -> HttpResponse:
    body, content_type = (_csv(table), "text/csv; charset=utf-8") if kind == "csv" else (_xlsx(table), XLSX)
    response = HttpResponse(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _csv(table: Sequence[Sequence[object]]) -> bytes:
    """Write CSV as spreadsheets open it: UTF-8 with its mark, formulas made harmless."""
    out = io.StringIO()
    csv.writer(out).writerows([[_harmless(cell) for cell in row] for row in table])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _xlsx(table: Sequence[Sequence[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for number, row in enumerate(table):
            sheet.write_row(number, 0, row, None if number else bold)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return out.getvalue()


def _percent(rate: float | None) -> float:
    return round(100 * rate, 1) if rate is not None else 0.0
