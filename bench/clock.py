"""
What runs by the clock in the installation that the environment names, and its feeds: `python -m bench.clock FILE`.

Each job once, in a transaction that is taken back; processor's time of this process and of the database together.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 -- Django is set up only now
from django.utils import timezone  # noqa: E402
from procrastinate.contrib.django import app  # noqa: E402

from bench.processor import Spent  # noqa: E402
from classbell.accounts.models import User  # noqa: E402
from classbell.courses.timetable.report import print_host_plan  # noqa: E402
from classbell.meetings.sync import sweeps  # noqa: E402
from classbell.notices.calendar import feed_of  # noqa: E402
from classbell.notices.reminders import remind_due  # noqa: E402

# They ask Zoom, whose simulator knows the hosts of the first copy only, or other servers; or belong to the worker itself.
OUTSIDE = {
    "accounts.read_issuers",
    "calendars.read_due",
    "meetings.check_zoom",
    "meetings.read_hosts",
    "meetings.retry_stalled_jobs",
    "recordings.delete_what_was_asked",
    "recordings.keep_the_rule",
    "recordings.sweep",
}


def main(file: Path) -> None:
    """Write what each took, in milliseconds."""
    with connection.cursor() as cursor:
        # What another process took would not be counted.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    rows: dict[str, float] = {}
    for name, work in _work():
        with transaction.atomic():
            with Spent() as spent:
                work()
            transaction.set_rollback(True)
        rows[name] = spent.milliseconds
    file.write_text(json.dumps(rows))


def _work() -> Iterator[tuple[str, Callable[[], object]]]:
    now = timezone.now()
    for who in ("student", "teacher"):
        person = User.objects.get(email=f"{who}@classbell.example")
        yield f"iCalendar feed of a {who}", lambda person=person: feed_of(person, now=now)  # type: ignore[misc]
    yield "reminders: everybody", lambda: remind_due(now=now)
    yield "reminders: everybody, and three minutes one by one", lambda: _remind_for_minutes(now)
    yield "500 meetings to compare", lambda: sweeps.meetings_to_verify(now=now)
    yield "plan-hosts", lambda: _quietly(print_host_plan)
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    for (name, _id), task in sorted(app.periodic_registry.periodic_tasks.items()):
        if name not in OUTSIDE:
            yield f"{name} ({task.cron})", lambda task=task: task.task(timestamp=0)  # type: ignore[misc]


def _quietly(show: Callable[[None, None], object]) -> None:
    with redirect_stdout(StringIO()):
        show(None, None)


def _remind_for_minutes(now: datetime) -> None:
    for minute in range(4):
        remind_due(now=now + timedelta(minutes=minute))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
