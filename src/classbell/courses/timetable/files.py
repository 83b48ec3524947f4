"""
Reading a university's timetable from tables: rows in, weekly classes and named mistakes out. No database.

A section that meets at one time on several days has one weekly class; where its days differ in time, teacher or weeks, each
time is a weekly class of its own, and all of them are one section with one list of students.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from classbell.accounts.models import Role
from classbell.accounts.people_lists import names_in, no_email, read_people, why_left_out
from classbell.courses.timetable import notation
from classbell.courses.timetable.columns import DAYS_OFF, PLACES, TIMES
from classbell.courses.timetable.rows import RowUnusable, WeeklyClass, address_in, email_in, teachers_name, weekly_class
from classbell.errors import DomainError
from classbell.names import LONGEST as LONGEST_NAME
from classbell.reasons import Said
from classbell.tables.limits import LARGEST_FILE, TableUnreadable
from classbell.tables.reading import Names, Row, read_table
from classbell.tables.text import MOST_LINES, FileText, read_file
from classbell.years import is_sensible

TIMETABLE, ENROLMENTS, HOLIDAYS, PEOPLE_FILE = "timetable.csv", "enrolments.csv", "holidays.csv", "people.csv"


class TimetableUnreadable(DomainError):
    """A file is missing or is no timetable at all."""

    code = "timetable_unreadable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """A line that could not be used, and why; the other lines are used all the same."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Timetable:
    """
    Everything the files say: weekly classes and students (lower-case e-mails) by section, mistakes. `unscheduled` are
    sections whose time nobody knows yet; `names` are (first, last) by e-mail. `sheets` says of each workbook which of its
    sheets were not read.
    """

    classes: dict[str, tuple[WeeklyClass, ...]]
    students: dict[str, list[str]]
    mistakes: list[Mistake]
    unscheduled: frozenset[str] = frozenset()
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    sheets: Sequence[str] = ()

    @property
    def teachers(self) -> set[str]:
        """The e-mails of all teachers."""
        return {weekly.teacher for weeklies in self.classes.values() for weekly in weeklies}

    @property
    def people(self) -> set[str]:
        """The e-mails of all students."""
        return {student for students in self.students.values() for student in students}


def read_timetable(folder: Path) -> Timetable:
    """
    Read `timetable.csv`, `enrolments.csv` and, where it is there, `people.csv` from a folder.

    Raises TimetableUnreadable when a file or a column is missing.
    """
    paths = [folder / TIMETABLE, folder / ENROLMENTS]
    if (folder / PEOPLE_FILE).exists():
        paths.append(folder / PEOPLE_FILE)
    files = [_read(path) for path in paths]
    said = [
        f"{path.name}: {file.said_of_sheets}" for path, file in zip(paths, files, strict=True) if file.said_of_sheets
    ]
    return replace(parse_timetable(*(file.text for file in files)), sheets=said)


def read_holidays(path: Path) -> dict[date, str]:
    """
    Read days without classes: a table with the columns `date` (YYYY-MM-DD) and `name`.

    Raises TimetableUnreadable, naming the line or the sheets beside the first, because a holiday overlooked is a class on a
    closed day.
    """
    file = _read(path)
    if file.other_sheets:
        raise TimetableUnreadable(f"{path.name}: {file.said_of_sheets}")
    return parse_holidays(file.text, name=path.name)


def parse_timetable(timetable: str, enrolments: str, people: str = "") -> Timetable:
    """
    Return what the files say; `people` has names for e-mails, "" for none.

    Raises TimetableUnreadable when a column is missing.
    """
    mistakes: list[Mistake] = []
    names: dict[str, tuple[str, str]] = {}
    classes, unscheduled = _classes(timetable, names, mistakes)
    students: dict[str, list[str]] = {section: [] for section in classes}
    for row in _rows(ENROLMENTS, enrolments, PLACES, ("student", "section"), mistakes):
        written = address_in(row, "student")
        section, student = row["section"], email_in(written)
        if section in unscheduled:
            continue
        if section not in students:
            reason = Said(gettext_noop("section “%(section)s” is in no timetable row"), section=section)
            mistakes.append(Mistake(file=ENROLMENTS, line=row.line, reason=reason))
        elif student is None:
            mistakes.append(Mistake(file=ENROLMENTS, line=row.line, reason=no_email(written)))
        elif left_out := why_left_out(row, role=Role.STUDENT):
            mistakes.append(Mistake(file=ENROLMENTS, line=row.line, reason=left_out))
        else:
            students[section].append(student)
            _note_name(names, student, names_in(row))
    _read_names(people, names, mistakes)
    return Timetable(
        classes=classes, students=students, mistakes=mistakes, unscheduled=frozenset(unscheduled), names=names
    )


