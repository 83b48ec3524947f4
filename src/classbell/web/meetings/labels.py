"""Where a meeting is changed, and what Zoom keeps otherwise than it was asked, in words."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from classbell.bidi import isolated
from classbell.bookings.lessons import Lesson, lesson_of_meeting
from classbell.bookings.models import Booking, GroupLesson
from classbell.meetings.meeting_settings.catalogue import SETTINGS
from classbell.meetings.meeting_settings.overruled import Overruled, overruled_in
from classbell.meetings.models import Meeting


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """What a meeting belongs to: its page, how a link there reads, and the page on which one session is changed."""

    url: str
    label: str
    occurrence_url: str


def page_of_lesson(lesson: Lesson) -> str:
    """Return the page of a lesson, of a series of them, or of one that students share."""
    if isinstance(lesson, GroupLesson):
        return reverse("group-lesson", args=[lesson.pk])
    return reverse("booking" if isinstance(lesson, Booking) else "booking-series", args=[lesson.pk])


def home_of(meeting: Meeting, occurrence_id: UUID | None = None) -> Home | None:
    """Return what a meeting belongs to, None for one that stands by itself; `occurrence_id` names the session to change."""
    if (lesson := lesson_of_meeting(meeting)) is not None and not isinstance(lesson, GroupLesson):
        url = page_of_lesson(lesson)
        return Home(url=url, label=_("To the lesson"), occurrence_url=url)
    if (part := getattr(meeting, "halaka_part", None)) is not None:
        url = reverse("halaka", args=[part.halaka_id])
        occurrence = reverse("halaka-occurrence", args=[part.halaka_id, occurrence_id]) if occurrence_id else url
        return Home(url=url, label=_("To the circle"), occurrence_url=occurrence)
    if (session := getattr(meeting, "session", None)) is not None:
        url = reverse("course", args=[session.course_id])
        occurrence = reverse("course-session", args=[session.course_id, session.pk])
        return Home(url=url, label=_("To the course"), occurrence_url=occurrence)
    return None


def overruled_in_words(meeting: Meeting) -> list[str]:
    """Return a sentence for each setting of a meeting that Zoom keeps otherwise."""
    return [in_words(one) for one in overruled_in(meeting.zoom_overrules)]


def in_words(one: Overruled) -> str:
    """Return what Zoom keeps of a setting, and why as far as we know."""
    setting = SETTINGS.get(one.name)
    name = isolated(str(setting.label if setting else one.name))
    if setting is None or one.asked is None or one.kept is None:
        said = _("Zoom does not take over “%(setting)s”.") % {"setting": name}
    else:
        values = {"kept": isolated(setting.in_words(one.kept)), "asked": isolated(setting.in_words(one.asked))}
        said = _("Zoom keeps “%(setting)s” at “%(kept)s”, not “%(asked)s”.") % {"setting": name, **values}
    why = (
        _("The Zoom account has locked it.")
        if one.is_locked
        else _("The Zoom account, or the group of its host there, does not allow it otherwise.")
    )
    return f"{said} {why}"
