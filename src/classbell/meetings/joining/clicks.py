"""Presses of our own Join button, on pages and by the API: no presence, but what helps whoever looks into "I was there"."""

from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Min

from classbell.accounts.models import User
from classbell.meetings.models import JoinClick, Meeting, Occurrence
from classbell.postgres.trouble import unless_writes_are_refused

JOIN: Final = "join"


def note_click(meeting: Meeting, user: User, *, action: Literal["join", "leave"] = JOIN, now: datetime) -> None:
    """Keep that somebody went in by our page, or said that they left."""
    JoinClick.objects.create(meeting=meeting, user=user, action=action, clicked_at=now)


def note_press(meeting: Meeting, user: User, *, now: datetime) -> None:
    """Keep that somebody went in by our page; nobody stays outside because it cannot be kept."""
    with unless_writes_are_refused(), transaction.atomic():
        note_click(meeting, user, now=now)


def first_presses(occurrence: Occurrence) -> dict[UUID, datetime]:
    """Return when each person first went in by our page for a session: while it ran, or as long before as a run counts."""
    early = timedelta(minutes=settings.ENVIRONMENT.run_early_minutes)
    until = max(occurrence.ends_at, occurrence.actual_ends_at or occurrence.ends_at)
    clicks = JoinClick.objects.filter(
        meeting=occurrence.meeting_id, action=JOIN, clicked_at__range=(occurrence.starts_at - early, until)
    )
    return dict(clicks.order_by().values_list("user").annotate(Min("clicked_at")))
