"""A process that becomes many, which share the limiter: each sends as fast as it may and tells when it was let through."""

import multiprocessing
import os
import sys
import time
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier


class WatchedTime:
    """The time module as the limiter uses it; `latest` is the last moment it looked at, which is when it let go."""

    latest = 0.0

    def monotonic(self) -> float:
        self.latest = time.monotonic()
        return self.latest

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def send(account: str, plan: str, label: str, requests: int, start: Barrier, told: "SimpleQueue[list[float]]") -> None:
    """Acquire so many times and tell each moment (time.monotonic, one clock for all processes of a machine)."""
    from classbell.meetings.sync import limits
    from classbell.zoom.limits import Call, Label

    watched = WatchedTime()
    limits.time = watched  # type: ignore[assignment,attr-defined]  # the part of the module that is used
    limiter = limits.PostgresLimiter(plan)
    moments = []
    start.wait()
    for _request in range(requests):
        limiter.acquire(Call(account_id=account, label=Label(label), method="GET", path_template="/x"))
        moments.append(watched.latest)
    told.put(moments)


def main(account: str, plan: str, label: str, requests: int, processes: int) -> None:
    """Print the moments of all processes, and fail when one of them did."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "classbell.config.settings"
    import django

    django.setup()
    # Forked before anything is connected, so that everything is imported once.
    context = multiprocessing.get_context("fork")
    start, told = context.Barrier(processes), context.SimpleQueue()
    crowd = [
        context.Process(target=send, args=(account, plan, label, requests, start, told)) for _number in range(processes)
    ]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join()
    assert [process.exitcode for process in crowd] == [0] * processes
    while not told.empty():
        print(*told.get(), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
