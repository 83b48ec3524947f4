"""One PostgreSQL on a machine of its own that nobody stands in for, as most installations have it."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psycopg

from tests.patroni import PROGRAMS, Place, give_away, start_as_nobody
from tests.simulator import STUCK_SECONDS, free_port, wait_until

SETTINGS: Final = {"max_connections": "100", "shared_buffers": "64MB", "unix_socket_directories": ""}


class Alone:
    """The database where it runs. It is asked what a cluster is asked: it leads, there is no other."""

    name = "alone"

    def __init__(self, folder: Path, place: Place) -> None:
        self.nodes = [self]
        self._place, self._port = place, free_port()
        data = folder / "data"
        made = [str(PROGRAMS / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
        assert start_as_nobody([*made, "--no-sync"], subprocess.DEVNULL).wait() == 0, "initdb failed"
        with (data / "pg_hba.conf").open("a") as hosts:
            hosts.write("host all all samenet trust\n")
        settings = SETTINGS | {"listen_addresses": place.address, "port": str(self._port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (folder / "postgres.log").open("ab") as log, place.inside():
            self._process = start_as_nobody([str(PROGRAMS / "postgres"), "-D", str(data), *options], log)

    def url(self, name: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@{self._place.address}:{self._port}/{name}"

    def leader(self) -> "Alone":
        """Return it."""
        return self

    def wait_until_whole(self) -> None:
        """Wait until it answers."""
        wait_until(self._answers, seconds=STUCK_SECONDS, what="the database")

    def stop(self) -> None:
        """End it, whoever is connected."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait()

    def _answers(self) -> bool:
        try:
            with self._place.inside():
                psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def plain_postgres(place: Place) -> Iterator[Alone]:
    """Yield a database that answers; its folder is gone afterwards."""
    with TemporaryDirectory(prefix="plain-") as folder:
        give_away(Path(folder))
        database = Alone(Path(folder), place)
        try:
            database.wait_until_whole()
            yield database
        finally:
            database.stop()
