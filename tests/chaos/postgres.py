"""A PostgreSQL server of a stage's own, which can be killed, frozen and crowded out, and started again."""

import os
import re
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psycopg

from classbell.backup.programs import program_for
from tests import databases
from tests.patroni import children as children_of
from tests.patroni import give_away, start_as_nobody
from tests.simulator import STUCK_SECONDS, free_port, wait_until

CONNECTIONS = 60
NAME, KEPT = "school", "school_in_the_morning"
# Who waits for whom stands below, if the server lived to say it.
DEADLOCK: Final = re.compile(r"deadlock detected((?:\n(?:.*DETAIL:.*|\t.*))*)")
SETTINGS = {
    "max_connections": str(CONNECTIONS),
    "shared_buffers": "64MB",
    "jit": "off",
    "deadlock_timeout": "200ms",
    "log_min_messages": "warning",
    "restart_after_crash": "on",
}
# Nobody pulls the plug of this machine, but processes die at any moment: what is committed has to be with the kernel by then.
ALONE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}


class Server(ABC):
    """A server with the school's database in it, and what can be done to it."""

    def __init__(self) -> None:
        self._crowd: list[psycopg.Connection[Any]] = []
        self._programs = _programs()

    @abstractmethod
    def url(self, name: str = NAME) -> str:
        """Return the address of a database where it takes writes."""

    def leading_url(self, name: str = NAME) -> str:
        """Return the address of a database at the machine that takes writes just now, for what is made there this moment."""
        return self.url(name)

    @abstractmethod
    def addresses(self) -> list[str]:
        """Return the address of each machine that may be it."""

    @abstractmethod
    def start(self) -> None:
        """Start what does not run, and return at once."""

    @abstractmethod
    def wait(self) -> None:
        """Wait until it answers, and until it may fail again."""

    @abstractmethod
    def stop(self) -> None:
        """End it for good."""

    @abstractmethod
    def kill(self) -> None:
        """Kill all of it at once, as if its machine lost power."""

    @abstractmethod
    def freeze(self) -> None:
        """Stop all of it in the middle of what it does."""

    @abstractmethod
    def thaw(self) -> None:
        """Let it go on."""

    @abstractmethod
    def processes(self) -> list[int]:
        """Return the postmaster and what it started, none when it does not run."""

    @abstractmethod
    def logs(self) -> list[Path]:
        """Return where it writes what it has to say."""

    def deadlocks(self) -> list[str]:
        """Return what it said each time it had to end one of two that waited for each other: who did, and for what."""
        logs = [log.read_text(errors="replace") for log in self.logs()]
        return [" ".join(found.group(1).split()) for log in logs for found in DEADLOCK.finditer(log)]

    def copy_tables(self) -> None:
        """Make the school's database, with all tables and no rows."""
        databases.ensure_migrated()
        with psycopg.connect(self.leading_url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{NAME}"')
        dump = [str(self._programs / "pg_dump"), databases.address_of(databases.migrated_name())]
        with subprocess.Popen(dump, stdout=subprocess.PIPE) as dumping:
            load = [str(self._programs / "psql"), "-q", "-v", "ON_ERROR_STOP=1", self.leading_url()]
            subprocess.run(load, stdin=dumping.stdout, stdout=subprocess.DEVNULL, check=True)
        assert dumping.returncode == 0

    def keep(self) -> None:
        """Keep the school's database as it is now, for `restore`. Nobody may be connected to it."""
        with psycopg.connect(self.leading_url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{KEPT}" TEMPLATE "{NAME}"')

    def restore(self) -> None:
        """Let the school's database be what it was, whoever uses it."""
        with psycopg.connect(self.leading_url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{NAME}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{NAME}" TEMPLATE "{KEPT}"')
            # A copied sequence takes some numbers as if they were in the log already, up to the next checkpoint: a server
            # that is killed before would give them out twice.
            connection.execute("CHECKPOINT")
        for log in self.logs():
            log.write_bytes(b"")

    def crash(self) -> None:
        """Kill one that serves a connection: the server ends all others, recovers, and goes on."""
        served = [pid for pid in self.processes()[1:] if f"{NAME} 127.0.0.1" in _command_of(pid)]
        if served:
            with suppress(ProcessLookupError):
                os.kill(served[0], signal.SIGKILL)

    def crowd_out(self) -> None:
        """Take all connections that are left."""
        with suppress(psycopg.OperationalError):
            while len(self._crowd) < CONNECTIONS:
                self._crowd.append(psycopg.connect(self.leading_url(), connect_timeout=2))

    def let_in(self) -> None:
        """Give them back."""
        while self._crowd:
            self._crowd.pop().close()

    def mend(self) -> None:
        """End whatever was done to it, and wait until it answers."""
        self.thaw()
        self.let_in()
        self.start()
        self.wait()


class OneServer(Server):
    """A server by itself, its data in a folder. Its clock is what `environment` says."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__()
        self.port = free_port()
        self._log = folder / "postgres.log"
        self._folder = folder / "postgres"
        self._folder.mkdir()
        give_away(self._folder)
        self._data = self._folder / "data"
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        command = [str(self._programs / "initdb"), "-D", str(self._data), "-U", "postgres", "-A", "trust"]
        made = start_as_nobody([*command, "--no-sync", "-E", "UTF8", "--locale=C"], subprocess.DEVNULL)
        assert made.wait() == 0, "initdb failed"
        with (self._data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in (SETTINGS | ALONE).items())

    def url(self, name: str = NAME) -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def addresses(self) -> list[str]:
        """Return its one address."""
        return [self.url()]

    def logs(self) -> list[Path]:
        """Return its one log."""
        return [self._log]

    def start(self) -> None:
        """Start it, unless it runs, and return at once."""
        if self._process is not None and self._process.poll() is None:
            return
        with self._log.open("ab") as log:
            command = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self.port)]
            self._process = start_as_nobody(command, log, env=self._environment)

    def wait(self) -> None:
        """Wait until it answers; start it again when it gave up, which it does while others still hold its memory."""
        wait_until(self._answers, seconds=STUCK_SECONDS, what="the database server")

    def kill(self) -> None:
        """Kill all of it at once."""
        self._signal(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop all of it in the middle of what it does."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it for good."""
        self.let_in()
        self.thaw()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def processes(self) -> list[int]:
        """Return the postmaster and what it started, none when it does not run."""
        if self._process is None or self._process.poll() is not None:
            return []
        return [self._process.pid, *children_of(self._process.pid)]

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            self.start()
            time.sleep(0.1)
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs, those of the server that the tests have: its tables are copied."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        version = connection.info.server_version // 10_000
    return program_for("pg_dump", at_least=version)[0].parent


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""
