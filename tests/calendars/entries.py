"""Entries of calendars, as programs write them."""

from datetime import UTC, datetime

CRLF = "\r\n"


def entry(*lines: str, uid: str = "1") -> str:
    """Return an entry with these lines."""
    return CRLF.join(["BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:At the dentist", *lines, "END:VEVENT"])


def at(starts_at: datetime, ends_at: datetime, *lines: str, uid: str = "1") -> str:
    """Return an entry from one moment to another."""
    return entry(f"DTSTART:{utc(starts_at)}", f"DTEND:{utc(ends_at)}", *lines, uid=uid)


def calendar(*entries: str) -> bytes:
    """Return a calendar of these entries."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Elsewhere//EN", *entries, "END:VCALENDAR", ""]
    return CRLF.join(lines).encode()


def utc(moment: datetime) -> str:
    """Return a moment as calendars write it."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
