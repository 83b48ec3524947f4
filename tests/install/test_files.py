"""What the files of the installation guide name exists (settings, commands, files), and they agree with each other."""

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from classbell.cli import app
from classbell.config.environment import Environment
from classbell.config.setting_files import SUFFIX
from tests import processes
from tests.install.machine import ROOT
from tests.install.page import blocks_of, replaceable, replaced

GUIDE: Final = ROOT / "docs/install"
FILES: Final = sorted(path for path in GUIDE.rglob("*") if path.is_file())
ASSIGNED: Final = re.compile(
    r"^\s*(?:Environment=)?((?:CLASSBELL|ZOOM|EMAIL|DATABASE|DEFAULT_FROM)_\w+)(?:=|: )", re.MULTILINE
)
COPIED: Final = re.compile(r"^COPY (?!--from)(.+) \S+$", re.MULTILINE)
COMMAND: Final = re.compile(r'^\s*(?:command: |CMD )\["([\w-]+)"', re.MULTILINE)
PORTS: Final = re.compile(r"127\.0\.0\.1:(\d+)")


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_settings_that_are_named_exist(file: Path) -> None:
    known = {str(field.alias) for field in Environment.model_fields.values()}
    named = set(ASSIGNED.findall(file.read_text(encoding="utf-8")))

    assert {name for name in named if name not in known and name.removesuffix(SUFFIX) not in known} == set()


def test_containers_are_made_of_what_is_there() -> None:
    dockerfile = (GUIDE / "Dockerfile").read_text(encoding="utf-8")
    commands = {str(command.name or getattr(command.callback, "__name__", "")) for command in app.registered_commands}
    used = COMMAND.findall(dockerfile + (GUIDE / "compose.yaml").read_text(encoding="utf-8"))

    assert [name for line in COPIED.findall(dockerfile) for name in line.split() if not (ROOT / name).exists()] == []
    assert set(used) == {"serve", "migrate", "worker"}
    assert set(used) <= commands


def test_proxies_ask_the_ports_that_the_guide_starts() -> None:
    started = set(re.findall(r"classbell-web@(\d+)", (GUIDE / "postgresql.md").read_text(encoding="utf-8")))

    assert started == {"8001", "8002"}
    assert set(PORTS.findall((GUIDE / "nginx.conf").read_text(encoding="utf-8"))) == started
    assert set(PORTS.findall((GUIDE / "Caddyfile").read_text(encoding="utf-8"))) == started


@pytest.mark.skipif(shutil.which("caddy") is None, reason="there is no Caddy here")
def test_caddy_understands_its_file(tmp_path: Path) -> None:
    command: list[str | Path] = ["caddy", "validate", "--adapter", "caddyfile", "--config", GUIDE / "Caddyfile"]
    done = processes.run(
        command, capture_output=True, text=True, check=False, env={"HOME": str(tmp_path), "PATH": "/usr/bin"}
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("caddy") is None, reason="there is no Caddy here")
def test_caddy_understands_its_file_as_containers_have_it(tmp_path: Path) -> None:
    (change,) = re.findall(r"^sed .*$", (GUIDE / "containers.md").read_text(encoding="utf-8"), re.MULTILINE)
    shutil.copy(GUIDE / "Caddyfile", tmp_path)
    processes.run(["sh", "-euc", change], cwd=tmp_path, check=True)
    file = tmp_path / "Caddyfile.compose"
    command: list[str | Path] = ["caddy", "validate", "--adapter", "caddyfile", "--config", file]
    done = processes.run(
        command, capture_output=True, text=True, check=False, env={"HOME": str(tmp_path), "PATH": "/usr/bin"}
    )

    assert done.returncode == 0, done.stderr
    assert "reverse_proxy web:8000 {" in file.read_text()
    assert file.read_text().splitlines()[1] == "your.name {"


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here (Debian: systemd)"
)
@pytest.mark.parametrize("page", ["postgresql.md", "one-machine.md"])
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path, page: str) -> None:
    units = [tmp_path / unit.name.replace("@", "@8001") for unit in (GUIDE / "systemd").iterdir()]
    for file in (GUIDE / "systemd").iterdir():
        # What they start is not here, and systemd looks.
        text = re.sub(r"(?<==)/(opt|usr)/\S+", shutil.which("true") or "", file.read_text(encoding="utf-8"))
        (tmp_path / file.name).write_text(text)
        (tmp_path / file.name.replace("@", "@8001")).write_text(text)
    for block in blocks_of(GUIDE / page):
        if "database.conf" in block.text:
            loop = re.findall(r"^for unit.*?^done$", block.text, re.MULTILINE | re.DOTALL)[0]
            processes.run(["sh", "-euc", loop.replace("/etc/systemd/system", str(tmp_path))], check=True)

    done = processes.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)

    assert len(list(tmp_path.glob("*.d"))) == (2 if page == "one-machine.md" else 0)
    assert [line for line in done.stderr.splitlines() if "classbell" in line or str(tmp_path) in line] == []
    assert done.returncode == 0, done.stderr


def test_only_what_the_table_names_is_replaced() -> None:
    names = replaceable(GUIDE / "postgresql.md")
    values = {name: f"<{name}>" for name in names}
    text = "\n".join(block.text for block in blocks_of(GUIDE / "postgresql.md"))

    assert {"school.example", "443", "/opt/classbell"} <= set(names)
    assert [
        name for name in names if name not in text and name not in {"80", "443", "/var/log/nginx", "/etc/letsencrypt"}
    ] == []
    assert replaced(
        "https://school.example/x s/x/school.example/ DNS:school.example:443 head@school.example", values
    ) == ("<https://school.example>/x s/x/<school.example>/ DNS:<school.example>:<443> <head@school.example>")
    assert replaced("/opt/classbell/bin /usr/opt/classbell", values) == "</opt/classbell>/bin /usr/opt/classbell"


def test_so_many_commands_are_said_as_there_are() -> None:
    commands = sum(block.commands for block in blocks_of(GUIDE / "postgresql.md"))

    assert f" {commands} commands, " in (GUIDE / "README.md").read_text(encoding="utf-8")
