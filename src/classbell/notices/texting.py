"""Notices as text messages."""

from datetime import datetime
from uuid import UUID

from classbell.notices import dispatching
from classbell.notices.delivering import find_notice, is_stale, send_one
from classbell.notices.gateways import TextMessage, gateway_of
from classbell.notices.models import Channel, Notice
from classbell.notices.phones import number_of
from classbell.notices.wording import in_words_of, part_of


def send_text(*, notice_id: UUID, channel: Channel, now: datetime) -> None:
    """
    Send one notice as a text message, once, in its reader's language; nothing without a number of theirs or a gateway.

    What the gateway does not take is tried again later. After a crash between sending and noting it, the message goes again
    under the same id.
    """
    notice = find_notice(notice_id)
    if notice is None:
        return
    number, gateway = number_of(notice.user), gateway_of(channel)
    if number is None or gateway is None or not notice.user.is_active or is_stale(notice, now):
        dispatching.drop(notice_id, channel)
        return
    message = text_of(notice, number)
    send_one(notice, channel, "notices.send_text", lambda: gateway.send(message), now=now)


def text_of(notice: Notice, number: str) -> TextMessage:
    """Return a notice as a text message, in its reader's language and on their clock."""
    with in_words_of(notice.user):
        return TextMessage(id=notice.pk, to=number, text=part_of(notice).short)
