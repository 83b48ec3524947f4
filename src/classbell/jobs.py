"""Background jobs: writing one by its name, and when one that failed is done again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from procrastinate import BaseRetryStrategy, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.types import JSONValue

from classbell.postgres.trouble import trouble_of

FIRST_PAUSE_SECONDS: Final = 2
LONGEST_PAUSE_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Retry(BaseRetryStrategy):
    """
    Does a job again for as long as the database ails, which is no fault of the job: what it is to do would be lost. Of all
    its other failures `otherwise` decides; None: there is no second attempt.
    """

    otherwise: RetryStrategy | None = None

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to do it again, None for never."""
        if trouble_of(exception) is not None:
            pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(job.attempts, 10))
            return RetryDecision(retry_in={"seconds": pause})
        if self.otherwise is None:
            return None
        return self.otherwise.get_retry_decision(exception=exception, job=job)


# Something else went wrong: a few times more, within a minute.
RETRY_CRASHES: Final = Retry(otherwise=RetryStrategy(max_attempts=5, exponential_wait=2))
# The mail server could not be reached, or said no: for some days.
RETRY_MAIL: Final = Retry(otherwise=RetryStrategy(max_attempts=8, exponential_wait=5, retry_exceptions={OSError}))


def defer(task: str, *, at: datetime | None = None, lock: str | None = None, **arguments: JSONValue) -> None:
    """
    Write a job of the task with this name, in the transaction of the caller; it is done at once, or not before `at`.

    For whoever stands below the task, whose module imports theirs. Raises TaskNotFound for a name that no task has, and
    AlreadyEnqueued, which ends the transaction, while a job with this `lock` waits.
    """
    app.configure_task(task, allow_unknown=False, schedule_at=at, queueing_lock=lock).defer(**arguments)


async def give_back(manager: JobManager, job: Job) -> None:
    """Put a job that nobody does any more back into the queue, for whoever comes first. Raises ConnectorException."""
    try:
        await manager.retry_job(job)
    except UniqueViolation:
        # Another of its kind waits, and is enough.
        await manager.finish_job(job, Status.SUCCEEDED, delete_job=True)
