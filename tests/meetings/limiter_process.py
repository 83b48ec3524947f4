"""One process of many that share the limiter: sends as fast as it may and prints when it was let through."""

import os
import sys
import time


class WatchedTime:
    """The time module as the limiter uses it; `latest` is the last moment it looked at, which is when it let go."""

    latest = 0.0

    def monotonic(self) -> float:
        self.latest = time.monotonic()
        return self.latest

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def main(account: str, plan: str, label: str, requests: int) -> None:
    """Acquire so many times and print each moment (time.monotonic, one clock for all processes of a machine)."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "classbell.config.settings"
    import django

    django.setup()
    from classbell.meetings.sync import limits
    from classbell.zoom.limits import Call, Label

    watched = WatchedTime()
    limits.time = watched  # type: ignore[assignment]  # the part of the module that is used
    limiter = limits.PostgresLimiter(plan)
    for _request in range(requests):
        limiter.acquire(Call(account_id=account, label=Label(label), method="GET", path_template="/x"))
        print(watched.latest)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
