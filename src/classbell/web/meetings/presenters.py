"""A session as a page shows it: finished values, worked out from its row and the reader."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from classbell import reasons
from classbell.accounts.models import User
from classbell.bidi import isolated
from classbell.bookings.lessons import Lesson, lesson_of
from classbell.bookings.models import GroupLesson
from classbell.groups.queries import groups_learnt_in
from classbell.holidays.queries import Holidays, name_for
from classbell.meetings.joining.backup import BackupOffer, may_be_near, room_now
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.models.occurrence import OccurrenceQuerySet
from classbell.meetings.permissions import can_host
from classbell.meetings.queries import SUBSTITUTES_COME_EARLY
from classbell.web.kit.labels import State, relative, sync_state
from classbell.web.meetings.labels import page_of_lesson
from classbell.zones import clocks_differ, place_of

# Doors open this long before a session: then its button stands in the list too.
DOORS_OPEN = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """The one thing to do about a session."""

    url: str
    label: str
    icon: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownOccurrence:
    """
    One session for one reader.

    `turns_at` is what comes next of it, its start or, while it runs, its end; `relative` says how far off that is. `state`
    is there only when Zoom is not as it should be; `url` is the page about it. `backup` is known of those that were looked up
    by `with_backup_room`, `holiday` of those that were presented with holidays, `overlaps` what else is held at the same time
    of those that `with_overlaps` compared. `room` is where it is held, in words, if
    it is not online. `part` says whether the reader teaches or learns there, "" for who does only one
    of the two here.
    """

    id: UUID
    meeting_id: UUID
    url: str
    title: str
    with_whom: str
    starts_at: datetime
    ends_at: datetime
    turns_at: datetime
    relative: str
    is_now: bool
    is_over: bool
    is_soon: bool
    is_cancelled: bool
    reason: str
    state: State | None
    action: Action | None
    other_zone: ZoneInfo | None
    other_place: str
    backup: BackupOffer | None = None
    overlaps: Sequence[str] = ()
    part: str = ""
    holiday: str = ""
    room: str = ""
    own_place: str = ""


def present(occurrence: Occurrence, *, user: User, now: datetime, holidays: Holidays | None = None) -> ShownOccurrence:
    """
    Return a session as `user` sees it, with the holiday it is held in if that is among `holidays`. Needs `substitute`,
    `meeting`, its `teacher` and `group`, and `WITH_LESSON` selected.
    """
    meeting = occurrence.as_held
    stands_in = occurrence.substitute_id == user.pk
    teacher = occurrence.substitute or meeting.teacher
    teaches = teacher.pk == user.pk
    lesson = lesson_of(occurrence)
    learns = not teaches and _learns(meeting, lesson, user)
    hosts = (can_host(user, meeting) or stands_in) and not learns
    is_over = occurrence.ends_at <= now or occurrence.is_held_as_said
    is_now = occurrence.starts_at <= now and not is_over
    turns_at = occurrence.ends_at if is_now else occurrence.starts_at
    state = sync_state(meeting, for_host=hosts)
    can_go = state.works and not occurrence.is_cancelled and not is_over
    if stands_in and not can_host(user, meeting):
        can_go = can_go and occurrence.starts_at - SUBSTITUTES_COME_EARLY <= now
    elsewhere = clocks_differ(meeting.zone, user.zone, occurrence.starts_at)
    group = meeting.group.name if meeting.group is not None else ""
    return ShownOccurrence(
        id=occurrence.pk,
        meeting_id=meeting.pk,
        url=_page_of(meeting, lesson, user),
        title=_title(meeting, lesson, user),
        with_whom=teacher.name if not teaches else (group if group != meeting.title else ""),
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        turns_at=turns_at,
        relative=relative(turns_at, now=now),
        is_now=is_now and not occurrence.is_cancelled,
        is_over=is_over,
        is_soon=occurrence.starts_at - DOORS_OPEN <= now,
        is_cancelled=occurrence.is_cancelled,
        reason=reasons.told(occurrence.cancellation_reason),
        state=None if state.kind == "ok" or occurrence.is_cancelled or is_over else state,
        action=door(meeting.pk, hosts=hosts and not meeting.is_elsewhere) if can_go else None,
        room=meeting.room if not occurrence.is_cancelled else "",
        own_place=_own_place(occurrence),
        other_zone=meeting.zone if elsewhere else None,
        other_place=place_of(meeting.zone) if elsewhere else "",
        part=_part(user, teaches=teaches, learns=learns),
        holiday=holiday_of(occurrence, holidays, reader=user) if holidays and not occurrence.is_cancelled else "",
    )


def _own_place(occurrence: Occurrence) -> str:
    """Say where a session is held that is not where its series is, "" of all others and of cancelled ones."""
    if not occurrence.location or occurrence.is_cancelled:
        return ""
    room = occurrence.as_held.room
    return _("Here: %(room)s") % {"room": isolated(room)} if room else _("By another link")


def holiday_of(occurrence: Occurrence, holidays: Holidays, *, reader: User) -> str:
    """Return the name of the holiday in which a session begins, as somebody may read it, "" where it begins in none."""
    meeting = occurrence.meeting
    found = holidays.at(occurrence.starts_at, group_id=meeting.group_id, teacher_id=occurrence.teacher_id)
    return name_for(found, reader) if found is not None else ""


def first_held(
    listed: Sequence[ShownOccurrence], ahead: OccurrenceQuerySet, *, user: User, now: datetime
) -> ShownOccurrence | None:
    """
    Return the first session that is not cancelled: of those `listed`, with which `ahead` begins, or where all of them are
    cancelled the first after them. One query then, else none. `ahead` selects what `present` needs.
    """
    held = next((occurrence for occurrence in listed if not occurrence.is_cancelled), None)
    if held is not None or not listed:
        return held
    row = ahead.taking_place().first()
    return present(row, user=user, now=now) if row is not None else None


def with_backup_room(occurrence: ShownOccurrence, meeting: Meeting, *, now: datetime) -> ShownOccurrence:
    """Add the room in which a session is held now while Zoom has no meeting for it. One query for what is near, else none."""
    if (
        occurrence.is_cancelled
        or occurrence.is_over
        or not may_be_near(occurrence.starts_at, occurrence.ends_at, now=now)
    ):
        return occurrence
    return replace(occurrence, backup=room_now(meeting, now=now))


def with_overlaps(occurrences: Sequence[ShownOccurrence]) -> list[ShownOccurrence]:
    """Add to each of a person's sessions, in the order of their starts, the titles of the others at the same time."""
    found: dict[UUID, list[str]] = defaultdict(list)
    held = [occurrence for occurrence in occurrences if not occurrence.is_cancelled]
    for place, one in enumerate(held):
        for other in takewhile(lambda later: later.starts_at < one.ends_at, held[place + 1 :]):  # noqa: B023 -- used at once
            found[one.id].append(other.title)
            found[other.id].append(one.title)
    return [
        replace(occurrence, overlaps=tuple(found[occurrence.id])) if occurrence.id in found else occurrence
        for occurrence in occurrences
    ]


