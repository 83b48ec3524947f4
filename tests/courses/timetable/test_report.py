"""What the timetable commands print, and how they end."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from classbell.courses.timetable.report import print_host_plan, run_import
from classbell.meetings.hosts import pool
from classbell.meetings.models import Meeting, ZoomAccount, ZoomHost

pytestmark = pytest.mark.django_db

HEADER = "section,course,teacher,weekday,start,end,capacity"


@pytest.fixture
def licence() -> ZoomHost:
    """One licensed host with one seat."""
    account = ZoomAccount.objects.create(account_id="sim-account")
    host = ZoomHost.objects.create(account=account, zoom_user_id="one", email="one@x.example")
    pool.set_seats(host, 1)
    return host


def write(folder: Path, *rows: str) -> Path:
    (folder / "timetable.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    (folder / "enrolments.csv").write_text("student,section\ns1@ist.example,A\n", encoding="utf-8")
    return folder


def run(folder: Path, **options) -> int:
    monday = timezone.now().date() + timedelta(days=7 - timezone.now().weekday())
    values: dict[str, Any] = {
        "starts_on": monday,
        "weeks": 4,
        "timezone": "Europe/Lisbon",
        "holidays": None,
        "gap_minutes": 0,
        "prune": False,
        "dry_run": False,
    }
    return run_import(folder, **values | options)


def test_import_prints_a_summary_and_ends_well(licence, tmp_path, capsys):
    status = run(write(tmp_path, "A,Álgebra,t1@ist.example,mon,09:00,10:00,0"))

    out = capsys.readouterr().out
    assert status == 0
    assert [line.split() for line in out.splitlines()[:4]] == [
        ["people", "created", "2"],
        ["members", "added", "1"],
        ["members", "removed", "0"],
        ["sections", "created", "1"],
    ]


def test_import_ends_with_1_and_names_what_could_not_come_in(licence, tmp_path, capsys):
    folder = write(
        tmp_path,
        "A,Algebra,t1@ist.example,mon,09:00,10:00,0",
        "B,Algebra,t1@ist.example,mon,09:30,10:30,0",
        "C,Algebra,t2@ist.example,mon,09:30,10:30,0",
        "D,Algebra,nobody,mon,09:30,10:30,0",
    )

    status = run(folder)

    out = capsys.readouterr().out
    assert status == 1
    assert "B: Mon" in out
    assert "Without a Zoom host" in out
    assert "timetable.csv, line 5: “nobody” is no e-mail address" in out


def test_dry_run_says_so_and_changes_nothing(licence, tmp_path, capsys):
    status = run(write(tmp_path, "A,Algebra,t1@ist.example,mon,09:00,10:00,0"), dry_run=True)

    assert status == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert not Meeting.objects.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"timezone": "Lisbon"}, "'Lisbon' is no IANA timezone", id="timezone"),
        pytest.param({"holidays": Path("/nowhere.csv")}, "/nowhere.csv cannot be read", id="holidays"),
        pytest.param({"weeks": 1001}, "cannot be used as a recurrence rule", id="too long"),
    ],
)
def test_what_cannot_be_imported_at_all_is_said_and_ends_with_2(licence, tmp_path, capsys, options, message):
    status = run(write(tmp_path, "A,Algebra,t1@ist.example,mon,09:00,10:00,0"), **options)

    assert status == 2
    assert message in capsys.readouterr().err.replace("\n", " ")
    assert not Meeting.objects.exists()


def test_host_plan_says_how_many_licences_and_when_the_peak_is(licence, tmp_path, capsys):
    folder = write(
        tmp_path,
        "A,Algebra,t1@ist.example,mon,09:00,11:00,0",
        "B,Algebra,t2@ist.example,mon,10:00,12:00,0",
    )
    run(folder)
    capsys.readouterr()

    print_host_plan(None, None)

    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    said = {" ".join(word for word in line if not word[0].isdigit())[:21]: line for line in lines}
    assert ["Licences", "needed", "2", "(lower", "bound", "2)"] in lines
    assert ["Licences", "in", "use", "1", "of", "1"] in lines
    assert any("10:00–11:00" in " ".join(line) for line in said.values())
    assert any(line[0] == "one@x.example" for line in lines)


def test_host_plan_without_meetings_says_what_to_do(capsys):
    print_host_plan(date(2020, 1, 1), date(2020, 2, 1))

    assert "There are no meetings in that time" in capsys.readouterr().out
