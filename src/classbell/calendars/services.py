"""Every change of people's calendars."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.calendars import reading
from classbell.calendars.dav import Collection, Login, find_collections
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
GIVEN_UP_AFTER: Final = timedelta(days=1)


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


class SeveralCalendars(CalendarInvalid):
    """At the address are several calendars; `details` say which, with their addresses."""

    code = "several_calendars"

    def __init__(self, found: Sequence[Collection]) -> None:
        self.found = found
        super().__init__("url", _("There are several calendars at this address. Choose one, and give its own address."))
        self.details = [{"url": one.url, "name": one.name} for one in found]


def add_calendar(
    *, teacher: User, kind: CalendarKind, url: str, login: str = "", password: str = "", now: datetime
) -> ExternalCalendar:
    """
    Add a calendar of somebody who teaches, and read it. In no transaction: it may take seconds.

    When it only does not answer just now it is kept and read later. Raises CalendarInvalid: the address may not be asked,
    is Classbell's own, stands there already, there are too many; CalendarUnusable when it will not do as it is.
    """
    asked = _checked(as_https(url))
    if kind is CalendarKind.CALDAV:
        asked = _one_collection(asked, Login(name=login, password=password))
    _refuse_too_many(teacher)
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
    return _kept(calendar, now=now)


def add_connected(*, teacher: User, kind: CalendarKind, tokens: Mapping[str, str], now: datetime) -> ExternalCalendar:
    """
    Add the main calendar of somebody at Google or Microsoft, who said yes there; the same again takes the tokens that open it
    now. In no transaction. Raises CalendarInvalid and CalendarUnusable as `add_calendar`.
    """
    with transaction.atomic():
        before = next(
            (one for one in reading.lock_calendars(teacher.pk) if one.kind == kind and not one.going_at), None
        )
        if before is not None:
            return write(before, {"sealed": sealed(dict(tokens)), "due_at": now})
    _refuse_too_many(teacher)
    calendar = ExternalCalendar(
        teacher=teacher,
        kind=kind,
        name=str(kind.label),
        sealed=sealed(dict(tokens)),
        digest=digest_of(kind, ""),
        due_at=now + reading.LEASE,
        created_at=now,
    )
    return _kept(calendar, now=now)


def _refuse_too_many(teacher: User) -> None:
    if ExternalCalendar.objects.present().filter(teacher=teacher).count() >= MOST_CALENDARS:
        text = _("You have %(most)s calendars already. Remove one first.") % {"most": MOST_CALENDARS}
        raise CalendarInvalid("url", text)


def _kept(calendar: ExternalCalendar, *, now: datetime) -> ExternalCalendar:
    """Keep a calendar after a first look at it. Raises CalendarInvalid and CalendarUnusable."""
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


def _one_collection(url: str, login: Login) -> str:
    """Return the calendar at an address, or the only one of whoever signs in. Raises CalendarUnusable, SeveralCalendars."""
    try:
        found = find_collections(url, login)
    except CalendarTrouble as error:
        if error.trouble in LASTING:
            raise CalendarUnusable(error.trouble) from error
        # It does not answer just now; whether it is a calendar is seen when it does.
        return url
    if len(found) > 1:
        raise SeveralCalendars(found)
    return found[0].url


def _first_look(calendar: ExternalCalendar, *, now: datetime) -> tuple[Any, Trouble | None]:
    try:
        return reading.source_of(calendar, now=now).read(reading.wanted_of(calendar, now=now), known=""), None
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
        if calendar is None or calendar.going_at is not None:
            raise _gone()
        if calendar.written_sessions.filter(starts_at__gt=now).exists():
            calendar.busy_times.all().delete()
            # It may be added anew meanwhile.
            changes = {"going_at": now, "digest": f"going {calendar.pk}", "writes_lessons": False, "due_at": now}
            write(calendar, changes)
        else:
            calendar.delete()
        reading.take_time(calendar.teacher_id, now=now)


def write_sessions_into(*, calendar_id: UUID, is_wanted: bool, now: datetime) -> None:
    """
    Let sessions be written into this calendar, in place of another of its owner, or no longer: what was written is deleted
    there. Raises NotThere, and CalendarInvalid for one that is not read by CalDAV.
    """
    with transaction.atomic():
        teacher_id = ExternalCalendar.objects.present().filter(pk=calendar_id).values_list("teacher", flat=True).first()
        calendars = {one.pk: one for one in (reading.lock_calendars(teacher_id) if teacher_id else [])}
        chosen = calendars.get(calendar_id)
        if chosen is None:
            raise _gone()
        if is_wanted and chosen.kind != CalendarKind.CALDAV:
            text = _("Sessions can be written only into a calendar that is read by CalDAV.")
            raise CalendarInvalid("writes_lessons", text)
        for one in sorted(calendars.values(), key=lambda other: other.pk == calendar_id):
            should = is_wanted and one.pk == calendar_id
            if one.writes_lessons != should and (is_wanted or one.pk == calendar_id):
                write(one, {"writes_lessons": should, "write_error": "", "due_at": now})


def finish_removal(*, calendar_id: UUID, now: datetime) -> None:
    """Forget a calendar that its owner removed once nothing of ours stands in it, or nobody could delete it for a day."""
    with transaction.atomic():
        calendar = locked(ExternalCalendar.objects.exclude(going_at=None), calendar_id)
        if calendar is None or calendar.going_at is None:
            return
        is_clean = not calendar.written_sessions.filter(starts_at__gt=now).exists()
        if is_clean or calendar.going_at < now - GIVEN_UP_AFTER:
            calendar.delete()


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
