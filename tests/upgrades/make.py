"""
Keep a small school as a version leaves it: `python -m tests.upgrades.make NAME [COMMIT]`.

Without a commit it is this checkout's version. The school is the demo's, made by that version's own programs; the backup is
taken by this one.
"""

import gzip
import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.databases import ROOT, drop, make_empty
from tests.simulator import Simulator
from tests.system import System
from tests.upgrades import FOLDER


def main(name: str, commit: str = "") -> None:
    """Write `NAME.backup.gz` into this folder."""
    database = f"upgrade_{random.randrange(16**8):08x}"
    target = FOLDER / f"{name}.backup.gz"
    try:
        with tempfile.TemporaryDirectory() as folder, Simulator(plan="business", hosts=25) as simulator:
            system = System(make_empty(database), simulator, Path(folder))
            now = system.environment
            if commit:
                system.environment = now | {"PYTHONPATH": str(sources_of(commit, Path(folder)))}
            system.command("migrate")
            system.command("seed-demo")
            system.environment = now
            taken = Path(folder) / "taken"
            print(system.command("backup", str(taken)).stderr)
            target.write_bytes(gzip.compress(taken.read_bytes(), mtime=0))
    finally:
        drop(database)


def sources_of(commit: str, folder: Path) -> Path:
    """Unpack the program as it was at a commit; return what to put in front of Python's path."""
    packed = subprocess.run(
        [shutil.which("git") or "git", "archive", commit, "src"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    for texts in (folder / "src").glob("classbell/locale/*/LC_MESSAGES/django.po"):
        subprocess.run(
            [
                Path(sys.executable).with_name("pybabel"),
                "--quiet",
                "compile",
                "-i",
                texts,
                "-o",
                texts.with_suffix(".mo"),
            ],
            check=True,
            env=os.environ,
        )
    return folder / "src"


if __name__ == "__main__":
    main(*sys.argv[1:])
