"""The guide for one machine with the database inside, played as it stands, with the other page's steps between."""

import json
import re
from collections.abc import Iterator
from typing import Final

import httpx
import pytest

from tests.install.installation import ADMIN_STEP, PAGE, Installation
from tests.install.machine import ROOT, fresh_machine, missing_here
from tests.install.page import blocks_with, replaceable, steps_of

INSTEAD: Final = ROOT / "docs/install/one-machine.md"
BACKUP_STEP: Final = "13. A copy of everything"
LAPTOP_STEP: Final = "Without any of this"
# These are the same on both pages, and played with the other.
PLAYED_THERE: Final = {"7. A certificate", "8. nginx", "10. Zoom", "11. Mail", "12. From then on"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing_here()), reason=missing_here()),
    pytest.mark.xdist_group("installation"),
]


@pytest.fixture(scope="module")
def alone() -> Iterator[Installation]:
    """What the blocks of both pages make."""
    with fresh_machine(replaceable(PAGE), with_postgresql=False) as machine:
        played = Installation(machine)
        for block in blocks_with(PAGE, INSTEAD):
            if block.step not in PLAYED_THERE:
                played.play(block)
        yield played


def test_steps_stand_in_the_place_of_others() -> None:
    assert set(steps_of(INSTEAD)) - set(steps_of(PAGE)) == {BACKUP_STEP, LAPTOP_STEP}
    assert not any("createdb" in block.text for block in blocks_with(PAGE, INSTEAD))


def test_first_admin_is_invited_and_both_processes_answer(alone: Installation) -> None:
    (link,) = re.findall(r"https://\S+/people/welcome/\S+", alone.said[ADMIN_STEP])
    path = link.removeprefix(alone.machine.url)
    pages = [
        httpx.get(
            f"http://127.0.0.1:{alone.machine.ports[port]}{path}", headers={"X-Forwarded-Proto": "https"}, timeout=30
        )
        for port in ("8001", "8002")
    ]

    assert [page.status_code for page in pages] == [200, 200]
    assert all("head@school.example" in page.text for page in pages)


def test_doctor_finds_database_workers_and_admin(alone: Installation) -> None:
    findings = json.loads(alone.classbell("doctor", "--json").stdout)
    said = {finding["subject"]: finding for finding in findings}

    assert said["Database"]["verdict"] == said["Workers"]["verdict"] == "ok"
    assert "2 at work" in said["Workers"]["text"]
    assert said.keys().isdisjoint({"Admins", "Settings file", "Secret file", "CLASSBELL_SECRET_KEY"})


def test_backup_is_whole(alone: Installation) -> None:
    (file,) = (alone.machine.folder / "var/lib/classbell/backups").iterdir()
    checked = alone.classbell("restore", str(file), "--check")

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert file.stat().st_mode & 0o777 == 0o600
