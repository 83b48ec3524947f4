"""What people agree to before they join, because sessions are recorded: asked once of each person and version of the text."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from classbell.accounts.models import User
from classbell.recordings.errors import NoRecordingText, RecordingTextChanged
from classbell.recordings.models import RecordingConsent, RecordingText


def newest_text() -> RecordingText | None:
    """Return the version that counts, None while there is none. One statement."""
    return RecordingText.objects.first()


def write_text(*, english: str, arabic: str, is_asked: bool, by: User, now: datetime) -> RecordingText:
    """
    Make another text the one that counts, as a new version; of the same text, only switch whether it is asked.

    Raises NoRecordingText.
    """
    if not english and not arabic:
        raise NoRecordingText
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE recordings_recordingtext IN SHARE ROW EXCLUSIVE MODE")
        kept = newest_text()
        if kept is not None and (kept.english, kept.arabic) == (english, arabic):
            kept.is_asked = is_asked
            kept.save(update_fields=["is_asked"])
            return kept
        return RecordingText.objects.create(
            version=kept.version + 1 if kept else 1,
            english=english,
            arabic=arabic,
            is_asked=is_asked,
            asked_by=by,
            made_at=now,
        )


def text_to_ask(person: User) -> RecordingText | None:
    """Return what a person is to read before they join: the newest version, unless they agreed to it. One statement."""
    given = RecordingConsent.objects.filter(person=person, version=OuterRef("version"))
    text = RecordingText.objects.annotate(is_given=Exists(given)).first()
    return None if text is None or not text.is_asked or getattr(text, "is_given") else text  # noqa: B009 -- annotated


def agree(person: User, *, version: int, by: User, now: datetime) -> None:
    """Keep that somebody agrees to the newest version. Raises RecordingTextChanged for another. Safe to repeat."""
    newest = newest_text()
    if newest is None or newest.version != version:
        raise RecordingTextChanged
    given_by = None if by.pk == person.pk else by
    RecordingConsent.objects.get_or_create(
        person=person, version=version, defaults={"given_by": given_by, "given_at": now}
    )


def agreed(version: int) -> int:
    """Return how many people have agreed to a version."""
    return RecordingConsent.objects.filter(version=version).count()
