"""Notices by mail."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPRecipientsRefused
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import Error, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.jobs import defer
from classbell.notices import dispatching
from classbell.notices.admins import tell_admins
from classbell.notices.models import Channel, Notice
from classbell.notices.texts import Kind
from classbell.text import one_line

log = structlog.get_logger(__name__)

# Admins hear of somebody's address that is refused no more often than this.
SAID_AGAIN_AFTER: Final = timedelta(days=1)
FIRST_OF_PERMANENT_REPLIES: Final = 500


def mail_notice(*, notice_id: UUID, now: datetime) -> None:
    """
    Send one notice by mail, once, in its reader's language and timezone; without a mail server, or when they want no mail,
    it stays on their pages only.

    What the mail server does not take is tried again later, for some days. After a crash between sending and noting it, the
    mail is sent again under the same Message-ID, by which mail programs know it.
    """
    notice = Notice.objects.select_related("user").filter(pk=notice_id).first()
    if notice is None or not settings.EMAIL_HOST or notice.mailed_at is not None:
        return
    if not may_be_mailed(notice.user) or is_stale(notice, now):
        dispatching.drop(notice_id, Channel.MAIL)
    elif dispatching.claim(notice_id, Channel.MAIL, now=now):
        send_noting(
            [notice],
            Channel.MAIL,
            lambda: mail_of(notice),
            again=lambda at: defer("notices.mail_notice", at=at, notice_id=str(notice_id)),
            now=now,
        )
    elif (until := dispatching.held_until(notice_id, Channel.MAIL)) is not None:
        defer("notices.mail_notice", at=until, notice_id=str(notice_id))


def mail_digest(*, user_id: UUID, now: datetime) -> None:
    """Send somebody what was collected for them, as one mail, once; as `mail_notice` does."""
    if not settings.EMAIL_HOST:
        return
    taken = dispatching.claim_collected(user_id, now=now)
    if not taken:
        if (until := dispatching.collected_held_until(user_id)) is not None:
            dispatching.defer_digest(user_id, at=until)
        return
    notices = list(Notice.objects.select_related("user").filter(pk__in=taken).order_by("pk"))
    useful = [notice for notice in notices if may_be_mailed(notice.user) and not is_stale(notice, now)]
    for notice in notices:
        if notice not in useful:
            dispatching.drop(notice.pk, Channel.DIGEST)
    if useful:
        again = partial(dispatching.defer_digest, user_id)
        send_noting(useful, Channel.DIGEST, lambda: mail_of_many(useful), again=again, now=now)


def may_be_mailed(reader: User) -> bool:
    """Whether somebody can be written to, and wants to be."""
    return reader.is_active and reader.wants_mail and bool(reader.written_to)


def is_stale(notice: Notice, now: datetime) -> bool:
    """Whether a notice tells nothing any more."""
    return notice.stale_at is not None and notice.stale_at <= now


def send_noting(
    notices: Sequence[Notice],
    channel: Channel,
    make: Callable[[], EmailMessage],
    *,
    again: Callable[[datetime], None],
    now: datetime,
) -> None:
    """
    Send one mail with these claimed notices of one reader and note how that went; `again` is called with the moment of the
    next try if there is one. Raises Error of the database.
    """
    try:
        make().send()
    except SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()), (0, b""))
        if code < FIRST_OF_PERMANENT_REPLIES:
            _note_failed(notices, channel, error, again, now)
        else:
            _note_refused(notices, channel, said, now)
    except Error:
        raise  # The job is done again when the database is back.
    except Exception as error:  # One mail that cannot be written keeps no other.
        log.warning("mail_failed", notice=str(notices[0].pk), exc_info=not isinstance(error, OSError))
        _note_failed(notices, channel, error, again, now)
    else:
        with transaction.atomic():
            for notice in notices:
                dispatching.note_sent(notice.pk, channel, now=now)
            Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=now)


def mail_of(notice: Notice) -> EmailMessage:
    """Return a notice as a mail, in its reader's language and on their clock."""
    with translation.override(notice.user.locale), timezone.override(notice.user.zone):
        subject, text = notice.words.subject, _with_link(notice)
    return _mail(notice.user, subject, text, number=str(notice.pk))


def mail_of_many(notices: Sequence[Notice]) -> EmailMessage:
    """Return notices of one reader as a mail, in their language and on their clock; one of them as `mail_of` does."""
    first, last = notices[0], notices[-1]
    if first is last:
        return mail_of(first)
    with translation.override(first.user.locale), timezone.override(first.user.zone):
        count = len(notices)
        subject = ngettext("%(count)s notification", "%(count)s notifications", count) % {"count": count}
        parts = [f"{one_line(notice.words.subject)}\n{_with_link(notice)}" for notice in notices]
    # Of the same notices the same number, so that a repeat is known, and of others another.
    return _mail(first.user, subject, "\n\n\n".join(parts), number=f"{first.pk}.{last.pk}.{count}")


def _with_link(notice: Notice) -> str:
    link = urljoin(settings.ENVIRONMENT.public_url, notice.path) if notice.path else ""
    return f"{notice.words.text}\n\n{link}".strip()


def _mail(reader: User, subject: str, text: str, *, number: str) -> EmailMessage:
    return EmailMessage(
        subject=one_line(subject),  # A header is one line, whatever a title holds.
        body=text,
        to=[reader.written_to],
        headers={"Message-ID": f"<{number}@classbell>"},
    )


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


def _note_refused(notices: Sequence[Notice], channel: Channel, said: bytes | str, now: datetime) -> None:
    """Give a mail up and tell admins whose address it is, once a day and person."""
    answer = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    reader = notices[0].user
    path = reverse("person", args=[reader.pk])
    known = Notice.objects.filter(kind=Kind.ADDRESS_REFUSED, path=path, created_at__gt=now - SAID_AGAIN_AFTER)
    with transaction.atomic():
        for notice in notices:
            dispatching.note_refused(notice.pk, channel, answer, now=now)
        if not known.exists():
            facts = {"person": reader.name, "answer": one_line(answer)}
            tell_admins(Kind.ADDRESS_REFUSED, facts, page="person", arguments=(reader.pk,), by_mail=False, now=now)
