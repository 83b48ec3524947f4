"""
Reading one calendar: ask, keep what differs, and let its owner's time here be taken accordingly.

Whoever reads puts the next reading off first, so that nobody else does the same meanwhile. What was known of a calendar
that cannot be read goes on counting for the time that the setting says; then it counts no more, because nobody knows
whether any of it is still true. Its owner is told at the beginning of that time, once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from classbell.calendars import telling
from classbell.calendars.caldav import CalDavSource
from classbell.calendars.clouds import GoogleSource, MicrosoftSource
from classbell.calendars.dav import Login
from classbell.calendars.ics import Wanted
from classbell.calendars.models import BusyTime, CalendarKind, ExternalCalendar
from classbell.calendars.oauth import access_token
from classbell.calendars.ours import ours_among
from classbell.calendars.sealing import secrets_of
from classbell.calendars.sources import Found, IcsSource, Source
from classbell.calendars.troubles import LASTING, CalendarTrouble, Trouble
from classbell.calendars.writing import note_entry_states
from classbell.meetings.claims import keep_elsewhere
from classbell.meetings.periods import Interval
from classbell.rows import write

log = structlog.get_logger(__name__)

# No teacher can be booked further ahead.
AHEAD: Final = timedelta(days=366)
BEHIND: Final = timedelta(days=1)
# By CalDAV an unchanged calendar costs its server one small question; an address gives all of it, or looks through it.
EVERY: Final = {
    CalendarKind.CALDAV: timedelta(minutes=1),
    CalendarKind.ICS: timedelta(minutes=10),
    CalendarKind.GOOGLE: timedelta(minutes=10),
    CalendarKind.MICROSOFT: timedelta(minutes=10),
}
# An unchanged calendar is worked out anew so often: a day comes into view each day.
WHOLE_EVERY: Final = timedelta(hours=20)
LONGEST_PAUSE: Final = timedelta(hours=1)
# Far more than a reading takes; should the worker die, somebody else reads it then.
LEASE: Final = timedelta(minutes=3)
# Whoever looks at their calendars sees nothing older.
STALE: Final = timedelta(seconds=30)
# What is over by then was a hiccup, and nobody's news.
TOLD_AFTER: Final = timedelta(minutes=30)


def read(calendar_id: UUID, *, now: datetime) -> ExternalCalendar | None:
    """Read a calendar, in no transaction, and return it as it stands then; None when it is gone. Its trouble is noted."""
    calendar = ExternalCalendar.objects.present().select_related("teacher").filter(pk=calendar_id).first()
    if calendar is None:
        return None
    try:
        found = source_of(calendar, now=now).read(wanted_of(calendar, now=now), known=_known_of(calendar, now))
    except CalendarTrouble as error:
        return note_failure(calendar_id, error.trouble, now=now)
    return note_found(calendar_id, found, now=now)


def source_of(calendar: ExternalCalendar, *, now: datetime) -> Source:
    """Return by what a calendar is read. Raises CalendarTrouble when what opens it cannot be read, or no longer opens it."""
    if calendar.kind == CalendarKind.GOOGLE:
        return GoogleSource(token=access_token(calendar, now=now))
    if calendar.kind == CalendarKind.MICROSOFT:
        return MicrosoftSource(token=access_token(calendar, now=now))
    secrets = secrets_of(calendar)
    if calendar.kind == CalendarKind.CALDAV:
        return CalDavSource(url=secrets["url"], login=Login(name=calendar.login, password=secrets["password"]))
    return IcsSource(url=secrets["url"])


def wanted_of(calendar: ExternalCalendar, *, now: datetime) -> Wanted:
    """Return what is asked of a calendar."""
    teacher = calendar.teacher
    addresses = {one.lower() for one in (teacher.email, teacher.contact_email, calendar.login) if one}
    return Wanted(
        starts_at=now - BEHIND,
        ends_at=now + AHEAD,
        zone=teacher.zone,
        addresses=addresses,
        tentative=calendar.takes_tentative,
        whole_days=calendar.takes_whole_days,
        ours=ours_among,
    )


def _known_of(calendar: ExternalCalendar, now: datetime) -> str:
    is_fresh = calendar.read_whole_at is not None and calendar.read_whole_at > now - WHOLE_EVERY
    return calendar.version if is_fresh else ""


def note_found(calendar_id: UUID, found: Found | None, *, now: datetime) -> ExternalCalendar | None:
    """Keep what a calendar said (None: the same as before), and take its owner's time; None when it is gone meanwhile."""
    with transaction.atomic():
        calendar = _locked(calendar_id)
        if calendar is None:
            return None
        changes = {
            "last_read_at": now,
            "due_at": now + _pause(calendar, calendar.version if found is None else found.version),
            "failing_since": None,
            "error": "",
            "told_at": None,
        }
        new: list[Interval] = []
        if found is not None:
            changes |= {"version": found.version, "remark": found.remark, "read_whole_at": now}
            new = _keep_difference(calendar, found.periods)
            note_entry_states(calendar, found.entry_states, now=now)
        write(calendar, changes)
        take_time(calendar.teacher_id, now=now)
        if new and calendar.kind != CalendarKind.GOOGLE:
            telling.tell_of_overlaps(calendar, new, now=now)
    return calendar


