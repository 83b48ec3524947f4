"""Reading a timetable: what is right is used, what is wrong is named with its line."""

from datetime import date, time
from pathlib import Path

import pytest

from classbell.courses.timetable import notation
from classbell.courses.timetable.files import (
    Mistake,
    TimetableUnreadable,
    parse_holidays,
    parse_timetable,
    read_holidays,
    read_timetable,
)
from classbell.courses.timetable.rows import WeeklyClass
from tests.tables.workbooks import workbook_of

HEADER = "section,course,teacher,weekday,start,end,capacity"
GOOD = "A-1,Álgebra Linear,T1@ist.example,mon,09:00,10:30,35"


def write(folder: Path, *rows: str, enrolments: str = "student,section\n") -> Path:
    (folder / "timetable.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    (folder / "enrolments.csv").write_text(enrolments, encoding="utf-8")
    return folder


def test_read_timetable_gives_typed_rows(tmp_path):
    timetable = read_timetable(write(tmp_path, GOOD, enrolments="student,section\nS1@ist.example,A-1\n"))

    assert timetable.classes == {
        "A-1": (
            WeeklyClass(
                section="A-1",
                course="Álgebra Linear",
                teacher="t1@ist.example",
                weekdays=(0,),
                start=time(9),
                end=time(10, 30),
                capacity=35,
            ),
        )
    }
    assert timetable.students == {"A-1": ["s1@ist.example"]}
    assert timetable.mistakes == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(GOOD.replace("mon", "lun"), "“lun” is no weekday; write one such as Monday", id="weekday"),
        pytest.param(GOOD.replace("09:00", "nine"), "“nine” is no time; write HH:MM", id="time"),
        pytest.param(GOOD.replace("T1@ist.example", "T1"), "“T1” is no e-mail address", id="teacher"),
        pytest.param(GOOD.replace("10:30", "09:00"), "it ends when it starts", id="no length"),
        pytest.param(GOOD.replace(",35", ",many"), "capacity “many” is no whole number", id="capacity"),
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
        Mistake(file="timetable.csv", line=3, reason="section “A-1” stands in the file twice")
    ]


def test_read_timetable_names_enrolments_without_a_class(tmp_path):
    timetable = read_timetable(write(tmp_path, GOOD, enrolments="student,section\ns1@ist.example,Z-9\n"))

    assert timetable.mistakes == [Mistake(file="enrolments.csv", line=2, reason="section “Z-9” is in no timetable row")]


def test_read_timetable_without_a_column_says_which(tmp_path):
    write(tmp_path, GOOD)
    (tmp_path / "timetable.csv").write_text("section,course\nA,B\n")

    with pytest.raises(TimetableUnreadable, match=r"none for teacher, weekday\. It reads: section, course"):
        read_timetable(tmp_path)


def test_read_timetable_without_a_file_says_which(tmp_path):
    with pytest.raises(TimetableUnreadable, match=r"timetable\.csv cannot be read"):
        read_timetable(tmp_path)


def test_class_past_midnight_has_its_length(tmp_path):
    timetable = read_timetable(write(tmp_path, GOOD.replace("09:00,10:30", "23:30,00:45")))

    assert timetable.classes["A-1"][0].duration_minutes == 75


def test_first_occurrence_lies_in_the_first_week_whatever_its_first_day(tmp_path):
    weekly = read_timetable(write(tmp_path, GOOD)).classes["A-1"][0]

    assert weekly.first_on_or_after(date(2026, 9, 14)).date() == date(2026, 9, 14)
    assert weekly.first_on_or_after(date(2026, 9, 15)).date() == date(2026, 9, 21)


def test_holidays_of_further_sheets_are_not_overlooked(tmp_path):
    path = tmp_path / "holidays.xlsx"
    path.write_bytes(workbook_of({"2026": ["date,name", "2026-10-05,Republic Day"], "2027": ["date,name"]}))

    with pytest.raises(TimetableUnreadable, match="“2026” was read, not: 2027"):
        read_holidays(path)


def test_timetable_says_which_sheets_were_not_read(tmp_path):
    folder = write(tmp_path, GOOD)
    lines = (folder / "timetable.csv").read_text().splitlines()
    (folder / "timetable.csv").write_bytes(workbook_of({"Autumn": lines, "Spring": lines}))

    found = read_timetable(folder)

    assert found.classes
    assert ["timetable.csv" in said and "Spring" in said for said in found.sheets] == [True]


