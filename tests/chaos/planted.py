"""
Bugs put in on purpose, to see that a day of faults finds them: `python -m tests.chaos.planted [NAME ...] [--seed N]`.

Each is a change of a copy of the program, or of its tables, that only the day's processes see. Prints a table: after how many
faults each was found, and by what.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.chaos.plan import plan
from tests.chaos.run import Report, play
from tests.chaos.stage import Stage, set_up
from tests.databases import ROOT


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """
    In `file` of the program `before` becomes `after`, once; `sql` is done to the tables. Found within `within` faults,
    of all kinds or of `only` some.
    """

    file: str = ""
    before: str = ""
    after: str = ""
    sql: str = ""
    within: int = 100
    only: tuple[str, ...] = ()


BUGS: Final[Mapping[str, Planted]] = {
    "marker lookup removed": Planted(
        file="meetings/sync/reconcile.py",
        before="found = _find_marked(meeting, meeting.zoom_host, _where_it_is(meeting, client))",
        after="found = None",
    ),
    "constraint dropped": Planted(sql="ALTER TABLE meetings_claim DROP CONSTRAINT claims_do_not_overlap"),
    "dedupe dropped": Planted(
        file="meetings/webhooks/intake.py",
        before="ON CONFLICT (digest) DO NOTHING RETURNING 1",
        after="RETURNING 1",
        sql="ALTER TABLE meetings_webhookevent DROP CONSTRAINT meetings_webhookevent_digest_key",
        only=("webhooks doubled", "webhooks late"),
    ),
    "lock order turned": Planted(
        file="bookings/times.py",
        before='list(people.order_by("pk").values_list("pk"))',
        after='list(people.order_by(__import__("random").choice(["pk", "-pk"])).values_list("pk"))',
    ),
    "claim freed too early": Planted(
        file="bookings/times.py",
        before="        hold(booking, ClaimKind.TEACHER, ClaimKind.STUDENT)\n        return\n",
        after="        return\n",
    ),
    "commit before its job": Planted(
        file="jobs.py",
        before="    app.configure_task(task, allow_unknown=False, schedule_at=at, queueing_lock=lock).defer(**arguments)",
        after=(
            "    job = app.configure_task(task, allow_unknown=False, schedule_at=at, queueing_lock=lock)\n"
            '    __import__("django.db").db.transaction.on_commit(lambda: job.defer(**arguments))'
        ),
        only=("web killed at a commit",),
    ),
    "ledger not claimed": Planted(
        file="bookings/makeup.py",
        before='    write(credit, {"used_by": booking})\n',
        after="",
    ),
    "wrong role check": Planted(
        file="bookings/models/booking.py",
        before="return self if user.is_admin else self.filter(Q(student=user)",
        after="return self if user.is_admin or user.is_teacher else self.filter(Q(student=user)",
    ),
    "timezone dropped": Planted(
        file="wire.py",
        before="return start.replace(tzinfo=ZoneInfo(timezone))",
        after="return start.replace(tzinfo=dt.UTC)",
    ),
    "refunded lessons stay": Planted(
        file="payments/refunds.py",
        before="    _withdraw([credit.pk for credit in unused[:count]], made, by=by, now=now)\n",
        after="    BoughtLesson.objects.filter(credit__in=unused[:count]).update(refund=made)\n",
    ),
    "refund made again": Planted(
        file="payments/stripe_checkout.py",
        before="""            made = next((one for one in known if (one.metadata or {}).get(REFUND) == key), None)
            if made is None:
                units = _at_stripe(amount, currency)
                new = refunds.create(
                    {"payment_intent": payment_id, "amount": units, "metadata": {REFUND: key}},
                    {"idempotency_key": f"refund-{key}"},
""",
        after="""            made = None
            if known is not None:
                units = _at_stripe(amount, currency)
                new = refunds.create(
                    {"payment_intent": payment_id, "amount": units, "metadata": {REFUND: key}},
                    {"idempotency_key": __import__("uuid").uuid4().hex},
""",
        only=("bank works and says nothing",),
    ),
    "lists cross": Planted(
        file="groups/roster.py",
        before="            locked(Group.objects.all(), group_id)\n",
        after="            pass\n",
        only=("lines slow",),
    ),
    "limiter off by one": Planted(
        file="buckets.py",
        before="too_much = full_at - now - capacity",
        after="too_much = full_at - now - capacity - each",
    ),
}


@contextmanager
def planted_in(stage: Stage, bug: Planted) -> Iterator[Callable[[], None]]:
    """
    Yield what begins the day anew with a bug in a copy of the program, which is gone afterwards. Raises AssertionError when
    the program is not what it was.
    """
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        source = Path(folder) / "src"
        shutil.copytree(ROOT / "src", source)  # With what is compiled: only the changed file is compiled anew.
        if bug.file:
            path = source / "classbell" / bug.file
            text = path.read_text()
            assert text.count(bug.before) == 1, f"{bug.file} does not say once: {bug.before}"
            path.write_text(text.replace(bug.before, bug.after))
        yield lambda: stage.begin_anew(program=f"{source}:{ROOT}", sql=bug.sql)
        stage.end_all()


def find(stage: Stage, bug: Planted, *, seed: int) -> Report:
    """Play a day with a bug until something is not as it must be, for as many faults as it may take."""
    with planted_in(stage, bug) as begin_anew:
        begin_anew()
        return play(stage, plan(seed=seed, faults=bug.within, only=bug.only), name=str(seed), say=_say)


def _say(line: str) -> None:
    print(f"    {line}", flush=True)


def main() -> int:
    """Look for the bugs that are named, or all, and print the table; exit with 1 when one was not found."""
    parser = argparse.ArgumentParser("python -m tests.chaos.planted")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BUGS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = []
    with set_up() as stage:
        for name in options.names or BUGS:
            print(f"{name}, seed {options.seed}", flush=True)
            report = find(stage, BUGS[name], seed=options.seed)
            said = report.violations[0].partition(": ")[2][:90] if report.violations else "NOT FOUND"
            rows.append((name, report.faults.total(), BUGS[name].within, said))
            print(f"    {report.violations[:3]}", flush=True)
    print("\n| planted | faults until found | at most | by |\n| --- | --- | --- | --- |")
    for name, faults, within, said in rows:
        print(f"| {name} | {faults} | {within} | {said} |")
    return int(any(row[3] == "NOT FOUND" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
