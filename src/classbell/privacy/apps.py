"""Django's entry for this module."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.privacy"
    label = "privacy"

    def ready(self) -> None:
        """Listen to who signs in."""
        from classbell.privacy import receivers  # noqa: F401, PLC0415 -- only once all apps are loaded
