"""The years in which anything is taught. Calendar arithmetic near year 1 and year 9999 fails, and nobody means those."""

from datetime import date
from typing import Final

YEARS: Final = range(2000, 2200)


def is_sensible(day: date) -> bool:
    """Say whether a day, or the day of a moment, lies in those years."""
    return day.year in YEARS
