"""Playing a day: bursts of actions and faults; after each their end, rest, and a look at whether all is as it must be."""

import heapq
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from tests.chaos import lessons
from tests.chaos.actions import ACTIONS, ask_again
from tests.chaos.faults import KINDS
from tests.chaos.invariants import INVARIANTS, Seen
from tests.chaos.journal import Journal
from tests.chaos.people import People
from tests.chaos.plan import Burst, Step
from tests.chaos.stage import Stage
from tests.databases import ROOT

AT_ONCE: Final = 10
# Far more than a busy machine has needed: what does not come to rest waits for what never comes.
LONGEST_REST_SECONDS: Final = 300.0
# A worker shows every three seconds that it lives, and is taken for dead after twelve: no faster, or all of them are.
REST_RATE: Final = 3.0
# What waits for no longer than this is waited for by letting the time pass.
WAITED_FOR: Final = timedelta(minutes=12)
# Nothing is left to do when so many looks in a row say so.
CALM: Final = 4
# What the installation's processes have said, when something was not as it must be.
KEPT_LOG: Final = ROOT / ".cache" / "chaos" / "system.log"
BETWEEN_BURSTS: Final = timedelta(minutes=48)

JOBS_AT_WORK = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
# Webhooks of ours are looked at themselves: a job of theirs sends all that is due, and others find nothing to do.
JOBS_DUE = """
SELECT (SELECT count(*) FROM procrastinate_jobs
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) AND task_name <> 'hooks.deliver')
     + (SELECT count(*) FROM hooks_delivery WHERE status = 'pending' AND due_at <= now())
"""
EVENTS_LEFT = "SELECT count(*) FROM meetings_webhookevent WHERE processed_at IS NULL"
# What waits for a moment to come.
WAITS = """
SELECT scheduled_at - now() FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at > now()
UNION ALL SELECT due_at - now() FROM hooks_delivery WHERE status = 'pending'
UNION ALL SELECT due_at - now() FROM meetings_webhookevent WHERE processed_at IS NULL AND due_at > now()
UNION ALL SELECT next_attempt_at - now() FROM meetings_meeting WHERE sync_status = 'pending'
UNION ALL SELECT asked_at + interval '1 minute' - now() FROM payments_refund WHERE status = 'asked'
UNION ALL SELECT look_at - now() FROM payments_purchase WHERE status = 'open' AND checkout_id = ANY(%s)
"""
# What a sweep does, at no moment that is written down: what is paid, and the school does not know (for an older purchase it
# asks the bank later than anything else is waited for); guests' money for a lesson that does not take place; and members whom
# Zoom does not know, or who have left.
UNSWEPT = """
SELECT (SELECT count(*) FROM payments_purchase WHERE status = 'open' AND checkout_id = ANY(%s))
     + (SELECT count(*) FROM payments_purchase p JOIN accounts_user u ON u.id = p.payer_id AND u.is_guest
        JOIN bookings_booking b ON b.id = p.booking_id AND b.status = 'CANCELLED' WHERE p.status = 'paid'
          AND NOT EXISTS (SELECT FROM payments_refund r WHERE r.purchase_id = p.id AND r.status = 'failed'))
     + (SELECT count(*) FROM meetings_meeting m CROSS JOIN LATERAL (
            SELECT user_id FROM groups_membership WHERE group_id = m.group_id
            EXCEPT SELECT user_id FROM meetings_registrant WHERE meeting_id = m.id AND status = 'approved'
            UNION ALL (
            SELECT user_id FROM meetings_registrant WHERE meeting_id = m.id AND status = 'approved' AND NOT is_invited
            EXCEPT SELECT user_id FROM groups_membership WHERE group_id = m.group_id)) lacking
        WHERE m.registration AND m.wanted AND m.sync_status = 'synced' AND m.starts_at > now())
"""
# What is done each quarter minute is done when that has passed by the clock: a worker sleeps by another one meanwhile. Not
# what is done each night, which puts right whatever was missed.
SWEEP = """
INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args)
SELECT 'sweeps', name, lock, jsonb_build_object('timestamp', extract(epoch FROM now())::bigint)
FROM unnest(%s::text[], %s::text[]) AS sweep (name, lock)
WHERE NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs job WHERE job.task_name = sweep.name AND job.status IN ('todo', 'doing'))
ON CONFLICT DO NOTHING RETURNING 1
"""
SWEPT: Final = {
    "meetings.retry_stalled_jobs": "retry_stalled_jobs",
    "meetings.take_up_stuck": "take_up_stuck",
    "meetings.register_missing": "register_missing",
    "meetings.keep_backup_rooms": "keep_backup_rooms",
    "meetings.fetch_due_reports": "fetch_due_reports",
    "hooks.take_up_due": "take_up_due_webhooks",
    "payments.sweep": "sweep_payments",
}
# What is done each hour asks Zoom about each host: once after each burst.
SWEPT_ONCE: Final = {"recordings.sweep": "sweep_recordings"}
SECONDS_BETWEEN_SWEEPS: Final = 4.0


@dataclass(kw_only=True)
class Report:
    """What came of a day."""

    violations: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    # Seconds from the end of the faults until both web processes answered, and until nothing was left to do.
    answering: list[float] = field(default_factory=list)
    resting: list[float] = field(default_factory=list)
    checks: Counter[str] = field(default_factory=Counter)
    # How much of the school's day was played, and in how many seconds, from the first burst to the last look.
    passed: timedelta = timedelta()
    seconds: float = 0.0

    @property
    def speed(self) -> float:
        """How many times as fast as the day it was."""
        return self.passed.total_seconds() / self.seconds


