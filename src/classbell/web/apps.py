"""Django's entry for this module."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.web"
    label = "web"
