"""Holidays and calendars for tests."""

from datetime import date
from typing import Any

from classbell.holidays.models import Effect, Holiday


def make_holiday(first_day: date, last_day: date | None = None, **fields: Any) -> Holiday:
    """Keep a holiday of the school that leaves dates out, or with anything else on top."""
    values = {"name": "Eid al-Fitr", "effect": Effect.LEAVE_OUT} | fields
    return Holiday.objects.create(first_day=first_day, last_day=last_day or first_day, **values)


def event(uid: str, first_day: date, *, name: str = "Eid", more: str = "") -> str:
    """Write an entry of whole days; `more` are further lines of it, such as DTEND."""
    lines = [f"UID:{uid}", f"SUMMARY:{name}", f"DTSTART;VALUE=DATE:{first_day:%Y%m%d}", *more.split("\n")]
    return "\r\n".join(["BEGIN:VEVENT", *filter(None, lines), "END:VEVENT"])


def calendar(*events: str, name: str = "") -> bytes:
    """Write a calendar as other programs export it."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//School//EN", *([f"X-WR-CALNAME:{name}"] if name else [])]
    return ("\r\n".join([*head, *events, "END:VCALENDAR"]) + "\r\n").encode()