def play(
    stage: Stage, bursts: Sequence[Burst], *, name: str, say: Callable[[str], None] = print, stop_at_once: bool = True
) -> Report:
    """Play a day and return what came of it; with `stop_at_once` only up to the first violation."""
    report, journal = Report(), Journal()
    people = People(stage, journal, name=name)
    began, opened = time.monotonic(), stage.clock.now()
    for number, burst in enumerate(bursts):
        _burst(people, burst, report)
        rested = _rest(stage)
        ask_again(people)
        _sweep(stage, SWEPT_ONCE)
        rested = _rest(stage) and rested
        report.resting[-1] = time.monotonic() - report.resting[-1]
        found = [] if rested else [f"rest: does not come to it: {_left(stage)}, {_waiting(stage)}"]
        found += _look(stage, journal, report)
        report.passed, report.seconds = stage.clock.now() - opened, time.monotonic() - began
        report.violations += [f"burst {number + 1}: {line}" for line in found]
        what = ", ".join(step.kind for step in burst.faults) or "no faults"
        how_long = f"answers after {report.answering[-1]:.1f} s, rests after {report.resting[-1]:.1f} s"
        say(f"burst {number + 1} of {len(bursts)}: {what}; {how_long}; {len(found)} violations")
        if found:
            KEPT_LOG.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(stage.system.log, KEPT_LOG)
        if found and stop_at_once:
            break
        lessons.hold(stage, journal)
        stage.clock.leap(BETWEEN_BURSTS)
    report.answers.update(journal.answers)
    report.actions.update(f"{action.kind} {action.outcome.value}" for action in journal.actions)
    return report


def _burst(people: People, burst: Burst, report: Report) -> None:
    """Let everything of a burst happen at its time, then end all faults and wait for everybody's answer."""
    stage = people.stage
    waiting: list[tuple[float, int, Step, bool]] = [(step.at, step.number, step, False) for step in burst.steps]
    heapq.heapify(waiting)
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        asked = []
        while waiting:
            at, number, step, is_end = heapq.heappop(waiting)
            time.sleep(max(0.0, began + at - time.monotonic()))
            if not step.is_fault:
                asked.append(threads.submit(ACTIONS[step.kind], people, random.Random(step.choice)))
            elif is_end:
                KINDS[step.kind].end(stage, step.choice)
            else:
                KINDS[step.kind].begin(stage, step.choice)
                stage.interruptions += KINDS[step.kind].hits in {"processes", "database", "clocks", "mail"}
                report.faults[step.kind] += 1
                heapq.heappush(waiting, (at + step.seconds, number, step, True))
        mended = time.monotonic()
        stage.mend()
        report.answering.append(time.monotonic() - mended)
        report.resting.append(mended)
    for one in asked:
        one.result()


def _rest(stage: Stage) -> bool:
    """Let what is left be done, and time pass where something waits for that; return whether nothing is left."""
    until, swept, quiet = time.monotonic() + LONGEST_REST_SECONDS, 0.0, 0
    stage.clock.rate = REST_RATE
    try:
        while time.monotonic() < until:
            time.sleep(0.1)
            if any(_left(stage)):
                quiet = 0
                if time.monotonic() > swept + SECONDS_BETWEEN_SWEEPS:
                    _sweep(stage)
                    swept = time.monotonic()
                continue
            quiet += 1
            if quiet < CALM:
                continue
            waits, unswept = _waits(stage)
            if not unswept and not stage.system.unfinished() and not any(wait < WAITED_FOR for wait in waits):
                return True
            stage.clock.leap(max(timedelta(), min(waits, default=timedelta())) + timedelta(seconds=1))
            _sweep(stage)
            quiet, swept = 0, time.monotonic()
    finally:
        stage.clock.rate = 1.0
    return False


def _sweep(stage: Stage, swept: Mapping[str, str] = SWEPT) -> None:
    stage.system.query(SWEEP, list(swept), list(swept.values()))


def _left(stage: Stage) -> tuple[int, int, int, int]:
    """Return how many jobs are at work and due, events not understood, and deliveries of Zoom's that are on their way."""
    counts = [int(stage.system.query(sql)[0][0]) for sql in (JOBS_AT_WORK, JOBS_DUE, EVENTS_LEFT)]
    on_their_way = [one for one in stage.zoom.outline()["deliveries"] if one["status"] in {"pending", "waiting"}]
    return counts[0], counts[1], counts[2], len(on_their_way)


def _waits(stage: Stage) -> tuple[list[timedelta], int]:
    """
    Return how long everything that waits for a moment to come has to wait, where what is not paid waits for nothing, and how
    much waits for a sweep.
    """
    paid = stage.bank.paid()
    return [row[0] for row in stage.system.query(WAITS, paid)], int(stage.system.query(UNSWEPT, paid)[0][0])


def _waiting(stage: Stage) -> str:
    """Return, for people, what waits for a moment to come, and the meetings that are not yet what they should be."""
    waits, unswept = _waits(stage)
    first = sorted(waits)[:1]
    return f"{stage.system.unfinished()} meetings not at Zoom, {len(waits)} things wait, the first {first}, {unswept} unswept"


def _look(stage: Stage, journal: Journal, report: Report) -> list[str]:
    seen = Seen(stage=stage, journal=journal)
    found = []
    for name, check in INVARIANTS.items():
        report.checks[name] += 1
        found += [f"{name}: {line}" for line in check(seen)]
    return found
