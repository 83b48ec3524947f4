"""Reading a university's timetable from CSV files: rows in, typed rows and named mistakes out. No database."""

import csv
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path

from classbell.errors import DomainError

TIMETABLE, ENROLMENTS, HOLIDAYS = "timetable.csv", "enrolments.csv", "holidays.csv"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIMETABLE_COLUMNS = ("section", "course", "teacher", "weekday", "start", "end", "capacity")
ENROLMENT_COLUMNS = ("student", "section")


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
class WeeklyClass:
    """One row of timetable.csv. `weekday` is 0 for Monday; `start` and `end` are wall times; capacity None is unlimited."""

    section: str
    course: str
    teacher: str
    weekday: int
    start: time
    end: time
    capacity: int | None

    @property
    def duration_minutes(self) -> int:
        """How long it lasts; a class may run past midnight."""
        minutes = (self.end.hour - self.start.hour) * 60 + self.end.minute - self.start.minute
        return minutes % (24 * 60)

    def first_on_or_after(self, day: date) -> datetime:
        """Return the naive wall time of its first sitting in the week that begins on `day`."""
        return datetime.combine(day + timedelta(days=(self.weekday - day.weekday()) % 7), self.start)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timetable:
    """Everything the files say: classes by section, each section's students (lower-case e-mails), mistakes."""

    classes: dict[str, WeeklyClass]
    students: dict[str, list[str]]
    mistakes: list[Mistake]

    @property
    def teachers(self) -> set[str]:
        """The e-mails of all teachers."""
        return {weekly.teacher for weekly in self.classes.values()}

    @property
    def people(self) -> set[str]:
        """The e-mails of all students."""
        return {student for students in self.students.values() for student in students}


def read_timetable(folder: Path) -> Timetable:
    """
    Read `timetable.csv` and `enrolments.csv` (UTF-8, with header) from a folder.

    Raises TimetableUnreadable when a file or a column is missing.
    """
    return parse_timetable(_text_of(folder / TIMETABLE), _text_of(folder / ENROLMENTS))


def read_holidays(path: Path) -> dict[date, str]:
    """
    Read days without classes: CSV with the columns `date` (YYYY-MM-DD) and `name`.

    Raises TimetableUnreadable, naming the line, because a holiday overlooked is a class on a closed day.
    """
    return parse_holidays(_text_of(path), name=path.name)


def parse_timetable(timetable: str, enrolments: str) -> Timetable:
    """
    Return what the two files say.

    Raises TimetableUnreadable when a column is missing.
    """
    mistakes: list[Mistake] = []
    classes: dict[str, WeeklyClass] = {}
    for line, row in _rows(TIMETABLE, timetable, TIMETABLE_COLUMNS):
        try:
            weekly = _weekly_class(row, known=classes)
        except ValueError as error:
            mistakes.append(Mistake(file=TIMETABLE, line=line, reason=str(error)))
        else:
            classes[weekly.section] = weekly
    students: dict[str, list[str]] = {section: [] for section in classes}
    for line, row in _rows(ENROLMENTS, enrolments, ENROLMENT_COLUMNS):
        section, student = row["section"].strip(), _email(row["student"])
        if section not in students:
            mistakes.append(Mistake(file=ENROLMENTS, line=line, reason=f"section {section!r} is in no timetable row"))
        elif student is None:
            mistakes.append(Mistake(file=ENROLMENTS, line=line, reason=f"{row['student']!r} is no e-mail address"))
        else:
            students[section].append(student)
    return Timetable(classes=classes, students=students, mistakes=mistakes)


def parse_holidays(text: str, *, name: str = HOLIDAYS) -> dict[date, str]:
    """
    Return the days without classes and their names.

    Raises TimetableUnreadable, naming the line of the file `name`.
    """
    holidays: dict[date, str] = {}
    for line, row in _rows(name, text, ("date", "name")):
        try:
            holidays[date.fromisoformat(row["date"].strip())] = row["name"].strip()
        except ValueError as error:
            raise TimetableUnreadable(f"{name}, line {line}: {row['date']!r} is no date; write YYYY-MM-DD.") from error
    return holidays


def _text_of(path: Path) -> str:
    try:
        return decoded(path.read_bytes(), name=path.name)
    except OSError as error:
        raise TimetableUnreadable(f"{path} cannot be read ({error.strerror}).") from error


def decoded(raw: bytes, *, name: str) -> str:
    """Return a file's text. Raises TimetableUnreadable when it is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TimetableUnreadable(f"{name} is not CSV in UTF-8: {error}") from error


def _rows(name: str, text: str, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, row) with every named column present."""
    reader = csv.DictReader(StringIO(text, newline=""), restval="")
    missing = set(columns) - set(reader.fieldnames or ())
    if missing:
        raise TimetableUnreadable(f"{name} has no column {', '.join(sorted(missing))}; it needs {', '.join(columns)}.")
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise TimetableUnreadable(f"{name} is not CSV in UTF-8: {error}") from error


def _weekly_class(row: dict[str, str], *, known: Container[str]) -> WeeklyClass:
    section, weekday = row["section"].strip(), row["weekday"].strip().lower()
    teacher = _email(row["teacher"])
    if not section:
        raise ValueError("the section has no name")
    if section in known:
        raise ValueError(f"section {section!r} stands in the file twice")
    if teacher is None:
        raise ValueError(f"{row['teacher']!r} is no e-mail address")
    if weekday not in WEEKDAYS:
        raise ValueError(f"{row['weekday']!r} is no weekday; write one of {', '.join(WEEKDAYS)}")
    weekly = WeeklyClass(
        section=section,
        course=row["course"].strip() or section,
        teacher=teacher,
        weekday=WEEKDAYS.index(weekday),
        start=_wall_time(row["start"]),
        end=_wall_time(row["end"]),
        capacity=_capacity(row["capacity"]),
    )
    if weekly.duration_minutes == 0:
        raise ValueError("it ends when it starts")
    return weekly


def _email(text: str) -> str | None:
    name, at, domain = text.strip().lower().partition("@")
    return f"{name}@{domain}" if name and at and "." in domain and " " not in text.strip() else None


def _wall_time(text: str) -> time:
    try:
        return datetime.strptime(text.strip(), "%H:%M").time()  # noqa: DTZ007 -- a wall time has no zone yet
    except ValueError:
        raise ValueError(f"{text!r} is no time; write HH:MM") from None


def _capacity(text: str) -> int | None:
    if not text.strip().isdecimal():
        raise ValueError(f"capacity {text!r} is no whole number; write 0 when there is no limit")
    return int(text) or None
