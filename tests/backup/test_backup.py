"""A backup is of one moment, is whole or is not there, and becomes the same database again."""

import io
import re
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, LiteralString, cast

import psycopg
import pytest

from classbell.backup import programs, taking
from classbell.backup.archive import dump_of, write_archive
from classbell.backup.commands import passphrase_in
from classbell.backup.errors import BackupError, Damaged, Locked
from classbell.backup.manifest import Manifest
from classbell.backup.programs import program_for
from classbell.backup.restoring import read_backup, refuse_unsuitable, restore
from classbell.backup.session import TABLES, row_counts
from classbell.backup.taking import take, take_into
from tests.secret_keys import secret_keys

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
PASSPHRASE = b"three words and more"
# What anybody would notice: the people, the timetable, who was there.
FINGERPRINT = """
SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM (
    SELECT id::text, email FROM accounts_user UNION ALL SELECT id::text, starts_at::text FROM meetings_occurrence
    UNION ALL SELECT id::text, computed_status FROM meetings_attendance) AS t
"""
Empty = Callable[[], str]


def restored(source: Path, address: str, *, passphrase: bytes | None = None, replace: bool = False) -> Manifest:
    manifest = read_backup(source, passphrase=passphrase)
    restore(source, manifest, address=address, passphrase=passphrase, replace=replace)
    return manifest


def ask(address: str, query: LiteralString) -> list[tuple[Any, ...]]:
    with psycopg.connect(address, autocommit=True) as session:
        return session.execute(query).fetchall()


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE], ids=["plain", "encrypted"])
def test_restored_database_is_the_one_that_was_backed_up(
    school: str, empty: Empty, tmp_path: Path, passphrase: bytes | None
) -> None:
    target, other = tmp_path / "school.backup", empty()

    taken = take_into(target, address=school, passphrase=passphrase, now=NOW)
    read = restored(target, other, passphrase=passphrase)

    assert read == taken
    assert taken.taken_at == NOW
    assert ask(other, FINGERPRINT) == ask(school, FINGERPRINT)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_backup_is_of_one_moment_whatever_is_written_meanwhile(school: str, empty: Empty, tmp_path: Path) -> None:
    source, target, other = empty(), tmp_path / "b", empty()
    take_into(tmp_path / "first", address=school, passphrase=None, now=NOW)
    restored(tmp_path / "first", source)

    class BesideAWriter(io.BytesIO):
        """Somebody signs in just when the rows have been counted and the first of them is written down."""

        signed_in = False

        def write(self, data: Any) -> int:
            if not self.signed_in:
                self.signed_in = True
                ask(source, "INSERT INTO django_session VALUES ('meanwhile', '', now()) RETURNING 1")
            return super().write(data)

    out = BesideAWriter()
    manifest = take(cast("IO[bytes]", out), address=source, passphrase=None, now=NOW)
    target.write_bytes(out.getvalue())
    restored(target, other)

    assert ask(source, "SELECT count(*) FROM django_session") == [(manifest.counts["django_session"] + 1,)]
    assert ask(other, "SELECT count(*) FROM django_session") == [(manifest.counts["django_session"],)]


def test_no_password_and_no_key_stands_in_a_backup(kept: Path) -> None:
    manifest = read_backup(kept, passphrase=None)

    assert "for-tests-only" not in manifest.model_dump_json()
    assert re.fullmatch("[0-9a-f]{8}", manifest.secret_key_id)


