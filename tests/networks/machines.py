"""
Several machines on this one: each a network namespace of Linux with an address of its own, all at one switch, whose links
are cut, slowed and restored.

A namespace lives as long as the process that holds it, which ends with us: a run that is killed leaves nothing behind, and
nothing here touches the network of the machine itself. Needs root, and `ip` and `nft` (Debian: iproute2, nftables).
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Self

from tests import processes
from tests.networks.cables import SlowCable
from tests.simulator import STUCK_SECONDS, wait_until

TOOLS: Final = ("unshare", "nsenter", "ip", "nft")
NETWORK: Final = "10.213.77"
CLONE_NEWNET: Final = 0x40000000
# The switch lets go what is cut without a word to anybody, as a link far away does.
SWITCH: Final = """
table bridge links {
  set cut { type ipv4_addr . ipv4_addr; }
  chain forward { type filter hook forward priority 0; ip saddr . ip daddr @cut drop; }
}
"""
# Of the thread that looks: each has its own.
OURS: Final = Path("/proc/thread-self/ns/net")
_libc = ctypes.CDLL(None, use_errno=True)


def why_not() -> str:
    """Return why no network can be made here, "" when one can."""
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        return f"needs {' and '.join(missing)} on the PATH (Debian: iproute2, nftables, util-linux)"
    if os.geteuid() != 0:
        return "needs root: network namespaces are made by nobody else"
    tried = processes.run(
        ["unshare", "--net", "sh", "-c", "ip link add switch type bridge && nft -f -"],
        input=SWITCH,
        capture_output=True,
        text=True,
        check=False,
    )
    return (
        "" if tried.returncode == 0 else f"the kernel lets nobody make network namespaces here: {tried.stderr.strip()}"
    )


class Namespace:
    """A network of its own, which threads enter and programs are started in."""

    def __init__(self) -> None:
        self._holder: subprocess.Popen[bytes] = processes.start(["unshare", "--net", "sleep", "infinity"])
        self.pid = self._holder.pid
        ours = OURS.readlink()
        wait_until(lambda: self._path.readlink() != ours, seconds=STUCK_SECONDS, what="a network namespace")
        self.run("ip", "link", "set", "lo", "up")

    @property
    def _path(self) -> Path:
        return Path(f"/proc/{self.pid}/ns/net")

    def run(self, *command: str, stdin: str = "") -> None:
        """Run a program inside to its end; one that fails is an error that shows what it said."""
        whole = ["nsenter", f"--net={self._path}", *command]
        done = subprocess.run(whole, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Let what this thread connects, and the programs that it starts, be inside. Other threads stay where they are."""
        with OURS.open() as before:
            with self._path.open() as there:
                _enter(there)
            try:
                yield
            finally:
                _enter(before)

    def close(self) -> None:
        """Let it go, with all that is in it."""
        self._holder.kill()
        self._holder.wait()


class Machine(Namespace):
    """One machine: its name, its address, and its cable to the switch."""

    def __init__(self, name: str, number: int, switch: Namespace) -> None:
        super().__init__()
        self.name, self.address = name, f"{NETWORK}.{number}"
        self._port, self._switch = f"port{number}", switch
        self._cable: SlowCable | None = None
        switch.run("ip", "link", "add", self._port, "type", "veth", "peer", "name", "eth0", "netns", str(self.pid))
        switch.run("ip", "link", "set", self._port, "master", "switch", "up")
        self.run("ip", "address", "add", f"{self.address}/24", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")

    def slow(self, *, milliseconds: int, loss_percent: float = 0) -> None:
        """Let what it sends and what it is sent take so much longer, each way, and lose so many packets in a hundred."""
        self.quicken()
        near, far = f"near{self._port}", f"far{self._port}"
        with self._switch.inside():
            self._cable = SlowCable((near, far), milliseconds=milliseconds, loss_percent=loss_percent)
        # Between the machine's port and the switch, with a small switch of its own that joins it to the port.
        self._switch.run("ip", "link", "add", f"at{self._port}", "type", "bridge")
        for part, master in ((self._port, f"at{self._port}"), (near, f"at{self._port}"), (far, "switch")):
            self._switch.run("ip", "link", "set", part, "master", master, "up")
        self._switch.run("ip", "link", "set", f"at{self._port}", "up")

    def quicken(self) -> None:
        """Let its cable be as it was."""
        if self._cable is not None:
            self._switch.run("ip", "link", "set", self._port, "master", "switch")
            self._switch.run("ip", "link", "delete", f"at{self._port}")
            self._cable.close()
            self._cable = None

    def close(self) -> None:
        """Let it go, and the cable."""
        if self._cable is not None:
            self._cable.close()
        super().close()


class Network:
    """Machines at one switch. The first one, the desk, only looks on: no cut of a whole machine is one from it."""

    def __init__(self, names: Sequence[str]) -> None:
        self._open = ExitStack()
        try:
            self._switch = Namespace()
            self._open.callback(self._switch.close)
            self._switch.run("ip", "link", "add", "switch", "type", "bridge")
            self._switch.run("ip", "link", "set", "switch", "up")
            self._switch.run("nft", "-f", "-", stdin=SWITCH)
            self.machines: dict[str, Machine] = {}
            for number, name in enumerate(["desk", *names], start=1):
                self.machines[name] = Machine(name, number, self._switch)
                self._open.callback(self.machines[name].close)
        except BaseException:
            self._open.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def __getitem__(self, name: str) -> Machine:
        return self.machines[name]

    def others(self, *machines: Machine) -> list[Machine]:
        """Return all but these and the desk."""
        return [one for name, one in self.machines.items() if name != "desk" and one not in machines]

    def drop(self, sender: Machine, receivers: Sequence[Machine]) -> None:
        """Lose what one machine sends to others; what they send still arrives."""
        self._change_cuts("add", [(sender, receiver) for receiver in receivers])

    def cut(self, machine: Machine, others: Sequence[Machine]) -> None:
        """Lose everything between a machine and others."""
        pairs = [pair for other in others for pair in ((machine, other), (other, machine))]
        self._change_cuts("add", pairs)

    def restore(self) -> None:
        """Let all links be whole and quick again."""
        self._switch.run("nft", "flush", "set", "bridge", "links", "cut")
        for machine in self.machines.values():
            machine.quicken()

    def _change_cuts(self, verb: str, pairs: Sequence[tuple[Machine, Machine]]) -> None:
        elements = ", ".join(f"{sender.address} . {receiver.address}" for sender, receiver in pairs)
        self._switch.run("nft", f"{verb} element bridge links cut {{ {elements} }}")


def _enter(namespace: Any) -> None:
    if _libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