def parse_holidays(text: str, *, name: str = HOLIDAYS) -> dict[date, str]:
    """
    Return the days without classes and their names.

    Raises TimetableUnreadable, naming the line of the file `name`.
    """
    holidays: dict[date, str] = {}
    mistakes: list[Mistake] = []
    for row in _rows(name, text, DAYS_OFF, ("date", "name"), mistakes):
        try:
            day = date.fromisoformat(row["date"])
        except ValueError:
            day = date.min
        if not is_sensible(day):
            reason = _("“%(text)s” is no date; write YYYY-MM-DD.") % {"text": row["date"]}
            raise TimetableUnreadable(_at(name, row.line, reason))
        holidays[day] = row["name"]
    if mistakes:
        raise TimetableUnreadable(_at(name, mistakes[0].line, mistakes[0].reason))
    return holidays


def _read(path: Path) -> FileText:
    try:
        with path.open("rb") as file:
            return read_file(file.read(LARGEST_FILE + 1))
    except TableUnreadable as error:
        raise TimetableUnreadable(f"{path.name}: {error}") from error
    except OSError as error:
        text = _("%(path)s cannot be read (%(why)s).") % {"path": path, "why": error.strerror}
        raise TimetableUnreadable(text) from error


def _rows(name: str, text: str, names: Names, needs: Sequence[str], mistakes: list[Mistake]) -> Iterator[Row]:
    """Yield the rows; those that cannot be read become mistakes."""
    try:
        table = read_table(text, names, needs=needs, most_rows=MOST_LINES)
    except TableUnreadable as error:
        raise TimetableUnreadable(f"{name}: {error}") from error
    mistakes += [Mistake(file=name, line=row.line, reason=row.reason) for row in table.bad]
    yield from table.rows


def _classes(
    text: str, names: dict[str, tuple[str, str]], mistakes: list[Mistake]
) -> tuple[dict[str, tuple[WeeklyClass, ...]], set[str]]:
    """Return the weekly classes by section, and the sections without a time."""
    found: dict[str, list[WeeklyClass]] = defaultdict(list)
    waiting: dict[str, int] = {}
    for row in _rows(TIMETABLE, text, TIMES, ("section", "teacher", "weekday"), mistakes):
        if row["section"] and _is_not_scheduled(row):
            waiting.setdefault(row["section"], row.line)
            continue
        try:
            weekly = weekly_class(row)
            _add(found[weekly.section], weekly)
        except RowUnusable as error:
            mistakes.append(Mistake(file=TIMETABLE, line=row.line, reason=error.reason))
        else:
            _note_name(names, weekly.teacher, teachers_name(row))
    for section, line in waiting.items():
        reason = Said(gettext_noop("section “%(section)s” has no time yet; this row is left out"), section=section)
        mistakes.append(Mistake(file=TIMETABLE, line=line, reason=reason))
    classes = {section: tuple(sorted(weeklies, key=_order)) for section, weeklies in found.items() if weeklies}
    return classes, waiting.keys() - classes.keys()


def _is_not_scheduled(row: Row) -> bool:
    when = [row["weekday"], row["start"], row["end"], row["time"]]
    return not any(when) or any(map(notation.is_not_yet, when))


def _add(weeklies: list[WeeklyClass], weekly: WeeklyClass) -> None:
    """Put a time to the others of its section; another day at the same time joins that. Raises RowUnusable for one twice."""
    for number, known in enumerate(weeklies):
        if replace(known, weekdays=(), course="", capacity=None) != replace(
            weekly, weekdays=(), course="", capacity=None
        ):
            continue
        if set(known.weekdays) & set(weekly.weekdays):
            reason = gettext_noop("section “%(section)s” stands in the file twice")
            raise RowUnusable(Said(reason, section=weekly.section))
        weeklies[number] = replace(known, weekdays=tuple(sorted({*known.weekdays, *weekly.weekdays})))
        return
    if weeklies:  # One section is one class: what it is called, and how many it holds, its first row says.
        weekly = replace(weekly, course=weeklies[0].course, capacity=weeklies[0].capacity)
    weeklies.append(weekly)


def _order(weekly: WeeklyClass) -> tuple[object, ...]:
    return (weekly.weekdays, weekly.start, weekly.end, weekly.teacher, sorted(weekly.weeks or ()))


def _at(name: str, line: int, reason: str) -> str:
    return _("%(file)s, line %(line)s: %(reason)s") % {"file": name, "line": line, "reason": reason}


def _note_name(names: dict[str, tuple[str, str]], email: str, name: tuple[str, str]) -> None:
    if any(name) and "@" not in "".join(name) and max(map(len, name)) <= LONGEST_NAME:
        names.setdefault(email, name)


def _read_names(people: str, names: dict[str, tuple[str, str]], mistakes: list[Mistake]) -> None:
    if not people.strip():
        return
    try:
        listed = read_people(people, most=MOST_LINES)
    except TableUnreadable as error:
        raise TimetableUnreadable(f"{PEOPLE_FILE}: {error}") from error
    mistakes += [Mistake(file=PEOPLE_FILE, line=row.line, reason=row.reason) for row in listed.bad]
    # What a file of people says of them goes before a column beside something else.
    names.update({one.email: (one.first_name, one.last_name) for one in listed.people if one.name})
