"""What the database keeps along with attendance records, so that reports over many sessions are quick."""

from typing import Final

import pgtrigger
from django.db import models

from classbell.meetings.models.occurrence import Occurrence
from classbell.meetings.verdicts import AttendanceStatus

STATUSES: Final = [status.value for status in AttendanceStatus]
NAMES: Final = ", ".join(STATUSES)
ADDED: Final = ", ".join(f"COALESCE(sum(sign) FILTER (WHERE status = '{name}'), 0) AS {name}" for name in STATUSES)
COME: Final = "SELECT occurrence_id, status, 1 AS sign FROM come"
GONE: Final = "SELECT occurrence_id, status, -1 AS sign FROM gone"
# What a statement changed, once a session; in one order, so that two statements do not wait for each other crosswise.
CHANGES: Final = f"""
SELECT * FROM (SELECT occurrence_id, {ADDED} FROM ({{rows}}) AS changed GROUP BY occurrence_id) AS change
WHERE ({NAMES}) <> ({", ".join("0" for _ in STATUSES)}) ORDER BY occurrence_id
"""
ADD: Final = f"""
INSERT INTO meetings_attendancecount AS kept (occurrence_id, {NAMES}) {CHANGES}
ON CONFLICT (occurrence_id) DO UPDATE SET {", ".join(f"{name} = kept.{name} + excluded.{name}" for name in STATUSES)};
RETURN NULL;
"""
# No row is made here: when a session is deleted with all its records, its count may be gone before them.
TAKE_AWAY: Final = f"""
UPDATE meetings_attendancecount AS kept SET {", ".join(f"{name} = kept.{name} + change.{name}" for name in STATUSES)}
FROM ({CHANGES}) AS change WHERE kept.occurrence_id = change.occurrence_id;
RETURN NULL;
"""


class AttendanceCount(models.Model):
    """
    How many attendance records of each status one session has.

    Triggers on the records keep it, whatever way they change; nothing else writes it. A session that never had a record
    has none.
    """

    occurrence = models.OneToOneField(
        Occurrence, primary_key=True, on_delete=models.CASCADE, related_name="attendance_count"
    )
    present = models.IntegerField()
    late = models.IntegerField()
    partial = models.IntegerField()
    absent = models.IntegerField()
    excused = models.IntegerField(default=0, db_default=0)
    unknown = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.occurrence}: {self.present} present, {self.absent} absent"


def _tables(**names: str) -> pgtrigger.Referencing:
    return pgtrigger.Referencing(**names)  # type: ignore[no-untyped-call]  # pgtrigger gives it no types


COUNTING: Final = (
    pgtrigger.Trigger(
        name="count_come",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=_tables(new="come"),
        func=ADD.format(rows=COME),
    ),
    pgtrigger.Trigger(
        name="count_changed",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=_tables(old="gone", new="come"),
        func=ADD.format(rows=f"{GONE} UNION ALL {COME}"),
    ),
    pgtrigger.Trigger(
        name="count_gone",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        referencing=_tables(old="gone"),
        func=TAKE_AWAY.format(rows=GONE),
    ),
)
# A record knows when its session begins, so that those of a range of days are found without looking at their sessions.
KNOWING_THE_START: Final = pgtrigger.Trigger(
    name="know_the_start",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("occurrence_id"),  # type: ignore[no-untyped-call]  # as above
    func="SELECT starts_at INTO NEW.occurrence_starts_at FROM meetings_occurrence WHERE id = NEW.occurrence_id; RETURN NEW;",
)
