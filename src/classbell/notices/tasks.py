"""Jobs of the notices: load, one call, done."""

from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from classbell.notices import services

RETRY_MAIL = RetryStrategy(max_attempts=8, exponential_wait=5, retry_exceptions={OSError})


@app.task(name="notices.mail_notice", queue="notices", retry=RETRY_MAIL)
def mail_notice(*, notice_id: str) -> None:
    """Send one notice by mail."""
    services.mail_notice(notice_id=UUID(notice_id), now=timezone.now())
