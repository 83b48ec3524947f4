"""What a class is told when its sittings change."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.bidi import isolated
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.queries import expected_in, expected_people
from classbell.notices.models import Notice
from classbell.notices.services import Words, tell

# Several changes of one moment, such as those of a circle's meetings, are one piece of news.
ONE_PIECE_OF_NEWS = timedelta(minutes=2)
# A course of a term in one notice; who wants more looks into the calendar.
MOST_LISTED = 20


def tell_moved(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell whom a sitting expects that it is held at another time. Safe to repeat."""
    sitting = Occurrence.objects.select_related("meeting__group").get(pk=occurrence_id)

    def words() -> tuple[str, str]:
        names = {"title": sitting.meeting.title, "when": said_moment(sitting.starts_at)}
        text = _("The sitting of “%(title)s” is now on %(when)s. The link stays the same.")
        return _("“%(title)s” is moved to %(when)s") % names, text % names

    _tell_all(sitting.meeting, words, now=now)


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
            news[person] = (_words_of_cancelled(theirs), theirs[0].meeting)
    _tell_each(news, now=now)


def _words_of_cancelled(sittings: Sequence[Occurrence]) -> Words:
    """Return what is said of cancelled sittings: of one meeting its title, of several what each is called and when."""
    first, count = sittings[0], len(sittings)
    is_one_meeting = all(sitting.meeting_id == first.meeting_id for sitting in sittings)
    group = first.meeting.group
    title = first.meeting.title if is_one_meeting or group is None else group.name

    def words() -> tuple[str, str]:
        names = {"title": title, "when": said_moment(first.starts_at), "count": count}
        text = ngettext(
            "The sitting of “%(title)s” on %(when)s is cancelled.",
            "%(count)s sittings of “%(title)s” are cancelled, the first on %(when)s.",
            count,
        )
        said = (text % names) + (f" {first.cancellation_reason}" if first.cancellation_reason else "")
        if count == 1:
            return _("“%(title)s” on %(when)s is cancelled") % names, said
        subject = ngettext(
            "%(count)s sitting of “%(title)s” is cancelled", "%(count)s sittings of “%(title)s” are cancelled", count
        )
        if is_one_meeting:
            return subject % names, said
        lines = [f"{said_moment(sitting.starts_at)} · {isolated(sitting.meeting.title)}" for sitting in sittings]
        more = count - MOST_LISTED
        if more > 0:
            lines[MOST_LISTED:] = [ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}]
        return subject % names, "\n".join([said, *lines])

    return words


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
    people = expected_people(meeting).filter(is_active=True).exclude(pk=meeting.teacher_id)
    _tell_each(dict.fromkeys(people, (words, meeting)), now=now)


def _tell_each(news: Mapping[User, tuple[Words, Meeting]], *, now: datetime) -> None:
    """Tell each person their news, with the page of the meeting they are about."""
    with transaction.atomic():
        # From this job before it crashed, or from a twin of it.
        told = set(
            Notice.objects.filter(user__in=news, created_at__gte=now - ONE_PIECE_OF_NEWS).values_list(
                "user_id", "subject"
            )
        )
        for person, (words, meeting) in news.items():
            with translation.override(person.locale), timezone.override(person.zone):
                subject, _text = words()
            if (person.pk, subject[:200]) not in told:
                tell(person, words, path=reverse("meeting", args=[meeting.pk]), now=now)


def said_moment(moment: datetime) -> str:
    """Return a moment in words, on the clock that holds now."""
    local = timezone.localtime(moment)
    return _("%(day)s, %(time)s") % {"day": date_format(local, "l j F"), "time": local.strftime("%H:%M")}