def test_read_holidays_refuses_a_bad_date_and_names_its_line(tmp_path):
    path = tmp_path / "holidays.csv"
    path.write_text("date,name\n2026-10-05,Republic Day\n5 Oct,Again\n")

    with pytest.raises(TimetableUnreadable, match="line 3: “5 Oct” is no date; write YYYY-MM-DD"):
        read_holidays(path)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        *(("mon", (0,)), ("Monday", (0,)), ("MWF", (0, 2, 4)), ("TR", (1, 3)), ("TTh", (1, 3)), ("MoWe", (0, 2))),
        *(("Mon/Wed", (0, 2)), ("Tues, Thurs", (1, 3)), ("Mon-Fri", (0, 1, 2, 3, 4)), ("M-W-F", (0, 2, 4))),
        *(("Sun-Thu", (0, 1, 2, 3, 6)), ("Mon and Wed", (0, 2)), ("segunda-feira", (0,)), ("Terça e Quinta", (1, 3))),
        *(
            ("2ª/4ª", (0, 2)),
            ("sáb", (5,)),
            ("الأحد", (6,)),
            ("الاثنين والأربعاء", (0, 2)),
            ("الأحد، الثلاثاء", (1, 6)),
        ),
        *(("M-F", (0, 1, 2, 3, 4)), ("Su-Th", (0, 1, 2, 3, 6)), ("T-Th", (1, 3)), ("MonWedFri", (0, 2, 4))),
        *(("Mondays", (0,)), ("Weds", (2,)), ("2ª feira", (0,)), ("segunda a quinta", (0, 1, 2, 3))),
        *(("من الأحد إلى الخميس", (0, 1, 2, 3, 6)), ("يومي الأحد والثلاثاء", (1, 6)), ("2.ª feira", (0,))),
        *(
            ("Sunday through Thursday", (0, 1, 2, 3, 6)),
            ("Mon\u2011Wed", (0, 1, 2)),
            ("segunda à sexta", (0, 1, 2, 3, 4)),
        ),
        *(("lun", None), ("M,M", None), ("1", None), ("", None)),
    ],
)
def test_days_are_read_as_registrars_write_them(text, days):
    assert notation.weekdays_in(text) == days


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("9:00", time(9)), ("11:00AM", time(11)), ("12:15 a.m.", time(0, 15)), ("1:30 pm", time(13, 30))),
        *(("11h00", time(11)), ("9h", time(9)), ("09:00:00", time(9)), ("0930", time(9, 30)), ("٩:٣٠ م", time(21, 30))),
        *(("2:00p", time(14)), ("14:30h", time(14, 30)), ("9:00 صباحًا", time(9)), ("3 مساءً", time(15))),
        *(("12:30 ظهراً", time(12, 30)), ("11:30 ظهرا", time(11, 30)), ("5 عصرا", time(17)), ("9:30 hrs", time(9, 30))),
        *(("25:00", None), ("13:00 PM", None), ("9:60", None), ("nine", None), ("", None)),
    ],
)
def test_times_are_read_as_people_write_them(text, expected):
    assert notation.wall_time(text) == expected


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2:00-3:15 PM", time(14), time(15, 15)),
        ("11:30-12:45 PM", time(11, 30), time(12, 45)),
        ("11-1pm", time(11), time(13)),
        ("9-10:30am", time(9), time(10, 30)),
        ("2pm-3:15pm", time(14), time(15, 15)),
        ("14h30 às 16h", time(14, 30), time(16)),
        ("23:30-00:30", time(23, 30), time(0, 30)),
        ("من 9:00 إلى 10:00", time(9), time(10)),
        ("9:00\u221210:00", time(9), time(10)),
        ("9:00 até 10:00", time(9), time(10)),
        ("9:00 until 10:00", time(9), time(10)),
    ],
)
def test_start_is_in_the_half_of_the_day_that_its_end_names(text, start, end):
    assert notation.times_in(text) == (start, end)


@pytest.mark.parametrize(
    ("start", "end"), [("15:00", "14:00"), ("2:00", "3:15 PM")], ids=["the end first", "half of a day"]
)
def test_class_of_more_than_half_a_day_is_a_mistake_and_named(start, end):
    text = f"section,course,teacher,weekday,start,end\nA,Algebra,t@x.example,Mon,{start},{end}\n"

    read = parse_timetable(text, "student,section\n")

    assert read.classes == {}
    assert [(one.line, "longer than 12 hours" in one.reason) for one in read.mistakes] == [(2, True)]


def test_teacher_and_student_may_stand_there_with_their_names():
    text = "section,course,teacher,weekday,start,end\nA,Algebra,Jane Doe <T@x.example>,Mon,9:00,10:00\n"

    read = parse_timetable(text, "student,section\nBob <s@x.example>,A\n,A\n")

    assert (read.teachers, read.students) == ({"t@x.example"}, {"A": ["s@x.example"]})
    assert [one.reason for one in read.mistakes] == ["There is no e-mail address in it."]


@pytest.mark.parametrize("columns", ["teacher,email", "instructor,instructor email", "المعلم,بريد المعلم"])
def test_teachers_name_and_address_may_have_a_column_each(columns):
    text = f'section,{columns},day,start,end,seats\nA,"Doe, Jane",t@x.example,Mon,9:00,10:00,30.0\n'

    read = parse_timetable(text, "student,section\n")

    assert read.mistakes == []
    assert (read.teachers, dict(read.names)) == ({"t@x.example"}, {"t@x.example": ("Jane", "Doe")})
    assert read.classes["A"][0].capacity == 30


