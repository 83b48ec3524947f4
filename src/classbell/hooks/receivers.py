"""What webhooks tell when bookings, meetings and groups announce something: written in the same transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from classbell.bookings.models import Booking
from classbell.bookings.signals import booking_changed
from classbell.excuses.models import Excuse
from classbell.excuses.signals import excuse_changed
from classbell.groups.signals import MembershipChange, membership_changed
from classbell.hooks import bodies
from classbell.hooks.outbox import publish
from classbell.meetings.models import Occurrence
from classbell.meetings.signals import (
    attendance_changed,
    attendance_recorded,
    meeting_failed,
    meeting_synced,
    occurrence_ended,
    occurrence_held_again,
    occurrence_moved,
    occurrence_reopened,
    occurrence_started,
    occurrences_cancelled,
    timetable_changed,
)


@receiver(booking_changed)
def booking(booking: Booking, what: str, old: tuple[datetime, datetime] | None = None, **_kwargs: Any) -> None:
    """A booking is requested, confirmed, rescheduled, cancelled or completed."""
    publish(
        f"booking.{what}",
        lambda: [bodies.booking_moved_data(booking, old=old) if old else bodies.booking_data(booking)],
    )


@receiver(occurrence_started)
def session_started(occurrence_id: UUID, **_kwargs: Any) -> None:
    """A session runs at Zoom."""
    publish("session.started", lambda: bodies.session_data([occurrence_id]))


@receiver(occurrence_ended)
def session_ended(occurrence_id: UUID, **_kwargs: Any) -> None:
    """A session has ended at Zoom."""
    publish("session.ended", lambda: bodies.session_data([occurrence_id]))


@receiver(occurrence_moved)
def session_moved(occurrence_id: UUID, **_kwargs: Any) -> None:
    """One session is held at another time."""
    publish("session.moved", lambda: bodies.session_data([occurrence_id]))


@receiver(timetable_changed)
def sessions_moved(meeting_id: UUID, **_kwargs: Any) -> None:
    """All coming sessions of a meeting follow another timetable."""
    coming = Occurrence.objects.filter(meeting=meeting_id, starts_at__gt=timezone.now(), status="scheduled")
    publish("session.moved", lambda: bodies.session_data(coming.values_list("pk", flat=True)))


@receiver(occurrences_cancelled)
def sessions_cancelled(occurrence_ids: Collection[UUID], **_kwargs: Any) -> None:
    """Sessions are not held."""
    publish("session.cancelled", lambda: bodies.session_data(occurrence_ids))


@receiver([occurrence_held_again, occurrence_reopened])
def session_restored(occurrence_id: UUID, **_kwargs: Any) -> None:
    """A session is to come after all."""
    publish("session.restored", lambda: bodies.session_data([occurrence_id]))


@receiver(attendance_recorded)
def recorded(occurrence_id: UUID, **_kwargs: Any) -> None:
    """A session is judged for the first time."""
    publish("attendance.recorded", lambda: bodies.attendance_data(occurrence_id))


@receiver(attendance_changed)
def changed(occurrence_id: UUID, user_ids: Collection[UUID], **_kwargs: Any) -> None:
    """What counts for some people is another than before."""
    publish("attendance.changed", lambda: bodies.attendance_data(occurrence_id, user_ids))


@receiver(excuse_changed)
def excuse(excuse: Excuse, what: str, **_kwargs: Any) -> None:
    """An absence is told, decided about or taken back."""
    publish(f"excuse.{what}", lambda: [bodies.excuse_data(excuse)])


@receiver(membership_changed)
def members(changes: Sequence[MembershipChange], **_kwargs: Any) -> None:
    """People came into groups, or left them."""
    added = [(change.group, change.added) for change in changes if change.added]
    removed = [(change.group, change.removed) for change in changes if change.removed]
    if added:
        publish("membership.added", lambda: bodies.membership_data(added))
    if removed:
        publish("membership.removed", lambda: bodies.membership_data(removed))


@receiver(meeting_synced)
def synced(meeting_id: UUID, **_kwargs: Any) -> None:
    """Zoom shows a meeting as it should be."""
    publish("meeting.synced", lambda: [bodies.meeting_data(meeting_id)])


@receiver(meeting_failed)
def failed(meeting_id: UUID, **_kwargs: Any) -> None:
    """A meeting waits for a person."""
    publish("meeting.failed", lambda: [bodies.meeting_data(meeting_id)])
