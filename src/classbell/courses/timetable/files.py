"""
Reading a university's timetable from tables: rows in, weekly classes and named mistakes out. No database.

A section that meets at one time on several days has one weekly class; where its days differ in time, teacher or weeks, each
time is a weekly class of its own, and all of them are one section with one list of students.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from classbell.accounts.models import Role
from classbell.accounts.people_lists import names_in, no_email, read_people, why_left_out
from classbell.addresses import email_key, is_email, lone_address
from classbell.courses.timetable import notation
from classbell.courses.timetable.columns import DAYS_OFF, PLACES, TIMES
from classbell.errors import DomainError
from classbell.names import LONGEST as LONGEST_NAME
from classbell.names import split_name
from classbell.reasons import Said
from classbell.tables.limits import LARGEST_FILE, TableUnreadable
from classbell.tables.reading import Names, Row, read_table
from classbell.tables.text import MOST_LINES, FileText, read_file
from classbell.years import is_sensible

TIMETABLE, ENROLMENTS, HOLIDAYS, PEOPLE_FILE = "timetable.csv", "enrolments.csv", "holidays.csv", "people.csv"
LONGEST_CODE: Final = 100
# Longer than any class: who writes one has mixed up morning and afternoon, or start and end.
LONGEST_HOURS: Final = 12


class TimetableUnreadable(DomainError):
    """A file is missing or is no timetable at all."""

    code = "timetable_unreadable"


class RowUnusable(Exception):
    """A line says something that cannot be; `reason` is what."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """A line that could not be used, and why; the other lines are used all the same."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WeeklyClass:
    """
    When a section meets at one time with one teacher. `weekdays` are sorted, 0 is Monday; `start` and `end` are wall times;
    capacity None is unlimited. `weeks` count from 1, None is all of the term; on `excluded` days it does not meet.
    """

    section: str
    course: str
    teacher: str
    weekdays: tuple[int, ...]
    start: time
    end: time
    capacity: int | None
    weeks: frozenset[int] | None = None
    excluded: frozenset[date] = frozenset()
    line: int = field(default=0, compare=False)

    @property
    def duration_minutes(self) -> int:
        """How long it lasts; a class may run past midnight."""
        minutes = (self.end.hour - self.start.hour) * 60 + self.end.minute - self.start.minute
        return minutes % (24 * 60)

    def first_on_or_after(self, day: date) -> datetime:
        """Return the naive wall time of its first session in the week that begins on `day`."""
        first = min(timedelta(days=(weekday - day.weekday()) % 7) for weekday in self.weekdays)
        return datetime.combine(day + first, self.start)


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
        written = _address_in(row, "student")
        section, student = row["section"], _email(written)
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
            weekly = _weekly_class(row)
            _add(found[weekly.section], weekly)
        except RowUnusable as error:
            mistakes.append(Mistake(file=TIMETABLE, line=row.line, reason=error.reason))
        else:
            _note_name(names, weekly.teacher, _teachers_name(row))
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


def _weekly_class(row: Row) -> WeeklyClass:
    written = _address_in(row, "teacher")
    teacher, weekdays, (start, end) = _email(written), notation.weekdays_in(row["weekday"]), _times(row)
    if not row["section"]:
        raise RowUnusable(Said(gettext_noop("the section has no name")))
    if len(row["section"]) > LONGEST_CODE:
        reason = gettext_noop("the section’s name has more than %(most)s characters")
        raise RowUnusable(Said(reason, most=LONGEST_CODE))
    if teacher is None:
        raise RowUnusable(no_email(written))
    if weekdays is None:
        reason = gettext_noop("“%(text)s” is no weekday; write one such as Monday, or several such as Mon/Wed or MWF")
        raise RowUnusable(Said(reason, text=row["weekday"]))
    weekly = WeeklyClass(
        section=row["section"],
        course=row["course"] or row["section"],
        teacher=teacher,
        weekdays=weekdays,
        start=start,
        end=end,
        capacity=_capacity(row["capacity"]),
        weeks=_weeks(row["weeks"]),
        excluded=_excluded(row["except"]),
        line=row.line,
    )
    if weekly.duration_minutes == 0:
        raise RowUnusable(Said(gettext_noop("it ends when it starts")))
    if weekly.duration_minutes > LONGEST_HOURS * 60:
        reason = gettext_noop(
            "from %(start)s to %(end)s is longer than %(most)s hours; write times as 14:00 or 2:00 PM"
        )
        raise RowUnusable(Said(reason, start=f"{start:%H:%M}", end=f"{end:%H:%M}", most=LONGEST_HOURS))
    return weekly


def _times(row: Row) -> tuple[time, time]:
    if row["time"] and not row["start"]:
        both = notation.times_in(row["time"])
        if both is None:
            raise RowUnusable(Said(gettext_noop("“%(text)s” is no time; write 09:00-10:30"), text=row["time"]))
        return both
    start, end = notation.wall_time(row["start"]), notation.wall_time(row["end"])
    if start is None or end is None:
        text = row["start"] if start is None else row["end"]
        raise RowUnusable(Said(gettext_noop("“%(text)s” is no time; write HH:MM"), text=text))
    return start, end


def _weeks(text: str) -> frozenset[int] | None:
    try:
        return notation.weeks_in(text)
    except ValueError:
        reason = gettext_noop("“%(text)s” are no weeks; write odd, even, or 1-7, 9")
        raise RowUnusable(Said(reason, text=text)) from None


def _excluded(text: str) -> frozenset[date]:
    try:
        return notation.dates_in(text)
    except ValueError:
        raise RowUnusable(Said(gettext_noop("“%(text)s” is no date; write YYYY-MM-DD."), text=text)) from None


def _capacity(text: str) -> int | None:
    if not text:
        return None
    text = re.sub(r"\.0+$", "", text)  # as programs write whole numbers that they count in fractions
    if not text.isdecimal() or int(text) > 1_000_000:
        reason = gettext_noop("capacity “%(text)s” is no whole number; write 0 when there is no limit")
        raise RowUnusable(Said(reason, text=text))
    return int(text) or None


def _address_in(row: Row, field: str) -> str:
    """Return what stands in a field that may have a column for addresses beside one for names: the address, if any."""
    cells = _cells_in(row, field)
    return next((cell for cell in cells if "@" in cell), "") or next(iter(cells), "")


def _teachers_name(row: Row) -> tuple[str, str]:
    found = names_in(row, name="teacher_name")
    return (
        found if any(found) else split_name(next((cell for cell in _cells_in(row, "teacher") if "@" not in cell), ""))
    )


def _cells_in(row: Row, field: str) -> list[str]:
    return [cell for at in row.columns[field] if at < len(row.cells) and (cell := row.cells[at].strip())]


def _email(text: str) -> str | None:
    _name, address = lone_address(text)
    return email_key(address) if is_email(address) else None


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
