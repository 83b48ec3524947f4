"""Django's view of holidays."""

from django.apps import AppConfig


class HolidaysConfig(AppConfig):
    """Registers the app."""

    name = "classbell.holidays"
