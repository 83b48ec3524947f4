"""Meetings as the API answers them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from classbell.accounts.disclosure import email_of
from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.meetings.audience import Crowd, crowd_of
from classbell.meetings.joining.backup import room_now
from classbell.meetings.joining.doors import is_shown_way_in, shown_ways_in
from classbell.meetings.joining.entrance import as_held_now, hosts_now, present_or_next
from classbell.meetings.meeting_settings.catalogue import Settings
from classbell.meetings.meeting_settings.inherited import levels_of
from classbell.meetings.meeting_settings.inherited import shown as settings_shown
from classbell.meetings.meeting_settings.overruled import Overruled, overruled_in
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus, Participation, SyncStatus
from classbell.meetings.permissions import can_keep_attendance_of
from classbell.meetings.queries import join_link, start_link_if_any
from classbell.meetings.schemas import (
    BackupRoomOut,
    ClassRef,
    CrowdOut,
    HostOut,
    MeetingListed,
    MeetingOut,
    OccurrenceOut,
    OverruledOut,
    ParticipantOut,
)


def find_meeting(user: User, meeting_id: str) -> Meeting:
    """
    Return the meeting with this id, ours or Zoom's number, if this person may see it and it was not cancelled: a client
    that deleted it asks for nothing that is left. Raises NotThere.
    """
    found = _visible_meeting(user, meeting_id)
    if not found.wanted:
        raise NotThere
    return found


def find_recorded_meeting(user: User, meeting_id: str) -> Meeting:
    """
    Return a meeting as `find_meeting` does, and one that was cancelled too when a session of it had begun: what was recorded
    of it stays the school's. Raises NotThere.
    """
    found = _visible_meeting(user, meeting_id)
    if not found.wanted and not found.occurrences.exclude(status=OccurrenceStatus.CANCELLED).exists():
        raise NotThere
    return found


def _visible_meeting(user: User, meeting_id: str) -> Meeting:
    seen = Meeting.objects.visible_to(user).select_related("teacher", "group", "zoom_host", "seat__host")
    number = meeting_id.replace(" ", "")
    if number.isascii() and number.isdecimal():
        found = seen.filter(zoom_meeting_id=number).first()
    else:
        found = seen.filter(pk=_uuid(meeting_id)).first()
    if found is None:
        raise NotThere
    return found


def describe(meeting: Meeting, user: User, *, now: datetime, with_start_url: bool = False) -> MeetingOut:
    """Return one meeting as this person sees it; the host's start link is asked of Zoom only `with_start_url`."""
    hosts = hosts_now(user, meeting, now=now)
    occurrences = list(meeting.occurrences.visible_to(user).order_by("starts_at"))
    shown = is_shown_way_in(user, meeting, now=now, to_program=True)
    there = shown and meeting.can_be_entered
    door = as_held_now(meeting, now=now) if there else meeting
    return MeetingOut(
        id=meeting.pk,
        zoom_meeting_id=(meeting.zoom_number or None) if shown else None,
        host_id=meeting.teacher_id,
        title=meeting.title,
        description=meeting.description,
        meeting_type="recurring" if meeting.is_recurring else "scheduled",
        start_time=meeting.starts_at,
        duration=meeting.duration_minutes,
        timezone=meeting.timezone,
        recurrence=meeting.rule,
        status=status_of(meeting, occurrences, now=now),
        sync_status=meeting.sync_status,
        sync_error=meeting.sync_error_in_words or None if hosts else None,
        join_url=(meeting.join_url if hosts and not door.is_elsewhere else join_link(door, user)) or None
        if there
        else None,
        start_url=(start_link_if_any(door, user) or None) if there and hosts and with_start_url else None,
        password=meeting.password or None if there and not meeting.is_elsewhere else None,
        class_id=meeting.group_id,
        target_audience=meeting.audience,
        settings=shown_settings(meeting.zoom_settings, to_host=hosts),
        effective_settings=shown_settings(levels_of(meeting).held, to_host=hosts),
        overruled=[describe_overruled(one) for one in overruled_in(meeting.zoom_overrules)] if hosts else [],
        registration_url=(meeting.registration_url or None) if shown and not meeting.is_elsewhere else None,
        registration_enabled=meeting.registration,
        location=shown_location(meeting, is_shown=shown),
        is_elsewhere=meeting.is_elsewhere,
        ends_after_minutes=meeting.ends_after_minutes,
        too_many_people=describe_crowd(crowd_of(meeting)) if hosts else None,
        host=describe_host(meeting.teacher),
        class_=describe_class(meeting),
        participants=_participants(meeting, occurrences, user, now=now),
        occurrences=[_occurrence(occurrence, is_shown=shown) for occurrence in occurrences]
        if meeting.is_recurring
        else [],
        created_at=meeting.created_at,
        updated_at=meeting.updated_at,
    )


def shown_settings(settings: Settings, *, to_host: bool) -> dict[str, Any]:
    """Return settings as the API shows them; who is in which room, and who hosts besides, is told to those who host."""
    about_people = {"alternative_hosts", "breakout_room", "meeting_invitees", "authentication_exception"}
    return settings_shown({name: value for name, value in settings.items() if to_host or name not in about_people})


def describe_overruled(one: Overruled) -> OverruledOut:
    """Return a setting that Zoom keeps otherwise."""
    return OverruledOut(setting=one.name, asked=one.asked, kept=one.kept, locked=one.is_locked)


