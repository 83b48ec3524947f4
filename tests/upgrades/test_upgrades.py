"""A school of every version that was released is brought up to this one, with all that it had, and works."""

import random
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from html import unescape
from pathlib import Path

import httpx
import pytest
from django.db import connection

from classbell.backup.restoring import read_backup
from classbell.demo.people import PASSWORD
from tests.databases import ROOT, drop, make_empty
from tests.simulator import Simulator
from tests.system import System
from tests.upgrades import FOLDER, unpacked

KEPT = sorted(FOLDER.glob("*.backup.gz"))
RELEASED = re.compile(r"^## (\d+\.\d+\.\d+), \d{4}-\d\d-\d\d$", re.MULTILINE)
# What is nobody's: jobs, sessions, rights, what was remembered for a while.
NOT_THE_SCHOOLS = re.compile(r"procrastinate_|django_|auth_|accounts_user_|meetings_(dailybudget|sendslot|zoomtoken)")
# Rows that a migration put into another table.
MOVED = {"halakat_waitingstudent": "groups_waitingstudent"}
# All that a database consists of, without the names of what Django names: they tell what a thing was called once.
SHAPE = (
    """
    SELECT table_name, column_name, data_type, is_nullable, column_default, generation_expression
    FROM information_schema.columns WHERE table_schema = 'public'
    """,
    """
    SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    """,
    """
    SELECT tablename, regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON') FROM pg_indexes WHERE schemaname = 'public'
    """,
    """
    SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    """,
    """
    SELECT proname, pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND prolang <> 12
    """,
    "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
)
PEOPLE = {
    "admin@classbell.example": ["/", "/people/", "/meetings/", "/zoom/", "/audit/", "/reports/"],
    "teacher@classbell.example": ["/", "/calendar/", "/meetings/"],
    "student@classbell.example": ["/", "/calendar/"],
}

pytestmark = pytest.mark.slow


@pytest.fixture(params=KEPT, ids=lambda path: path.name)
def taken(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A backup of a version's school."""
    return unpacked(request.param, tmp_path)


@pytest.fixture
def system(simulator: Simulator, tmp_path: Path) -> Iterator[System]:
    """This version, on an empty database."""
    name = f"upgraded_{random.randrange(16**8):08x}"
    system = System(make_empty(name), simulator, tmp_path)
    try:
        yield system
    finally:
        system.kill_all()
        drop(name)


def signed_in(system: System, email: str) -> httpx.Client:
    browser = httpx.Client(base_url=system.url, follow_redirects=True, timeout=60)
    page = browser.get("/accounts/login/")
    (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    form = {"login": email, "password": PASSWORD, "csrfmiddlewaretoken": unescape(token)}
    answer = browser.post(page.url, data=form, headers={"Referer": str(page.url)})
    assert "sessionid" in browser.cookies, answer.text
    return browser


def plain(row: Iterable[object]) -> tuple[str, ...]:
    """Return a row without brackets and casts, which a restored database writes in other places."""
    return tuple(re.sub(r"[()\[\]]|::(text|character varying)", "", str(value)) for value in row)


@pytest.mark.django_db
def test_a_database_that_was_brought_up_has_what_a_new_one_has(taken: Path, system: System) -> None:
    system.command("restore", str(taken))

    for statement in SHAPE:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            new = cursor.fetchall()
        assert set(map(plain, system.query(statement))) ^ set(map(plain, new)) == set(), statement


def test_school_of_an_older_version_goes_on_with_all_it_had(taken: Path, system: System) -> None:
    before = read_backup(taken, passphrase=None)

    done = system.command("restore", str(taken))

    assert "every table has as many rows as it had" in done.stderr
    assert "Nothing was deleted" in done.stderr or "Zoom has nothing beyond" in done.stderr
    assert system.command("restore", str(taken), check=False).returncode == 1  # not over what is there now
    tables = {name for (name,) in system.query("SELECT relname FROM pg_class WHERE relkind = 'r'")}
    kept = {name for name in before.counts if name in tables and not NOT_THE_SCHOOLS.match(name)} - MOVED.keys()
    assert {name: system.query(f'SELECT count(*) FROM "{name}"')[0][0] for name in kept} == {
        name: before.counts[name] for name in kept
    }
    for old, new in MOVED.items():
        assert system.query(f'SELECT count(*) FROM "{new}"')[0][0] == before.counts[old]
    system.start_web()
    system.wait_for_web()
    for email, paths in PEOPLE.items():
        with closing(signed_in(system, email)) as browser:
            assert {path: browser.get(path).status_code for path in paths} == dict.fromkeys(paths, 200), email


def test_every_release_has_a_school_to_upgrade_and_words_for_administrators() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    released = RELEASED.findall(changelog)

    assert {version for version in released if not (FOLDER / f"{version}.backup.gz").exists()} == set()
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    assert [section.splitlines()[0] for section in sections if "### For administrators" not in section] == []


def test_schools_are_small_enough_to_be_kept() -> None:
    assert {path.name: path.stat().st_size for path in KEPT if path.stat().st_size > 300_000} == {}
