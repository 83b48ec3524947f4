"""One demo for all tests that look at a running one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.demo.running import FirstRun, running_demo

SDK_KEY, SDK_SECRET = "sdk-key", "s" * 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """A running demo: the addresses of Classbell and of the simulated Zoom, and the folder with its data."""

    url: str
    sim: str
    folder: Path


@pytest.fixture(scope="package")
def demo(first_demo: FirstRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that was started again, now with Meeting SDK keys."""
    folder = first_demo.copy_to(tmp_path_factory.mktemp("demo"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ZOOM_SDK_KEY", SDK_KEY)
        environment.setenv("ZOOM_SDK_SECRET", SDK_SECRET)
        with running_demo(folder) as (url, sim):
            yield Demo(url=url, sim=sim, folder=folder)
