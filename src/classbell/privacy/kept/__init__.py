"""What is kept, a file a subject."""

from typing import Final

from classbell.privacy.kept import attendance, meetings, people, teaching, technical
from classbell.privacy.register import Table

TABLES: Final[tuple[Table, ...]] = (
    *people.TABLES,
    *teaching.TABLES,
    *meetings.TABLES,
    *attendance.TABLES,
    *technical.TABLES,
)
