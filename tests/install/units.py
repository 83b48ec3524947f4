"""
What `systemctl` does here, where no systemd runs: units are started as they say, by a process that ends with the tests.

    python units.py serve FOLDER              takes requests at FOLDER/systemctl.sock; units are in FOLDER/etc/systemd/system
    python units.py ask FOLDER ARGUMENT...    what the command `systemctl` of a trial runs

It needs the standard library only, and knows of a unit what those of this project say.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from types import FrameType

SOCKET = "systemctl.sock"
STOP_SECONDS = 60
INSTANCE = re.compile(r"^(?P<template>[\w-]+@)(?P<instance>[\w.-]+)$")


class Units:
    """The services that run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.read: set[str] = set()

    def obey(self, arguments: list[str]) -> tuple[int, str]:
        """Do what `systemctl` is asked for; return its status and what it says."""
        words = [word for word in arguments if not word.startswith("--")]
        verb, names = words[0], [name.removesuffix(".service") for name in words[1:]]
        if verb == "daemon-reload":
            self.read = {path.name for path in self._units()}
            return 0, ""
        if verb in {"enable", "start", "restart", "stop", "reload"}:
            said = [self._change(verb, name, now="--now" in arguments) for name in names]
            return int(any(said)), "".join(said)
        if verb == "is-active":
            return int(not all(self._runs(name) for name in names)), ""
        return 1, f"Unknown command verb {verb}.\n"

    def stop_all(self) -> None:
        """End every service, all at once."""
        self._stop(*self.running)

    def _change(self, verb: str, name: str, *, now: bool) -> str:
        """Return what went wrong, "" for nothing."""
        known = self._file(name)
        if known is None:
            return f"Unit {name}.service not found.\n"
        if verb == "reload":
            self.running[name].send_signal(signal.SIGHUP)
            return ""
        if verb in {"restart", "stop"}:
            self._stop(name)
        if verb in {"start", "restart"} or (verb == "enable" and now):
            return self._start(name, known)
        return ""

    def _start(self, name: str, file: Path) -> str:
        if self._runs(name):
            return ""
        unit = _settings(file, name)
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "SSL_CERT_FILE": self._authorities()} | dict(
            line.partition("=")[::2] for line in unit["Environment"]
        )
        (command,) = unit["ExecStart"]
        user = (unit["User"] or ["root"])[0]
        log = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [
                "/usr/bin/setpriv",
                "--reuid",
                user,
                "--regid",
                user,
                "--init-groups",
                "--pdeathsig",
                "TERM",
                *command.split(),
            ],
            env=environment,
            cwd=(unit["WorkingDirectory"] or ["/"])[0],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        for after in unit["ExecStartPost"]:
            done = subprocess.run(after.split(), env=environment, check=False, capture_output=True, text=True)
            if done.returncode:
                return (
                    f"Job for {name}.service failed: {done.stderr}{(self.folder / f'{name}.log').read_text()[-2000:]}\n"
                )
        return ""

    def _authorities(self) -> str:
        """Return what this machine trusts: OpenSSL would look in the /etc of the machine around it."""
        return str(self.folder / "etc/ssl/certs/ca-certificates.crt")

    def _stop(self, *names: str) -> None:
        stopping = [self.running.pop(name) for name in names if name in self.running]
        for process in stopping:
            process.terminate()
        for process in stopping:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _runs(self, name: str) -> bool:
        return name in self.running and self.running[name].poll() is None

    def _units(self) -> list[Path]:
        return list((self.folder / "etc/systemd/system").glob("*.service"))

    def _file(self, name: str) -> Path | None:
        """Return a unit's file; None where there is none, or nobody has said `daemon-reload` since."""
        instance = INSTANCE.match(name)
        wanted = f"{instance['template'] if instance else name}.service"
        return next((path for path in self._units() if path.name == wanted and wanted in self.read), None)


def _settings(file: Path, name: str) -> dict[str, list[str]]:
    """Return the lines of a unit by their keys, with what stands for its instance put in."""
    instance = INSTANCE.match(name)
    found: dict[str, list[str]] = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines():
        key, mark, value = line.partition("=")
        if mark and not line.startswith("#"):
            found[key].append(value.replace("%i", instance["instance"] if instance else ""))
    return found


def serve(folder: Path) -> None:
    """Take requests until told to stop."""
    units = Units(folder)

    def stop(_number: int, _frame: FrameType | None) -> None:
        units.stop_all()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(folder / SOCKET))
    door.listen()
    while True:
        caller, _address = door.accept()
        with caller, caller.makefile("rw") as talk:
            talk.write(json.dumps(units.obey(json.loads(talk.readline()))))


def ask(folder: Path, arguments: list[str]) -> int:
    """Hand a request on, say what was answered, and return its status."""
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(folder / SOCKET))
        with door.makefile("rw") as talk:
            talk.write(json.dumps(arguments) + "\n")
            talk.flush()
            status, said = json.loads(talk.readline())
    sys.stderr.write(said)
    return int(status)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(Path(sys.argv[2]))
    sys.exit(ask(Path(sys.argv[2]), sys.argv[3:]))
