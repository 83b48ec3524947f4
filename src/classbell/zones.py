"""IANA timezones by name."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def is_timezone(name: str) -> bool:
    """Say whether this is the name of a timezone that can be converted with."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, such as Europe.
        return False
    return True


def validate_timezone(name: str) -> None:
    """Refuse, in a form, what is no timezone. Raises Django's ValidationError."""
    if not is_timezone(name):
        raise ValidationError(_("Write an IANA timezone such as Europe/Lisbon."), code="timezone")
