"""
How long a backup of a year of a university takes, looking at it, and restoring it: `bench.year`, a part of it. Beside it
PostgreSQL's own programs alone, which do the same work without the check, the count and the archive around it.
"""

import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, connections
from tests.databases import address_of, drop, make_empty

from bench.year import PART, a_year

TIMES = int(os.environ.get("BENCH_TIMES", "3"))


def main() -> None:
    """Print the seconds of each, the quickest of three times, and how many times those of PostgreSQL's own programs."""
    with a_year(), tempfile.TemporaryDirectory() as folder:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT pg_database_size(current_database())")
            (size,) = cursor.fetchone()
        address = address_of(str(connection.settings_dict["NAME"]))
        connections.close_all()
        print(f"one in {PART} of the year: {size / 1e6:,.0f} MB in the database", flush=True)
        _measure(address, Path(folder))


def _measure(address: str, folder: Path) -> None:
    from classbell.backup.restoring import read_backup, restore  # noqa: PLC0415 -- only once Django is set up
    from classbell.backup.taking import take_into  # noqa: PLC0415

    ours, theirs = folder / "year.backup", folder / "year.dump"

    def back_up() -> None:
        ours.unlink(missing_ok=True)
        take_into(ours, address=address, passphrase=None, now=datetime.now(UTC))

    def into_another(fill: Callable[[str], object]) -> None:
        name = f"restored_{random.randrange(16**8):08x}"
        try:
            fill(make_empty(name))
        finally:
            drop(name)

    def restore_ours(target: str) -> None:
        restore(ours, read_backup(ours, passphrase=None), address=target, passphrase=None, replace=False)

    def restore_theirs(target: str) -> None:
        _run("pg_restore", "--no-owner", "--single-transaction", f"--dbname={target}", str(theirs))

    taken, dump = _seconds(back_up, lambda: _run("pg_dump", "--format=custom", f"--file={theirs}", address))
    print(f"backup {taken:.1f} s, pg_dump alone {dump:.1f} s: {taken / dump:.2f} times", flush=True)
    print(f"{ours.stat().st_size / 1e6:,.0f} MB, pg_dump's {theirs.stat().st_size / 1e6:,.0f} MB", flush=True)
    (checked,) = _seconds(lambda: read_backup(ours, passphrase=None))
    print(f"looking whether it is whole {checked:.1f} s", flush=True)
    restored, alone = _seconds(lambda: into_another(restore_ours), lambda: into_another(restore_theirs))
    print(
        f"restore, checked and counted {restored:.1f} s, pg_restore alone {alone:.1f} s: {restored / alone:.2f} times"
    )


def _run(name: str, *arguments: str) -> None:
    from classbell.backup.programs import program_for  # noqa: PLC0415 -- as above

    program, _version = program_for(name, at_least=_server())  # type: ignore[arg-type]  # one of the two that it knows
    subprocess.run([program, *arguments], check=True)


def _server() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        number = int(cursor.fetchone()[0]) // 10_000
    connections.close_all()
    return number


def _seconds(*ways: Callable[[], object]) -> list[float]:
    """Return the quickest of each, one after the other each time: what else the machine does then slows both."""
    took: list[list[float]] = []
    for _ in range(TIMES):
        took.append([])
        for way in ways:
            begun = time.monotonic()
            way()
            took[-1].append(time.monotonic() - begun)
    return [min(times) for times in zip(*took, strict=True)]
