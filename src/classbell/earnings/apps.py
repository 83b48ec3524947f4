"""Django's entry for this module."""

from django.apps import AppConfig


class EarningsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.earnings"
    label = "earnings"
