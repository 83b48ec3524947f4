"""
What Zoom has beyond the database: after a restore, what was made there since the backup.

Ours is a meeting whose marker names none of our meetings and that was made after the backup. One that is older was never in
this database, so another installation made it; one without a marker was made by somebody at Zoom. Neither is touched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from classbell.meetings.models import Meeting, ZoomHost
from classbell.meetings.sync.gateway import in_account
from classbell.meetings.sync.spec import marked_meeting
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomNotFound
from classbell.zoom.models import MeetingSummary

log = structlog.get_logger(__name__)

# Zoom's clock and ours differ by seconds; what both call older is older.
CLOCKS_DIFFER_BY = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Beyond:
    """A meeting at Zoom that the database does not know; `is_ours` when it was made from this database after the backup."""

    host: ZoomHost
    summary: MeetingSummary
    is_ours: bool


def beyond(client: ZoomClient, *, since: datetime) -> Iterator[Beyond]:
    """
    Yield what the active hosts of the client's account have at Zoom beyond the database, which was restored from a backup
    taken at `since` (aware).

    One call per 300 meetings; changes nothing. Raises ZoomError.
    """
    hosts = ZoomHost.objects.filter(is_active=True, account__account_id=client.account_id)
    for host in hosts.select_related("account").order_by("email"):
        for summary in client.iter_meetings(host.zoom_user_id, type="scheduled"):
            meeting_id = marked_meeting(summary)
            if meeting_id is not None and Meeting.objects.filter(pk=meeting_id).exists():
                continue
            made_since = summary.created_at is not None and summary.created_at > since - CLOCKS_DIFFER_BY
            yield Beyond(host=host, summary=summary, is_ours=meeting_id is not None and made_since)


def delete(found: Beyond, client: ZoomClient) -> None:
    """
    Delete one of ours at Zoom; it may be gone already.

    Raises ValueError for one that is not ours, ZoomError when Zoom could not do it.
    """
    if not found.is_ours:
        raise ValueError("only what this installation made is deleted")
    try:
        in_account(client, found.host.account.account_id).delete_meeting(found.summary.id)
    except ZoomNotFound:
        return
    log.warning("deleted_beyond_the_backup", zoom_meeting_id=found.summary.id, host=found.host.email)
