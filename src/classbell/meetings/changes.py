"""
Changing what a meeting should be: the one entrance for everybody who does.

Every change begins with what the meeting is at that moment, read with its row locked, and changes what is named. So two
changes at once both hold, and nobody has to know what else is settled about a meeting in order to keep it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.holidays.locks import hold_holidays
from classbell.meetings import claims, jobs
from classbell.meetings.clashes import teacher_busy
from classbell.meetings.errors import HostBusy
from classbell.meetings.hosts import pool
from classbell.meetings.layout import CurrentLayout, lay_out_anew
from classbell.meetings.locks import wait_for_other_moves
from classbell.meetings.models import DECIDED, Audience, ClaimKind, Meeting, Registrant, SyncStatus
from classbell.meetings.schedule import ahead, teacher_claims
from classbell.meetings.services import (
    MeetingSpec,
    after_request,
    bump_revision,
    check_schedule,
    locked_meeting,
    want_meeting,
)
from classbell.meetings.signals import location_changed, timetable_changed
from classbell.meetings.sync.gateway import is_configured


class MeetingChanges(TypedDict, total=False):
    """
    What to change of a meeting; what is not named stays.

    A new `timezone` alone keeps the time on the wall. `zoom_settings` are laid over those there are: each one named is set,
    or with None left to the school's default again. `cancelled` names all dates that are cancelled as `MeetingSpec` does.
    """

    teacher: User
    group: Group | None
    title: str
    description: str
    starts_at: datetime
    duration_minutes: int
    timezone: str
    rule: str
    audience: Audience
    registration: bool
    zoom_settings: Mapping[str, object]
    gap_minutes: int
    location: str
    cancelled: Mapping[date, str]


# Whoever changes one of these lays the coming sessions out anew; anything else leaves them and their time alone.
OF_THE_TIMETABLE: Final = frozenset(
    {"teacher", "starts_at", "duration_minutes", "timezone", "rule", "gap_minutes", "cancelled"}
)


def spec_of(meeting: Meeting) -> MeetingSpec:
    """Return the spec that a meeting stands for now, the sessions that were cancelled by date included."""
    cancelled = meeting.occurrences.filter(status="cancelled", is_exception=False)
    columns = {name: getattr(meeting, name) for name in DECIDED}
    days = {
        occurrence.original_starts_at.astimezone(meeting.zone).date(): occurrence.cancellation_reason
        for occurrence in cancelled
    }
    return MeetingSpec(**columns | {"audience": Audience(meeting.audience), "cancelled": days})


def changed(spec: MeetingSpec, changes: MeetingChanges) -> MeetingSpec:
    """Return a spec with what is named changed."""
    values: dict[str, Any] = dict(changes)
    if "timezone" in values and "starts_at" not in values:
        wall = spec.starts_at.astimezone(ZoneInfo(spec.timezone)).replace(tzinfo=None)
        values["starts_at"] = wall.replace(tzinfo=ZoneInfo(values["timezone"]))
    if "zoom_settings" in values:
        laid_over = {**spec.zoom_settings, **values["zoom_settings"]}
        values["zoom_settings"] = {name: value for name, value in laid_over.items() if value is not None}
    return replace(spec, **values)


def change_meeting(
    *,
    meeting_id: UUID,
    changes: MeetingChanges,
    now: datetime,
    batch: bool = False,
    soon: bool = False,
    anew: bool = False,
) -> Meeting:
    """
    Change what is named of a meeting. With `soon`, the caller goes on to `sync_now` and the job waits for it.

    Sessions that have started stay as they were. Where the timetable changes, the coming ones are laid out anew and stay
    the sessions they were; what was decided about single ones holds while the new rule has their day. The Zoom host is kept
    when it is still free and open to the teacher, so that links go on working; while a session runs, whatever it is open to,
    for another host means another Zoom meeting and nobody left in this one.

    What is so already, and at Zoom too, is left alone, unless it is to be laid out `anew`: it is no change for calendars
    either.

    With another `location`, sessions that have begun stay where they were. Held elsewhere, a meeting gives its host back and
    is removed from Zoom; held at Zoom again, it is given one as a new meeting is.

    Raises TeacherBusy, HostBusy, CannotBeOneSeries, LocationRefused, MeetingNotWanted; then nothing has
    changed.
    """
    is_timetable = not OF_THE_TIMETABLE.isdisjoint(changes)
    with transaction.atomic():
        if is_timetable:
            wait_for_other_moves()
            hold_holidays()
        meeting = locked_meeting(meeting_id)
        timetable = _timetable(meeting)
        current = CurrentLayout.of(meeting, now) if is_timetable else None
        was = spec_of(meeting)
        spec = changed(was, changes)
        if spec == was and meeting.sync_status == SyncStatus.SYNCED and not anew:
            return meeting
        for name, value in spec.fields().items():
            setattr(meeting, name, value)
        if current is not None:
            _take_time_anew(meeting, current, spec.cancelled, now)
        if bool(meeting.location) != bool(was.location):
            _change_sides(meeting, was_elsewhere=bool(was.location), now=now)
        bump_revision(meeting, now)
        if meeting.is_elsewhere and not is_configured():
            _settle_without_zoom(meeting)
        jobs.defer_reconcile([meeting.pk], batch=batch, at=after_request(now) if soon else None)
        if _timetable(meeting) != timetable and not batch:
            timetable_changed.send(Meeting, meeting_id=meeting.pk)
        if meeting.location != was.location and not batch:
            location_changed.send(Meeting, meeting_id=meeting.pk)
    return meeting


def want_again(*, meeting: Meeting, changes: MeetingChanges, now: datetime, soon: bool = False) -> Meeting:
    """
    Want a meeting in place of one that is no longer wanted: but for these changes what that one was, with those who were
    invited to it. Sessions that were cancelled by date are held again, unless `cancelled` says otherwise.

    Raises TeacherBusy, CannotBeOneSeries; then nothing is left behind.
    """
    was = replace(spec_of(meeting), cancelled={})
    with transaction.atomic():
        again = want_meeting(changed(was, changes), now=now, soon=soon)
        invite_as_to(meeting, again)
    return again


def invite_as_to(meeting: Meeting, other: Meeting) -> None:
    """Expect in `other` whoever is invited to `meeting` by name."""
    invited = meeting.registrants.filter(is_invited=True).values_list("user", flat=True)
    Registrant.objects.bulk_create((Registrant(meeting=other, user_id=user) for user in invited), ignore_conflicts=True)


def _take_time_anew(meeting: Meeting, current: CurrentLayout, cancelled: Mapping[date, str], now: datetime) -> None:
    """Lay the coming sessions out, and take the teacher's time and a seat for them. Raises what change_meeting does."""
    runs = meeting.occurrences.running(now).exists()
    is_handed_over = meeting.teacher_id != current.teacher_id
    if is_handed_over and not runs and meeting.seat_id not in pool.seats_open_to(meeting.teacher, meeting.group_id):
        meeting.seat = None
    claims.release(occurrence_ids=[row.pk for row in current.rows])
    coming = lay_out_anew(meeting, current, cancelled, now=now)
    check_schedule(meeting, ahead(coming, now))
    refused = claims.take(teacher_claims(coming, shared=current.is_shared))
    if refused:
        raise teacher_busy(refused, coming)
    if meeting.is_elsewhere:
        meeting.seat = None
        return
    if pool.keep_seat(meeting, ahead(coming, now)):
        return
    if runs and meeting.seat is not None:
        raise HostBusy
    pool.place([meeting], ahead(coming, now))


