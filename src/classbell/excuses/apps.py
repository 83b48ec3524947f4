"""Django's entry for this module."""

from django.apps import AppConfig


class ExcusesConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.excuses"
    label = "excuses"
