"""Background jobs about what is kept."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.jobs import RETRY_CRASHES
from classbell.privacy import erasure, exports, retention


@app.task(name="privacy.make_export", queue="notices", retry=RETRY_CRASHES)
def make_export(*, export_id: str) -> None:
    """Make the copy of all that is kept of somebody."""
    exports.make_export(export_id=UUID(export_id), now=timezone.now())


@app.task(name="privacy.erase", queue="notices", retry=RETRY_CRASHES)
def erase(*, erased_id: str) -> None:
    """Erase somebody."""
    erasure.erase(erased_id=UUID(erased_id), now=timezone.now())


@app.periodic(cron="47 3 * * *")
@app.task(name="privacy.forget_old", queue="sweeps", queueing_lock="forget_old")
def forget_old(timestamp: int) -> None:
    """Every night: what is older than the school keeps it."""
    retention.forget_old(now=timezone.now())