def _change_sides(meeting: Meeting, *, was_elsewhere: bool, now: datetime) -> None:
    """
    Give a meeting that leaves Zoom's host back, or give one that comes to Zoom a host; a room in which people still are stays
    its host's until the session ends. Raises CannotBeOneSeries.
    """
    begun = meeting.occurrences.filter(starts_at__lte=now, was_elsewhere=None)
    begun.update(was_elsewhere=was_elsewhere)
    coming = ahead(meeting.occurrences.select_related("substitute"), now)
    for occurrence in coming:
        occurrence.meeting = meeting
    claims.release(occurrence_ids=[occurrence.pk for occurrence in coming], kind=ClaimKind.SEAT)
    if meeting.is_elsewhere:
        meeting.seat = None
    else:
        check_schedule(meeting, coming)
        pool.place([meeting], coming)


def _settle_without_zoom(meeting: Meeting) -> None:
    """Where there is no Zoom that has anything of it, a meeting elsewhere is what it should be at once."""
    if meeting.zoom_meeting_id or meeting.create_started_at is not None:
        return
    settled = {"sync_status": SyncStatus.SYNCED, "synced_revision": meeting.revision, "next_attempt_at": None}
    Meeting.objects.filter(pk=meeting.pk).update(**settled)
    for name, value in settled.items():
        setattr(meeting, name, value)


def _timetable(meeting: Meeting) -> tuple[datetime, int, str, str]:
    return meeting.starts_at, meeting.duration_minutes, meeting.timezone, meeting.rule