def shown_location(meeting: Meeting, *, is_shown: bool) -> str | None:
    """
    Return where a meeting is held instead of at Zoom, None for Zoom: a room to whoever knows of the meeting, an address only
    to those who are shown the way in.
    """
    return meeting.room or (meeting.location_url if is_shown else "") or None


def describe_crowd(crowd: Crowd | None) -> CrowdOut | None:
    """Return how many are too many, None where all find room."""
    return CrowdOut(people=crowd.people, capacity=crowd.capacity) if crowd is not None else None


def describe_list(meetings: Sequence[Meeting], user: User, *, now: datetime) -> list[MeetingListed]:
    """Return meetings for a list as this person sees them, their sessions in one query."""
    occurrences: dict[UUID, list[Occurrence]] = {meeting.pk: [] for meeting in meetings}
    for occurrence in Occurrence.objects.filter(meeting__in=meetings).order_by("starts_at"):
        occurrences[occurrence.meeting_id].append(occurrence)
    ahead = {pk: next((s for s in rows if _is_ahead(s, now)), None) for pk, rows in occurrences.items()}
    dates = {pk: occurrence for pk, occurrence in ahead.items() if occurrence is not None}
    shown = shown_ways_in(user, meetings, now=now, dates=dates, to_program=True)
    return [
        MeetingListed(
            id=meeting.pk,
            zoom_meeting_id=(meeting.zoom_number or None) if meeting.pk in shown else None,
            title=meeting.title,
            start_time=meeting.starts_at,
            next_start_time=next((s.starts_at for s in occurrences[meeting.pk] if _is_ahead(s, now)), None),
            duration=meeting.duration_minutes,
            timezone=meeting.timezone,
            status=status_of(meeting, occurrences[meeting.pk], now=now),
            sync_status=meeting.sync_status,
            host=describe_host(meeting.teacher),
            class_=describe_class(meeting),
        )
        for meeting in meetings
    ]


def status_of(meeting: Meeting, occurrences: Sequence[Occurrence], *, now: datetime) -> str:
    """Return scheduled, live, ended or cancelled: a series is scheduled while a session of it is ahead."""
    if not meeting.wanted or meeting.sync_status == SyncStatus.REMOVED:
        return OccurrenceStatus.CANCELLED
    if any(occurrence.status == OccurrenceStatus.LIVE for occurrence in occurrences):
        return OccurrenceStatus.LIVE
    if any(_is_ahead(occurrence, now) for occurrence in occurrences):
        return OccurrenceStatus.SCHEDULED
    return OccurrenceStatus.ENDED


def describe_backup_room(meeting: Meeting, user: User, *, now: datetime) -> BackupRoomOut | None:
    """Return where a meeting is held at this moment instead of at Zoom, or beside it, for whom the way in is shown to."""
    offer = room_now(meeting, now=now)
    if offer is None or not is_shown_way_in(user, meeting, now=now, to_program=True):
        return None
    return BackupRoomOut(url=offer.url, since=offer.since, reason=offer.reason)


def latest_or_next(meeting: Meeting, occurrences: Sequence[Occurrence], *, now: datetime) -> Occurrence | None:
    """Of a meeting's `occurrences`, in the order of their times: the one that runs, the last that began, or the next."""
    live = [s for s in occurrences if s.status == OccurrenceStatus.LIVE]
    begun = [s for s in occurrences if (s.actual_starts_at or s.starts_at) <= now and not s.is_cancelled]
    if live or begun:
        return (live or begun)[-1]
    coming = present_or_next(meeting, now=now)
    return coming if coming in occurrences else next(iter(occurrences), None)


def describe_stay(stay: Participation, *, now: datetime) -> ParticipantOut:
    """Return one connection's stay; who is still there counts until now."""
    until = stay.left_at or now
    return ParticipantOut(
        id=stay.pk,
        user_id=stay.user_id,
        zoom_participant_id=stay.connection,
        name=stay.name,
        email=email_of(stay.email),
        join_time=stay.joined_at,
        leave_time=stay.left_at,
        duration=max(0, int((until - stay.joined_at).total_seconds())),
        status="joined" if stay.left_at is None else "left",
    )


def describe_host(teacher: User) -> HostOut:
    """Return who holds a meeting."""
    return HostOut(id=teacher.pk, name=teacher.name, email=teacher.address, avatar=teacher.avatar)


def describe_class(meeting: Meeting) -> ClassRef | None:
    """Return whose meeting it is."""
    return ClassRef(id=meeting.group.pk, name=meeting.group.name) if meeting.group else None


def _participants(
    meeting: Meeting, occurrences: Sequence[Occurrence], user: User, *, now: datetime
) -> list[ParticipantOut]:
    occurrence = latest_or_next(meeting, occurrences, now=now)
    if occurrence is None:
        return []
    occurrence.meeting = meeting
    if not can_keep_attendance_of(user, occurrence):
        return []
    stays = Participation.objects.filter(occurrence=occurrence).order_by("joined_at", "pk")
    return [describe_stay(stay, now=now) for stay in stays]


def _is_ahead(occurrence: Occurrence, now: datetime) -> bool:
    done = occurrence.status in (OccurrenceStatus.CANCELLED, OccurrenceStatus.ENDED)
    return occurrence.ends_at > now and not done


def _occurrence(occurrence: Occurrence, *, is_shown: bool) -> OccurrenceOut:
    return OccurrenceOut(
        id=occurrence.pk,
        zoom_occurrence_id=occurrence.zoom_occurrence_id,
        start_time=occurrence.starts_at,
        end_time=occurrence.ends_at,
        status=occurrence.status,
        location=shown_location(occurrence.as_held, is_shown=is_shown),
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotThere from None
