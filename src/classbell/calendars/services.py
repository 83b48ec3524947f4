"""Every change of people's calendars."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.calendars import reading
from classbell.calendars.models import LONGEST_NAME, CalendarKind, ExternalCalendar
from classbell.calendars.sealing import digest_of, sealed
from classbell.calendars.sources import as_https
from classbell.calendars.troubles import LASTING, CalendarTrouble, Trouble, sentence_of
from classbell.errors import DomainError, NotThere
from classbell.meetings.claims import keep_elsewhere
from classbell.outgoing.addresses import BadUrl, Rules, checked_url
from classbell.rows import locked, write
from classbell.text import one_line

# Each is read every few minutes.
MOST_CALENDARS: Final = 5


class CalendarInvalid(DomainError):
    """A calendar as asked for cannot be; `details` names the field."""

    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message, details=[{"field": field, "message": message}])


class CalendarUnusable(CalendarInvalid):
    """At the address is no calendar that Classbell can read; the sentence says why, and what to do."""

    code = "calendar_unusable"

    def __init__(self, trouble: Trouble) -> None:
        field = "password" if trouble is Trouble.SIGN_IN else "url"
        super().__init__(field, sentence_of(trouble))


def add_calendar(
    *, teacher: User, kind: CalendarKind, url: str, login: str = "", password: str = "", now: datetime
) -> ExternalCalendar:
    """
    Add a calendar of somebody who teaches, and read it. In no transaction: it may take seconds.

    When it only does not answer just now it is kept and read later. Raises CalendarInvalid: the address may not be asked,
    is Classbell's own, stands there already, there are too many; CalendarUnusable when it will not do as it is.
    """
    asked = _checked(as_https(url))
    if ExternalCalendar.objects.filter(teacher=teacher).count() >= MOST_CALENDARS:
        text = _("You have %(most)s calendars already. Remove one first.") % {"most": MOST_CALENDARS}
        raise CalendarInvalid("url", text)
    calendar = ExternalCalendar(
        teacher=teacher,
        kind=kind,
        name=_name_of(asked),
        login=login,
        sealed=sealed({"url": asked, "password": password}),
        digest=digest_of(asked, login),
        due_at=now + reading.LEASE,
        created_at=now,
    )
    found, trouble = _first_look(calendar, now=now)
    if trouble in LASTING:
        raise CalendarUnusable(trouble)
    try:
        with transaction.atomic():
            calendar.save(force_insert=True)
    except IntegrityError as error:
        raise CalendarInvalid("url", _("You have added this calendar already.")) from error
    noted = (
        reading.note_found(calendar.pk, found, now=now)
        if trouble is None
        else reading.note_failure(calendar.pk, trouble, now=now)
    )
    return noted or calendar


def _first_look(calendar: ExternalCalendar, *, now: datetime) -> tuple[Any, Trouble | None]:
    try:
        return reading.source_of(calendar).read(reading.wanted_of(calendar, now=now), known=""), None
    except CalendarTrouble as error:
        return None, error.trouble


def change_calendar(*, calendar_id: UUID, changes: Mapping[str, Any], now: datetime) -> ExternalCalendar:
    """Change what of a calendar counts; it is read anew at once. Raises NotThere."""
    with transaction.atomic():
        calendar = locked(ExternalCalendar.objects.all(), calendar_id)
        if calendar is None:
            raise _gone()
        return write(calendar, {**changes, "version": "", "due_at": now})


def remove_calendar(*, calendar_id: UUID, now: datetime) -> None:
    """Forget a calendar and all that it said: its owner is taken by it no more. Raises NotThere."""
    with transaction.atomic():
        teacher_id = ExternalCalendar.objects.filter(pk=calendar_id).values_list("teacher", flat=True).first()
        calendars = reading.lock_calendars(teacher_id) if teacher_id else []
        calendar = next((one for one in calendars if one.pk == calendar_id), None)
        if calendar is None:
            raise _gone()
        calendar.delete()
        reading.take_time(calendar.teacher_id, now=now)


def forget_person(person_id: UUID) -> None:
    """Forget all calendars of somebody, and that they were ever busy elsewhere. Safe to repeat."""
    with transaction.atomic():
        reading.lock_calendars(person_id)
        ExternalCalendar.objects.filter(teacher=person_id).delete()
        keep_elsewhere(person_id=person_id, busy=())


def _checked(url: str) -> str:
    try:
        checked = checked_url(url, Rules.of_settings())
    except BadUrl as error:
        raise CalendarInvalid("url", str(error)) from error
    if urlsplit(checked).netloc == urlsplit(settings.ENVIRONMENT.public_url).netloc and "/api/calendar/" in checked:
        raise CalendarInvalid("url", _("This is Classbell’s own calendar: what is in it is known here already."))
    return checked


def _name_of(url: str) -> str:
    return one_line(urlsplit(url).hostname or url)[:LONGEST_NAME]


def _gone() -> NotThere:
    return NotThere(_("There is no such calendar (any more)."))
