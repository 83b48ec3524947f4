"""
One clock for all programs of a stage, which can be moved on while they run, and be wrong in single ones.

A small library in C is loaded before each program, and adds what stands in a file to the time that the program is told. It
stands between the program and its disk as well, which can be full.
What counts time by the monotonic clock (sleeping, waiting, alarms) is left alone: who waits a second waits a second.
"""

import mmap
import shutil
import struct
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

SOURCE = Path(__file__).with_name("preload.c")
COMPILER = shutil.which("cc")
NANOSECONDS = 1_000_000_000
SECONDS_BETWEEN_TICKS = 0.02


class Clock:
    """
    The time of a stage: `rate` seconds of it pass in one, and `leap` lets many pass at once. `settings(name)` is what a
    program is started with to see it, and `skew` lets one program see another time.
    """

    def __init__(self, folder: Path) -> None:
        if COMPILER is None:
            raise RuntimeError("Moving the clock takes a C compiler: apt install gcc libc6-dev")
        self._folder = folder / "clock"
        self._folder.mkdir(mode=0o755)
        self._library = self._folder / "clock.so"
        subprocess.run([COMPILER, "-shared", "-fPIC", "-O2", "-o", self._library, SOURCE], check=True)
        self._files: dict[str, mmap.mmap] = {}
        self._skews: dict[str, float] = {}
        self._lock = Lock()
        self._ahead = 0.0
        self._over = Event()
        self.rate = 1.0
        self._ticking = Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        self._ticking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._ticking.join()

    def now(self) -> datetime:
        """Return the time of the stage, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def leap(self, by: timedelta) -> None:
        """Let so much time pass at once, everywhere."""
        with self._lock:
            self._ahead += by.total_seconds()
            self._write()

    def skew(self, name: str, seconds: float) -> None:
        """Let one program see a time that is so much later than everybody else's; 0: the same again."""
        with self._lock:
            self._skews[name] = seconds
            self._write()

    def fill_disk(self, name: str, *, is_full: bool) -> None:
        """Let no file of one program grow any more, or again."""
        self._files[name][8:] = struct.pack("q", int(is_full))

    def agree(self) -> None:
        """Let all programs see the same time."""
        with self._lock:
            self._skews.clear()
            self._write()

    def settings(self, name: str) -> dict[str, str]:
        """Return the environment of a program that is to see this clock under a name of its own."""
        path = self._folder / name
        with self._lock:
            if name not in self._files:
                path.write_bytes(struct.pack("qq", round(self._ahead * NANOSECONDS), 0))
                path.chmod(0o644)
                with path.open("r+b") as file:
                    self._files[name] = mmap.mmap(file.fileno(), 16)
        return {"LD_PRELOAD": str(self._library), "CHAOS_CLOCK": str(path)}

    def _tick(self) -> None:
        before = time.monotonic()
        while not self._over.wait(SECONDS_BETWEEN_TICKS):
            after = time.monotonic()
            with self._lock:
                self._ahead += (self.rate - 1.0) * (after - before)
                self._write()
            before = after

    def _write(self) -> None:
        for name, file in self._files.items():
            ahead = self._ahead + self._skews.get(name, 0.0)
            file[:8] = struct.pack("q", round(ahead * NANOSECONDS))
