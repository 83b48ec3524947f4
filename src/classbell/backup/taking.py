"""Taking a backup: one snapshot, counted and dumped, while everything goes on running."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from psycopg import errors

import classbell
from classbell.backup.archive import write_archive
from classbell.backup.errors import BackupError
from classbell.backup.manifest import Manifest, secret_key_id
from classbell.backup.programs import environment_for, program_for
from classbell.backup.sealed import SealedWriter
from classbell.backup.session import Session, row_counts, server_version, session_at

PIECE = 256 * 1024


def take_into(target: Path, *, address: str, passphrase: bytes | None, now: datetime) -> Manifest:
    """
    Write a backup into a new file, readable by its owner only; it has its name only once it is whole and on the disk.

    Raises BackupError, also when there is such a file already.
    """
    if target.exists():
        raise BackupError(f"{target} exists already. Name another file.")
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        descriptor = os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode=0o600)
    except OSError as error:
        raise BackupError(f"{unfinished} cannot be written ({error.strerror}).") from error
    try:
        with os.fdopen(descriptor, "wb") as out:
            manifest = take(out, address=address, passphrase=passphrase, now=now)
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(target)
    except OSError as error:
        raise BackupError(f"{target} could not be written ({error.strerror}).") from error
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
    return manifest


def take(out: IO[bytes], *, address: str, passphrase: bytes | None, now: datetime) -> Manifest:
    """
    Write a backup of the database at an address into a stream, encrypted when a passphrase is given. `now` is aware.

    Raises BackupError; what was written until then is not a backup, and is noticed not to be one.
    """
    with session_at(address, writes=False) as session:
        server = server_version(session)
        program, version = program_for("pg_dump", at_least=server)
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        (snapshot,) = session.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        manifest = Manifest(
            version=classbell.__version__,
            taken_at=now,
            server=server,
            program=version,
            secret_key_id=secret_key_id(settings.SECRET_KEY),
            migrations=_migrations(session),
            counts=row_counts(session),
        )
        dump = _dump(program, snapshot, environment_for(session, address))
        if passphrase is None:
            write_archive(out, manifest, dump)
        else:
            sealed = SealedWriter(out, passphrase)
            write_archive(cast("IO[bytes]", sealed), manifest, dump)
            sealed.finish()
    return manifest


def _migrations(session: Session) -> tuple[str, ...]:
    try:
        rows: list[tuple[Any, ...]] = session.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    except errors.UndefinedTable:
        raise BackupError("There is nothing in this database yet. Check DATABASE_URL.") from None
    return tuple(f"{app}.{name}" for app, name in rows)


def _dump(program: Path, snapshot: str, environment: Mapping[str, str]) -> Iterator[bytes]:
    """Yield pg_dump's output in its custom format. Raises BackupError with what it said when it fails."""
    command = [
        str(program),
        "--format=custom",
        f"--snapshot={snapshot}",
        "--no-owner",
        "--no-privileges",
        "--no-password",
    ]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said) as process,
    ):
        try:
            assert process.stdout  # noqa: S101 -- it is a pipe
            while data := process.stdout.read(PIECE):
                yield data
        except GeneratorExit:
            process.kill()
            raise
        if process.wait():
            said.seek(0)
            raise BackupError(f"pg_dump could not go on: {said.read().decode(errors='replace').strip()}")
