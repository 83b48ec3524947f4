"""
What a class is told when its sessions change.

Jobs may run late and in any order, so each tells only what is still so.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from classbell.accounts.models import User
from classbell.meetings.audience import expected_in, expected_people
from classbell.meetings.models import Meeting, Occurrence
from classbell.notices.models import Notice
from classbell.notices.services import tell
from classbell.notices.texts import MOST_LISTED, Facts, Kind

# Several changes of one moment, such as those of a circle's meetings, are one notice.
SAME_NOTICE_WITHIN = timedelta(minutes=2)


def tell_planned(*, meeting_ids: Collection[UUID], now: datetime) -> None:
    """
    Tell whom the coming sessions of these meetings expect that they are planned; each person hears of all of theirs in one
    notice. Safe to repeat.
    """
    rows = Occurrence.objects.taking_place().filter(meeting__in=meeting_ids, meeting__wanted=True, starts_at__gt=now)
    coming = list(rows.select_related("meeting__group").order_by("starts_at", "pk"))
    expected = expected_in({one.meeting_id: one.meeting for one in coming}.values())
    notices = {}
    for person in User.objects.filter(pk__in=set().union(*expected.values()), is_active=True).order_by("pk"):
        theirs = [
            one for one in coming if person.pk in expected[one.meeting_id] and one.meeting.teacher_id != person.pk
        ]
        if theirs:
            facts = {**_facts_of_many(theirs), "meeting_ids": sorted({str(one.meeting_id) for one in theirs})}
            notices[person] = (Kind.SESSIONS_PLANNED, facts, theirs[0].meeting)
    _tell_each(notices, now=now)


def tell_enrolled(*, group_id: UUID, user_ids: Collection[UUID], by_themselves: bool, now: datetime) -> None:
    """
    Tell people who came into a group of the sessions that were planned before, which their calendars take out of the mail;
    nobody who is out of it by now. Safe to repeat.
    """
    meetings = Meeting.objects.filter(group=group_id)
    rows = Occurrence.objects.taking_place().filter(meeting__in=meetings, meeting__wanted=True, starts_at__gt=now)
    coming = list(rows.select_related("meeting__group").order_by("starts_at", "pk"))
    expected = expected_in({one.meeting_id: one.meeting for one in coming}.values())
    notices = {}
    for person in User.objects.filter(pk__in=user_ids, is_active=True).order_by("pk"):
        theirs = [one for one in coming if person.pk in expected[one.meeting_id]]
        if theirs:
            facts = {**_facts_of_many(theirs), "meeting_ids": sorted({str(one.meeting_id) for one in theirs})}
            kind = Kind.JOINED_BY_YOU if by_themselves else Kind.SESSIONS_PLANNED
            notices[person] = (kind, facts, theirs[0].meeting)
    _tell_each(notices, now=now)


def coming_meetings(meetings: QuerySet[Meeting], *, now: datetime) -> list[str]:
    """Return the ids of those of these meetings that have sessions to come, as a fact of what is told of all of them."""
    coming = Occurrence.objects.taking_place().filter(meeting__in=meetings, meeting__wanted=True, starts_at__gt=now)
    return sorted(str(pk) for pk in set(coming.order_by().values_list("meeting", flat=True)))


def tell_moved(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell whom a session expects, and its substitute, that it is held at another time. Safe to repeat."""
    _tell_of_one(occurrence_id, Kind.SESSION_MOVED, now=now)


