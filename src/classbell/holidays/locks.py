"""Holidays and dates that are made at the same moment: either the holiday sees the dates, or they see it."""

from django.db import connection

HOLIDAY_LOCKS = 0x436C_6106


def hold_holidays() -> None:
    """
    Let no holiday be added until the end of the transaction. For whoever makes dates: before they ask which days are
    holidays, and before any row is locked that a holiday may point to.
    """
    _lock("SELECT pg_advisory_xact_lock_shared(%s, 0)")


def wait_for_dates() -> None:
    """Wait for all who are making dates, and let none begin, until the end of the transaction. For adding a holiday."""
    _lock("SELECT pg_advisory_xact_lock(%s, 0)")


def _lock(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [HOLIDAY_LOCKS])
