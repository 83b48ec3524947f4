"""What the engine says no to, and the clashes that make it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import DomainError


@dataclass(frozen=True, kw_only=True, slots=True)
class Clash:
    """A session that cannot be, and what stands in its way, in words; "" where no more is told than that somebody is busy."""

    starts_at: datetime
    ends_at: datetime
    blocked_by: str

    @property
    def said(self) -> str:
        """What stands in its way, for people."""
        return self.blocked_by or _("The teacher has something else")

    def as_detail(self) -> dict[str, Any]:
        """Return it as an error's detail, times in ISO 8601."""
        return {
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "blocked_by": self.blocked_by,
        }


class TeacherBusy(DomainError):
    """The teacher already has something at that time. `details` name each clash."""

    code = "teacher_busy"

    def __init__(self, teacher: User, clashes: Sequence[Clash]) -> None:
        self.clashes = tuple(clashes)
        super().__init__(
            _("%(teacher)s already has something at that time.") % {"teacher": teacher.name},
            details=[clash.as_detail() for clash in clashes],
        )


class HostBusy(DomainError):
    """No Zoom host that may serve this meeting is free at that time."""

    code = "host_busy"

    def __init__(self) -> None:
        super().__init__(_("Zoom has no room for this session at that time; choose another time."))


class OccurrenceOver(DomainError):
    """The session has started or was cancelled."""

    code = "occurrence_over"


class MeetingNotWanted(DomainError):
    """The meeting was cancelled."""

    code = "meeting_cancelled"
