"""Notices by mail."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPRecipientsRefused
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.jobs import defer
from classbell.notices import dispatching
from classbell.notices.admins import tell_admins
from classbell.notices.delivering import Refused, find_notice, is_stale, send_noting
from classbell.notices.invites import invite_of
from classbell.notices.models import Channel, Notice
from classbell.notices.texts import Kind
from classbell.notices.wording import Part, in_words_of, part_of, whole
from classbell.text import one_line

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
    notice = find_notice(notice_id)
    if notice is None or not settings.EMAIL_HOST or notice.mailed_at is not None:
        return
    if not may_be_mailed(notice.user) or is_stale(notice, now):
        dispatching.drop(notice_id, Channel.MAIL)
    elif dispatching.claim(notice_id, Channel.MAIL, now=now):
        _send_noting(
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
        _send_noting(useful, Channel.DIGEST, lambda: mail_of_many(useful), again=again, now=now)


def may_be_mailed(reader: User) -> bool:
    """Whether somebody can be written to, and wants to be."""
    return reader.is_active and reader.wants_mail and bool(reader.written_to)


def _send(make: Callable[[], EmailMessage]) -> None:
    """Send a mail. Raises Refused when its address is refused for good."""
    try:
        make().send()
    except SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()), (0, b""))
        if code < FIRST_OF_PERMANENT_REPLIES:
            raise
        raise Refused(said.decode("utf-8", "replace") if isinstance(said, bytes) else said) from error


def _send_noting(
    notices: Sequence[Notice],
    channel: Channel,
    make: Callable[[], EmailMessage],
    *,
    again: Callable[[datetime], None],
    now: datetime,
) -> None:
    ids, reader = [notice.pk for notice in notices], notices[0].user
    send_noting(
        notices,
        channel,
        lambda: _send(make),
        again=again,
        sent=lambda: _note_mailed(ids, now),
        refused=lambda said: _tell_refused(reader, said, now),
        now=now,
    )


def _note_mailed(notice_ids: Sequence[UUID], now: datetime) -> None:
    Notice.objects.filter(pk__in=notice_ids).update(mailed_at=now)


def mail_of(notice: Notice) -> EmailMultiAlternatives:
    """
    Return a notice as a mail, in its reader's language and on their clock: as text, as HTML and, where it is about one
    session, with what their calendar is to do.
    """
    with in_words_of(notice.user):
        part, invite = part_of(notice), invite_of(notice)
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
        message = _mail(first.user, subject, [part_of(notice) for notice in notices], number=number)
        invites = [invite for notice in notices if (invite := invite_of(notice)) is not None]
    for number_of_file, invite in enumerate(invites, start=1):
        message.attach(f"session-{number_of_file}.ics", invite.content.encode(), "application/ics")
    return message


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
    page = {
        "subject": subject,
        "parts": parts,
        "settings": "" if reader.is_guest else whole(reverse("my-notifications")),
    }
    message.attach_alternative(render_to_string("notices/mail.html", page), "text/html")
    return message


def _tell_refused(reader: User, answer: str, now: datetime) -> None:
    """Tell admins whose address is refused, once a day and person."""
    path = reverse("person", args=[reader.pk])
    known = Notice.objects.filter(kind=Kind.ADDRESS_REFUSED, path=path, created_at__gt=now - SAID_AGAIN_AFTER)
    if not known.exists():
        facts = {"person": reader.name, "answer": one_line(answer)}
        tell_admins(Kind.ADDRESS_REFUSED, facts, page="person", arguments=(reader.pk,), by_mail=False, now=now)
