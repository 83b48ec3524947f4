"""Sessions that are over and the stays in them, for tests."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.ids import uuid7
from classbell.meetings.models import ExcusedTime, Occurrence, OccurrenceStatus, Participation
from classbell.meetings.services import want_meeting
from tests.factories_meetings import next_monday_at, spec

NINE = next_monday_at(9)

_connections = count(1)


def minute(number: float) -> datetime:
    """Return a moment so many minutes after the sessions of `make_occurrence` begin."""
    return NINE + timedelta(minutes=number)


def make_occurrence(
    group: Group, *, started: float | None = 0, ended: float | None = 60, days: int = 0, **fields: object
) -> Occurrence:
    """
    Make an hour of a class, on Monday at nine or `days` later, that ran from and to these minutes of it.

    Without a start it never began as far as anyone heard.
    """
    teacher = group.teachers.get()
    starts_at = NINE + timedelta(days=days)
    meeting = want_meeting(
        spec(teacher, group=group, starts_at=starts_at, timezone="UTC", **fields), now=NINE - timedelta(days=1)
    )
    occurrence = meeting.occurrences.get()
    occurrence.actual_starts_at = None if started is None else starts_at + timedelta(minutes=started)
    occurrence.actual_ends_at = None if started is None or ended is None else starts_at + timedelta(minutes=ended)
    occurrence.status = OccurrenceStatus.SCHEDULED if started is None else OccurrenceStatus.ENDED
    occurrence.save()
    return occurrence


def make_stay(
    occurrence: Occurrence,
    user: User | None,
    joined: float,
    left: float | None,
    *,
    source: str = "webhook",
    name: str = "",
    email: str = "",
) -> Participation:
    """Let somebody, or somebody unknown under a name, be there from and to these minutes of the session."""
    return Participation.objects.create(
        occurrence=occurrence,
        user=user,
        name=name or (user.name if user else "iPhone"),
        email=email,
        zoom_instance_uuid="run",
        connection=f"connection-{next(_connections)}",
        joined_at=occurrence.starts_at + timedelta(minutes=joined),
        left_at=None if left is None else occurrence.starts_at + timedelta(minutes=left),
        source=source,
    )


def excused_time(student: User, *, occurrence: Occurrence | None = None, **fields: Any) -> ExcusedTime:
    """Return that a student is excused, unsaved: from one session, else from the hours of `make_occurrence`."""
    times = {"starts_at": NINE, "ends_at": NINE + timedelta(hours=1)}
    return ExcusedTime(id=uuid7(), user=student, occurrence=occurrence, **(times | fields))
