"""Mails that are kept in a folder instead of being sent: for a demo and for trials, with a page on which they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage as Received
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from classbell.ids import uuid7

MOST_KEPT: Final = 300
ENDING: Final = ".eml"


class MailboxBackend(BaseEmailBackend):
    """Keeps what is sent, the latest of it; Django's EMAIL_BACKEND."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each mail into a file, and forget the oldest. Raises OSError."""
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            unfinished = folder / f"{uuid7()}.part"
            unfinished.write_bytes(message.message().as_bytes())
            unfinished.rename(unfinished.with_suffix(ENDING))
        for old in sorted(folder.glob(f"*{ENDING}"))[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
        return len(email_messages)


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """What goes along with a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptMail:
    """A mail as it would have been sent."""

    id: UUID
    to: str
    subject: str
    sent_at: datetime
    text: str
    html: str
    files: Sequence[File]


def kept_mails(most: int) -> list[KeptMail]:
    """Return the latest mails, the latest first."""
    files = sorted(_folder().glob(f"*{ENDING}"), reverse=True)[:most]
    return [mail for file in files if (mail := _read(file)) is not None]


def find_mail(mail_id: UUID) -> KeptMail | None:
    """Return one mail, None when it is not there (any more)."""
    return _read(_folder() / f"{mail_id}{ENDING}")


def _folder() -> Path:
    return Path(settings.ENVIRONMENT.mailbox)


def _read(file: Path) -> KeptMail | None:
    try:
        message = message_from_bytes(file.read_bytes(), policy=default)
    except FileNotFoundError:
        return None
    return KeptMail(
        id=UUID(file.stem),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        # Its date is in UTC, which is written as no timezone at all.
        sent_at=parsedate_to_datetime(str(message["Date"])).replace(tzinfo=UTC),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        files=list(_files(message)),
    )


def _body(message: Received, kind: str) -> str:
    found = message.get_body((kind,))
    return str(found.get_content()) if found is not None else ""


def _files(message: Received) -> Iterator[File]:
    for part in message.iter_attachments():
        content = part.get_content()
        yield File(
            name=part.get_filename() or part.get_content_type(),
            content_type=part.get_content_type(),
            content=content if isinstance(content, bytes) else str(content).encode(),
        )
