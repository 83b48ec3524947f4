"""Benchmarks: each prints its figures and the limit they are held against, from one run."""

import os
from pathlib import Path

# A server of their own: the one of the tests does not wait for the disk.
os.environ.setdefault("CLASSBELL_TEST_DATA", str(Path(__file__).resolve().parent.parent / ".cache" / "bench-data"))