def _pause(calendar: ExternalCalendar, version: str) -> timedelta:
    """Return when to read a calendar again: one whose server names no states is read whole each time, so more seldom."""
    every = EVERY[CalendarKind(calendar.kind)]
    return every if version or calendar.kind != CalendarKind.CALDAV else EVERY[CalendarKind.ICS]


def note_failure(calendar_id: UUID, trouble: Trouble, *, now: datetime) -> ExternalCalendar | None:
    """Note that a calendar was not read, tell its owner when it is time to, and come back later the longer it lasts."""
    with transaction.atomic():
        calendar = _locked(calendar_id)
        if calendar is None:
            return None
        since = calendar.failing_since or now
        every = EVERY[CalendarKind(calendar.kind)]
        pause = min(LONGEST_PAUSE, max(every, (now - since) / 4))
        write(calendar, {"failing_since": since, "error": trouble, "due_at": now + pause})
        is_time = trouble in LASTING or now - since >= TOLD_AFTER
        if calendar.told_at is None and is_time:
            telling.tell_of_failure(calendar, now=now)
            write(calendar, {"told_at": now})
        take_time(calendar.teacher_id, now=now)
    log.warning("calendar_not_read", calendar=str(calendar_id), error=trouble)
    return calendar


def take_time(teacher_id: UUID, *, now: datetime) -> None:
    """Let somebody's time here be taken by all that their calendars say; in a transaction that has their calendars locked."""
    counting = ExternalCalendar.objects.filter(teacher=teacher_id).counting(now)
    busy = BusyTime.objects.filter(calendar__in=counting, ends_at__gt=now - BEHIND)
    keep_elsewhere(person_id=teacher_id, busy=busy.order_by().values_list("starts_at", "ends_at"))


def lock_calendars(teacher_id: UUID) -> list[ExternalCalendar]:
    """Lock all calendars of somebody until the transaction ends, so that their time is taken by one at a time."""
    return list(ExternalCalendar.objects.select_for_update().filter(teacher=teacher_id).order_by("pk"))


def _locked(calendar_id: UUID) -> ExternalCalendar | None:
    teacher_id = ExternalCalendar.objects.filter(pk=calendar_id).values_list("teacher", flat=True).first()
    if teacher_id is None:
        return None
    return next((one for one in lock_calendars(teacher_id) if one.pk == calendar_id), None)


def _keep_difference(calendar: ExternalCalendar, periods: Sequence[Interval]) -> list[Interval]:
    """Write what is new of a calendar's busy times and delete what is no more; return what is new."""
    kept = dict(_kept_of(calendar))
    wanted = set(periods)
    gone = [pk for period, pk in kept.items() if period not in wanted]
    if gone:
        BusyTime.objects.filter(pk__in=gone).delete()
    new = sorted(wanted - kept.keys())
    BusyTime.objects.bulk_create(
        BusyTime(calendar=calendar, starts_at=starts_at, ends_at=ends_at) for starts_at, ends_at in new
    )
    return new


def _kept_of(calendar: ExternalCalendar) -> list[tuple[Interval, int]]:
    rows = calendar.busy_times.order_by().values_list("starts_at", "ends_at", "pk")
    return [((starts_at, ends_at), pk) for starts_at, ends_at, pk in rows]


def due(*, now: datetime, most: int) -> list[UUID]:
    """
    Return the calendars that are to be read, those that wait longest first, and put their next reading off so that nobody
    else takes them up meanwhile. Those of people who may not come in are left alone.
    """
    with transaction.atomic():
        waiting = ExternalCalendar.objects.filter(Q(due_at__lte=now), teacher__is_active=True).order_by("due_at", "pk")
        taken = list(waiting.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:most])
        ExternalCalendar.objects.filter(pk__in=taken).update(due_at=now + LEASE)
    return taken


def hurry(teacher_id: UUID, *, now: datetime) -> list[UUID]:
    """Return which of somebody's calendars are to be read because they look at them, and put their next reading off."""
    # Looked at first without locks: most who look have none, or none that was read long ago.
    long_ago = Q(last_read_at=None) | Q(last_read_at__lt=now - STALE)
    if not ExternalCalendar.objects.filter(long_ago, teacher=teacher_id).exists():
        return []
    with transaction.atomic():
        stale = [
            one for one in lock_calendars(teacher_id) if one.last_read_at is None or one.last_read_at < now - STALE
        ]
        # Whoever looked just before has them read already.
        mine = [one.pk for one in stale if not now + LEASE - STALE < one.due_at <= now + LEASE]
        ExternalCalendar.objects.filter(pk__in=mine).update(due_at=now + LEASE)
    return mine
