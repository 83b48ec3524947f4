"""Notices by mail."""

from datetime import datetime, timedelta
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
    if not _is_to_be_mailed(notice, now):
        dispatching.drop(notice_id, Channel.MAIL)
    elif dispatching.claim(notice_id, Channel.MAIL, now=now):
        _send(notice, now)
    elif (until := dispatching.held_until(notice_id, Channel.MAIL)) is not None:
        defer("notices.mail_notice", at=until, notice_id=str(notice_id))


def _is_to_be_mailed(notice: Notice, now: datetime) -> bool:
    reader = notice.user
    is_stale = notice.stale_at is not None and notice.stale_at <= now
    return reader.is_active and reader.wants_mail and bool(reader.written_to) and not is_stale


def _send(notice: Notice, now: datetime) -> None:
    try:
        mail_of(notice).send()
    except SMTPRecipientsRefused as error:
        reply = next(iter(error.recipients.values()), (0, b""))
        if reply[0] < FIRST_OF_PERMANENT_REPLIES:
            _note_failed(notice, error, now)
        else:
            _note_refused(notice, reply[1], now)
    except Error:
        raise  # The job is done again when the database is back.
    except Exception as error:  # One mail that cannot be written keeps no other.
        log.warning("mail_failed", notice=str(notice.pk), exc_info=not isinstance(error, OSError))
        _note_failed(notice, error, now)
    else:
        with transaction.atomic():
            dispatching.note_sent(notice.pk, Channel.MAIL, now=now)
            Notice.objects.filter(pk=notice.pk).update(mailed_at=now)


def mail_of(notice: Notice) -> EmailMessage:
    """Return a notice as a mail, in its reader's language and on their clock."""
    link = urljoin(settings.ENVIRONMENT.public_url, notice.path) if notice.path else ""
    with translation.override(notice.user.locale), timezone.override(notice.user.zone):
        words = notice.words
    return EmailMessage(
        subject=one_line(words.subject),  # A header is one line, whatever a title holds.
        body=f"{words.text}\n\n{link}".strip(),
        to=[notice.user.written_to],
        headers={"Message-ID": f"<{notice.pk}@classbell>"},
    )


def _note_failed(notice: Notice, error: Exception, now: datetime) -> None:
    said = f"{type(error).__name__}: {error}"
    with transaction.atomic():
        again = dispatching.note_failed(notice.pk, Channel.MAIL, said, now=now)
        if again is not None:
            defer("notices.mail_notice", at=again, notice_id=str(notice.pk))


def _note_refused(notice: Notice, said: bytes | str, now: datetime) -> None:
    """Give a mail up and tell admins whose address it is, once a day and person."""
    answer = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    path = reverse("person", args=[notice.user_id])
    known = Notice.objects.filter(kind=Kind.ADDRESS_REFUSED, path=path, created_at__gt=now - SAID_AGAIN_AFTER)
    with transaction.atomic():
        dispatching.note_refused(notice.pk, Channel.MAIL, answer, now=now)
        if not known.exists():
            facts = {"person": notice.user.name, "answer": one_line(answer)}
            tell_admins(Kind.ADDRESS_REFUSED, facts, page="person", arguments=(notice.user_id,), by_mail=False, now=now)