def _learns(meeting: Meeting, lesson: Lesson | None, user: User) -> bool:
    """Whether somebody who teaches, or answers for the school, is a student there."""
    if not user.learns:
        return False
    if isinstance(lesson, GroupLesson):
        return not user.is_admin and lesson.teacher_id != user.pk
    return (lesson is not None and lesson.student_id == user.pk) or meeting.group_id in groups_learnt_in(user)


def _part(user: User, *, teaches: bool, learns: bool) -> str:
    if learns:
        return _("You learn")
    return _("You teach") if teaches and user.learns else ""


def _title(meeting: Meeting, lesson: Lesson | None, user: User) -> str:
    """Return what it is called: a lesson by the other one's name, for those who take part in it."""
    if lesson is None or isinstance(lesson, GroupLesson) or user.pk not in (lesson.student_id, lesson.teacher_id):
        return meeting.title
    other = lesson.student if user.pk == lesson.teacher_id else meeting.teacher
    return _("Lesson with %(name)s") % {"name": other.name}


def _page_of(meeting: Meeting, lesson: Lesson | None, user: User) -> str:
    """Return the page about it: a lesson's own, where more can be done, for those who may see it."""
    if isinstance(lesson, GroupLesson):
        teaches = user.is_admin or user.pk == lesson.teacher_id
        return page_of_lesson(lesson) if teaches else reverse("meeting", args=[meeting.pk])
    if lesson is not None and (user.is_admin or user.pk in (lesson.student_id, lesson.teacher_id)):
        return page_of_lesson(lesson)
    return reverse("meeting", args=[meeting.pk])


def door(meeting_id: UUID, *, hosts: bool) -> Action:
    """Return the way into a meeting: as its host, or as somebody who attends."""
    # Inside our own page where Zoom's Meeting SDK is set up; that page goes on to the link when it must.
    in_page = settings.ENVIRONMENT.sdk_configured
    if hosts:
        start = "meeting-room" if in_page else "meeting-start"
        return Action(url=reverse(start, args=[meeting_id]), label=_("Start the session"), icon="play")
    return Action(
        url=reverse("meeting-room" if in_page else "meeting-join", args=[meeting_id]), label=_("Join"), icon="video"
    )
