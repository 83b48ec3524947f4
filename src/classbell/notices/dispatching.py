"""
The ledger of what goes out: each notice by each channel once, whichever process ends in between.

Who is to send something claims it, in a transaction of its own, sends it, and notes how that went. Of a claim that is old
nobody knows whether its notice went out: its channel says whether another may send it again.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from procrastinate.exceptions import AlreadyEnqueued

from classbell.jobs import defer
from classbell.notices.models import MAIL_CHANNELS, Channel, Dispatch, DispatchStatus, Notice
from classbell.text import one_line

# Longer than any sending takes: whoever claimed something so long ago does not send it any more.
CLAIM_HOLDS: Final = timedelta(minutes=3)
# Before the second try, the third, and so on; after the last there is no other: two days and a half.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=3),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(days=1),
    timedelta(days=1),
)

# Writes the row for whoever comes first; of all who come at once one gets an answer.
_CLAIM: Final = """
INSERT INTO notices_dispatch AS dispatch (notice_id, channel, status, claimed_at)
VALUES (%(notice)s, %(channel)s, 'claimed', %(now)s)
ON CONFLICT (notice_id, channel) DO UPDATE SET status = 'claimed', claimed_at = EXCLUDED.claimed_at
WHERE dispatch.status = 'waiting' OR (dispatch.status = 'claimed' AND dispatch.claimed_at <= %(old)s)
RETURNING 1
"""


def claim(notice_id: UUID, channel: Channel, *, now: datetime) -> bool:
    """
    Take a notice in hand, for a channel on which sending it again does no harm; return whether the caller is to send it.

    The claim has committed on return. Raises RuntimeError inside a transaction.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"notice": notice_id, "channel": channel.value, "now": now, "old": now - CLAIM_HOLDS})
        return cursor.fetchone() is not None


def held_until(notice_id: UUID, channel: Channel) -> datetime | None:
    """Return until when somebody else's claim holds; None when there is none, because the notice is out or given up."""
    claimed = Dispatch.objects.filter(notice=notice_id, channel=channel, status=DispatchStatus.CLAIMED)
    claimed_at = claimed.values_list("claimed_at", flat=True).first()
    return None if claimed_at is None else claimed_at + CLAIM_HOLDS


def collect(notice: Notice, *, at: datetime) -> None:
    """Keep a notice for the next mail with all of a day's to its reader, which is sent then."""
    with transaction.atomic():
        Dispatch.objects.create(notice=notice, channel=Channel.DIGEST, status=DispatchStatus.WAITING)
        defer_digest(notice.user_id, at=at)


def defer_digest(user_id: UUID, at: datetime) -> None:
    """Write the job that sends somebody what was collected; one that waits already is enough."""
    try:
        with transaction.atomic():
            defer("notices.mail_digest", at=at, lock=f"digest:{user_id}", user_id=str(user_id))
    except AlreadyEnqueued:
        return


def claim_collected(user_id: UUID, *, now: datetime) -> list[UUID]:
    """
    Take in hand what was collected for somebody and return the notices in order: first what somebody else had claimed too
    long ago, exactly that; so that it goes again as it was. The claim has committed on return.
    """
    rows = Dispatch.objects.filter(notice__user=user_id, channel=Channel.DIGEST)
    with transaction.atomic(durable=True):
        taken: list[UUID] = []
        for open_rows in (
            rows.filter(status=DispatchStatus.CLAIMED, claimed_at__lte=now - CLAIM_HOLDS),
            rows.filter(status=DispatchStatus.WAITING),
        ):
            taken = taken or list(
                open_rows.select_for_update(of=("self",)).order_by("notice_id").values_list("notice_id", flat=True)
            )
        rows.filter(notice__in=taken).update(status=DispatchStatus.CLAIMED, claimed_at=now)
    return taken


def collected_held_until(user_id: UUID) -> datetime | None:
    """Return until when somebody else's claim of what was collected holds; None when nothing is claimed."""
    rows = Dispatch.objects.filter(notice__user=user_id, channel=Channel.DIGEST, status=DispatchStatus.CLAIMED)
    claimed_at = rows.order_by("claimed_at").values_list("claimed_at", flat=True).first()
    return None if claimed_at is None else claimed_at + CLAIM_HOLDS


def note_sent(notice_id: UUID, channel: Channel, *, now: datetime) -> None:
    """Note that a notice is out."""
    _of(notice_id, channel).update(status=DispatchStatus.SENT, sent_at=now, error="")


def note_refused(notice_id: UUID, channel: Channel, error: str, *, now: datetime) -> None:
    """Note that the other side will never take a notice in; `error` is what it said."""
    _of(notice_id, channel).update(status=DispatchStatus.REFUSED, failed_at=now, error=_short(error))


def note_failed(notice_id: UUID, channel: Channel, error: str, *, now: datetime) -> datetime | None:
    """Note that a try failed and why; return when to try again, None when that was the last one."""
    with transaction.atomic():
        row = _of(notice_id, channel).select_for_update().get()
        tries = row.tries + 1
        again = now + PAUSES[row.tries] if row.tries < len(PAUSES) else None
        status, failed_at = (DispatchStatus.FAILED, now) if again is None else (DispatchStatus.WAITING, None)
        _of(notice_id, channel).update(status=status, tries=tries, failed_at=failed_at, error=_short(error))
    return again


def drop(notice_id: UUID, channel: Channel) -> None:
    """Note that a notice which is not out is of no use any more."""
    _of(notice_id, channel).exclude(status=DispatchStatus.SENT).update(status=DispatchStatus.DROPPED)


def failing(*, now: datetime) -> int:
    """Return how many notices by mail failed twice and wait, or were given up within the last hour. One query."""
    mails = Dispatch.objects.filter(channel__in=MAIL_CHANNELS)
    waiting = mails.filter(status=DispatchStatus.WAITING, tries__gte=2)
    given_up = mails.filter(status=DispatchStatus.FAILED, failed_at__gt=now - timedelta(hours=1))
    return (waiting | given_up).count()


def _of(notice_id: UUID, channel: Channel) -> QuerySet[Dispatch]:
    return Dispatch.objects.filter(notice=notice_id, channel=channel)


def _short(error: str) -> str:
    return one_line(error)[: Dispatch._meta.get_field("error").max_length]
