"""
A machine on which an installation page is played: a folder in the place of Debian's, and a cluster of its PostgreSQL.

Commands run as the page has them, by the shell. These are not what they are on a real one:

- `apt-get` only looks whether the packages are there;
- `systemctl` starts units as they say, without systemd (`units.py`);
- `./run wheel` and `pip install` of libraries take what is installed here, unless CLASSBELL_INSTALL_PLAYED=literally;
- `nginx` and `update-ca-certificates` are Debian's own, with this folder in the place of `/etc`.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from tests import processes
from tests.install.page import Block, replaced
from tests.installed import link_locked_libraries
from tests.simulator import STUCK_SECONDS, free_port, wait_until

ROOT: Final = Path(__file__).resolve().parents[2]
HOST: Final = "school.example"
PORTS: Final = ("80", "443", "8001", "8002", "5432")
LITERALLY: Final = os.environ.get("CLASSBELL_INSTALL_PLAYED") == "literally"
NEEDED: Final = (
    "nginx",
    "openssl",
    "curl",
    "runuser",
    "adduser",
    "pg_createcluster",
    "setpriv",
    "update-ca-certificates",
)
UNITS: Final = Path(__file__).with_name("units.py")
CHECKOUT: Final = (
    "src",
    "docs",
    "pyproject.toml",
    "hatch_build.py",
    "README.md",
    "LICENSE",
    "run",
    "requirements.lock",
    "requirements-build.lock",
)
SYSTEM_PATH: Final = "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


def missing_here() -> str:
    """Return why no installation can be played on this machine, "" if one can."""
    if os.geteuid() != 0:
        return "an installation is played by root"
    missing = [program for program in NEEDED if shutil.which(program, path=SYSTEM_PATH) is None]
    if missing:
        return f"an installation needs Debian's {', '.join(missing)}"
    version = subprocess.run(["/usr/bin/python3", "-V"], capture_output=True, text=True, check=False).stdout.split()[
        -1:
    ]
    if not LITERALLY and version and version[0].split(".")[:2] != [str(part) for part in sys.version_info[:2]]:
        return "the libraries installed here are for another Python than Debian's"
    return ""


class Machine:
    """Where a page is played."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self.folder = folder
        self.host = _own_name()
        self.ports = {port: str(free_port()) for port in PORTS}
        paths = {name: f"{folder}{name}" for name in names if name.startswith("/")}
        self.paths_and_ports = paths | self.ports
        self.values = self.paths_and_ports | {
            HOST: self.host,
            f"https://{HOST}": self.url,
            f"head@{HOST}": f"head@{HOST}",
        }
        assert self.values.keys() == set(names), "the table of the page names what cannot be replaced here"
        self.environment = {
            "PATH": f"{folder}/bin:{folder}/usr/local/bin:{SYSTEM_PATH}",
            "LANG": "C.UTF-8",
            "HOME": "/root",
            "SSL_CERT_FILE": self.authorities,
            "PGHOST": f"{folder}/var/run/postgresql",
            **{name: value for name, value in os.environ.items() if LITERALLY and name.startswith("PIP_")},
        }

    @property
    def url(self) -> str:
        """Where people come in."""
        return f"https://{self.host}:{self.ports['443']}"

    @property
    def authorities(self) -> str:
        """The file of the certificates' authorities that this machine trusts."""
        return f"{self.folder}/etc/ssl/certs/ca-certificates.crt"

    def prepare(self) -> None:
        """Lay out the folders as Debian has them."""
        for name in (*self.paths_and_ports, "/bin", "/run"):
            if name.startswith("/"):
                (self.folder / name.strip("/")).mkdir(parents=True, exist_ok=True)
        for made in ("opt/classbell", "var/lib/classbell", "srv/classbell"):
            (self.folder / made).rmdir()
        shutil.copytree("/etc/nginx", self.folder / "etc/nginx", dirs_exist_ok=True, symlinks=True)
        main = self.folder / "etc/nginx/nginx.conf"
        text = main.read_text().replace("/etc/nginx", f"{self.folder}/etc/nginx")
        text = text.replace("/var/log/nginx", f"{self.folder}/var/log/nginx")
        main.write_text("daemon off;\n" + text.replace("/run/nginx.pid", f"{self.folder}/run/nginx.pid"))
        for path in (self.folder / "etc/nginx/sites-enabled").iterdir():
            path.unlink()
        (self.folder / "etc/ssl/certs").mkdir()
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", self.authorities)
        shutil.copytree(ROOT, self.folder / "checkout", symlinks=True, ignore=_only_sources)
        for path in (self.folder / "checkout/docs/install").rglob("*"):
            if path.is_file() and path.suffix != ".md":
                path.write_text(replaced(path.read_text(encoding="utf-8"), self.paths_and_ports), encoding="utf-8")
        self._stand_ins()

    def play(self, block: Block) -> str:
        """Run a block as the page has it, and return what it says. Raises AssertionError with all of it when it fails."""
        if not LITERALLY and "--require-hashes" in block.text:
            assert block.commands == 1, "libraries are installed by a block of its own"
            self._link_libraries()
            return ""
        text = replaced(block.text, self.values)
        done = processes.run(
            ["bash", "-eu", "-o", "pipefail", "-c", text],
            cwd=self.folder / "checkout",
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{block.step}\n{text}\n{done.stdout}\n{done.stderr}"
        return str(done.stdout + done.stderr)

    def _stand_ins(self) -> None:
        here, python = self.folder, sys.executable
        commands = {
            "apt-get": 'for word; do case $word in update|install|-y) ;; *) dpkg-query -W "$word" >/dev/null;; esac; done',
            "systemctl": f'exec {python} {UNITS} ask {here} "$@"',
            "nginx": f'exec /usr/sbin/nginx -c {here}/etc/nginx/nginx.conf "$@"',
            "update-ca-certificates": "exec /usr/sbin/update-ca-certificates --localcertsdir "
            f'{here}/usr/local/share/ca-certificates --etccertsdir {here}/etc/ssl/certs --hooksdir /nonexistent "$@"',
            # Systemd's nginx goes to the background when it listens; this one stays, and writes its number then.
            "nginx-listens": f"exec timeout 60 sh -c 'until [ -s {here}/run/nginx.pid ]; do sleep 0.05; done'",
            # Trusts whom this machine does.
            "curl": f'exec /usr/bin/curl --cacert {self.authorities} "$@"',
        }
        for name, text in commands.items():
            path = here / "bin" / name
            path.write_text(f"#!/bin/sh\nset -e\n{text}\n")
            path.chmod(0o755)
        (here / "etc/systemd/system/nginx.service").write_text(
            f"[Service]\nExecStart={here}/bin/nginx\nExecStartPost={here}/bin/nginx-listens\n"
        )
        if not LITERALLY:
            (here / "checkout/run").write_text(
                f'#!/bin/sh\nshift\nexec {python} -m hatchling build --target wheel "$@"\n'
            )

    def _link_libraries(self) -> None:
        """Put the libraries that are installed here into the environment just made, as far as the list names them."""
        (packages,) = (self.folder / "opt/classbell").glob("lib/python*/site-packages")
        link_locked_libraries(self.folder / "srv/classbell/requirements.lock", packages)


@contextmanager
def fresh_machine(names: list[str], *, with_postgresql: bool = True) -> Iterator[Machine]:
    """Yield a machine with Debian's PostgreSQL, if wanted, and nothing of ours; end all that runs there, and forget it."""
    folder = Path(tempfile.mkdtemp(prefix="classbell-install-"))
    folder.chmod(0o755)
    machine = Machine(folder, names)
    try:
        machine.prepare()
        cluster = _cluster(machine) if with_postgresql else nullcontext()
        with cluster, processes.running([sys.executable, UNITS, "serve", folder]) as supervisor:
            wait_until((folder / "systemctl.sock").exists, what="the stand-in of systemd")
            try:
                yield machine
            finally:
                supervisor.terminate()
                supervisor.wait()
    finally:
        shutil.rmtree(folder)


@contextmanager
def _cluster(machine: Machine) -> Iterator[None]:
    """Run a cluster of Debian's PostgreSQL that lets in who Debian's lets in; it ends with the tests."""
    sockets, data = Path(machine.environment["PGHOST"]), machine.folder / "postgresql"
    for folder in (sockets, data):
        folder.mkdir(exist_ok=True)
        shutil.chown(folder, "postgres", "postgres")
    programs = max(Path("/usr/lib/postgresql").iterdir(), key=lambda path: int(path.name)) / "bin"
    as_postgres = [
        "/usr/bin/setpriv",
        "--reuid",
        "postgres",
        "--regid",
        "postgres",
        "--init-groups",
        "--pdeathsig",
        "TERM",
    ]
    who = ["--auth-local", "peer", "--auth-host", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"]
    made = subprocess.run(
        [*as_postgres, programs / "initdb", "--pgdata", data, "--no-sync", *who],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    port = machine.ports["5432"]
    options: list[str | Path] = ["-D", data, "-p", port, "-k", sockets, "-c", "fsync=off", "-c", "listen_addresses="]
    with (machine.folder / "postgresql.log").open("wb") as log:
        server = subprocess.Popen([*as_postgres, programs / "postgres", *options], stdout=log, stderr=log)
    try:
        wait_until((sockets / f".s.PGSQL.{port}").exists, seconds=STUCK_SECONDS, what="PostgreSQL")
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def _own_name() -> str:
    """Return the name by which this machine reaches itself."""
    name = socket.gethostname()
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        return "localhost"
    return name


def _only_sources(folder: str, names: list[str]) -> list[str]:
    if Path(folder) == ROOT:
        return [name for name in names if name not in CHECKOUT]
    return [name for name in names if name == "__pycache__"]
