"""Node, for tests that run JavaScript: the machine's own, else the one that Playwright brings along for itself."""

import shutil
from pathlib import Path

import playwright

NODE = shutil.which("node") or str(Path(playwright.__file__).with_name("driver") / "node")
