"""Node, for tests that run JavaScript: the machine's own, else the one that Playwright brings along for itself."""

import shutil
import subprocess
from pathlib import Path

import playwright
import pytest

NODE = shutil.which("node") or str(Path(playwright.__file__).with_name("driver") / "node")
CACHE = Path(__file__).parents[1] / ".cache" / "node"


def folder_with(name: str, version: str) -> Path:
    """Return a folder whose `node_modules` has a package, installed at first use. Skips the test where it cannot be."""
    folder = CACHE / name
    if (folder / "node_modules" / name).exists():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"There is no npm here to install {name} with.")
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--prefix", str(folder)]
    asked = [npm, "install", *flags, f"{name}@{version}"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(f"{name} cannot be installed: {done.stderr[-300:]}")
    return folder
