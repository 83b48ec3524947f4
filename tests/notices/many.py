"""Tells many people something in an installation whose worker is killed again and again; as a program, only the telling."""

import os
import random
import sys
from collections import Counter
from dataclasses import dataclass
from email import message_from_string
from pathlib import Path

import django

from tests import processes
from tests.mail_server import MailServer
from tests.simulator import STUCK_SECONDS, Simulator, wait_until
from tests.system import System, fresh_system

CONCURRENCY = 8
LEFT = "SELECT count(*) FROM notices_notice WHERE mailed_at IS NULL"
# So much time passes after each kill: what its worker had in hand is free, and what waits for another try is due.
CLAIMS_END = """
UPDATE notices_dispatch SET claimed_at = claimed_at - interval '3 minutes' WHERE status = 'claimed';
UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - interval '3 minutes'
WHERE status = 'todo' AND task_name = 'notices.mail_notice';
"""


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What arrived: how often each mail, by Message-ID, and how many notices the ledger says are out."""

    times: Counter[str]
    sent: int
    wanted: set[str]


def deliver(folder: Path, *, notices: int, kills: int) -> Delivered:
    """Let so many notices go out by mail while the worker is killed so often, after random numbers of mails."""
    with (
        Simulator(plan="unlimited", hosts=1) as simulator,
        MailServer() as server,
        fresh_system(simulator, folder, **server.settings()) as system,
    ):
        _tell(system, notices)
        for kill in range(kills):
            system.start_worker(concurrency=CONCURRENCY)
            enough = len(server.mails) + random.randint(1, max(1, notices // (kills + 1)))
            wait_until(
                lambda: len(server.mails) >= enough or _left(system) == 0,  # noqa: B023 -- asked within this turn
                seconds=STUCK_SECONDS,
                what=f"the moment of kill {kill + 1}",
            )
            system.kill("worker")
            system.execute(CLAIMS_END)
        system.start_worker(concurrency=CONCURRENCY)
        wait_until(lambda: _left(system, in_time=True) == 0, seconds=STUCK_SECONDS, what="all mails")
        system.kill("worker")
        ids = {f"<{pk}@classbell>" for (pk,) in system.query("SELECT id FROM notices_notice")}
        ((sent,),) = system.query("SELECT count(*) FROM notices_dispatch WHERE status = 'sent'")
        return Delivered(times=Counter(map(_message_id, server.mails)), sent=int(sent), wanted=ids)


def _left(system: System, *, in_time: bool = False) -> int:
    """Return how many mails are not out; `in_time`: after letting claims end that nobody holds any more."""
    if in_time and not system.query("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' LIMIT 1"):
        system.execute(CLAIMS_END)
    return int(system.query(LEFT)[0][0])


def _message_id(text: str) -> str:
    return str(message_from_string(text)["Message-ID"])


def _tell(system: System, notices: int) -> None:
    command = [sys.executable, "-m", "tests.notices.many", str(notices)]
    processes.run(command, env=system.environment, check=True, capture_output=True, text=True)


def main() -> None:
    """Tell so many people something."""
    django.setup()

    from django.utils import timezone

    from classbell.accounts.models import User
    from classbell.notices.services import tell
    from classbell.notices.texts import Kind

    people = User.objects.bulk_create(
        [User(email=f"student-{number}@school.example") for number in range(int(sys.argv[1]))]
    )
    for person in people:
        tell(person, Kind.ZOOM_WELL_AGAIN, {}, now=timezone.now())


if __name__ == "__main__":
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "classbell.config.settings"
    main()
