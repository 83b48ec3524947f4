"""Circles as the API answers them, in the envelope of `/api/v1/`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.bidi import isolated
from classbell.groups.answers import describe_person
from classbell.halakat.models import Halaka
from classbell.halakat.periods import Period
from classbell.halakat.preview import Fate, PlannedOccurrence, Preview
from classbell.halakat.queries import circle_occurrences, meeting_at
from classbell.halakat.schemas import (
    CircleClashOut,
    CircleOccurrenceOut,
    DoneAnswer,
    HalakaAnswer,
    HalakaOut,
    Nothing,
    OneHalaka,
    PeriodOut,
    PlannedCircleOccurrenceOut,
    PreviewAnswer,
    PreviewOut,
    SavedAnswer,
    SavedHalaka,
    ZoomMeetingOut,
)
from classbell.holidays.models import Holiday
from classbell.holidays.queries import holidays_among, name_for
from classbell.meetings.api.answers import describe_backup_room, describe_crowd, shown_location
from classbell.meetings.joining.backup import may_be_near
from classbell.meetings.joining.doors import is_shown_way_in, shown_ways_in
from classbell.meetings.joining.entrance import as_held_now, hosts_now
from classbell.meetings.models import Occurrence
from classbell.meetings.queries import start_link_if_any


def answer(status: str, message: str, halaka_id: UUID, user: User) -> HalakaAnswer:
    """Return the envelope around one circle as this person sees it."""
    return HalakaAnswer(status=status, message=message, data=OneHalaka(halaka=_read(halaka_id, user)))


def saved_answer(status: str, message: str, halaka_id: UUID, user: User, planned: Preview) -> SavedAnswer:
    """Return the envelope around one circle after a change that was `planned` so."""
    data = SavedHalaka(halaka=_read(halaka_id, user), zoom_calls=planned.zoom_calls)
    return SavedAnswer(status=status, message=message, data=data)


def done_answer(status: str, message: str) -> DoneAnswer:
    """Return the envelope around nothing."""
    return DoneAnswer(status=status, message=message, data=Nothing())


def preview_answer(preview: Preview) -> PreviewAnswer:
    """Return the envelope around what would be."""
    out = PreviewOut(
        occurrences=[_planned(occurrence) for occurrence in preview.occurrences],
        clashes=[
            CircleClashOut(start_time=c.starts_at, end_time=c.ends_at, blocked_by=c.blocked_by) for c in preview.clashes
        ],
        kept=preview.count(Fate.KEPT),
        moved=preview.count(Fate.MOVED),
        added=preview.count(Fate.ADDED),
        removed=preview.count(Fate.REMOVED),
        zoom_calls=preview.zoom_calls,
        zoom_meetings=preview.zoom_meetings,
        ends_after_minutes=preview.ends_after_minutes,
        too_many_people=describe_crowd(preview.crowd),
    )
    message = _("; ").join([in_words(preview), calls_in_words(preview)])
    return PreviewAnswer(status="preview", message=message, data=out)


def period_in_words(period: Period) -> str:
    """Return a period in one line: "Ramadan, 8 February 2027 – 9 March 2027: 21:00, 45 min"."""
    return _("%(name)s, %(first)s – %(last)s: %(time)s, %(minutes)s min") % {
        "name": isolated(period.name),
        "first": date_format(period.first_day, "j F Y"),
        "last": date_format(period.last_day, "j F Y"),
        "time": isolated(f"{period.start_time:%H:%M}"),
        "minutes": period.duration_minutes,
    }


def in_words(preview: Preview) -> str:
    """Return what would be, in one line: what becomes of the sessions, how many clash."""
    added, moved, removed = (preview.count(fate) for fate in (Fate.ADDED, Fate.MOVED, Fate.REMOVED))
    clashes = len(preview.clashes)
    said = [
        added and ngettext("%(n)s new session", "%(n)s new sessions", added) % {"n": added},
        moved and ngettext("%(n)s session moved", "%(n)s sessions moved", moved) % {"n": moved},
        removed and ngettext("%(n)s session removed", "%(n)s sessions removed", removed) % {"n": removed},
        clashes and ngettext("%(n)s clash", "%(n)s clashes", clashes) % {"n": clashes},
    ]
    return _("; ").join([phrase for phrase in said if phrase] or [_("No session changes")])


def calls_in_words(preview: Preview) -> str:
    """Say what it costs at Zoom."""
    return ngettext("Zoom: %(n)s call", "Zoom: %(n)s calls", preview.zoom_calls) % {"n": preview.zoom_calls}


def with_people() -> QuerySet[Halaka]:
    """Circles with what their description reads."""
    return Halaka.objects.select_related("group", "teacher")


def describe(halaka: Halaka, user: User, *, now: datetime, with_occurrences: bool) -> HalakaOut:
    """Return one circle as this person sees it; in lists without its sessions and the host's link."""
    rows = circle_occurrences(halaka)
    shown = shown_ways_in(user, {row.meeting for row in rows}, now=now, to_program=True) if with_occurrences else set()
    return HalakaOut(
        id=halaka.pk,
        title=halaka.group.name,
        description=halaka.group.description,
        teacher=describe_person(halaka.teacher),
        start_date=halaka.start_date,
        end_date=halaka.end_date,
        days=sorted((day + 1) % 7 for day in halaka.weekdays),
        frequency=halaka.frequency,
        start_time=halaka.start_time.strftime("%H:%M"),
        duration=halaka.duration_minutes,
        timezone=halaka.timezone,
        except_dates=sorted(halaka.except_dates),
        periods=[_period(period) for period in halaka.pattern.periods],
        max_students=halaka.group.capacity,
        student_count=halaka.group.memberships.count(),
        waiting_count=halaka.group.waiting.count(),
        is_member=halaka.group.memberships.filter(user=user).exists(),
        zoom_meeting=_zoom_meeting(rows, user, now=now, with_start_url=with_occurrences),
        zoom_meetings=len({row.meeting_id for row in rows}),
        occurrences=_occurrences(rows, user, shown) if with_occurrences else [],
        created_at=halaka.created_at,
    )


