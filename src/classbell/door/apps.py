"""Django's entry for this module."""

from django.apps import AppConfig


class DoorConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.door"
    label = "door"
