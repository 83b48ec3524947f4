"""Reading a timetable: what is right is used, what is wrong is named with its line."""

from datetime import date, time
from pathlib import Path

import pytest

from classbell.courses.timetable.files import Mistake, TimetableUnreadable, WeeklyClass, read_holidays, read_timetable

HEADER = "section,course,teacher,weekday,start,end,capacity"
GOOD = "A-1,Álgebra Linear,T1@ist.example,mon,09:00,10:30,35"


def write(folder: Path, *rows: str, enrolments: str = "student,section\n") -> Path:
    (folder / "timetable.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    (folder / "enrolments.csv").write_text(enrolments, encoding="utf-8")
    return folder


def test_read_timetable_gives_typed_rows(tmp_path):
    timetable = read_timetable(write(tmp_path, GOOD, enrolments="student,section\nS1@ist.example,A-1\n"))

    assert timetable.classes == {
        "A-1": WeeklyClass(
            section="A-1",
            course="Álgebra Linear",
            teacher="t1@ist.example",
            weekday=0,
            start=time(9),
            end=time(10, 30),
            capacity=35,
        )
    }
    assert timetable.students == {"A-1": ["s1@ist.example"]}
    assert timetable.mistakes == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(GOOD.replace("mon", "lun"), "'lun' is no weekday; write one of", id="weekday"),
        pytest.param(GOOD.replace("09:00", "9h"), "'9h' is no time; write HH:MM", id="time"),
        pytest.param(GOOD.replace("T1@ist.example", "T1"), "'T1' is no e-mail address", id="teacher"),
        pytest.param(GOOD.replace("10:30", "09:00"), "it ends when it starts", id="no length"),
        pytest.param(GOOD.replace(",35", ",many"), "capacity 'many' is no whole number", id="capacity"),
        pytest.param(GOOD.replace("A-1", ""), "the section has no name", id="section"),
    ],
)
def test_read_timetable_names_a_bad_row_and_keeps_the_others(tmp_path, row, reason):
    timetable = read_timetable(write(tmp_path, row, GOOD.replace("A-1", "B-1")))

    assert list(timetable.classes) == ["B-1"]
    (mistake,) = timetable.mistakes
    assert (mistake.file, mistake.line) == ("timetable.csv", 2)
    assert mistake.reason.startswith(reason)


def test_read_timetable_names_a_section_that_comes_twice(tmp_path):
    timetable = read_timetable(write(tmp_path, GOOD, GOOD))

    assert timetable.mistakes == [
        Mistake(file="timetable.csv", line=3, reason="section 'A-1' stands in the file twice")
    ]


def test_read_timetable_names_enrolments_without_a_class(tmp_path):
    timetable = read_timetable(write(tmp_path, GOOD, enrolments="student,section\ns1@ist.example,Z-9\n"))

    assert timetable.mistakes == [Mistake(file="enrolments.csv", line=2, reason="section 'Z-9' is in no timetable row")]


def test_read_timetable_without_a_column_says_which(tmp_path):
    write(tmp_path, GOOD)
    (tmp_path / "timetable.csv").write_text("section,course\nA,B\n")

    with pytest.raises(TimetableUnreadable, match="no column capacity, end, start, teacher, weekday"):
        read_timetable(tmp_path)


def test_read_timetable_without_a_file_says_which(tmp_path):
    with pytest.raises(TimetableUnreadable, match=r"timetable\.csv cannot be read"):
        read_timetable(tmp_path)


def test_class_past_midnight_has_its_length(tmp_path):
    timetable = read_timetable(write(tmp_path, GOOD.replace("09:00,10:30", "23:30,00:45")))

    assert timetable.classes["A-1"].duration_minutes == 75


def test_first_sitting_lies_in_the_first_week_whatever_its_first_day(tmp_path):
    weekly = read_timetable(write(tmp_path, GOOD)).classes["A-1"]

    assert weekly.first_on_or_after(date(2026, 9, 14)).date() == date(2026, 9, 14)
    assert weekly.first_on_or_after(date(2026, 9, 15)).date() == date(2026, 9, 21)


def test_read_holidays_refuses_a_bad_date_and_names_its_line(tmp_path):
    path = tmp_path / "holidays.csv"
    path.write_text("date,name\n2026-10-05,Republic Day\n5 Oct,Again\n")

    with pytest.raises(TimetableUnreadable, match="line 3: '5 Oct' is no date; write YYYY-MM-DD"):
        read_holidays(path)
