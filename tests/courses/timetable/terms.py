"""Small terms, as they are handed in."""

from datetime import datetime, timedelta
from typing import Any

from classbell.accounts.models import User
from classbell.courses.models import TermDraft
from classbell.courses.timetable.drafts import draft_term

TIMETABLE = "section,course,teacher,weekday,start,end,capacity\n"
ENROLMENTS = "student,section\n"


def timetable(*rows: str) -> str:
    """Return a timetable file of these rows; without any, of one class."""
    return TIMETABLE + "\n".join(rows or ("A,Algebra,t1@ist.example,mon,09:00,10:30,0",)) + "\n"


def handed_in(by: User, *rows: str, now: datetime, **changes: Any) -> TermDraft:
    """Hand in a term of four weeks from next Monday."""
    fields: dict[str, Any] = {
        "timetable": timetable(*rows),
        "enrolments": ENROLMENTS + "s1@ist.example,A\n",
        "holidays": (),
        "starts_on": next_monday(now),
        "weeks": 4,
        "timezone": "Europe/Lisbon",
        "gap_minutes": 0,
        "prune": False,
    }
    return draft_term(**fields | changes, by=by, now=now)


def next_monday(now: datetime) -> Any:
    """Return the first Monday after today."""
    return now.date() + timedelta(days=7 - now.weekday())
