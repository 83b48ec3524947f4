"""Times on a clock, as minutes from midnight. Pure."""

import re

MINUTES_A_DAY = 24 * 60
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::00(?:\.0+)?)?")


def wall_minutes(text: str) -> int:
    """
    Return the minutes from midnight of `HH:MM` or `HH:MM:SS`; `24:00` is the end of the day.

    Raises ValueError for anything else; seconds other than 0 included: availability is kept in minutes.
    """
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time of day in whole minutes")
    hours, minutes = int(found[1]), int(found[2])
    total = hours * 60 + minutes
    if minutes > 59 or total > MINUTES_A_DAY:
        raise ValueError(f"{text!r} is no time of day")
    return total


def wall_text(minutes: int) -> str:
    """Return `HH:MM:SS` for minutes from midnight."""
    return f"{minutes // 60:02}:{minutes % 60:02}:00"
