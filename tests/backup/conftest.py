"""A small school in a database of its own, and empty databases to restore into."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from classbell.backup.restoring import read_backup, restore
from tests.databases import drop, make_empty
from tests.upgrades import FOLDER, unpacked


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backup of a small school that is kept for upgrades, taken with the secret key of tests."""
    return unpacked(FOLDER / "0.1.0.backup.gz", tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def school(kept: Path) -> Iterator[str]:
    """The address of a database with a small school; tests leave it as it is."""
    name = f"school_{random.randrange(16**8):08x}"
    address = make_empty(name)
    try:
        restore(kept, read_backup(kept, passphrase=None), address=address, passphrase=None, replace=False)
        yield address
    finally:
        drop(name)


@pytest.fixture
def empty() -> Iterator[Callable[[], str]]:
    """Return a function that makes an empty database and returns its address."""
    made: list[str] = []

    def make() -> str:
        made.append(f"empty_{random.randrange(16**8):08x}")
        return make_empty(made[-1])

    try:
        yield make
    finally:
        for name in made:
            drop(name)
