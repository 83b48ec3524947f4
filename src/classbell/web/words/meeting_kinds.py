"""Where a meeting is changed: a lesson, a circle and a course on pages of their own, the others on the meeting's."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from classbell.meetings.models import Meeting


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """What a meeting belongs to: its page, how a link there reads, and the page on which one sitting is changed."""

    url: str
    label: str
    sitting_url: str


def home_of(meeting: Meeting, sitting_id: UUID | None = None) -> Home | None:
    """Return what a meeting belongs to, None for one that stands by itself; `sitting_id` names the sitting to change."""
    if (booking := getattr(meeting, "booking", None)) is not None:
        url = reverse("booking", args=[booking.pk])
        return Home(url=url, label=_("To the lesson"), sitting_url=url)
    if (part := getattr(meeting, "halaka_part", None)) is not None:
        url = reverse("halaka", args=[part.halaka_id])
        sitting = reverse("halaka-sitting", args=[part.halaka_id, sitting_id]) if sitting_id else url
        return Home(url=url, label=_("To the circle"), sitting_url=sitting)
    if (session := getattr(meeting, "session", None)) is not None:
        url = reverse("course", args=[session.course_id])
        sitting = reverse("course-session", args=[session.course_id, session.pk])
        return Home(url=url, label=_("To the course"), sitting_url=sitting)
    return None
