"""What people agree to before they join, because sessions are recorded: asked once of each person and version of the text."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from classbell.accounts.models import User
from classbell.recordings.models import RecordingConsent, RecordingText


def text_to_ask(person: User) -> RecordingText | None:
    """Return what a person is to read before they join: the newest version, unless they agreed to it. One statement."""
    given = RecordingConsent.objects.filter(person=person, version=OuterRef("version"))
    text = RecordingText.objects.annotate(is_given=Exists(given)).first()
    return None if text is None or not text.is_asked or getattr(text, "is_given") else text  # noqa: B009 -- annotated


def agree(person: User, *, version: int, by: User, now: datetime) -> None:
    """Keep that somebody agrees to the newest version. Raises TextChanged for another. Safe to repeat."""
    RecordingText.must_be_newest(version)
    given_by = None if by.pk == person.pk else by
    RecordingConsent.objects.get_or_create(
        person=person, version=version, defaults={"given_by": given_by, "given_at": now}
    )


def agreed(version: int) -> int:
    """Return how many people have agreed to a version."""
    return RecordingConsent.objects.filter(version=version).count()
