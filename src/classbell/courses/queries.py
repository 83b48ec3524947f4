"""Reads of courses with more than one caller."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from classbell.courses.models import Course, Session, TermImport
from classbell.meetings.models import Meeting, SyncStatus
from classbell.meetings.sync.gateway import is_configured

NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How many of the sessions that take place are on Zoom, on their way, or wait for a person or for credentials."""

    synced: int
    pending: int
    failed: int
    not_configured: int

    @property
    def is_done(self) -> bool:
        """Whether nothing moves by itself any more."""
        return not self.pending


def term_of(moment: datetime) -> tuple[datetime, datetime] | None:
    """
    Return the term that a moment lies in, as [start, end), of those that were brought in: the one that begins last, as it was
    brought in last. None between terms. One query.
    """
    # A day more: the moment's date where the term is held may be a later one.
    begun = TermImport.objects.filter(starts_on__lte=moment.date() + timedelta(days=1))
    for term in begun.order_by("-starts_on", "-made_at", "-pk"):
        begins = datetime.combine(term.starts_on, time.min, tzinfo=ZoneInfo(term.timezone))
        ends = begins + timedelta(weeks=term.weeks)
        if begins <= moment < ends:
            return begins, ends
    return None


def progress(course: Course) -> Progress:
    """Return how far Zoom is with a course's sessions; cancelled ones do not count. One query."""
    counts = Meeting.objects.filter(session__course=course, wanted=True).aggregate(
        synced=Count("pk", filter=Q(sync_status=SyncStatus.SYNCED)),
        failed=Count("pk", filter=Q(sync_status=SyncStatus.FAILED)),
        pending=Count("pk", filter=Q(sync_status=SyncStatus.PENDING)),
    )
    waiting = counts.pop("pending")
    configured = is_configured()
    return Progress(**counts, pending=waiting if configured else 0, not_configured=0 if configured else waiting)


def zoom_status(session: Session) -> str | None:
    """Return `synced`, `pending`, `failed` or `not_configured`; None for a cancelled session."""
    meeting = session.meeting
    if not meeting.wanted:
        return None
    if meeting.sync_status == SyncStatus.PENDING and not is_configured():
        return NOT_CONFIGURED
    return meeting.sync_status


def meetings_of(course: Course) -> QuerySet[Meeting]:
    """Return the meetings of a course's sessions, to be ordered by their time: `sessions_of` makes sessions of them."""
    meetings = Meeting.objects.filter(session__course=course).select_related("session", "teacher", "seat__host")
    return meetings.prefetch_related("occurrences")


def sessions_of(course: Course, meetings: Iterable[Meeting]) -> list[Session]:
    """Return the sessions of meetings that `meetings_of` read, without another query."""
    sessions = []
    for meeting in meetings:
        session = meeting.session
        session.course, session.meeting = course, meeting
        sessions.append(session)
    return sessions
