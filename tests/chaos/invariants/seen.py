"""What there is to look at, and what looks at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.chaos.journal import Journal
from tests.chaos.stage import Stage


@dataclass(frozen=True)
class Seen:
    """What there is to look at."""

    stage: Stage
    journal: Journal

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.stage.system.query(sql, *parameters)

    @cached_property
    def bookings(self) -> dict[str, dict[str, Any]]:
        """All lessons by their id."""
        names = ("id", "student", "teacher", "starts_at", "ends_at", "status", "series", "guest", "kind")
        sql = (
            "SELECT b.id::text, s.email, t.email, b.starts_at, b.ends_at, b.status, b.series_id::text, s.is_guest, k.address"
            " FROM bookings_booking b JOIN accounts_user s ON s.id = b.student_id JOIN accounts_user t ON t.id = b.teacher_id"
            " LEFT JOIN bookings_lessonkind k ON k.id = b.kind_id"
        )
        return {row[0]: dict(zip(names, row, strict=True)) for row in self.rows(sql)}

    def email(self, name: str) -> str:
        """Return the address of somebody by their first name."""
        return self.stage.school.people[name].email


Check = Callable[[Seen], Iterator[str]]