def _period(period: Period) -> PeriodOut:
    return PeriodOut(
        name=period.name,
        from_=period.first_day,
        until=period.last_day,
        start_time=f"{period.start_time:%H:%M}",
        duration=period.duration_minutes,
    )


def _zoom_meeting(rows: list[Occurrence], user: User, *, now: datetime, with_start_url: bool) -> ZoomMeetingOut:
    meeting = meeting_at(rows, now=now)
    meeting = as_held_now(meeting, now=now) if meeting is not None else None
    near = meeting is not None and any(may_be_near(row.starts_at, row.ends_at, now=now) for row in rows)
    backup_room = describe_backup_room(meeting, user, now=now) if meeting is not None and near else None
    if meeting is None or not meeting.can_be_entered:
        status = meeting.sync_status if meeting is not None and meeting.wanted else "none"
        return ZoomMeetingOut(
            meeting_id=None,
            password=None,
            join_url=None,
            start_url=None,
            status=status,
            location=meeting.room or None if meeting is not None and meeting.wanted else None,
            backup_room=backup_room,
        )
    hosts, shown = hosts_now(user, meeting, now=now), is_shown_way_in(user, meeting, now=now, to_program=True)
    return ZoomMeetingOut(
        meeting_id=(meeting.zoom_number or None) if shown else None,
        password=meeting.password if shown and not meeting.is_elsewhere else None,
        join_url=(meeting.location_url or meeting.join_url) if shown else None,
        start_url=(start_link_if_any(meeting, user) or None) if hosts and with_start_url else None,
        status=meeting.sync_status,
        location=shown_location(meeting, is_shown=shown),
        backup_room=backup_room,
    )


def _occurrences(rows: Sequence[Occurrence], user: User, shown: Collection[UUID]) -> list[CircleOccurrenceOut]:
    holidays = holidays_among([row.starts_at for row in rows])
    return [
        _occurrence(
            row,
            holidays.at(row.starts_at, group_id=row.meeting.group_id, teacher_id=row.teacher_id),
            user,
            is_shown=row.meeting_id in shown,
        )
        for row in rows
    ]


def _occurrence(row: Occurrence, holiday: Holiday | None, user: User, *, is_shown: bool) -> CircleOccurrenceOut:
    return CircleOccurrenceOut(
        id=row.pk,
        start_time=row.starts_at,
        end_time=row.ends_at,
        status=row.status,
        meeting_id=(row.as_held.zoom_number or None) if is_shown else None,
        location=shown_location(row.as_held, is_shown=is_shown),
        substitute=describe_person(row.substitute) if row.substitute else None,
        holiday=name_for(holiday, user) if holiday is not None else None,
    )


def _read(halaka_id: UUID, user: User) -> HalakaOut:
    return describe(with_people().get(pk=halaka_id), user, now=timezone.now(), with_occurrences=True)


def _planned(occurrence: PlannedOccurrence) -> PlannedCircleOccurrenceOut:
    return PlannedCircleOccurrenceOut(
        start_time=occurrence.starts_at,
        end_time=occurrence.ends_at,
        local_date=occurrence.wall.date(),
        local_time=occurrence.wall.strftime("%H:%M"),
        change=occurrence.fate,
        status="cancelled" if occurrence.is_cancelled else "scheduled",
        clock=occurrence.clock,
        substitute=describe_person(occurrence.substitute) if occurrence.substitute else None,
        holiday=name_for(occurrence.holiday) if occurrence.holiday else None,
    )
