"""Reports as tables to take along: sessions, who was in one meeting, and the verdicts, each or added up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from classbell.accounts.disclosure import name_of, written_to
from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.meetings.attendance.reasons import sentence
from classbell.meetings.attendance.schemas import ReportedOccurrence
from classbell.meetings.models import Attendance, AttendanceSource, OccurrenceStatus
from classbell.meetings.reports.over_time import AttendanceFigures, TeacherFigures
from classbell.meetings.schemas import ParticipantOut
from classbell.meetings.verdicts import AttendanceStatus
from classbell.sheets import Cell, Share, Table

Figures = AttendanceFigures | TeacherFigures


def sessions_table(rows: Iterable[ReportedOccurrence], reader: User) -> Table:
    """Return one row a session, from rows as `api.reports` answers them."""
    return Table(
        name="report",
        head=[
            _on_clock(_("Start"), reader),
            _("Meeting"),
            _("Class"),
            _("Teacher"),
            _("Status"),
            _("Seen"),
            _("Attended"),
        ],
        rows=[
            [
                _local(row.start_time, reader),
                row.title,
                row.class_.name if row.class_ else "",
                row.host.name,
                str(OccurrenceStatus(row.status).label),
                row.participant_count,
                row.attendee_count,
            ]
            for row in rows
        ],
    )


def stays_table(stays: Iterable[ParticipantOut], reader: User) -> Table:
    """Return one row a stay in one meeting, from stays as `answers.describe_stay` gives them."""
    return Table(
        name="meeting",
        head=[_("Name"), _("E-mail"), _on_clock(_("Came"), reader), _on_clock(_("Left"), reader), _("Seconds")],
        rows=[
            [
                stay.name,
                stay.email,
                _local(stay.join_time, reader),
                _local(stay.leave_time, reader),
                stay.duration,
            ]
            for stay in stays
        ],
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """Figures with whom or what they are about; `email` is "" where it is nobody's."""

    name: str
    email: str
    figures: Figures


def named(figures: Sequence[Figures], *, of: str) -> list[Named]:
    """Put names to the figures of `students`, `classes` or `teachers`, in their order. One statement."""
    ids = [one.subject_id for one in figures]
    if of == "classes":
        groups = Group.objects.in_bulk(ids)
        return [Named(name=groups[one.subject_id].name, email="", figures=one) for one in figures]
    people = User.objects.in_bulk(ids)
    found = [(people[one.subject_id], one) for one in figures]
    return [Named(name=name_of(person), email=written_to(person), figures=one) for person, one in found]


def figures_table(subjects: Sequence[Named], reader: User, *, of: str) -> Table:
    """Return one row a student, class or teacher, in the order given."""
    heads = _heads_of_teachers() if of == "teachers" else _heads_of_counts()
    who = [_("Class")] if of == "classes" else [_("Name"), _("E-mail")]
    return Table(
        name=of,
        head=[*who, *heads],
        rows=[
            [
                subject.name,
                *([subject.email] if len(who) > 1 else []),
                *_figures(subject.figures),
            ]
            for subject in subjects
        ],
    )


def records_table(records: Iterable[Attendance], reader: User) -> Table:
    """Return one row a student and session: the verdict, what it rests on, and who corrected it, why."""
    return Table(
        name="attendance",
        head=[
            _("Name"),
            _("E-mail"),
            _("Class"),
            _("Meeting"),
            _on_clock(_("Start"), reader),
            _("Attendance"),
            _("Minutes there"),
            _("of minutes"),
            _on_clock(_("Came"), reader),
            _on_clock(_("Left"), reader),
            _("Why"),
            _("Calculated"),
            _("Corrected by"),
            _("Reason of the correction"),
            _("Heard from"),
        ],
        rows=[_record(record, reader) for record in records],
    )


def with_what_is_named(records: QuerySet[Attendance]) -> QuerySet[Attendance]:
    """Return the records with what `records_table` names of them, session by session, in the order of names."""
    related = records.select_related("user", "overridden_by", "occurrence__meeting__group")
    return related.order_by("occurrence_starts_at", "occurrence", "user__last_name", "user__first_name", "pk")


def _record(record: Attendance, reader: User) -> list[Cell]:
    meeting = record.occurrence.meeting
    return [
        name_of(record.user),
        written_to(record.user),
        meeting.group.name if meeting.group else "",
        meeting.title,
        _local(record.occurrence.starts_at, reader),
        str(AttendanceStatus(record.status).label),
        record.seconds // 60,
        record.counted_seconds // 60,
        _local(record.first_joined_at, reader),
        _local(record.last_left_at, reader),
        " ".join(sentence(reason) for reason in record.reasons),
        str(record.get_computed_status_display()),
        record.overridden_by.name if record.overridden_by else "",
        record.override_reason,
        str(AttendanceSource(record.decided_by).label) if record.decided_by else "",
    ]


def _on_clock(head: str, reader: User) -> str:
    """Return the name of a column of moments with the timezone that they are told in, as they leave the page without it."""
    return f"{head} ({reader.zone.key})"


def _heads_of_counts() -> list[str]:
    return [
        _("Attended"),
        _("of sessions"),
        _("Rate"),
        _("Present"),
        _("Late"),
        _("Partly there"),
        _("Absent"),
        _("Excused"),
        _("Not known"),
    ]


def _heads_of_teachers() -> list[str]:
    return [_("Held"), _("Did not come"), _("Late"), _("Left early"), _("Did not take place"), _("Not known")]


def _figures(figures: Figures) -> list[Cell]:
    if isinstance(figures, TeacherFigures):
        return [figures.held, figures.no_shows, figures.late, figures.left_early, figures.void, figures.unknown]
    return [
        figures.attended,
        figures.known,
        Share(figures.rate) if figures.rate is not None else None,
        figures.present,
        figures.late,
        figures.partial,
        figures.absent,
        figures.excused,
        figures.unknown,
    ]


def _local(moment: datetime | None, reader: User) -> datetime | None:
    return moment.astimezone(reader.zone) if moment else None
