"""What bookings, their meetings and the claims on people's time must have to do with each other, whatever happened."""

from datetime import datetime
from typing import Any

from tests.system import System

BOOKINGS = """
    SELECT booking.id, booking.status, booking.teacher_id, booking.student_id, booking.starts_at, booking.ends_at,
           meeting.id, coalesce(meeting.wanted, false)
    FROM bookings_booking AS booking LEFT JOIN meetings_meeting AS meeting ON meeting.id = booking.meeting_id
"""
CLAIMS = """
    SELECT claim.kind, claim.resource_id, lower(claim.during), upper(claim.during), claim.held_by, occurrence.meeting_id
    FROM meetings_claim AS claim LEFT JOIN meetings_occurrence AS occurrence ON occurrence.id = claim.occurrence_id
    WHERE claim.kind <> 'seat'
"""
UNBOOKED_MEETINGS = """
    SELECT id FROM meetings_meeting WHERE wanted AND id NOT IN (
        SELECT meeting_id FROM bookings_booking WHERE meeting_id IS NOT NULL AND status IN ('CONFIRMED', 'COMPLETED'))
"""

Claimed = tuple[str, Any, datetime, datetime, Any, Any]


def leftovers(system: System) -> list[str]:
    """Return everything that is claimed without need, needed without claim, or wanted by nobody; empty when all is well."""
    expected: dict[Claimed, str] = {}
    problems = []
    for booking, status, teacher, student, starts_at, ends_at, meeting, wanted in system.query(BOOKINGS):
        if wanted != (status in {"CONFIRMED", "COMPLETED"}):
            problems.append(f"{booking} is {status}, its meeting {'wanted' if wanted else 'not wanted'}")
        if status == "PENDING":
            expected["teacher", teacher, starts_at, ends_at, booking, None] = status
        if status == "CONFIRMED":
            expected["teacher", teacher, starts_at, ends_at, None, meeting] = status
        if status in {"PENDING", "CONFIRMED"}:
            expected["student", student, starts_at, ends_at, booking, None] = status
    claimed = set(system.query(CLAIMS))
    problems += [f"claimed by nobody: {claim}" for claim in claimed - expected.keys()]
    problems += [f"not claimed: {claim}" for claim in expected.keys() - claimed]
    problems += [f"meeting {row[0]} is wanted by no booking" for row in system.query(UNBOOKED_MEETINGS)]
    return problems
