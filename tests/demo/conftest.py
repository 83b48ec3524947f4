"""One demo for all tests that look at a running one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from classbell.demo.supervisor import SIM_CREDENTIALS
from tests.demo.running import FirstRun, running_demo

SDK_KEY, SDK_SECRET = SIM_CREDENTIALS["ZOOM_SDK_KEY"], SIM_CREDENTIALS["ZOOM_SDK_SECRET"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """A running demo: the addresses of Classbell and of the simulated Zoom, and the folder with its data."""

    url: str
    sim: str
    folder: Path


@pytest.fixture(scope="package")
def demo(first_demo: FirstRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that was started again."""
    folder = first_demo.copy_to(tmp_path_factory.mktemp("demo"))
    with running_demo(folder) as (url, sim):
        yield Demo(url=url, sim=sim, folder=folder)
