"""Django's entry for this module."""

from django.apps import AppConfig


class HalakatConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.halakat"
    label = "halakat"
