"""Environments of schools made without a network: of all that is installed here, only what a school has."""

import re
import sys
import venv
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

from tests import processes

PINNED: Final = re.compile(r"^([\w.-]+)==", re.MULTILINE)


def environment_with(wheel: Path, folder: Path) -> tuple[Path, Path]:
    """Make an environment in a folder, with a wheel and nothing else; return its folders of programs and of packages."""
    venv.create(folder)
    programs = folder / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(programs / "python")]
    done = processes.run(
        [*pip, "install", "--no-index", "--no-deps", str(wheel)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (packages,) = folder.glob("lib/python*/site-packages")
    return programs, packages


def link_locked_libraries(lock: Path, packages: Path) -> None:
    """Link the libraries that a list pins into a folder of packages that has none of them yet."""
    link_libraries({plain(name) for name in PINNED.findall(lock.read_text())}, packages)


def link_libraries(wanted: set[str], packages: Path) -> None:
    """Link the libraries of these plain names into a folder of packages that has none of them yet."""
    for distribution in distributions():
        if plain(distribution.metadata["Name"]) in wanted:
            for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
                if not (packages / top).exists():
                    (packages / top).symlink_to(Path(str(distribution.locate_file(top))))


def plain(name: str) -> str:
    """Return a distribution's name as all its spellings have it."""
    return re.sub(r"[-_.]+", "-", name).lower()
