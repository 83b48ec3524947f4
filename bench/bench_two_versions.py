"""
The version before and this one on one database, as while an upgrade is brought in: they make, change and cancel by turns.

The version before is the commit before the last one that touched migrations, or the one that OLD names. Needs git's history.
"""

import os
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.bookings.school import School, fill
from tests.databases import ROOT
from tests.simulator import STUCK_SECONDS, Simulator, wait_until
from tests.system import System, difference, fresh_system
from tests.upgrades.make import sources_of

MIGRATIONS = "src/classbell/*/migrations/*.py"


def main() -> None:
    """Fail where one version does not go on from what the other did; print what was tried."""
    old = os.environ.get("OLD") or _git("rev-parse", _git("log", "-1", "--format=%H", "--", MIGRATIONS) + "^")
    print(f"the version before: {_git('log', '-1', '--format=%h of %as, %s', old)}", flush=True)
    with (
        tempfile.TemporaryDirectory() as name,
        Simulator(plan="business", hosts=25) as simulator,
        fresh_system(simulator, Path(name)) as new,
    ):
        school = fill(new, students=1)
        before = System(new.database_url, simulator, Path(name))
        before.environment |= {"PYTHONPATH": str(sources_of(old, Path(name)))}
        try:
            for system in (before, new):
                system.start_web()
                system.start_worker(concurrency=4)
                system.wait_for_web()
            _tell_the_story(before, new, school.teacher_token, simulator)
            _tell_of_absences(before, new, school)
        finally:
            before.kill_all()


def _tell_the_story(before: System, new: System, token: str, simulator: Simulator) -> None:
    by_turns = [("before", before), ("this", new)]
    clients = {name: system.client(token) for name, system in by_turns}
    for day, (first, second) in enumerate((("before", "this"), ("this", "before"))):
        meeting = _made(clients[first], f"Made by {first}", in_days=3 + day)
        _settled(new)
        title = f"Made by {first}, changed by {second}"
        _ok(clients[second].patch(f"/zoom/meetings/{meeting}", json={"title": title}))
        _settled(new)
        assert _ok(clients[first].get(f"/zoom/meetings/{meeting}"))["meeting"]["title"] == title
        assert not (left := difference(new, simulator)), left
        print(f"made by {first}, changed by {second}, read by {first}: at Zoom as it should be", flush=True)
        _ok(clients[second].delete(f"/zoom/meetings/{meeting}"))
        _settled(new)
        assert not (left := difference(new, simulator)), left
        print(f"cancelled by {second}: gone at Zoom", flush=True)


def _tell_of_absences(before: System, new: System, school: School) -> None:
    by_turns = [("before", before), ("this", new)]
    students = {name: system.client(school.student_tokens[0]) for name, system in by_turns}
    teachers = {name: system.client(school.teacher_token) for name, system in by_turns}
    for day, (first, second) in enumerate((("before", "this"), ("this", "before"))):
        starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=8 + day)
        asked = {"teacher_id": school.teacher_id, "start_time": starts.isoformat(), "duration": 60}
        booking = _ok(students[first].post("/bookings/bookings/", json=asked))["id"]
        _ok(teachers[second].post(f"/bookings/bookings/{booking}/confirm/"))
        away = {"from": starts.isoformat(), "until": (starts + timedelta(hours=1)).isoformat(), "reason": "Ill."}
        excuse = _ok(students[first].post("/excuses", json=away))["excuse"]
        assert len(excuse["occurrences"]) == 1, excuse
        _ok(teachers[second].post(f"/excuses/{excuse['id']}/decide", json={"accepted": True}))
        for client in (*students.values(), *teachers.values()):
            (shown,) = [one for one in _ok(client.get("/excuses"))["excuses"] if one["id"] == excuse["id"]]
            assert (shown["status"], shown["occurrences"]) == ("accepted", excuse["occurrences"]), shown
        print(f"absence told by {first}, accepted by {second}: both show the same", flush=True)


def _made(client: httpx.Client, title: str, *, in_days: int) -> str:
    starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=in_days)
    answer = client.post("/zoom/meetings", json={"title": title, "startTime": starts.isoformat(), "duration": 45})
    return str(_ok(answer)["meeting"]["id"])


def _settled(system: System) -> None:
    wait_until(lambda: system.unfinished() == 0, seconds=STUCK_SECONDS, what="every meeting at Zoom")


def _ok(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    body: dict[str, Any] = answer.json()
    return body


def _git(*arguments: str) -> str:
    git = shutil.which("git") or "git"
    return subprocess.run([git, *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
