"""Asking for a copy of all that is kept of somebody: at once when it is little, by a job when it is much."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction

from classbell.accounts.models import User
from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.errors import NotThere
from classbell.jobs import defer
from classbell.postgres.bounds import Read, reading
from classbell.privacy.export import counted, made_export
from classbell.privacy.models import Export

log = structlog.get_logger(__name__)

# Rows that are read and written within a request.
AT_ONCE: Final = 2_000
# Asked for again within this time, the same one is meant.
SAME_FOR: Final = timedelta(hours=1)
KEPT_FOR: Final = timedelta(days=7)
PURPOSE: Final = "export"


def ask_export(person: User, *, by: User, now: datetime) -> bytes | Export:
    """
    Return the ZIP of all that is kept of a person, or, when it is much, the export that a job makes of it; asked again
    within an hour, the same.
    """
    log.info("export_asked", person=str(person.pk), by=str(by.pk))
    with reading(Read.EXPORT):
        if sum(counted(person).values()) <= AT_ONCE:
            return made_export(person, now=now)
    with transaction.atomic():
        asked = Export.objects.select_for_update().filter(person=person, asked_by=by, asked_at__gt=now - SAME_FOR)
        export = asked.first()
        if export is None:
            export = Export.objects.create(person=person, asked_by=by, asked_at=now)
            defer("privacy.make_export", export_id=str(export.pk))
    return export


def make_export(*, export_id: UUID, now: datetime) -> None:
    """Make an export that was asked for; nothing when it is not wanted any more or is there. Safe to repeat."""
    export = Export.objects.select_related("person").filter(pk=export_id, ready_at=None).first()
    if export is not None:
        content = encrypt(made_export(export.person, now=now), purpose=PURPOSE)
        Export.objects.filter(pk=export_id).update(content=content, ready_at=now)


def export_of(reader: User, export_id: UUID, *, now: datetime) -> Export:
    """Return an export that the reader asked for and may still have. Raises NotThere."""
    export = Export.objects.filter(pk=export_id, asked_by=reader, asked_at__gt=now - KEPT_FOR).first()
    if export is None or not (export.person_id == reader.pk or reader.is_admin):
        raise NotThere
    return export


def content_of(export: Export) -> bytes:
    """Return the ZIP of an export that is ready. Raises NotThere when the secret key of then is not known any more."""
    try:
        return decrypt(bytes(export.content), purpose=PURPOSE)
    except NotDecipherable as error:
        raise NotThere from error
