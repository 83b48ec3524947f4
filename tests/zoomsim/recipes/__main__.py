"""Run the recipes, and say of each what came of it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zoomsim.in_process import running
from zoomsim.options import Options, Plan

HERE: Final = Path(__file__).parent
KEPT: Final = HERE.parents[2] / ".cache" / "recipes"
ENDS_WITHIN_S: Final = 180


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """
    A client: its packages with their versions, the first its own, the script that uses it, and whether the hosts that it has
    built in are led here.
    """

    packages: Sequence[str]
    script: str
    is_redirected: bool
    account_id: str = "sim-account"

    @property
    def name(self) -> str:
        """How it is called on the command line."""
        return Path(self.script).stem

    @property
    def is_python(self) -> bool:
        """Whether it is one of Python's, else of Node's."""
        return self.script.endswith(".py")


RECIPES: Final = (
    Recipe(packages=["zoomus==1.2.1"], script="zoomus_users.py", is_redirected=False),
    Recipe(packages=["zoom-python-client==0.2.3"], script="zoom_python_client_polls.py", is_redirected=False),
    Recipe(packages=["pyzoom==1.0.8"], script="pyzoom_lesson.py", is_redirected=False),
    Recipe(packages=["basic-zoom==0.0.12"], script="basic_zoom_everything.py", is_redirected=True),
    # The account that is written into the package is its author's.
    Recipe(
        packages=["pyzooms2s==0.1.7", "requests==2.32.5"],
        script="pyzooms2s_settings.py",
        is_redirected=True,
        account_id="HDo_H5JWQAu25KIIQfo1EA",
    ),
    Recipe(packages=["EasyZoom==1.0.3", "requests==2.32.5"], script="easyzoom_link.py", is_redirected=True),
    Recipe(packages=["dlzoom==0.3.1"], script="dlzoom_recordings.py", is_redirected=True),
    Recipe(packages=["@zoom/rivet@0.4.0"], script="rivet_polls.mjs", is_redirected=True),
    Recipe(packages=["@zoom/rivet@0.4.0"], script="rivet_receiver.mjs", is_redirected=True),
    Recipe(packages=["zoomapi@2.3.1"], script="zoomapi_users.mjs", is_redirected=True),
)


def main(names: Sequence[str]) -> int:
    """Run those recipes, all if none is named; return how many failed."""
    chosen = [recipe for recipe in RECIPES if recipe.name in names or not names]
    if unknown := set(names) - {recipe.name for recipe in RECIPES}:
        print(f"No such recipe: {', '.join(sorted(unknown))}. There are {', '.join(one.name for one in RECIPES)}.")
        return 1
    rows, failed = [], 0
    for recipe in chosen:
        done = _run(recipe)
        failed += done.returncode != 0
        said = done.stdout.strip().splitlines()[-1:] if done.returncode == 0 else done.stderr.strip().splitlines()[-3:]
        rows.append(
            f"| `{recipe.packages[0]}` | {'led here' if recipe.is_redirected else 'by its own options'} | {' '.join(said)} |"
        )
        print(rows[-1], flush=True)
    print("\n".join(["", "| client | how it comes here | what it did |", "| --- | --- | --- |", *rows]))
    return failed


def _run(recipe: Recipe) -> "subprocess.CompletedProcess[str]":
    folder = KEPT / recipe.name
    program = _python(folder, recipe.packages) if recipe.is_python else _node(folder, recipe.packages)
    options = Options(
        hosts=5,
        plan=Plan.UNLIMITED,
        port=0,
        report_delay_s=0,
        account_id=recipe.account_id,
        # Some clients follow links only to Zoom's own hosts.
        public_url="https://zoom.us" if recipe.is_redirected else "",
    )
    with running(options) as zoom:
        facts = {
            name: getattr(zoom, name)
            for name in ("url", "api_url", "oauth_url", "account_id", "client_id", "client_secret")
        }
        environment = os.environ | {"FACTS": json.dumps(facts), "PYTHONPATH": str(HERE), "HOME": str(folder)}
        return subprocess.run(
            [*program, str(HERE / recipe.script)]
            if recipe.is_python
            else [*program, str(_beside(folder, recipe.script))],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            timeout=ENDS_WITHIN_S,
            cwd=folder,
        )


def _python(folder: Path, packages: Sequence[str]) -> list[str]:
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
    return [str(python)]


def _node(folder: Path, packages: Sequence[str]) -> list[str]:
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), *packages], check=True)
    return ["node", "--import", str(HERE / "redirect.mjs")]


def _beside(folder: Path, script: str) -> Path:
    """Put a script where Node finds the packages."""
    copy = folder / script
    copy.write_text((HERE / script).read_text(encoding="utf-8"), encoding="utf-8")
    return copy


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
