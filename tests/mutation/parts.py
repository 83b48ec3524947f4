"""The parts that are tried, and the tests that ought to notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Modules of a kind, and what to run for them."""

    modules: Sequence[str]
    tests: Sequence[str]


JUDGING: Final = "classbell.meetings.judging"
SLOTS: Final = (
    "slots",
    "slots_edges",
    "slots_property",
    "kind_slots_property",
    "kinds",
    "group_lessons",
    "moving_slots",
    "bookings",
    "lists",
    "hours_periods",
)
PARTS: Final = {
    "judging": Part(
        modules=[f"{JUDGING}.{name}" for name in ("judge", "measure", "people", "teacher", "inputs")],
        tests=["tests/meetings/test_attendance.py"],
    ),
    "recurrence": Part(
        modules=["classbell.meetings.recurrence"],
        tests=["tests/meetings/test_recurrence.py"],
    ),
    "slots": Part(
        modules=["classbell.bookings.slots", "classbell.bookings.statements"],
        tests=[
            *(f"tests/bookings/test_{name}.py" for name in SLOTS),
            "tests/web/test_finding_teachers.py",
            "tests/config/test_slots_door.py",
            "tests/bookings/series",
            "tests/holidays",
        ],
    ),
    "planner": Part(
        modules=["classbell.meetings.hosts.planner", "classbell.meetings.hosts.fitting"],
        tests=["tests/meetings/test_planner.py", "tests/meetings/test_host_capacity.py"],
    ),
    "spec": Part(
        modules=["classbell.meetings.sync.spec"],
        tests=["tests/meetings/test_zoom_spec.py", "tests/meetings/test_zoom_changes.py"],
    ),
}
