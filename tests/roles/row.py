"""One row of a table: an operation with valid input, and the status it answers to each role."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.roles.world import BOTH, GUARDIAN, NAMED_ROLES, World

# What a path names, when a row does not say otherwise.
NAMED = {
    "address": "public_address",
    "availability_id": "window",
    "booking_id": "pending",
    "class_id": "class",
    "course_id": "course",
    "delivery_id": "delivery",
    "draft_id": "term_draft",
    "event_id": "event",
    "excuse_id": "excuse",
    "export_id": "export",
    "group_id": "open_class",
    "guardian_id": "guardian",
    "halaka_id": "halaka",
    "holiday_id": "holiday",
    "calendar_id": "calendar",
    "key_id": "key",
    "kind_id": "kind",
    "lesson_id": "group_lesson",
    "meeting_id": "lesson",
    "occurrence_id": "occurrence",
    "offer_id": "offer",
    "participation_id": "stay",
    "period_id": "hours_period",
    "person_id": "member",
    "rate_id": "rate",
    "purchase_id": "purchase",
    "recording_id": "recording",
    "run_id": "run",
    "series_id": "series",
    "session_id": "session",
    "sign_in_id": "sign_in",
    "student_id": "fellow",
    "teacher_id": "host",
    "time_off_id": "time_off",
    "token": "feed",
    "webhook_id": "webhook",
    "zoom_account_id": "zoom_account",
}
PARAMETER = re.compile(r"{(?:\w+:)?(\w+)}")


REFUSED = (401, 403, 404)


def status_of(statuses: tuple[int, ...], role: str, guardian: int | None = None) -> int:
    """
    Return what is answered to a role, given what `NAMED_ROLES` are answered; who has two roles may what either may. The
    guardian is answered what another student is, unless it is said.
    """
    if role == GUARDIAN:
        return statuses[NAMED_ROLES.index("other_student")] if guardian is None else guardian
    if role != BOTH:
        return statuses[NAMED_ROLES.index(role)]
    learning, teaching = (statuses[NAMED_ROLES.index(one)] for one in ("other_student", "other_teacher"))
    return learning if teaching in REFUSED and learning not in REFUSED else teaching


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    `operation` is its method and its path as the router has it; `statuses` are in the order of `NAMED_ROLES`.

    `about` names other things of the world than `NAMED` for the path's parameters; names in braces in the query and the
    body stand for ids. `lasting` operations change the simulated Zoom for good: a world of their own is made for them.
    `guardian` is what the guardian is answered where that differs from what another student is. A `public` answer is the
    same for everybody, so that anybody may keep it for a while.
    """

    operation: str
    statuses: tuple[int, ...]
    case: str = ""
    query: str = ""
    body: Any = None
    about: dict[str, str] = field(default_factory=dict)
    lasting: bool = False
    guardian: int | None = None
    public: bool = False

    @property
    def name(self) -> str:
        """What a test of this row is called."""
        return f"{self.operation} {self.case}".strip()

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.operation.split()[0]

    def status(self, role: str) -> int:
        """Return what it answers to a role."""
        return status_of(self.statuses, role, self.guardian)

    def address(self, world: World) -> str:
        """Return the path and query in a world."""
        path = self.operation.split()[1]
        filled = PARAMETER.sub(lambda found: world.ids[self.about.get(found[1], NAMED[found[1]])], path)
        return f"/api{filled}" + (f"?{_filled(self.query, world)}" if self.query else "")

    def sent(self, world: World) -> Any:
        """Return the body in a world."""
        return _filled(self.body, world)


def _filled(value: Any, world: World) -> Any:
    if isinstance(value, dict):
        return {name: _filled(part, world) for name, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, world) for part in value]
    if isinstance(value, str):
        return re.sub(r"{(\w+)}", lambda found: world.ids[found[1]], value)
    return value
