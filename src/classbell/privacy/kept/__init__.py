"""What is kept, a file a subject."""

from typing import Final

from classbell.privacy.classification import Table
from classbell.privacy.kept import (
    attendance,
    calendars,
    door,
    meetings,
    payments,
    people,
    recordings,
    teaching,
    technical,
)

TABLES: Final[tuple[Table, ...]] = (
    *people.TABLES,
    *teaching.TABLES,
    *meetings.TABLES,
    *attendance.TABLES,
    *recordings.TABLES,
    *door.TABLES,
    *calendars.TABLES,
    *payments.TABLES,
    *technical.TABLES,
)