def test_file_that_is_there_is_not_written_over(school: str, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("yesterday's")

    with pytest.raises(BackupError, match="exists already"):
        take_into(tmp_path / "b", address=school, passphrase=None, now=NOW)

    assert (tmp_path / "b").read_text() == "yesterday's"


def test_backup_that_fails_half_way_leaves_no_file(
    school: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "pg_dump"
    broken.write_text("#!/bin/sh\necho PGDMP\necho 'the disk is gone' >&2\nexit 1\n")
    broken.chmod(0o700)
    monkeypatch.setattr(taking, "program_for", lambda name, at_least: (broken, at_least))

    with pytest.raises(BackupError, match="pg_dump could not go on: the disk is gone"):
        take_into(tmp_path / "b", address=school, passphrase=None, now=NOW)

    assert list(tmp_path.iterdir()) == [broken]


def test_database_without_tables_is_no_school(empty: Empty, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="DATABASE_URL"):
        take_into(tmp_path / "b", address=empty(), passphrase=None, now=NOW)


def test_database_that_is_not_empty_is_left_alone_unless_somebody_says_so(kept: Path, empty: Empty) -> None:
    address = empty()
    with psycopg.connect(address) as session:
        session.execute("CREATE TABLE precious AS SELECT 7 AS id")

    with pytest.raises(BackupError, match=r"not empty.*--replace"):
        restored(kept, address)
    assert ask(address, "SELECT id FROM precious") == [(7,)]

    restored(kept, address, replace=True)
    assert ask(address, "SELECT to_regclass('precious')") == [(None,)]


def test_nothing_is_restored_beside_running_processes(kept: Path, empty: Empty) -> None:
    address = empty()

    with psycopg.connect(address), pytest.raises(BackupError, match=r"1 other sessions.*Stop every"):
        restored(kept, address)


def test_restore_that_fails_half_way_leaves_the_database_empty(kept: Path, empty: Empty, tmp_path: Path) -> None:
    address, manifest = empty(), read_backup(kept, passphrase=None)
    with kept.open("rb") as source:
        dump = b"".join(dump_of(source))
    half = tmp_path / "half"
    with half.open("wb") as out:
        write_archive(out, manifest, [dump[: len(dump) // 2]])

    with pytest.raises(BackupError, match="could not go on, and the database is empty"):
        restored(half, address)

    assert ask(address, TABLES) == []


def test_fewer_rows_than_were_backed_up_are_told(kept: Path, empty: Empty) -> None:
    manifest = read_backup(kept, passphrase=None)
    more = manifest.model_copy(update={"counts": {**manifest.counts, "accounts_user": 10**6}})

    with pytest.raises(BackupError, match=r"accounts_user .* instead of 1000000"):
        restore(kept, more, address=empty(), passphrase=None, replace=False)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda data: data[:300_000], "not a whole one", id="cut off"),
        pytest.param(lambda data: data[:300_000] + b"!" + data[300_001:], "was changed", id="one byte is another"),
        pytest.param(
            lambda data: data.replace(b'"version": "0.1.0"', b'"version": "9.9.9"'), "was changed", id="other words"
        ),
        pytest.param(lambda data: b"", "not a backup", id="empty"),
        pytest.param(lambda data: b"PGDMP" * 1000, "not a backup", id="something else"),
    ],
)
def test_damage_is_noticed_before_anything_is_touched(
    kept: Path, tmp_path: Path, change: Callable[[bytes], bytes], says: str
) -> None:
    damaged = tmp_path / "damaged"
    damaged.write_bytes(change(kept.read_bytes()))

    with pytest.raises(Damaged, match=says):
        read_backup(damaged, passphrase=None)


def test_backup_that_never_ended_is_not_one(kept: Path, tmp_path: Path) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"PGDMP"
        raise BackupError("the connection broke")

    unfinished = tmp_path / "unfinished"
    with unfinished.open("wb") as out, pytest.raises(BackupError, match="broke"):
        write_archive(out, read_backup(kept, passphrase=None), breaks_off())

    with pytest.raises(Damaged):
        read_backup(unfinished, passphrase=None)


def test_encrypted_backup_asks_for_its_passphrase(school: str, tmp_path: Path) -> None:
    target = tmp_path / "b"
    take_into(target, address=school, passphrase=PASSPHRASE, now=NOW)

    with pytest.raises(Locked, match="--passphrase-file"):
        read_backup(target, passphrase=None)
    with pytest.raises(Locked, match="another passphrase"):
        read_backup(target, passphrase=b"another passphrase")


def test_passphrase_is_the_first_line_and_long_enough(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("three words and more\nand a note\n")
    assert passphrase_in(file) == PASSPHRASE
    assert passphrase_in(None) is None

    file.write_text("short\n")
    with pytest.raises(BackupError, match="12 characters"):
        passphrase_in(file)
    with pytest.raises(BackupError, match="cannot be read"):
        passphrase_in(tmp_path / "missing")


def test_backup_of_a_newer_version_is_refused_by_name(kept: Path, settings) -> None:
    settings.SECRET_KEY = "for-tests-only"
    manifest = read_backup(kept, passphrase=None)
    newer = manifest.model_copy(
        update={"version": "7.1.0", "migrations": (*manifest.migrations, "meetings.0999_of_later")}
    )

    refuse_unsuitable(manifest, other_key=False)
    with pytest.raises(BackupError, match=r"meetings\.0999_of_later\). Install 7\.1\.0 or newer"):
        refuse_unsuitable(newer, other_key=False)


def test_another_secret_key_is_noticed(kept: Path) -> None:
    manifest = read_backup(kept, passphrase=None)

    with secret_keys("another"):
        with pytest.raises(BackupError, match="another CLASSBELL_SECRET_KEY"):
            refuse_unsuitable(manifest, other_key=False)
        refuse_unsuitable(manifest, other_key=True)
    with secret_keys("another", "2020-12-31:for-tests-only"):
        refuse_unsuitable(manifest, other_key=False)


def test_older_server_is_refused(kept: Path, empty: Empty) -> None:
    manifest = read_backup(kept, passphrase=None).model_copy(update={"server": 99})

    with pytest.raises(BackupError, match="PostgreSQL 99"):
        restore(kept, manifest, address=empty(), passphrase=None, replace=False)


def test_nearest_program_that_is_not_older_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {Path("/a"): 15, Path("/b"): 18, Path("/c"): 16, Path("/broken"): 0}
    monkeypatch.setattr(programs, "_installed", lambda name: iter(there))
    monkeypatch.setattr(programs, "_version", there.__getitem__)

    assert program_for("pg_dump", at_least=15) == (Path("/a"), 15)
    assert program_for("pg_dump", at_least=17) == (Path("/b"), 18)
    with pytest.raises(
        BackupError, match=r"19 or newer is needed, and here are: 15, 16, 18\. Install postgresql-client-19"
    ):
        program_for("pg_dump", at_least=19)


def test_every_row_is_counted(school: str, kept: Path) -> None:
    with psycopg.connect(school) as session:
        assert row_counts(session) == read_backup(kept, passphrase=None).counts
