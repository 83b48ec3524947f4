"""How a class, a course or a circle was attended, as its page shows it: people down, sessions across, a stretch at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Page, Paginator

from classbell.accounts.models import User
from classbell.meetings.models import Occurrence
from classbell.web.attendance.charts import Grid, attendance_grid
from classbell.web.kit.requests import PersonRequest

SESSIONS_ACROSS: Final = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupAttendance:
    """Whose group, the stretch of its past sessions that is looked at, and the marks in them; `teaches` sees everybody's."""

    group_id: UUID
    teaches: bool
    across: Page[Any]
    grid: Grid


def attendance_of_group(
    request: PersonRequest, group_id: UUID, people: Sequence[User], *, teaches: bool, now: datetime
) -> GroupAttendance:
    """Return the marks of `people`, for those who do not teach the group only their own. Four statements."""
    begun = Occurrence.objects.filter(meeting__group=group_id).taking_place().filter(starts_at__lte=now)
    across = Paginator(begun.order_by("-starts_at", "pk"), SESSIONS_ACROSS).get_page(request.GET.get("occurrences"))
    grid = attendance_grid(list(across), people if teaches else [request.user])
    return GroupAttendance(group_id=group_id, teaches=teaches, across=across, grid=grid)
