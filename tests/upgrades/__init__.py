"""Backups of a small school, one for each version that was released, and of states before them."""

import gzip
import os
from pathlib import Path
from typing import Final

import psycopg
import pytest

from classbell.backup.session import server_version

FOLDER: Final = Path(__file__).resolve().parent
# The server that they were taken from.
TAKEN_FROM: Final = 18


def unpacked(kept: Path, folder: Path) -> Path:
    """Return the backup inside one of the kept files. Skips the test on a server that is too old to read it."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as session:
        if server_version(session) < TAKEN_FROM:
            pytest.skip(f"The kept schools are of PostgreSQL {TAKEN_FROM}.")
    path = folder / kept.name.removesuffix(".gz")
    path.write_bytes(gzip.decompress(kept.read_bytes()))
    return path