@pytest.mark.parametrize("day", ["2026-02-30", "0000-01-01", "0001-01-01", "1999-12-31", "10000-01-01"])
def test_day_that_nobody_means_is_no_holiday(day):
    with pytest.raises(TimetableUnreadable, match="is no date"):
        parse_holidays(f"date,name\n{day},X\n")


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("", None),
        ("odd", {1, 3, 5}),
        ("even weeks", {2, 4}),
        ("weeks 1-2", {1, 2}),
        ("الأسبوع ٣", {3}),
        ("pares", {2, 4}),
        ("1-3, 5", {1, 2, 3, 5}),
        ("Weeks 1 & 3", {1, 3}),
        ("1 to 3 and 5", {1, 2, 3, 5}),
        ("weeks: 1\u20143", {1, 2, 3}),
        ("٢", {2}),
    ],
)
def test_weeks_are_read(text, weeks):
    found = notation.weeks_in(text)

    assert (found and {week for week in found if week <= 5}) == weeks


@pytest.mark.parametrize("text", ["sometimes", "0", "1-99"])
def test_what_are_no_weeks_is_refused(text):
    with pytest.raises(ValueError, match=text):
        notation.weeks_in(text)


def test_timetable_is_read_whatever_its_columns_are_called_and_parted_by():
    timetable = parse_timetable(
        "\ufeffSection;Course Name;Instructor Email;Days;Start Time;End Time;Room\r\n"
        "A;Algebra;t1@ist.example;TTh;9:00 AM;10:15 AM;B1\r\n",
        "Email\tSection\ns1@ist.example\tA\n",
    )

    (weekly,) = timetable.classes["A"]
    assert (weekly.course, weekly.weekdays, weekly.start, weekly.end) == ("Algebra", (1, 3), time(9), time(10, 15))
    assert weekly.capacity is None
    assert timetable.students == {"A": ["s1@ist.example"]}


def test_section_on_several_days_is_one_weekly_class_and_other_times_are_further_ones(tmp_path):
    rows = [GOOD, GOOD.replace("mon", "wed"), GOOD.replace("mon", "Friday"), GOOD.replace("mon,09:00", "tue,08:00")]

    timetable = read_timetable(write(tmp_path, *rows))

    assert [(weekly.weekdays, weekly.start) for weekly in timetable.classes["A-1"]] == [
        ((0, 2, 4), time(9)),
        ((1,), time(8)),
    ]
    assert timetable.mistakes == []


@pytest.mark.parametrize(
    "row", ["A-1,Algebra,t1@ist.example,TBA,TBA,TBA,0", "A-1,Algebra,,,,,", "A-1,A,t@ist.example,mon,tbd,,"]
)
def test_section_without_a_time_is_told_and_not_taken_for_gone(tmp_path, row):
    timetable = read_timetable(write(tmp_path, row, enrolments="student,section\ns1@ist.example,A-1\n"))

    assert (timetable.classes, timetable.unscheduled) == ({}, frozenset({"A-1"}))
    assert timetable.mistakes == [
        Mistake(file="timetable.csv", line=2, reason="section “A-1” has no time yet; this row is left out")
    ]


def test_names_come_from_columns_and_before_that_from_a_file_of_people():
    timetable = parse_timetable(
        'section,teacher,teacher name,weekday,start,end\nA,t1@ist.example,"Sousa, Rui",mon,9:00,10:00\n',
        "student,first name,last name,section\ns1@ist.example,Ana,S.,A\ns2@ist.example,Bo,B,A\n",
        "email,name\ns1@ist.example,Ana Silva\n",
    )

    assert timetable.names == {
        "t1@ist.example": ("Rui", "Sousa"),
        "s1@ist.example": ("Ana", "Silva"),
        "s2@ist.example": ("Bo", "B"),
    }


def test_enrolments_that_no_longer_count_are_told():
    timetable = parse_timetable(
        f"{HEADER}\n{GOOD}\n",
        "student,section,role,status\na@ist.example,A-1,teacher,\nb@ist.example,A-1,student,deleted\nc@ist.example,A-1,student,active\n",
    )

    assert timetable.students == {"A-1": ["c@ist.example"]}
    assert [(one.line, one.reason) for one in timetable.mistakes] == [
        (2, "The list says “teacher”."),
        (3, "Its status is “deleted”."),
    ]


def test_malformed_row_of_a_timetable_loses_no_other(tmp_path):
    timetable = read_timetable(write(tmp_path, '"B-1,Botany' + GOOD[3:], GOOD))

    assert (list(timetable.classes), [one.line for one in timetable.mistakes]) == (["A-1"], [2])
