"""
Sessions in a calendar of whoever holds them: put there, moved, deleted, and put right where somebody changed them there.

A session's entry lies at an address that its id makes. Whoever dies between writing it and noting that has it written once
more, over itself. What somebody changes of it in the calendar is put right: a session is moved and cancelled here, where
everybody hears of it.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

import structlog
from django.utils import translation

from classbell.accounts.models import User
from classbell.calendars import dav
from classbell.calendars.models import ExternalCalendar, WrittenSession
from classbell.calendars.queries import sessions_taught_by
from classbell.calendars.sealing import secrets_of
from classbell.calendars.sources import EntryState
from classbell.calendars.troubles import CalendarTrouble, Trouble
from classbell.meetings.models import Occurrence
from classbell.notices.events import alone, new_calendar, uid_of

log = structlog.get_logger(__name__)

AHEAD: Final = timedelta(days=120)
# Sessions that are over stay in the calendar; what is known of them is of no use after a while.
FORGOTTEN_AFTER: Final = timedelta(days=7)
# So many are written before others get their turn.
MOST_A_TURN: Final = 40


def keep_true(calendar_id: UUID, *, now: datetime) -> bool:
    """
    Let the coming sessions of a calendar's owner stand in it as they are, and none that is not, in no transaction; return
    whether more is left to do. Its trouble is noted. Without anything to do it is two queries, and no request.
    """
    calendar = ExternalCalendar.objects.select_related("teacher").filter(pk=calendar_id).first()
    if calendar is None:
        return False
    is_wanted = calendar.writes_lessons and calendar.going_at is None
    wanted = {one.pk: one for one in _coming(calendar.teacher, now)} if is_wanted else {}
    rows = {row.session_id: row for row in calendar.written_sessions.all()}
    wrong = [one for one in wanted.values() if one.pk not in rows or rows[one.pk].digest != digest_of(one)]
    gone = [row for key, row in rows.items() if key not in wanted and row.starts_at > now]
    old = [row.pk for key, row in rows.items() if key not in wanted and row.starts_at <= now - FORGOTTEN_AFTER]
    if old:
        WrittenSession.objects.filter(pk__in=old).delete()
    if wrong or gone:
        # What was read last is no more. Some servers name states by what is in them: deleted there, an entry of ours would
        # leave the calendar as it was before it was written, and nobody would look.
        ExternalCalendar.objects.filter(pk=calendar_id).update(version="")
    try:
        _do(calendar, wrong[:MOST_A_TURN], gone[:MOST_A_TURN], rows)
    except CalendarTrouble as error:
        log.warning("sessions_not_written", calendar=str(calendar_id), error=error.trouble)
        ExternalCalendar.objects.filter(pk=calendar_id).update(write_error=error.trouble)
        return False
    if calendar.write_error:
        ExternalCalendar.objects.filter(pk=calendar_id).update(write_error="")
    return len(wrong) > MOST_A_TURN or len(gone) > MOST_A_TURN


def note_entry_states(calendar: ExternalCalendar, entry_states: Mapping[UUID, EntryState], *, now: datetime) -> None:
    """Note how the coming sessions that were written stand in the calendar by now; what is another is written anew."""
    for row in calendar.written_sessions.filter(starts_at__gt=now):
        found = entry_states.get(row.session_id)
        is_same = found is not None and found.digest == row.digest
        state = {
            "digest": row.digest if is_same else "",
            "etag": found.etag if found else "",
            "href": found.url if found else row.href,
        }
        if any(getattr(row, name) != value for name, value in state.items()):
            if not is_same:
                log.info("session_changed_elsewhere", calendar=str(calendar.pk), session=str(row.session_id))
            WrittenSession.objects.filter(pk=row.pk, digest=row.digest).update(**state)


def digest_of(session: Occurrence) -> str:
    """Return what a calendar is to say of a session, as `entry_digest` says it of an entry there."""
    return entry_digest(session.starts_at, session.ends_at, session.meeting.title)


def entry_digest(starts_at: datetime, ends_at: datetime, title: str) -> str:
    """Return what an entry says: another time or title is another."""
    said = f"{starts_at.astimezone(UTC):%Y%m%dT%H%M} {ends_at.astimezone(UTC):%Y%m%dT%H%M} {' '.join(title.split())}"
    return hashlib.sha256(said.encode()).hexdigest()


def _coming(teacher: User, now: datetime) -> list[Occurrence]:
    coming = sessions_taught_by(teacher.pk).between(now, now + AHEAD)
    return list(coming.select_related("meeting__teacher", "meeting__group", "substitute").order_by("starts_at", "pk"))


def _do(
    calendar: ExternalCalendar, wrong: list[Occurrence], gone: list[WrittenSession], rows: Mapping[UUID, WrittenSession]
) -> None:
    if not wrong and not gone:
        return
    secrets = secrets_of(calendar)
    login = dav.Login(name=calendar.login, password=secrets["password"])
    for session in wrong:
        row = rows.get(session.pk)
        href = row.href if row and row.href else urljoin(f"{secrets['url'].rstrip('/')}/", f"{session.pk}.ics")
        _put(calendar, session, href, row.etag if row else "", login, secrets["url"])
    for row in gone:
        dav.delete_entry(row.href, login)
        row.delete()


def _put(
    calendar: ExternalCalendar, session: Occurrence, href: str, etag: str, login: dav.Login, collection: str
) -> None:
    content = _entry(session, calendar.teacher)
    written = dav.put_entry(href, login, content, etag=etag)
    if written.is_there_as_another:
        # It came by mail, and was taken into this calendar: that is the session's entry then.
        other = dav.find_entry(collection, login, uid=uid_of(session))
        if other is None:
            raise CalendarTrouble(Trouble.NOT_WRITABLE)
        href = other.url
        written = dav.put_entry(href, login, content, etag=other.etag)
    WrittenSession.objects.update_or_create(
        calendar=calendar,
        session_id=session.pk,
        defaults={
            "href": href,
            "etag": written.etag[:255],
            "digest": digest_of(session),
            "starts_at": session.starts_at,
        },
    )


def _entry(session: Occurrence, teacher: User) -> bytes:
    """Return a session as an entry, in its teacher's language."""
    with translation.override(teacher.locale):
        calendar = new_calendar(None)
        calendar.add_component(alone(session))
        content: bytes = calendar.to_ical()
    return content
