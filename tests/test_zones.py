"""Timezones by name."""

import pytest

from classbell.zones import is_timezone, nearest_timezone, timezones


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("europe/lisbon", "Europe/Lisbon"),
        ("Lisbon", "Europe/Lisbon"),
        ("Europe/Lisbonn", "Europe/Lisbon"),
        ("posix/Europe/Lisbon", "Europe/Lisbon"),
        ("right/Asia/Riyadh", "Asia/Riyadh"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
        ("Arab Standard Time", "Asia/Riyadh"),
        # Etc/GMT+3 is six hours from what is meant.
        ("GMT+3", ""),
        ("UTC-03:00", ""),
        ("+0300", ""),
        ("posixrules", ""),
        ("localtime", ""),
        ("Factory", ""),
        ("Mars/Base", ""),
        ("Europe", ""),
        ("../etc/passwd", ""),
        ("", ""),
    ],
)
def test_what_is_no_timezone_has_a_nearest_one_where_it_is_plain(name: str, nearest: str) -> None:
    assert not is_timezone(name)
    assert nearest_timezone(name) == nearest


def test_every_timezone_is_one() -> None:
    assert {"Europe/Lisbon", "Asia/Riyadh", "UTC"} <= timezones()
    assert not [name for name in timezones() if name.startswith(("posix", "right"))]