def tell_held_again(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell whom a session expects that it is held after all. Safe to repeat."""
    _tell_of_one(occurrence_id, Kind.SESSION_HELD_AGAIN, now=now)


def tell_held_elsewhere(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell whom a session expects, and its substitute, that this one is held in another place. Safe to repeat."""
    _tell_of_one(occurrence_id, Kind.SESSION_PLACE_CHANGED, now=now)


def tell_cancelled(*, occurrence_ids: Collection[UUID], now: datetime) -> None:
    """
    Tell whom these sessions expect, and their substitutes, that they are not held; each person hears of all of theirs in one
    notice. Those that are held again by now are left out. Safe to repeat.
    """
    found = (
        Occurrence.objects.filter(pk__in=occurrence_ids).select_related("meeting__group").order_by("starts_at", "pk")
    )
    occurrences = [occurrence for occurrence in found if occurrence.is_cancelled]
    if not occurrences:
        return
    expected = expected_in({occurrence.meeting_id: occurrence.meeting for occurrence in occurrences}.values())
    substitutes = {occurrence.substitute_id for occurrence in occurrences if occurrence.substitute_id}
    people = User.objects.filter(pk__in=substitutes.union(*expected.values()), is_active=True).order_by("pk")
    notices = {}
    for person in people:
        theirs = [s for s in occurrences if person.pk in expected[s.meeting_id] or person.pk == s.substitute_id]
        theirs = [occurrence for occurrence in theirs if occurrence.meeting.teacher_id != person.pk]
        if theirs:
            notices[person] = (Kind.SESSIONS_CANCELLED, _facts_of_cancelled(theirs), theirs[0].meeting)
    _tell_each(notices, now=now)


def _facts_of_cancelled(occurrences: Sequence[Occurrence]) -> Facts:
    """Return what is to be said of cancelled sessions, and which the calendar takes out."""
    meetings = sorted({str(occurrence.meeting_id) for occurrence in occurrences})
    which = {"session": str(occurrences[0].pk)} if len(occurrences) == 1 else {"meeting_ids": meetings}
    return {**_facts_of_many(occurrences), "reason": occurrences[0].cancellation_reason, **which}


def _facts_of_many(occurrences: Sequence[Occurrence]) -> Facts:
    """Return what is to be said of sessions: of one meeting its title, of several what each is called and when."""
    first = occurrences[0]
    is_one_meeting = all(occurrence.meeting_id == first.meeting_id for occurrence in occurrences)
    group = first.meeting.group
    return {
        "title": first.meeting.title if is_one_meeting or group is None else group.name,
        "when": first.starts_at.isoformat(),
        "count": len(occurrences),
        "listed": []
        if is_one_meeting
        else [
            {"title": occurrence.meeting.title, "when": occurrence.starts_at.isoformat()}
            for occurrence in occurrences[:MOST_LISTED]
        ],
    }


def tell_timetable(*, meeting_id: UUID, now: datetime) -> None:
    """Tell whom a meeting expects that its coming sessions follow another timetable. Safe to repeat."""
    _tell_of_all(meeting_id, Kind.TIMETABLE_CHANGED, now=now)


def tell_location(*, meeting_id: UUID, now: datetime) -> None:
    """Tell whom a meeting expects that its coming sessions are held in another place. Safe to repeat."""
    _tell_of_all(meeting_id, Kind.LOCATION_CHANGED, now=now)


def _tell_of_all(meeting_id: UUID, kind: Kind, *, now: datetime) -> None:
    meeting = Meeting.objects.select_related("group").get(pk=meeting_id)
    # A circle has several meetings, one after the other: the next session is the whole circle's.
    whole = Meeting.objects.filter(pk=meeting_id)
    if meeting.group_id is not None:
        whole = Meeting.objects.filter(group=meeting.group_id, title=meeting.title)
    coming = (
        Occurrence.objects.taking_place().filter(meeting__in=whole, starts_at__gt=now).order_by("starts_at").first()
    )
    if coming is not None:
        facts = {
            "title": meeting.title,
            "when": coming.starts_at.isoformat(),
            "meeting_ids": coming_meetings(whole, now=now),
        }
        _tell_all(meeting, kind, facts, now=now)


def _tell_of_one(occurrence_id: UUID, kind: Kind, *, now: datetime) -> None:
    occurrence = Occurrence.objects.select_related("meeting__group", "substitute").get(pk=occurrence_id)
    if not occurrence.is_cancelled:
        facts = {
            "title": occurrence.meeting.title,
            "when": occurrence.starts_at.isoformat(),
            "session": str(occurrence.pk),
        }
        _tell_all(occurrence.meeting, kind, facts, also=occurrence.substitute, now=now)


def tell_substitute(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell whoever holds a session in its teacher's place that they do, and when; nobody when its teacher holds it."""
    _tell_substitute(occurrence_id, Kind.SESSION_SUBSTITUTED, now=now)


def tell_substitute_moved(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell whoever holds a session in its teacher's place that it is at another time; nobody when its teacher holds it."""
    _tell_substitute(occurrence_id, Kind.SESSION_MOVED, now=now)


def _tell_substitute(occurrence_id: UUID, kind: Kind, *, now: datetime) -> None:
    occurrence = Occurrence.objects.select_related("meeting", "substitute").get(pk=occurrence_id)
    if occurrence.substitute is not None:
        facts = {
            "title": occurrence.meeting.title,
            "when": occurrence.starts_at.isoformat(),
            "session": str(occurrence.pk),
        }
        tell(occurrence.substitute, kind, facts, path=f"/meetings/{occurrence.meeting_id}/", now=now)


def _tell_all(meeting: Meeting, kind: Kind, facts: Facts, *, also: User | None = None, now: datetime) -> None:
    people = set(expected_people(meeting).filter(is_active=True)) | ({also} if also else set())
    to_tell = sorted((person for person in people if person.pk != meeting.teacher_id), key=lambda person: person.pk)
    _tell_each(dict.fromkeys(to_tell, (kind, facts, meeting)), now=now)


def _tell_each(notices: Mapping[User, tuple[Kind, Facts, Meeting]], *, now: datetime) -> None:
    """Tell each person their notices, with the page of the meeting they are about."""
    with transaction.atomic():
        # By this job before it crashed, a twin of it, or that of another meeting of the same circle. Only what was said last
        # counts: moved there, back and there again are three notices.
        recent = Notice.objects.filter(user__in=notices, created_at__gte=now - SAME_NOTICE_WITHIN).order_by(
            "created_at", "pk"
        )
        said_last = {(notice.user_id, _subject_of(notice.facts)): (notice.kind, notice.facts) for notice in recent}
        for person, (kind, facts, meeting) in notices.items():
            if said_last.get((person.pk, _subject_of(facts))) != (kind, facts):
                tell(person, kind, facts, path=reverse("meeting", args=[meeting.pk]), now=now)


def _subject_of(facts: Facts) -> str | None:
    """Return what a notice is about: one session, or whatever has its title."""
    return facts.get("session") or facts.get("title")
