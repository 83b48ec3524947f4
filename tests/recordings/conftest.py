"""A class whose session was recorded at the simulated Zoom."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.utils import timezone

from classbell.accounts.models import User
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.services import sync_now
from classbell.recordings import sync
from classbell.recordings.models import Recording, RecordingKind
from classbell.recordings.rules import change_rules
from classbell.zoom.client import ZoomClient
from tests.factories import make_admin, make_class, make_guardian, make_student, make_teacher
from tests.factories_meetings import make_meeting, spec
from tests.simulator import Simulator

HOUR = timedelta(hours=1)


@dataclass
class School:
    """`uuid` is the run of `meeting`'s only session, which was recorded and is over."""

    simulator: Simulator
    zoom: ZoomClient
    students: int = 2
    teacher: User = field(default_factory=lambda: make_teacher(first_name="Amina"))
    admin: User = field(default_factory=make_admin)
    stranger: User = field(default_factory=make_student)
    colleague: User = field(default_factory=make_teacher)

    def __post_init__(self) -> None:
        learning = [make_student() for _number in range(self.students)]
        self.student = learning[0]
        self.guardian = make_guardian(self.student)
        self.group = make_class(teacher=self.teacher, students=learning)
        self.meeting = self._held(learning)
        self.uuid = self.take_place()

    @property
    def number(self) -> str:
        """Zoom's number of the meeting."""
        return self.meeting.zoom_meeting_id

    def take_place(self, *, on: bool = True) -> str:
        """Let the session take place once more, recorded unless told otherwise; return its run's uuid."""
        self.simulator.start_meeting(self.number)
        if on:
            self.simulator.record(self.number)
        self.simulator.join(self.number, "Omar", customer_key=self.student.pk.hex)
        return str(self.simulator.end_meeting(self.number)["uuid"])

    def look(self) -> None:
        """Note what Zoom has recorded of the run."""
        sync.look(self.uuid, self.zoom, now=timezone.now())

    def file(self, kind: str = RecordingKind.VIDEO) -> Recording:
        """Return the recording of a kind."""
        return Recording.objects.select_related("run__occurrence__meeting").get(kind=kind)

    def at_zoom(self) -> list[str]:
        """Return which files Zoom has."""
        answer = self.simulator.http.get(
            f"{self.simulator.api_url}/meetings/{self.number}/recordings",
            headers={"Authorization": f"Bearer {self.simulator.access_token()}"},
        )
        return [file["file_type"] for file in answer.json().get("recording_files", [])]

    def _held(self, learning: list[User]) -> Meeting:
        starts_at = timezone.now().replace(second=0, microsecond=0) + HOUR
        meeting = make_meeting(spec(self.teacher, group=self.group, starts_at=starts_at, timezone="UTC"))
        sync_now(meeting.pk)
        begun = starts_at - timedelta(minutes=100)
        Occurrence.objects.filter(meeting=meeting).update(starts_at=begun, ends_at=begun + HOUR)
        meeting.refresh_from_db()
        return meeting


@pytest.fixture
def make_school(simulator: Simulator, zoom: ZoomClient, zoom_hosts: object) -> Callable[..., School]:
    """Return a function that makes a school with a class of so many students."""
    return lambda **fields: School(simulator, zoom, **fields)


@pytest.fixture
def school(make_school: Callable[..., School]) -> School:
    """A school whose recording is known here."""
    made = make_school()
    made.look()
    return made


@pytest.fixture
def for_students(school: School) -> School:
    """The same, where students may watch too."""
    change_rules({"watchers": "students"})
    return school
