"""One notice on its way by one channel: sent by whoever has claimed it, and noted how that went."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import Error, transaction

from classbell.jobs import defer
from classbell.notices import dispatching
from classbell.notices.models import Channel, Notice

log = structlog.get_logger(__name__)


class Refused(Exception):
    """The other side will never take it in; why, as it said."""


class NotSent(Exception):
    """It did not work this time; why."""


def nothing() -> None:
    """Do nothing more."""


def send_noting(
    notices: Sequence[Notice],
    channel: Channel,
    send: Callable[[], None],
    *,
    again: Callable[[datetime], None],
    sent: Callable[[], None] = nothing,
    refused: Callable[[str], None] = lambda _said: None,
    now: datetime,
) -> None:
    """
    Send these claimed notices of one reader together, and note how that went. `again` is called with the moment of the next
    try if there is one, `sent` and `refused` with the note in one transaction.

    `send` raises Refused for good, anything else to be tried again. Raises Error of the database.
    """
    try:
        send()
    except Refused as error:
        with transaction.atomic():
            for notice in notices:
                dispatching.note_refused(notice.pk, channel, str(error), now=now)
            refused(str(error))
    except Error:
        raise  # The job is done again when the database is back.
    except Exception as error:  # One that cannot be written keeps no other.
        expected = isinstance(error, OSError | NotSent)
        log.warning("notice_not_sent", channel=channel.value, notice=str(notices[0].pk), exc_info=not expected)
        _note_failed(notices, channel, error, again, now)
    else:
        with transaction.atomic():
            for notice in notices:
                dispatching.note_sent(notice.pk, channel, now=now)
            sent()


def send_one(notice: Notice, channel: Channel, task: str, send: Callable[[], None], *, now: datetime) -> None:
    """
    Send one notice, once, if nobody has it in hand; `task`, called with `notice_id` and `channel`, looks again when somebody
    else's claim has ended, or it is time for another try.
    """

    def again(at: datetime) -> None:
        defer(task, at=at, notice_id=str(notice.pk), channel=channel.value)

    if dispatching.claim(notice.pk, channel, now=now):
        send_noting([notice], channel, send, again=again, now=now)
    elif (until := dispatching.held_until(notice.pk, channel)) is not None:
        again(until)


def find_notice(notice_id: UUID) -> Notice | None:
    """Return a notice with its reader; None when it is gone."""
    return Notice.objects.select_related("user").filter(pk=notice_id).first()


def is_stale(notice: Notice, now: datetime) -> bool:
    """Whether a notice tells nothing any more."""
    return notice.stale_at is not None and notice.stale_at <= now


def _note_failed(
    notices: Sequence[Notice],
    channel: Channel,
    error: Exception,
    again: Callable[[datetime], None],
    now: datetime,
) -> None:
    said = f"{type(error).__name__}: {error}"
    with transaction.atomic():
        nexts = [dispatching.note_failed(notice.pk, channel, said, now=now) for notice in notices]
        if due := [at for at in nexts if at is not None]:
            again(min(due))
