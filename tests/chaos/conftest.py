"""The timetable that chaos is done to."""

import csv
import os
from pathlib import Path

import pytest

SECTIONS = int(os.environ.get("CHAOS_SECTIONS", "40"))
TERM = Path(__file__).resolve().parents[2] / "src" / "classbell" / "demo" / "term"


@pytest.fixture
def part_of_the_term(tmp_path: Path) -> Path:
    """The first sections of the real term, with their students."""
    folder = tmp_path / "term"
    folder.mkdir()
    with (TERM / "timetable.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[: SECTIONS + 1]
    _write(folder / "timetable.csv", rows)
    wanted = {row[0] for row in rows}
    with (TERM / "enrolments.csv").open(encoding="utf-8", newline="") as file:
        enrolments = [row for row in csv.reader(file) if row[1] in wanted]
    _write(folder / "enrolments.csv", enrolments)
    return folder


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
