"""Background jobs of excuses: load, one call, done. All may run twice."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.excuses import makeup
from classbell.jobs import RETRY_CRASHES


@app.task(name=makeup.SETTLE, queue="attendance", retry=RETRY_CRASHES)
def settle_makeups(occurrence_id: str) -> None:
    """A session was judged, or judged anew: its make-up lessons follow."""
    makeup.settle(occurrence_id=UUID(occurrence_id), now=timezone.now())
