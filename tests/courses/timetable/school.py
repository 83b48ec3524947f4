"""A school before its term: the licences that it has, and when the term is."""

from datetime import UTC, date, datetime

from classbell.courses.timetable.term import Term
from classbell.meetings.hosts import pool
from classbell.meetings.models import ZoomAccount, ZoomHost

BEFORE_TERM = datetime(2026, 9, 1, tzinfo=UTC)
TERM = Term(starts_on=date(2026, 9, 14), weeks=14, timezone="Europe/Lisbon")
LICENCES = 25


def make_licences() -> None:
    """Make licensed hosts of one account."""
    account = ZoomAccount.objects.create(account_id="sim-account")
    for number in range(LICENCES):
        host = ZoomHost.objects.create(
            account=account, zoom_user_id=f"host{number:02}", email=f"host{number:02}@x.example"
        )
        pool.set_seats(host, 1)
