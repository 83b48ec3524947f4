"""Meetings for tests, made through the services that the product uses."""

from datetime import UTC, datetime, timedelta
from typing import Any

from classbell.accounts.models import User
from classbell.meetings.models import Audience, Meeting
from classbell.meetings.recurrence import weekly_rule
from classbell.meetings.services import MeetingSpec, want_meeting
from tests.factories import make_class, make_teacher


def next_monday_at(hour: int) -> datetime:
    """Return a Monday, at least three days ahead, at this hour UTC."""
    soon = datetime.now(UTC) + timedelta(days=3)
    day = soon + timedelta(days=-soon.weekday() % 7)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def spec(teacher: User | None = None, **fields: Any) -> MeetingSpec:
    """Return a spec for one hour on a coming Monday, with anything else on top."""
    values: dict[str, Any] = {
        "teacher": teacher or make_teacher(),
        "title": "Algebra",
        "starts_at": next_monday_at(9),
        "duration_minutes": 60,
        "timezone": "Europe/Lisbon",
    }
    return MeetingSpec(**values | fields)


def weekly(teacher: User | None = None, *, count: int = 4, **fields: Any) -> MeetingSpec:
    """Return a spec for Mondays at nine, `count` times."""
    return spec(teacher, rule=weekly_rule([0], count=count), **fields)


def make_meeting(what: MeetingSpec | None = None) -> Meeting:
    """Want a meeting now."""
    return want_meeting(what or spec(), now=datetime.now(UTC))


def make_class_of(student: User, *, starts_at: datetime) -> Meeting:
    """Want an hour of Algebra at this moment, of a class in which this student is the only one."""
    group = make_class(students=[student])
    hour = {"title": "Algebra", "audience": Audience.CLASS, "starts_at": starts_at, "duration_minutes": 60}
    return make_meeting(spec(group.teachers.get(), group=group, **hour))
