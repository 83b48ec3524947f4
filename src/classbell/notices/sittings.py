"""What a class is told when its sittings change."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.queries import expected_people
from classbell.notices.models import Notice
from classbell.notices.services import Words, tell

# Several changes of one moment, such as those of a circle's meetings, are one piece of news.
ONE_PIECE_OF_NEWS = timedelta(minutes=2)


def tell_moved(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell whom a sitting expects that it is held at another time. Safe to repeat."""
    sitting = Occurrence.objects.select_related("meeting__group").get(pk=occurrence_id)

    def words() -> tuple[str, str]:
        names = {"title": sitting.meeting.title, "when": said_moment(sitting.starts_at)}
        text = _("The sitting of “%(title)s” is now on %(when)s. The link stays the same.")
        return _("“%(title)s” is moved to %(when)s") % names, text % names

    _tell_all(sitting.meeting, words, now=now)


def tell_cancelled(*, occurrence_ids: Collection[UUID], now: datetime) -> None:
    """Tell whom sittings of one meeting expect that they are not held, all in one notice. Safe to repeat."""
    sittings = list(
        Occurrence.objects.filter(pk__in=occurrence_ids).select_related("meeting__group").order_by("starts_at")
    )
    if not sittings:
        return
    first, count = sittings[0], len(sittings)

    def words() -> tuple[str, str]:
        names = {"title": first.meeting.title, "when": said_moment(first.starts_at), "count": count}
        names |= {"reason": first.cancellation_reason}
        text = ngettext(
            "The sitting of “%(title)s” on %(when)s is cancelled.",
            "%(count)s sittings of “%(title)s” are cancelled, the first on %(when)s.",
            count,
        )
        said = (text % names) + (f" {first.cancellation_reason}" if first.cancellation_reason else "")
        return _("“%(title)s” on %(when)s is cancelled") % names, said

    _tell_all(first.meeting, words, now=now)


def tell_timetable(*, meeting_id: UUID, now: datetime) -> None:
    """Tell whom a meeting expects that its coming sittings follow another timetable. Safe to repeat."""
    meeting = Meeting.objects.select_related("group").get(pk=meeting_id)
    coming = meeting.occurrences.taking_place().filter(starts_at__gt=now).order_by("starts_at").first()
    if coming is None:
        return

    def words() -> tuple[str, str]:
        names = {"title": meeting.title, "when": said_moment(coming.starts_at)}
        text = _("“%(title)s” has a new timetable. The next sitting is on %(when)s; the others are in your calendar.")
        return _("“%(title)s” is held at other times") % names, text % names

    _tell_all(meeting, words, now=now)


def _tell_all(meeting: Meeting, words: Words, *, now: datetime) -> None:
    path = reverse("meeting", args=[meeting.pk])
    with transaction.atomic():
        people = list(expected_people(meeting).filter(is_active=True).exclude(pk=meeting.teacher_id))
        # From this job before it crashed, or from a twin of it.
        told = set(
            Notice.objects.filter(user__in=people, created_at__gte=now - ONE_PIECE_OF_NEWS).values_list(
                "user_id", "subject"
            )
        )
        for person in people:
            with translation.override(person.locale), timezone.override(person.zone):
                subject, _text = words()
            if (person.pk, subject[:200]) not in told:
                tell(person, words, path=path, now=now)


def said_moment(moment: datetime) -> str:
    """Return a moment in words, on the clock that holds now."""
    local = timezone.localtime(moment)
    return _("%(day)s, %(time)s") % {"day": date_format(local, "l j F"), "time": local.strftime("%H:%M")}
