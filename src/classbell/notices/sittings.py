"""What a class is told when its sittings change."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from classbell.accounts.models import User
from classbell.meetings.audience import expected_in, expected_people
from classbell.meetings.models import Meeting, Occurrence
from classbell.notices.models import Notice
from classbell.notices.services import tell
from classbell.notices.words import MOST_LISTED, Facts, Kind, in_words

# Several changes of one moment, such as those of a circle's meetings, are one piece of news.
ONE_PIECE_OF_NEWS = timedelta(minutes=2)


def tell_moved(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell whom a sitting expects that it is held at another time. Safe to repeat."""
    sitting = Occurrence.objects.select_related("meeting__group").get(pk=occurrence_id)
    facts = {"title": sitting.meeting.title, "when": sitting.starts_at.isoformat()}
    _tell_all(sitting.meeting, Kind.SESSION_MOVED, facts, now=now)


def tell_held_again(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell whom a session expects that it is held after all. Safe to repeat."""
    sitting = Occurrence.objects.select_related("meeting__group").get(pk=occurrence_id)
    facts = {"title": sitting.meeting.title, "when": sitting.starts_at.isoformat()}
    _tell_all(sitting.meeting, Kind.SESSION_HELD_AGAIN, facts, now=now)


def tell_cancelled(*, occurrence_ids: Collection[UUID], now: datetime) -> None:
    """
    Tell whom these sittings expect that they are not held; each person hears of all of theirs in one notice. Safe to repeat.
    """
    found = Occurrence.objects.filter(pk__in=occurrence_ids).select_related("meeting__group")
    sittings = list(found.order_by("starts_at", "pk"))
    if not sittings:
        return
    expected = expected_in({sitting.meeting_id: sitting.meeting for sitting in sittings}.values())
    people = User.objects.filter(pk__in=set().union(*expected.values()), is_active=True).order_by("pk")
    news = {}
    for person in people:
        theirs = [sitting for sitting in sittings if person.pk in expected[sitting.meeting_id]]
        theirs = [sitting for sitting in theirs if sitting.meeting.teacher_id != person.pk]
        if theirs:
            news[person] = (Kind.SESSIONS_CANCELLED, _facts_of_cancelled(theirs), theirs[0].meeting)
    _tell_each(news, now=now)


def _facts_of_cancelled(sittings: Sequence[Occurrence]) -> Facts:
    """Return what is to be said of cancelled sittings: of one meeting its title, of several what each is called and when."""
    first = sittings[0]
    is_one_meeting = all(sitting.meeting_id == first.meeting_id for sitting in sittings)
    group = first.meeting.group
    return {
        "title": first.meeting.title if is_one_meeting or group is None else group.name,
        "when": first.starts_at.isoformat(),
        "count": len(sittings),
        "listed": []
        if is_one_meeting
        else [
            {"title": sitting.meeting.title, "when": sitting.starts_at.isoformat()}
            for sitting in sittings[:MOST_LISTED]
        ],
        "reason": first.cancellation_reason,
    }


def tell_timetable(*, meeting_id: UUID, now: datetime) -> None:
    """Tell whom a meeting expects that its coming sittings follow another timetable. Safe to repeat."""
    meeting = Meeting.objects.select_related("group").get(pk=meeting_id)
    coming = meeting.occurrences.taking_place().filter(starts_at__gt=now).order_by("starts_at").first()
    if coming is not None:
        facts = {"title": meeting.title, "when": coming.starts_at.isoformat()}
        _tell_all(meeting, Kind.TIMETABLE_CHANGED, facts, now=now)


def _tell_all(meeting: Meeting, kind: Kind, facts: Facts, *, now: datetime) -> None:
    people = expected_people(meeting).filter(is_active=True).exclude(pk=meeting.teacher_id)
    _tell_each(dict.fromkeys(people, (kind, facts, meeting)), now=now)


def _tell_each(news: Mapping[User, tuple[Kind, Facts, Meeting]], *, now: datetime) -> None:
    """Tell each person their news, with the page of the meeting they are about."""
    with transaction.atomic():
        # From this job before it crashed, from a twin of it, or of another meeting of the same circle.
        recent = Notice.objects.filter(user__in=news, created_at__gte=now - ONE_PIECE_OF_NEWS)
        told = {(notice.user_id, notice.words.subject) for notice in recent}
        for person, (kind, facts, meeting) in news.items():
            if (person.pk, in_words(kind, facts).subject) not in told:
                tell(person, kind, facts, path=reverse("meeting", args=[meeting.pk]), now=now)
