"""Reports: one meeting, or a range of days; as JSON, CSV or a spreadsheet."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.errors import DomainError, NotAllowed
from classbell.meetings.api.answers import (
    describe_class,
    describe_host,
    describe_stay,
    find_recorded_meeting,
    status_of,
)
from classbell.meetings.api.attendance import describe as describe_record
from classbell.meetings.api.attendance import find_occurrence
from classbell.meetings.attendance.schemas import (
    AddedUp,
    CountsOut,
    FiguresReport,
    MeetingReport,
    MeetingStats,
    RangeReport,
    RangeStats,
    RecordsReport,
    ReportedMeeting,
    ReportedOccurrence,
    ReportedRecord,
    ReportQuery,
    TeacherCountsOut,
)
from classbell.meetings.models import Attendance, Occurrence, Participation
from classbell.meetings.models.occurrence import OccurrenceQuerySet
from classbell.meetings.permissions import can_keep_attendance
from classbell.meetings.reports import over_time
from classbell.meetings.reports.days import days_of_report
from classbell.meetings.reports.occurrences import OccurrenceFigures, by_occurrence, totals
from classbell.meetings.reports.over_time import Page, Scope
from classbell.meetings.reports.tables import (
    Named,
    figures_table,
    named,
    records_table,
    sessions_table,
    stays_table,
    with_what_is_named,
)
from classbell.postgres.bounds import Read, reading
from classbell.postgres.replica import may_lag
from classbell.sheets import FILE_TYPES, as_file
from classbell.years import is_sensible

router = Router()
Report = MeetingReport | RangeReport | FiguresReport | RecordsReport
# More rows than a spreadsheet is a pleasure with; each of them is a Python object meanwhile.
MOST_ROWS: Final = 50_000
FIRST, LAST = "startDate", "endDate"


class NoSuchDay(DomainError):
    """A date cannot be read."""

    code = "invalid_input"

    def __init__(self, name: str) -> None:
        super().__init__(_("%(name)s must be a date such as 2026-03-01") % {"name": name})


class TooManyRows(DomainError):
    """More was asked for than one answer holds."""

    code = "too_many_rows"

    def __init__(self) -> None:
        said = _(
            "These are more than %(most)d rows. Ask for fewer days (startDate, endDate) or for one class (classId)."
        )
        fields = ("startDate", "endDate", "classId")
        super().__init__(said % {"most": MOST_ROWS}, details=[{"field": name} for name in fields])


# With `format`, beside JSON.
AS_FILES: Final = {
    "responses": {200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FILE_TYPES}}}
}


@router.get(
    "/reports",
    response=Report,
    by_alias=True,
    openapi_extra=AS_FILES,
)
@allowed(is_teacher_or_admin)
def report(request: ApiRequest, asked: Query[ReportQuery]) -> Report | HttpResponse:
    """
    With `meetingId` one meeting and everybody who was seen in it, on the days given or ever; else the sessions of a range
    of days (both included, on your clock; without dates the last ones, as many as a report may have). Teachers get what they
    teach. `rows` says what there is a row of: `sessions` (the usual), `records` (each student in each session: the verdict
    and why), or the verdicts added up of `students`, `classes` or, for admins, `teachers`. `format=csv` or `xlsx` for a file.
    At most 50 000 rows (400 `too_many_rows`) and, unless the school has set another number, 366 days (400 `too_many_days`).
    """
    if asked.format == "json":
        with reading(Read.REPORT):
            return _report(request.user, asked, now=timezone.now())
    # A file is for people, who look at pages in the language of their account unless they have chosen another.
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    language = chosen if translation.check_for_language(chosen) else request.user.locale
    with translation.override(language), reading(Read.EXPORT):
        return _report(request.user, asked, now=timezone.now())


@may_lag
def _report(user: User, asked: ReportQuery, *, now: datetime) -> Report | HttpResponse:
    if asked.meeting_id is not None:
        return _one_meeting(user, asked, now=now)
    if asked.rows == "records":
        return _records(user, asked, now=now)
    if asked.rows != "sessions":
        return _added_up(user, asked, asked.rows, now=now)
    occurrences = _scope(user, asked, now=now).occurrences()
    rows = _rows(occurrences, now=now)
    if asked.format != "json":
        return as_file(sessions_table(rows, user), asked.format)
    together = totals(occurrences)
    return RangeReport(
        meetings=rows,
        stats=RangeStats(
            total_meetings=together.occurrences,
            completed_meetings=together.ended,
            total_participants=together.participants,
            total_attendees=together.attended,
            avg_attendance_rate=_percent(together.rate),
            total_meeting_minutes=together.minutes,
        ),
        message=None if rows else _why_empty(user, asked),
    )


def _one_meeting(user: User, asked: ReportQuery, *, now: datetime) -> MeetingReport | HttpResponse:
    meeting = find_recorded_meeting(user, asked.meeting_id or "")
    if not can_keep_attendance(user, meeting):
        raise NotAllowed
    occurrence = find_occurrence(meeting, None, user=user, now=now)
    occurrences = Occurrence.objects.filter(meeting=meeting, starts_at__lte=now)
    if asked.start_date or asked.end_date:
        scope = _scope(user, asked, now=now)
        occurrences = occurrences.filter(starts_at__gte=scope.starts_at, starts_at__lt=scope.ends_at)
    stays = Participation.objects.filter(occurrence__in=occurrences).order_by("joined_at", "pk")[: MOST_ROWS + 1]
    if len(stays) > MOST_ROWS:
        raise TooManyRows
    described = [describe_stay(stay, now=now) for stay in stays]
    if asked.format != "json":
        return as_file(stays_table(described, user), asked.format)
    together = totals(occurrences)
    return MeetingReport(
        meeting=ReportedMeeting(
            id=meeting.pk,
            title=meeting.title,
            start_time=occurrence.starts_at,
            status=status_of(meeting, list(meeting.occurrences.all()), now=now),
            host=describe_host(meeting.teacher),
            class_=describe_class(meeting),
            participants=described,
        ),
        stats=MeetingStats(
            total_invited=together.expected,
            total_joined=together.attended or together.participants,
            attendance_rate=_percent(together.rate),
            total_duration_seconds=together.seconds,
            avg_duration_seconds=round(together.seconds / together.participants) if together.participants else 0,
        ),
    )


def _records(user: User, asked: ReportQuery, *, now: datetime) -> RecordsReport | HttpResponse:
    """Answer with verdicts, each of them."""
    records = list(with_what_is_named(_scope(user, asked, now=now).records())[: MOST_ROWS + 1])
    if len(records) > MOST_ROWS:
        raise TooManyRows
    if asked.format != "json":
        return as_file(records_table(records, user), asked.format)
    return RecordsReport(rows="records", records=[_describe_in_report(record) for record in records])


def _added_up(user: User, asked: ReportQuery, of: AddedUp, *, now: datetime) -> FiguresReport | HttpResponse:
    """Answer with verdicts, added up per student, class or teacher."""
    scope = _scope(user, asked, now=now)
    if of == "teachers" and not user.is_admin:
        raise NotAllowed
    found = ADDED_UP[of](scope, start=0, size=MOST_ROWS)
    if found.of_all > MOST_ROWS:
        raise TooManyRows
    subjects = named(found.rows, of=of)
    if asked.format != "json":
        return as_file(figures_table(subjects, user, of=of), asked.format)
    return FiguresReport(rows=of, figures=[_describe_figures(subject) for subject in subjects])


def _scope(user: User, asked: ReportQuery, *, now: datetime) -> Scope:
    """Return what has begun of the days and the class that are asked for. Raises NoSuchDay, TooManyDays."""
    first, last = days_of_report(
        _day(asked.start_date, FIRST),
        _day(asked.end_date, LAST),
        today=now.astimezone(user.zone).date(),
        fields=(FIRST, LAST),
    )
    ends_at = datetime.combine(last + timedelta(days=1), time(), tzinfo=user.zone)
    return Scope(
        reader=user,
        starts_at=datetime.combine(first, time(), tzinfo=user.zone),
        ends_at=min(ends_at, now + timedelta(microseconds=1)),
        group_id=asked.class_id,
    )


def _describe_in_report(record: Attendance) -> ReportedRecord:
    occurrence = record.occurrence
    return ReportedRecord(
        occurrence_id=occurrence.pk,
        meeting_id=occurrence.meeting_id,
        title=occurrence.meeting.title,
        class_=describe_class(occurrence.meeting),
        start_time=occurrence.starts_at,
        record=describe_record(record, None),
    )


def _describe_figures(subject: Named) -> CountsOut | TeacherCountsOut:
    figures, email = subject.figures, subject.email or None
    if isinstance(figures, over_time.TeacherFigures):
        return TeacherCountsOut(
            id=figures.subject_id,
            name=subject.name,
            email=email,
            held=figures.held,
            void=figures.void,
            unknown=figures.unknown,
            no_shows=figures.no_shows,
            late=figures.late,
            left_early=figures.left_early,
        )
    return CountsOut(
        id=figures.subject_id,
        name=subject.name,
        email=email,
        attended=figures.attended,
        known=figures.known,
        rate=figures.rate,
        present=figures.present,
        late=figures.late,
        partial=figures.partial,
        absent=figures.absent,
        excused=figures.excused,
        unknown=figures.unknown,
    )


ADDED_UP: Final[Mapping[str, Callable[..., Page[Any]]]] = {
    "students": over_time.students,
    "classes": over_time.classes,
    "teachers": over_time.teachers,
}


def _day(text: str | None, name: str) -> date | None:
    """Return a day; a moment counts as the day it lies in. Raises NoSuchDay."""
    if not text:
        return None
    try:
        day = parse_date(text[:10])
    except ValueError:
        day = None
    if day is None or not is_sensible(day):
        raise NoSuchDay(name)
    return day


def _rows(occurrences: OccurrenceQuerySet, *, now: datetime) -> list[ReportedOccurrence]:
    """Return a row for each session. Raises TooManyRows."""
    if len(occurrences.order_by().values("pk")[: MOST_ROWS + 1]) > MOST_ROWS:
        raise TooManyRows
    figures = {row.occurrence_id: row for row in by_occurrence(occurrences)}
    found = occurrences.select_related("meeting__teacher", "meeting__group").order_by("starts_at", "pk")
    return [_row(occurrence, figures[occurrence.pk], now=now) for occurrence in found if occurrence.pk in figures]


def _row(occurrence: Occurrence, figures: OccurrenceFigures, *, now: datetime) -> ReportedOccurrence:
    meeting = occurrence.meeting
    return ReportedOccurrence(
        id=occurrence.pk,
        meeting_id=meeting.pk,
        title=meeting.title,
        start_time=occurrence.starts_at,
        status=status_of(meeting, [occurrence], now=now),
        host=describe_host(meeting.teacher),
        class_=describe_class(meeting),
        participant_count=figures.participants,
        attendee_count=figures.attended,
    )


def _why_empty(user: User, asked: ReportQuery) -> str:
    if asked.start_date or asked.end_date:
        return _("No session of yours took place on these days. Choose others.")
    days = {"days": settings.ENVIRONMENT.report_days}
    if user.is_admin:
        return _("No session has taken place in the last %(days)d days.") % days
    return _("No session that you teach has taken place in the last %(days)d days.") % days


def _percent(rate: float | None) -> float:
    return round(100 * rate, 1) if rate is not None else 0.0
