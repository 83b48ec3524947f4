"""Notices by mail."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPRecipientsRefused
from typing import Final, NamedTuple
from urllib.parse import urljoin
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import Error, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.jobs import defer
from classbell.notices import dispatching
from classbell.notices.admins import tell_admins
from classbell.notices.invites import invite_of
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


def mail_of(notice: Notice) -> EmailMultiAlternatives:
    """
    Return a notice as a mail, in its reader's language and on their clock: as text, as HTML and, where it is about one
    session, with what their calendar is to do.
    """
    with in_words_of(notice.user):
        part, invite = _part(notice), invite_of(notice)
        message = _mail(notice.user, part.subject, [part], number=str(notice.pk))
    if invite is not None:
        # Google's and Outlook's calendars read the alternative, Apple's the file.
        message.attach_alternative(invite.content, f"text/calendar; method={invite.method}")
        message.attach("session.ics", invite.content.encode(), "application/ics")
    return message


def mail_of_many(notices: Sequence[Notice]) -> EmailMultiAlternatives:
    """Return notices of one reader as a mail, in their language and on their clock; one of them as `mail_of` does."""
    first, last, count = notices[0], notices[-1], len(notices)
    if first is last:
        return mail_of(first)
    with in_words_of(first.user):
        subject = ngettext("%(count)s notification", "%(count)s notifications", count) % {"count": count}
        # Of the same notices the same number, so that a repeat is known, and of others another.
        number = f"{first.pk}.{last.pk}.{count}"
        message = _mail(first.user, subject, [_part(notice) for notice in notices], number=number)
        invites = [invite for notice in notices if (invite := invite_of(notice)) is not None]
    for number_of_file, invite in enumerate(invites, start=1):
        message.attach(f"session-{number_of_file}.ics", invite.content.encode(), "application/ics")
    return message


@contextmanager
def in_words_of(reader: User) -> Iterator[None]:
    """Write in somebody's language and on their clock."""
    with translation.override(reader.locale), timezone.override(reader.zone):
        yield


class Part(NamedTuple):
    """A notice as it stands in a mail; `link` "" for none."""

    subject: str
    text: str
    link: str


def _part(notice: Notice) -> Part:
    words = notice.words
    # A header is one line, whatever a title holds.
    return Part(one_line(words.subject), words.text, _whole(notice.path) if notice.path else "")


def _whole(path: str) -> str:
    return urljoin(settings.ENVIRONMENT.public_url, path)


def _mail(reader: User, subject: str, parts: Sequence[Part], *, number: str) -> EmailMultiAlternatives:
    texts = [f"{part.text}\n\n{part.link}".strip() for part in parts]
    if len(parts) > 1:
        texts = [f"{part.subject}\n{text}" for part, text in zip(parts, texts, strict=True)]
    message = EmailMultiAlternatives(
        subject=subject,
        body="\n\n\n".join(texts),
        to=[reader.written_to],
        headers={"Message-ID": f"<{number}@classbell>"},
    )
    page = {"subject": subject, "parts": parts, "settings": _whole(reverse("my-notifications"))}
    message.attach_alternative(render_to_string("notices/mail.html", page), "text/html")
    return message


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
