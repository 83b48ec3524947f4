"""One process of many that share the limiter: sends as fast as it may and prints when it was let through."""

import os
import sys
import time


def main(account: str, plan: str, label: str, until: float) -> None:
    """Acquire until `until` (time.monotonic, one clock for all processes of a machine) and print each moment."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "classbell.config.settings"
    import django

    django.setup()
    from classbell.meetings.limits import PostgresLimiter
    from classbell.zoom.errors import ZoomBusy
    from classbell.zoom.limits import Call, Label

    limiter = PostgresLimiter(plan)
    while time.monotonic() < until:
        call = Call(account_id=account, label=Label(label), method="GET", path_template="/x", deadline=until)
        try:
            limiter.acquire(call)
        except ZoomBusy:
            break
        print(time.monotonic())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
