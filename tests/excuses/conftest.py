"""A class with a teacher and two students, and its next session."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.excuses.models import Excuse
from classbell.excuses.services import Absence, tell_excuse
from classbell.groups.models import Group
from classbell.meetings.models import Occurrence
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_bookings import a_day_ahead
from tests.factories_meetings import make_meeting, spec

DAYS_AHEAD = 5


@dataclass
class School:
    """`session` is the class's, an hour some days ahead; `others` is taught by somebody else and has a session that day."""

    teacher: User = field(default_factory=lambda: make_teacher(first_name="Amina"))
    other_teacher: User = field(default_factory=make_teacher)
    student: User = field(default_factory=lambda: make_student(first_name="Ben"))
    fellow: User = field(default_factory=make_student)
    stranger: User = field(default_factory=make_student)
    admin: User = field(default_factory=make_admin)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.group: Group = make_class(teacher=self.teacher, students=[self.student, self.fellow])
        self.others: Group = make_class(teacher=self.other_teacher, students=[self.student])
        self.session = self.hold(self.group, self.teacher, hour=9)
        self.other_session = self.hold(self.others, self.other_teacher, hour=12)

    def hold(self, group: Group, teacher: User, *, hour: int, days: int = DAYS_AHEAD) -> Occurrence:
        """Plan an hour of a group."""
        starts_at = a_day_ahead(days, hour=hour)
        return make_meeting(spec(teacher, group=group, starts_at=starts_at, timezone="UTC")).occurrences.get()

    @property
    def day(self) -> tuple[datetime, datetime]:
        """The day of the sessions, from midnight to midnight."""
        begins = a_day_ahead(DAYS_AHEAD, hour=0)
        return begins, begins + timedelta(days=1)

    def tell(self, *, by: User | None = None, document: Any = None, now: datetime | None = None, **what: Any) -> Excuse:
        """Let the student tell an absence: of the class's session, unless something else is named."""
        told = {"reason": "Ill."} | (what or {"occurrence_id": self.session.pk})
        return tell_excuse(
            student_id=self.student.pk,
            by=by or self.student,
            absence=Absence(**told),
            document=document,
            now=now or self.now,
        )


@pytest.fixture
def school(zoom_hosts: object) -> School:
    """A school."""
    return School()
