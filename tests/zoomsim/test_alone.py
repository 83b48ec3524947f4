"""The distribution `zoomsim` by itself: without Classbell and what it needs, as its own wheel installs it."""

import os
import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from zipfile import ZipFile

import pytest

import zoomsim
from tests import processes
from tests.installed import environment_with, link_libraries, plain
from zoomsim.in_process import Refused, running
from zoomsim.options import Options

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"^[\w.-]+")
NOT_WANTED = {"django", "classbell", "psycopg", "httpx", "granian"}
TESTS = """
import json
from urllib.request import Request, urlopen


def ask(zoomsim, method, path, body=None):
    headers = {"Authorization": f"Bearer {zoomsim.token()}"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(zoomsim.api_url + path, data=data, method=method, headers=headers)) as answer:
        return json.loads(answer.read())


def test_lesson(zoomsim):
    made = ask(zoomsim, "POST", "/users/me/meetings", {"topic": "Algebra"})
    zoomsim.start(made["id"])
    zoomsim.join(made["id"], "Omar", customer_key="student-7")
    zoomsim.end(made["id"])
    people = ask(zoomsim, "GET", f"/report/meetings/{made['id']}/participants")["participants"]
    assert [person["customer_key"] for person in people] == ["", "student-7"]


def test_each_test_begins_with_nothing(zoomsim):
    assert zoomsim.state()["meetings"] == []
"""


HTTPX = """
import json
from urllib.request import Request, urlopen


class post:
    def __init__(self, url, json, headers):
        self.request = Request(url, data=_dumps(json), headers=headers, method="POST")

    def json(self):
        with urlopen(self.request) as answer:
            return json.loads(answer.read())


def _dumps(value):
    return json.dumps(value).encode()
"""


def needed(*names: str) -> set[str]:
    """Return distributions with all that they require, of what is installed here."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = plain(left.pop())
        if name not in found:
            try:
                required = requires(name) or []
            except PackageNotFoundError:
                continue  # for another system or Python
            found.add(name)
            left += [NAME.findall(one)[0] for one in required if "extra ==" not in one]
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Its wheel, as `./run wheel` builds it."""
    checkout, folder = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(
        ROOT / "src" / "zoomsim", checkout / "src" / "zoomsim", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "packages", checkout / "packages", ignore=shutil.ignore_patterns("dist"))
    run(
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        str(folder),
        cwd=checkout / "packages" / "zoomsim",
    )
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def alone(wheel, tmp_path_factory):
    """An environment's folder of programs with the wheel, with what it requires, and with pytest."""
    programs, packages = environment_with(wheel, tmp_path_factory.mktemp("alone"))
    required = [NAME.findall(one)[0] for one in metadata(wheel)]
    link_libraries(needed("pytest", *required), packages)
    return programs


def metadata(wheel):
    """Return what the wheel says it requires."""
    with ZipFile(wheel) as file:
        (name,) = (name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        text = file.read(name).decode()
    return re.findall(r"^Requires-Dist: (.+)$", text, re.MULTILINE)


def run(*command, cwd=None):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "DJANGO"))}
    done = processes.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=clean)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wheel_holds_the_simulator_whole_and_typed(wheel):
    with ZipFile(wheel) as file:
        inside = {name for name in file.namelist() if ".dist-info/" not in name}
    sources = ROOT / "src"
    ours = {
        str(file.relative_to(sources))
        for file in (sources / "zoomsim").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }

    assert inside == ours
    assert "zoomsim/py.typed" in inside
    assert wheel.name.startswith(f"zoomsim-{zoomsim.__version__}-")


def test_it_requires_nothing_of_classbells(wheel):
    assert needed(*(NAME.findall(one)[0] for one in metadata(wheel))).isdisjoint(NOT_WANTED)


def test_it_runs_where_nothing_else_is_installed(alone, tmp_path):
    where = run(str(alone / "python"), "-c", "import zoomsim; print(zoomsim.__file__)", cwd=tmp_path)

    assert where.startswith(str(alone.parent))
    assert "--public-url" in run(str(alone / "zoomsim"), "--help", cwd=tmp_path)
    assert "GET /users/{userId}" in run(str(alone / "zoomsim"), "calls", cwd=tmp_path)
    assert "questions" in run(str(alone / "zoomsim"), "check", "--list", cwd=tmp_path)


def test_its_fixture_is_there_and_tests_go_through(alone, tmp_path):
    (tmp_path / "test_zoom.py").write_text(TESTS)

    said = run(str(alone / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)

    assert "2 passed" in said


def test_what_its_readme_shows_goes_through(alone, tmp_path):
    readme = (ROOT / "packages" / "zoomsim" / "README.md").read_text(encoding="utf-8")
    test, options = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    # In place of the one library of it that is not installed there.
    (tmp_path / "httpx.py").write_text(HTTPX)
    (tmp_path / "test_zoom.py").write_text(test)
    (tmp_path / "conftest.py").write_text(options)

    said = run(str(alone / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)

    assert "1 passed" in said


def test_it_is_controlled_from_the_process_that_started_it():
    with running() as zoom:
        zoom.fault(kind="status", path="/oauth/token", status=503, times=1)
        with pytest.raises(Refused, match="503"):
            zoom.token()
        zoom.clock(3600)
        assert zoom.token()
        assert zoom.state()["offset_s"] == 3600
        with pytest.raises(Refused, match="There is no such meeting"):
            zoom.start(81)
        zoom.reset()
        assert zoom.state()["offset_s"] == 0
    with running() as again:
        assert again.url != zoom.url or again.state()["meetings"] == []


def test_it_is_controlled_where_it_listens_whatever_stands_in_its_links():
    with running(Options(hosts=1, port=0, public_url="https://zoom.school.example")) as zoom:
        assert zoom.url.startswith("http://127.0.0.1:")
        assert zoom.token()
        assert zoom.state()["meetings"] == []
