"""What a school installs: the wheel and what `requirements.lock` names, without this checkout and without Node."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin
from zipfile import ZipFile

import httpx
import pytest

import classbell
from tests import processes
from tests.installed import environment_with, link_locked_libraries
from tests.simulator import Simulator
from tests.system import System, fresh_system

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
LINKED = re.compile(r'<(?:link|script|use)\b[^>]* (?:href|src)="([^"#]+)')
NAMED_BY_SHEETS = re.compile(r'url\("?(?!data:)([^")]+)"?\)')
WRITTEN_BY_PYTHON = shutil.ignore_patterns("__pycache__", "*.mo")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which nothing was done yet."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "src", folder / "src", ignore=WRITTEN_BY_PYTHON)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, as `./run wheel` builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    files = {file.relative_to(sources) for file in sources.rglob("*")}
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder), cwd=sources)
    for file in {file.relative_to(sources) for file in sources.rglob("*")} - files:  # what it compiled on the way
        if not (sources / file).is_dir():
            (sources / file).unlink()
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment's folder of programs, with the wheel and of all that is installed here only what a school has."""
    programs, packages = environment_with(wheel, tmp_path_factory.mktemp("school"))
    link_locked_libraries(ROOT / "requirements.lock", packages)
    return programs


@pytest.fixture(scope="module")
def system(installed: Path, simulator_process: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """What the installed wheel serves."""
    with fresh_system(simulator_process, tmp_path_factory.mktemp("system"), PATH=str(installed)) as system:
        system.python = str(installed / "python")
        system.start_web()
        system.wait_for_web()
        yield system


def run(*command: str, cwd: Path | None = None) -> str:
    done = processes.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def test_wheel_holds_the_whole_program_and_its_compiled_texts(sources: Path, wheel: Path) -> None:
    inside = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = {str(file.relative_to(sources / "src")) for file in (sources / "src").rglob("*") if file.is_file()}

    assert inside - ours == {"classbell/locale/ar/LC_MESSAGES/django.mo"}
    assert ours - inside == set()


def test_installed_program_says_which_it_is(installed: Path, tmp_path: Path) -> None:
    where = run(str(installed / "python"), "-c", "import classbell; print(classbell.__file__)", cwd=tmp_path)

    assert where.startswith(str(installed.parent))
    assert run(str(installed / "classbell"), "version", cwd=tmp_path).strip() == classbell.__version__
    assert "usage" in run(str(installed / "zoomsim"), "--help", cwd=tmp_path).lower()


def test_doctor_of_the_installed_program_finds_nothing_missing_in_it(system: System) -> None:
    done = system.command("doctor", check=False)

    assert "Traceback" not in done.stderr
    assert "database" in done.stdout.lower()


def test_installed_pages_are_arabic_and_bring_all_that_they_name(system: System) -> None:
    with httpx.Client(headers={"Accept-Language": "ar"}, follow_redirects=True, timeout=30) as browser:
        page = browser.get(system.url)
        named = [urljoin(str(page.url), path) for path in LINKED.findall(page.text)]
        sheets = [(url, browser.get(url).text) for url in named if url.endswith(".css")]
        named += [urljoin(url, path) for url, sheet in sheets for path in NAMED_BY_SHEETS.findall(sheet)]
        answers = {url: browser.get(url).status_code for url in named}

    assert '<html lang="ar" dir="rtl"' in " ".join(page.text.split())
    assert "تسجيل الدخول" in page.text
    assert {url.rpartition(".")[2] for url in named} >= {"css", "js", "svg", "woff2"}
    assert {url: status for url, status in answers.items() if status != 200} == {}
