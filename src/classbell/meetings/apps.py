"""Django's entry for this module."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.meetings"
    label = "meetings"
