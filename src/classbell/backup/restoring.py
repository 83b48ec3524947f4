"""Making a database of a backup: looked at first, all or nothing, counted afterwards, brought up to this version."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import psycopg

import classbell
from classbell.backup.archive import check_archive, dump_of
from classbell.backup.errors import BackupError, Damaged, Locked
from classbell.backup.manifest import Manifest, secret_key_id
from classbell.backup.programs import environment_for, program_for
from classbell.backup.sealed import MAGIC, SealedReader
from classbell.backup.session import TABLES, Session, row_counts, server_version, session_at
from classbell.postgres.migrations import known_migrations
from classbell.secret_keys import known_keys


def read_backup(source: Path, *, passphrase: bytes | None) -> Manifest:
    """Read a whole backup and return what it says of itself. Raises Damaged, Locked or BackupError."""
    with opened(source, passphrase=passphrase) as stream:
        return check_archive(stream)


def refuse_unsuitable(manifest: Manifest, *, other_key: bool) -> None:
    """
    Raise BackupError when this program cannot go on from the backup: it is of a newer version, or was taken with another
    CLASSBELL_SECRET_KEY and `other_key` does not say that this is known.
    """
    unknown = sorted(set(manifest.migrations) - known_migrations())
    if unknown:
        raise BackupError(
            f"The backup was taken with Classbell {manifest.version}, whose tables this version, {classbell.__version__}, "
            f"does not know ({_some(unknown)}). Install {manifest.version} or newer and restore with that."
        )
    keys = {secret_key_id(key) for key in known_keys()}
    if manifest.secret_key_id not in keys and not other_key:
        raise BackupError(
            "The backup was taken with another CLASSBELL_SECRET_KEY. Set the one of that day. If it is lost, restore with "
            "--other-key: then everybody signs in again, links that were mailed end, and what was encrypted has to be "
            "entered again (docs/secrets.md, “The key is lost”)."
        )


def restore(source: Path, manifest: Manifest, *, address: str, passphrase: bytes | None, replace: bool) -> None:
    """
    Fill the database at an address from a backup that `read_backup` has looked at, and count what came.

    Other sessions at it are refused. With `replace` everything in it is dropped first; otherwise it has to be empty. What
    fails half-way leaves it empty. Raises BackupError.
    """
    with session_at(address, writes=True) as session:
        _refuse_older_server(session, manifest)
        _refuse_company(session)
        program, _ = program_for("pg_restore", at_least=manifest.program)
        if session.execute(TABLES).fetchone():
            if not replace:
                raise BackupError(
                    f"The database “{session.info.dbname}” is not empty. Make a new one, or say --replace: that deletes "
                    "everything in it."
                )
            _empty(session)
        _fill(program, source, session, address, passphrase)
        _compare(manifest, row_counts(session))
        session.execute("ANALYZE")


@contextmanager
def opened(source: Path, *, passphrase: bytes | None) -> Iterator[IO[bytes]]:
    """Lend the archive inside a file, decrypted when it is encrypted. Raises Locked, Damaged, BackupError."""
    try:
        file = source.open("rb")
    except OSError as error:
        raise BackupError(f"{source} cannot be read ({error.strerror}).") from error
    with file:
        is_sealed = file.read(len(MAGIC)) == MAGIC
        file.seek(0)
        if not is_sealed:
            yield file
        elif passphrase is None:
            raise Locked("The backup is encrypted. Name the file that holds its passphrase: --passphrase-file FILE")
        else:
            yield cast("IO[bytes]", SealedReader(file, passphrase))


def _refuse_older_server(session: Session, manifest: Manifest) -> None:
    version = server_version(session)
    if version < manifest.server:
        raise BackupError(
            f"The backup is of PostgreSQL {manifest.server}, and this server is {version}: it does not read what a newer one "
            f"wrote. Restore on PostgreSQL {manifest.server} or newer."
        )


def _refuse_company(session: Session) -> None:
    others = session.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ).fetchone()
    if others and others[0]:
        raise BackupError(
            f"{others[0]} other sessions use the database. Stop every `classbell serve` and `classbell worker`, and whatever "
            "else is connected, then restore."
        )


def _empty(session: Session) -> None:
    """Drop what is in the schema that Classbell uses."""
    try:
        with session.transaction():
            session.execute("DROP SCHEMA public CASCADE")
            session.execute("CREATE SCHEMA public")
    except psycopg.errors.InsufficientPrivilege as error:
        raise BackupError(
            f"Only the database's owner may empty it ({error}). Make a new database: createdb NAME"
        ) from error


def _fill(program: Path, source: Path, session: Session, address: str, passphrase: bytes | None) -> None:
    """Feed pg_restore; one transaction, so that what fails leaves nothing behind."""
    name = psycopg.conninfo.make_conninfo(dbname=session.info.dbname)
    command = [
        *(str(program), "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments"),
        *("--no-password", "--dbname", name),
    ]
    with (
        tempfile.TemporaryFile() as said,
        opened(source, passphrase=passphrase) as stream,
        subprocess.Popen(
            command, env=environment_for(session, address), stdin=subprocess.PIPE, stdout=said, stderr=said
        ) as process,
    ):
        assert process.stdin  # noqa: S101 -- it is a pipe
        try:
            for part in dump_of(stream):
                process.stdin.write(part)
            process.stdin.close()
        except BrokenPipeError:
            pass  # What it said tells why.
        except Damaged:
            process.kill()
            raise
        if process.wait():
            said.seek(0)
            raise BackupError(
                f"pg_restore could not go on, and the database is empty: {said.read().decode(errors='replace').strip()}"
            )


def _compare(manifest: Manifest, counts: dict[str, int]) -> None:
    other = sorted(name for name in manifest.counts.keys() | counts if manifest.counts.get(name) != counts.get(name))
    if other:
        told = ", ".join(
            f"{name} {counts.get(name, 0)} instead of {manifest.counts.get(name, 0)}" for name in other[:5]
        )
        raise BackupError(
            f"What was restored is not what was backed up ({told}). Do not use this database; restore again, or another "
            "backup."
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
