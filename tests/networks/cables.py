"""A cable that is slow and loses packets, made of two taps: the kernel's own way to have one, netem, is not everywhere."""

import contextlib
import fcntl
import heapq
import itertools
import os
import random
import select
import struct
import threading
import time
from typing import Final

TUNSETIFF: Final = 0x400454CA
# Frames of Ethernet, nothing before them.
IFF_TAP_NO_PI: Final = 0x1002
LONGEST_FRAME: Final = 65_536


class SlowCable:
    """
    Two ends, each a network interface; a frame that goes in at one comes out at the other so many milliseconds later, a
    quarter more or less, unless it is lost. Made in the network of the thread that makes it; gone when closed.
    """

    def __init__(self, ends: tuple[str, str], *, milliseconds: int, loss_percent: float) -> None:
        self._ends = [_tap(name) for name in ends]
        self._seconds, self._loss = milliseconds / 1000, loss_percent / 100
        self._dice = random.Random(ends[0])
        self._over, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._carry, name=f"cable-{ends[0]}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take it away, with what is under way in it."""
        os.close(self._wake)
        self._thread.join()
        for end in (*self._ends, self._over):
            os.close(end)

    def _carry(self) -> None:
        one, other = self._ends
        across = {one: other, other: one}
        under_way: list[tuple[float, int, int, bytes]] = []
        numbers = itertools.count()
        while True:
            patience = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
            ready, _, _ = select.select([one, other, self._over], [], [], patience)
            if self._over in ready:
                return
            for end in ready:
                frame = os.read(end, LONGEST_FRAME)
                if self._dice.random() >= self._loss:
                    due = time.monotonic() + self._seconds * self._dice.uniform(0.75, 1.25)
                    heapq.heappush(under_way, (due, next(numbers), across[end], frame))
            while under_way and under_way[0][0] <= time.monotonic():
                _due, _number, end, frame = heapq.heappop(under_way)
                # An end that is not up yet takes nothing: one more frame that is lost.
                with contextlib.suppress(OSError):
                    os.write(end, frame)


def _tap(name: str) -> int:
    """Make a network interface whose frames are read from what is returned, and written to it."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP_NO_PI))
    return descriptor
