"""
The fixture `zoomsim`, which pytest finds by itself where this is installed.

Another simulator, such as one with a plan's limits: override `zoomsim_options` in a conftest.
"""

from collections.abc import Iterator

import pytest

from zoomsim.in_process import RunningZoom, running
from zoomsim.options import Options


@pytest.fixture(scope="session")
def zoomsim_options() -> Options | None:
    """What the simulator of this run is told; None for 5 hosts and no limits."""
    return None


@pytest.fixture(scope="session")
def zoomsim_server(zoomsim_options: Options | None) -> Iterator[RunningZoom]:
    """One simulator for all tests of a process."""
    with running(zoomsim_options) as zoom:
        yield zoom


@pytest.fixture
def zoomsim(zoomsim_server: RunningZoom) -> RunningZoom:
    """A simulated Zoom that has forgotten everything but its hosts."""
    zoomsim_server.reset()
    return zoomsim_server
