"""Django's entry for this module."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.privacy"
    label = "privacy"
