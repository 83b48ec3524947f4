"""Days in query parameters."""

from datetime import UTC, datetime, time, tzinfo

from zoomsim.clock import check_year
from zoomsim.protocol.errors import invalid_field


def day_of(query: dict[str, str], name: str, *, zone: tzinfo = UTC, required: bool = False) -> datetime | None:
    """
    Return the beginning of the day that a parameter names, as `2026-11-29` or as a time of that day.

    Raises ZoomError 400/300 for anything else, and when a required one is missing.
    """
    text = query.get(name, "")
    if not text and not required:
        return None
    try:
        return datetime.combine(check_year(datetime.fromisoformat(text)).date(), time(), tzinfo=zone)
    except ValueError:
        raise invalid_field(name) from None
