"""The timetable commands, as people see them in a terminal."""

from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone as django_timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from classbell.courses.timetable.drafts import remember
from classbell.courses.timetable.files import read_holidays, read_timetable
from classbell.courses.timetable.licences import Occurrences, licences_for, occurrences_between
from classbell.courses.timetable.services import ImportSummary, import_term
from classbell.courses.timetable.term import Term
from classbell.errors import DomainError
from classbell.meetings.models import FREE_MINUTES, Meeting
from classbell.meetings.periods import Interval

MOST_LINES = 12


def run_import(
    folder: Path,
    *,
    starts_on: date,
    weeks: int,
    timezone: str,
    holidays: Path | None,
    gap_minutes: int,
    prune: bool,
    dry_run: bool,
) -> int:
    """Import and print what happened. Returns the exit status: 0, or 1 when something could not be brought in."""
    console = Console()
    errors = Console(stderr=True)
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        errors.print(f"[red]{timezone!r} is no IANA timezone; write one such as Europe/Lisbon.")
        return 2
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        try:
            timetable = read_timetable(folder)
            for said in timetable.sheets:
                errors.print(said, style="yellow", markup=False, highlight=False)
            term = Term(
                starts_on=starts_on,
                weeks=weeks,
                timezone=timezone,
                holidays=read_holidays(holidays) if holidays else {},
                gap_minutes=gap_minutes,
            )
            summary = import_term(
                timetable, term, now=django_timezone.now(), prune=prune, dry_run=dry_run, progress=show
            )
            if not dry_run:
                remember(term, by=None, now=django_timezone.now())
        except DomainError as error:
            errors.print(f"[red]{error}")
            return 2
    _print_summary(console, summary, dry_run=dry_run)
    return 1 if summary.clashes or summary.mistakes or summary.unhosted else 0


def _print_summary(console: Console, summary: ImportSummary, *, dry_run: bool) -> None:
    table = Table(
        title="Dry run: nothing was changed" if dry_run else None, show_header=False, box=None, pad_edge=False
    )
    for label, value in (
        ("people created", summary.people_created),
        ("members added", summary.members_added),
        ("members removed", summary.members_removed),
        ("sections created", len(summary.created)),
        ("sections changed", len(summary.changed)),
        ("sections unchanged", len(summary.unchanged)),
        ("sections gone", len(summary.gone)),
        ("sections removed", len(summary.pruned)),
        ("clashes", len(summary.clashes)),
        ("more students than places", len(summary.crowded)),
    ):
        table.add_row(label, f"{value:>8}")
    console.print(table)
    _print_lines(console, "Changed", summary.changed)
    _print_lines(console, "No longer in the file (--prune removes them)", summary.gone)
    _print_lines(console, "Removed", summary.pruned)
    _print_lines(
        console,
        "Not imported, because the teacher already has something then",
        [
            f"{section}: {clash.starts_at:%a %d %b %H:%M} UTC, {clash.blocked_by}"
            for section, clashes in summary.clashes.items()
            for clash in clashes[:1]
        ],
    )
    _print_lines(
        console,
        "More students than places; all of them are in it",
        [f"{one.section}: {one.students} students, {one.capacity} places" for one in summary.crowded],
    )
    _print_lines(console, "Without a Zoom host: buy or connect more licences, then they are placed", summary.unhosted)
    _print_lines(console, "More people than their Zoom hosts let in", summary.beyond_hosts)
    _print_lines(console, f"Ended by Zoom after {FREE_MINUTES} minutes, for want of a licence", summary.cut_short)
    _print_lines(console, "Lines not used", [f"{m.file}, line {m.line}: {m.reason}" for m in summary.mistakes])


def _print_lines(console: Console, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(f"\n{title}:")
    for line in lines[:MOST_LINES]:
        console.print(f"  {line}", markup=False, highlight=False)
    if len(lines) > MOST_LINES:
        console.print(f"  … and {len(lines) - MOST_LINES} more")


def print_host_plan(starts_on: date | None, until: date | None) -> None:
    """Print the licences the timetable needs between two days, its busiest time, and who hosts what."""
    console = Console()
    start = datetime.combine(starts_on or django_timezone.now().date(), datetime.min.time(), tzinfo=UTC)
    end = datetime.combine(until, datetime.max.time(), tzinfo=UTC) if until else datetime.max.replace(tzinfo=UTC)
    occurrences = occurrences_between(start, end)
    if not occurrences:
        console.print("There are no meetings in that time. Import a term, or name its days: --from 2026-09-14.")
        return
    found = licences_for(occurrences)
    lines = [
        ("Meetings", found.meetings, f"({found.occurrences} sessions)"),
        ("Teachers", found.teachers, ""),
        ("Most at the same time", found.most_at_once, _peak_in_words(found.peak, next(iter(occurrences)).zone)),
        ("Licences needed", found.needed, f"(lower bound {found.at_least})"),
        ("Licences in use", found.used, f"of {found.usable}"),
    ]
    if found.waiting:
        lines.append(("Without a host", found.waiting, "buy or connect more licences"))
    for label, number, note in lines:
        console.print(f"{label:<24}{number:>6}   {note}", highlight=False)
    _print_hosts(console, occurrences)


def _peak_in_words(peak: Interval | None, zone: ZoneInfo) -> str:
    if peak is None:
        return ""
    start, end = (moment.astimezone(zone) for moment in peak)
    return f"{start:%a %d %b %H:%M}–{end:%H:%M} {zone.key}"


def _print_hosts(console: Console, occurrences: Occurrences) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("Host", "Meetings", "Hours", "Meetings of"):
        table.add_column(heading, justify="right" if heading in ("Meetings", "Hours") else "left")
    by_host: dict[str, list[Meeting]] = defaultdict(list)
    for meeting in occurrences:
        by_host[meeting.seat.host.email if meeting.seat else "no host"].append(meeting)
    for host, meetings in sorted(by_host.items()):
        hours = sum(meeting.duration_minutes * len(occurrences[meeting]) for meeting in meetings) / 60
        teachers = sorted({meeting.teacher.name for meeting in meetings})
        shown = ", ".join(teachers[:6]) + (f" and {len(teachers) - 6} more" if len(teachers) > 6 else "")
        table.add_row(host, str(len(meetings)), f"{hours:.0f}", shown)
    console.print()
    console.print(table)
