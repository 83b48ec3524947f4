"""Marks in signed links: what a link was made with, such as a password, and ends with."""

from typing import Final

from django.utils.crypto import constant_time_compare, salted_hmac

from classbell.secret_keys import verifying_keys

LENGTH: Final = 24


def mark_of(value: str, *, salt: str, secret: str | None = None) -> str:
    """Return a mark that says nothing of the value; by this secret key, else the present one."""
    return salted_hmac(salt, value, secret=secret).hexdigest()[:LENGTH]


def is_mark_of(mark: str, value: str, *, salt: str) -> bool:
    """Say whether a mark is this value's, by the present secret key or one that still verifies."""
    return any(constant_time_compare(mark, mark_of(value, salt=salt, secret=key)) for key in verifying_keys())
