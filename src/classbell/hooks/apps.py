"""Django's entry for this module."""

from django.apps import AppConfig


class HooksConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.hooks"
    label = "hooks"

    def ready(self) -> None:
        """Listen to what happens."""
        from classbell.hooks import receivers  # noqa: F401, PLC0415 -- only once all apps are loaded
