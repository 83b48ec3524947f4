"""The database of a stage as three machines, of which Patroni lets one lead: what is done to the server is done to it."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.postgres import NAME, SETTINGS, Server
from tests.patroni import MISSING, WHY_NOT, Build, Node, patroni_cluster
from tests.simulator import wait_until

# Three servers start, or one is made anew from another, on a machine that may be busy with much else.
LONGEST_SECONDS = 900
# Longer than Patroni's `loop_wait`.
SETTLED_SECONDS = 7.0


class LedServer(Server):
    """Three servers, the clock of each being what `environment` says. Raises RuntimeError where there is no Patroni."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__()
        if MISSING:
            raise RuntimeError(WHY_NOT)
        self._held = ExitStack()
        build = Build(programs=_with_clock(self._programs, folder / "programs", environment), parameters=SETTINGS)
        self._cluster = self._held.enter_context(patroni_cluster(build=build))
        self._frozen: list[Node] = []

    def url(self, name: str = NAME) -> str:
        """Return the address of a database, which names all machines, whichever leads."""
        return f"{self._cluster.url(name)}?target_session_attrs=read-write&connect_timeout=3"

    def leading_url(self, name: str = NAME) -> str:
        """Return the address of a database at the leader; at whichever leads when nobody can say who does."""
        leader = self._cluster.leader()
        if leader is None:
            return self.url(name)
        return f"postgresql://postgres@{leader.place.address}:{leader.port}/{name}"

    def addresses(self) -> list[str]:
        """Return the address of each machine."""
        return [f"postgresql://postgres@{node.place.address}:{node.port}/{NAME}" for node in self._cluster.nodes]

    def logs(self) -> list[Path]:
        """Return what each machine says."""
        return [node.folder / "patroni.log" for node in self._cluster.nodes]

    def start(self) -> None:
        """Start the machines that were killed, and return at once."""
        for node in self._cluster.nodes:
            if not node.runs:
                node.start()

    def wait(self) -> None:
        """Wait until one leads and another has what it commits: then the next may be lost."""
        wait_until(self._stays_whole, seconds=LONGEST_SECONDS, what="all machines of the database")

    def _stays_whole(self) -> bool:
        # Who was stopped while leading still says so when it goes on, until it next asks whether it may.
        until = time.monotonic() + SETTLED_SECONDS
        while self._cluster.is_whole():
            if time.monotonic() > until:
                return True
            time.sleep(0.2)
        return False

    def stop(self) -> None:
        """End it for good."""
        self.let_in()
        self.thaw()
        self._held.close()

    def kill(self) -> None:
        """Let the leader lose its power."""
        if (leader := self._cluster.leader()) is not None:
            leader.die()

    def freeze(self) -> None:
        """Stop the leader in the middle of what it does: another one may lead by the time it goes on."""
        if (leader := self._cluster.leader()) is not None:
            self._frozen.append(leader)
            leader.freeze()

    def thaw(self) -> None:
        """Let those go on that were stopped."""
        while self._frozen:
            node = self._frozen.pop()
            if node.runs:
                node.thaw()

    def processes(self) -> list[int]:
        """Return the processes of the leader's PostgreSQL."""
        leader = self._cluster.leader()
        return [] if leader is None else leader.servers()


def _with_clock(programs: Path, folder: Path, environment: Mapping[str, str]) -> Path:
    """Return a folder with PostgreSQL's programs, of which the server alone sees another clock: Patroni has its own."""
    folder.mkdir(mode=0o755)
    for program in programs.iterdir():
        (folder / program.name).symlink_to(program)
    server = folder / "postgres"
    server.unlink()
    words = " ".join(f"{name}={value}" for name, value in environment.items())
    server.write_text(f'#!/bin/sh\n{words} exec {programs / "postgres"} "$@"\n')
    server.chmod(0o755)
    return folder
