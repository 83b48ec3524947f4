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
