"""PgBouncer before the test database. Needs `pgbouncer` on the PATH; nothing here installs it."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests import processes
from tests.simulator import STUCK_SECONDS, free_port, wait_until

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
WHY_NOT = "needs pgbouncer on the PATH: Debian's package of that name"


@contextmanager
def pgbouncer(url: str, folder: Path, *, mode: str) -> Iterator[str]:
    """Yield the address of the same database by way of a PgBouncer in this mode."""
    assert PGBOUNCER is not None
    server, port = urlsplit(url), free_port()
    host = parse_qs(server.query).get("host", [server.hostname or "127.0.0.1"])[0]
    password = f" password={server.password}" if server.password else ""
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={host} port={server.port or 5432} user={server.username}{password}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = any\npool_mode = {mode}\nmax_client_conn = 200\ndefault_pool_size = 100\nserver_login_retry = 1\n"
    )
    command: list[str | Path] = [PGBOUNCER, "-q", settings]
    if os.getuid() == 0:
        # It refuses to be root; the folder of a Unix socket is its owner's only.
        owner = Path(host).owner() if host.startswith("/") else "nobody"
        shutil.chown(settings, owner)
        command[1:1] = ["-u", owner]
    with processes.running(command) as process:
        wait_until(lambda: process.poll() is not None or _listens(port), seconds=STUCK_SECONDS, what="PgBouncer")
        assert process.poll() is None, "PgBouncer ended at once."
        yield f"postgresql://{server.username}@127.0.0.1:{port}{server.path}"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
