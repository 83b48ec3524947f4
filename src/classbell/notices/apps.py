"""Django's entry for this module."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.notices"
    label = "notices"
