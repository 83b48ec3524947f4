"""Django's entry for this module."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.calendars"
    label = "calendars"
